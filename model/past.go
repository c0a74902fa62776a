package model

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Past is the little that a diagnosis remembers from snapshot to snapshot.
type Past struct {
	steady int                  // snapshots in a row with the same membership
	shape  string               // the membership, as text
	nodes  map[string]*NodePast // by ID

	arbitration arbitration
}

// NodePast is what is remembered of one node.
type NodePast struct {
	Queue     []QueuePoint // of the receive queue, the oldest first, at most queueDepth
	State     State        // of the last sample
	StateFrom time.Time    // since when the state is that
	Desynced  time.Time    // when the first status with a desync_count above 0 arrived; zero when it is not above 0
	ConfIDs   []time.Time  // when the view changed, in the last ten minutes
	confID    Num          // the last that was known
	served    time.Time    // when it was last seen in a Primary Component
}

// QueuePoint is the receive queue at one time.
type QueuePoint struct {
	At      time.Time
	Queue   int64
	Applied int64 // wsrep_last_committed
	View    int64 // wsrep_cluster_conf_id
}

const (
	queueDepth = 15
	flapSpan   = 10 * time.Minute
)

func newPast() *Past { return &Past{nodes: make(map[string]*NodePast)} }

// Node is what is remembered of a node, never nil.
func (p *Past) Node(id string) *NodePast {
	n := p.nodes[id]
	if n == nil {
		n = &NodePast{State: StateUnknown}
		p.nodes[id] = n
	}
	return n
}

// learn takes a snapshot in.
func (p *Past) learn(s *Snapshot) {
	shape := membership(s)
	if shape == p.shape {
		p.steady++
	} else {
		p.steady, p.shape = 1, shape
	}
	for _, n := range s.Nodes {
		if n.Up() {
			p.Node(n.ID).learn(n, s.At)
		}
	}
	p.arbitration.learn(p, s)
}

func (p *NodePast) learn(n *Node, now time.Time) {
	st := n.Status()
	if state := st.State(); state != p.State {
		p.State, p.StateFrom = state, now
	}
	switch desynced := st.DesyncCount.Or(0) > 0; {
	case desynced && p.Desynced.IsZero():
		p.Desynced = n.Sample.At
	case !desynced:
		p.Desynced = time.Time{}
	}
	if st.ConfID.Known {
		if p.confID.Known && st.ConfID != p.confID {
			p.ConfIDs = append(p.ConfIDs, now)
		}
		p.confID = st.ConfID
	}
	if st.InPrimary() {
		p.served = now
	}
	p.ConfIDs = slices.DeleteFunc(p.ConfIDs, func(t time.Time) bool { return now.Sub(t) > flapSpan })
	if len(p.Queue) > 0 && !n.Sample.At.After(p.Queue[len(p.Queue)-1].At) {
		return
	}
	p.Queue = append(p.Queue, QueuePoint{n.Sample.At, st.RecvQueue.Or(0), st.LastCommitted.Or(0), st.ConfID.Or(-1)})
	if extra := len(p.Queue) - queueDepth; extra > 0 {
		p.Queue = append(p.Queue[:0], p.Queue[extra:]...)
	}
}

// membership writes who sees whom as text that is the same while nothing changes.
func membership(s *Snapshot) string {
	var b strings.Builder
	for _, n := range s.Nodes {
		st := n.Status()
		fmt.Fprintf(&b, "%s %t %s %d %d %s %s;", n.ID, n.Up(), st.ClusterStatus, st.ConfID.V, st.ClusterSize.V, st.IncomingAddrs, st.EVSState)
	}
	return b.String()
}
