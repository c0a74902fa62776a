package demo

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// statusRow is one variable of SHOW GLOBAL STATUS.
type statusRow struct {
	name    string
	flavour model.Flavour // "" for all
	get     func(*node) value
}

const (
	nilUUID   = "00000000-0000-0000-0000-000000000000"
	noSeqno   = "18446744073709551615" // -1 as the servers print it
	protocols = 11
)

func constant(v value) func(*node) value { return func(*node) value { return v } }

func count(f func(*counters) int64) func(*node) value {
	return func(n *node) value { return intValue(f(&n.count)) }
}

func zero(names ...string) []statusRow {
	out := make([]statusRow, len(names))
	for i, name := range names {
		out[i] = statusRow{name, "", constant(intValue(0))}
	}
	return out
}

// fraction is a number in the six significant digits that servers print.
func fraction(f float64) value { return textValue(strconv.FormatFloat(f, 'g', 6, 64)) }

func onOff(b bool) value {
	if b {
		return textValue("ON")
	}
	return textValue("OFF")
}

func trueFalse(b bool) value { return textValue(strconv.FormatBool(b)) }

func orNil(uuid string) value {
	if uuid == "" {
		return textValue(nilUUID)
	}
	return textValue(uuid)
}

// statusRows are all variables of SHOW GLOBAL STATUS, in the order of a MariaDB
// server with the PXC ones between.
var statusRows = concat(
	[]statusRow{
		{"wsrep_local_state_uuid", "", func(n *node) value { return orNil(n.history) }},
		{"wsrep_protocol_version", "", constant(intValue(protocols))},
		{"wsrep_protocol_application", "", constant(intValue(4))},
		{"wsrep_protocol_replicator", "", constant(intValue(protocols))},
		{"wsrep_protocol_gcs", "", constant(intValue(5))},
		{"wsrep_last_applied", pxc, func(n *node) value { return intValue(n.committed) }},
		{"wsrep_last_committed", "", func(n *node) value { return intValue(n.committed) }},
		{"wsrep_monitor_status (L/A/C)", pxc, func(n *node) value {
			s := strconv.FormatInt(n.committed, 10)
			return textValue("[ (" + s + ", " + s + "), (" + s + ", " + s + "), (" + s + ", " + s + ") ]")
		}},
		{"wsrep_replicated", "", count(func(c *counters) int64 { return c.replicated })},
		{"wsrep_replicated_bytes", "", count(func(c *counters) int64 { return c.replicatedBytes })},
		{"wsrep_repl_keys", "", count(func(c *counters) int64 { return c.keys })},
		{"wsrep_repl_keys_bytes", "", count(func(c *counters) int64 { return c.keys * 16 })},
		{"wsrep_repl_data_bytes", "", count(func(c *counters) int64 { return c.replicatedBytes * 9 / 10 })},
		{"wsrep_repl_other_bytes", "", constant(intValue(0))},
		{"wsrep_received", "", count(func(c *counters) int64 { return c.received })},
		{"wsrep_received_bytes", "", count(func(c *counters) int64 { return c.receivedBytes })},
		{"wsrep_local_commits", "", count(func(c *counters) int64 { return c.commits })},
		{"wsrep_local_cert_failures", "", count(func(c *counters) int64 { return c.certFailures })},
		{"wsrep_local_replays", "", count(func(c *counters) int64 { return c.replays })},
		{"wsrep_local_send_queue", "", func(n *node) value {
			if n.stalled() == waitCertify && n.view.trouble > 0 {
				return intValue(n.backlog + int64(n.unsent))
			}
			return intValue(int64(n.unsent))
		}},
		{"wsrep_local_send_queue_max", "", count(func(c *counters) int64 { return c.sendMax })},
		{"wsrep_local_send_queue_min", "", constant(intValue(0))},
		{"wsrep_local_send_queue_avg", "", func(n *node) value {
			return fraction(float64(n.count.sendSum) / float64(max(n.count.queueSamples, 1)))
		}},
		{"wsrep_local_recv_queue", "", func(n *node) value { return intValue(n.queue) }},
		{"wsrep_local_recv_queue_max", "", count(func(c *counters) int64 { return c.recvMax })},
		{"wsrep_local_recv_queue_min", "", constant(intValue(0))},
		{"wsrep_local_recv_queue_avg", "", func(n *node) value {
			return fraction(float64(n.count.queueSum) / float64(max(n.count.queueSamples, 1)))
		}},
		{"wsrep_local_cached_downto", "", (*node).cachedDownto},
		{"wsrep_flow_control_paused_ns", "", func(n *node) value { return intValue(int64(n.paused)) }},
		{"wsrep_flow_control_paused", "", func(n *node) value {
			return fraction(n.pausedShare())
		}},
		{"wsrep_flow_control_sent", "", count(func(c *counters) int64 { return c.fcSent })},
		{"wsrep_flow_control_recv", "", count(func(c *counters) int64 { return c.fcRecv })},
		{"wsrep_flow_control_active", "", func(n *node) value {
			return trueFalse(n.view != nil && n.view.pausedBy() != nil)
		}},
		{"wsrep_flow_control_requested", "", func(n *node) value { return trueFalse(n.requested) }},
		{"wsrep_flow_control_interval", pxc, func(n *node) value {
			low, high := n.flowInterval()
			return textValue(fmt.Sprintf("[ %d, %d ]", low, high))
		}},
		{"wsrep_flow_control_interval_low", pxc, func(n *node) value { low, _ := n.flowInterval(); return intValue(low) }},
		{"wsrep_flow_control_interval_high", pxc, func(n *node) value { _, high := n.flowInterval(); return intValue(high) }},
		{"wsrep_flow_control_status", pxc, func(n *node) value { return onOff(n.requested) }},
		{"wsrep_cert_deps_distance", "", func(n *node) value { return fraction(n.average(n.parallelism())) }},
		{"wsrep_apply_oooe", "", constant(fraction(0.0312))},
		{"wsrep_apply_oool", "", constant(fraction(0.0021))},
		{"wsrep_apply_window", "", constant(fraction(1.0712))},
		{"wsrep_apply_waits", "", count(func(c *counters) int64 { return c.received / 210 })},
		{"wsrep_commit_oooe", "", constant(intValue(0))},
		{"wsrep_commit_oool", "", constant(intValue(0))},
		{"wsrep_commit_window", "", constant(fraction(1.0381))},
		{"wsrep_local_state", "", func(n *node) value { return intValue(int64(n.state)) }},
		{"wsrep_local_state_comment", "", func(n *node) value { return textValue(n.state.String()) }},
		{"wsrep_cert_index_size", "", func(n *node) value { return intValue(int64(n.parallelism() * 41)) }},
		{"wsrep_cert_bucket_count", pxc, constant(intValue(1482))},
		{"wsrep_gcache_pool_size", pxc, func(n *node) value { return intValue((n.committed - n.donatesFrom) * writeBytes) }},
		{"wsrep_causal_reads", "", constant(intValue(0))},
		{"wsrep_cert_interval", "", func(n *node) value { return fraction(n.average(n.parallelism() / 9)) }},
		{"wsrep_open_transactions", "", func(n *node) value { return intValue(n.backlog) }},
		{"wsrep_open_connections", "", func(n *node) value { return intValue(int64(len(n.clients))) }},
		{"wsrep_ist_receive_status", pxc, (*node).istStatus},
		{"wsrep_ist_receive_seqno_start", pxc, istSeqno(func(j *join) int64 { return j.from + 1 })},
		{"wsrep_ist_receive_seqno_current", pxc, istSeqno(func(j *join) int64 { return int64(j.at) })},
		{"wsrep_ist_receive_seqno_end", pxc, istSeqno(func(j *join) int64 { return j.to })},
		{"wsrep_incoming_addresses", "", func(n *node) value {
			if n.view == nil {
				return textValue("")
			}
			return textValue(n.view.incoming())
		}},
		{"wsrep_cluster_weight", "", func(n *node) value {
			if n.view == nil {
				return intValue(0)
			}
			return intValue(n.view.weight())
		}},
		{"wsrep_desync_count", "", func(n *node) value { return intValue(int64(n.desyncCount())) }},
		{"wsrep_evs_delayed", "", (*node).delayed},
		{"wsrep_evs_evict_list", "", func(n *node) value { return textValue(strings.Join(n.shutOut, ",")) }},
		{"wsrep_evs_repl_latency", "", (*node).latency},
		{"wsrep_evs_state", "", (*node).evsState},
		{"wsrep_gcomm_uuid", "", func(n *node) value {
			if n.view == nil {
				return textValue(nilUUID)
			}
			return textValue(n.uuid)
		}},
		{"wsrep_gmcast_segment", "", constant(intValue(0))},
		{"wsrep_checkpoint_position", mariadb, func(n *node) value {
			return textValue(orNil(n.history).s + ":" + strconv.FormatInt(n.committed, 10))
		}},
		{"wsrep_se_checkpoint", mariadb, func(n *node) value {
			return textValue(orNil(n.history).s + ":" + strconv.FormatInt(n.committed, 10))
		}},
		{"wsrep_applier_thread_count", mariadb, func(n *node) value { return intValue(int64(n.appliers())) }},
		{"wsrep_cluster_capabilities", "", constant(textValue(""))},
		{"wsrep_cluster_conf_id", "", func(n *node) value {
			if n.view == nil || !n.view.primary {
				return textValue(noSeqno)
			}
			return intValue(n.view.conf)
		}},
		{"wsrep_cluster_size", "", func(n *node) value {
			if n.view == nil {
				return intValue(0)
			}
			return intValue(int64(len(n.view.members)))
		}},
		{"wsrep_cluster_state_uuid", "", func(n *node) value {
			switch {
			case n.outcast:
				return textValue(nilUUID)
			case n.view == nil:
				return orNil(n.lastView.history)
			}
			return orNil(n.view.history)
		}},
		{"wsrep_cluster_status", "", func(n *node) value { return textValue(n.clusterStatus()) }},
		{"wsrep_connected", "", func(n *node) value { return onOff(n.connected()) }},
		{"wsrep_local_bf_aborts", "", count(func(c *counters) int64 { return c.bfAborts })},
		{"wsrep_local_index", "", func(n *node) value {
			if n.view == nil {
				return textValue(noSeqno)
			}
			return intValue(int64(n.index1))
		}},
		{"wsrep_provider_capabilities", "", constant(textValue(":MULTI_MASTER:CERTIFICATION:PARALLEL_APPLYING:TRX_REPLAY:" +
			"ISOLATION:PAUSE:CAUSAL_READS:INCREMENTAL_WRITESET:UNORDERED:PREORDERED:STREAMING:NBO:"))},
		{"wsrep_provider_name", "", constant(textValue("Galera"))},
		{"wsrep_provider_vendor", "", constant(textValue("Codership Oy <info@codership.com>"))},
		{"wsrep_provider_version", "", func(n *node) value { return textValue(n.e.face.provider) }},
		{"wsrep_ready", "", func(n *node) value { return onOff(n.ready()) }},
		{"wsrep_rollbacker_thread_count", mariadb, constant(intValue(1))},
		{"wsrep_thread_count", "", func(n *node) value { return intValue(int64(n.appliers() + 1)) }},
	},
	serverRows,
	zero("Aborted_connects", "Com_kill", "Created_tmp_disk_tables", "Delayed_errors", "Prepared_stmt_count",
		"Qcache_hits", "Slave_connections", "Sort_merge_passes", "Ssl_accepts", "Table_locks_waited"),
)

// serverRows are the ones that every MySQL-like server has.
var serverRows = []statusRow{
	{"Aborted_clients", "", count(func(c *counters) int64 { return c.aborted })},
	{"Bytes_received", "", count(func(c *counters) int64 { return c.questions * 140 })},
	{"Bytes_sent", "", count(func(c *counters) int64 { return c.questions * 1900 })},
	{"Com_select", "", count(func(c *counters) int64 { return c.questions * 86 / 100 })},
	{"Com_insert", "", count(func(c *counters) int64 { return c.questions * 6 / 100 })},
	{"Com_update", "", count(func(c *counters) int64 { return c.questions * 6 / 100 })},
	{"Com_delete", "", count(func(c *counters) int64 { return c.questions / 100 })},
	{"Com_commit", "", count(func(c *counters) int64 { return c.commits })},
	{"Connections", "", count(func(c *counters) int64 { return c.connections })},
	{"Innodb_buffer_pool_pages_dirty", "", func(n *node) value { return intValue(9_000 + int64(2_000*n.e.pace/max(n.speed, 0.01))) }},
	{"Innodb_buffer_pool_pages_free", "", constant(intValue(8192))},
	{"Innodb_buffer_pool_pages_total", "", constant(intValue(1048576))},
	{"Innodb_buffer_pool_read_requests", "", count(func(c *counters) int64 { return c.rowsRead * 3 })},
	{"Innodb_buffer_pool_reads", "", count(func(c *counters) int64 { return c.rowsRead / 900 })},
	{"Innodb_data_reads", "", count(func(c *counters) int64 { return c.rowsRead / 850 })},
	{"Innodb_data_writes", "", count(func(c *counters) int64 { return (c.received + c.commits) * 3 })},
	{"Innodb_deadlocks", mariadb, count(func(c *counters) int64 { return c.bfAborts / 9 })},
	{"Innodb_history_list_length", mariadb, func(n *node) value { return intValue(n.historyLength()) }},
	{"Innodb_os_log_written", "", count(func(c *counters) int64 { return c.receivedBytes + c.replicatedBytes })},
	{"Innodb_row_lock_current_waits", "", func(n *node) value { _, _, w := n.threadCounts(); return intValue(int64(w)) }},
	{"Innodb_row_lock_waits", "", count(func(c *counters) int64 { return c.rowLockWaits })},
	{"Innodb_rows_read", "", count(func(c *counters) int64 { return c.rowsRead })},
	{"Max_used_connections", "", func(n *node) value { return intValue(n.maxUsed()) }},
	{"Queries", "", count(func(c *counters) int64 { return c.questions + c.questions/90 })},
	{"Questions", "", count(func(c *counters) int64 { return c.questions })},
	{"Slow_queries", "", count(func(c *counters) int64 { return c.slow })},
	{"Threads_cached", "", constant(intValue(4))},
	{"Threads_connected", "", func(n *node) value { c, _, _ := n.threadCounts(); return intValue(int64(c)) }},
	{"Threads_created", "", count(func(c *counters) int64 { return c.connections / 3 })},
	{"Threads_running", "", func(n *node) value { _, r, _ := n.threadCounts(); return intValue(int64(r)) }},
	{"Uptime", "", func(n *node) value { return intValue(int64((n.e.now - n.started) / time.Second)) }},
	{"Uptime_since_flush_status", "", func(n *node) value { return intValue(int64(n.sinceFlush() / time.Second)) }},
}

func concat(lists ...[]statusRow) []statusRow {
	var out []statusRow
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

// clusterStatus is Disconnected without a group; a joiner says non-Primary
// although its component is Primary.
func (n *node) clusterStatus() string {
	switch {
	case n.view == nil:
		return model.Disconnected
	case n.primary():
		return model.Primary
	}
	return model.NonPrimary
}

func (n *node) cachedDownto() value {
	if n.join != nil || n.committed < 0 {
		return textValue(noSeqno)
	}
	return intValue(n.donatesFrom)
}

func (n *node) evsState() value {
	switch {
	case n.view == nil:
		return textValue("CLOSED")
	case n.view.gather:
		return textValue("GATHER")
	}
	return textValue("OPERATIONAL")
}

// delayed names the members that do not answer in time, or did not lately, with
// how often that was seen.
func (n *node) delayed() value {
	if n.view == nil {
		return textValue("")
	}
	text := ""
	for _, m := range n.e.nodes {
		if m == n || !n.finds(m) {
			continue
		}
		if text != "" {
			text += ","
		}
		total := max(m.delay.total, n.delay.total)
		text += m.uuid + ":tcp://" + m.address + ":" + strconv.Itoa(min(int(total/time.Second), 255))
	}
	return textValue(text)
}

func (n *node) latency() value {
	if n.view == nil || len(n.view.members) < 2 || n.count.replicated == 0 {
		return textValue("0/0/0/0/0")
	}
	base := 0.00021 + 0.00002*float64(n.index%5) + n.view.lag
	return textValue(fmt.Sprintf("%.6g/%.6g/%.6g/%.6g/%d", base, base*2.1*n.noise, base*9.7, base*0.8, int(n.writeRate()*60)))
}

func (n *node) flowInterval() (low, high int64) {
	if n.view == nil {
		return 0, 0
	}
	l, h := n.limits(n.view)
	return int64(l), int64(h)
}

func (n *node) istStatus() value {
	j := n.join
	if j == nil || j.sst {
		return textValue("")
	}
	done := 100 * (j.at - float64(j.from)) / max(float64(j.to-j.from), 1)
	return textValue(fmt.Sprintf("%d%% complete, received seqno %d of %d-%d", int(done), int64(j.at), j.from+1, j.to))
}

func istSeqno(f func(*join) int64) func(*node) value {
	return func(n *node) value {
		if n.join == nil || n.join.sst {
			return intValue(0)
		}
		return intValue(f(n.join))
	}
}

// historyLength grows while an old transaction keeps purge from working.
func (n *node) historyLength() int64 {
	length := 900 + 400*n.e.pace
	for _, t := range n.clients {
		if t.opened != noTransaction && t.role != "" || t.role == roleRunaway {
			length += (n.e.now - t.since).Seconds() * n.writeRate()
		}
	}
	return int64(length)
}
