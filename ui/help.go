package ui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// scroller is a text over the pane, with the keys to scroll it.
type scroller struct{ top, height, lines int }

func (m *scroller) press(s *shell, k tea.KeyPressMsg) {
	by := 0
	switch k.String() {
	case "down", "j":
		by = 1
	case "up", "k":
		by = -1
	case "pgdown", "space", "ctrl+f":
		by = max(1, m.height-1)
	case "pgup", "ctrl+b":
		by = -max(1, m.height-1)
	case "home", "g":
		by = -m.lines
	case "end", "G":
		by = m.lines
	case "esc", "q", "enter", "?":
		s.mode = nil
	case "P":
		s.hide()
	}
	m.top = max(0, min(m.top+by, m.lines-m.height))
}

// window cuts the visible part out of all lines.
func (m *scroller) window(lines []string, height int) []string {
	m.lines, m.height = len(lines), height
	m.top = max(0, min(m.top, m.lines-m.height))
	return lines[m.top:min(len(lines), m.top+height)]
}

// below is window with a last line that says how much more there is.
func (m *scroller) below(e *env, lines []string, width, height int) []string {
	visible := m.window(lines, height)
	if more := len(lines) - m.top - height; more > 0 && height > 2 {
		text := fmt.Sprintf("%s %d more lines, PgDn", e.g.more, more+1)
		visible = append(slices.Clone(visible[:height-1]), newLine(e.g, width).to(1).put(e.st.notice, text).String())
	}
	return visible
}

func (m *scroller) footer(s *shell, l *line) {
	l.to(1).put(s.st.key, "Esc").put(s.st.dim, " back")
	if m.lines > m.height {
		l.put(s.st.key, "  PgUp PgDn").put(s.st.dim, " scroll")
	}
}

// helpMode is the list of all keys here and what the columns mean.
type helpMode struct{ scroller }

func (m *helpMode) press(s *shell, k tea.KeyPressMsg) tea.Cmd {
	m.scroller.press(s, k)
	return nil
}

func (m *helpMode) body(s *shell, width, height int) []string {
	lines := []string{rule(&s.env, width, "Keys of "+s.names[s.current], "grey ones do nothing now", "", "")}
	for _, a := range s.actions() {
		lines = append(lines, helpLine(s, &a, width))
	}
	if d, ok := s.pane().(describer); ok {
		lines = append(lines, newLine(s.g, width).String(), rule(&s.env, width, "Columns", "", "", ""))
		for _, c := range d.describe() {
			l := newLine(s.g, width).to(2).field(s.st.title, c[0], 16, false)
			lines = append(lines, l.put("", c[1]).String())
		}
	}
	lines = append(lines, newLine(s.g, width).String(), rule(&s.env, width, "Signs", "", "", ""))
	lines = append(lines, s.signs(width)...)
	return m.window(lines, height)
}

// describer is a pane whose columns have an explanation.
type describer interface{ describe() [][2]string }

func helpLine(s *shell, a *action, width int) string {
	l := newLine(s.g, width).to(2)
	keys := make([]string, 0, len(a.binding.Keys()))
	for _, k := range a.binding.Keys() {
		keys = append(keys, keyName(k))
	}
	names := strings.Join(keys, " ")
	desc := a.binding.Help().Desc
	if why := a.reason(); why != "" {
		return l.field(s.st.dim, names, 16, false).put(s.st.dim, desc+" ("+why+")").String()
	}
	return l.field(s.st.key, names, 16, false).put("", desc).String()
}
