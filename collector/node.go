package collector

import (
	"context"
	"slices"
	"time"

	"github.com/galeratop/galeratop/model"
)

// node is what the assembler knows of one server.
type node struct {
	id       string
	address  string // dialled
	name     string // as the membership table calls it, while it never answered
	seed     bool
	expected bool
	poller   *poller // nil for none
	slowly   *slowPoller
	stop     context.CancelFunc

	link      model.Link
	since     time.Time // of link
	failure   *model.Failure
	asked     time.Time // when the poll on its way was sent; zero: none
	sample    *model.Sample
	rates     model.Rates
	slow      model.Slow
	restart   time.Time
	aliases   []string
	elsewhere int
}

// ask wakes the poller unless it is still busy.
func (n *node) ask(now time.Time, rows int) {
	if n.poller == nil || !n.asked.IsZero() {
		return
	}
	select {
	case n.poller.wake <- request{rows, firstThreads(&n.slow, now, rows/4)}:
		n.asked = now
	default:
	}
}

// failed notes that a poll or an attempt to connect failed. A node that answered
// before and now says nothing is stale, not down: unreachable is not dead.
func (n *node) failed(f *model.Failure) {
	if n.failure != nil && n.failure.Kind == f.Kind {
		f.Since = n.failure.Since
	}
	n.failure = f
	link := model.LinkDown
	if f.Kind == model.FailTimeout && n.sample != nil && n.link != model.LinkDown {
		link = model.LinkStale
	}
	n.setLink(link, f.Since)
}

// answered takes a sample in.
func (n *node) answered(s *model.Sample) {
	if n.sample != nil && model.Restarted(n.sample, s) {
		n.restart = s.At
	}
	n.rates = model.RatesBetween(n.sample, s)
	viewed := n.sample == nil || n.sample.Status.ConfID != s.Status.ConfID ||
		n.sample.Status.GcommUUID != s.Status.GcommUUID || n.sample.Status.ClusterStatus != s.Status.ClusterStatus ||
		n.sample.Status.ClusterSize != s.Status.ClusterSize || n.sample.Status.DesyncCount != s.Status.DesyncCount
	n.sample, n.failure = s, nil
	n.setLink(model.LinkUp, s.At)
	if viewed {
		select {
		case n.slowly.again <- model.SubjectMembers | model.SubjectVariables:
		default:
		}
	}
	select {
	case n.slowly.wake <- s:
	default:
	}
}

func (n *node) setLink(l model.Link, at time.Time) {
	if n.link != l {
		n.link, n.since = l, at
	}
}

// untilStale is how long from now the node becomes stale if it goes on saying
// nothing; 0 when that cannot happen or has happened.
func (n *node) untilStale(now time.Time) time.Duration {
	if n.link != model.LinkUp || n.sample == nil {
		return 0
	}
	at := n.sample.At.Add(staleAge)
	if n.asked.IsZero() {
		return 0
	}
	if w := n.asked.Add(staleWait); w.After(at) {
		at = w
	}
	return max(at.Sub(now), time.Millisecond)
}

// isStale reports whether the node has said nothing for too long.
func (n *node) isStale(now time.Time) bool {
	return n.link == model.LinkUp && n.sample != nil && !n.asked.IsZero() &&
		now.Sub(n.sample.At) >= staleAge && now.Sub(n.asked) >= staleWait
}

// view is the node as snapshots show it.
func (n *node) view(now time.Time) *model.Node {
	if n.isStale(now) {
		n.setLink(model.LinkStale, n.sample.At)
	}
	v := &model.Node{
		ID: n.id, Name: n.address, Address: n.address, Expected: n.expected, Seed: n.seed,
		Link: n.link, Since: n.since, Failure: n.failure, Rates: n.rates, Restart: n.restart,
		Aliases: slices.Clone(n.aliases), Elsewhere: n.elsewhere,
	}
	if n.name != "" {
		v.Name = n.name
	}
	if n.link != model.LinkUp {
		v.Rates = model.Rates{}
	}
	if n.sample == nil {
		return v
	}
	if n.sample.Slow != n.slow {
		s := *n.sample // a published sample is never changed
		s.Slow = n.slow
		n.sample = &s
	}
	v.Sample, v.Age = n.sample, now.Sub(n.sample.At)
	if name := n.sample.Server.NodeName; name != "" {
		v.Name = name
	} else if host := n.sample.Server.Hostname; host != "" {
		v.Name = host
	}
	return v
}
