package model

import (
	"cmp"
	"fmt"
	"strconv"
	"time"
)

// Above standstill the share in which writers are held is a stall to whoever
// waits; above heavy their latency suffers visibly.
const (
	standstill = 0.8
	heavy      = 0.3
	// unseenFrom is the share from which a brake that nobody sees is a finding:
	// below, its sender may have asked and let go between two samples.
	unseenFrom = heavy
)

var flowRules = []Rule{
	{
		ID: "flow-control-standstill", Level: LevelCritical, Confirm: 3, Clear: 3,
		Source: "galera#510",
		Find: func(v *View) []Finding {
			return braked(v, func(share float64) Level {
				if share < standstill {
					return LevelOK
				}
				return LevelCritical
			})
		},
	},
	{
		ID: "flow-control-unseen", Level: LevelCritical, Confirm: 5, Clear: 3,
		Source: "galera#164; PXC-4453", Find: brakedUnseen,
	},
	{
		ID: "flow-control", Level: LevelWarning, Confirm: 3, Clear: 3,
		Source: "galera#510",
		Find: func(v *View) []Finding {
			return braked(v, func(share float64) Level {
				switch {
				case share < pausedMatters || share >= standstill:
					return LevelOK
				case share < heavy:
					return LevelNotice
				}
				return LevelWarning
			})
		},
	},
	{
		ID: "read-lock", Level: LevelWarning, Confirm: 3, Clear: 2,
		Source: "Percona blog 2013-10-08", Find: readLocked,
	},
	{
		ID: "lagging", Level: LevelWarning, Confirm: 5, Clear: 3,
		Source: "documentation of wsrep_local_recv_queue", Find: lagging,
	},
}

// braked finds flow control whose share the level rates, with a brake in sight.
func braked(v *View, level func(share float64) Level) []Finding {
	f := flowOf(v)
	if f == nil || !f.Paused.Known || level(f.Paused.V) == LevelOK {
		return nil
	}
	brakes := f.Brakes()
	if len(brakes) == 0 {
		return nil
	}
	b := &brakes[0]
	n := v.Node(b.ID)
	advice := adviceFor[b.Reason]
	out := Finding{
		Level: level(f.Paused.V),
		Title: slowed(f.Paused.V) + ": " + b.because(n),
		Why:   "Flow control holds every writer of the cluster until " + n.Name + " has caught up. " + advice.why,
		Do:    advice.do(b, n), Nodes: []string{n.ID}, Action: cmp.Or(advice.frees, advice.helps),
		Evidence: append([]Evidence{{"", "paused share, from wsrep_flow_control_paused_ns", percent(f.Paused.V)}}, b.evidence(n)...),
	}
	for i := range brakes[1:] {
		other := v.Node(brakes[i+1].ID)
		out.Nodes = append(out.Nodes, other.ID)
		out.Evidence = append(out.Evidence, Evidence{other.Name, "also brakes", string(brakes[i+1].Brake)})
	}
	return []Finding{out}
}

func slowed(share float64) string {
	if share >= standstill {
		return "Writes stand still " + percent(share) + " of the time"
	}
	return "Writes are held up " + percent(share) + " of the time"
}

func percent(share float64) string { return fmt.Sprintf("%.0f %%", share*100) }

// because says in words why the node lags.
func (f *FlowNode) because(n *Node) string {
	queue := "queue " + numWord(f.Queue)
	switch f.Reason {
	case BecauseLock:
		if f.Holder != 0 {
			return fmt.Sprintf("a lock on %s stops its appliers, probably of thread %d (%s)", n.Name, f.Holder, queue)
		}
		return fmt.Sprintf("a lock on %s stops its appliers (%s)", n.Name, queue)
	case BecauseDDL:
		return fmt.Sprintf("%s runs a schema change in thread %d (%s)", n.Name, f.Runs, queue)
	case BecauseJoined:
		return fmt.Sprintf("%s has just joined and is catching up (%s)", n.Name, queue)
	case BecauseHuge:
		return fmt.Sprintf("%s has been busy with one write-set for %s (%s)", n.Name, Span(f.Trend.Frozen), queue)
	}
	if f.Appliers.Known {
		queue += ", " + count(int(f.Appliers.V), "applier")
	}
	return fmt.Sprintf("%s cannot apply fast enough (%s)", n.Name, queue)
}

// evidence is what proves the brake and its reason.
func (f *FlowNode) evidence(n *Node) []Evidence {
	out := make([]Evidence, 0, 10)
	add := func(variable, value string) { out = append(out, Evidence{n.Name, variable, value}) }
	if f.Brake != "" {
		add("flow control", string(f.Brake))
	}
	if f.Queue.Known {
		queue := numWord(f.Queue)
		if f.Limit.Known {
			queue += fmt.Sprintf(" of %.0f allowed", f.Limit.V)
		}
		add("wsrep_local_recv_queue", queue)
	}
	if f.Trend.Growth.Known {
		add("receive queue", fmt.Sprintf("%+.1f write-sets a second, %s", f.Trend.Growth.V, f.Trend.Words()))
		add("applied", fmt.Sprintf("%.1f write-sets a second", f.Trend.Applied.V))
	}
	if f.Appliers.Known {
		add("appliers", numWord(f.Appliers))
	}
	if f.Parallel.Known {
		add("wsrep_cert_deps_distance", fmt.Sprintf("%.1f", f.Parallel.V))
	}
	if f.Reason == BecauseHuge && n.Rates.ReceivedBps.Known {
		add("received", fmt.Sprintf("%.0f bytes a second", n.Rates.ReceivedBps.V))
	}
	for _, t := range []struct {
		what string
		id   uint64
	}{{"probably holds the lock", f.Holder}, {"runs", f.Runs}} {
		if p := thread(n, t.id); p != nil {
			add(t.what, threadWords(p))
		}
	}
	return out
}

// threadWords are a thread in one line, its statement last.
func threadWords(p *Process) string {
	text := fmt.Sprintf("thread %d of %s, %s %s", p.ID, p.User, p.Command, Span(p.Time))
	if p.State != "" {
		text += ", " + p.State
	}
	if p.Query != "" {
		text += ": " + Printable(p.Query, 200)
	}
	return text
}

// advice is what to say for a reason.
type advice struct {
	why string
	do  func(*FlowNode, *Node) []string
	// frees is the action that lets the writers go on, helps one that lets the node
	// keep up; empty where somebody has to find out more first.
	frees, helps string
}

var adviceFor = map[Reason]advice{
	BecauseLock: {"Appliers cannot abort the holder of a global read lock, a backup lock or LOCK TABLES, so this ends only when the holder lets go.", doLock, "", ""},
	BecauseDDL: {"A schema change keeps its place in the order of write-sets, so everything after it waits until it is done.", func(_ *FlowNode, n *Node) []string {
		return []string{
			"Let the schema change finish: killing it on one node can make that node differ from the others.",
			"If the writers cannot wait, desync " + n.Name + " so that it may lag without holding the others, and resync it when its queue is short.",
			"Run the next large change as a rolling schema upgrade or with an online tool.",
		}
	}, "desync", ""},
	BecauseJoined: {"It received its data a moment ago and now applies what was written meanwhile.", func(f *FlowNode, n *Node) []string {
		first := "Let it catch up; this ends by itself."
		if words := f.Trend.Words(); words != "" {
			first = "Let it catch up; its queue will be " + words + "."
		}
		return []string{
			first,
			"Send no clients to " + n.Name + " before it is Synced.",
			"If its queue does not shrink, raise its number of applier threads; it takes effect at once.",
		}
	}, "", ""},
	BecauseHuge: {"A write-set is applied by one thread from its first row to its last, and nothing after it commits before it.", func(_ *FlowNode, n *Node) []string {
		return []string{
			"Wait for it while its queue is short: it cannot be killed on " + n.Name + ".",
			"If the writers cannot wait, desync " + n.Name + " and resync it when its queue is short.",
			"Find the job that writes so much at once and have it commit in chunks of some thousand rows; check that its table has a primary key.",
		}
	}, "desync", ""},
	BecauseAppliers: {"It applies with one thread, though the write-sets depend on one another so little that several could work.", func(f *FlowNode, n *Node) []string {
		return []string{
			fmt.Sprintf("Raise the number of applier threads on %s step by step, to twice its cores and not above %.0f at first; it takes effect at once.", n.Name, max(f.Parallel.V, 2)),
			"Watch whether its queue shrinks, and write the same value into its configuration file.",
		}
	}, "", "appliers"},
	BecauseSlow: {"Nothing in its threads explains it, so its disk or its processor is likely slower or busier than those of the others.", func(f *FlowNode, n *Node) []string {
		out := []string{
			"Look at the host of " + n.Name + ": disk latency, processor, memory and swap, other jobs such as a backup.",
		}
		if f.Runs != 0 {
			out = append(out, fmt.Sprintf("Look at thread %d on it, which runs the longest statement, and end it if it is what loads the node.", f.Runs))
		}
		return append(out, "If the writers cannot wait, desync "+n.Name+", so that it may lag without holding the others, and resync it when its queue is short.")
	}, "desync", ""},
}

func doLock(f *FlowNode, n *Node) []string {
	first := "Find who holds the lock on " + n.Name + ": a backup, FLUSH TABLES WITH READ LOCK or LOCK TABLES in a sleeping session."
	if f.Holder != 0 {
		first = fmt.Sprintf("Look at thread %d on %s, which most likely holds the lock, and ask its owner to let go.", f.Holder, n.Name)
	}
	return []string{
		first,
		"If nobody answers, kill that connection: its lock goes with it. A backup that is killed has to be made again.",
		"Watch the queue of " + n.Name + " shrink before you take it back as a backup source.",
	}
}

// brakedUnseen finds a stall that no node which answers asks for.
func brakedUnseen(v *View) []Finding {
	f := flowOf(v)
	if f == nil || !f.Paused.Known || f.Paused.V < unseenFrom || len(f.Brakes()) > 0 {
		return nil
	}
	out := Finding{
		Level: LevelWarning,
		Title: slowed(f.Paused.V) + ", and no node that answers asks for it",
		Why: "Somebody told the group to pause and never told it to go on. A node that hangs or that cannot be asked may be the one, " +
			"and so may one that forgot its own request; the writers wait for it without end.",
		Evidence: []Evidence{{"", "paused share, from wsrep_flow_control_paused_ns", percent(f.Paused.V)}},
	}
	if f.Paused.V >= standstill {
		out.Level = LevelCritical
	}
	for i := range f.Nodes {
		n := v.Node(f.Nodes[i].ID)
		out.Evidence = append(out.Evidence,
			Evidence{n.Name, "wsrep_flow_control_requested", n.Status().FCRequested.String()},
			Evidence{n.Name, "wsrep_local_recv_queue", numWord(f.Nodes[i].Queue)})
	}
	suspect := "the node whose seqno stands still"
	for _, n := range v.Nodes {
		if !n.Up() && n.Link != LinkConnecting {
			out.Nodes = append(out.Nodes, n.ID)
			out.Evidence = append(out.Evidence, Evidence{n.Name, "link", string(n.Link)})
			suspect = "the member that does not answer"
		}
	}
	out.Do = []string{
		"Look first at " + suspect + ": its host, its error log, its disk space.",
		"Restart only that node, and only while the others keep quorum without it; a stop takes its request out of the group.",
		"If every node answers, restart one after another, a node whose queue is longest first, and stop as soon as the writers go on.",
	}
	return []Finding{out}
}

func numWord(n Num) string {
	if !n.Known {
		return "unknown"
	}
	return strconv.FormatInt(n.V, 10)
}

// readLocked finds nodes that a backup or FLUSH TABLES WITH READ LOCK holds: they
// are desynced, though neither by hand nor for a joiner, and apply nothing.
func readLocked(v *View) []Finding {
	var out []Finding
	f := flowOf(v)
	if f == nil {
		return nil
	}
	for i := range f.Nodes {
		b := &f.Nodes[i]
		n := v.Node(b.ID)
		st := n.Status()
		if st.State() != StateDonor || st.DesyncCount.Or(0) < 1 || len(joining(v.Snapshot)) > 0 {
			continue
		}
		if !heldWhole(n) && (!desyncedByItself(v, n) || b.Trend.Frozen < hugeAfter) {
			continue
		}
		b.Reason = BecauseLock
		if h := lockHolder(n); h != nil {
			b.Holder = h.ID
		}
		title := n.Name + " applies nothing: a backup or a global read lock holds it (queue " + numWord(b.Queue) + ")"
		if b.Holder != 0 {
			title = fmt.Sprintf("%s applies nothing: a backup or a global read lock holds it, probably thread %d (queue %d)", n.Name, b.Holder, b.Queue.V)
		}
		out = append(out, Finding{
			About: n.ID, Title: title, Nodes: []string{n.ID},
			Why: "The node is desynced and falls behind without holding the others, but its readers see old data, " +
				"its own writers hang, and what it has to catch up grows with every write of the group.",
			Do: doLock(b, n),
			Evidence: append([]Evidence{
				{n.Name, "wsrep_local_state_comment", st.State().String()},
				{n.Name, "wsrep_desync_count", numWord(st.DesyncCount)},
				{n.Name, "wsrep_desync", "OFF"},
			}, b.evidence(n)...),
		})
	}
	return out
}

// desyncedByItself reports whether wsrep_desync is known to be OFF by a reading
// that is younger than the desync.
func desyncedByItself(v *View, n *Node) bool {
	manual, known := desyncedByHand(n)
	return known && !manual && n.Sample.Slow.Variables.At.After(v.Past.Node(n.ID).Desynced)
}

// lagQueue is the receive queue below which a node is not called lagging.
const lagQueue = 50

// lagging finds nodes that fall behind without flow control: their limit is
// high, or they were just let back in. A desynced node lags on purpose.
func lagging(v *View) []Finding {
	var out []Finding
	f := flowOf(v)
	if f == nil || f.Paused.V >= pausedMatters {
		return nil
	}
	for i := range f.Nodes {
		b := &f.Nodes[i]
		n := v.Node(b.ID)
		if s := n.Status().State(); (s != StateSynced && s != StateJoined) || !lagged(v.Past.Node(b.ID).Queue) || b.Brake != "" {
			continue
		}
		advice, words := adviceFor[b.Reason], b.Trend.Words()
		level := LevelWarning
		if b.Trend.Growth.V < 0 || n.Status().State() == StateJoined {
			level = LevelNotice
		}
		if words != "" {
			words = ", " + words
		}
		out = append(out, Finding{
			About: n.ID, Level: level, Nodes: []string{n.ID}, Action: advice.helps,
			Title: fmt.Sprintf("%s lags behind by %d write-sets%s", n.Name, b.Queue.V, words),
			Why:   "Readers on the node see old data, and if the queue reaches its limit flow control holds every writer. " + advice.why,
			Do:    append([]string{"Send no reads that need fresh data to " + n.Name + " until its queue is short."}, advice.do(b, n)...),
			Evidence: append(b.evidence(n),
				Evidence{n.Name, "wsrep_last_committed", numWord(n.Status().LastCommitted)}),
		})
	}
	return out
}

// lagged reports whether a queue was long in all of the last samples, over some
// seconds: one burst is no lag.
func lagged(points []QueuePoint) bool {
	const samples = 4
	if len(points) < samples {
		return false
	}
	points = points[len(points)-samples:]
	for _, p := range points {
		if p.Queue < lagQueue {
			return false
		}
	}
	return points[samples-1].At.Sub(points[0].At) >= 2*time.Second
}
