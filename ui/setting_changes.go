package ui

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/galeratop/galeratop/model"
)

// changesMode lists what changed in the settings since the console began.
type changesMode struct {
	scroller
	under mode
}

func (m *changesMode) below() mode { return m.under }

func (m *changesMode) demand() model.Subject { return model.SubjectVariables }

func (m *changesMode) press(s *shell, k tea.KeyPressMsg) tea.Cmd {
	if k.String() == "esc" || k.String() == "t" {
		s.mode = m.under
		return nil
	}
	m.scroller.press(s, k)
	return nil
}

func (m *changesMode) body(s *shell, width, height int) []string {
	e := &s.env
	var lines []string
	events := e.log.until(e.snap)
	for i := len(events) - 1; i >= 0; i-- {
		v := &events[i]
		if v.Kind != model.EventConfig {
			continue
		}
		for n, part := range prose(e.told(v.Text), width-22) {
			l := newLine(e.g, width).to(1)
			if n == 0 {
				l.field(e.st.dim, v.At.Local().Format(time.TimeOnly), 8, false).fill("", " ", 1).field(e.st.accent, e.eventNodes(v), 10, false)
			}
			lines = append(lines, l.to(21).put(e.st.text, part).String())
		}
	}
	head := rule(e, width, "Changed since this console began", "wsrep settings, options of the provider and the most important others", "", "")
	if len(lines) == 0 {
		lines = append(lines, newLine(e.g, width).to(1).put(e.st.dim, "Nothing that was seen.").String())
	}
	return slices.Insert(m.window(lines, height-1), 0, head)
}

func (m *changesMode) footer(s *shell, l *line) { m.scroller.footer(s, l) }
