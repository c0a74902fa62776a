package preflight

import (
	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/model"
)

// Facts are all that a verdict is made from.
type Facts struct {
	Name string // the node's name, or its host's
	// State is what is on the host; all of its parts are unknown where the host could
	// not be asked. Never nil.
	State *host.State
	// Options are the server's own reading of its options, and its faults with them.
	Options host.Part[host.Effective]
	// Provider tells whether the library in wsrep_provider is there.
	Provider host.Part[bool]
	// Empty tells whether the data directory has nothing in it.
	Empty   host.Part[bool]
	OwnSize host.Part[int64] // bytes in the data directory
	// Size is how many bytes a full copy brings, as a member reckons them.
	Size model.Num
	// Recovered is the position that the stopped server recovered from InnoDB; nil:
	// nobody asked for it, or NotRecovered says why it cannot be told.
	Recovered    *host.Position
	NotRecovered string

	Peers []Peer // the other members, as far as they are known by any means
	// Snapshot is what the members said over SQL; nil when none was asked, for the
	// reason in Unasked.
	Snapshot *model.Snapshot
	Unasked  string
	Self     string // the ID of the node in Snapshot; "" if it is not there

	// Founding: it is to be started as the first node, as galera_new_cluster does.
	Founding bool
	// AcceptSST: somebody agrees to a full copy.
	AcceptSST bool
	// Guard: only a start that could do harm is to be kept from happening.
	Guard bool
}

// Peer is another member.
type Peer struct {
	Address string `json:"address"` // host:port of the group
	From    string `json:"from"`    // how it is known
	Answer  Answer `json:"answer"`
	Text    string `json:"text,omitempty"` // the error's own words
	// Position is where the peer's data stands; nil when it was not read there.
	Position *host.Position `json:"position,omitempty"`
}

// Answer is what became of a TCP connection to a peer's group port.
type Answer string

// The answers. Only Refused proves that nothing listens there, and only for whoever
// asks: the node that is to start would get the same answer. A firewall may drop
// packets of one that runs, so that Silent proves nothing.
const (
	Listens Answer = "listens"
	Closed  Answer = "refused"
	Silent  Answer = "no answer"
	Nowhere Answer = "unreachable" // no route, or a firewall that says so
	NoName  Answer = "unknown host name"
)

// answerWords say an answer for people.
var answerWords = map[Answer]string{
	Listens: "something listens there",
	Closed:  "connection refused: no process listens there",
	Silent:  "no answer: down, cut off, or behind a firewall",
	Nowhere: "unreachable: down, cut off, or behind a firewall",
	NoName:  "its name does not resolve here",
}
