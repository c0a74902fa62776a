package actions

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

const shutdown = "SHUTDOWN"

// stopRows end a server.
var stopRows = []*nodeRow{
	{
		id: "stop", name: "Stop", title: "Stop the server of {node}",
		about: "shuts the server down with a goodbye to the group", level: LevelNode,
		turns:  []turn{{sql: shutdown, order: true}},
		checks: []check{answers, oneSide, stable, quorumAfterStop, othersSynced, anotherSynced, anotherServes, servesNobody},
		effects: func(c *nodeCase) []string {
			out := []string{
				fmt.Sprintf("its clients are disconnected, %s now, and open transactions are rolled back", connections(c.node)),
				"when it comes back: " + window(c),
			}
			if q := c.quorum(); q != nil && q.Vote(c.node.ID) != nil && !c.split() {
				out = slices.Insert(out, 1, "the rest stays Primary: "+forecast(q.Without(c.node.ID), c.node))
			}
			return out
		},
		unknowns: []string{
			"how long the shutdown takes: a big rollback or many dirty pages make it long",
			"when its process ends: that is some time after its port is closed, and only its host shows it",
			"whether something on its host starts the server again by itself",
		},
		verify: "new samples are watched until its port is closed and the others are Primary without it, for up to 2 min",
		undo:   "start the service on its host",
		seen:   stopped, patience: 2 * time.Minute, everywhere: true,
	},
}

// quorumAfterStop wants that the rest stays Primary when the node leaves, also
// when members that do not answer turn out to have crashed.
func quorumAfterStop(c *nodeCase) Check {
	const text = "the rest stays Primary without it"
	p := c.primary()
	if c.split() && p != nil {
		return judged(true, text, "its side, of "+c.named(p.Nodes)+", is given up; another one is Primary")
	}
	if p == nil {
		return judged(true, text, c.node.Name+" is outside of it: its leave takes no vote away")
	}
	q := p.Quorum
	if q == nil || q.Vote(c.node.ID) == nil {
		return unknown(text, "the weights of the members are not known, or do not add up")
	}
	w := q.Vote(c.node.ID).Weight
	evidence := fmt.Sprintf("weight %d of %d remains", q.Total-w, q.Total)
	if len(q.Votes) == 1 {
		return judged(false, text, c.node.Name+" is the last member: nobody would be Primary any more")
	}
	if len(p.Silent) > 0 {
		evidence += ", and " + c.named(p.Silent) + " " + agree(len(p.Silent), "does", "do") + " not answer and may be lost"
	}
	return judged(q.AfterLeave(c.node.ID, p.Silent...), text, evidence)
}

// othersSynced wants that every other member is well: nobody joins, nobody
// donates, nobody is silent.
func othersSynced(c *nodeCase) Check {
	const text = "all other members are Synced"
	p := c.primary()
	switch {
	case c.split():
		return judged(true, text, "its side is given up")
	case p == nil:
		return judged(true, text, c.node.Name+" is outside of the Primary Component")
	}
	if len(p.Silent) > 0 {
		return unknown(text, c.named(p.Silent)+" "+agree(len(p.Silent), "does", "do")+" not answer")
	}
	var bad []string
	for _, n := range c.others(func(n *model.Node) bool { return slices.Contains(p.Nodes, n.ID) }) {
		if manual, ok := desyncing.value(n); !n.Synced() && (!ok || !equal(manual, "ON")) {
			bad = append(bad, n.Name+" is "+standing(n))
		}
	}
	if bad != nil {
		return judged(false, text, strings.Join(bad, "; "))
	}
	return judged(true, text, c.named(p.Nodes)+" were looked at")
}

// oneSide wants one Primary Component, or that the node is known to be on the
// losing side of several.
func oneSide(c *nodeCase) Check {
	out := onePrimary(c)
	if c.split() {
		out.Waivers = []Waiver{{
			Risk:  "what was written only on the side of " + c.node.Name + " is lost when it comes back by SST, and lost for good if that is the side to keep",
			Words: c.node.Name + " is on the losing side",
		}}
	}
	return out
}

// window is how long the node may be away.
func window(c *nodeCase) string {
	for _, w := range model.Windows(c.Snapshot, model.GroupRate(c.Snapshot)) {
		if w.Node == c.node.ID {
			return w.Words() + ", from " + c.named([]string{w.Donor})
		}
	}
	return "nobody is seen who could serve it by IST: it may need an SST"
}

// stopped looks for a node that is gone, and a group that goes on.
func stopped(c *nodeCase) (Stage, string) {
	if c.node.Up() && c.node.Sample.At.After(c.asked) {
		return Verifying, "it still answers: the shutdown is under way"
	}
	rest := c.others(func(n *model.Node) bool { return n.Up() && n.Status().InPrimary() && n.Sample.At.After(c.asked) })
	holding := slices.DeleteFunc(slices.Clone(rest), func(n *model.Node) bool { return !lists(n, c.node) })
	switch {
	case c.node.Link != model.LinkDown:
		return Verifying, "it does not answer any more; its port is not seen to be closed yet"
	case len(rest) == 0:
		return Verifying, "it is gone; no other node was seen to be Primary since"
	case len(holding) > 0:
		return Verifying, names(holding) + " still " + agree(len(holding), "lists", "list") + " it as a member"
	}
	return Done, "stopped; " + names(rest) + " " + agree(len(rest), "is", "are") + " Primary without it"
}
