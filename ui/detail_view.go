package ui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

func (d *detail) body(s *shell, width, height int) []string {
	e := &s.env
	d.follow(e)
	lines := d.head(e, width)
	if d.planning || d.plan != nil || d.planFailed != "" {
		lines = append(lines, d.planLines(e, width)...)
	}
	lines = append(lines, d.textLines(e, width)...)
	lines = append(lines, arrange(e, []section{d.who(e), d.transaction(e)}, width, height)...)
	lines = append(lines, d.lockLines(e, width)...)
	lines = append(lines, d.historyLines(e, width)...)
	lines = append(lines, d.seenLines(e, width)...)
	return d.window(lines, height)
}

// head is what the thread does now, and how well it is known.
func (d *detail) head(e *env, width int) []string {
	p := &d.process
	note, look := "", e.st.dim
	switch {
	case d.asking && d.found == nil:
		note = "asking " + d.node.Name + e.g.ellipsis
	case d.failed != "":
		note, look = e.failed(d.failed), e.st.warn
	case d.found != nil && d.gone == "":
		note = "looked at " + d.found.At.Local().Format("15:04:05")
	}
	what := section{
		title: "Thread " + strconv.FormatUint(p.ID, 10) + " on " + d.node.Name, note: clipped(note, width/2), noteStyle: look,
		facts: []fact{d.now(e)},
	}
	if p.State != "" || p.Progress.Known {
		state := e.state(p.State)
		if p.Progress.Known && p.Progress.V > 0 {
			state = strconv.Itoa(int(p.Progress.V)) + "% " + state
		}
		what.facts = append(what.facts, e.plain("state", state))
	}
	if open := d.openTrx(e); open.value != "" {
		what.facts = append(what.facts, open)
	}
	if w := d.wait; w != nil {
		what.facts = append(what.facts, fact{"blocked by", d.blocker(e, w), e.st.warn})
	}
	if d.blocks > 0 {
		what.facts = append(what.facts, fact{"holds up", fmt.Sprintf("%d threads", d.blocks), e.st.warn})
	}
	return what.lines(e, width)
}

// now is one sentence about what the thread does.
func (d *detail) now(e *env) fact {
	p := &d.process
	switch {
	case d.gone != "":
		return fact{"now", d.gone + "; below is what was last known", e.st.warn}
	case p.System():
		return fact{"now", "belongs to the server: an applier, the rollbacker, replication or the event scheduler", e.st.text}
	case p.Idle() && d.trx != nil:
		return fact{"now", "idle for " + duration(p.Time) + " with an open transaction", e.patience(p.Time)}
	case p.Idle():
		return fact{"now", "idle for " + duration(p.Time), e.st.text}
	case p.Active():
		return fact{"now", "runs for " + duration(p.Time), e.patience(p.Time)}
	}
	return fact{"now", p.Command + " for " + duration(p.Time), e.st.text}
}

// openTrx is the open transaction in one line: on small screens its section is
// below the statement.
func (d *detail) openTrx(e *env) fact {
	const words = "open for %s, rows modified %s, locked %s"
	if d.found != nil && d.found.Trx.Open {
		t := &d.found.Trx
		return fact{"transaction", fmt.Sprintf(words, duration(t.Age), count(t.RowsModified), count(t.RowsLocked)), e.patience(t.Age)}
	}
	if t := d.trx; d.found == nil && t != nil {
		return fact{"transaction", fmt.Sprintf(words, duration(t.Age), count(model.N(t.Modified)), count(model.N(t.Locked))), e.patience(t.Age)}
	}
	return fact{}
}

func (d *detail) blocker(e *env, w *model.LockWait) string {
	text := string(w.Kind) + " lock"
	if w.Object != "" {
		text += " on " + e.object(w.Object)
	}
	if w.Age > 0 {
		text += ", for " + duration(w.Age)
	}
	if w.Blocker == 0 {
		return "somebody who cannot be named, " + text
	}
	who := "thread " + strconv.FormatUint(w.Blocker, 10)
	rows := d.node.Sample.Processes.Rows
	if i := slices.IndexFunc(rows, func(p model.Process) bool { return p.ID == w.Blocker }); i >= 0 {
		who += " (" + e.user(rows[i].User) + ")"
	}
	if w.Inferred {
		who += ", as it seems"
	}
	return who + ", " + text
}

// who is where the thread comes from.
func (d *detail) who(e *env) section {
	p := &d.process
	out := section{title: "Who", facts: []fact{
		e.plain("user", e.user(p.User)), e.plain("host", e.host(p.Host)), e.plain("database", p.DB),
		e.plain("command", p.Command), e.plain("query id", count(p.QueryID)),
	}}
	if read := examined(d.node, p); read.Known || p.Sent.Known {
		out.facts = append(out.facts, e.plain("rows", "examined "+count(read)+", sent "+count(p.Sent)))
	}
	if p.Memory.Known {
		out.facts = append(out.facts, e.plain("memory", bytes(float64(p.Memory.V))+"B"))
	}
	if d.found == nil {
		return out
	}
	a := &d.found.Attributes
	for _, name := range shownAttributes {
		if i := slices.IndexFunc(a.Rows, func(r model.Attribute) bool { return r.Name == name.key }); i >= 0 {
			out.facts = append(out.facts, e.plain(name.title, e.attribute(&a.Rows[i])))
		}
	}
	if why := trouble(&a.Part); why != "" {
		out.facts = append(out.facts, fact{"program", e.failed(why), e.st.dim})
	} else if len(a.Rows) == 0 {
		out.facts = append(out.facts, fact{"program", "the client told none", e.st.dim})
	}
	return out
}

var shownAttributes = []struct{ key, title string }{
	{"program_name", "program"},
	{"_client_name", "client library"},
	{"_client_version", "its version"},
	{"_pid", "process id there"},
	{"_os", "system"},
	{"_server_host", "dialled"},
}

// attribute is a connection attribute as it may be shown: programs put what they
// like into them.
func (e *env) attribute(a *model.Attribute) string {
	if e.privacy && !strings.HasPrefix(a.Name, "_client") && a.Name != "_os" {
		return "hidden"
	}
	return a.Value
}

// transaction is the open transaction: as the last look found it, or as the
// snapshot knows it.
func (d *detail) transaction(e *env) section {
	out := section{title: "Transaction"}
	if d.found == nil {
		switch t := d.trx; {
		case t != nil:
			out.facts = []fact{
				{"open for", duration(t.Age), e.patience(t.Age)},
				e.plain("state", t.State),
				e.plain("rows", fmt.Sprintf("modified %d, locked %d", t.Modified, t.Locked)),
			}
		default:
			out.facts = []fact{{"open", "none known", e.st.dim}}
		}
		return out
	}
	t := &d.found.Trx
	switch why := trouble(&t.Part); {
	case why != "":
		out.facts = []fact{{"open", e.failed(why), e.st.warn}}
		return out
	case !t.Open:
		out.facts = []fact{{"open", "none", e.st.text}}
		return out
	}
	out.facts = []fact{
		{"open for", duration(t.Age), e.patience(t.Age)},
		e.plain("state", t.State),
		e.plain("rows", "modified "+count(t.RowsModified)+", locked "+count(t.RowsLocked)),
		e.plain("tables", "in use "+count(t.TablesInUse)+", locked "+count(t.TablesLocked)),
		e.plain("isolation", strings.ToLower(t.Isolation)),
	}
	if t.ReadOnly == model.On {
		out.facts = append(out.facts, e.plain("may", "only read"))
	}
	if t.Operation != "" {
		out.facts = append(out.facts, e.plain("engine does", t.Operation))
	}
	if t.Waiting.Known {
		out.facts = append(out.facts, fact{"waits for a row lock", duration(time.Duration(t.Waiting.V) * time.Second), e.st.warn})
	}
	return out
}

// trouble is why a part is missing and what would help.
func trouble(p *model.Part) string {
	if p.Grant != "" {
		return "not readable: GRANT " + p.Grant + " TO this account"
	}
	return p.Error
}

// textLines is the statement, laid out.
func (d *detail) textLines(e *env, width int) []string {
	title, detail := "Statement", ""
	if d.process.Query == "" && d.text() != "" {
		title = "Last statement seen"
	}
	if f := d.found; f != nil && f.Text.Bytes > queryShown {
		detail = bytes(float64(f.Text.Bytes)) + "B"
	}
	text := e.query(d.text())
	if strings.HasSuffix(text, "…") {
		detail = "its start only"
	}
	lines := []string{rule(e, width, title, detail, "", "")}
	if text == "" {
		return append(lines, newLine(e.g, width).to(1).put(e.st.dim, "none runs").String())
	}
	return append(lines, d.whole.of(e, text, width)...)
}

// queryShown is from which size on a statement's size is worth telling, in bytes.
const queryShown = 1024

// clipped cuts a note to n cells at most.
func clipped(text string, n int) string {
	cut, _ := appendCells(nil, text, n, "…")
	return string(cut)
}
