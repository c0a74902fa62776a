package ui

import (
	"fmt"
	"slices"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// menuDetail is the least number of lines that tell of the action under the
// cursor.
const menuDetail = 3

// body draws the actions in their sections, and below what is known of the one
// under the cursor.
func (m *menuMode) body(s *shell, width, height int) []string {
	e := &s.env
	n := s.present().Node(m.node)
	if n == nil {
		l := newLine(e.g, width).to(1).put(e.st.warn, "there is no such node any more")
		return fit(e, []string{rule(e, width, "Actions", "", "", ""), l.String()}, width, height)
	}
	c := e.condition(n)
	lines := []string{rule(e, width, "Actions on "+n.Name, c.String(), m.note(s), e.st.warn)}
	list, at := m.list(s, width)
	detail := m.detail(s, n, width, height)
	room := max(1, height-len(lines)-len(detail))
	m.top = max(0, min(m.top, len(list)-room))
	if at >= 0 {
		// The head of the first section is seen with its first action.
		m.top = max(min(m.top, max(0, at-1)), at-room+1)
	}
	visible := list[m.top:min(len(list), m.top+room)]
	lines = append(lines, fit(e, slices.Clone(visible), width, room)...)
	if len(detail) > 0 {
		detail[0] = m.detailRule(e, len(list)-room, width)
	}
	return append(lines, detail...)
}

// detailRule heads what is told of the action under the cursor, and says how much
// of the list is out of sight.
func (m *menuMode) detailRule(e *env, hidden, width int) string {
	c, note, more := m.chosenAction(), "", ""
	if c.Now != "" {
		note = "now " + c.Now
	}
	switch below := hidden - m.top; {
	case hidden <= 0:
	case m.top > 0 && below > 0:
		more = fmt.Sprintf("%d more lines above, %d below", m.top, below)
	case below > 0:
		more = fmt.Sprintf("%d more lines below", below)
	default:
		more = fmt.Sprintf("%d more lines above", m.top)
	}
	return rule(e, width, c.Name, more, note, e.st.accent)
}

// note is what is unusual about this console.
func (m *menuMode) note(s *shell) string {
	switch why := s.powerless(); {
	case why != "":
		return why + ": nothing can be changed here"
	case s.opt.Production:
		return "PRODUCTION: one level stricter"
	}
	return ""
}

// list is all lines of the menu, and the one under the cursor.
func (m *menuMode) list(s *shell, width int) (lines []string, at int) {
	e, section := &s.env, ""
	at = -1
	for _, c := range m.found() {
		if c.Section != section {
			section = c.Section
			lines = append(lines, newLine(e.g, width).to(1).put(e.st.title, section).String())
		}
		if c.ID == m.at {
			at = len(lines)
		}
		lines = append(lines, m.row(e, &c, width))
	}
	if lines == nil {
		lines = []string{newLine(e.g, width).to(3).put(e.st.dim, "no action has these words").String()}
	}
	return lines, at
}

// Columns of the menu: the name, what it is set to now, and from where on its
// meaning, or why it is refused.
const (
	menuName = 25
	menuNow  = 12
)

// row is one action; one that is refused is grey from end to end and says why.
func (m *menuMode) row(e *env, c *actions.NodeChoice, width int) string {
	l := newLine(e.g, width)
	name, now, text := e.st.key, e.st.accent, e.st.text
	words := c.About
	if c.Refused != "" {
		name, now, text = e.st.dim, e.st.dim, e.st.dim
		words = e.g.level[3] + " " + e.planned(c.Refused)
	}
	if c.ID == m.at {
		l.over = e.st.selection
	}
	l.fill("", " ", 3).field(name, c.Name, menuName, false).fill("", " ", 1)
	l.field(now, c.Now, menuNow, false).fill("", " ", 1)
	return l.put(text, words).done("")
}

// detail tells of the action under the cursor: what it is for, and why it is
// refused or how it is confirmed.
func (m *menuMode) detail(s *shell, n *model.Node, width, height int) []string {
	e, c := &s.env, m.chosenAction()
	if c == nil {
		return nil
	}
	lines := []string{""} // its rule comes when it is known what is out of sight
	put := func(st style, text string) {
		for _, part := range prose(text, width-2) {
			lines = append(lines, newLine(e.g, width).to(1).put(st, part).String())
		}
	}
	put(e.st.text, c.About)
	switch {
	case c.Refused != "":
		put(e.st.warn, "Refused now: "+e.planned(c.Refused))
	case c.Asks:
		put(e.st.dim, "Asks for a value, then shows the plan; "+confirmation(c.Level, n.Name, s.session().Cluster))
	default:
		put(e.st.dim, "Shows the plan; "+confirmation(c.Level, n.Name, s.session().Cluster))
	}
	if most := max(menuDetail, height/2); len(lines) > most {
		lines = lines[:most]
	}
	return fit(e, lines, width, max(len(lines), menuDetail))
}

func (m *menuMode) footer(s *shell, l *line) {
	if s.said != "" {
		l.to(1).put(s.st.notice, s.said)
		return
	}
	l.to(1)
	if len(m.text) > 0 {
		l.put(s.st.text, string(m.text)).put(s.st.accent, s.g.cursor).put("", " ")
	}
	word := " plan"
	switch c := m.chosenAction(); {
	case c == nil:
	case c.Asks:
		word = " value"
	case c.Refused != "":
		word = " why not"
	}
	l.put(s.st.key, "Up Down").put(s.st.dim, " choose").put(s.st.key, "  Enter").put(s.st.dim, word)
	if len(m.text) > 0 {
		l.put(s.st.key, "  Esc").put(s.st.dim, " all actions")
		return
	}
	l.put(s.st.key, "  letters").put(s.st.dim, " narrow the list").put(s.st.key, "  Esc").put(s.st.dim, " back")
}
