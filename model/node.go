package model

import (
	"slices"
	"time"
)

// Link is how the console stands with a node's server.
type Link string

// The states of a link. Unreachable never means dead.
const (
	LinkConnecting Link = "connecting" // never answered yet, no failure either
	LinkUp         Link = "up"
	LinkStale      Link = "stale" // connected, but silent for too long
	LinkDown       Link = "down"  // the last attempt failed, see Failure
)

// Failure is why a node could not be asked.
type Failure struct {
	Kind  FailureKind `json:"kind"`
	Text  string      `json:"text"` // one printable line, address included
	Since time.Time   `json:"since"`
}

// FailureKind groups failures by what a person would do about them.
type FailureKind string

// The kinds of failure.
const (
	FailRefused  FailureKind = "refused"        // nothing listens: stopped, starting, or receiving an SST
	FailTimeout  FailureKind = "timeout"        // hung, overloaded or cut off
	FailLost     FailureKind = "lost"           // the connection broke
	FailHost     FailureKind = "unknown host"   // the name does not resolve
	FailAccess   FailureKind = "access denied"  // user or password
	FailTLS      FailureKind = "tls"            // certificate or mode
	FailFull     FailureKind = "too many"       // no connection slot
	FailBlocked  FailureKind = "blocked"        // the server blocks this host after errors
	FailNotReady FailureKind = "not ready"      // the node refuses statements
	FailOther    FailureKind = "error"          // anything else, in the server's words
	FailElse     FailureKind = "another server" // the address answers for a node already known
)

// Node is one server of the cluster in a snapshot.
type Node struct {
	ID       string `json:"id"`      // stable while the console runs
	Name     string `json:"name"`    // wsrep_node_name, or the address until it is known
	Address  string `json:"address"` // host:port that is dialled
	Expected bool   `json:"expected"`
	Seed     bool   `json:"seed"`
	// Listed is true while the newest view of any reachable Primary Component
	// names the node.
	Listed  bool          `json:"listed"`
	Link    Link          `json:"link"`
	Since   time.Time     `json:"link_since"`
	Failure *Failure      `json:"failure,omitempty"`
	Age     time.Duration `json:"age_ns"`            // of Sample, at the snapshot's time
	Sample  *Sample       `json:"sample"`            // the newest; nil when it never answered
	Rates   Rates         `json:"rates"`             // of the last interval
	Restart time.Time     `json:"restart"`           // when its counters were last seen to begin anew; zero if never
	Aliases []string      `json:"aliases,omitempty"` // other addresses that reach the same server
	// Elsewhere counts how often another server answered at the address: a load
	// balancer.
	Elsewhere int `json:"elsewhere,omitempty"`
}

// Up reports whether the node's sample is current.
func (n *Node) Up() bool { return n.Link == LinkUp && n.Sample != nil }

// Synced reports whether the node now serves as a full member.
func (n *Node) Synced() bool {
	return n.Up() && n.Sample.Status.InPrimary() && n.Sample.Status.State() == StateSynced &&
		n.Sample.Status.Ready != Off
}

// Status is the newest status, or an empty one.
func (n *Node) Status() *Status {
	if n.Sample == nil {
		return &Status{}
	}
	return &n.Sample.Status
}

// Has reports whether the group may know the node under the address.
func (n *Node) Has(address string) bool { return slices.Contains(n.addresses(), address) }
