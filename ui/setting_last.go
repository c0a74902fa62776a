package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// lastingText is lines that make settings last, as they can be pasted.
func lastingText(all []actions.LastingLines) string {
	parts := make([]string, len(all))
	for i := range all {
		parts[i] = all[i].Text()
	}
	return strings.Join(parts, "\n")
}

// lastingLines are they on the screen; galeratop itself writes no file.
func (e *env) lastingLines(all []actions.LastingLines, width int) []string {
	if len(all) == 0 {
		return nil
	}
	lines := []string{newLine(e.g, width).String(), rule(e, width, "To make it last", "write into the files; galeratop writes none", "y copies", e.st.dim)}
	for text := range strings.Lines(lastingText(all)) {
		text = strings.TrimRight(text, "\n")
		st := e.st.text
		if strings.HasPrefix(text, "#") {
			st = e.st.dim
		}
		for _, part := range wrap(text, width-2, 0) {
			lines = append(lines, newLine(e.g, width).to(1).put(st, part).String())
		}
	}
	return lines
}

// copyLasting puts them into the terminal's clipboard.
func (s *shell) copyLasting(all []actions.LastingLines) tea.Cmd {
	if len(all) == 0 {
		s.say("y: there is nothing to copy")
		return nil
	}
	s.say("copied the lines for the option file, Hiera and Ansible")
	return tea.SetClipboard(lastingText(all))
}

// lasting are the lines of what a run has set; none before its end, and for what
// is no setting.
func (m *runMode) lasting(s *shell) []actions.LastingLines {
	if !m.of.over {
		return nil
	}
	return actions.LastingOf(s.present(), m.of.plan, s.files)
}

// lasting are the lines for what runs, where the next restart would lose it.
func (m *configDetail) lasting(e *env) []actions.LastingLines {
	if e.privacy && model.PrivateSetting(m.row.Name) {
		return nil
	}
	var nodes []*model.Node
	for i, d := range m.row.drifts {
		if i >= len(m.p.matrix.Nodes) {
			break
		}
		if d.Lost() {
			nodes = append(nodes, m.p.matrix.Nodes[i])
		}
	}
	if len(nodes) == 0 {
		return nil
	}
	return actions.Lasting(nodes, m.row.Name, e.files)
}
