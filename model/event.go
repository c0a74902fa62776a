package model

import (
	"fmt"
	"strconv"
	"time"
)

// Event is one thing that happened to the cluster.
type Event struct {
	Number uint64        `json:"number"` // counts up from 1
	At     time.Time     `json:"at"`
	Kind   EventKind     `json:"kind"`
	Level  Level         `json:"level"`
	Text   string        `json:"text"`
	Nodes  []string      `json:"nodes,omitempty"`     // IDs
	Lasted time.Duration `json:"lasted_ns,omitempty"` // of what ended
}

// EventKind groups events, for filters.
type EventKind string

// The kinds of events.
const (
	EventFinding  EventKind = "finding" // appeared
	EventCleared  EventKind = "cleared"
	EventState    EventKind = "state"    // of a node
	EventView     EventKind = "view"     // who is a member
	EventRestart  EventKind = "restart"  // of a server
	EventFlow     EventKind = "flow"     // an episode of flow control, when it ends
	EventTransfer EventKind = "transfer" // of state, when it ends
	EventConfig   EventKind = "config"   // a variable changed
	EventLink     EventKind = "link"     // a node stopped or began to answer
)

// eventsKept bounds how many events a snapshot carries.
const eventsKept = 300

// tell notes an event. Snapshots share the list and never see it change: it only
// grows, and is copied when the oldest go.
func (d *Diagnosis) tell(e Event) {
	d.number++
	e.Number = d.number
	if len(d.events) >= 2*eventsKept {
		d.events = append([]Event(nil), d.events[len(d.events)-eventsKept:]...)
	}
	d.events = append(d.events, e)
}

// watch notes what changed from one snapshot to the next.
func (d *Diagnosis) watch(before, now *Snapshot) {
	d.episodes.follow(d, now)
	if before == nil {
		return
	}
	for _, n := range now.Nodes {
		old := before.Node(n.ID)
		if old == nil {
			d.tell(Event{At: now.At, Kind: EventView, Text: n.Name + " is new: " + n.Address, Nodes: []string{n.ID}})
			continue
		}
		for _, w := range watches {
			if level, text := w.look(old, n); text != "" {
				d.tell(Event{At: now.At, Kind: w.kind, Level: level, Text: n.Name + " " + text, Nodes: []string{n.ID}})
			}
		}
	}
}

// watch is one thing about a node whose change is an event.
type watch struct {
	kind EventKind
	look func(old, now *Node) (Level, string)
}

var watches = []watch{
	{EventLink, func(old, now *Node) (Level, string) {
		switch {
		case old.Link == now.Link || now.Link == LinkConnecting:
			return LevelOK, ""
		case now.Link == LinkUp:
			return LevelOK, "answers"
		case now.Failure != nil:
			return LevelWarning, "does not answer: " + string(now.Failure.Kind)
		}
		return LevelWarning, "does not answer"
	}},
	{EventRestart, func(old, now *Node) (Level, string) {
		if now.Restart.After(old.Restart) {
			return LevelWarning, "restarted: its counters began anew"
		}
		return LevelOK, ""
	}},
	{EventState, func(old, now *Node) (Level, string) {
		if !old.Up() || !now.Up() || old.Status().State() == now.Status().State() {
			return LevelOK, ""
		}
		level := LevelNotice
		if now.Status().State() == StateSynced {
			level = LevelOK
		}
		return level, fmt.Sprintf("is %s, was %s", now.Status().State(), old.Status().State())
	}},
	{EventView, func(old, now *Node) (Level, string) {
		a, b := old.Status(), now.Status()
		if !old.Up() || !now.Up() || (a.ClusterStatus == b.ClusterStatus && a.ClusterSize == b.ClusterSize && a.ConfID == b.ConfID) {
			return LevelOK, ""
		}
		level := LevelNotice
		if !b.InPrimary() {
			level = LevelWarning
		}
		return level, fmt.Sprintf("sees a %s component of %d, conf_id %s", b.ClusterStatus, b.ClusterSize.Or(0), confID(b.ConfID))
	}},
	{EventConfig, configChanged},
}

func confID(n Num) string {
	if !n.Known || n.Undefined() {
		return "none"
	}
	return strconv.FormatInt(n.V, 10)
}
