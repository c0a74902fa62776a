package ui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// paletteMode chooses an action by its words.
type paletteMode struct {
	input
	at int
}

// matches are the actions whose description has all typed words.
func (m *paletteMode) matches(s *shell) []action {
	words := strings.Fields(strings.ToLower(string(m.text)))
	var out []action
	for _, a := range s.actions() {
		if hasAll(a.binding.Help().Desc, words) {
			out = append(out, a)
		}
	}
	return append(out, s.nodeCommands(words)...)
}

// hasAll reports whether a text has all words, which are in lower case.
func hasAll(text string, words []string) bool {
	text = strings.ToLower(text)
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
}

func (m *paletteMode) press(s *shell, k tea.KeyPressMsg) tea.Cmd {
	found := m.matches(s)
	switch k.String() {
	case "esc":
		s.mode = nil
	case "up", "ctrl+p":
		m.at = max(0, m.at-1)
	case "down", "ctrl+n", "tab":
		m.at = min(len(found)-1, m.at+1)
	case "enter":
		s.mode = nil
		if m.at < 0 || m.at >= len(found) {
			s.say("no such command")
			return nil
		}
		a := found[m.at]
		if why := a.reason(); why != "" {
			s.say(a.binding.Help().Desc + ": " + why)
			return nil
		}
		return a.run(s)
	default:
		if m.input.press(k) {
			m.at = 0
		}
	}
	return nil
}

func (m *paletteMode) body(s *shell, width, height int) []string {
	found := m.matches(s)
	lines := []string{rule(&s.env, width, "Commands", "", "", "")}
	first := max(0, m.at-height+2)
	for i := first; i < min(len(found), first+height); i++ {
		l := strings.Builder{}
		if i == m.at {
			over := newLine(s.g, width)
			over.over = s.st.selection
			h := found[i].binding.Help()
			over.fill("", " ", 2).field("", h.Key, 16, false).put("", h.Desc)
			l.WriteString(over.String())
		} else {
			l.WriteString(helpLine(s, &found[i], width))
		}
		lines = append(lines, l.String())
	}
	return fit(&s.env, lines, width, height)
}

func (m *paletteMode) footer(s *shell, l *line) {
	l.to(1).put(s.st.key, ":").put("", string(m.text)).put(s.st.accent, s.g.cursor)
	l.to(l.at+2).put(s.st.dim, "words of a command, Up Down choose, Enter does it, Esc drops")
}
