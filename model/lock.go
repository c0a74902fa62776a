package model

import "time"

// LockKind is what kind of lock is waited for.
type LockKind string

// The kinds of locks that clients and appliers wait for.
const (
	LockRow      LockKind = "row"
	LockMetadata LockKind = "metadata"
	LockTable    LockKind = "table"     // LOCK TABLES
	LockGlobal   LockKind = "read lock" // FLUSH TABLES WITH READ LOCK
	LockBackup   LockKind = "backup"    // BACKUP STAGE, LOCK INSTANCE FOR BACKUP
	LockTOI      LockKind = "TOI"       // a statement in total order isolation
)

// Locks are the lock waits of a node, read while somebody looks or while
// something waits; the longest waits first.
type Locks struct {
	Reading
	Waits []LockWait `json:"waits"`
	Left  int        `json:"left_out"` // waits that the bound on rows left out
	// Blind says in words what this server cannot show and what would let it:
	// metadata locks need a plugin or an instrument. Empty when it shows all.
	Blind string `json:"blind,omitempty"`
}

// LockWait is one thread of a node that waits for another one of the same node.
type LockWait struct {
	Waiter  uint64        `json:"waiter"`  // thread
	Blocker uint64        `json:"blocker"` // thread; 0 when nobody can be named
	Kind    LockKind      `json:"kind"`
	Object  string        `json:"object,omitempty"` // schema.table, and the index for a row lock
	Mode    string        `json:"mode,omitempty"`   // as the server names it: X, S, SHARED_WRITE, ...
	Age     time.Duration `json:"age_ns"`           // of the wait; 0 when not known
	// Inferred says that the server does not name the blocker and that it follows
	// from what the threads do.
	Inferred bool `json:"inferred,omitempty"`
}
