package ui

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"github.com/galeratop/galeratop/model"
)

type threadColumn = column[model.Thread]

// newThreadTable is the table of all threads of the cluster.
func newThreadTable(e *env) *table[model.Thread] {
	t := &table[model.Thread]{
		columns: threadColumns(e),
		key:     func(t *model.Thread) rowKey { return rowKey{t.Node.ID, t.ID} },
		tie: func(a, b *model.Thread) int {
			return cmp.Or(cmp.Compare(a.Place, b.Place), cmp.Compare(a.ID, b.ID))
		},
		frozen: 2,
		holds:  true,
		sign:   func(t *model.Thread) string { return t.User + "@" + t.Host },
	}
	for i := range t.columns {
		if t.columns[i].title == "time" {
			t.sortBy = i
		}
	}
	return t
}

func threadColumns(e *env) []threadColumn {
	return []threadColumn{
		wordColumn(e, "node", "", 16, 0, func(t *model.Thread) string { return t.Node.Name }),
		{
			title: "id", about: "the connection's number on its node", min: 6, max: 10, right: true,
			cell: func(t *model.Thread) (string, style) { return strconv.FormatUint(t.ID, 10), e.st.dim },
			rank: func(t *model.Thread) float64 { return float64(t.ID) },
		},
		wordColumn(e, "user", "", 16, 1, func(t *model.Thread) string { return e.user(t.User) }),
		wordColumn(e, "host", "where the client is", 21, 9, func(t *model.Thread) string { return e.host(t.Host) }),
		wordColumn(e, "db", "the default database", 16, 8, func(t *model.Thread) string { return t.DB }),
		wordColumn(e, "command", "Query, Execute, Sleep, ...", 12, 10, func(t *model.Thread) string { return t.Command }),
		timeColumn(e),
		trxColumn(e),
		waitColumn(e),
		{
			title: "blocks", about: "threads that wait for it, directly or behind others", min: 6, max: 6, right: true, priority: 4, seldom: true,
			cell: func(t *model.Thread) (string, style) {
				if t.Blocks == 0 {
					return "", ""
				}
				return strconv.Itoa(t.Blocks), e.st.crit
			},
			rank: func(t *model.Thread) float64 { return float64(t.Blocks) }, falling: true,
		},
		quantity(e, "examined", "rows that the statement read; MariaDB counts none for SELECT", 6, countShort, func(t *model.Thread) model.Num { return examined(t.Node, t.Process) }),
		quantity(e, "sent", "rows that the statement gave to its client", 11, countShort, func(t *model.Thread) model.Num { return t.Sent }),
		quantity(e, "changed", "rows that the open transaction changed: what a rollback has to undo", 5, countShort, (*model.Thread).Changed),
		quantity(e, "locked", "rows that the open transaction locks, about", 12, countShort, (*model.Thread).Locked),
		quantity(e, "memory", "what the thread holds", 13, size, func(t *model.Thread) model.Num { return t.Memory }),
		stateColumn(e),
		{
			title: "query", about: "the statement's start; Enter shows all that is known", min: 30, share: 36,
			cell: func(t *model.Thread) (string, style) {
				switch {
				case t.Query == "" && t.Blocks > 0:
					return idleWord(t), e.st.warn
				case t.Query == "":
					return idleWord(t), e.st.dim
				}
				return e.query(t.Query), e.st.text
			},
			word: func(t *model.Thread) string { return e.query(t.Query) },
		},
	}
}

// idleWord is what stands in place of a statement. On small screens it is all
// that tells of a client that holds others up.
func idleWord(t *model.Thread) string {
	switch {
	case t.Idle() && t.Blocks > 0:
		return fmt.Sprintf("holds up %d, asleep in a transaction", t.Blocks)
	case t.Idle() && t.Trx != nil:
		return "asleep in an open transaction"
	}
	return t.Command
}

// examined is how many rows a statement read. MariaDB says 0 for every SELECT,
// which tells nothing.
func examined(n *model.Node, p *model.Process) model.Num {
	if n.Sample != nil && n.Sample.Server.Flavour == model.FlavourMariaDB && p.Examined.V == 0 {
		return model.Num{}
	}
	return p.Examined
}

func wordColumn(e *env, title, about string, limit, priority int, of func(*model.Thread) string) threadColumn {
	return threadColumn{
		title: title, about: about, min: len(title), max: limit, priority: priority, word: of,
		cell: func(t *model.Thread) (string, style) {
			if text := of(t); text != "" {
				return text, e.st.text
			}
			return unknown, e.st.dim
		},
	}
}

// quantity is a column of a number.
func quantity(e *env, title, about string, priority int, write func(model.Num) string, of func(*model.Thread) model.Num) threadColumn {
	width := max(5, len(title))
	return threadColumn{
		title: title, about: about, min: width, max: width, right: true, priority: priority,
		cell: func(t *model.Thread) (string, style) {
			switch n := of(t); {
			case !n.Known:
				return unknown, e.st.dim
			case n.V == 0:
				return "0", e.st.dim
			default:
				return write(n), e.st.text
			}
		},
		rank: func(t *model.Thread) float64 { return rankOf(of(t)) }, falling: true,
	}
}

// rankOf sorts the unknown behind everything.
func rankOf(n model.Num) float64 {
	if !n.Known {
		return -1
	}
	return float64(n.V)
}

func size(n model.Num) string { return bytes(float64(n.V)) }

func timeColumn(e *env) threadColumn {
	return threadColumn{
		title: "time", about: "how long it is in its command", min: 6, max: 6, right: true,
		cell: func(t *model.Thread) (string, style) {
			if !t.Active() {
				return fine(t.Time), e.st.dim
			}
			return fine(t.Time), e.patience(t.Time)
		},
		// Whole seconds: within one the order is the threads', so that short
		// statements do not swap lines at every tick.
		rank: func(t *model.Thread) float64 { return float64(t.Time / time.Second) }, falling: true,
	}
}

// fine writes the time of a statement: 34ms, 0.3s, 1.2s, 12s; servers that count
// whole seconds show whole seconds.
func fine(d time.Duration) string {
	switch {
	case d%time.Second == 0 && d >= time.Second, d >= 10*time.Second, d <= 0:
		return duration(max(d, time.Nanosecond))
	case d < time.Millisecond:
		return "<1ms"
	case d < 100*time.Millisecond:
		return strconv.FormatInt(d.Milliseconds(), 10) + "ms"
	}
	return strconv.FormatFloat(d.Truncate(100*time.Millisecond).Seconds(), 'f', 1, 64) + "s"
}

func trxColumn(e *env) threadColumn {
	return threadColumn{
		title: "trx", about: "age of its open transaction; blank: none", min: 6, max: 6, right: true, priority: 2,
		cell: func(t *model.Thread) (string, style) {
			switch {
			case t.Trx != nil:
				return duration(t.Trx.Age), e.patience(t.Trx.Age)
			case !t.Changed().Known:
				return unknown, e.st.dim
			}
			return "", ""
		},
		rank: func(t *model.Thread) float64 {
			if t.Trx == nil {
				return -1
			}
			return float64(t.Trx.Age / time.Second)
		}, falling: true,
	}
}

// waitColumn names the thread that this one waits for.
func waitColumn(e *env) threadColumn {
	blocker := func(t *model.Thread) float64 {
		if t.Wait == nil {
			return -1
		}
		return float64(t.Wait.Blocker)
	}
	return threadColumn{
		title: "blocked by", about: "the thread of its node that it waits for, and by what kind of lock; ~ is an inference", min: 10, max: 19, priority: 2, seldom: true,
		cell: func(t *model.Thread) (string, style) {
			if t.Wait == nil {
				return "", ""
			}
			return blockedBy(t.Wait), e.st.warn
		},
		rank: blocker, falling: true,
	}
}

func blockedBy(w *model.LockWait) string {
	who := "?"
	if w.Blocker != 0 {
		who = strconv.FormatUint(w.Blocker, 10)
	}
	if w.Inferred {
		who = "~" + who
	}
	return who + " " + string(w.Kind)
}

// stateColumn tells in words where a thread is on the way of replication, else
// what the server says that it does.
func stateColumn(e *env) threadColumn {
	return threadColumn{
		title: "state", about: "certifying, held by flow control, ... where it is about replication, else as the server says it; percent where it knows the progress",
		min: 5, max: 26, priority: 3,
		cell: func(t *model.Thread) (string, style) {
			p := t.Phase()
			switch text := threadState(e, t, p); {
			case p == model.PhaseFlow || p == model.PhaseTOI || p == model.PhaseLocked:
				return text, e.st.warn
			case text == "":
				return unknown, e.st.dim
			default:
				return text, e.st.text
			}
		},
		word: func(t *model.Thread) string { return threadState(e, t, t.Phase()) },
	}
}

func threadState(e *env, t *model.Thread, p model.Phase) string {
	text := p.String()
	if p == model.PhaseNone {
		text = e.state(t.State)
	}
	if t.Progress.Known && t.Progress.V > 0 {
		return strconv.Itoa(int(t.Progress.V)) + "% " + text
	}
	return text
}
