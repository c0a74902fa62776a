package ui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/galeratop/galeratop/model"
)

// topDetail is everything about one digest. It follows the digest while there
// are numbers of it.
type topDetail struct {
	scroller
	p    *top
	row  topRow
	gone bool
}

func newTopDetail(p *top, r *topRow) *topDetail { return &topDetail{p: p, row: *r} }

func (m *topDetail) demand() model.Subject { return m.p.demand() }

// digestShower is a pane that can show the threads of one digest only, until it
// is left for what it showed before.
type digestShower interface {
	showDigest(form string)
	leave() bool
}

// threadsPane is the pane that lists threads by digest; -1 when there is none.
func (s *shell) threadsPane() int {
	return slices.IndexFunc(s.panes, func(p pane) bool { _, ok := p.(digestShower); return ok })
}

func (m *topDetail) press(s *shell, k tea.KeyPressMsg) tea.Cmd {
	i := s.threadsPane()
	switch {
	case k.String() == "t":
		m.p.turn(s)
	case k.String() == "4" && i >= 0 && m.row.Kind == model.TopStatement:
		s.mode = nil
		s.previous = append(s.previous, s.current)
		s.panes[i].(digestShower).showDigest(m.row.Text)
		s.show(i)
	default:
		m.scroller.press(s, k)
	}
	return nil
}

func (m *topDetail) footer(s *shell, l *line) {
	m.scroller.footer(s, l)
	l.put(s.st.key, "  t").put(s.st.dim, " live/start")
	if s.threadsPane() >= 0 && m.row.Kind == model.TopStatement {
		l.put(s.st.key, "  4").put(s.st.dim, " its threads")
	}
}

// follow looks the digest up in the newest numbers.
func (m *topDetail) follow() {
	key := m.row.Key()
	i := slices.IndexFunc(m.p.list.all, func(r topRow) bool { return r.Key() == key })
	if m.gone = i < 0; !m.gone {
		m.row = m.p.list.all[i]
	}
}

func (m *topDetail) body(s *shell, width, height int) []string {
	m.follow()
	e, p, r := &s.env, m.p, &m.row
	lines := []string{rule(e, width, "Digest", m.heading(), "", "")}
	lines = append(lines, m.prose(e, p.title(r), width, e.st.text)...)
	if m.gone {
		lines = append(lines, m.prose(e, "Nothing of it in the last "+interval(model.TopWindow)+"; below is what was last known.", width, e.st.warn)...)
	}
	lines = append(lines, p.onNodes(r, width)...)
	lines = append(lines, columns(e, []section{p.numbers(r), p.about(r)}, width)...)
	lines = append(lines, p.threads(r, width)...)
	lines = append(lines, p.example(r, width)...)
	lines = append(lines, rule(e, width, "Source", "", "", ""))
	for _, s := range p.sources() {
		lines = append(lines, m.prose(e, s.text, width, s.st)...)
	}
	return m.window(lines, height)
}

func (m *topDetail) heading() string {
	if m.p.all() {
		return "since the start"
	}
	return "live, over the last " + interval(model.TopWindow)
}

func (m *topDetail) prose(e *env, text string, width int, st style) []string {
	parts := wrap(text, width-2, 0)
	lines := make([]string, 0, len(parts))
	for _, part := range parts {
		lines = append(lines, newLine(e.g, width).to(1).put(st, part).String())
	}
	return lines
}

// numbers are those of all nodes, with their units.
func (p *top) numbers(r *topRow) section {
	e, n := p.e, &r.All
	unit := func(v model.Real, what string) string {
		if !v.Known {
			return unknown
		}
		return short(v.V) + " " + what
	}
	calls := p.bound(true, n.AtLeast, rate(n.Calls))
	if n.Calls.V > 0 {
		calls += ", " + p.calls(n) + " a second"
	}
	mean := p.mean(n)
	if n.Mean.Known && !n.AtMost && len(r.Nodes) == 1 && r.Nodes[0].NormalIs.Known {
		mean += ", as a rule " + roughly(seconds(r.Nodes[0].NormalIs.V))
	}
	return section{title: "All nodes", facts: []fact{
		e.plain("share of all time", p.share(n)),
		e.plain("busy threads", short(n.Load)+" on average"),
		e.plain("time at work", roughly(n.Total)), e.plain("time in waits", took(n.Waited)),
		e.plain("calls", calls),
		e.plain("mean", mean), e.plain("95 of 100 below", took(n.P95)), e.plain("longest", took(n.Max)),
		e.plain("rows examined", unit(n.Examined, "a second")), e.plain("rows sent", unit(n.Sent, "a second")),
		e.plain("rows changed", unit(n.Affected, "a second")), e.plain("examined per row sent", unit(n.PerSent, "rows")),
	}}
}

// about is what is known besides numbers.
func (p *top) about(r *topRow) section {
	e := p.e
	tables, seen, before := unknown, "longer than ten minutes ago", unknown
	from := r.Text
	if r.Example != "" {
		from = r.Example
	}
	if names := model.StatementTables(from); len(names) > 0 && r.Kind == model.TopStatement {
		tables = strings.Join(names, ", ")
	}
	if r.New > 0 {
		seen = duration(r.New) + " ago"
	} else if p.sum.Watched() < 10*time.Minute && r.All.AtLeast {
		seen = "before this console looked"
	}
	if r.Before.Known {
		before = short(r.Before.V) + " busy threads"
	}
	return section{title: "About it", facts: []fact{
		e.plain("tables", tables), e.plain("schemas", strings.Join(r.Schemas, ", ")),
		e.plain("first seen", seen), e.plain("the minutes before", before), e.plain("remarkable", p.note(r)),
	}}
}

// onNodes is one line for each node where it runs.
func (p *top) onNodes(r *topRow, width int) []string {
	e := p.e
	lines := append(make([]string, 0, len(r.Nodes)+2), rule(e, width, "Nodes", "share is of the node's own time", "", ""))
	head := newLine(e.g, width).to(1)
	widths := []int{16, 9, 6, 9, 8, 8, 8, 8}
	put := func(l *line, st style, cells ...string) {
		for i, c := range cells {
			if i > 0 {
				l.fill("", " ", 1)
			}
			l.field(st, c, widths[i], i > 0)
		}
	}
	put(head, e.st.title, "node", "share", "busy", "calls/s", "mean", "max", "exam/s", "ex/sent")
	lines = append(lines, head.String())
	for i := range r.Nodes {
		n := &r.Nodes[i]
		l := newLine(e.g, width).to(1)
		put(l, e.st.text, p.names[n.Node], p.share(n), short(n.Load), p.calls(n), p.mean(n), took(n.Max), rate(n.Examined), rate(n.PerSent))
		how := "counted"
		switch {
		case n.Source == model.TopSamples:
			how = "sampled"
		case n.AtLeast:
			how = "sampled: prepared statements are not counted"
		}
		lines = append(lines, l.fill("", " ", 2).put(e.st.dim, how).String())
	}
	return lines
}

// mostThreads is how many threads a digest's detail lists.
const mostThreads = 20

// threads are those that run the digest's statement now.
func (p *top) threads(r *topRow, width int) []string {
	e := p.e
	if r.Kind != model.TopStatement {
		return nil
	}
	now := p.sum.Threads(e.snap, r.Text)
	lines := []string{rule(e, width, "Threads that run it now", strconv.Itoa(len(now)), "", "")}
	for i := range now[:min(len(now), mostThreads)] {
		t := &now[i]
		l := newLine(e.g, width).to(1)
		l.field(e.st.accent, t.Node.Name, 12, false).fill("", " ", 1)
		l.field(e.st.dim, strconv.FormatUint(t.ID, 10), 10, true).fill("", " ", 1)
		l.field(e.patience(t.Time), duration(t.Time), 6, true).fill("", " ", 2)
		l.field(e.st.text, e.user(t.User)+"@"+e.host(t.Host), 30, false).fill("", " ", 1)
		lines = append(lines, l.put(e.st.dim, e.state(t.State)).String())
	}
	if left := len(now) - mostThreads; left > 0 {
		lines = append(lines, newLine(e.g, width).to(1).put(e.st.dim, fmt.Sprintf("%d more", left)).String())
	}
	return lines
}

// example is a statement as a client sent it.
func (p *top) example(r *topRow, width int) []string {
	e := p.e
	if r.Kind != model.TopStatement {
		return nil
	}
	if r.Example == "" {
		return []string{
			rule(e, width, "Example", "", "", ""),
			newLine(e.g, width).to(1).put(e.st.dim, "None was seen in a process list yet.").String(),
		}
	}
	lines := []string{rule(e, width, "Example", "as it was seen on "+p.names[r.ExampleOf], "", "")}
	for _, part := range wrap(strings.TrimSpace(e.query(r.Example)), width-2, 0) {
		lines = append(lines, newLine(e.g, width).to(1).put("", part).String())
	}
	return lines
}
