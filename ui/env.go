package ui

import (
	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// env is what every pane draws from: the newest snapshot, the past, the looks.
// The shell owns it; panes only read.
type env struct {
	st   *styles
	g    *glyphs
	snap *model.Snapshot // never nil
	hist *model.History
	log  *eventLog
	top  *model.Top // what statements cost, of every snapshot
	// behind is how many ticks of the history are newer than the snapshot: the
	// frame is frozen.
	behind  int
	privacy bool
	private *model.Redactor // nil before the first snapshot
	learned *model.Snapshot // whose clients it knows
	// files are what the option files on the nodes' hosts said when somebody asked,
	// by node; unread is why they cannot be read, "" when they can.
	files  map[string]*actions.Written
	unread string
	points []model.Real // scratch
}

// history is the newest points of a metric up to the snapshot shown, at most n.
// The slice is good until the next call.
func (e *env) history(node string, m model.Metric, n int) []model.Real {
	if need := n + e.behind; need > len(e.points) {
		e.points = make([]model.Real, need)
	}
	points := e.hist.Last(node, m, e.points[:n+e.behind])
	points = points[:max(0, len(points)-e.behind)]
	return points[max(0, len(points)-n):]
}
