package actions

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// check is one precondition of an action on a node.
type check func(*nodeCase) Check

// judged is a precondition that is met or failed.
func judged(ok bool, text, evidence string) Check {
	if ok {
		return Check{Text: text, Evidence: evidence, Verdict: Met}
	}
	return Check{Text: text, Evidence: evidence, Verdict: Failed}
}

func unknown(text, evidence string) Check {
	return Check{Text: text, Evidence: evidence, Verdict: Unknown}
}

// answers is the first of all preconditions.
func answers(c *nodeCase) Check {
	text := c.node.Name + " answers"
	switch {
	case !c.node.Up():
		return unknown(text, "it does not: unreachable means unknown")
	case c.node.Age > freshness(c.Snapshot):
		return unknown(text, fmt.Sprintf("what is known of it is %s old", c.node.Age.Round(time.Second)))
	}
	return judged(true, text, fmt.Sprintf("read %s before this view was made", c.node.Age.Round(10*time.Millisecond)))
}

// isSynced wants a full member.
func isSynced(c *nodeCase) Check {
	return judged(c.node.Synced(), c.node.Name+" is a Synced member of the Primary Component", "it is "+standing(c.node))
}

func isPrimary(c *nodeCase) Check {
	return judged(c.node.Status().InPrimary(), c.node.Name+" is in the Primary Component", "it is "+standing(c.node))
}

// standing is a node's place in the group in words.
func standing(n *model.Node) string {
	s := n.Status()
	status := s.ClusterStatus
	if status == "" {
		status = "in no group"
	}
	if !s.LocalState.Known {
		return status
	}
	return status + ", " + s.State().String()
}

// others are the nodes besides this one for which the condition holds.
func (c *nodeCase) others(ok func(*model.Node) bool) []*model.Node {
	var out []*model.Node
	for _, n := range c.Nodes {
		if n.ID != c.node.ID && ok(n) {
			out = append(out, n)
		}
	}
	return out
}

// names lists nodes for people: "db1, db2 and db3".
func names(nodes []*model.Node) string {
	out := make([]string, len(nodes))
	for i, n := range nodes {
		out[i] = n.Name
	}
	return listed(out)
}

func listed(all []string) string {
	if n := len(all); n > 1 {
		return strings.Join(all[:n-1], ", ") + " and " + all[n-1]
	}
	return strings.Join(all, "")
}

// verb agrees with a number of subjects.
func agree(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// primary is the Primary Component that the node is in; nil: in none.
func (c *nodeCase) primary() *model.Component {
	for i := range c.Components {
		if p := &c.Components[i]; p.Primary && slices.Contains(p.Nodes, c.node.ID) {
			return p
		}
	}
	return nil
}

// primaries are the nodes that say they are in a Primary Component, by
// component.
func (c *nodeCase) primaries() []*model.Component {
	var out []*model.Component
	for i := range c.Components {
		if c.Components[i].Primary {
			out = append(out, &c.Components[i])
		}
	}
	return out
}

// onePrimary wants that there is no split brain.
func onePrimary(c *nodeCase) Check {
	const text = "there is one Primary Component"
	all := c.primaries()
	if len(all) == 1 {
		return judged(true, text, c.named(all[0].Nodes)+" "+agree(len(all[0].Nodes), "answers", "answer")+" from it")
	}
	if len(all) == 0 {
		return judged(false, text, "no node that answers is in one")
	}
	sides := make([]string, len(all))
	for i, p := range all {
		sides[i] = c.named(p.Nodes)
	}
	return judged(false, text, "SPLIT BRAIN: there are several, of "+strings.Join(sides, "; and of ")+
		"; the losing side must come back by SST only, never by IST")
}

func (c *nodeCase) named(ids []string) string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = id
		if n := c.Node(id); n != nil {
			out[i] = n.Name
		}
	}
	return listed(out)
}

// stable wants that the membership is not just changing.
func stable(c *nodeCase) Check {
	state := c.node.Status().EVSState
	const text = "the membership is not just changing"
	if state == "" {
		return judged(true, text, "the server does not tell its wsrep_evs_state")
	}
	return judged(strings.EqualFold(state, "OPERATIONAL"), text, "wsrep_evs_state is "+state)
}

// servesNobody wants that the node is no donor just now.
func servesNobody(c *nodeCase) Check {
	text := "no joiner is being served by " + c.node.Name
	for i := range c.Transfers {
		if t := &c.Transfers[i]; t.DonorID == c.node.ID {
			return judged(false, text, "it is the donor of "+orUnknown(t.Joiner)+": the transfer would break off")
		}
	}
	if value, ok := model.Setting(c.node, "wsrep_desync"); c.node.Status().State() == model.StateDonor && (!ok || equal(value, "OFF")) {
		return judged(false, text, "it is "+standing(c.node)+" and was not desynced by hand: it serves a state transfer, or a backup holds it")
	}
	return judged(true, text, "it is "+standing(c.node))
}

func orUnknown(name string) string {
	if name == "" {
		return "a node that is not visible"
	}
	return name
}

// takesClients reports whether a node serves clients now.
func takesClients(n *model.Node) bool {
	for _, l := range []lever{rejecting, maintaining} {
		if value, ok := l.value(n); ok && !equal(value, l.open()) {
			return false
		}
	}
	return n.Synced()
}

// anotherServes wants somebody to go to for the clients.
func anotherServes(c *nodeCase) Check {
	rest := c.others(takesClients)
	const text = "another node takes the clients"
	if len(rest) == 0 {
		return judged(false, text, "no other node that answers is Synced and open to clients")
	}
	return judged(true, text, names(rest)+" "+agree(len(rest), "is", "are")+" Synced and open to clients")
}

// anotherSynced wants somebody who could serve a joiner: neither desynced nor a
// donor already.
func anotherSynced(c *nodeCase) Check {
	const text = "another node stays Synced and could serve a joiner"
	rest := c.others((*model.Node).Synced)
	if len(rest) == 0 {
		return judged(false, text, "no other node that answers is")
	}
	return judged(true, text, names(rest)+" "+agree(len(rest), "is", "are"))
}

// split reports whether there are several Primary Components.
func (c *nodeCase) split() bool { return len(c.primaries()) > 1 }
