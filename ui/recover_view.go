package ui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/galeratop/galeratop/actions/recovery"
	"github.com/galeratop/galeratop/model"
)

// body draws the step with all that it rests on; what to do now is pinned to the
// bottom.
func (w *walk) body(s *shell, width, height int) []string {
	e, m := &s.env, w.shown()
	detail, note := "", ""
	if m != nil {
		detail = m.Name()
	}
	if s.opt.Production {
		note = "PRODUCTION: one level stricter"
	}
	head := []string{rule(e, width, "Recovery", detail, note, e.st.crit)}
	bottom := w.bottom(s, width, height)
	room := max(1, height-len(head)-len(bottom))
	var text []string
	if m != nil {
		text = w.text(e, m, width, height >= roomy)
	}
	if w.busy != "" && len(w.prints) > 0 {
		text = e.output(w.prints, width, room)
	}
	w.follow(text, room)
	return slices.Concat(head, fit(e, w.below(e, text, width, room), width, room), bottom)
}

// follow scrolls to the command that was marked.
func (w *walk) follow(text []string, room int) {
	if !w.reach {
		return
	}
	w.reach = false
	if w.line < w.top || w.line+2 >= w.top+room {
		w.top = max(0, min(w.line-room/3, len(text)-room))
	}
}

// text is the step in full; on a wide screen what was found stands beside what it
// means.
func (w *walk) text(e *env, m *recovery.Move, width int, spaced bool) []string {
	hand := func(above int, width int) []string { return w.byHand(e, m, above, width, spaced) }
	if width < 2*aside {
		lines := slices.Concat(evidenceOf(e, m, width, spaced), sidesOf(e, m, width, spaced), meansOf(e, m, width, spaced))
		return append(lines, hand(len(lines), width)...)
	}
	left := width/2 - columnGap
	right := width - left - columnGap
	lines := sidesOf(e, m, width, spaced)
	about := evidenceOf(e, m, left, spaced)
	lines = append(lines, beside(e, about, meansOf(e, m, right, spaced), left, width)...)
	return append(lines, hand(len(lines), width)...)
}

// evidenceOf is what was found.
func evidenceOf(e *env, m *recovery.Move, width int, spaced bool) []string {
	return e.proof(&model.Finding{Evidence: m.Found}, width, spaced)
}

// meansOf is what that means, what will happen, and what is lost.
func meansOf(e *env, m *recovery.Move, width int, spaced bool) []string {
	lines := e.meaning(&model.Finding{Why: m.Means}, width, spaced)
	for _, p := range []struct {
		title string
		texts []string
		st    style
	}{
		{"What will happen", m.Will, e.st.text},
		{"What is lost", m.Lost, e.st.warn},
	} {
		if len(p.texts) == 0 {
			continue
		}
		lines = append(lines, e.part(p.title, width, spaced)...)
		lines = append(lines, e.dotted(p.texts, width, p.st)...)
	}
	return lines
}

// sidesOf are the sides of a split brain, side by side.
func sidesOf(e *env, m *recovery.Move, width int, spaced bool) []string {
	if len(m.Sides) == 0 {
		return nil
	}
	lines := e.part("The sides", width, spaced)
	const label = 12
	each := (width - label - 3) / len(m.Sides)
	for _, row := range []struct {
		name string
		of   func(*recovery.Side) string
	}{
		{"nodes", func(s *recovery.Side) string { return s.Names }},
		{"seqno", func(s *recovery.Side) string { return numWord(s.Seqno) }},
		{"write-sets", func(s *recovery.Side) string { return perSecond(s.Writes) }},
		{"clients", func(s *recovery.Side) string { return numWord(s.Clients) }},
		{"history", func(s *recovery.Side) string { return s.History }},
	} {
		cellsOf, high := make([][]string, len(m.Sides)), 1
		for i := range m.Sides {
			cellsOf[i] = wrap(row.of(&m.Sides[i]), max(each-2, 1), 0)
			high = max(high, len(cellsOf[i]))
		}
		for n := range high {
			l := newLine(e.g, width).to(3)
			if n == 0 {
				l.put(e.st.dim, row.name)
			}
			for i, parts := range cellsOf {
				if n < len(parts) {
					l.to(3+label+i*each).clip(sideStyle(e, row.name), parts[n], each-2)
				}
			}
			lines = append(lines, l.String())
		}
	}
	return lines
}

func sideStyle(e *env, row string) style {
	if row == "nodes" {
		return e.st.accent
	}
	return e.st.text
}

func numWord(n model.Num) string {
	if !n.Known {
		return "unknown"
	}
	return strconv.FormatInt(n.V, 10)
}

func perSecond(r model.Real) string {
	if !r.Known {
		return "unknown"
	}
	return fmt.Sprintf("%.1f a second", r.V)
}

// byHand are the commands for a person; the marked one is what y copies.
func (w *walk) byHand(e *env, m *recovery.Move, above, width int, spaced bool) []string {
	if len(m.ByHand) == 0 {
		return nil
	}
	lines := e.part("By hand, in this order", width, spaced)
	for i, c := range m.ByHand {
		l := newLine(e.g, width).to(1)
		if i == w.marked%len(m.ByHand) {
			w.line = above + len(lines)
			l.put(e.st.key, e.g.to)
		}
		lines = append(lines, l.to(3).put(e.st.accent, "on "+c.Node).String())
		for _, part := range wrap(c.Line, width-5, 0) {
			lines = append(lines, newLine(e.g, width).to(5).put(e.st.text, part).String())
		}
		for _, part := range prose(e.planned(c.Why), width-5) {
			lines = append(lines, newLine(e.g, width).to(5).put(e.st.dim, part).String())
		}
	}
	return lines
}

// output is the newest of what servers print.
func (e *env) output(said []string, width, height int) []string {
	lines := e.part("Output", width, false)
	said = said[max(0, len(said)-height):]
	all := make([]string, 0, len(said))
	for _, text := range said {
		all = append(all, wrap(e.planned(text), width-1, 0)...)
	}
	for _, part := range all[max(0, len(all)-max(1, height-len(lines))):] {
		lines = append(lines, newLine(e.g, width).to(1).put(e.st.dim, part).String())
	}
	return lines
}

// fewLost is how much of what is lost is repeated above the prompt.
const fewLost = 2

// bottom is the step in one line, what is lost by it, and the one thing to do.
func (w *walk) bottom(s *shell, width, height int) []string {
	e, m, t := &s.env, w.shown(), w.duty(s)
	lines := []string{newLine(e.g, width).fill(e.st.border, e.g.rule, width).String()}
	put := func(st style, text string, limit int) {
		parts := prose(text, width-2)
		if len(parts) > limit {
			parts = append(parts[:limit-1:limit-1], parts[limit-1]+" "+e.g.ellipsis)
		}
		for _, part := range parts {
			lines = append(lines, newLine(e.g, width).to(1).put(st, part).String())
		}
	}
	if w.changed != "" && w.busy == "" {
		put(e.st.warn, e.g.level[2]+" It has changed: the step before was: "+e.planned(w.changed), fewLost)
	}
	if m != nil {
		title := e.planned(m.Title)
		if !strings.HasPrefix(title, kindNames[m.Kind]) {
			title = kindNames[m.Kind] + ": " + title
		}
		put(kindStyle(e, m.Kind), title, fewLost)
		if m.Kind == recovery.Refused && height < roomy {
			put(e.st.text, e.planned(m.Means), fewLost+1)
		}
		if len(m.Lost) > 0 && height < roomy {
			put(e.st.warn, "Lost: "+e.planned(m.Lost[0]), fewLost)
		}
	}
	if w.wrong != "" {
		put(e.st.crit, e.planned(w.wrong), fewLost)
	}
	return append(lines, e.prompted(t.prompt, t.quiet, t.types, w.typed.text, width)...)
}

// prompted is what to press or to type, loud unless there is nothing to do but
// wait; what is typed is always in sight.
func (e *env) prompted(prompt string, quiet, types bool, typed []rune, width int) []string {
	var lines []string
	for _, part := range prose(prompt, width-2) {
		l := newLine(e.g, width)
		if quiet {
			l.to(1).put(e.st.notice, part)
		} else {
			l.put(e.st.alert, " "+part+" ")
		}
		lines = append(lines, l.String())
	}
	if !types {
		return lines
	}
	for wider(string(typed), width-4) {
		typed = typed[1:]
	}
	return append(lines, newLine(e.g, width).to(1).put(e.st.key, ">").to(3).put(e.st.text, string(typed)).put(e.st.accent, e.g.cursor).String())
}

// kindNames are what a step wants, in a word.
var kindNames = map[recovery.Kind]string{
	recovery.Ask: "Asked", recovery.Act: "Next step", recovery.Watch: "Waiting", recovery.Done: "Done", recovery.Refused: "Refused",
}

func kindStyle(e *env, k recovery.Kind) style {
	switch k {
	case recovery.Done:
		return e.st.ok
	case recovery.Watch:
		return e.st.notice
	case recovery.Refused:
		return e.st.crit
	}
	return e.st.title
}

func (w *walk) footer(s *shell, l *line) {
	if s.said != "" {
		l.to(1).put(s.st.notice, s.said)
		return
	}
	esc := "leave: R comes back to it"
	if w.instead {
		esc = "back to waiting"
	}
	all := append(slices.Clone(w.duty(s).hints), hint{keys: "Esc", word: esc})
	if w.lines > w.height {
		all = append(all, hint{keys: "PgUp PgDn", word: "scroll"})
	}
	l.hints(s, all)
}
