package recovery

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/collector"
	"github.com/galeratop/galeratop/model"
)

const quorumMeans = "No node that answers is in a Primary Component, so nobody takes writes. One of them is made Primary by hand, and only when no other one is Primary anywhere: " +
	"two would be a split brain. Unreachable means unknown, never dead."

// noPrimary is for nodes that lost quorum and still see some group.
func noPrimary(w *world) *Move {
	if len(w.primaries) > 0 || len(w.at(inNone, onTheWay)) == 0 {
		return nil
	}
	for _, step := range []func(*world) *Move{quorumSettles, quorumUnread, quorumRuns, quorumPositions, quorumAhead, quorumMake} {
		if m := step(w); m != nil {
			return m
		}
	}
	return nil
}

// quorumSettles waits while seqnos or memberships still move.
func quorumSettles(w *world) *Move {
	for _, n := range w.at(inNone) {
		s := n.Status()
		switch {
		case s.EVSState != "" && !strings.EqualFold(s.EVSState, "OPERATIONAL"):
			return &Move{Kind: Watch, Node: n.ID, Title: "Waiting for the membership to settle", Found: append(w.rows(w.nodes), row(n.Name, "wsrep_evs_state", s.EVSState)), Means: quorumMeans}
		case s.RecvQueue.Known && s.RecvQueue.V > 0:
			return &Move{
				Kind: Watch, Node: n.ID, Title: fmt.Sprintf("Waiting for %s to apply what it has: %d write-sets", n.Name, s.RecvQueue.V), Found: w.rows(w.nodes),
				Means: "Until its queue is empty its seqno is not its position, and who is the most advanced cannot be told.",
			}
		}
	}
	return nil
}

// quorumUnread looks for a Primary Component, or for more writes, behind silence.
func quorumUnread(w *world) *Move {
	if list := w.at(unread); len(list) > 0 && w.reaches() {
		return w.askRead(list, "They do not answer. Whether they are stopped, or Primary somewhere else, is found out on their hosts. "+quorumMeans)
	}
	return nil
}

// quorumRuns is for a server that runs and does not answer: it may be Primary.
func quorumRuns(w *world) *Move {
	list := w.at(runs)
	if len(list) == 0 {
		return nil
	}
	n := list[0]
	m := &Move{
		Kind: Watch, Node: n.ID, Title: "Waiting for " + n.Name + ": its server runs and does not answer", Found: w.rows(w.nodes),
		Means: "It may be Primary for clients that reach it, or be starting. " + quorumMeans,
		Will:  []string{"mend the way to it, and it is seen here what it is"},
	}
	m.Instead = w.act(Order{Node: n.ID, Action: actions.StopService}, Move{
		Title: "Stop the server of " + n.Name, Found: m.Found, Means: "Stopped, it is known not to be Primary, and where it stands can be read.",
	})
	return m
}

func quorumPositions(w *world) *Move {
	var list []*node
	for _, n := range w.at(isStopped) {
		if p := w.positionOf(n); p.recover && p.none == "" && p.unknown == "" {
			list = append(list, n)
		}
	}
	if len(list) > 0 {
		return w.askPosition(list, "They are stopped. Whether one of them has writes that the others lack is to be known before one is made Primary.")
	}
	return nil
}

// quorumAhead stops before a stopped node's writes are given up.
func quorumAhead(w *world) *Move {
	best := w.mostAdvanced()
	if best == nil {
		return nil
	}
	for _, c := range w.candidates() {
		if c.UUID == best.Status().ClusterStateUUID && c.Seqno > best.Status().LastCommitted.V {
			lost := fmt.Sprintf("the write-sets %d to %d, which only %s has", best.Status().LastCommitted.V+1, c.Seqno, c.Name)
			m := w.askDead(c.node, w.nodes, fmt.Sprintf("%s is stopped and at seqno %d; %s, the most advanced one that answers, is at %d.",
				c.Name, c.Seqno, best.Name, best.Status().LastCommitted.V), lost+", are lost")
			m.Title = c.Name + " has writes that no node that answers has"
			m.Will = []string{
				"start its server by hand: when all members of the last Primary Component are back, they form it again by themselves",
				"or stop the others too: the cluster is then brought back from " + c.Name + ", as after a full crash",
				"or give its writes up by typing: " + c.words,
			}
			return m
		}
	}
	return nil
}

// mostAdvanced is the node to make Primary: the one that has applied most, of
// several one that sees most others.
func (w *world) mostAdvanced() *node {
	list := w.at(inNone)
	if len(list) == 0 {
		return nil
	}
	return slices.MinFunc(list, func(a, b *node) int {
		return cmp.Or(
			cmp.Compare(b.Status().LastCommitted.Or(-1), a.Status().LastCommitted.Or(-1)),
			cmp.Compare(b.Status().ClusterSize.Or(0), a.Status().ClusterSize.Or(0)),
			model.CompareNatural(a.Name, b.Name))
	})
}

func quorumMake(w *world) *Move {
	n := w.mostAdvanced()
	if n == nil {
		return &Move{Kind: Watch, Title: "Waiting: nodes are joining a Primary Component that is not visible here", Found: w.rows(w.nodes), Means: quorumMeans}
	}
	if n.Sample.Slow.Members == nil && collector.KeepsMembers(&n.Sample.Server) {
		return &Move{Kind: Watch, Node: n.ID, Title: "Waiting for the table of members of " + n.Name, Found: w.rows(w.nodes), Means: "It says who was in the last Primary Component, arbitrators included."}
	}
	m := Move{
		Title: "Make " + n.Name + " and whoever sees it the Primary Component", Found: w.rows(w.nodes), Means: quorumMeans,
		Will: []string{"pc.bootstrap is set on " + n.Name + ", and on no other node", "nodes that come into reach of it join it, by IST where they lack something"},
	}
	for _, other := range w.nodes {
		if other.dead {
			m.Lost = append(m.Lost, "whatever "+other.Name+" committed that "+n.Name+" has not, as far as that can be told: it was declared lost")
		}
	}
	return w.act(Order{Node: n.ID, Action: opMakePrimary}, m)
}
