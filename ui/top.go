package ui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// top is the fifth pane: what statements cost, by digest, over the cluster.
type top struct {
	e     *env
	sum   *model.Top
	since bool // since the start of the counting, not the last half minute
	from  []model.TopNode
	ahead bool // the frame is frozen at a time before that of the numbers
	list  *table[topRow]
	names map[string]string // of nodes, by ID
}

// topRow is a digest with its place among all.
type topRow struct {
	model.TopRow
	rank int
}

func newTop(e *env) *top {
	p := &top{e: e, sum: e.top, names: make(map[string]string)}
	p.list = &table[topRow]{
		columns: p.columns(),
		key:     func(r *topRow) rowKey { return rowKey{node: r.Key()} },
		tie:     func(a, b *topRow) int { return strings.Compare(a.Key(), b.Key()) },
		text: func(r *topRow) string {
			return strings.Join([]string{p.title(r), strings.Join(r.Schemas, " "), p.where(r), p.note(r)}, " ")
		},
	}
	p.list.sortBy = slices.IndexFunc(p.list.columns, func(c column[topRow]) bool { return c.title == "share" })
	return p
}

// demand is whole statements on every tick, besides the digests, and who waits.
func (p *top) demand() model.Subject {
	return model.SubjectDigests | model.SubjectProcesses | model.SubjectTransactions
}

func (p *top) refresh() {
	for _, n := range p.e.snap.Nodes {
		p.names[n.ID] = n.Name
	}
	p.fill()
}

func (p *top) fill() {
	p.from, p.ahead = p.sum.Sources(), p.e.behind > 0
	from := p.sum.Rows(p.all())
	rows := make([]topRow, len(from))
	for i := range from {
		rows[i] = topRow{from[i], i + 1}
	}
	p.list.set(rows)
}

// all reports whether the numbers are since the start: because they are asked
// for, or because there are no others yet.
func (p *top) all() bool { return p.since || !p.sum.Live() }

func (p *top) keys() []action {
	return slices.Concat([]action{
		do("everything about the digest: nodes, numbers, an example, its threads now", p.open, "enter").footed("open").unless(func() string {
			if p.list.current() == nil {
				return "no row is selected"
			}
			return ""
		}),
		do("live or since the start", p.turn, "t").footed("live/start"),
		do("sort by the next column", func(s *shell) { s.say(p.list.nextSort()) }, "s").footed("sort"),
		do("reverse the order", func(s *shell) { s.say(p.list.reverse()) }, "S"),
	}, moves(p))
}

func (p *top) turn(s *shell) {
	p.since = !p.since
	p.fill()
	if !p.since && p.all() {
		s.say("live numbers follow with the second reading")
	}
}

func (p *top) open(s *shell) { s.mode = newTopDetail(p, p.list.current()) }

func (p *top) move(by int)   { p.list.move(by) }
func (p *top) page(by int)   { p.list.move(by * max(1, p.list.height-1)) }
func (p *top) end(last bool) { p.list.pick(map[bool]int{true: len(p.list.rows) - 1}[last]) }

func (p *top) setFilter(f *filter) (shown, all int) {
	p.list.filter = f
	p.list.arrange()
	return len(p.list.rows), len(p.list.all)
}

func (p *top) filtered() *filter { return p.list.filter }

func (p *top) back() bool {
	if p.list.selected {
		p.list.unselect()
		return true
	}
	return false
}

// describe explains the columns.
func (p *top) describe() [][2]string {
	out := make([][2]string, 0, len(p.list.columns))
	for i := range p.list.columns {
		out = append(out, [2]string{p.list.columns[i].title, p.list.columns[i].about})
	}
	return out
}

// View draws where the numbers come from, then the digests.
func (p *top) View(width, height int) []string {
	if height <= 0 {
		return nil
	}
	lines := []string{p.rule(width)}
	for _, s := range p.sources() {
		for _, part := range wrap(s.text, width-2, 0) {
			lines = append(lines, newLine(p.e.g, width).to(1).put(s.st, part).String())
		}
	}
	if most := max(2, height/3); len(lines) > most {
		lines = append(lines[:most-1], newLine(p.e.g, width).to(1).put(p.e.st.dim, p.e.g.ellipsis+" more in the detail of a digest (Enter)").String())
	}
	if len(p.list.rows) == 0 {
		text := "No statement has run yet."
		if p.list.filter != nil && len(p.list.all) > 0 {
			text = "No digest matches."
		}
		lines = append(lines, newLine(p.e.g, width).to(1).put(p.e.st.dim, text).String())
		return fit(p.e, lines, width, height)
	}
	lines = append(lines, p.list.View(p.e, width, height-len(lines))...)
	return fit(p.e, lines, width, height)
}

func (p *top) rule(width int) string {
	detail := "live, over the last " + interval(model.TopWindow) + " (t: since the start)"
	switch {
	case p.since:
		detail = "since the start (t: live)"
	case p.all():
		detail = "since the start; live follows with the second reading"
	}
	if p.ahead {
		detail = "numbers go on while the frame is frozen; " + detail
	}
	note := fmt.Sprintf("%d digests", len(p.list.all))
	if f := p.list.filter; f != nil {
		note = fmt.Sprintf("%d of %d match /%s/", len(p.list.rows), len(p.list.all), p.e.typed(f))
	}
	return rule(p.e, width, "Top queries", detail, note, p.e.st.dim)
}

// mostNodes is how many nodes a row names.
const mostNodes = 2

// where names the nodes on which the digest runs, with each node's part of it.
func (p *top) where(r *topRow) string {
	parts := make([]string, 0, len(r.Nodes))
	for i := range r.Nodes {
		n := &r.Nodes[i]
		if left := len(r.Nodes) - i; i >= mostNodes && left > 1 {
			parts = append(parts, fmt.Sprintf("+%d", left))
			break
		}
		name := p.names[n.Node]
		if r.All.Load > 0 && len(p.names) > 1 {
			name += " " + percent(model.R(n.Load/r.All.Load))
		}
		parts = append(parts, name)
	}
	return strings.Join(parts, " ")
}

// title is the digest's text, or what stands for it.
func (p *top) title(r *topRow) string {
	switch r.Kind {
	case model.TopLeft:
		return "(statements that the server's digest table had no room for)"
	case model.TopOthers:
		return "(all other digests: there are more than this console remembers)"
	}
	return p.e.digestText(r.Text)
}

// note says what is remarkable about the digest.
func (p *top) note(r *topRow) string {
	var words []string
	if r.New > 0 {
		words = append(words, "new "+duration(r.New))
	}
	switch {
	case r.Trend == model.TopRising && r.New == 0:
		words = append(words, "rising")
	case r.Trend == model.TopFalling:
		words = append(words, "falling")
	}
	if r.All.Outlier {
		words = append(words, "slower")
	}
	if r.All.Waited > r.All.Total {
		words = append(words, "waits")
	}
	return strings.Join(words, ", ")
}
