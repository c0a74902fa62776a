package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/galeratop/galeratop/actions"
)

// verdictWords are how a precondition turned out, in words.
var verdictWords = map[actions.Verdict]string{
	actions.Met: "met", actions.Failed: "FAILED", actions.Unknown: "UNKNOWN", actions.Waived: "waived",
}

// How much of a long list is shown before it is asked for.
const (
	fewSteps   = 8 // on a screen with room; else a third
	fewLeftOut = 8
	fewChanges = 3
)

// body draws the plan, with what is asked pinned to the bottom.
func (m *dialogMode) body(s *shell, width, height int) []string {
	m.late = s.silence()
	e := &s.env
	word, note := "Confirm", ""
	switch {
	case m.waits != "":
		word = "Reading"
	case m.refused() != "":
		word = "Refused"
	}
	if s.opt.Production {
		note = "PRODUCTION: one level stricter"
	}
	lines := []string{rule(e, width, word, "", note, e.st.crit)}
	for _, part := range prose(m.title(e), width-2) {
		lines = append(lines, newLine(e.g, width).to(1).put(e.st.title, part).String())
	}
	if a, ok := m.of.(interface{ about(*env) []string }); ok {
		for _, text := range a.about(e) {
			lines = append(lines, newLine(e.g, width).to(1).put(e.st.accent, text).String())
		}
	}
	question := m.question(s, width)
	room := max(1, height-len(lines)-len(question))
	text := m.text(e, width, height >= roomy)
	return append(append(lines, fit(e, m.below(e, text, width, room), width, room)...), question...)
}

// title says what the plan does, as it may be shown.
func (m *dialogMode) title(e *env) string {
	if a, ok := m.of.(interface{ title(*env) string }); ok {
		return a.title(e)
	}
	return e.planned(m.plan.Title)
}

// text is the plan in full; on a wide screen what is run stands beside why.
func (m *dialogMode) text(e *env, width int, spaced bool) []string {
	if width < 2*aside {
		return slices.Concat(m.must(e, width, spaced), m.runs(e, width, spaced), m.words(e, width, spaced))
	}
	left := width/2 - columnGap
	about := append(m.must(e, left, spaced), m.words(e, left, spaced)...)
	return beside(e, about, m.runs(e, width-left-columnGap, spaced), left, width)
}

// must is the preconditions with what was found.
func (m *dialogMode) must(e *env, width int, spaced bool) []string {
	if len(m.plan.Checks) == 0 {
		return nil
	}
	lines := e.part("Preconditions", width, spaced)
	for i := range m.plan.Checks {
		c := &m.plan.Checks[i]
		sign, st := e.g.level[0], e.st.ok
		switch c.Verdict {
		case actions.Failed:
			sign, st = e.g.level[3], e.st.crit
		case actions.Unknown:
			sign, st = "?", e.st.warn
		case actions.Waived:
			sign, st = e.g.level[2], e.st.warn
		}
		const column = 11
		text := c.Text
		if c.Evidence != "" {
			text += ": " + c.Evidence
		}
		for n, part := range prose(e.planned(text), width-column) {
			l := newLine(e.g, width).to(1)
			if n == 0 {
				l.put(st, sign+" "+verdictWords[c.Verdict])
			}
			lines = append(lines, l.to(column).put(e.st.text, part).String())
		}
	}
	return lines
}

// runs is what is run exactly, and what is left out.
func (m *dialogMode) runs(e *env, width int, spaced bool) []string {
	count := counted(len(m.plan.Steps), unitOf(m.plan))
	note, st := count, e.st.dim
	if len(m.plan.Steps) != m.opened {
		note, st = fmt.Sprintf("%s, %d when this opened", count, m.opened), e.st.warn
	}
	var lines []string
	if spaced {
		lines = append(lines, newLine(e.g, width).String())
	}
	lines = append(lines, rule(e, width, "What is run", "", note, st))
	node := 0
	for i := range m.plan.Steps {
		node = max(node, cells(m.plan.Steps[i].Name))
	}
	node = min(node, width/4)
	for i := range m.plan.Steps {
		if rest := len(m.plan.Steps) - i; i >= m.few(spaced) && rest > 1 && !m.all {
			lines = append(lines, newLine(e.g, width).to(1).put(e.st.notice, fmt.Sprintf("and %d more: Tab lists them", rest)).String())
			break
		}
		lines = append(lines, m.step(e, i, node, width)...)
	}
	return append(lines, m.leftOut(e, width, spaced)...)
}

// unitOf is what one step of a plan is.
func unitOf(p *actions.Plan) string {
	if p.OnHost() {
		return "command"
	}
	return "statement"
}

// few is how many statements are shown at first: what the plan does must not
// hide below them.
func (m *dialogMode) few(spaced bool) int {
	if spaced {
		return fewSteps
	}
	return max(1, fewSteps/3)
}

// step is one statement on one node, and what it is for. It is this console's own
// statement: privacy leaves it as it is run.
func (m *dialogMode) step(e *env, i, node, width int) []string {
	p := &m.plan.Steps[i]
	var lines []string
	for n, part := range wrap(p.Text, width-node-3, 0) {
		l := newLine(e.g, width).to(1)
		if n == 0 {
			l.field(e.st.accent, p.Name, node, false)
		}
		lines = append(lines, l.to(node+3).put(e.st.text, part).String())
	}
	if p.About == "" {
		return lines
	}
	about := e.planned(p.About)
	// One line is enough to know a statement again.
	return append(lines, newLine(e.g, width).to(node+5).put(e.st.dim, about).String())
}

// leftOut is what was chosen and is not touched.
func (m *dialogMode) leftOut(e *env, width int, spaced bool) []string {
	if len(m.plan.Excluded) == 0 {
		return nil
	}
	lines := e.part("Left out: "+strconv.Itoa(len(m.plan.Excluded)), width, spaced)
	for i, x := range m.plan.Excluded {
		if rest := len(m.plan.Excluded) - i; i >= fewLeftOut && rest > 1 && !m.all {
			return append(lines, newLine(e.g, width).to(1).put(e.st.notice, fmt.Sprintf("and %d more: Tab lists them", rest)).String())
		}
		for n, part := range prose(e.planned(x.What+": "+x.Reason), width-3) {
			l := newLine(e.g, width).to(1)
			if n == 0 {
				l.put(e.st.warn, e.g.dot)
			}
			lines = append(lines, l.to(3).put(e.st.text, part).String())
		}
	}
	return lines
}

// words is what is predicted, what is not known, and how one sees that it
// worked.
func (m *dialogMode) words(e *env, width int, spaced bool) []string {
	if len(m.plan.Steps) == 0 {
		return nil
	}
	var lines []string
	for _, p := range []struct {
		title string
		texts []string
	}{
		{"What it does", m.plan.Effects},
		{"What nobody can know", m.plan.Unknowns},
		{"How it is verified", filled(m.plan.Verify)},
		{"How it is undone", []string{cmp.Or(m.plan.Undo, "It cannot be undone.")}},
	} {
		if len(p.texts) == 0 {
			continue
		}
		lines = append(lines, e.part(p.title, width, spaced)...)
		lines = append(lines, e.dotted(p.texts, width, e.st.text)...)
	}
	return lines
}

// dotted are texts of a plan with a dot before each.
func (e *env) dotted(texts []string, width int, st style) []string {
	var lines []string
	for _, text := range texts {
		for n, part := range prose(e.planned(text), width-3) {
			l := newLine(e.g, width).to(1)
			if n == 0 {
				l.put(e.st.dim, e.g.dot)
			}
			lines = append(lines, l.to(3).put(st, part).String())
		}
	}
	return lines
}

func filled(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

// question is what changed meanwhile, and what to press.
func (m *dialogMode) question(s *shell, width int) []string {
	e := &s.env
	lines := []string{newLine(e.g, width).fill(e.st.border, e.g.rule, width).String()}
	if m.waits != "" {
		return append(lines, newLine(e.g, width).to(1).put(e.st.notice, m.waits).String())
	}
	why := m.refused()
	for i, change := range m.changes {
		if strings.Contains(why, change) {
			continue
		}
		if rest := len(m.changes) - i; i >= fewChanges-1 && rest > 1 {
			change = fmt.Sprintf("and %d more changes like this", rest)
		}
		lines = append(lines, newLine(e.g, width).to(1).put(e.st.warn, e.g.level[2]+" "+e.planned(change)).String())
		if i == fewChanges-1 {
			break
		}
	}
	if s.paused {
		lines = append(lines, newLine(e.g, width).to(1).put(e.st.notice, "the frame is frozen; this uses the newest snapshot").String())
	}
	if why != "" {
		for _, part := range prose("REFUSED: "+e.planned(why), width-4) {
			lines = append(lines, newLine(e.g, width).put(e.st.alarm, " "+part).done(e.st.alarm))
		}
		return append(lines, m.waiving(e, width)...)
	}
	if m.level <= actions.LevelYes {
		return append(lines, newLine(e.g, width).put(e.st.alert, " Run this?  y runs it, any other key leaves everything as it is ").String())
	}
	if m.wrong != "" {
		lines = append(lines, newLine(e.g, width).to(1).put(e.st.crit, fmt.Sprintf("%q is not %q: nothing was run", m.wrong, m.word)).String())
	}
	l := newLine(e.g, width).put(e.st.alert, " Type ").put(e.st.alert, m.word).put(e.st.alert, " and Enter to run this: ")
	return append(lines, l.put("", " ").put(e.st.text, string(m.typed.text)).put(e.st.accent, e.g.cursor).String())
}

func (m *dialogMode) footer(s *shell, l *line) {
	l.to(1)
	switch {
	case m.waits != "":
		l.put(s.st.key, "Esc").put(s.st.dim, " back")
	case m.refused() != "" && m.waiver() != nil:
		l.put(s.st.key, "Enter").put(s.st.dim, " declare it").put(s.st.key, "  Esc").put(s.st.dim, " back")
	case m.refused() != "":
		l.put(s.st.key, "Esc").put(s.st.dim, " back")
	case m.level <= actions.LevelYes:
		l.put(s.st.key, "y").put(s.st.dim, " run").put(s.st.key, "  Esc").put(s.st.dim, " leave it")
	default:
		l.put(s.st.key, "Enter").put(s.st.dim, " run").put(s.st.key, "  Esc").put(s.st.dim, " leave it")
	}
	if len(m.plan.Steps) > m.few(s.height >= roomy)+1 || len(m.plan.Excluded) > fewLeftOut+1 {
		l.put(s.st.key, "  Tab").put(s.st.dim, " list all")
	}
	if m.lines > m.height {
		l.put(s.st.key, "  PgUp PgDn").put(s.st.dim, " scroll")
	}
}

// counted is a number of things: "1 statement", "12 statements".
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
