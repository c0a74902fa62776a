package ui

import (
	"time"

	"github.com/galeratop/galeratop/model"
)

// track is one quantity with its past, and how to write it.
type track struct {
	metric model.Metric
	name   string
	write  func(model.Real) string
	least  float64 // the scale's top is never below
}

var tracks = []track{
	{model.MetricPaused, "writers paused", percent, 1},
	{model.MetricRecvQueue, "receive queue", rate, 10},
	{model.MetricSendQueue, "send queue", rate, 10},
	{model.MetricReplicated, "write-sets out/s", rate, 10},
	{model.MetricReceived, "write-sets in/s", rate, 10},
	{model.MetricQuestions, "queries/s", rate, 10},
	{model.MetricRunning, "threads running", rate, 10},
	{model.MetricConflicts, "conflicts/s", rate, 1},
}

// graphNames is the room left of a graph for what it shows and the value now.
const graphNames = 25

// historySection draws the past of the node: name, value now, graph, scale.
func historySection(e *env, n *nodeRow) section {
	detail := "nothing yet"
	if ticks := e.hist.Len() - e.behind; ticks > 1 {
		detail = "the newest at the right, at most " + duration(e.snap.Interval*time.Duration(ticks)) + " back"
	}
	return section{title: "History", detail: detail, wide: func(width int) []string {
		cols, rows := 1, 1
		if width >= 90 {
			cols, rows = 2, 2
		}
		each := (width - columnGap*(cols-1)) / cols
		var lines []string
		for i := 0; i < len(tracks); i += cols {
			for row := range rows {
				l := newLine(e.g, width)
				for c := range min(cols, len(tracks)-i) {
					l.to(c * (each + columnGap))
					e.graph(l, n.Node, &tracks[i+c], each, row, rows)
				}
				lines = append(lines, l.String())
			}
		}
		return lines
	}}
}

// graph draws one line of a track's graph: on the lowest its name and value, on
// the highest the scale's top.
func (e *env) graph(l *line, n *model.Node, t *track, width, row, rows int) {
	from, space := l.at, width-graphNames-7
	if space < 4 {
		return
	}
	points := e.history(n.ID, t.metric, space)
	top := roundTop(peak(points, t.least))
	if row == rows-1 {
		now := model.Real{}
		if len(points) > 0 && n.Up() {
			now = points[len(points)-1]
		}
		l.to(l.at+1).field(e.st.dim, t.name, graphNames-8, false).field(e.st.accent, t.write(now), 6, true)
	}
	l.to(from + graphNames + space - len(points))
	block := graph(e.g, points, top, row, rows)
	l.begin(e.st.graph)
	for i := range points {
		l.buf = append(l.buf, block(i)...)
	}
	l.end(e.st.graph)
	l.at += len(points)
	if row == 0 {
		l.to(l.at+1).field(e.st.dim, e.g.top+t.write(model.R(top)), 6, false)
	}
	l.to(from + width)
}
