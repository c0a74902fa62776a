package model

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// episodes follows what lasts: it is told of when it ends, with its duration.
type episodes struct {
	flow      *flowEpisode
	transfers map[string]transferEpisode // by donor and joiner
}

// transferEpisode is a state transfer that was seen.
type transferEpisode struct {
	Transfer
	last    time.Time // when it was last seen
	missing int       // snapshots in a row that lacked it
}

// flowEpisode is flow control from its first to its last held writer.
type flowEpisode struct {
	from, last time.Time
	worst      float64         // share
	held       time.Duration   // sum of what writers were held
	brakes     map[string]bool // names
	ids        map[string]bool
}

const (
	flowCalm     = 5 * time.Second // without a pause ends an episode
	transferGone = 3               // snapshots without a transfer end it
	configTold   = 8               // changes of one node told one by one
)

// follow tells of episodes that end with this snapshot, and fills in what the
// snapshot alone could not know.
func (e *episodes) follow(d *Diagnosis, s *Snapshot) {
	if s.Flow != nil {
		s.Flow.follow(s, d.past)
	}
	e.followFlow(d, s)
	e.followTransfers(d, s)
}

func (e *episodes) followFlow(d *Diagnosis, s *Snapshot) {
	if s.Flow != nil && s.Flow.Paused.Known && s.Flow.Paused.V >= pausedMatters {
		if e.flow == nil {
			e.flow = &flowEpisode{from: s.At, brakes: make(map[string]bool), ids: make(map[string]bool)}
		}
		x := e.flow
		if before := d.before; before != nil && s.At.After(before.At) {
			x.held += time.Duration(s.Flow.Paused.V * float64(s.At.Sub(before.At)))
		}
		x.last, x.worst = s.At, max(x.worst, s.Flow.Paused.V)
		for _, b := range s.Flow.Brakes() {
			x.ids[b.ID], x.brakes[s.Node(b.ID).Name] = true, true
		}
		return
	}
	x := e.flow
	if x == nil || s.At.Sub(x.last) < flowCalm {
		return
	}
	e.flow = nil
	by := "nobody in sight"
	if len(x.brakes) > 0 {
		by = listed(slices.Sorted(maps.Keys(x.brakes)))
	}
	level, lasted := LevelNotice, x.last.Sub(x.from)
	if x.worst >= heavy {
		level = LevelWarning
	}
	d.tell(Event{
		At: s.At, Kind: EventFlow, Level: level, Lasted: lasted, Nodes: slices.Sorted(maps.Keys(x.ids)),
		Text: fmt.Sprintf("flow control ended after %s: writers were held for %s, at worst %s of the time, by %s",
			Span(lasted), Span(x.held), percent(x.worst), by),
	})
}

func (e *episodes) followTransfers(d *Diagnosis, s *Snapshot) {
	if e.transfers == nil {
		e.transfers = make(map[string]transferEpisode)
	}
	now := make(map[string]bool)
	for i := range s.Transfers {
		t := &s.Transfers[i]
		key := t.Donor + "\x00" + t.Joiner
		now[key] = true
		if old, ok := e.transfers[key]; ok {
			t.Since = old.Since
			if t.Kind == "" {
				t.Kind, t.Why = old.Kind, old.Why
			}
		}
		e.transfers[key] = transferEpisode{Transfer: *t, last: s.At}
	}
	for _, key := range slices.Sorted(maps.Keys(e.transfers)) {
		if now[key] {
			continue
		}
		t := e.transfers[key]
		if t.missing++; t.missing < transferGone {
			e.transfers[key] = t
			continue
		}
		delete(e.transfers, key)
		// A lone donor is mostly the arbitrator's join, or one side of a pair that
		// was told of already.
		if t.Donor != "" && t.Joiner != "" {
			d.tell(ended(s, t))
		}
	}
}

// ended tells how a transfer ended, as far as its joiner shows it.
func ended(s *Snapshot, t transferEpisode) Event {
	e := Event{At: s.At, Kind: EventTransfer, Level: LevelNotice, Lasted: t.last.Sub(t.Since), Nodes: someIDs(t.DonorID, t.JoinerID)}
	kind := "state transfer"
	if t.Kind != "" {
		kind = string(t.Kind)
	}
	e.Text = fmt.Sprintf("%s from %s to %s ended after %s", kind, t.Donor, t.Joiner, Span(e.Lasted))
	if n := s.Node(t.JoinerID); n != nil {
		switch state := n.Status().State(); {
		case n.Up() && (state == StateSynced || state == StateJoined):
			e.Text += ": " + t.Joiner + " is " + state.String()
			e.Level = LevelOK
		case !n.Up():
			e.Text += ": " + t.Joiner + " does not answer"
			e.Level = LevelWarning
		}
	}
	return e
}

// configChanged lists what changed in a node's variables between two readings,
// provider options one by one.
func configChanged(old, now *Node) (Level, string) {
	if old.Sample == nil || now.Sample == nil {
		return LevelOK, ""
	}
	a, b := old.Sample.Slow.Variables, now.Sample.Slow.Variables
	if a == nil || b == nil || a.Error != "" || b.Error != "" || !b.At.After(a.At) {
		return LevelOK, ""
	}
	changes := changesOf(a.Values, b.Values)
	changes = append(changes, changesOf(a.options(), b.options())...)
	if len(changes) == 0 {
		return LevelOK, ""
	}
	slices.Sort(changes)
	text := strings.Join(changes[:min(len(changes), configTold)], ", ")
	if more := len(changes) - configTold; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return LevelNotice, "changed " + text
}

func (v *Variables) options() map[string]string {
	return ProviderOptions(v.Values["wsrep_provider_options"])
}

// changing variables follow the group, nobody sets them.
var changing = map[string]bool{
	"wsrep_provider_options": true, "auto_increment_increment": true, "auto_increment_offset": true, "wsrep_start_position": true,
}

func changesOf(a, b map[string]string) []string {
	var out []string
	for name, value := range b {
		if was, ok := a[name]; ok && was != value && !changing[name] {
			out = append(out, fmt.Sprintf("%s from %s to %s", name, cutValue(quotedEmpty(was)), cutValue(quotedEmpty(value))))
		}
	}
	return out
}

func quotedEmpty(value string) string {
	if value == "" {
		return "''"
	}
	return value
}
