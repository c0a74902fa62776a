package ui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// askMode is while the value of a setting is typed.
type askMode struct {
	input
	node, id string
	under    mode
	question *actions.Question
	about    string
	refused  string // why it is refused now
	wrong    string // why what was typed is no value
}

func newAsk(s *shell, node, id string) *askMode {
	m := &askMode{node: node, id: id, under: s.mode}
	m.take(s)
	return m
}

func (m *askMode) below() mode { return m.under }

func (m *askMode) demand() model.Subject { return actionDemand }

// take follows the present value; it stays when the node goes.
func (m *askMode) take(s *shell) {
	if q := actions.NodeQuestion(s.present(), m.node, m.id); q != nil {
		m.question = q
	}
	if c := s.choiceOf(m.node, m.id); c != nil {
		m.about, m.refused = c.About, c.Refused
	}
}

func (m *askMode) press(s *shell, k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "esc":
		s.mode = m.under
	case "enter":
		if s.present().Node(m.node) == nil {
			m.wrong = "there is no such node any more"
			return nil
		}
		value, err := actions.NodeValue(s.present(), m.node, m.id, string(m.text))
		if err != nil {
			m.wrong = err.Error()
			return nil
		}
		s.propose(&changing{node: m.node, id: m.id, value: value, session: s.session()})
	default:
		if m.input.press(k) {
			m.wrong = ""
		}
	}
	return nil
}

func (m *askMode) body(s *shell, width, height int) []string {
	e := &s.env
	name := m.node
	if n := s.present().Node(m.node); n != nil {
		name = n.Name
	}
	note := "the present value is not known"
	if m.question.Present != "" {
		note = "now " + m.question.Present
	}
	lines := []string{rule(e, width, actions.NodeActionName(m.id)+" of "+name, "", note, e.st.accent)}
	put := func(st style, text string) {
		for _, part := range prose(text, width-2) {
			lines = append(lines, newLine(e.g, width).to(1).put(st, part).String())
		}
	}
	put(e.st.text, m.about)
	lines = append(lines, newLine(e.g, width).String())
	put(e.st.text, m.question.Text)
	if m.refused != "" {
		put(e.st.warn, "Refused now: "+e.planned(m.refused))
	}
	lines = append(lines, newLine(e.g, width).String())
	l := newLine(e.g, width).put(e.st.alert, " New value: ").put("", " ")
	lines = append(lines, l.put(e.st.text, string(m.text)).put(e.st.accent, e.g.cursor).String())
	put(e.st.dim, "Nothing is changed yet: Enter shows the plan, which is confirmed after that.")
	put(e.st.crit, m.wrong)
	return fit(e, lines, width, height)
}

func (m *askMode) footer(s *shell, l *line) {
	l.to(1).put(s.st.key, "Enter").put(s.st.dim, " plan").put(s.st.key, "  Ctrl-U").put(s.st.dim, " clear")
	l.put(s.st.key, "  Esc").put(s.st.dim, " back")
}
