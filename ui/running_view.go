package ui

import (
	"cmp"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// runMode shows how a run goes, step by step, and in the end what came out.
type runMode struct {
	scroller
	of    *running
	under mode // where it was opened
}

// reopen shows the newest run again.
func (s *shell) reopen() {
	s.mode = &runMode{of: s.runs[len(s.runs)-1], under: s.mode}
}

// nothingRan is why there is no run to show; empty when there is.
func (s *shell) nothingRan() string {
	if len(s.runs) == 0 {
		return "nothing was run yet"
	}
	return ""
}

// demand keeps what a run is verified by coming in.
func (m *runMode) demand() model.Subject {
	return model.SubjectProcesses | model.SubjectTransactions | model.SubjectLocks | actionDemand
}

func (m *runMode) press(s *shell, k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "up", "down", "pgup", "pgdown", "home", "end":
		m.scroller.press(s, k)
		return nil
	}
	switch {
	case m.of.over && k.String() == "u" && s.lasting(m.of) == "":
		m.of.seen = true
		s.mode = m.under
		s.undo(m.of)
	case k.String() == "y" && len(m.lasting(s)) > 0:
		return s.copyLasting(m.lasting(s))
	case m.of.over:
		m.of.seen = true
		s.mode = m.under
	case k.String() == "esc":
		s.mode = m.under
	case k.String() == "c" && !m.of.cancelled:
		m.of.cancelled = true
		m.of.job.Cancel()
	}
	return nil
}

func (m *runMode) body(s *shell, width, height int) []string {
	e, r := &s.env, m.of
	word, st := "Running", e.st.notice
	took := duration(s.now().Sub(r.began))
	if r.over {
		word, st, took = "Finished", e.stageStyle(r.stage()), duration(r.took)
	}
	lines := []string{rule(e, width, word, r.tally(), took, e.st.dim)}
	for _, part := range prose(e.planned(r.plan.Title), width-2) {
		lines = append(lines, newLine(e.g, width).to(1).put(e.st.title, part).String())
	}
	lines = append(lines, newLine(e.g, width).String())
	end := m.outcome(e, st, width)
	text := append(m.steps(e, width), e.lastingLines(m.lasting(s), width)...)
	room := max(1, height-len(lines)-len(end))
	if free := room - len(text) - 1; len(r.said) > 1 && free > 2 {
		text = append(append(text, newLine(e.g, width).String()), e.output(r.said, width, free)...)
	}
	return append(append(lines, m.window(text, room)...), end...)
}

// steps is one line a step and what is known of it.
func (m *runMode) steps(e *env, width int) []string {
	node := 0
	for i := range m.of.plan.Steps {
		node = max(node, cells(m.of.plan.Steps[i].Name))
	}
	node = min(node, width/4)
	const stage = 10
	var lines []string
	for _, i := range m.order() {
		step, news := &m.of.plan.Steps[i], &m.of.steps[i]
		l := newLine(e.g, width).to(1).field(e.stageStyle(news.Stage), stageWords[news.Stage], stage, false).fill("", " ", 1)
		l.field(e.st.accent, step.Name, node, false).fill("", " ", 2)
		lines = append(lines, l.put(e.st.text, step.Text).String())
		if news.Text == "" {
			continue
		}
		for _, part := range prose(e.planned(news.Text), width-stage-4) {
			lines = append(lines, newLine(e.g, width).to(stage+4).put(e.newsStyle(news.Stage), part).String())
		}
	}
	return lines
}

// order is the steps as they are run; once it is over, what went wrong first.
func (m *runMode) order() []int {
	order := make([]int, len(m.of.steps))
	for i := range order {
		order[i] = i
	}
	if m.of.over {
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(m.of.steps[b].Stage, m.of.steps[a].Stage) })
	}
	return order
}

// newsStyle is the look of what is told about a step: loud only when it matters.
func (e *env) newsStyle(stage actions.Stage) style {
	if stage > actions.Done {
		return e.stageStyle(stage)
	}
	return e.st.dim
}

// outcome is what came out, or how it is going to be seen.
func (m *runMode) outcome(e *env, st style, width int) []string {
	r := m.of
	lines := []string{newLine(e.g, width).String()}
	text := "It is verified: " + r.plan.Verify
	switch {
	case r.over:
		text = cmp.Or(r.whole.Text, "It is over: "+r.tally())
	case r.cancelled:
		text = "Cancelled: what has not begun is left out; what was sent to a server cannot be called back."
	case r.whole.Text != "":
		text = r.whole.Text
	case r.plan.Verify == "":
		return lines
	}
	for _, part := range prose(e.planned(text), width-2) {
		lines = append(lines, newLine(e.g, width).to(1).put(st, part).String())
	}
	return lines
}

func (m *runMode) footer(s *shell, l *line) {
	l.to(1)
	if s.said != "" {
		l.put(s.st.notice, s.said)
		return
	}
	if m.of.over {
		if s.lasting(m.of) == "" {
			l.put(s.st.key, "u").put(s.st.dim, " undo it  ")
		}
		if len(m.lasting(s)) > 0 {
			l.put(s.st.key, "y").put(s.st.dim, " copy the lines  ")
		}
		l.put(s.st.key, "Any key").put(s.st.dim, " goes back")
	} else {
		l.put(s.st.key, "Esc").put(s.st.dim, " leaves it running in the background")
		if !m.of.cancelled {
			l.put(s.st.key, "  c").put(s.st.dim, " cancel what has not begun")
		}
	}
	if m.lines > m.height {
		l.put(s.st.key, "  PgUp PgDn").put(s.st.dim, " scroll")
	}
}
