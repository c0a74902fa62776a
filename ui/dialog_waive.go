package ui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// declarer is a proposal whose preconditions a person may override where nobody
// can prove them.
type declarer interface {
	declare(*model.Snapshot, string) error
}

// declare takes words that were typed to override a precondition into the plan.
func (c *changing) declare(now *model.Snapshot, words string) error {
	p, err := actions.Declare(now, c.session, c.last, words)
	if err == nil {
		c.first = p
	}
	return err
}

// waiver is what has to be typed next to override what refuses the plan; nil when
// nothing overrides it.
func (m *dialogMode) waiver() *actions.Waiver {
	_, may := m.of.(declarer)
	if all := m.plan.Waivers(); may && len(all) > 0 && m.late == "" && len(m.plan.Steps) > 0 {
		return &all[0]
	}
	return nil
}

// waive takes a key of the words that override a precondition. They run nothing:
// the plan has to be confirmed after that as any other.
func (m *dialogMode) waive(s *shell, k tea.KeyPressMsg) {
	if k.String() != "enter" {
		m.wrong = ""
		m.typed.press(k)
		return
	}
	text := string(m.typed.text)
	m.typed.text = nil
	if err := m.of.(declarer).declare(s.present(), text); err != nil {
		m.wrong = text
		return
	}
	m.take(s)
}

// waiving asks for the words that override a precondition, with the risk in doing
// so.
func (m *dialogMode) waiving(e *env, width int) []string {
	w := m.waiver()
	if w == nil {
		return nil
	}
	var lines []string
	text := "Only you can know. If it is not true: " + w.Risk
	if w.Meant {
		text = "If you mean it all the same: " + w.Risk
	}
	if rest := len(m.plan.Waivers()) - 1; rest > 0 {
		text += fmt.Sprintf(" (%d more to declare after this)", rest)
	}
	for _, part := range prose(e.planned(text), width-2) {
		lines = append(lines, newLine(e.g, width).to(1).put(e.st.warn, part).String())
	}
	if m.wrong != "" {
		lines = append(lines, newLine(e.g, width).to(1).put(e.st.crit, fmt.Sprintf("%q is not %q: nothing is declared", m.wrong, w.Words)).String())
	}
	l := newLine(e.g, width).put(e.st.alert, " Type ").put(e.st.alert, w.Words).put(e.st.alert, " and Enter to declare it: ")
	return append(lines, l.put("", " ").put(e.st.text, string(m.typed.text)).put(e.st.accent, e.g.cursor).String())
}
