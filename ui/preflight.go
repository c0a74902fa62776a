package ui

import (
	"context"
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/galeratop/galeratop/actions/preflight"
	"github.com/galeratop/galeratop/model"
)

// Preflight says what a start, or a restart, of a node would do. It asks the
// node's host, changes nothing, and takes some seconds.
type Preflight func(ctx context.Context, s *model.Snapshot, n *model.Node) *preflight.Verdict

// preflightMode is the answer for one node.
type preflightMode struct {
	scroller
	node    string // its name
	verdict *preflight.Verdict
}

type preflightMsg struct {
	mode    *preflightMode
	verdict *preflight.Verdict
}

func (m preflightMsg) reach(s *shell) bool {
	m.mode.verdict = m.verdict
	return s.mode == m.mode
}

// preflight asks what a start of the chosen node would do.
func (s *shell) preflight(n *model.Node) tea.Cmd {
	m := &preflightMode{node: n.Name}
	s.mode = m
	ctx, ask, snap := s.ctx, s.opt.Preflight, s.latest
	if snap == nil {
		snap = s.snap
	}
	return func() tea.Msg { return preflightMsg{m, ask(ctx, snap, n)} }
}

// unasked is why nobody can be asked what a start would do; "" when somebody can.
func (s *shell) unasked() string {
	if s.opt.Preflight == nil {
		return s.unread
	}
	return ""
}

func (m *preflightMode) press(s *shell, k tea.KeyPressMsg) tea.Cmd {
	m.scroller.press(s, k)
	return nil
}

func (m *preflightMode) footer(s *shell, l *line) { m.scroller.footer(s, l) }

func (m *preflightMode) body(s *shell, width, height int) []string {
	e := &s.env
	lines := []string{rule(e, width, "What a start of "+m.node+" would do", "asked on its host; nothing is changed there", "", "")}
	say := func(st style, text string) {
		for _, part := range wrap(model.Printable(text, 2000), width-2, 0) {
			lines = append(lines, newLine(e.g, width).to(1).put(st, part).String())
		}
	}
	v := m.verdict
	if v == nil {
		say(e.st.dim, "Reads its option files, its data directory and the others.")
		return m.window(lines, height)
	}
	say(e.preflightStyle(v), fmt.Sprintf("%s: %s", v.Kind, preflightWords[v.Code]))
	say(e.st.text, v.Text)
	for i, do := range v.Do {
		say(e.st.text, fmt.Sprintf("%d. %s", i+1, do))
	}
	if len(v.Unasked) > 0 {
		lines = append(lines, rule(e, width, "Not asked", "", "", ""))
	}
	for _, what := range v.Unasked {
		say(e.st.warn, what)
	}
	sec := section{title: "Evidence"}
	for _, f := range v.Evidence {
		sec.facts = append(sec.facts, fact{model.Printable(f.Node+" "+f.Variable, 60), model.Printable(f.Value, 300), e.st.text})
	}
	return m.window(append(lines, sec.lines(e, width)...), height)
}

var preflightWords = map[preflight.Code]string{
	preflight.CodeSafe: "safe", preflight.CodeConsent: "at a price that somebody has to agree to", preflight.CodeUnknown: "not known to be safe",
	preflight.CodeDown: "it would not come up", preflight.CodeHarm: "do not start it: data would be split or lost",
}

func (e *env) preflightStyle(v *preflight.Verdict) style {
	switch v.Code {
	case preflight.CodeSafe:
		return e.st.ok
	case preflight.CodeHarm:
		return e.st.crit
	case preflight.CodeConsent, preflight.CodeUnknown, preflight.CodeDown:
	}
	return e.st.warn
}
