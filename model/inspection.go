package model

import "time"

// Inspection is a closer look at one thread of one node, asked for by somebody
// who looks at it. Its parts are independent: one that could not be read says
// why and leaves the others alone.
type Inspection struct {
	At     time.Time     `json:"at"`
	Took   time.Duration `json:"took_ns"`
	Thread uint64        `json:"thread"`
	// Gone says why the thread is not there any more, or not the one that was
	// meant; empty while it is.
	Gone string `json:"gone,omitempty"`
	// Changed is true when the thread runs another statement than was asked for.
	Changed    bool                `json:"changed,omitempty"`
	Process    Process             `json:"process"`
	Text       StatementText       `json:"text"`
	Trx        InspectedTrx        `json:"transaction"`
	Locks      InspectedLocks      `json:"locks"`
	Metadata   InspectedLocks      `json:"metadata_locks"`
	History    InspectedStatements `json:"history"`
	Attributes InspectedAttributes `json:"attributes"`
	// InstrumentedAs is the thread's number in performance_schema.
	InstrumentedAs Num `json:"instrumented_as"`
}

// Part is how well one part of an inspection could be read.
type Part struct {
	Error string `json:"error,omitempty"` // why it could not be read, in words
	Grant string `json:"grant,omitempty"` // the privilege that was missing
	Note  string `json:"note,omitempty"`  // what to know about what was read
}

// StatementText is a statement as its client sent it, with its line breaks.
type StatementText struct {
	Text  string `json:"text"`
	Bytes int64  `json:"bytes"` // of the whole statement, as far as the server tells
	Cut   bool   `json:"cut"`   // Text is its start only
}

// InspectedTrx is the open InnoDB transaction of a thread.
type InspectedTrx struct {
	Part
	Open      bool          `json:"open"`
	ID        Num           `json:"id"`
	State     string        `json:"state,omitempty"`
	Operation string        `json:"operation,omitempty"`
	Isolation string        `json:"isolation,omitempty"`
	ReadOnly  Flag          `json:"read_only"`
	Age       time.Duration `json:"age_ns"` // by the server's clock, whole seconds
	// Waiting is how long it has been waiting for a row lock, whole seconds;
	// unknown when it does not wait.
	Waiting      Num    `json:"waiting_seconds"`
	Requested    string `json:"requested_lock,omitempty"`
	RowsLocked   Num    `json:"rows_locked"`
	RowsModified Num    `json:"rows_modified"`
	TablesInUse  Num    `json:"tables_in_use"`
	TablesLocked Num    `json:"tables_locked"`
	Instrumented Num    `json:"instrumented"` // its number in performance_schema
}

// InspectedLocks are the locks of one kind that a thread holds or waits for.
type InspectedLocks struct {
	Part
	Rows []InspectedLock `json:"rows"`
	More bool            `json:"more"` // the bound on rows left some out
}

// InspectedLock is one lock.
type InspectedLock struct {
	Object  string `json:"object"` // schema.table, and the index
	Type    string `json:"type"`   // RECORD, TABLE, GLOBAL, ...
	Mode    string `json:"mode"`
	Data    string `json:"data,omitempty"` // the key that is locked
	Waiting bool   `json:"waiting"`
}

// InspectedStatements are the latest statements of a thread, the newest first.
type InspectedStatements struct {
	Part
	Rows []InspectedStatement `json:"rows"`
}

// InspectedStatement is one statement that performance_schema keeps.
type InspectedStatement struct {
	Event    Num           `json:"event"`
	Text     string        `json:"text"` // printable, one line; servers keep its start only
	Took     time.Duration `json:"took_ns"`
	Affected Num           `json:"rows_affected"`
	Examined Num           `json:"rows_examined"`
	Errno    Num           `json:"error"` // 0: it went well
	// InTrx is true for a statement of the transaction that is open now.
	InTrx bool `json:"in_transaction"`
	trx   Num
}

// InspectedAttributes are what the client's library told when it connected.
type InspectedAttributes struct {
	Part
	Rows []Attribute `json:"rows"`
}

// Attribute is one connection attribute: program_name, _client_name, _pid, ...
type Attribute struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Within sets the transaction that the statement belonged to, by its number in
// performance_schema.
func (s *InspectedStatement) Within(trx Num) { s.trx = trx }

// Settle works out what follows from several parts: which of the statements
// belong to the transaction that is open.
func (i *Inspection) Settle() {
	for k := range i.History.Rows {
		s := &i.History.Rows[k]
		s.InTrx = i.Trx.Instrumented.Known && s.trx.Known && s.trx == i.Trx.Instrumented
	}
}
