package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// events is the eighth pane: what happened to the cluster, the newest at the
// bottom. It follows the newest unless a row is selected.
type events struct {
	e    *env
	list *table[model.Event]
}

func newEvents(e *env) *events {
	p := &events{e: e}
	p.list = &table[model.Event]{
		columns: eventColumns(e),
		key:     func(v *model.Event) rowKey { return rowKey{thread: v.Number} },
		text: func(v *model.Event) string {
			return strings.Join([]string{eventTime(e, v), string(v.Kind), v.Level.String(), e.eventNodes(v), e.told(v.Text)}, " ")
		},
	}
	return p
}

func (p *events) demand() model.Subject { return 0 }

func (p *events) refresh() {
	p.list.set(p.e.log.until(p.e.snap))
	p.bottom()
}

// bottom shows the newest rows as long as none is selected.
func (p *events) bottom() {
	if !p.list.selected {
		p.list.at, p.list.top = max(0, len(p.list.rows)-1), len(p.list.rows)
		p.list.clamp()
	}
}

func (p *events) keys() []action {
	return slices.Concat([]action{
		do("open the node that the event is about", p.open, "enter").footed("open").unless(func() string {
			v := p.list.current()
			switch {
			case v == nil:
				return "no row is selected"
			case p.about(v) == "":
				return "the event is about no node that is known"
			}
			return ""
		}),
	}, moves(p))
}

// about is the first node of an event that the snapshot knows.
func (p *events) about(v *model.Event) string {
	for _, id := range v.Nodes {
		if p.e.snap.Node(id) != nil {
			return id
		}
	}
	return ""
}

func (p *events) open(s *shell) { s.openNode(p.about(p.list.current())) }

// move moves the cursor; below the newest row it goes back to following.
func (p *events) move(by int) {
	if !p.list.selected && by > 0 {
		return
	}
	if !p.list.move(by) && by > 0 {
		p.follow()
	}
}

func (p *events) page(by int) { p.move(by * max(1, p.list.height-1)) }

func (p *events) end(last bool) {
	if last {
		p.follow()
		return
	}
	p.list.pick(0)
}

func (p *events) follow() {
	p.list.unselect()
	p.bottom()
}

func (p *events) setFilter(f *filter) (shown, all int) {
	p.list.filter = f
	p.list.arrange()
	p.bottom()
	return len(p.list.rows), len(p.list.all)
}

func (p *events) filtered() *filter { return p.list.filter }

func (p *events) back() bool {
	if p.list.selected {
		p.follow()
		return true
	}
	return false
}

// View draws the list under a line that says what it is.
func (p *events) View(width, height int) []string {
	if height <= 0 {
		return nil
	}
	p.list.height = max(0, height-2-len(p.full(width, height)))
	p.bottom()
	lines := []string{p.rule(width)}
	if len(p.list.rows) == 0 {
		text := "Nothing has happened since the console started."
		if p.list.filter != nil && len(p.list.all) > 0 {
			text = "No event matches."
		}
		lines = append(lines, newLine(p.e.g, width).to(1).put(p.e.st.dim, text).String())
		return fit(p.e, lines, width, height)
	}
	full := p.full(width, height)
	lines = append(lines, p.list.View(p.e, width, height-1-len(full))...)
	return fit(p.e, append(lines, full...), width, height)
}

// full is all of the selected event's text, where a row has no room for it.
func (p *events) full(width, height int) []string {
	v := p.list.current()
	if v == nil || height < 12 {
		return nil
	}
	text := prose(p.e.told(v.Text), width-3)
	if len(text) < 2 && cells(v.Text) < width/2 {
		return nil
	}
	lines := []string{rule(p.e, width, "Selected", strings.Join([]string{string(v.Kind), v.Level.String(), p.e.eventNodes(v)}, ", "), "", "")}
	for _, part := range text[:min(len(text), 4)] {
		lines = append(lines, newLine(p.e.g, width).to(3).put(p.e.st.text, part).String())
	}
	return lines
}

func (p *events) rule(width int) string {
	detail := fmt.Sprintf("%d, the newest at the bottom", len(p.list.all))
	if f := p.list.filter; f != nil {
		detail = fmt.Sprintf("%d of %d match /%s/", len(p.list.rows), len(p.list.all), p.e.typed(f))
	}
	if n := p.e.log.missed; n > 0 {
		detail += fmt.Sprintf(", %d came too fast to be seen", n)
	}
	note, st := "follows the newest", p.e.st.dim
	if below := len(p.list.rows) - p.list.top - p.list.height; p.list.selected && below > 0 {
		note, st = fmt.Sprintf("%s %d newer, End", p.e.g.more, below), p.e.st.notice
	} else if p.list.selected {
		note = "stays here, Esc follows"
	}
	return rule(p.e, width, "Events", detail, note, st)
}

// describe explains the columns.
func (p *events) describe() [][2]string {
	out := make([][2]string, 0, len(p.list.columns))
	for i := range p.list.columns {
		out = append(out, [2]string{p.list.columns[i].title, p.list.columns[i].about})
	}
	return out
}

// eventTime writes when it was: the time of day, and the day where that is not
// the one on the screen.
func eventTime(e *env, v *model.Event) string {
	at, now := v.At.Local(), e.snap.At.Local()
	if at.YearDay() == now.YearDay() && at.Year() == now.Year() {
		return at.Format("15:04:05")
	}
	return at.Format("Jan 02 15:04")
}

// eventNodes names the nodes of an event.
func (e *env) eventNodes(v *model.Event) string {
	names := make([]string, len(v.Nodes))
	for i, id := range v.Nodes {
		names[i] = id
		if n := e.snap.Node(id); n != nil {
			names[i] = n.Name
		}
	}
	return strings.Join(names, ", ")
}

func eventColumns(e *env) []column[model.Event] {
	return []column[model.Event]{
		{
			title: "time", about: "when it was seen", min: 8, max: 12,
			cell: func(v *model.Event) (string, style) { return eventTime(e, v), e.st.dim },
		},
		{
			title: " ", about: "how bad it is: " + e.levels(), min: 1, max: 1,
			cell: func(v *model.Event) (string, style) { return e.g.level[min(int(v.Level), 3)], e.st.level(v.Level) },
		},
		{
			title: "kind", about: "finding, cleared, state, view, restart, flow, transfer, config or link", min: 8, max: 8, priority: 1,
			cell: func(v *model.Event) (string, style) { return string(v.Kind), e.st.dim },
		},
		{
			title: "node", about: "whom it is about; Enter opens the first", min: 4, max: 16, priority: 3,
			cell: func(v *model.Event) (string, style) { return e.eventNodes(v), e.st.accent },
		},
		{
			title: "what happened", about: "in words; a selected row is shown in full", min: 52,
			cell: func(v *model.Event) (string, style) {
				st := e.st.text
				if v.Level >= model.LevelCritical {
					st = e.st.crit
				}
				return e.told(v.Text), st
			},
		},
		{
			title: "lasted", about: "of what ended: from its beginning to this event", min: 7, max: 7, right: true, priority: 4,
			cell: func(v *model.Event) (string, style) {
				if v.Lasted <= 0 {
					return "", ""
				}
				return duration(v.Lasted.Round(time.Second)), e.st.text
			},
		},
	}
}

// levels explains the symbols of the levels.
func (e *env) levels() string {
	words := make([]string, len(e.g.level))
	for i, symbol := range e.g.level {
		words[i] = symbol + " " + model.Level(i).String()
	}
	return strings.Join(words, ", ")
}
