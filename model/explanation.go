package model

import "time"

// Explanation is how a server runs, or would run, one statement. It never comes
// from running the statement.
type Explanation struct {
	At        time.Time     `json:"at"`
	Took      time.Duration `json:"took_ns"`
	Statement string        `json:"statement"` // what was explained, printable
	// Source says in words where the plan comes from: the running statement, or
	// its text.
	Source string `json:"source"`
	// Live is true when it is the plan that the running statement follows, not one
	// made anew for its text.
	Live    bool       `json:"live"`
	Columns []string   `json:"columns,omitempty"`
	Rows    [][]string `json:"rows,omitempty"` // as the server prints them; NULL is empty
	JSON    string     `json:"json,omitempty"` // printable, with line breaks; only when asked for
	// Refused says why there is no plan; empty when there is one.
	Refused string `json:"refused,omitempty"`
	Grant   string `json:"grant,omitempty"` // the privilege that was missing
}
