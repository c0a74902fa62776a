package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// lockWords are the kinds of locks as a sentence says them.
var lockWords = map[model.LockKind]string{
	model.LockRow: "row lock", model.LockMetadata: "metadata lock", model.LockTable: "LOCK TABLES",
	model.LockGlobal: "global read lock", model.LockBackup: "backup lock", model.LockTOI: "schema change",
}

// deepest is up to which level a tree is indented.
const deepest = 8

// branches draws a row's place in its tree: the thread behind lines to its root.
func (r *lockRow) branches(g *glyphs) string {
	var b strings.Builder
	for i, last := range r.lasts {
		switch {
		case len(r.lasts)-i > deepest:
		case i == len(r.lasts)-1 && last:
			b.WriteString(g.box[2] + g.box[4])
		case i == len(r.lasts)-1:
			b.WriteString(g.tee + g.box[4])
		case last:
			b.WriteString("  ")
		default:
			b.WriteString(g.box[5] + " ")
		}
	}
	if r.ID == 0 {
		return b.String() + "?"
	}
	return b.String() + strconv.FormatUint(r.ID, 10)
}

// holdsUp says what a root does to the others.
func (r *lockRow) holdsUp() string {
	text := fmt.Sprintf("holds up %d, oldest %s", r.tree.Holds, duration(r.tree.Oldest))
	if r.tree.Holds == 0 {
		text = "waits for itself"
	}
	switch {
	case r.Deadlock:
		return text + "; deadlock"
	case r.tree.Protected():
		return text + "; an applier"
	}
	return text
}

// waitsFor says what a thread waits for.
func (r *lockRow) waitsFor(e *env) string {
	w := r.Wait
	text := cmp.Or(lockWords[w.Kind], string(w.Kind))
	if r.Remote {
		text = "its applier on " + r.above + ","
	}
	if w.Object != "" {
		text += " " + e.object(w.Object)
	}
	return text
}

func lockColumns(e *env) []column[lockRow] {
	word := func(title, about string, limit, priority int, of func(*lockRow) string) column[lockRow] {
		return column[lockRow]{
			title: title, about: about, min: len(title), max: limit, priority: priority,
			cell: func(r *lockRow) (string, style) {
				if text := of(r); text != "" {
					return text, e.st.text
				}
				return unknown, e.st.dim
			},
		}
	}
	return []column[lockRow]{
		word("node", "", 16, 0, func(r *lockRow) string { return r.Node.Name }),
		{
			title: "thread", about: "a root holds up all that hang below it, directly or behind others", min: 8, max: 22,
			cell: func(r *lockRow) (string, style) {
				if r.root() {
					return r.branches(e.g), e.st.crit
				}
				return r.branches(e.g), e.st.text
			},
		},
		word("user", "", 16, 2, func(r *lockRow) string { return e.user(r.User) }),
		word("host", "where the client is", 21, 7, func(r *lockRow) string { return e.host(r.Host) }),
		{
			title: "waiting for", about: "the kind of lock and what it is on; ~ is an inference, not named by the server; of a root: what it does to others",
			min: 26, max: 44,
			cell: func(r *lockRow) (string, style) {
				switch {
				case r.root():
					return r.holdsUp(), e.st.crit
				case r.Wait.Inferred:
					return "~ " + r.waitsFor(e), e.st.text
				}
				return r.waitsFor(e), e.st.text
			},
		},
		{
			title: "waits", about: "for how long", min: 6, max: 6, right: true,
			cell: func(r *lockRow) (string, style) {
				switch {
				case r.Wait == nil:
					return "", ""
				case r.Wait.Age == 0:
					return unknown, e.st.dim
				case r.Wait.Age >= longWait:
					return duration(r.Wait.Age), e.st.warn
				}
				return duration(r.Wait.Age), e.st.text
			},
		},
		lockTrxColumn(e),
		{
			title: "rows", about: "rows that its transaction changed: what a rollback has to undo", min: 5, max: 5, right: true, priority: 5,
			cell: func(r *lockRow) (string, style) {
				if r.Trx == nil {
					return "", ""
				}
				return countShort(model.N(r.Trx.Modified)), e.st.text
			},
		},
		word("state", "what the server says that it does", 31, 6, func(r *lockRow) string { return cmp.Or(e.state(r.State), r.Command) }),
		{
			title: "query", about: "the statement's start; Enter shows all that is known", min: 12, priority: 1,
			cell: func(r *lockRow) (string, style) { return lockStatement(e, r) },
		},
	}
}

func lockTrxColumn(e *env) column[lockRow] {
	return column[lockRow]{
		title: "trx", about: "age of its open transaction; blank: none, or not known", min: 6, max: 6, right: true, priority: 3,
		cell: func(r *lockRow) (string, style) {
			if r.Trx == nil {
				return "", ""
			}
			return duration(r.Trx.Age), e.patience(r.Trx.Age)
		},
	}
}

// lockStatement is what a thread runs, or why nothing is to be seen.
func lockStatement(e *env, r *lockRow) (string, style) {
	switch {
	case r.ID == 0:
		return "who holds it cannot be told", e.st.dim
	case !r.Known:
		return "not among the threads that were read", e.st.dim
	case r.Query == "" && r.Idle() && r.Trx == nil:
		return "asleep for " + duration(r.Time), e.st.dim
	case r.Query == "" && r.Idle():
		return "asleep in an open transaction", e.st.dim
	case r.Query == "":
		return r.Command, e.st.dim
	}
	return e.query(r.Query), e.st.text
}

// View draws the trees under a line that counts them, or says why there are none.
func (p *locks) View(width, height int) []string {
	lines := []string{p.head(width)}
	limits := p.limits()
	if len(p.list.all) == 0 {
		return fit(p.e, p.calm(lines, limits, width), width, height)
	}
	if len(limits) > 0 && height > 8 {
		lines = append(lines, newLine(p.e.g, width).to(1).put(p.e.st.warn, strings.Join(limits, "; ")).String())
	}
	about := p.about(width, height)
	lines = append(lines, p.list.View(p.e, width, height-len(lines)-len(about))...)
	return fit(p.e, append(lines, about...), width, height)
}

func (p *locks) head(width int) string {
	detail := "nobody waits"
	if n := len(p.trees); n > 0 {
		detail = fmt.Sprintf("%s, %s", plural(p.waiting, "thread waits", "threads wait"), plural(n, "root", "roots"))
	}
	if f := p.list.filter; f != nil {
		detail = fmt.Sprintf("%d of %d waiting threads in trees that match /%s/", p.passing, p.waiting, p.e.typed(f))
	}
	note := ""
	if t := p.list; len(t.rows) > t.height && t.height > 0 && len(p.trees) > 0 {
		note = fmt.Sprintf("%d to %d of %d", t.top+1, min(t.top+t.height, len(t.rows)), len(t.rows))
	}
	return rule(p.e, width, "Locks", detail, note, p.e.st.dim)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// calm says that nobody waits, and how far that can be known.
func (p *locks) calm(lines, limits []string, width int) []string {
	e := p.e
	up := slices.ContainsFunc(e.snap.Nodes, (*model.Node).Up)
	text := "No thread waits for a lock: no row, metadata, table, backup or global lock, no schema change."
	if !up {
		text = "No node answers, so that nothing is known of its locks."
	}
	put := func(st style, text string) {
		for _, part := range prose(text, width-2) {
			lines = append(lines, newLine(e.g, width).to(1).put(st, part).String())
		}
	}
	lines = append(lines, newLine(e.g, width).String())
	put(e.st.text, text)
	if len(limits) > 0 && up {
		lines = append(lines, newLine(e.g, width).String())
		put(e.st.text, "What cannot be seen from here:")
		for _, l := range limits {
			put(e.st.warn, l)
		}
		lines = append(lines, newLine(e.g, width).String())
		put(e.st.dim, "Waits that are not listed are told from the states of threads; who holds them up is an inference then, marked ~.")
	}
	return lines
}

// limits are the reasons why the trees may not tell all, each with its nodes.
func (p *locks) limits() []string {
	var reasons []string
	nodes := make(map[string][]string)
	add := func(reason string, n *model.Node) {
		if nodes[reason] == nil {
			reasons = append(reasons, reason)
		}
		nodes[reason] = append(nodes[reason], n.Name)
	}
	for _, n := range p.e.snap.Nodes {
		if !n.Up() {
			add("no answer", n)
			continue
		}
		if o := &n.Sample.Processes; o.OwnOnly {
			add("threads of others not visible: the account lacks "+cmp.Or(o.Grant, "PROCESS"), n)
		}
		switch l := n.Sample.Slow.Locks; {
		case l == nil:
		case l.Grant != "":
			add("locks not visible: the account lacks "+l.Grant, n)
		case l.Error != "":
			add("locks not visible: "+p.e.failed(l.Error), n)
		case l.Blind != "":
			add(l.Blind, n)
		}
		if l := n.Sample.Slow.Locks; l != nil && l.Left > 0 {
			add("more locks than were read", n)
		}
	}
	for i, r := range reasons {
		if list := nodes[r]; len(list) < len(p.e.snap.Nodes) || len(list) == 1 {
			reasons[i] = strings.Join(list, ", ") + ": " + r
		}
	}
	return reasons
}

// about is what is known of the selected thread beyond its row, where there is
// room.
func (p *locks) about(width, height int) []string {
	r := p.list.current()
	if r == nil || height < 14 {
		return nil
	}
	e := p.e
	title := "Thread " + strconv.FormatUint(r.ID, 10)
	if r.ID == 0 {
		title = "Unknown holder"
	}
	facts := []string{"on " + r.Node.Name}
	if r.Known {
		facts = append(facts, e.user(r.User), e.host(r.Host), r.DB, r.Command+" for "+duration(r.Time))
	}
	if r.Trx != nil {
		facts = append(facts, fmt.Sprintf("transaction for %s, %d rows changed, %d locked", duration(r.Trx.Age), r.Trx.Modified, r.Trx.Locked))
	}
	facts = slices.DeleteFunc(facts, func(f string) bool { return f == "" })
	lines := []string{rule(e, width, title, "", "", ""), newLine(e.g, width).to(3).put(e.st.text, strings.Join(facts, ", ")).String()}
	if w := r.Wait; w != nil {
		text := "waits for " + r.waitsFor(e)
		if w.Mode != "" {
			text += ", mode " + w.Mode
		}
		if w.Inferred {
			text += "; who holds it follows from what the threads do, the server does not name it"
		}
		lines = append(lines, newLine(e.g, width).to(3).put(e.st.text, text).String())
	} else {
		lines = append(lines, newLine(e.g, width).to(3).put(e.st.text, "waits for nobody, "+r.holdsUp()).String())
	}
	text, st := lockStatement(e, r)
	for _, part := range wrap(text, width-4, 0)[:min(2, len(wrap(text, width-4, 0)))] {
		lines = append(lines, newLine(e.g, width).to(3).put(st, part).String())
	}
	return lines
}
