package demo

import "time"

// flushStatus is FLUSH STATUS: it is replicated, costs a seqno and sets the
// averages and some counters of every member to zero. FLUSH LOCAL
// STATUS stays on its node.
func (n *node) flushStatus(local bool) {
	v := n.view
	if local || v == nil || !v.primary {
		n.zero()
		return
	}
	v.seqno++
	for _, m := range v.members {
		if !m.arbitrator {
			m.queue++
			m.zero()
		}
	}
}

// zero sets to zero what FLUSH STATUS does; wsrep_flow_control_paused_ns and the
// counts of write-sets go on.
func (n *node) zero() {
	c := &n.count
	c.recvMax, c.queueSum, c.queueSamples, c.sendMax, c.sendSum = 0, 0, 0, 0, 0
	c.fcSent, c.fcRecv, c.aborted, c.slow = 0, 0, 0, 0
	c.maxUsed = 0
	n.flushed, n.pausedFlushed = n.e.now, n.paused
}

// pausedShare is wsrep_flow_control_paused: since the start, or the last FLUSH
// STATUS.
func (n *node) pausedShare() float64 {
	since := max(n.started, n.flushed)
	return (n.paused - n.pausedFlushed).Seconds() / max((n.e.now-since).Seconds(), 1)
}

// sinceFlush is Uptime_since_flush_status.
func (n *node) sinceFlush() time.Duration { return n.e.now - max(n.started, n.flushed) }

// average is what an average of the provider says: it begins again at zero.
func (n *node) average(f float64) float64 {
	if n.flushed > n.started && n.e.now-n.flushed < time.Second {
		return 0
	}
	return f
}

// flush answers FLUSH [LOCAL | NO_WRITE_TO_BINLOG] [GLOBAL] STATUS.
func (s *session) flush(p *parser) error {
	local := p.takeOne("local", "no_write_to_binlog") != ""
	p.takeOne("global")
	if !p.take("status") || !p.end() {
		return refuse(p.sql, "flush")
	}
	s.node.flushStatus(local)
	return nil
}
