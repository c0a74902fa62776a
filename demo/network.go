package demo

import (
	"math"
	"time"
)

// delayedKeep is evs.delayed_keep_period: how long a member stays on the list
// of the delayed ones after it answers in time again.
const delayedKeep = 30 * time.Second

// lateness is what the others remember of a member that was slow to answer.
type lateness struct {
	total time.Duration
	until time.Duration
}

// late adds to what is remembered of a member; it is forgotten in time.
func (n *node) late() {
	if n.e.now > n.delay.until {
		n.delay.total = 0
	}
	n.delay.total += stepTime
	n.delay.until = n.e.now + delayedKeep
}

func (n *node) remembered() bool { return n.e.now < n.delay.until && n.delay.total >= time.Second }

// finds reports whether this member finds another one late. None can tell
// whether it is itself the late one: then it finds all others so.
func (n *node) finds(m *node) bool {
	if n.remembered() && m.remembered() {
		return !m.reaches(n)
	}
	return n.remembered() || m.remembered()
}

// delays notes who is late: a member whose network is slow, and everyone beside
// the largest part of a component that falls apart.
func (e *engine) delays() {
	for _, n := range e.nodes {
		if n.lag > 0 && n.view != nil {
			n.late()
		}
	}
	for _, v := range e.views {
		if v.trouble == 0 || v.frozen {
			continue
		}
		largest := v.largest()
		for _, n := range v.members {
			if len(largest) == 0 || !n.reaches(largest[0]) || n.view != v {
				n.late()
			}
		}
	}
}

func (v *view) largest() []*node {
	var most []*node
	for _, p := range v.parts() {
		if len(p) > len(most) {
			most = p
		}
	}
	return most
}

// slowest is the delay that the group's order has from its slowest member: a
// message is safe only when all have it.
func (v *view) slowest() float64 {
	worst := 0.0
	for _, n := range v.members {
		worst = math.Max(worst, n.lag)
	}
	return worst
}

// throttled is the share of its writes that a node still gets through a group
// with a slow member: little on that member, about half elsewhere.
func (n *node) throttled() float64 {
	switch {
	case n.view.lag == 0:
		return 1
	case n.lag > 0:
		return 0.15
	}
	return 0.55
}

// send lets the send queue grow while the network cannot take what there is.
func (n *node) send() {
	if n.lag > 0 && n.view != nil {
		n.unsent = math.Min(n.unsent+n.writeRate()*0.12*stepTime.Seconds(), 900)
	} else {
		n.unsent *= 0.8
	}
	n.count.sendMax = max(n.count.sendMax, int64(n.unsent))
	n.count.sendSum += int64(n.unsent)
}

// scatter cuts every node off from every other.
func (e *engine) scatter() {
	for i, n := range e.nodes {
		n.cut = i + 1
	}
}

// halve cuts the data nodes in two; an odd one is on the first side, and an
// arbitrator, which would decide it, is reached by nobody.
func (e *engine) halve() {
	data := 0
	for _, n := range e.nodes {
		if !n.arbitrator {
			data++
		}
	}
	for i, n := range e.nodes {
		switch {
		case n.arbitrator:
			n.cut = 3
		case i < (data+1)/2:
			n.cut = 1
		default:
			n.cut = 2
		}
	}
}
