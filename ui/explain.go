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

// explainMode explains the findings: what each means, its proof, what to do. It
// follows the chosen finding while that is there and keeps it when it goes, so
// that nobody reads half a sentence.
type explainMode struct {
	scroller
	chosen model.Finding // as last seen
	place  int           // of it in the list
	over   time.Time     // when it was first missing; zero while it is there
	opened time.Time     // when it was chosen
}

func newExplain(f *model.Finding, now time.Time) *explainMode {
	return &explainMode{chosen: *f, opened: now}
}

// explain opens the explanation of the worst finding.
func (s *shell) explain() {
	if len(s.snap.Findings) > 0 {
		s.mode = newExplain(&s.snap.Findings[0], s.snap.At)
	}
}

// unexplained is why there is nothing to explain; empty when there is.
func (s *shell) unexplained() string {
	if len(s.snap.Findings) == 0 {
		return "no finding to explain"
	}
	return ""
}

func sameFinding(a, b *model.Finding) bool { return a.Rule == b.Rule && a.About == b.About }

// follow looks the chosen finding up in the snapshot and gives the list: all
// findings, and at its old place the chosen one when it is over.
func (m *explainMode) follow(e *env) []model.Finding {
	list := e.snap.Findings
	if i := slices.IndexFunc(list, func(f model.Finding) bool { return sameFinding(&f, &m.chosen) }); i >= 0 {
		m.chosen, m.place, m.over = list[i], i, time.Time{}
		return list
	}
	if m.over.IsZero() {
		m.over = e.snap.At
	}
	m.place = min(m.place, len(list))
	return slices.Insert(slices.Clone(list), m.place, m.chosen)
}

// worse is a finding that is worse than the chosen one and came while that was
// read; nil when there is none.
func (m *explainMode) worse(e *env) *model.Finding {
	if all := e.snap.Findings; len(all) > 0 && all[0].Level > m.chosen.Level && all[0].Since.After(m.opened) {
		return &all[0]
	}
	return nil
}

func (m *explainMode) press(s *shell, k tea.KeyPressMsg) tea.Cmd {
	list := m.follow(&s.env)
	by := 0
	if len(list) > 1 {
		switch k.String() {
		case "down", "j", "tab":
			by = 1
		case "up", "k", "shift+tab":
			by = -1
		}
	}
	switch next := m.place + by; {
	case k.String() == "v" && m.worse(&s.env) != nil:
		s.explain()
	case k.String() == "v":
		s.mode = nil
	case m.acts(s, k):
	case by == 0:
		m.scroller.press(s, k)
	case next >= 0 && next < len(list):
		m.chosen, m.place, m.top, m.over, m.opened = list[next], next, 0, time.Time{}, s.snap.At
	}
	return nil
}

// acts does what a key is for about the finding; it reports whether there was such
// a key.
func (m *explainMode) acts(s *shell, k tea.KeyPressMsg) bool {
	switch {
	case !m.over.IsZero():
		return false
	case k.String() == "a" && s.remedied(&m.chosen) != nil:
		s.remedy(&m.chosen)
	case k.String() == "R" && recoverable(m.chosen) && s.unguided() == "":
		s.openRecovery()
	default:
		return false
	}
	return true
}

func (m *explainMode) body(s *shell, width, height int) []string {
	e := &s.env
	list := m.follow(e)
	var lines []string
	if len(list) > 1 {
		lines = m.list(e, list, width, max(3, height/3))
	}
	text := m.text(s, width, height >= roomy)
	room := height - len(lines)
	visible := m.window(text, room)
	if m.top+room < len(text) && room > 2 {
		more := fmt.Sprintf("%s %d more lines, PgDn", e.g.more, len(text)-m.top-room+1)
		visible = append(slices.Clone(visible[:room-1]), newLine(e.g, width).to(1).put(e.st.notice, more).String())
	}
	return append(lines, visible...)
}

func (m *explainMode) footer(s *shell, l *line) {
	if s.said != "" {
		l.to(1).put(s.st.notice, s.said)
		return
	}
	if f := m.worse(&s.env); f != nil {
		l.to(1).put(s.st.key, "v").put(s.st.crit, " worse since you read: "+s.told(f.Title))
		return
	}
	l.to(1).put(s.st.key, "Esc").put(s.st.dim, " back")
	if len(m.follow(&s.env)) > 1 {
		l.put(s.st.key, "  Up Down").put(s.st.dim, " choose the finding")
	}
	if name := s.remedyName(&m.chosen); name != "" && m.over.IsZero() {
		l.put(s.st.key, "  a").put(s.st.dim, " "+name)
	}
	if m.lines > m.height {
		l.put(s.st.key, "  PgUp PgDn").put(s.st.dim, " scroll")
	}
}

// list draws the findings in at most height lines, the chosen one among them.
func (m *explainMode) list(e *env, list []model.Finding, width, height int) []string {
	var count [len(levelWords)]int
	for i := range e.snap.Findings {
		count[min(int(e.snap.Findings[i].Level), len(count)-1)]++
	}
	detail := ""
	for level, n := range slices.Backward(count[:]) {
		if n == 0 {
			continue
		}
		if detail != "" {
			detail += ", "
		}
		detail += fmt.Sprintf("%d %s", n, model.Level(level))
	}
	rows := min(len(list), height-1)
	first := max(0, min(m.place-rows/2, len(list)-rows))
	note := ""
	if rows < len(list) {
		note = fmt.Sprintf("%d to %d of %d", first+1, first+rows, len(list))
	}
	lines := []string{rule(e, width, "Findings", detail, note, e.st.dim)}
	for i := first; i < first+rows; i++ {
		lines = append(lines, m.row(e, &list[i], i == m.place, width))
	}
	return lines
}

// row draws a finding in the list.
func (m *explainMode) row(e *env, f *model.Finding, chosen bool, width int) string {
	l := newLine(e.g, width)
	st, age := e.st.level(f.Level), "for "+e.ago(f.Since)
	if chosen {
		l.over = e.st.selection
		if !m.over.IsZero() {
			age = "over"
		}
	}
	room := width - cells(age) - 2
	l.fill("", " ", 1).put(st, e.g.level[min(int(f.Level), 3)]).fill("", " ", 1)
	l.clip(e.st.text, e.told(f.Title), room-l.at-1)
	return l.fill("", " ", room+1-l.at).put(e.st.dim, age).done("")
}

// roomy is the height from which there is a blank line before every part.
const roomy = 30

// measure is how wide prose may be to read well.
const measure = 96

// text is the whole explanation of the chosen finding.
func (m *explainMode) text(s *shell, width int, spaced bool) []string {
	e, f := &s.env, &m.chosen
	st, word := e.st.level(f.Level), levelWords[min(int(f.Level), 3)]
	since := "since " + f.Since.Local().Format("15:04:05")
	if ago := e.ago(f.Since); ago != "" {
		since += ", for " + ago
	}
	note, noteStyle := since, e.st.dim
	symbol := e.g.level[min(int(f.Level), 3)]
	if !m.over.IsZero() {
		note, noteStyle = "over since "+m.over.Local().Format("15:04:05")+", was there for "+duration(m.over.Sub(f.Since)), e.st.ok
		symbol, word, st = e.g.level[model.LevelOK], "OVER", e.st.ok
	}
	lines := []string{rule(e, width, word, "", note, noteStyle)}
	for i, part := range prose(e.told(f.Title), width-3) {
		l := newLine(e.g, width).to(1)
		if i == 0 {
			l.put(st, symbol)
		}
		lines = append(lines, l.to(3).put(st, part).String())
	}
	if width < 2*aside {
		parts := [][]string{e.meaning(f, width, spaced), e.proof(f, width, spaced), m.remedy(s, width, spaced)}
		if !spaced {
			// On a small screen what to do must not hide below the proof.
			parts[1], parts[2] = parts[2], parts[1]
		}
		return append(lines, slices.Concat(parts...)...)
	}
	left := width/2 - columnGap
	words := append(e.meaning(f, left, spaced), m.remedy(s, left, spaced)...)
	return append(lines, beside(e, words, e.proof(f, width-left-columnGap, spaced), left, width)...)
}

// aside is the least width of the proof beside the words.
const aside = 65

// part begins a part of the explanation.
func (e *env) part(title string, width int, spaced bool) []string {
	var lines []string
	if spaced {
		lines = append(lines, newLine(e.g, width).String())
	}
	return append(lines, rule(e, width, title, "", "", ""))
}

// meaning is what the finding means.
func (e *env) meaning(f *model.Finding, width int, spaced bool) []string {
	if f.Why == "" {
		return nil
	}
	lines := e.part("What it means", width, spaced)
	for _, line := range prose(e.told(f.Why), width-3) {
		lines = append(lines, newLine(e.g, width).to(3).put(e.st.text, line).String())
	}
	return lines
}

// proof is the evidence, as a table.
func (e *env) proof(f *model.Finding, width int, spaced bool) []string {
	if len(f.Evidence) == 0 {
		return nil
	}
	lines := e.part("Evidence", width, spaced)
	node, variable := cells("node"), cells("variable")
	for i := range f.Evidence {
		node = max(node, cells(f.Evidence[i].Node))
		variable = max(variable, cells(f.Evidence[i].Variable))
	}
	node = min(node, width/4)
	variable = min(variable, max(width/2, 1))
	value := 3 + node + 2 + variable + 2
	head := newLine(e.g, width).to(3).field(e.st.title, "node", node, false).fill("", " ", 2)
	lines = append(lines, head.field(e.st.title, "variable", variable, false).fill("", " ", 2).put(e.st.title, "value").String())
	before := ""
	for i := range f.Evidence {
		v := &f.Evidence[i]
		name := v.Node
		if i > 0 && name == before {
			name = "" // one node's facts read as one block
		}
		before = v.Node
		for n, part := range prose(e.told(v.Value), width-value) {
			l := newLine(e.g, width).to(3)
			if n == 0 {
				l.field(e.st.accent, name, node, false).fill("", " ", 2).field(e.st.dim, v.Variable, variable, false)
			}
			lines = append(lines, l.to(value).put(e.st.text, part).String())
		}
	}
	return lines
}

// remedy is what to do, in order, and the key that does it where one does.
func (m *explainMode) remedy(s *shell, width int, spaced bool) []string {
	e, f := &s.env, &m.chosen
	if len(f.Do) == 0 {
		return nil
	}
	lines := e.part("What to do", width, spaced)
	for i, step := range f.Do {
		number := strconv.Itoa(i+1) + "."
		indent := 3 + cells(number) + 1
		for n, part := range prose(e.told(step), width-indent) {
			l := newLine(e.g, width).to(3)
			if n == 0 {
				l.put(e.st.key, number)
			}
			lines = append(lines, l.to(indent).put(e.st.text, part).String())
		}
	}
	if recoverable(*f) && s.unguided() == "" && m.over.IsZero() {
		lines = append(lines, newLine(e.g, width).to(3).put(e.st.key, "R").to(6).put(e.st.notice, "recovery: leads out of this, one confirmed step at a time").String())
	}
	if name := s.remedyName(f); name != "" && m.over.IsZero() {
		l := newLine(e.g, width).to(3).put(e.st.key, "a").to(6)
		if why := s.powerless(); why != "" {
			return append(lines, l.put(e.st.dim, name+" ("+why+")").String())
		}
		lines = append(lines, l.put(e.st.notice, name+": shows the plan and asks first").String())
	}
	return lines
}

// prose wraps text at a width at which it reads well.
func prose(text string, width int) []string {
	lines := wrap(strings.TrimSpace(text), min(width, measure), 0)
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return lines
}

// beside puts two blocks of lines side by side; the left one is as wide as
// given.
func beside(e *env, a, b []string, left, width int) []string {
	lines := make([]string, max(len(a), len(b)))
	for i := range lines {
		l := newLine(e.g, width)
		if i < len(a) {
			l.buf = append(l.buf, a[i]...)
			l.at = left
		}
		if i < len(b) {
			l.to(left + columnGap)
			l.buf = append(l.buf, b[i]...)
			l.at = width
		}
		lines[i] = l.String()
	}
	return lines
}
