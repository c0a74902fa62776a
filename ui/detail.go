package ui

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/galeratop/galeratop/model"
)

// detail is everything about one thread. It follows the thread, whatever that
// runs, and keeps the last known when the thread is gone.
type detail struct {
	scroller
	key     model.ThreadKey
	node    *model.Node
	process model.Process // as last seen
	trx     *model.Transaction
	wait    *model.LockWait
	blocks  int
	gone    string // why it is no longer followed
	seen    []seenStatement

	found  *model.Inspection // the last that succeeded; nil before
	failed string            // why the last one did not
	asked  time.Time
	asking bool

	plan       *model.Explanation
	planFailed string
	planning   bool
	json       bool

	said  string
	whole sqlView
}

// seenStatement is a statement that the thread was seen with while open here.
type seenStatement struct {
	process model.Process
	last    time.Time
}

// seenStatements bounds the history of an open thread.
const seenStatements = 20

// openThread shows everything about a thread over the pane.
func openThread(s *shell, t model.Thread) {
	d := &detail{key: t.Key(), node: t.Node, process: *t.Process}
	d.follow(&s.env)
	s.mode = d
}

// demand is more than a glance: whole statements, transactions, who waits for
// whom.
func (d *detail) demand() model.Subject {
	return model.SubjectProcesses | model.SubjectTransactions | model.SubjectLocks
}

// follow looks the thread up in the newest snapshot.
func (d *detail) follow(e *env) {
	n := e.snap.Node(d.key.Node)
	if n == nil || !n.Up() {
		d.gone = "its node does not answer"
		return
	}
	d.node, d.gone = n, "the thread has ended"
	threads := model.Threads(&model.Snapshot{Nodes: []*model.Node{n}})
	for i := range threads {
		t := &threads[i]
		if t.ID != d.key.Thread {
			continue
		}
		if t.User != d.process.User || t.Host != d.process.Host {
			d.gone = "the thread has ended; its number belongs to another connection now"
			return
		}
		d.gone, d.process, d.trx, d.wait, d.blocks = "", *t.Process, t.Trx, t.Wait, t.Blocks
		d.note(t.Process, n.Sample.At)
		return
	}
	if n.Sample.Processes.Left > 0 {
		d.gone = "it is not among the threads that were read, or has ended"
	}
}

// note keeps a statement in the history of the thread.
func (d *detail) note(p *model.Process, at time.Time) {
	if p.Query == "" {
		return
	}
	if n := len(d.seen); n > 0 && p.Continues(&d.seen[n-1].process) {
		if at.After(d.seen[n-1].last) {
			d.seen[n-1] = seenStatement{*p, at}
		}
		return
	}
	if d.seen = append(d.seen, seenStatement{*p, at}); len(d.seen) > seenStatements {
		d.seen = d.seen[1:]
	}
}

// text is the statement as far as it is known: all of it when the last look was
// at the same one.
func (d *detail) text() string {
	if f := d.found; f != nil && f.Text.Text != "" && f.Gone == "" && (d.process.Query == "" || d.process.Continues(&f.Process)) {
		if f.Text.Cut && !strings.HasSuffix(f.Text.Text, "…") {
			return f.Text.Text + "…"
		}
		return f.Text.Text
	}
	if d.process.Query == "" && len(d.seen) > 0 {
		return d.seen[len(d.seen)-1].process.Query
	}
	return d.process.Query
}

func (d *detail) press(s *shell, k tea.KeyPressMsg) tea.Cmd {
	d.said = ""
	switch k.String() {
	case "e":
		if why := s.uninspected(); why != "" {
			d.said = "e: " + why
			return nil
		}
		return d.explain(s)
	case "y":
		return d.copy(s)
	case "P":
		s.hide()
	default:
		d.scroller.press(s, k)
	}
	return nil
}

// surely is how much text every terminal takes into its clipboard, in bytes.
const surely = 70 << 10

// copy puts the statement, as it may be shown, into the terminal's clipboard.
func (d *detail) copy(s *shell) tea.Cmd {
	text := s.query(d.text())
	if text == "" {
		d.said = "y: no statement is known"
		return nil
	}
	d.said = fmt.Sprintf("copied %sB", bytes(float64(len(text))))
	switch {
	case strings.HasSuffix(text, "…"):
		d.said += ", the statement's start only"
	case len(text) > surely:
		d.said += "; terminals may take less"
	}
	if s.privacy {
		d.said += ", literals hidden"
	}
	return tea.SetClipboard(text)
}

func (d *detail) footer(s *shell, l *line) {
	if d.said != "" {
		l.to(1).put(s.st.notice, d.said)
		return
	}
	explain := hint{keys: "e", word: "explain", rank: rankUsual, dead: s.uninspected() != ""}
	switch {
	case explain.dead:
		explain.word = "explain: no server"
	case d.plan != nil && !d.json:
		explain.word = "explain as JSON"
	case d.plan != nil:
		explain.word = "explain as a table"
	}
	all := append([]hint{{keys: "Esc", word: "back"}}, s.killHints()...)
	all = append(all, explain, hint{keys: "y", word: "copy", rank: rankUsual}, hint{keys: "P", word: "privacy", rank: rankSpare})
	if d.lines > d.height {
		all = append(all, hint{keys: "PgUp PgDn", word: "scroll", rank: rankSpare})
	}
	l.hints(s, all)
}
