package ui

import (
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// condition is a node's state as a symbol, a word and a look.
type condition struct {
	symbol, word string
	st           style
	level        model.Level
}

// String is symbol and word.
func (c condition) String() string { return c.symbol + " " + c.word }

// condition says how a node is, the worst thing first: whether it answers,
// whether it is in the group, its state in the group.
func (e *env) condition(n *model.Node) condition {
	level := e.conditionOf
	if n.Link != model.LinkUp {
		return e.unheard(n)
	}
	s := n.Status()
	symbol := e.g.state[s.State()]
	switch {
	case n.Sample == nil:
		return level(model.LevelNotice, e.g.connecting, "connecting")
	case !s.Galera():
		return level(model.LevelCritical, e.g.down, "no wsrep")
	case s.State() == model.StateInconsistent:
		return level(model.LevelCritical, symbol, "Inconsistent")
	case strings.EqualFold(s.ClusterStatus, model.Disconnected):
		return level(model.LevelCritical, e.g.down, "Disconnected")
	case s.State() == model.StateJoining:
		return level(model.LevelNotice, symbol, transferWord("Joining", e.transferTo(n.ID)))
	case !s.InPrimary():
		return level(model.LevelCritical, e.g.down, "non-Primary")
	case s.State() == model.StateSynced && s.Ready == model.Off:
		return level(model.LevelCritical, e.g.down, "not ready")
	case s.State() == model.StateSynced:
		return level(model.LevelOK, symbol, "Synced")
	case s.State() == model.StateJoined:
		return level(model.LevelNotice, symbol, "Joined")
	case s.State() == model.StateDonor && e.transferFrom(n.ID) != nil:
		return level(model.LevelWarning, symbol, transferWord("Donor", e.transferFrom(n.ID)))
	}
	return level(model.LevelWarning, symbol, s.State().String())
}

func (e *env) conditionOf(l model.Level, symbol, word string) condition {
	return condition{symbol, word, e.st.level(l), l}
}

// unheard says how a node is that does not answer now.
func (e *env) unheard(n *model.Node) condition {
	switch t := e.transferTo(n.ID); {
	case n.Link == model.LinkConnecting:
		return e.conditionOf(model.LevelNotice, e.g.connecting, "connecting")
	case n.Link == model.LinkStale:
		return e.conditionOf(model.LevelWarning, e.g.stale, "stale "+duration(n.Age))
	case t != nil:
		// It has no SQL port while it receives an SST.
		return e.conditionOf(model.LevelNotice, e.g.state[model.StateJoining], transferWord("Joining", t))
	}
	return e.conditionOf(model.LevelCritical, e.g.down, "no answer")
}

// absence says in one line why a node does not answer, and since when; empty
// when it does.
func (e *env) absence(n *model.Node) string {
	if n.Link == model.LinkUp || n.Link == model.LinkConnecting && n.Failure == nil {
		return ""
	}
	text, since := "silent", n.Since
	if n.Failure != nil {
		text, since = string(n.Failure.Kind), n.Failure.Since
	}
	if ago := e.ago(since); ago != "" {
		text += " for " + ago
	}
	return text
}

// ago is how long before the snapshot something was; empty when unknown.
func (e *env) ago(t time.Time) string {
	if t.IsZero() || e.snap.At.Before(t) {
		return ""
	}
	return duration(e.snap.At.Sub(t))
}
