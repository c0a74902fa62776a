package ui

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/galeratop/galeratop/model"
)

// statementMode shows all that is known of one running statement. It follows
// the thread while that runs the statement.
type statementMode struct {
	scroller
	row  busyRow // as last seen
	gone string  // why it is no longer followed
}

func newStatement(b *busyRow) *statementMode { return &statementMode{row: *b} }

// demand is more than a glance: the whole statement and what it costs.
func (m *statementMode) demand() model.Subject { return model.SubjectProcesses }

func (m *statementMode) press(s *shell, k tea.KeyPressMsg) tea.Cmd {
	m.scroller.press(s, k)
	return nil
}

// follow looks the thread up in the newest snapshot. Another statement in the
// same thread is not this one.
func (m *statementMode) follow(e *env) {
	n := e.snap.Node(m.row.node.ID)
	if n == nil || !n.Up() {
		m.gone = "its node does not answer"
		return
	}
	m.gone = "it has ended"
	for i := range n.Sample.Processes.Rows {
		p := &n.Sample.Processes.Rows[i]
		if p.Continues(m.row.Process) {
			m.row, m.gone = busyRow{node: n, Process: p}, ""
			return
		}
	}
}

func (m *statementMode) body(s *shell, width, height int) []string {
	e := &s.env
	m.follow(e)
	p := &m.row
	now := fact{"now", "runs for " + duration(p.Time), e.patience(p.Time)}
	if m.gone != "" {
		now = fact{"now", m.gone + "; below is what was last known", e.st.warn}
	}
	about := section{
		title: "Statement", detail: "thread " + strconv.FormatUint(p.ID, 10) + " on " + p.node.Name,
		facts: []fact{
			now,
			e.plain("user", e.user(p.User)), e.plain("host", e.host(p.Host)), e.plain("database", p.DB),
			e.plain("command", p.Command), e.plain("state", stage(p)),
			e.plain("query id", count(p.QueryID)),
			e.plain("rows examined", count(p.Examined)), e.plain("rows sent", count(p.Sent)),
			e.plain("memory", memory(p)),
		},
	}
	lines := about.lines(e, width)
	lines = append(lines, newLine(e.g, width).String(), rule(e, width, "Text", "as far as it is known", "", ""))
	text := strings.TrimSpace(e.query(p.Query))
	for _, part := range wrap(text, width-2, 0) {
		lines = append(lines, newLine(e.g, width).to(1).put("", part).String())
	}
	return m.window(lines, height)
}

func memory(p *busyRow) string {
	if !p.Memory.Known {
		return ""
	}
	return bytes(float64(p.Memory.V)) + "B"
}
