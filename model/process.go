package model

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Process is one thread of one node, as its process list shows it.
type Process struct {
	ID       uint64        `json:"id"`
	QueryID  Num           `json:"query_id"` // MariaDB; tells statements of one thread apart
	User     string        `json:"user"`
	Host     string        `json:"host"`
	DB       string        `json:"db,omitempty"`
	Command  string        `json:"command"`
	Time     time.Duration `json:"time_ns"` // in this command; whole seconds where the server has no finer
	State    string        `json:"state,omitempty"`
	Query    string        `json:"query,omitempty"` // printable, one line, its start only
	Progress Real          `json:"progress"`        // percent of the present stage, where known
	Examined Num           `json:"rows_examined"`
	Sent     Num           `json:"rows_sent"`
	Memory   Num           `json:"memory_bytes"`
}

// SystemUser is how servers name threads that belong to no client.
const SystemUser = "system user"

// System reports whether the thread belongs to the server, not to a client:
// appliers, the rollbacker, replication, the event scheduler.
func (p *Process) System() bool {
	return p.User == SystemUser || p.User == "event_scheduler" || p.Command == "Daemon" ||
		(p.Host == "" && p.User == "")
}

// Idle reports whether a client thread is waiting for its client.
func (p *Process) Idle() bool { return p.Command == "Sleep" && !p.System() }

// Active reports whether a client's statement runs in the thread.
func (p *Process) Active() bool {
	return !p.System() && !p.Idle() && p.Command != "Binlog Dump" && p.Command != "Binlog Dump GTID"
}

// Processes are the threads of one node at one time, the busiest and oldest
// first; Left is how many more there were.
type Processes struct {
	Rows    []Process `json:"rows"`
	Total   int       `json:"total"`            // threads seen, those left out included
	Idle    int       `json:"idle"`             // of Total, clients asleep
	Left    int       `json:"left_out"`         // of Total, not in Rows
	Glance  bool      `json:"glance,omitempty"` // statements were read up to their 100th character
	OwnOnly bool      `json:"own_only"`         // the account sees only its own threads
	Grant   string    `json:"grant,omitempty"`  // what would let it see all
	Error   string    `json:"error,omitempty"`  // why there is no list
	Own     []uint64  `json:"-"`                // threads that are this console's own connections
}

// Count fills in the totals of a list that was read with a bound on its rows.
// What the bound left out is only known by the server's own counts, which may be
// a few threads off. A glance was read without a bound: it is cut here, but for
// the threads that come first.
func (p *Processes) Count(bound int, first []uint64, s *Status) {
	system := 0
	p.Total, p.Idle, p.Left = len(p.Rows), 0, 0
	for i := range p.Rows {
		switch r := &p.Rows[i]; {
		case r.System():
			system++
		case r.Idle():
			p.Idle++
		}
	}
	if p.Glance {
		p.cut(bound, first)
	}
	if p.Glance || len(p.Rows) < bound || p.OwnOnly || !s.ThreadsConnected.Known {
		return
	}
	p.Total = max(int(s.ThreadsConnected.V)+system, len(p.Rows))
	p.Left = p.Total - len(p.Rows)
	p.Idle = max(int(s.ThreadsConnected.V-s.ThreadsRunning.Or(0)), p.Idle)
}

// cut leaves out the last rows of an arranged list, those of some threads
// excepted, for which the bound has room.
func (p *Processes) cut(bound int, first []uint64) {
	kept := min(max(bound-len(first), 0), len(p.Rows))
	more := slices.DeleteFunc(p.Rows[kept:], func(r Process) bool { return !slices.Contains(first, r.ID) })
	p.Rows = p.Rows[:kept+len(more)]
	p.Left = p.Total - len(p.Rows)
}

// Continues reports whether a later look at the thread shows the same statement.
// A glance has no query id and only the statement's start, so that one may be
// known where the other is not.
func (p *Process) Continues(older *Process) bool {
	if p.ID != older.ID || p.User != older.User {
		return false
	}
	if p.QueryID.Known && older.QueryID.Known {
		return p.QueryID == older.QueryID
	}
	a, b := strings.TrimSuffix(p.Query, "…"), strings.TrimSuffix(older.Query, "…")
	return p.Time+time.Second >= older.Time && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a)) && (a == "") == (b == "")
}

// Arrange leaves out one thread and orders the others: what runs for clients,
// then the server's own threads, then the sleepers, the longest first in each.
func (p *Processes) Arrange(without uint64) {
	p.Rows = slices.DeleteFunc(p.Rows, func(r Process) bool { return r.ID == without })
	rank := func(r *Process) int {
		switch {
		case r.Active():
			return 0
		case r.Idle():
			return 2
		}
		return 1
	}
	slices.SortStableFunc(p.Rows, func(a, b Process) int {
		return cmp.Or(cmp.Compare(rank(&a), rank(&b)), cmp.Compare(b.Time, a.Time))
	})
}
