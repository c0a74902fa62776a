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
	Waits []LockWait `json:"waits"` // pairs that the server names
	// Known are the locks that the server lists: those that threads have and
	// those that they ask for. Who waits for whom follows from them.
	Known []Lock `json:"known,omitempty"`
	Left  int    `json:"left_out"` // at least so many rows were left out by the bound
	// Blind says in words what this server cannot show and what would let it:
	// metadata locks need a plugin or an instrument. Empty when it shows all.
	Blind string `json:"blind,omitempty"`
	// Metadata says that the server lists the metadata locks that threads have.
	Metadata bool `json:"metadata"`
}

// Lock is one lock that a thread has or asks for.
type Lock struct {
	Thread  uint64        `json:"thread"`
	Kind    LockKind      `json:"kind"` // LockRow, LockMetadata, LockBackup or LockGlobal
	Object  string        `json:"object,omitempty"`
	Mode    string        `json:"mode,omitempty"`    // as the server names it, without MDL_
	Record  string        `json:"record,omitempty"`  // of a row lock: which record of the object
	Pending bool          `json:"pending,omitempty"` // asked for, not granted
	Age     time.Duration `json:"age_ns"`            // since it was granted or asked for; 0 when not known
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
