package actions

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/galeratop/galeratop/collector"
	"github.com/galeratop/galeratop/model"
)

// Members that cannot be asked. Whether one is dead, or goes on as a Primary
// Component behind a cut network, cannot be seen from here: it takes a person
// who knows, and who declares it by typing.

// isDead are the words that declare a member dead.
func isDead(name string) string { return name + " is dead" }

// secondPrimary is the risk in declaring a member dead.
func secondPrimary(name string) string {
	return name + " may be Primary somewhere, and this makes a split brain: both sides take writes, and those of one side are lost"
}

// deadName is what a node is called when it is declared dead: its address too,
// where the name alone does not tell it from others.
func (c *nodeCase) deadName(n *model.Node) string {
	if slices.ContainsFunc(c.Nodes, func(m *model.Node) bool { return m != n && m.Name == n.Name }) {
		return n.Name + " at " + n.Address
	}
	return n.Name
}

// silentNodes are the others that do not answer, or not any more.
func (c *nodeCase) silentNodes() []*model.Node {
	return c.others(func(n *model.Node) bool { return !n.Up() || n.Age > freshness(c.Snapshot) })
}

// theDeadAreSilent wants that nobody answers who was declared dead.
func theDeadAreSilent(c *nodeCase) Check {
	const text = "nobody answers who was declared dead"
	for _, n := range c.others((*model.Node).Up) {
		if slices.Contains(c.declared, isDead(c.deadName(n))) {
			return judged(false, text, n.Name+" answers, it is "+standing(n))
		}
	}
	if len(c.declared) == 0 {
		return judged(true, text, "nobody was declared dead")
	}
	return judged(true, text, "declared: "+listed(c.declared))
}

// allAnswer wants that no known member is silent: unreachable is not dead.
func allAnswer(c *nodeCase) Check {
	const text = "every known member answers"
	silent := c.silentNodes()
	if len(silent) == 0 {
		return judged(true, text, fmt.Sprintf("all %d", len(c.Nodes)))
	}
	out := unknown(text, names(silent)+" "+agree(len(silent), "does", "do")+" not and may still be Primary: unreachable means unknown")
	for _, n := range silent {
		out.Waivers = append(out.Waivers, Waiver{Risk: c.deadRisk(n), Words: isDead(c.deadName(n))})
	}
	return out
}

// deadRisk is what comes of declaring a silent node dead when it is not, and what
// is known of it.
func (c *nodeCase) deadRisk(n *model.Node) string {
	name := c.deadName(n)
	text := secondPrimary(name)
	mine, theirs := c.node.Status().LastCommitted, n.Status().LastCommitted
	if mine.Known && theirs.Known && theirs.V > mine.V {
		text += fmt.Sprintf("; when it was last seen it was ahead, at seqno %d against %d: what only it has is lost", theirs.V, mine.V)
	}
	if f := n.Failure; f != nil {
		text += fmt.Sprintf("; it has not answered for %s (%s)", max(c.At.Sub(f.Since), 0).Round(time.Second), f.Kind)
	}
	return text
}

// allKnown wants that the members of the last Primary Component are all on the
// screen, arbitrators included: somebody else may be Primary still. Servers keep
// them in a table.
func allKnown(c *nodeCase) Check {
	const text = "every member of the last Primary Component is known here"
	lost := c.unfollowed()
	table := c.former()
	if table != nil && table.err != "" {
		out := unknown(text, "mysql.wsrep_cluster_members cannot be read: "+table.err)
		out.Waivers = []Waiver{{Risk: "a member or an arbitrator that is not on the screen may still be Primary: this then makes a split brain", Words: "all members are on the screen"}}
		return withLost(out, lost)
	}
	evidence, arbitrators := "this server keeps no table of members; every listed address is followed", 0
	if table != nil {
		evidence = fmt.Sprintf("%d members were listed, all are seen", len(table.rows))
		for _, m := range table.rows {
			switch {
			case m.Address == "":
				arbitrators++
			case slices.Contains(lost, m.Address):
			case !slices.ContainsFunc(c.Nodes, func(n *model.Node) bool { return n.Has(m.Address) || n.Name == m.Name }):
				lost = append(lost, m.Name+" at "+m.Address)
			}
		}
	}
	switch arbitrators -= c.arbitratorsHere(); {
	case arbitrators == 1:
		lost = append(lost, "the arbitrator")
	case arbitrators > 1:
		lost = append(lost, fmt.Sprintf("each of the %d arbitrators", arbitrators))
	}
	if len(lost) == 0 {
		return judged(true, text, evidence)
	}
	return withLost(unknown(text, "cannot be asked and may still be Primary: "+listed(lost)), lost)
}

// arbitratorsHere is how many members without a server are in the node's own
// component, and so are known not to be Primary elsewhere.
func (c *nodeCase) arbitratorsHere() int {
	home := c.home()
	if home == nil {
		return 0
	}
	return max(int(home.Size.Or(0))-len(home.Members), 0)
}

// withLost adds the waivers for members that are not on the screen.
func withLost(out Check, lost []string) Check {
	for _, name := range lost {
		out.Waivers = append(out.Waivers, Waiver{Risk: secondPrimary(name), Words: isDead(name)})
	}
	if len(lost) > 0 && !strings.Contains(out.Evidence, lost[0]) {
		out.Evidence += "; not on the screen: " + listed(lost)
	}
	return out
}

// former is the table of the last members, as it was read just before, or with
// the snapshot; nil where the server has none.
func (c *nodeCase) former() *lastMembers {
	if c.final || !collector.KeepsMembers(&c.node.Sample.Server) {
		return c.members
	}
	switch m := c.node.Sample.Slow.Members; {
	case m == nil:
		return &lastMembers{err: "it was not read yet"}
	case m.Error != "":
		return &lastMembers{err: m.Error}
	default:
		return &lastMembers{rows: m.Rows}
	}
}

// unfollowed are addresses of members that no node on the screen has.
func (c *nodeCase) unfollowed() []string {
	var out []string
	for i := range c.Components {
		for _, m := range c.Components[i].Members {
			if !slices.ContainsFunc(c.Nodes, func(n *model.Node) bool { return n.Has(m) }) && !slices.Contains(out, m) {
				out = append(out, m)
			}
		}
	}
	return out
}
