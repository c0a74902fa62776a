package actions

import (
	"fmt"
	"time"

	"github.com/galeratop/galeratop/model"
)

// KillKind is what of a thread is ended.
type KillKind int

// The kinds of kill.
const (
	KillQuery      KillKind = iota // its statement; the connection and its transaction stay
	KillConnection                 // its connection; the transaction is rolled back
)

var killQuery = &action{
	id: "kill-query", independent: true,
	replan: replanKill, execute: executeKill, verify: verifyKill,
}

var killConnection = &action{
	id: "kill-connection", independent: true,
	replan: replanKill, execute: executeKill, verify: verifyKill,
}

// killWords are the words for a kind.
var killWords = map[KillKind]struct{ action, one, many string }{
	KillQuery:      {"kill-query", "query", "queries"},
	KillConnection: {"kill-connection", "connection", "connections"},
}

// killSubject is what a plan to kill works on.
type killSubject struct {
	kind    KillKind
	targets []*killTarget
}

// killTarget is one thread that was chosen, as it was when it was chosen.
type killTarget struct {
	key  model.ThreadKey
	node string // its name
	seen *model.Process
	at   time.Time // a moment just before the process list was read

	// Filled in by the run.
	killed model.Process // the row that was read before the statement
	asked  time.Time     // when the statement was sent
	again  int           // how often it was sent once more
	most   int64         // rows that were still to be rolled back, at first
	left   int64         // and when last looked at
	since  time.Time     // of most
}

// what names the target for people.
func (t *killTarget) what() string { return fmt.Sprintf("thread %d on %s", t.key.Thread, t.node) }

// client is who is behind the thread: its account, and where from.
func client(p *model.Process) string { return p.User + "@" + p.Host }

// sameConnection reports whether a row shows the connection that was seen. No
// server gives out an id that is in use, and MariaDB and MySQL give one out again
// only after their counter of 32 bits went round. So it is the same when it has
// been doing what it does since before it was seen, or when it is the same
// account from the same port. Both are needed: inside a procedure with the rights
// of its definer a row shows the definer in place of the client. read is when the
// row had arrived, at a moment before the older one was read.
func sameConnection(now, seen *model.Process, read, at time.Time) bool {
	return now.ID == seen.ID && ((now.User == seen.User && now.Host == seen.Host) || unbroken(now, read, at))
}

// unbroken reports whether the thread has been in its command since before the
// moment. Only MariaDB, which names query ids, tells times that are exact enough.
func unbroken(now *model.Process, read, at time.Time) bool {
	return now.QueryID.Known && now.Time >= read.Sub(at)
}

// sameStatement reports whether a row shows the statement that was seen in the
// thread: by its query id, or because it has been running since before it was
// seen. MariaDB gives each statement inside a stored procedure a query id of its
// own while the time stays that of the CALL. Where times are whole seconds, the
// text has to agree as well.
func sameStatement(now, seen *model.Process, read, at time.Time) bool {
	switch {
	case !now.Active() || !seen.Active() || !sameConnection(now, seen, read, at):
		return false
	case now.QueryID.Known:
		return now.QueryID == seen.QueryID || unbroken(now, read, at)
	}
	return now.Time+time.Second >= read.Sub(at) && now.Continues(seen)
}

// unlike says why a row is not what was chosen any more; "" when it is.
func (t *killTarget) unlike(kind KillKind, now *model.Process, read time.Time) string {
	switch {
	case !sameConnection(now, t.seen, read, t.at):
		return fmt.Sprintf("the id belongs to another session now: %s, not %s", client(now), client(t.seen))
	case kind == KillConnection:
		return ""
	case !now.Active():
		return "its statement has ended: the session is idle"
	case !sameStatement(now, t.seen, read, t.at):
		return "its statement has ended: the session runs another one now"
	}
	return ""
}
