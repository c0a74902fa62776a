package ui

import (
	"slices"

	"github.com/galeratop/galeratop/model"
)

// eventsKept is how many events the console remembers, the newest.
const eventsKept = 5000

// eventLog is all events that were seen: a snapshot carries only the newest.
type eventLog struct {
	all    []model.Event // the oldest first, by Number
	missed uint64        // never seen: too many came between two snapshots
}

// add takes over the events of a snapshot that are not known yet.
func (g *eventLog) add(events []model.Event) {
	if len(events) == 0 {
		return
	}
	if g.foreign(events) {
		*g = eventLog{}
	}
	last := g.last()
	first := len(events)
	for first > 0 && events[first-1].Number > last {
		first--
	}
	if first == len(events) {
		return
	}
	if len(g.all) > 0 {
		g.missed += events[first].Number - last - 1
	}
	if len(g.all) >= eventsKept+eventsKept/10 {
		g.all = append([]model.Event(nil), g.all[len(g.all)-eventsKept:]...)
	}
	g.all = append(g.all, events[first:]...)
}

// foreign reports whether the numbers were given anew: another diagnosis counts.
func (g *eventLog) foreign(events []model.Event) bool {
	e := &events[len(events)-1]
	i, found := slices.BinarySearchFunc(g.all, e.Number, byNumber)
	if !found {
		return len(g.all) > 0 && e.Number < g.all[0].Number
	}
	return !g.all[i].At.Equal(e.At) || g.all[i].Text != e.Text
}

func byNumber(e model.Event, number uint64) int {
	switch {
	case e.Number < number:
		return -1
	case e.Number > number:
		return 1
	}
	return 0
}

func (g *eventLog) last() uint64 {
	if len(g.all) == 0 {
		return 0
	}
	return g.all[len(g.all)-1].Number
}

// until is the events up to what a snapshot shows, at most eventsKept.
func (g *eventLog) until(s *model.Snapshot) []model.Event {
	n := len(g.all)
	if len(s.Events) > 0 {
		number := s.Events[len(s.Events)-1].Number
		n, _ = slices.BinarySearchFunc(g.all, number+1, byNumber)
	} else if n > 0 {
		// From before the first event, or from a feed that has none.
		n, _ = slices.BinarySearchFunc(g.all, s, func(e model.Event, s *model.Snapshot) int { return e.At.Compare(s.At) })
	}
	return g.all[max(0, n-eventsKept):n]
}
