package demo

import (
	"math"
	"strconv"

	"github.com/galeratop/galeratop/model"
)

const (
	applyRate   = 900.0 // write-sets a second for one applier thread
	writeBytes  = 1340  // of an average write-set
	gcacheBytes = 384 << 20
)

// flow is one quantum of a component: flow control, new write-sets into the
// total order, then applying.
func (e *engine) flow(v *view) {
	if v.frozen {
		return
	}
	v.lag = v.slowest()
	paused := false
	for _, n := range v.members {
		if n.requested {
			paused = true
			break
		}
	}
	var total, bytes int64
	if v.primary && v.trouble == 0 {
		for _, n := range v.members {
			sets := n.writes(paused)
			total += sets
			bytes += sets * writeBytes
		}
		v.seqno += total
	}
	for _, n := range v.members {
		n.deliver(total, bytes)
		n.apply()
		if v.primary && v.trouble == 0 {
			n.control(v)
		}
	}
}

// writes is how many write-sets the node's clients get into the total order now.
func (n *node) writes(paused bool) int64 {
	if !n.serving() {
		return 0
	}
	n.backlog += n.e.rng.poisson(n.writeRate() * flowTime.Seconds())
	if paused {
		n.paused += flowTime
	}
	if paused || n.frozen || n.isolation() != nil {
		// No more writes wait than there are threads to wait.
		n.backlog = min(n.backlog, n.crowd())
		return 0
	}
	sets := n.backlog
	if sets > 5 { // what waited comes faster than usual, but not at once
		sets = min(sets, n.e.rng.poisson(1.5*n.writeRate()*flowTime.Seconds()))
	}
	if n.view.lag > 0 {
		sets = min(sets, n.e.rng.poisson(n.throttled()*n.writeRate()*flowTime.Seconds()))
		n.backlog = min(n.backlog, n.crowd())
	}
	n.backlog -= min(sets, n.backlog)
	n.lastOwn = sets
	n.passed += sets
	n.count.replicated += sets
	n.count.replicatedBytes += sets*writeBytes + n.e.rng.Int64N(sets*200+1)
	n.count.keys += sets * 4
	n.conflicts(sets)
	return sets
}

// crowd is how many commits can wait at most: half of the threads.
func (n *node) crowd() int64 { return int64(n.e.threads)/2 + 1 }

// conflicts draws certification failures and brute-force aborts: the longer
// the queue, the older the data that transactions were begun on.
func (n *node) conflicts(sets int64) {
	share := n.e.rivalry + 0.0004 + 0.00002*math.Min(float64(n.queue), 400)
	failed := min(n.e.rng.poisson(float64(sets)*share), sets)
	aborted := n.e.rng.poisson(float64(sets) * share * 0.7)
	n.count.certFailures += failed
	n.count.bfAborts += aborted
	n.count.replays += n.e.rng.poisson(float64(aborted) * 0.05)
	n.count.commits += sets - failed
}

// deliver hands the component's write-sets to one member. Its own are applied
// already, the others go into the receive queue.
func (n *node) deliver(total, bytes int64) {
	if n.arbitrator || total == 0 {
		return
	}
	own := n.lastOwn
	n.lastOwn = 0
	others := total - own
	n.queue += others
	n.count.received += others
	n.count.receivedBytes += bytes - own*writeBytes
	n.count.recvMax = max(n.count.recvMax, n.queue)
	n.count.queueSamples++
	n.count.queueSum += n.queue
}

// apply takes from the queue what the appliers manage. A receiver of a state
// transfer keeps everything until the transfer is done.
func (n *node) apply() {
	if n.arbitrator || !n.alive() || n.view == nil || n.join != nil || n.frozen || n.isolation() != nil {
		return
	}
	threads := math.Min(float64(n.appliers()), n.parallelism())
	n.credit = math.Min(n.credit+threads*applyRate*n.speed*flowTime.Seconds(), 200)
	done := n.spend()
	n.queue -= done
	if n.view.primary {
		n.committed = n.view.seqno - n.queue
	} else {
		n.committed += done
	}
	n.rows = n.rows.grow(n.view.branch, n.committed)
	n.donatesFrom = max(n.donatesFrom, n.committed-n.gcache()/writeBytes)
}

// spend takes whole write-sets out of the appliers' credit.
func (n *node) spend() int64 {
	sets := min(n.queue, int64(n.credit))
	if n.credit -= float64(sets); n.queue == sets {
		n.credit = math.Min(n.credit, 1) // idle appliers save nothing up
	}
	return sets
}

// parallelism is wsrep_cert_deps_distance: how many write-sets may be applied
// at once. It moves slowly with the mix of the day.
func (n *node) parallelism() float64 {
	return 22 + 9*math.Sin(n.e.now.Seconds()/67+float64(n.index))
}

// limits are the lengths of the queue at which the node asks for a pause and
// lets go: gcs.fc_limit·√members, times gcs.fc_factor.
func (n *node) limits(v *view) (low, high float64) {
	high = n.option("gcs.fc_limit", n.e.face.fcLimit) * math.Sqrt(float64(len(v.members)))
	return high * n.option("gcs.fc_factor", 1), high
}

// control sends a pause or ends it. Donors and desynced nodes do not (unless
// gcs.sync_donor).
func (n *node) control(v *view) {
	low, high := n.limits(v)
	queue := float64(n.queue)
	may := !n.arbitrator && (n.state == model.StateSynced || n.state == model.StateJoined)
	switch {
	case n.requested && (!may || queue <= low):
		n.requested = false
	case !n.requested && may && queue > high && n.state == model.StateSynced:
		n.requested = true
		n.count.fcSent++
		for _, m := range v.members {
			m.count.fcRecv++
		}
	}
}

// option is a number out of wsrep_provider_options.
func (n *node) option(name string, other float64) float64 {
	if f, err := strconv.ParseFloat(n.options[name], 64); err == nil {
		return f
	}
	return other
}

// serving reports whether clients work here.
func (n *node) serving() bool {
	return n.listening() && !n.hung && n.ready() && !n.rejecting()
}

// rejecting reports whether wsrep_reject_queries turns clients away.
func (n *node) rejecting() bool {
	r := n.variables["wsrep_reject_queries"]
	return r != "" && r != "NONE"
}

// stalled says what commits on this node wait for now; "" when they flow.
func (n *node) stalled() string {
	switch v := n.view; {
	case v == nil || !v.primary:
		return ""
	case v.trouble > 0:
		return waitCertify
	case n.isolation() != nil:
		return waitTOI
	case n.frozen:
		return waitLock
	case v.lag > 0 && n.backlog >= n.crowd()/2:
		return waitCertify
	case v.pausedBy() != nil:
		return waitFlow
	}
	return ""
}

// pausedBy is a member that pauses the component.
func (v *view) pausedBy() *node {
	for _, n := range v.members {
		if n.requested {
			return n
		}
	}
	return nil
}

func (n *node) gcache() int64 { return int64(n.option("gcache.size.bytes", gcacheBytes)) }
