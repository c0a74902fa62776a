package ui

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// busyRow is a client's running statement on a node.
type busyRow struct {
	node *model.Node
	*model.Process
	place int // of the node in the snapshot
}

// busy is what the Overview lists and what it leaves out.
type busy struct {
	rows                 []busyRow
	idle, system, unread int
	own                  []string // nodes where only the account's own threads show
	grant                string
	failed               []string // nodes without a process list, and why
}

// newBusy collects the running statements of all nodes that answer.
func newBusy(s *model.Snapshot) busy {
	var b busy
	for place, n := range s.Nodes {
		if !n.Up() {
			continue
		}
		p := &n.Sample.Processes
		if p.Error != "" {
			b.failed = append(b.failed, n.Name+": "+p.Error)
		}
		b.idle += p.Idle
		b.unread += p.Left
		if p.OwnOnly {
			b.own = append(b.own, n.Name)
			b.grant = cmp.Or(b.grant, p.Grant)
		}
		for i := range p.Rows {
			switch row := &p.Rows[i]; {
			case row.Active():
				b.rows = append(b.rows, busyRow{n, row, place})
			case !row.Idle():
				b.system++
			}
		}
	}
	return b
}

// newBusyTable is the table of the busiest queries of the cluster.
func newBusyTable(e *env) *table[busyRow] {
	t := &table[busyRow]{
		columns: busyColumns(e),
		key:     func(b *busyRow) rowKey { return rowKey{b.node.ID, b.ID} },
		tie:     func(a, b *busyRow) int { return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.ID, b.ID)) },
	}
	lens := &model.Lens{User: e.user, Host: e.host, State: e.state, Query: e.query}
	t.holds = true
	t.match = func(f *filter, b *busyRow) bool {
		return e.passThread(f, &model.Thread{Node: b.node, Place: b.place, Process: b.Process}, lens)
	}
	for i := range t.columns {
		if t.columns[i].title == "time" {
			t.sortBy = i
		}
	}
	return t
}

// readsTerms says that the Overview's filter is of threads.
func (o *overview) readsTerms() {}

// How long a statement runs before its time is coloured.
const (
	longQuery     = 10 * time.Second
	veryLongQuery = time.Minute
)

func textColumn(e *env, title, about string, limit, priority int, of func(*busyRow) string) column[busyRow] {
	return column[busyRow]{
		title: title, about: about, min: len(title), max: limit, priority: priority,
		cell: func(b *busyRow) (string, style) {
			if text := of(b); text != "" {
				return text, e.st.text
			}
			return unknown, e.st.dim
		},
		compare: func(a, b *busyRow) int { return strings.Compare(of(a), of(b)) },
	}
}

func busyColumns(e *env) []column[busyRow] {
	return []column[busyRow]{
		textColumn(e, "node", "", 16, 0, func(b *busyRow) string { return b.node.Name }),
		textColumn(e, "user", "", 16, 2, func(b *busyRow) string { return e.user(b.User) }),
		textColumn(e, "host", "where the client is", 21, 6, func(b *busyRow) string { return e.host(b.Host) }),
		textColumn(e, "db", "", 16, 4, func(b *busyRow) string { return b.DB }),
		{
			title: "thread", about: "the connection's number on its node", min: 6, max: 10, right: true, priority: 7,
			cell:    func(b *busyRow) (string, style) { return strconv.FormatUint(b.ID, 10), e.st.dim },
			compare: func(a, b *busyRow) int { return cmp.Compare(a.ID, b.ID) },
		},
		{
			title: "time", about: "how long the statement runs", min: 6, max: 6, right: true,
			cell: func(b *busyRow) (string, style) { return duration(b.Time), e.patience(b.Time) },
			// Whole seconds: within one the order is the threads', so that short
			// statements do not swap lines at every tick.
			compare: func(a, b *busyRow) int { return cmp.Compare(a.Time/time.Second, b.Time/time.Second) }, falling: true,
		},
		textColumn(e, "state", "what the server does in the statement", 22, 3, func(b *busyRow) string { return stage(e, b) }),
		{
			title: "query", about: "the statement's start; Enter shows all that is known", min: 30,
			cell: func(b *busyRow) (string, style) {
				if b.Query == "" {
					return b.Command, e.st.dim
				}
				return e.query(b.Query), e.st.text
			},
		},
	}
}

func (e *env) patience(d time.Duration) style {
	switch {
	case d >= veryLongQuery:
		return e.st.crit
	case d >= longQuery:
		return e.st.warn
	}
	return e.st.text
}

// stage is the process state, with the progress where the server knows it.
func stage(e *env, b *busyRow) string {
	if b.Progress.Known && b.Progress.V > 0 {
		return strconv.Itoa(int(b.Progress.V)) + "% " + e.state(b.State)
	}
	return e.state(b.State)
}
