package ui

import (
	"fmt"
	"slices"
	"time"

	"github.com/galeratop/galeratop/model"
)

// flowControl is the third pane: how long writers were held, by whom, why, and
// when it will be over.
type flowControl struct {
	e      *env
	nodes  *table[flowRow]
	brakes []flowRow    // the nodes that hold the group up
	behind []flowRow    // those that fall behind without
	points []model.Real // of the time line, kept to be used again
	scale  int          // cells for the scale and the names at the right of the time line
}

func newFlowControl(e *env) *flowControl { return &flowControl{e: e, nodes: newFlowTable(e)} }

// demand is more than a glance: what the culprit runs, what it holds, and the
// limits of its queue.
func (p *flowControl) demand() model.Subject {
	return model.SubjectMembers | model.SubjectVariables | model.SubjectTransactions | model.SubjectProcesses
}

func (p *flowControl) refresh() {
	rows := p.e.flowRows()
	p.brakes, p.behind = p.brakes[:0], p.behind[:0]
	for i := range rows {
		switch {
		case rows[i].flow.Brake != "":
			p.brakes = append(p.brakes, rows[i])
		case rows[i].lags():
			p.behind = append(p.behind, rows[i])
		}
	}
	p.nodes.set(rows)
}

func (p *flowControl) keys() []action {
	return slices.Concat([]action{
		do("open the node", func(s *shell) { s.openNode(p.nodes.current().ID) }, "enter").footed("open").unless(func() string {
			if p.nodes.current() == nil {
				return "no row is selected"
			}
			return ""
		}),
		do("sort by the next column", func(s *shell) { s.say(p.nodes.nextSort()) }, "s").footed("sort"),
		do("reverse the order", func(s *shell) { s.say(p.nodes.reverse()) }, "S"),
	}, moves(p))
}

func (p *flowControl) move(by int) { p.nodes.move(by) }

func (p *flowControl) page(by int) { p.nodes.move(by * max(1, p.nodes.height-1)) }

func (p *flowControl) end(last bool) {
	if last {
		p.nodes.pick(len(p.nodes.rows) - 1)
		return
	}
	p.nodes.pick(0)
}

func (p *flowControl) setFilter(f *filter) (shown, all int) {
	p.nodes.filter = f
	p.nodes.arrange()
	return len(p.nodes.rows), len(p.nodes.all)
}

func (p *flowControl) filtered() *filter { return p.nodes.filter }

func (p *flowControl) back() bool {
	if p.nodes.selected {
		p.nodes.unselect()
		return true
	}
	return false
}

// describe explains the columns.
func (p *flowControl) describe() [][2]string {
	var out [][2]string
	for i := range p.nodes.columns {
		if c := &p.nodes.columns[i]; c.about != "" {
			out = append(out, [2]string{c.title, c.about})
		}
	}
	return out
}

// View draws the time line, the nodes and the culprit; the words about it are
// the last to give way.
func (p *flowControl) View(width, height int) []string {
	lines := make([]string, 0, height+2)
	words := p.culprits(width, height)
	left := height - 2 - min(len(words), max(4, height/3)) // without the line of time and the head of the nodes
	nodes := min(len(p.nodes.rows)+1, max(2, left*3/5))
	rows := max(1, min(left-nodes-1, height/4, 12))
	senders := p.senders(width, max(1, rows/2))
	rows = max(1, rows-len(senders))
	lines = append(lines, p.line(width))
	lines = append(lines, p.timeLine(width, rows, senders)...)
	lines = append(lines, p.nodeRule(width, nodes-1))
	lines = append(lines, p.nodes.View(p.e, width, nodes)...)
	lines = append(lines, words...)
	lines = append(lines, p.episodes(width, height-len(lines))...)
	return fit(p.e, lines, width, height)
}

// paused is the share of the last interval in which the group's writers were
// held; every node sees nearly the same.
func (p *flowControl) paused() model.Real {
	if f := p.e.snap.Flow; f != nil {
		return f.Paused
	}
	var most model.Real
	for _, n := range p.e.snap.Nodes {
		if v := n.Rates.Paused; n.Up() && v.Known && (!most.Known || v.V > most.V) {
			most = v
		}
	}
	return most
}

func (p *flowControl) line(width int) string {
	share := p.paused()
	text, st := percent(share), p.e.pausedStyle(share)
	note := "writers paused now: " + text
	if !share.Known {
		note, st = "nobody says whether writers are paused", p.e.st.warn
	}
	return rule(p.e, width, "Writers paused", "share of every interval, by flow control", note, st)
}

// pausedStyle is the look of a paused share.
func (e *env) pausedStyle(v model.Real) style {
	switch {
	case !v.Known:
		return e.st.dim
	case v.V >= pausedCrit:
		return e.st.crit
	case v.V >= pausedWarn:
		return e.st.warn
	}
	return e.st.ok
}

// From which share of paused writers a number is coloured.
const (
	pausedWarn = 0.05
	pausedCrit = 0.3
)

// timeLine draws the cluster's paused share over time, under it the part of each
// sender, and then the time.
func (p *flowControl) timeLine(width, rows int, senders []sender) []string {
	e := p.e
	room := p.room(width)
	points := p.history(room)
	lines := make([]string, 0, rows+len(senders)+1)
	for row := range rows {
		l := newLine(e.g, width).to(1 + room - len(points))
		p.strip(l, points, graph(e.g, points, 1, row, rows))
		switch {
		case row == 0:
			l.put(e.st.dim, e.g.top+"100%")
		case rows > 3 && row == rows/2:
			l.put(e.st.dim, e.g.top+"50%")
		}
		lines = append(lines, l.String())
	}
	for i := range senders {
		lines = append(lines, p.senderLine(&senders[i], width, room))
	}
	return append(lines, p.times(width, room, len(points)))
}

// strip draws points with one change of colour for all neighbours that look the
// same.
func (p *flowControl) strip(l *line, points []model.Real, block func(int) string) {
	for i := 0; i < len(points) && l.left() > 0; {
		st := p.column(points[i])
		l.begin(st)
		for i < len(points) && l.left() > 0 && p.column(points[i]) == st {
			l.buf = append(l.buf, block(i)...)
			l.at++
			i++
		}
		l.end(st)
	}
}

func (p *flowControl) column(v model.Real) style {
	switch {
	case v.V >= pausedCrit:
		return p.e.st.crit
	case v.V >= pausedWarn:
		return p.e.st.warn
	}
	return p.e.st.graph
}

// times writes how far back the time line goes.
func (p *flowControl) times(width, room, points int) string {
	l := newLine(p.e.g, width)
	back := ""
	if span := p.e.snap.Interval * time.Duration(max(0, points-1)); span > 0 {
		back = duration(span) + " ago"
	}
	if start := 1 + room - points; start+cells(back)+8 < room {
		l.to(start).put(p.e.st.dim, back)
	} else if cells(back)+8 < room {
		l.to(1).put(p.e.st.dim, back)
	}
	return l.to(max(1+room-3, l.at)).put(p.e.st.dim, "now").String()
}

// history is the cluster's paused share: at each tick the highest of all nodes.
func (p *flowControl) history(width int) []model.Real {
	p.points = p.points[:0]
	for _, n := range p.e.snap.Nodes {
		points := p.e.history(n.ID, model.MetricPaused, width)
		if more := len(points) - len(p.points); more > 0 {
			p.points = append(p.points, make([]model.Real, more)...)
		}
		offset := len(p.points) - len(points)
		for i, v := range points {
			if at := &p.points[offset+i]; v.Known && (!at.Known || v.V > at.V) {
				*at = v
			}
		}
	}
	return p.points
}

func (p *flowControl) nodeRule(width, shown int) string {
	note := ""
	if t := p.nodes; len(t.rows) > shown {
		note = fmt.Sprintf("%d to %d of %d", t.top+1, min(t.top+shown, len(t.rows)), len(t.rows))
	}
	return rule(p.e, width, "Receive queues", "write-sets that wait to be applied", note, p.e.st.dim)
}

// episodes lists the latest times of flow control, where there is room.
func (p *flowControl) episodes(width, height int) []string {
	if height < 4 {
		return nil
	}
	var lines []string
	all := p.e.log.until(p.e.snap)
	for i := len(all) - 1; i >= 0 && len(lines) < height-2; i-- {
		v := &all[i]
		if v.Kind != model.EventFlow {
			continue
		}
		l := newLine(p.e.g, width).to(1).field(p.e.st.dim, eventTime(p.e, v), 12, false).fill("", " ", 1)
		l.put(p.e.st.level(v.Level), p.e.g.level[min(int(v.Level), 3)]).fill("", " ", 1)
		lines = append(lines, l.put(p.e.st.text, p.e.told(v.Text)).String())
	}
	if lines == nil {
		return nil
	}
	return slices.Insert(lines, 0, newLine(p.e.g, width).String(), rule(p.e, width, "Latest episodes", "the newest first", "", ""))
}
