package model

import (
	"fmt"
	"slices"
	"time"
)

// arbitration is what is remembered of the arbitrators.
type arbitration struct {
	most   int       // as many as were ever steadily seen
	now    int       // as many as the last view with a Primary Component has room for, at most the most
	view   int64     // conf_id of the last view that had the most
	seen   time.Time // when it was last seen
	rounds int       // snapshots in a row with more than the most
	stood  time.Duration
	lost   bool // commits stood still before the first went, for as long as it takes to give up a lost member
}

// arbitratorRounds is for how many snapshots members must look like arbitrators
// to be remembered: a server that joins has no address for a moment either.
const arbitratorRounds = 3

// learn takes in who arbitrates. What a joiner makes uncertain is not learnt.
func (a *arbitration) learn(p *Past, s *Snapshot) {
	c := s.sole()
	if c == nil || !c.Size.Known || len(c.Members) == 0 {
		return
	}
	if c.Arbitrators > a.most {
		if a.rounds++; a.rounds < arbitratorRounds {
			return
		}
		a.most = c.Arbitrators
	}
	a.rounds = 0
	before := a.now
	a.now = min(a.most, max(0, int(c.Size.V)-len(c.Members)))
	switch {
	case a.now == a.most:
		a.view, a.seen, a.lost = c.ConfID.Or(-1), s.At, false
	case before == a.most:
		a.stood, a.lost = p.standstill(s, c, a.view)
	}
}

// standstill is how long the commits of all the component's nodes had stood still
// when a view ended, and whether that was long enough to suspect a silent member.
func (p *Past) standstill(s *Snapshot, c *Component, view int64) (stood time.Duration, lost bool) {
	for i, id := range c.Nodes {
		n := s.Node(id)
		still := p.Node(id).standstill(view)
		if i == 0 || still < stood {
			stood = still
		}
		// Samples are a second apart, so that as much of it may not be seen.
		lost = (i == 0 || lost) && still >= n.suspectTimeout()*4/5
	}
	return stood, lost
}

// standstill is for how long nothing was committed near the end of a view after
// much was: an idle cluster tells nothing. What was under way when the member was
// lost is delivered when it is given up, a moment before the view changes.
func (p *NodePast) standstill(view int64) (longest time.Duration) {
	const flowing, near = 3, 3 * time.Second
	var points []QueuePoint
	for _, q := range p.Queue {
		if q.View == view {
			points = append(points, q)
		}
	}
	stopped, moves := 0, 0 // the last point that moved, and how many before it did in a row
	for i := 1; i < len(points); i++ {
		switch {
		case points[i].Applied > points[i-1].Applied:
			if stopped != i-1 {
				moves = 0
			}
			stopped = i
			moves++
		case moves >= flowing && points[len(points)-1].At.Sub(points[i].At) <= near:
			longest = max(longest, points[i].At.Sub(points[stopped].At))
		}
	}
	return longest
}

// suspectTimeout is how long a silent member is waited for before it is given up,
// evs.suspect_timeout, 5 s by default.
func (n *Node) suspectTimeout() time.Duration {
	value, _ := providerOption(n, "evs.suspect_timeout")
	if d, ok := ParsePeriod(value); ok && d > 0 {
		return d
	}
	return 5 * time.Second
}

func arbitratorGone(v *View, c *Component) *Finding {
	a := &v.Past.arbitration
	missing := a.most - a.now
	if missing <= 0 {
		return nil
	}
	n := v.nodesOf(c.Nodes)[0]
	f := &Finding{
		Title: missingArbitrators(missing, a),
		Evidence: []Evidence{
			{Variable: "arbitrators", Value: fmt.Sprintf("%d, and %d until %s ago", a.now, a.most, Span(v.At.Sub(a.seen)))},
			said(n, "wsrep_cluster_size", decimal(c.Size.V)), said(n, "wsrep_incoming_addresses", n.Status().IncomingAddrs),
		},
		Why: "It counts as a member and holds no data. Without it ",
		Do: []string{
			"Look on the arbitrator's host whether garbd runs and reaches the nodes, port 4567.",
			"If it was stopped on purpose, for good, nothing is wrong but the number of members. Else start it again.",
		},
	}
	if a.lost {
		f.Evidence = slices.Insert(f.Evidence, 1, Evidence{Variable: "commits stood still", Value: "for " + Span(a.stood) + ", then the view changed"})
	}
	if !c.Quorum.EvenSplit {
		f.Title += fmt.Sprintf(": the %d members left cannot be cut into equal halves", len(c.Quorum.Votes))
		f.Why += "one crash less may be survived, but no cut of the network makes two equal halves of what is left."
		return f
	}
	f.Title += ": a network cut in half would now stop all writes on both sides"
	f.Why += "the members left can be cut into two halves of equal weight. Neither has a majority then, and both refuse all queries."
	if a.lost {
		f.Level = LevelWarning
	}
	return f
}

// missingArbitrators says who is gone. A clean stop and a loss look the same but
// for the time that the group takes to give up a lost member.
func missingArbitrators(missing int, a *arbitration) string {
	who := count(missing, "arbitrator")
	switch {
	case a.most == 1:
		who = "The arbitrator"
	case missing < a.most:
		who = fmt.Sprintf("%d of %s", missing, count(a.most, "arbitrator"))
	}
	if a.lost {
		return who + agree(missing, " is", " are") + " lost"
	}
	return who + agree(missing, " has", " have") + " left"
}

// aloneArbitrator adds to a finding about silent servers that an arbitrator may
// have outlived them.
func (f *Finding) aloneArbitrator(n int) {
	f.Title += ", and an arbitrator may be left alone"
	f.Evidence = append(f.Evidence, Evidence{Variable: "arbitrators when a node last answered", Value: decimal(int64(n))})
	f.Why += " An arbitrator that is left alone stays Primary: no server can join it, since it has no data, " +
		"and one that tries ends with a misleading error about the protocol version."
	last := len(f.Do) - 1
	f.Do = slices.Insert(f.Do, last, "Stop garbd on the arbitrator's host before any server is bootstrapped or started, and start it again last.")
}
