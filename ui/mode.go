package ui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"
)

// mode is a state in which keys do not go to the pane: each is a type of its
// own.
type mode interface {
	press(*shell, tea.KeyPressMsg) tea.Cmd
	// body covers the pane; nil leaves it visible.
	body(s *shell, width, height int) []string
	footer(*shell, *line)
}

// input is one line of text being typed.
type input struct{ text []rune }

// press edits the text; it reports whether the key was one for it.
func (i *input) press(k tea.KeyPressMsg) bool {
	switch k.String() {
	case "backspace", "ctrl+h":
		i.text = i.text[:max(0, len(i.text)-1)]
	case "ctrl+u", "ctrl+w":
		i.text = nil
	default:
		if k.Text == "" || k.Mod&^tea.ModShift != 0 {
			return false
		}
		i.text = append(i.text, []rune(k.Text)...)
	}
	return true
}

// filterMode is while a filter is typed: it works at every key.
type filterMode struct {
	input
	before *filter
	err    error
	shown  int
	all    int
}

func newFilterMode(now *filter) *filterMode {
	return &filterMode{input: input{[]rune(now.String())}, before: now, all: -1}
}

func (m *filterMode) press(s *shell, k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "enter":
		if m.err == nil {
			s.mode = nil
		}
		return nil
	case "esc":
		s.pane().setFilter(m.before)
		s.mode = nil
		return nil
	}
	if !m.input.press(k) {
		return nil
	}
	var f *filter
	// A pattern that is wrong so far leaves the list as the last right one had it.
	if f, m.err = s.readFilter(string(m.text)); m.err == nil {
		m.shown, m.all = s.pane().setFilter(f)
	}
	return nil
}

func (m *filterMode) body(*shell, int, int) []string { return nil }

func (m *filterMode) footer(s *shell, l *line) {
	l.to(1).put(s.st.key, "/").put("", string(m.text)).put(s.st.accent, s.g.cursor)
	l.to(l.at + 2)
	switch {
	case m.err != nil:
		l.put(s.st.crit, m.err.Error())
	case m.all >= 0:
		l.put(s.st.dim, fmt.Sprintf("%d of %d match, Enter keeps, Esc drops", m.shown, m.all))
	default:
		if _, ok := s.pane().(termReader); ok {
			l.put(s.st.dim, "words: app user:app time>5 trx>1m !node:db2; ? lists the columns; Enter keeps, Esc drops")
			return
		}
		l.put(s.st.dim, "regular expression, ! at the start inverts; Enter keeps, Esc drops")
	}
}
