package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// configuration is the seventh pane: the settings of all nodes side by side.
type configuration struct {
	e       *env
	list    *table[configRow]
	matrix  model.ConfigMatrix
	view    int    // of configViews
	columns string // the nodes that the columns were made for
	number  map[string]uint64
}

// configRow is one setting on the screen.
type configRow struct {
	*model.ConfigRow
	number uint64 // the same for the same setting as long as the console runs
	drifts []model.Drift
	ahead  []ahead
}

// ahead is a danger that the option files of a node hold and that does not run
// yet: its next start brings it.
type ahead struct {
	node, value string
	finding     model.Finding
}

func (a *ahead) String() string {
	return fmt.Sprintf("The option files of %s say %s; its next start reads them. Then: %s. %s", a.node, a.value, a.finding.Title, a.finding.Why)
}

// Level is how bad the row is, with what a restart would make of it.
func (r *configRow) Level() model.Level {
	level := r.ConfigRow.Level()
	for i := range r.ahead {
		level = max(level, r.ahead[i].finding.Level)
	}
	return level
}

// configViews are what the list shows, narrow to wide.
var configViews = []struct {
	name  string
	shows func(*configRow) bool
}{
	{"what differs, drifts or is dangerous", (*configRow).remarkable},
	{"what is set: no defaults", func(r *configRow) bool { return !r.Usual || r.remarkable() }},
	{"everything", func(*configRow) bool { return true }},
}

// remarkable rows are shown to somebody who did not ask for them.
func (r *configRow) remarkable() bool {
	return r.Notable() || slices.ContainsFunc(r.drifts, func(d model.Drift) bool { return d > model.DriftNone })
}

func newConfiguration(e *env) *configuration {
	p := &configuration{e: e, number: make(map[string]uint64)}
	p.list = &table[configRow]{
		key:    func(r *configRow) rowKey { return rowKey{thread: r.number} },
		tie:    func(a, b *configRow) int { return int(a.number) - int(b.number) },
		text:   (*configRow).searched,
		hide:   func(r *configRow) bool { return p.list.filter == nil && !configViews[p.view].shows(r) },
		frozen: 3, tight: true, sortBy: unsorted,
	}
	return p
}

// unsorted leaves a table's rows in the order in which they came.
const unsorted = 1 << 16

func (p *configuration) demand() model.Subject {
	return model.SubjectSettings | model.SubjectVariables
}

func (p *configuration) refresh() {
	p.matrix = model.Matrix(p.e.snap)
	rows := make([]configRow, len(p.matrix.Rows))
	for i := range p.matrix.Rows {
		r := &rows[i]
		r.ConfigRow, r.number = &p.matrix.Rows[i], p.numberOf(p.matrix.Rows[i].Name)
		p.compare(r)
		p.e.conceal(r.ConfigRow)
	}
	slices.SortStableFunc(rows, func(a, b configRow) int { return cmp.Compare(b.Level(), a.Level()) })
	p.head()
	p.list.set(rows)
}

// compare sets a row against the option files.
func (p *configuration) compare(r *configRow) {
	r.drifts = make([]model.Drift, len(r.Cells))
	for i, n := range p.matrix.Nodes {
		c := &r.Cells[i]
		if !c.Known {
			continue
		}
		file := p.e.files[n.ID].Setting(r.Name)
		r.drifts[i] = model.DriftOf(r.Name, &c.Assignment, file)
		if !file.Set || r.drifts[i] <= model.DriftNone {
			continue
		}
		for _, f := range model.Dangers(n, r.Name, file.Value) {
			r.ahead = append(r.ahead, ahead{n.Name, p.e.setting(r.Name, file.Value), f})
		}
	}
}

func (p *configuration) numberOf(name string) uint64 {
	n, ok := p.number[name]
	if !ok {
		n = uint64(len(p.number) + 1)
		p.number[name] = n
	}
	return n
}

func (p *configuration) keys() []action {
	return slices.Concat([]action{
		do("all about the setting: where each value comes from, what it means", p.open, "enter").footed("open").unless(p.unselected),
		do("show: what differs, what is set, everything", func(s *shell) {
			p.view = (p.view + 1) % len(configViews)
			p.list.arrange()
			s.say("shows " + configViews[p.view].name)
		}, "d").footed("defaults"),
		act("compare with the option files: reads them on the nodes' hosts", (*shell).readFiles, "f").footed("files").unless(func() string { return p.e.unread }),
		do("scroll to the columns at the right", func(s *shell) { p.scroll(s, 1) }, "right", "l"),
		do("scroll to the columns at the left", func(s *shell) { p.scroll(s, -1) }, "left", "h"),
	}, moves(p))
}

func (p *configuration) unselected() string {
	if p.list.current() == nil {
		return "no row is selected"
	}
	return ""
}

func (p *configuration) scroll(s *shell, by int) {
	if !p.list.scroll(by) {
		s.say("there is no further column")
	}
}

func (p *configuration) open(s *shell) { s.mode = newConfigDetail(p, p.list.current()) }

func (p *configuration) move(by int) { p.list.move(by) }

func (p *configuration) page(by int) { p.list.move(by * max(1, p.list.height-1)) }

func (p *configuration) end(last bool) {
	if last {
		p.list.pick(len(p.list.rows) - 1)
		return
	}
	p.list.pick(0)
}

// setFilter searches all settings, whatever the view shows.
func (p *configuration) setFilter(f *filter) (shown, all int) {
	p.list.filter = f
	p.list.arrange()
	return len(p.list.rows), len(p.list.all)
}

func (p *configuration) filtered() *filter { return p.list.filter }

func (p *configuration) back() bool {
	if p.list.selected {
		p.list.unselect()
		return true
	}
	return false
}

// describe explains the columns.
func (p *configuration) describe() [][2]string {
	out := make([][2]string, 0, len(p.list.columns))
	for i := range p.list.columns {
		if c := &p.list.columns[i]; c.about != "" {
			out = append(out, [2]string{c.title, c.about})
		}
	}
	return out
}

// View draws the list under a line that says what it is, and what is wrong with
// the selected setting below.
func (p *configuration) View(width, height int) []string {
	if height <= 0 {
		return nil
	}
	lines := []string{p.rule(width)}
	if text := p.empty(); text != "" {
		for _, part := range wrap(text, width-2, 4) {
			lines = append(lines, newLine(p.e.g, width).to(1).put(p.e.st.dim, part).String())
		}
		return fit(p.e, lines, width, height)
	}
	about := p.about(width, height)
	lines = append(lines, p.list.View(p.e, width, height-len(lines)-len(about))...)
	return fit(p.e, append(lines, about...), width, height)
}

// empty says why there is no row.
func (p *configuration) empty() string {
	switch {
	case len(p.list.all) == 0:
		return "No node has told its settings yet. They are read while this pane is open, every 10 seconds."
	case len(p.list.rows) > 0:
		return ""
	case p.list.filter != nil:
		return "No setting matches."
	}
	return fmt.Sprintf("Nothing differs that should not, and nothing is dangerous: %d settings compared on %s. d shows them.",
		len(p.list.all), plural(p.answering(), "node", "nodes"))
}

func (p *configuration) answering() int {
	n := 0
	for _, node := range p.matrix.Nodes {
		if node.Up() {
			n++
		}
	}
	return n
}

func (p *configuration) rule(width int) string {
	detail := fmt.Sprintf("%s: %d of %d", configViews[p.view].name, len(p.list.rows), len(p.list.all))
	if f := p.list.filter; f != nil {
		detail = fmt.Sprintf("%d of %d match /%s/", len(p.list.rows), len(p.list.all), p.e.typed(f))
	}
	note := ""
	if t := p.list; len(t.rows) > t.height && t.height > 0 {
		note = fmt.Sprintf("%d to %d of %d", t.top+1, min(t.top+t.height, len(t.rows)), len(t.rows))
	}
	if n := p.list.unseen; n > 0 && len(p.list.rows) > 0 {
		note = strings.TrimPrefix(fmt.Sprintf("%s, %s to the right", note, plural(n, "more node", "more nodes")), ", ")
	}
	return rule(p.e, width, "Configuration", detail, note, p.e.st.dim)
}
