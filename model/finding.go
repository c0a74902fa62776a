package model

import "time"

// Finding is one thing that is wrong, or may become so, with its proof.
type Finding struct {
	Rule     string     `json:"rule"`            // the ID of the rule that found it
	About    string     `json:"about,omitempty"` // what it is about, a node's ID mostly; with Rule its identity
	Level    Level      `json:"level"`
	Title    string     `json:"title"` // one line that a tired person understands, names included
	Evidence []Evidence `json:"evidence"`
	Why      string     `json:"why"` // why it matters: what happens if nothing is done
	Do       []string   `json:"do"`  // what to do, the first thing first
	// Action is the name of the action that does it, where one is right. It is
	// about the node of About, or else the first of Nodes; with Thread it ends that
	// thread on it. A rule names one only for a node that its evidence names.
	Action string    `json:"action,omitempty"`
	Thread uint64    `json:"thread,omitempty"`
	Nodes  []string  `json:"nodes,omitempty"` // IDs of the nodes concerned
	Since  time.Time `json:"since"`           // when it was first seen, not when it was confirmed
}

// Evidence is a fact that anybody can check: what a node said.
type Evidence struct {
	Node     string `json:"node"`     // name; empty for what is reckoned over nodes
	Variable string `json:"variable"` // as the server calls it, or what was reckoned
	Value    string `json:"value"`
}

// key tells findings apart.
type findingKey struct{ rule, about string }

func (f *Finding) key() findingKey { return findingKey{f.Rule, f.About} }

// Rule finds one kind of trouble. Rules are data: a value in a table, whose Find
// is a pure function of what is seen now and of the little that is remembered.
type Rule struct {
	ID    string
	Level Level // of its findings, unless they say another
	// Confirm is how many snapshots in a row must show it before it is said, and
	// Clear how many must lack it before it is taken back; 0 counts as 1.
	Confirm, Clear int
	// Source is where the rule comes from: documentation, source code, an incident.
	Source string
	Find   func(*View) []Finding
}

// View is what a rule sees.
type View struct {
	*Snapshot
	Past *Past
}

// Names lists nodes by name, for texts.
func (v *View) Names(ids []string) []string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = id
		if n := v.Node(id); n != nil {
			names[i] = n.Name
		}
	}
	return names
}

// Settled reports whether the membership has been the same for the given number
// of snapshots, as every node that answers tells it.
func (v *View) Settled(snapshots int) bool { return v.Past.steady >= snapshots }
