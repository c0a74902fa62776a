package ui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/galeratop/galeratop/actions"
)

// watchPrompt is while a watch rule is typed.
type watchPrompt struct {
	input
	err error
}

func newWatchPrompt(text string) *watchPrompt { return &watchPrompt{input: input{[]rune(text)}} }

func (m *watchPrompt) press(s *shell, k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "esc":
		s.mode = nil
		return nil
	case "enter":
		r, err := actions.ParseWatchRule(string(m.text))
		if m.err = err; err == nil {
			s.watch = &watching{Watch: actions.NewWatch(r)}
			s.mode = &watchMode{}
		}
		return nil
	}
	if m.input.press(k) {
		m.err = nil
	}
	return nil
}

// watchHelp explains the rule to whoever types the first one.
var watchHelp = []string{
	"A watch rule kills queries or connections by itself, in this console only, for as long as this console is open.",
	"kill query|connection after DURATION where TERMS",
	"DURATION is how long the thread must be in its statement, or asleep: 60 s, 5 min, 1 h. TERMS are those of the filter of the Queries pane; all of them must apply: user:report, db:shop, node:db2, rows>0, trx>60, query:\"from orders\". A ! before a term inverts it.",
	"First comes a preview, which kills nothing: it lists what the rule would have killed. Only then can it be armed.",
}

func (m *watchPrompt) body(s *shell, width, height int) []string {
	e := &s.env
	lines := []string{rule(e, width, "Watch rule", "nothing is armed", "", "")}
	for i, text := range watchHelp {
		st := e.st.text
		if i == 1 {
			st = e.st.key
		}
		for _, part := range prose(text, width-2) {
			lines = append(lines, newLine(e.g, width).to(1).put(st, part).String())
		}
		lines = append(lines, newLine(e.g, width).String())
	}
	lines = append(lines, rule(e, width, "The rule", "Enter begins its preview, Ctrl-U clears, Esc drops it", "", ""))
	for _, part := range wrap(string(m.text)+e.g.cursor, width-2, 0) {
		lines = append(lines, newLine(e.g, width).to(1).put(e.st.accent, part).String())
	}
	if m.err != nil {
		for _, part := range prose(m.err.Error(), width-2) {
			lines = append(lines, newLine(e.g, width).to(1).put(e.st.crit, part).String())
		}
	}
	return fit(e, lines, width, height)
}

func (m *watchPrompt) footer(s *shell, l *line) {
	l.to(1).put(s.st.key, "Enter").put(s.st.dim, " preview").put(s.st.key, "  Ctrl-U").put(s.st.dim, " clear")
	l.put(s.st.key, "  Esc").put(s.st.dim, " drop it")
}
