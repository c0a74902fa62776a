package ui

import (
	"cmp"

	"github.com/galeratop/galeratop/model"
)

// flowRow is a node and its part in flow control.
type flowRow struct {
	nodeRow
	flow model.FlowNode
}

// flowRows derives the rows of a snapshot. A node of which flow control is not
// reckoned shows what it said itself.
func (e *env) flowRows() []flowRow {
	nodes := e.nodeRows()
	rows := make([]flowRow, len(nodes))
	for i := range nodes {
		rows[i] = flowRow{nodeRow: nodes[i], flow: e.flowOf(nodes[i].Node)}
	}
	return rows
}

func (e *env) flowOf(n *model.Node) model.FlowNode {
	if f := e.snap.Flow; f != nil {
		for i := range f.Nodes {
			if f.Nodes[i].ID == n.ID {
				return f.Nodes[i]
			}
		}
	}
	s := n.Status()
	f := model.FlowNode{
		ID: n.ID, Paused: n.Rates.Paused, Queue: s.RecvQueue,
		Appliers: s.ApplierThreads, Parallel: s.CertDepsDist,
	}
	if n.Up() && s.Pausing() {
		f.Brake = model.BrakeAsks
	}
	return f
}

// newFlowTable is the table of the Flow control pane: one row a node.
func newFlowTable(e *env) *table[flowRow] {
	return &table[flowRow]{
		columns: flowColumns(e),
		key:     func(n *flowRow) rowKey { return rowKey{node: n.ID} },
		tie:     func(a, b *flowRow) int { return nodeOrder(&a.nodeRow, &b.nodeRow) },
		text:    func(n *flowRow) string { return n.Name + " " + n.Address + " " + n.cond.word },
		keep:    2,
		faded:   func(n *flowRow) bool { return !n.Up() },
		note: func(n *flowRow) (string, style) {
			if n.Link == model.LinkStale && n.Sample != nil {
				return "", ""
			}
			return e.story(n.Node), e.st.dim
		},
	}
}

// ofNodes makes a column of flow rows from one of node rows.
func ofNodes(c column[nodeRow], priority int) column[flowRow] {
	out := column[flowRow]{
		title: c.title, about: c.about, min: c.min, max: c.max, right: c.right, priority: priority, falling: c.falling,
		cell: func(n *flowRow) (string, style) { return c.cell(&n.nodeRow) },
	}
	if c.draw != nil {
		out.draw = func(l *line, n *flowRow, width int) { c.draw(l, &n.nodeRow, width) }
	}
	if c.compare != nil {
		out.compare = func(a, b *flowRow) int { return c.compare(&a.nodeRow, &b.nodeRow) }
	}
	return out
}

func realColumn(title, about string, width, priority int, cell func(*flowRow) (string, style), of func(*flowRow) model.Real) column[flowRow] {
	return column[flowRow]{
		title: title, about: about, min: width, max: width, right: true, priority: priority, falling: true,
		cell: cell, compare: byReal(of),
	}
}

func flowColumns(e *env) []column[flowRow] {
	node := nodeColumns(e)
	queue := sparkColumn(e, "queue in the last ticks", "receive queue, the newest at the right", 0, model.MetricRecvQueue, 8)
	queue.min, queue.max = 16, 60
	return []column[flowRow]{
		ofNodes(node[0], 0), ofNodes(node[1], 0), ofNodes(pausedColumn(e), 0), ofNodes(senderColumn(e), 0),
		realColumn("queue", "write-sets that wait to be applied, now", 6, 0, func(n *flowRow) (string, style) {
			warn, crit := 16.0, 100.0
			if n.flow.Limit.Known {
				warn, crit = n.flow.Limit.V/2, n.flow.Limit.V
			}
			return e.number(countShort(n.flow.Queue), real64(n.flow.Queue), warn, crit)
		}, func(n *flowRow) model.Real { return real64(n.flow.Queue) }),
		realColumn("limit", "the queue from which the node asks the group to pause", 6, 2, func(n *flowRow) (string, style) {
			return rate(n.flow.Limit), e.st.dim
		}, func(n *flowRow) model.Real { return n.flow.Limit }),
		realColumn("grows/s", "by how many write-sets the queue grows, negative while it shrinks", 7, 4, func(n *flowRow) (string, style) {
			return e.growth(n.flow.Trend.Growth)
		}, func(n *flowRow) model.Real { return n.flow.Trend.Growth }),
		realColumn("apply/s", "write-sets that the node applies", 7, 6, func(n *flowRow) (string, style) {
			return rate(n.applied()), e.st.text
		}, func(n *flowRow) model.Real { return n.applied() }),
		realColumn("appliers", "threads that apply write-sets", 8, 8, func(n *flowRow) (string, style) {
			return countShort(n.flow.Appliers), e.st.text
		}, func(n *flowRow) model.Real { return real64(n.flow.Appliers) }),
		realColumn("empty in", "when the queue is empty at these rates", 8, 3, func(n *flowRow) (string, style) {
			return e.emptyIn(n)
		}, func(n *flowRow) model.Real { return n.flow.Trend.Empty }),
		ofNodes(queue, 5),
	}
}

// lags reports whether the queue is so long that somebody should know why.
func (n *flowRow) lags() bool {
	return n.Up() && n.flow.Reason != "" && float64(n.flow.Queue.V) >= n.flow.Limit.Or(16)
}

// applied is how fast the node's seqno moves; of the whole group, its own
// commits included, where no trend is known.
func (n *flowRow) applied() model.Real {
	if n.flow.Trend.Applied.Known {
		return n.flow.Trend.Applied
	}
	return n.Rates.Committed
}

func (e *env) growth(v model.Real) (string, style) {
	switch {
	case !v.Known:
		return unknown, e.st.dim
	case v.V >= 0.05:
		return "+" + short(v.V), e.st.warn
	case v.V <= -0.05:
		return short(v.V), e.st.ok
	}
	return "0", e.st.dim
}

func (e *env) emptyIn(n *flowRow) (string, style) {
	t := n.flow.Trend
	switch {
	case n.flow.Queue.Known && n.flow.Queue.V == 0:
		return "empty", e.st.dim
	case t.Empty.Known && t.Empty.V < never.Seconds():
		return duration(seconds(t.Empty.V)), cmp.Or(e.patience(seconds(t.Empty.V)), e.st.text)
	case t.Hovers:
		return "hovers", e.st.warn
	case t.Growth.Known:
		return "never", e.st.crit
	}
	return unknown, e.st.dim
}
