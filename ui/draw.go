package ui

import (
	"strings"
)

// The smallest screen that shows anything of use.
const (
	leastWidth  = 40
	leastHeight = 10
)

// draw builds the screen.
func (s *shell) draw() {
	if s.width <= 0 || s.height <= 0 {
		s.content = ""
		return
	}
	s.content = strings.Join(s.lines(), "\n")
}

func (s *shell) lines() []string {
	if s.width < leastWidth || s.height < leastHeight {
		l := newLine(s.g, s.width).put(s.st.warn, "too small: ").put("", "needs 40x10")
		return fit(&s.env, []string{l.String()}, s.width, s.height)
	}
	lines := s.header()
	lines = append(lines, s.body(s.width, s.height-len(lines)-1)...)
	return append(lines, s.footer())
}

// body is the pane, or what a mode puts over it.
func (s *shell) body(width, height int) []string {
	if s.mode != nil {
		s.doing = "a dialog"
		if lines := s.mode.body(s, width, height); lines != nil {
			return fit(&s.env, lines, width, height)
		}
	}
	s.doing = "pane " + strings.ToLower(s.names[s.current])
	return fit(&s.env, s.pane().View(width, height), width, height)
}
