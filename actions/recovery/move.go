package recovery

import (
	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// Kind is what a move wants.
type Kind string

// The kinds of moves.
const (
	Ask     Kind = "ask"     // something has to be read or said first
	Act     Kind = "act"     // a plan to be confirmed
	Watch   Kind = "watch"   // something is under way, or is to be done by hand
	Done    Kind = "done"    // nothing is left to do
	Refused Kind = "refused" // nothing can be done from here
)

// Move is the single next step, and what it rests on. All texts are printable.
type Move struct {
	Situation string // ID of a row of Situations
	Kind      Kind
	Title     string           // the step in one line: "Bootstrap the cluster from db2"
	Node      string           // ID of the node it is about; "" when it is about several
	Found     []model.Evidence // what was found
	Sides     []Side           // of a split brain, the larger first
	Means     string           // what that means
	Will      []string         // what will happen
	Lost      []string         // what is lost by it; nothing when empty
	// ByHand are the commands for a person where no command reaches the hosts; the
	// move watches for what comes of them.
	ByHand []HandCommand

	Question *Question     // of Ask; of Refused where words that are typed lead out of it
	Order    *Order        // of Act
	Plan     *actions.Plan // of Act: the order worked out
	// Instead is what may be done when a Watch waits in vain; nil: nothing but to
	// go on waiting.
	Instead *Move
}

// HandCommand is a command for a person.
type HandCommand struct {
	Node string // name
	Line string // what to type on its host
	Why  string
}

// Need is what a question wants.
type Need string

// The needs.
const (
	// NeedRead wants the hosts of the nodes read: Assistant.Read. It changes nothing
	// there.
	NeedRead Need = "read"
	// NeedPosition wants the positions of stopped servers recovered, which runs each
	// for a moment in a mode that ends by itself: Assistant.Read, after one of Answers
	// was typed.
	NeedPosition Need = "position"
	NeedWords    Need = "words" // a person declares something by typing the words
	NeedSide     Need = "side"  // a person types the name of a node of the side to keep
	NeedCopy     Need = "copy"  // yes or no: keep a copy of the data first
)

// Question is what is asked. The answer goes to Assistant.Answer.
type Question struct {
	Need    Need
	Text    string
	Nodes   []string // IDs of those that it is about
	Words   string   // of NeedWords: exactly what has to be typed; "" where one of Answers is
	Risk    string   // of NeedWords: what comes of it when the words are not true
	Answers []string // what may be typed
}

// Side is one of several Primary Components.
type Side struct {
	Nodes   []string   `json:"nodes"`                 // IDs
	Names   string     `json:"names"`                 // for people: "db1 and db2"
	History string     `json:"history"`               // state UUID
	Seqno   model.Num  `json:"seqno"`                 // the highest that a node of it has committed
	Writes  model.Real `json:"write_sets_per_second"` // of the whole side
	Clients model.Num  `json:"clients"`               // connections
}

// Order is what is to be done, before it is worked out as a plan.
type Order struct {
	Node   string // ID
	Action string // the ID of an operation on the node's host, or of an action over SQL
}
