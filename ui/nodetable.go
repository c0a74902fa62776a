package ui

import (
	"cmp"

	"github.com/galeratop/galeratop/model"
)

// nodeRow is a node and what follows from its place among the others.
type nodeRow struct {
	*model.Node
	cond condition
	lag  model.Num // write-sets behind the most advanced node
}

// nodeRows derives the rows of a snapshot. The lag is against the highest seqno
// that any current node reports: the nodes are not asked at the same instant,
// so that a few write-sets mean nothing.
func (e *env) nodeRows() []nodeRow {
	var newest int64
	for _, n := range e.snap.Nodes {
		if s := n.Status().LastCommitted; n.Up() && s.Known {
			newest = max(newest, s.V)
		}
	}
	rows := make([]nodeRow, len(e.snap.Nodes))
	for i, n := range e.snap.Nodes {
		rows[i] = nodeRow{Node: n, cond: e.condition(n)}
		if s := n.Status().LastCommitted; s.Known && !s.Undefined() && n.Up() {
			rows[i].lag = model.N(newest - s.V)
		}
	}
	return rows
}

// nodeOrder is the order of names, as people count.
func nodeOrder(a, b *nodeRow) int { return model.CompareNatural(a.Name, b.Name) }

// newNodeTable is the table of the Overview: one row a node.
func newNodeTable(e *env) *table[nodeRow] {
	return &table[nodeRow]{
		columns: nodeColumns(e),
		key:     func(n *nodeRow) rowKey { return rowKey{node: n.ID} },
		tie:     nodeOrder,
		text:    func(n *nodeRow) string { return n.Name + " " + n.Address + " " + n.cond.word },
		keep:    2,
		faded:   func(n *nodeRow) bool { return !n.Up() },
		note: func(n *nodeRow) (string, style) {
			if n.Link == model.LinkStale && n.Sample != nil {
				return "", ""
			}
			return e.story(n.Node), e.st.dim
		},
	}
}

// story tells of a node without current values what is known of it.
func (e *env) story(n *model.Node) string {
	if n.Up() {
		return ""
	}
	parts := []string{e.absence(n)}
	if n.Failure != nil {
		parts = append(parts, e.failed(n.Failure.Text))
	}
	if n.Listed {
		parts = append(parts, "the group still lists it")
	}
	if s := n.Sample; s != nil {
		parts = append(parts, "last seen "+s.Status.State().String()+" at seqno "+seqno(s.Status.LastCommitted))
	}
	text := ""
	for _, p := range parts {
		if p != "" && text != "" {
			text += " " + e.g.dot + " "
		}
		text += p
	}
	return text
}

// number makes a cell of a quantity that is bad from some values on.
func (e *env) number(text string, v model.Real, warn, crit float64) (string, style) {
	switch {
	case !v.Known:
		return text, e.st.dim
	case crit > 0 && v.V >= crit:
		return text, e.st.crit
	case warn > 0 && v.V >= warn:
		return text, e.st.warn
	case v.V == 0:
		return text, e.st.dim
	}
	return text, e.st.text
}

func real64(n model.Num) model.Real { return model.Real{V: float64(n.V), Known: n.Known} }

// byReal compares by a quantity, the unknown before everything.
func byReal[T any](of func(*T) model.Real) func(a, b *T) int {
	return func(a, b *T) int {
		x, y := of(a), of(b)
		if x.Known != y.Known {
			if y.Known {
				return -1
			}
			return 1
		}
		return cmp.Compare(x.V, y.V)
	}
}

// rateColumn is a column of a rate; from warn on it is coloured.
func rateColumn(e *env, title, about string, priority int, warn float64, of func(*nodeRow) model.Real) column[nodeRow] {
	return column[nodeRow]{
		title: title, about: about, min: max(5, len(title)), max: max(5, len(title)), right: true, priority: priority,
		cell:    func(n *nodeRow) (string, style) { v := of(n); return e.number(rate(v), v, warn, 0) },
		compare: byReal(of), falling: true,
	}
}

func countColumn(e *env, title, about string, priority int, warn, crit float64, of func(*nodeRow) model.Num) column[nodeRow] {
	return column[nodeRow]{
		title: title, about: about, min: max(5, len(title)), max: max(5, len(title)), right: true, priority: priority,
		cell: func(n *nodeRow) (string, style) {
			v := of(n)
			return e.number(countShort(v), real64(v), warn, crit)
		},
		compare: byReal(func(n *nodeRow) model.Real { return real64(of(n)) }), falling: true,
	}
}

// sparkColumn is a column of the past.
func sparkColumn(e *env, title, about string, priority int, m model.Metric, least float64) column[nodeRow] {
	return column[nodeRow]{
		title: title, about: about, min: 12, max: 20, priority: priority,
		draw: func(l *line, n *nodeRow, width int) {
			points := e.history(n.ID, m, width)
			st := e.st.graph
			if !n.Up() {
				st = e.st.dim
			}
			l.spark(st, points, width, peak(points, least))
		},
	}
}

func nodeColumns(e *env) []column[nodeRow] {
	status := func(n *nodeRow) *model.Status { return n.Status() }
	return []column[nodeRow]{
		{
			title: "node", about: "wsrep_node_name", min: 4, max: 20,
			cell:    func(n *nodeRow) (string, style) { return n.Name, e.st.accent },
			compare: nodeOrder,
		},
		{
			title: "state", about: "whether it answers, then wsrep_local_state", min: 8, max: 16,
			cell:    func(n *nodeRow) (string, style) { return n.cond.String(), n.cond.st },
			compare: func(a, b *nodeRow) int { return cmp.Compare(a.cond.level, b.cond.level) }, falling: true,
		},
		{
			title: "seqno", about: "wsrep_last_committed", min: 6, max: 19, right: true, priority: 8,
			cell: func(n *nodeRow) (string, style) { return seqno(status(n).LastCommitted), e.st.text },
		},
		countColumn(e, "lag", "write-sets behind the most advanced node; a few are noise of asking one after the other", 3, 0, 0,
			func(n *nodeRow) model.Num { return n.lag }),
		rateColumn(e, "out/s", "write-sets per second that the node sends to the group", 2, 0,
			func(n *nodeRow) model.Real { return n.Rates.Replicated }),
		rateColumn(e, "in/s", "write-sets per second that the node receives from the group", 2, 0,
			func(n *nodeRow) model.Real { return n.Rates.Received }),
		countColumn(e, "recvq", "write-sets that wait to be applied, now", 1, 16, 100,
			func(n *nodeRow) model.Num { return status(n).RecvQueue }),
		countColumn(e, "sendq", "write-sets that wait for the network, now", 7, 16, 100,
			func(n *nodeRow) model.Num { return status(n).SendQueue }),
		pausedColumn(e), senderColumn(e),
		rateColumn(e, "cert/s", "certification failures per second: commits that lost against another node's", 4, 1,
			func(n *nodeRow) model.Real { return n.Rates.CertFailures }),
		rateColumn(e, "abort/s", "brute-force aborts per second: transactions that an applied write-set rolled back", 5, 1,
			func(n *nodeRow) model.Real { return n.Rates.BFAborts }),
		countColumn(e, "run", "threads running", 2, 0, 0, func(n *nodeRow) model.Num { return status(n).ThreadsRunning }),
		countColumn(e, "conn", "threads connected", 8, 0, 0, func(n *nodeRow) model.Num { return status(n).ThreadsConnected }),
		rateColumn(e, "query/s", "statements from clients per second", 6, 0,
			func(n *nodeRow) model.Real { return n.Rates.Questions }),
		sparkColumn(e, "recv queue", "receive queue in the last ticks", 10, model.MetricRecvQueue, 8),
		sparkColumn(e, "paused", "flow-control pauses in the last ticks", 11, model.MetricPaused, 1),
		sparkColumn(e, "write-sets", "write-sets sent in the last ticks", 12, model.MetricReplicated, 10),
		istColumn(e),
	}
}

func pausedColumn(e *env) column[nodeRow] {
	of := func(n *nodeRow) model.Real { return n.Rates.Paused }
	return column[nodeRow]{
		title: "paused", about: "share of the last interval that flow control held writers", min: 6, max: 6, right: true, priority: 1,
		cell:    func(n *nodeRow) (string, style) { return e.percentCell(n.Rates.Paused) },
		compare: byReal(of), falling: true,
	}
}

func (e *env) percentCell(v model.Real) (string, style) { return e.number(percent(v), v, 0.05, 0.3) }

func senderColumn(e *env) column[nodeRow] {
	return column[nodeRow]{
		title: "sender", about: "who asks the group to pause: NOW, or pauses per second in the last interval",
		min: 6, max: 6, right: true, priority: 1,
		cell: func(n *nodeRow) (string, style) {
			sent := n.Rates.FCSent
			switch {
			case n.Status().Pausing():
				return e.g.sends + " NOW", e.st.crit
			case sent.Known && sent.V > 0:
				return e.g.sends + " " + short(sent.V), e.st.warn
			case !sent.Known:
				return unknown, e.st.dim
			}
			return "", ""
		},
		compare: byReal(func(n *nodeRow) model.Real {
			if n.Status().Pausing() {
				return model.R(1e12)
			}
			return n.Rates.FCSent
		}), falling: true,
	}
}

// istColumn is how many write-sets the node could give a joiner.
func istColumn(e *env) column[nodeRow] {
	return countColumn(e, "IST win", "write-sets that the node could donate by IST", 9, 0, 0,
		func(n *nodeRow) model.Num { return istWindow(n.Status()) })
}

// istWindow is the number of write-sets in a node's gcache; unknown where the
// cache is empty or the node has no seqno.
func istWindow(s *model.Status) model.Num {
	last, from := s.LastCommitted, s.CachedDownto
	if !last.Known || !from.Known || last.Undefined() || from.V <= 0 || from.V > last.V {
		return model.Num{}
	}
	return model.N(last.V - from.V + 1)
}
