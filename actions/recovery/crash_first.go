package recovery

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// candidate is a stopped node with an exact position.
type candidate struct {
	*node
	position
}

func (w *world) candidates() []candidate {
	var out []candidate
	for _, n := range w.at(isStopped) {
		if p := w.positionOf(n); p.none == "" && p.unknown == "" && p.Exact() {
			out = append(out, candidate{n, p})
		}
	}
	return out
}

// crashHistories refuses several histories.
func crashHistories(w *world) *Move {
	all := w.candidates()
	if len(all) == 0 {
		return w.refuse("No node has a position, so none can be the first",
			"Without a history there is nothing to go on from. A node founded anew has whatever data it has, and all others get a copy of that.", w.nodes,
			"find out on the hosts why: data directories that were emptied, or a state transfer that died",
			"restore a backup on one node if no data is left")
	}
	for _, c := range all[1:] {
		if c.UUID == all[0].UUID {
			continue
		}
		m := w.refuse("The nodes belong to different histories",
			"Seqnos of different histories cannot be compared. One of them was founded anew, by a bootstrap or on an empty data directory, and only a person can say which one is the cluster.",
			w.nodes, "find out which history holds your data: look at the error logs, and at when each was founded",
			"declare the nodes of the other one lost, and they are left out; they come back by SST when the cluster serves again")
		m.Question = &Question{Need: NeedWords, Nodes: ids(w.nodes), Text: "leave the nodes of the other history out, one after the other"}
		for _, other := range all {
			m.Question.Answers = append(m.Question.Answers, other.words)
		}
		m.Question.Risk = "writes that only the nodes left out have are lost"
		return m
	}
	return nil
}

// first orders candidates: the most advanced; of several the one that the provider
// itself holds safe, then one whose grastate.dat is whole.
func first(all []candidate) candidate {
	return slices.MinFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.Seqno, a.Seqno), bit(b.safe())-bit(a.safe()), bit(a.torn)-bit(b.torn), model.CompareNatural(a.Name, b.Name))
	})
}

func (c *candidate) safe() bool {
	g := c.reading.State.Grastate
	return g.Known() && g.Value != nil && g.Value.SafeToBootstrap
}

// crashFirst bootstraps from the most advanced node.
func crashFirst(w *world) *Move {
	all := w.candidates()
	best := first(all)
	m := Move{Found: w.rows(w.nodes), Lost: w.lostBy(best)}
	m.Means = w.whyFirst(best, all)
	if !best.safe() {
		m.Title = "Mark " + best.Name + " safe to bootstrap"
		m.Will = []string{"safe_to_bootstrap in its grastate.dat becomes 1; without it the server refuses to be the first", "after that, the cluster is bootstrapped from it"}
		return w.act(Order{Node: best.ID, Action: actions.MarkSafe}, m)
	}
	m.Title = "Bootstrap the cluster from " + best.Name
	m.Will = []string{
		best.Name + " starts as the first node of a new Primary Component, at " + best.String(),
		"the others are started after it, one at a time, and take from it what they lack",
	}
	return w.act(Order{Node: best.ID, Action: actions.BootstrapService}, m)
}

func (w *world) whyFirst(best candidate, all []candidate) string {
	equal := 0
	for _, c := range all {
		if c.Seqno == best.Seqno {
			equal++
		}
	}
	text := fmt.Sprintf("%s is at seqno %d, and no node of the history %s is further.", best.Name, best.Seqno, best.UUID)
	if equal > 1 {
		text += fmt.Sprintf(" %d nodes are at that seqno", equal)
		if best.safe() {
			text += "; its own grastate.dat calls it safe"
		}
		text += "."
	}
	if best.torn {
		text += " It crashed during a schema change: its grastate.dat has no history, so that it founds a new one. No data is lost by that, but all others get an SST."
	}
	return text
}

// lostBy is what a bootstrap from the node gives up.
func (w *world) lostBy(best candidate) []string {
	var out []string
	for _, n := range w.nodes {
		if n.dead {
			out = append(out, fmt.Sprintf("whatever %s committed beyond seqno %d, which nobody can tell: it was declared lost, and comes back by SST only", n.Name, best.Seqno))
		}
	}
	return out
}
