package actions

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

var bootstrapping = lever{option: "pc.bootstrap"}

// primaryRows make a Primary Component.
var primaryRows = []*nodeRow{{
	id: "make-primary", name: "Make Primary", title: "Make {node} and whoever sees it the Primary Component",
	about: "ends a loss of quorum by hand (pc.bootstrap), for one node of a cluster without a Primary Component", level: LevelCluster,
	turns: []turn{{lever: bootstrapping, to: "1", order: true}},
	checks: []check{
		answers, isCutOff, noPrimary, theDeadAreSilent, allAnswer, allKnown, sharedHistory, appliedAll, mostAdvanced, stable,
	},
	effects: func(c *nodeCase) []string {
		with := "it alone"
		if home := c.home(); home != nil && len(home.Nodes) > 1 {
			with = c.named(home.Nodes)
		}
		return []string{
			"the component of " + c.node.Name + " (" + with + ") becomes Primary and takes writes again",
			"nodes that come into reach of it later join it, by IST where they lack something",
		}
	},
	unknowns: []string{
		"whether there is a node or an arbitrator that this console has never heard of: if one still is Primary, this makes a split brain",
	},
	verify: "the server's OK proves nothing: new samples are watched until its wsrep_cluster_status is Primary and it is Synced, for up to 30 s",
	seen: func(c *nodeCase) (Stage, string) {
		if !c.node.Up() || !c.node.Sample.At.After(c.asked) {
			return Verifying, "not seen since"
		}
		if !c.node.Status().InPrimary() {
			return Verifying, "the server said OK, wsrep_cluster_status is still " + c.node.Status().ClusterStatus
		}
		if !c.node.Synced() {
			return Verifying, "Primary; its state is " + c.node.Status().State().String()
		}
		return Done, "Primary and Synced, " + counted(int(c.node.Status().ClusterSize.Or(1)), "member", "members")
	},
	patience: 30 * time.Second, limit: 15 * time.Second, everywhere: true, members: true,
}}

// home is the component that the node is in, Primary or not.
func (c *nodeCase) home() *model.Component {
	for i := range c.Components {
		if slices.Contains(c.Components[i].Nodes, c.node.ID) {
			return &c.Components[i]
		}
	}
	return nil
}

// isCutOff wants a node that is linked to the group and outside of any Primary
// Component: on a Primary one the server says OK and does nothing.
func isCutOff(c *nodeCase) Check {
	s, text := c.node.Status(), c.node.Name+" is connected and non-Primary"
	switch {
	case s.InPrimary():
		return judged(false, text, "it is Primary already")
	case s.Connected != model.On || !strings.EqualFold(s.ClusterStatus, model.NonPrimary):
		return judged(false, text, "it is "+standing(c.node)+" and not connected to a group: start it or reconnect it instead")
	case s.ConfID.Known && !s.ConfID.Undefined() && s.State() == model.StateJoining:
		return judged(false, text, "it is joining a Primary Component")
	}
	return judged(true, text, "it is "+standing(c.node))
}

// noPrimary wants that nobody is Primary.
func noPrimary(c *nodeCase) Check {
	const text = "no Primary Component exists"
	found := c.others(func(n *model.Node) bool { return n.Status().InPrimary() && n.Up() })
	if len(found) > 0 {
		return judged(false, text, names(found)+" "+agree(len(found), "is", "are")+" Primary: a second one would be a split brain")
	}
	joining := c.others(func(n *model.Node) bool {
		s := n.Status()
		return n.Up() && s.ConfID.Known && !s.ConfID.Undefined() && s.State() == model.StateJoining
	})
	if len(joining) > 0 {
		return judged(false, text, names(joining)+" "+agree(len(joining), "is", "are")+" joining one that is not visible here")
	}
	return judged(true, text, "every node that answers says non-Primary")
}

// sharedHistory wants one history on all nodes.
func sharedHistory(c *nodeCase) Check {
	const text = "all nodes share one history"
	mine := c.node.Status().ClusterStateUUID
	if strings.Trim(mine, "0-") == "" {
		return unknown(text, c.node.Name+" has none (wsrep_cluster_state_uuid is "+mine+")")
	}
	other := c.others(func(n *model.Node) bool { return n.Up() && n.Status().ClusterStateUUID != mine })
	if len(other) > 0 {
		return judged(false, text, fmt.Sprintf("%s has %s, %s has %s", c.node.Name, mine, other[0].Name, other[0].Status().ClusterStateUUID))
	}
	return judged(true, text, mine)
}

// appliedAll wants that nobody has write-sets to apply: until then its seqno is
// not its position.
func appliedAll(c *nodeCase) Check {
	const text = "nothing waits to be applied, so that seqnos can be compared"
	for _, n := range c.Nodes {
		queue := n.Status().RecvQueue
		switch {
		case !n.Up():
		case !queue.Known:
			return unknown(text, n.Name+" does not tell its queue")
		case queue.V > 0:
			return judged(false, text, fmt.Sprintf("%s still applies %d: wait for it", n.Name, queue.V))
		}
	}
	return judged(true, text, "all queues are empty")
}

// mostAdvanced wants the node that lacks nothing that another one has.
func mostAdvanced(c *nodeCase) Check {
	text := "no node is more advanced than " + c.node.Name
	mine := c.node.Status().LastCommitted
	if !mine.Known || mine.V < 0 {
		return unknown(text, "its wsrep_last_committed is not known")
	}
	var best *model.Node
	for _, n := range c.others((*model.Node).Up) {
		theirs := n.Status().LastCommitted
		if !theirs.Known {
			return unknown(text, "wsrep_last_committed of "+n.Name+" is not known")
		}
		if theirs.V > mine.V && (best == nil || theirs.V > best.Status().LastCommitted.V) {
			best = n
		}
	}
	if best != nil {
		return judged(false, text, fmt.Sprintf("%s is at seqno %d, %s at %d: make %s Primary instead",
			c.node.Name, mine.V, best.Name, best.Status().LastCommitted.V, best.Name))
	}
	return judged(true, text, fmt.Sprintf("it is at seqno %d", mine.V))
}
