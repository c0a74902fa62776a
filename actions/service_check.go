package actions

import (
	"fmt"
	"slices"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// serverStopped wants proof that no server runs on the node's data.
func serverStopped(c *hostCase) Check {
	text := "the server of " + c.node.Name + " is stopped"
	server := &c.state().Server
	switch {
	case c.node.Up() && c.node.Age <= freshness(c.Snapshot):
		return judged(false, text, "it answers at "+c.node.Address)
	case !server.Known():
		return unknown(text, server.Unknown)
	case server.Value.Running:
		return judged(false, text, "it runs, as process "+server.Value.PID+": it has been started meanwhile, or does not answer")
	}
	return judged(true, text, "no process works on "+orUnknown(c.state().DataDir.Value.Path))
}

// serverRuns wants a process that can be stopped.
func serverRuns(c *hostCase) Check {
	text := "the server of " + c.node.Name + " runs"
	server := &c.state().Server
	switch {
	case !server.Known():
		return unknown(text, server.Unknown)
	case !server.Value.Running:
		return judged(false, text, "no process works on "+orUnknown(c.state().DataDir.Value.Path)+": it is stopped already")
	}
	return judged(true, text, "as process "+server.Value.PID)
}

// noTransferRuns wants that nothing writes into the data directory behind a
// stopped server.
func noTransferRuns(c *hostCase) Check {
	const text = "no script of a state transfer runs on its host"
	server := &c.state().Server
	switch {
	case !server.Known():
		return unknown(text, server.Unknown)
	case len(server.Value.Scripts) > 0:
		return unknown(text, counted(len(server.Value.Scripts), "process", "processes")+" of wsrep_sst_*, perhaps for another server: "+
			strings.Join(server.Value.Scripts, ", "))
	}
	return judged(true, text, "none is in its process table")
}

// foundsNothing wants that an ordinary start joins the cluster.
func foundsNothing(c *hostCase) Check {
	const text = "an ordinary start does not found a cluster of its own"
	founds := &c.state().Founds
	switch {
	case !founds.Known():
		return unknown(text, founds.Unknown)
	case founds.Value != "":
		return judged(false, text, founds.Value+": correct that first")
	}
	if v := c.state().Gvwstate; v.Known() && v.Value != nil && v.Value.Alone() {
		return judged(false, text, "its gvwstate.dat lists only itself: it would make itself Primary at its start (pc.recovery)")
	}
	return judged(true, text, "its option files and its host were looked at")
}

// noLeftovers wants that the next transfer is not made to fail.
func noLeftovers(c *hostCase) Check {
	const text = "nothing is left over from a state transfer that died"
	left := &c.state().Leftovers
	switch {
	case !left.Known():
		return unknown(text, left.Unknown)
	case slices.Contains(left.Value, "sst_in_progress"):
		return judged(false, text, "sst_in_progress is in its data directory: the last SST did not end, and its data is incomplete; clear that first")
	}
	return judged(true, text, "there is no sst_in_progress in its data directory")
}

// somebodyToJoin wants one Primary Component.
func somebodyToJoin(c *hostCase) Check {
	const text = "there is one Primary Component to join"
	all := c.primaries()
	switch {
	case len(all) == 0:
		return judged(false, text, "no node that answers is in one: this is a matter for a recovery of the cluster")
	case len(all) > 1:
		return onePrimary(c.nodeCase)
	}
	return judged(true, text, c.named(all[0].Nodes)+" "+agree(len(all[0].Nodes), "answers", "answer")+" from it")
}

// donorFree wants that the node can be served: a Synced node is there, and none
// is busy with another one.
func donorFree(c *hostCase) Check {
	const text = "a donor is free, and no other node is being served"
	for i := range c.Transfers {
		t := &c.Transfers[i]
		if t.JoinerID == c.node.ID && t.DonorID == "" {
			continue
		}
		return judged(false, text, orUnknown(t.Donor)+" serves "+orUnknown(t.Joiner)+": wait for its end, or two nodes are out of service at once")
	}
	free := c.others((*model.Node).Synced)
	if len(free) == 0 {
		return judged(false, text, "no other node is Synced")
	}
	return judged(true, text, names(free)+" "+agree(len(free), "is", "are")+" Synced")
}

// joinsTruthfully wants that the node does not carry rows that the others never
// saw into the cluster: a node that was Primary apart from them has the same
// history UUID, gets an IST and says Synced with other rows.
func joinsTruthfully(c *hostCase) Check {
	text := c.node.Name + " wrote nothing apart from the others"
	const cure = "it must come back by SST: force one"
	stopped := c.state().Server.Known() && !c.state().Server.Value.Running
	if g := &c.state().Grastate; stopped && g.Known() && (g.Value == nil || !g.Value.History()) {
		return judged(true, text, "it has no position: whatever it holds is replaced by an SST")
	}
	switch {
	case c.given():
		return judged(false, text, "its side was given up in a split brain; an IST would keep its rows silently, "+cure)
	case c.wasBeside():
		return judged(false, text, "it was seen Primary beside the others; an IST would keep what was written there silently, "+cure)
	}
	if wasApart(c) {
		return judged(false, text, "it was last seen Primary without any of the present members; an IST would keep what was written there silently, "+cure)
	}
	if c.node.Status().State() == model.StateInconsistent {
		return judged(false, text, "the group voted it out as inconsistent; "+cure)
	}
	head, at := c.head(), c.mine().Position()
	switch {
	case head == nil:
		return unknown(text, "no Primary node tells its position")
	case at.UUID != head.Status().ClusterStateUUID:
		return judged(false, text, fmt.Sprintf("its history is %s, that of %s is %s; %s", at.UUID, head.Name, head.Status().ClusterStateUUID, cure))
	case at.Seqno > head.Status().LastCommitted.V:
		return judged(false, text, fmt.Sprintf("it is ahead of %s, at seqno %d against %d; %s", head.Name, at.Seqno, head.Status().LastCommitted.V, cure))
	}
	return judged(true, text, "its history is that of "+head.Name+", and it is not ahead")
}

// apartFrom reports whether the node was last seen in a Primary Component that had
// none of the present one's members.
func apartFrom(present *model.Component, c *hostCase) bool {
	s := c.node.Status()
	members, _ := s.Members()
	if !s.InPrimary() || len(members) == 0 {
		return false
	}
	return !slices.ContainsFunc(c.Nodes, func(n *model.Node) bool {
		return n.ID != c.node.ID && (slices.Contains(present.Nodes, n.ID) || slices.Contains(present.Silent, n.ID)) && slices.ContainsFunc(members, n.Has)
	})
}

// wasApart does that for the one Primary Component there is.
func wasApart(c *hostCase) bool {
	all := c.primaries()
	return len(all) == 1 && !slices.Contains(all[0].Nodes, c.node.ID) && apartFrom(all[0], c)
}

// head is the most advanced node of the Primary Component; nil: none tells.
func (c *hostCase) head() *model.Node {
	var best *model.Node
	for _, n := range c.others(func(n *model.Node) bool { return n.Up() && n.Status().InPrimary() }) {
		at := n.Status().LastCommitted
		if at.Known && at.V >= 0 && (best == nil || at.V > best.Status().LastCommitted.V) {
			best = n
		}
	}
	return best
}
