package recovery

import (
	"slices"
	"time"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// Evidence is all that is known at one time.
type Evidence struct {
	Snapshot *model.Snapshot
	Stale    string // why the snapshot may not be relied on; "" when it may
	Session  actions.Session
	Hosts    *actions.Hosts
	// Readings are what hosts told lately, by node ID. Old ones count as not read.
	Readings map[string]*actions.Reading
	// Apart are the IDs of nodes that were seen Primary beside others: Runner.Apart.
	Apart   []string
	Choices Choices
}

// Choices are what a person said. The zero value is nothing.
type Choices struct {
	// Words are what was typed to declare something, "db3 is dead", and when. They
	// count for an hour, and about a node as long as it does not answer.
	Words map[string]time.Time
	// Keep is the ID of a node of the side to keep in a split brain.
	Keep string
	// Losers are the IDs of nodes of a side that was given up. They come back by SST
	// only, whoever is Primary later.
	Losers []string
	// Copy says by node ID whether a copy of its data is kept before an SST; a node
	// that is missing was not decided on.
	Copy map[string]bool
}

// wordsLife is how long words count. An incident that lasts longer has changed.
const wordsLife = time.Hour

// said reports whether words were typed that still count.
func (w *world) said(words string) bool {
	at, ok := w.Choices.Words[words]
	if !ok || w.At.Sub(at) > wordsLife {
		return false
	}
	for _, n := range w.Nodes {
		// Whoever has answered since was not dead, or is not any more what was declared.
		if (words == deadWords(n.Name) || words == deadWords(n.Name+" at "+n.Address)) && n.Since.After(at) {
			return false
		}
	}
	return true
}

// readingLife is how long a reading may be decided on. A plan reads again before
// it does anything.
const readingLife = time.Minute

// stand is where a node is, as far as that can be known.
type stand int

const (
	inPrimary  stand = iota // answers, member of a Primary Component
	onTheWay                // answers, is joining one
	inNone                  // answers, connected to a group that is not Primary
	outside                 // answers, connected to no group, or voted out
	barred                  // runs, and does not let this console in
	unread                  // does not answer, and its host was not asked lately
	unreadable              // does not answer, and its host does not tell whether it runs
	runs                    // does not answer; its process runs
	isStopped               // does not answer; proven stopped
)

// node is a node with what is known of its host.
type node struct {
	*model.Node
	stand   stand
	reading *actions.Reading // fresh; nil: none
	dead    bool             // does not answer and was declared lost
	words   string           // that declare it lost
}

// world is the evidence in the form in which situations look at it.
type world struct {
	*Evidence
	*model.Snapshot
	nodes     []*node
	primaries []*model.Component
}

func newWorld(e *Evidence) *world {
	w := &world{Evidence: e, Snapshot: e.Snapshot}
	if w.Snapshot == nil {
		w.Snapshot = &model.Snapshot{}
	}
	for _, n := range w.Nodes {
		w.nodes = append(w.nodes, w.place(n))
	}
	for i := range w.Components {
		if w.Components[i].Primary {
			w.primaries = append(w.primaries, &w.Components[i])
		}
	}
	return w
}

// place finds out where a node is.
func (w *world) place(n *model.Node) *node {
	out := &node{Node: n, words: deadWords(n.Name)}
	if slices.ContainsFunc(w.Nodes, func(o *model.Node) bool { return o != n && o.Name == n.Name }) {
		out.words = deadWords(n.Name + " at " + n.Address)
	}
	if r := w.Readings[n.ID]; r != nil && w.At.Sub(r.At) <= readingLife && !n.Since.After(r.At) {
		out.reading = r
	}
	if out.stand = out.silentStand(); n.Up() {
		out.stand = answeringStand(n)
	}
	// Whoever is seen to run is not dead, whatever was typed before. And once there is
	// a Primary Component, whoever is seen to be stopped may come back.
	silent := out.stand == unread || out.stand == unreadable
	serving := slices.ContainsFunc(w.Nodes, func(o *model.Node) bool { return o.Up() && o.Status().InPrimary() })
	out.dead = (silent && (!serving || out.stand == unreadable || !w.reaches()) || out.stand == isStopped && !serving) && w.said(out.words)
	return out
}

// answeringStand is where a node is that answers.
func answeringStand(n *model.Node) stand {
	s := n.Status()
	switch {
	case s.InPrimary():
		return inPrimary
	case unaccepted(s):
		return onTheWay
	case s.Connected != model.Off && s.Galera() && s.ClusterStatus != model.Disconnected && s.State() != model.StateInconsistent:
		return inNone
	}
	return outside
}

// silentStand is where a node is that does not answer, by what its host told.
func (n *node) silentStand() stand {
	switch {
	case n.Failure != nil && barring[n.Failure.Kind]:
		return barred
	case n.reading == nil:
		return unread
	case n.reading.Err != nil || n.reading.State == nil || !n.reading.State.Server.Known():
		return unreadable
	case n.reading.State.Server.Value.Running:
		return runs
	}
	return isStopped
}

// barring are the failures of servers that run and do not let us in.
var barring = map[model.FailureKind]bool{
	model.FailAccess: true, model.FailTLS: true, model.FailFull: true, model.FailBlocked: true, model.FailNotReady: true,
}

// unaccepted reports whether a node says non-Primary only because its state has
// yet to arrive: it knows the number of the view, unlike one that lost quorum.
func unaccepted(s *model.Status) bool {
	return s.ConfID.Known && !s.ConfID.Undefined() && s.State() == model.StateJoining
}

// at are the nodes in one of the places, those declared lost left out.
func (w *world) at(places ...stand) []*node {
	var out []*node
	for _, n := range w.nodes {
		if !n.dead && slices.Contains(places, n.stand) {
			out = append(out, n)
		}
	}
	return out
}

func (w *world) find(id string) *node {
	for _, n := range w.nodes {
		if n.ID == id {
			return n
		}
	}
	return nil
}

// of are the nodes with these IDs.
func (w *world) of(list []string) []*node {
	var out []*node
	for _, n := range w.nodes {
		if slices.Contains(list, n.ID) {
			out = append(out, n)
		}
	}
	return out
}

// reaches reports whether commands can be run on hosts.
func (w *world) reaches() bool { return w.Hosts.Known() }

// finding reports whether a rule has found something, about the node if one is
// given.
func (w *world) finding(rule, about string) *model.Finding {
	for i := range w.Findings {
		if f := &w.Findings[i]; f.Rule == rule && (about == "" || f.About == about) {
			return f
		}
	}
	return nil
}
