package model

import "time"

// Digests are the statement digests of a node, as performance_schema keeps them:
// those that were in use lately first, by the load they make, then those that
// took the most time since the server's start or the table's last truncation.
type Digests struct {
	Reading
	Rows []Digest `json:"rows"`
}

// Digest is one normalised statement in one schema. Its numbers are sums since
// it was first seen.
type Digest struct {
	ID       string        `json:"id"` // empty: all statements that the table had no room for
	Schema   string        `json:"schema,omitempty"`
	Text     string        `json:"text"`
	Calls    int64         `json:"calls"`
	Total    time.Duration `json:"total_ns"`
	Max      time.Duration `json:"max_ns"`
	P95      time.Duration `json:"p95_ns,omitempty"` // MySQL 8; 0: not known
	Examined int64         `json:"rows_examined"`
	Sent     int64         `json:"rows_sent"`
	Affected int64         `json:"rows_affected"`
	Age      time.Duration `json:"age_ns"`           // since it was first seen, by the server's clock
	Sample   string        `json:"sample,omitempty"` // a statement with its literals, MySQL 8
}
