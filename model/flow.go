package model

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"
)

// Flow is flow control as the nodes of Primary Components tell it: how long
// writers were held in the last interval, who held them, and why.
type Flow struct {
	Paused Real       `json:"paused_share"` // 0..1, the highest of all nodes
	Nodes  []FlowNode `json:"nodes"`        // those that brake first, then by queue
}

// FlowNode is one node's part in flow control.
type FlowNode struct {
	ID       string `json:"id"`
	Paused   Real   `json:"paused_share"` // 0..1 of its last interval
	Brake    Brake  `json:"brake,omitempty"`
	Queue    Num    `json:"recv_queue"`  // write-sets
	Limit    Real   `json:"limit"`       // the queue at which it asks for a pause; unknown without variables
	Trend    Trend  `json:"trend"`       // filled in by Diagnosis, which remembers
	Reason   Reason `json:"reason"`      // why it lags, "" where it does not
	Holder   uint64 `json:"holder"`      // the client thread that most likely holds what the appliers wait for; 0 unknown
	Runs     uint64 `json:"runs"`        // the thread that runs the most relevant statement; 0 none
	Appliers Num    `json:"appliers"`    // configured, or alive where the server counts them
	Parallel Real   `json:"could_apply"` // wsrep_cert_deps_distance: how many appliers could find work
}

// Brake is how a node is known to hold the group up; "" when it does not.
type Brake string

// The proofs, the strongest first.
const (
	BrakeAsks  Brake = "asks for a pause now"
	BrakeAsked Brake = "asked for pauses in the last interval"
	BrakeQueue Brake = "queue over its limit"
)

var brakeRank = map[Brake]int{BrakeAsks: 0, BrakeAsked: 1, BrakeQueue: 2, "": 3}

// Reason is why a node applies more slowly than the group writes.
type Reason string

// The reasons, in the order in which they are looked for: what is proven by a
// thread comes before what rates suggest.
const (
	BecauseLock     Reason = "lock"
	BecauseDDL      Reason = "ddl"
	BecauseJoined   Reason = "catching up"
	BecauseHuge     Reason = "huge write-set"
	BecauseAppliers Reason = "too few appliers"
	BecauseSlow     Reason = "slow"
)

// pausedMatters is the paused share below which nobody need look for a brake.
const pausedMatters = 0.05

// newFlow reckons flow control from one snapshot; nil without a Primary node.
func newFlow(s *Snapshot) *Flow {
	f := &Flow{}
	for _, n := range s.Nodes {
		if !n.Up() || !n.Status().InPrimary() {
			continue
		}
		if p := n.Rates.Paused; p.Known && (!f.Paused.Known || p.V > f.Paused.V) {
			f.Paused = p
		}
		f.Nodes = append(f.Nodes, FlowNode{
			ID: n.ID, Paused: n.Rates.Paused, Queue: n.Status().RecvQueue, Limit: queueLimit(n),
			Appliers: appliers(n), Parallel: n.Status().CertDepsDist,
		})
	}
	if f.Nodes == nil {
		return nil
	}
	for i := range f.Nodes {
		f.Nodes[i].judge(s.Node(f.Nodes[i].ID), f.Paused)
	}
	slices.SortStableFunc(f.Nodes, func(a, b FlowNode) int {
		return cmp.Or(cmp.Compare(brakeRank[a.Brake], brakeRank[b.Brake]), cmp.Compare(b.Queue.V, a.Queue.V))
	})
	return f
}

// follow adds what only memory tells: the trend of every queue.
func (f *Flow) follow(s *Snapshot, past *Past) {
	for i := range f.Nodes {
		n := &f.Nodes[i]
		n.Trend = trendOf(past.Node(n.ID).Queue)
		n.judge(s.Node(n.ID), f.Paused)
	}
}

// flowOf is the flow control that a rule sees, trends included.
func flowOf(v *View) *Flow {
	f := newFlow(v.Snapshot)
	if f != nil {
		f.follow(v.Snapshot, v.Past)
	}
	return f
}

// Brakes are the nodes that hold the group up, the surest first.
func (f *Flow) Brakes() []FlowNode {
	if f == nil {
		return nil
	}
	end := slices.IndexFunc(f.Nodes, func(n FlowNode) bool { return n.Brake == "" })
	if end < 0 {
		end = len(f.Nodes)
	}
	return f.Nodes[:end]
}

// judge says whether the node is a brake and why it lags.
func (f *FlowNode) judge(n *Node, paused Real) {
	st := n.Status()
	over := f.Limit.Known && f.Queue.Known && float64(f.Queue.V) >= f.Limit.V
	throttles := st.State() == StateSynced || st.State() == StateJoined
	switch {
	case st.Pausing():
		f.Brake = BrakeAsks
	case n.Rates.FCSent.V > 0:
		f.Brake = BrakeAsked
	case over && throttles && paused.V >= pausedMatters:
		f.Brake = BrakeQueue
	}
	if f.Brake == "" && f.Queue.V == 0 {
		f.Reason, f.Holder, f.Runs = "", 0, 0
		return
	}
	f.Reason, f.Holder, f.Runs = reasonOf(n, f)
}

// reasonOf looks for the reason of a node's lag, in order of proof.
func reasonOf(n *Node, f *FlowNode) (reason Reason, holder, runs uint64) {
	busy := busiest(n)
	if busy != nil {
		runs = busy.ID
	}
	switch {
	case held(n):
		if h := lockHolder(n); h != nil {
			holder = h.ID
		}
		return BecauseLock, holder, runs
	case runningDDL(n) != nil:
		return BecauseDDL, 0, runningDDL(n).ID
	case n.Status().State() == StateJoined:
		return BecauseJoined, 0, runs
	case f.Trend.Frozen >= hugeAfter && f.Queue.V > 0:
		return BecauseHuge, 0, runs
	case f.Appliers.Known && f.Appliers.V == 1 && f.Parallel.V >= worthParallel:
		return BecauseAppliers, 0, runs
	}
	return BecauseSlow, 0, runs
}

const (
	// hugeAfter is how long the applied seqno must stand, with write-sets waiting
	// and no lock in sight, before one huge write-set is the likely reason.
	hugeAfter = 3 * time.Second
	// worthParallel is the mean distance of dependent write-sets from which more
	// appliers are worth their trouble.
	worthParallel = 4
)

// queueLimit is the receive queue at which a node asks the group to pause:
// gcs.fc_limit times the root of the members (garbd counts), unless one writer
// is promised; PXC says it itself. (Seen: [28,28] of 16 and 3 members.)
func queueLimit(n *Node) Real {
	st := n.Status()
	if _, high, ok := strings.Cut(strings.Trim(st.FCInterval, "[ ]"), ","); ok {
		return ParseReal(high)
	}
	text, _ := providerOption(n, "gcs.fc_limit")
	limit := ParseReal(text)
	if !limit.Known || !st.ClusterSize.Known {
		return Real{}
	}
	newer, _ := providerOption(n, "gcs.fc_single_primary")
	older, _ := providerOption(n, "gcs.fc_master_slave")
	single := cmp.Or(newer, older)
	if on, known := ParseBool(single); known && on {
		return limit
	}
	return R(math.Round(limit.V * math.Sqrt(float64(st.ClusterSize.V))))
}

// appliers is how many appliers the node has.
func appliers(n *Node) Num {
	if a := n.Status().ApplierThreads; a.Known {
		return a
	}
	for _, name := range []string{"wsrep_applier_threads", "wsrep_slave_threads"} {
		if v, ok := variable(n, name); ok {
			return ParseNum(v)
		}
	}
	return Num{}
}

// Trend is how a receive queue moves.
type Trend struct {
	Growth  Real          `json:"growth_per_s"`  // write-sets; negative while it shrinks
	Applied Real          `json:"applied_per_s"` // write-sets
	Frozen  time.Duration `json:"frozen_ns"`     // how long nothing was applied though the queue was not empty
	Empty   Real          `json:"empty_s"`       // seconds until the queue is empty at these rates; unknown is never
	Hovers  bool          `json:"hovers"`        // the queue is not empty and changes too little to tell where it goes
}

// trendOf reckons a trend from the points of a queue. Points from before a seqno
// that fell (another history) do not count.
func trendOf(points []QueuePoint) Trend {
	for i := len(points) - 1; i > 0; i-- {
		if points[i].Applied < points[i-1].Applied {
			points = points[i:]
			break
		}
	}
	var t Trend
	if len(points) == 0 {
		return t
	}
	last := points[len(points)-1]
	for i := len(points) - 2; i >= 0; i-- {
		if points[i].Applied != last.Applied || points[i].Queue == 0 || last.Queue == 0 {
			break
		}
		t.Frozen = last.At.Sub(points[i].At)
	}
	if last.Queue == 0 {
		t.Empty = R(0)
	}
	span := last.At.Sub(points[0].At).Seconds()
	if span <= 0 {
		return t
	}
	t.Growth = R(float64(last.Queue-points[0].Queue) / span)
	t.Applied = R(float64(last.Applied-points[0].Applied) / span)
	// A queue at its limit under flow control goes up and down by a write-set or
	// two, which is no direction.
	change := last.Queue - points[0].Queue
	t.Hovers = last.Queue > 0 && max(change, -change) <= max(2, last.Queue/100)
	if last.Queue > 0 && t.Growth.V < 0 && !t.Hovers {
		t.Empty = R(float64(last.Queue) / -t.Growth.V)
	}
	return t
}

// Words says when the queue will be empty; "" while nothing is known.
func (t Trend) Words() string {
	switch {
	case t.Empty.Known && t.Empty.V == 0:
		return "empty"
	case t.Empty.Known && t.Empty.V <= (7*24*time.Hour).Seconds():
		return "empty in " + Span(time.Duration(math.Ceil(t.Empty.V))*time.Second)
	case t.Hovers:
		return "neither grows nor shrinks"
	case t.Growth.Known:
		return "never empty at these rates"
	}
	return ""
}
