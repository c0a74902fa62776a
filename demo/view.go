package demo

import (
	"slices"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// The timers of EVS: while a member is silent nothing can be delivered, so
// writes hang; after suspectTime the others gather and install a new view.
const (
	suspectTime = 5 * time.Second
	gatherTime  = 800 * time.Millisecond
	mergeTime   = 1500 * time.Millisecond
)

// view is one component of the group: the members that agree on each other.
type view struct {
	primary bool
	history string // wsrep_cluster_state_uuid
	conf    int64  // 0, 1, ...; meaningless unless primary
	seqno   int64  // the last write-set in the component's total order
	members []*node
	// last is the newest Primary Component that the members know, by weight.
	last    []vote
	trouble time.Duration // since when members are silent; 0 when none is
	gather  bool
	near    time.Duration // since when a component to merge with is in reach
	frozen  bool          // the old view of a hung process
	lag     float64       // seconds that its slowest network costs
	branch  uint64        // of the writes that it orders
}

type vote struct {
	node   *node
	weight int64
}

// memberRow and viewRow are what a node keeps in its own tables. They are
// written on Primary views only, so they are stale outside of one.
type memberRow struct{ uuid, name, address string }

type viewRow struct {
	history     string
	view, seqno int64
}

// quorate reports whether a part of the last Primary Component may stay Primary:
// 2·Σw(present) + Σw(left gracefully) > Σw(all).
func quorate(last []vote, present func(*node) bool, left func(*node) bool) bool {
	var here, gone, all int64
	for _, v := range last {
		all += v.weight
		switch {
		case present(v.node):
			here += v.weight
		case left(v.node):
			gone += v.weight
		}
	}
	return 2*here+gone > all
}

// install makes a view the view of its members, and theirs alone.
func (e *engine) install(v *view) {
	e.views = slices.DeleteFunc(e.views, func(w *view) bool {
		return slices.ContainsFunc(v.members, func(n *node) bool { return n.view == w && !w.frozen }) || len(w.members) == 0
	})
	e.views = append(e.views, v)
	slices.SortFunc(v.members, func(a, b *node) int { return strings.Compare(a.uuid, b.uuid) })
	if v.primary {
		v.seqno++ // a Primary view is an event in the total order
		v.last = v.last[:0:0]
		for _, n := range v.members {
			v.last = append(v.last, vote{n, n.weight})
		}
	}
	for _, n := range v.members {
		if n.state != model.StateJoining && v.history == "" {
			v.history = n.history
		}
	}
	for i, n := range v.members {
		n.view, n.index1 = v, i
		n.enter(v)
	}
}

// enter is a member's side of a new view.
func (n *node) enter(v *view) {
	if v.branch == 0 {
		v.branch = n.rows.newest()
	}
	n.logView(v)
	if !v.primary {
		// The write-sets in the queue are ordered: they are still applied.
		n.state, n.requested, n.donating, n.join = model.StateInitialized, false, 0, nil
		return
	}
	n.members = n.members[:0:0]
	for _, m := range v.members {
		n.members = append(n.members, memberRow{m.uuid, m.name, m.address})
	}
	n.lastView = viewRow{v.history, v.conf, v.seqno}
	n.saveView(v)
}

// incoming is wsrep_incoming_addresses. An arbitrator's item is empty; newer PXC
// leaves it out (PXC-3796).
func (v *view) incoming() string {
	items := make([]string, 0, len(v.members))
	for _, m := range v.members {
		if !m.arbitrator || m.e.face.flavour != pxc {
			items = append(items, m.address)
		}
	}
	return strings.Join(items, ",")
}

// onlyArbitrators reports whether nobody in the component has data; a server
// that joins it aborts with a message about its version.
func (v *view) onlyArbitrators() bool {
	return !slices.ContainsFunc(v.members, func(n *node) bool { return !n.arbitrator })
}

func (v *view) weight() int64 {
	var sum int64
	if v.primary {
		for _, m := range v.members {
			sum += m.weight
		}
	}
	return sum
}

// parts groups the members that reach one another; silent ones are left out.
func (v *view) parts() [][]*node {
	var parts [][]*node
	for _, n := range v.members {
		if !n.alive() || n.view != v {
			continue
		}
		i := slices.IndexFunc(parts, func(p []*node) bool { return p[0].reaches(n) })
		if i < 0 {
			parts = append(parts, []*node{n})
		} else {
			parts[i] = append(parts[i], n)
		}
	}
	return parts
}

// settle notices silent members and, when the timers have run out, divides
// components.
func (e *engine) settle() {
	for _, v := range slices.Clone(e.views) {
		if v.frozen {
			continue
		}
		parts := v.parts()
		whole := len(parts) == 1 && len(parts[0]) == len(v.members)
		switch {
		case whole:
			v.trouble, v.gather = 0, false
		case v.trouble == 0:
			v.trouble = e.now
		case e.now-v.trouble >= suspectTime+gatherTime:
			e.divide(v, parts)
		default:
			v.gather = e.now-v.trouble >= suspectTime
		}
	}
}

// divide installs one view for every part. Hung processes keep the old one.
func (e *engine) divide(v *view, parts [][]*node) {
	old := &view{
		primary: v.primary, history: v.history, conf: v.conf, seqno: v.seqno, members: slices.Clone(v.members),
		last: v.last, frozen: true, branch: v.branch,
	}
	for _, n := range v.members {
		if n.hung && n.view == v {
			n.view = old
		}
	}
	for _, part := range parts {
		in := func(n *node) bool { return slices.Contains(part, n) }
		keeps := v.primary && quorate(v.last, in, func(*node) bool { return false })
		conf := v.conf
		if keeps {
			conf++
		}
		e.install(&view{primary: keeps, conf: conf, seqno: v.seqno, last: v.last, branch: v.branch, members: slices.Clone(part)})
	}
	if len(parts) == 0 {
		e.views = slices.DeleteFunc(e.views, func(w *view) bool { return w == v })
	}
}

// leave takes a node out of its view, with its goodbye: the others re-form at
// once and their quorum is reckoned from what is left.
func (e *engine) leave(n *node) {
	v := n.view
	if n.view = nil; v == nil || v.frozen {
		return
	}
	n.index1 = -1
	rest := slices.DeleteFunc(slices.Clone(v.members), func(m *node) bool { return m == n })
	e.views = slices.DeleteFunc(e.views, func(w *view) bool { return w == v })
	if len(rest) == 0 {
		return
	}
	in := func(m *node) bool { return slices.Contains(rest, m) }
	next := &view{seqno: v.seqno, conf: v.conf, last: v.last, branch: v.branch, members: rest, trouble: v.trouble}
	if next.primary = v.primary && quorate(v.last, in, func(m *node) bool { return m == n }); next.primary {
		next.conf++
	}
	e.install(next)
}

// merge joins components that came into reach of one another. Two Primary ones
// both stay, without an error.
func (e *engine) merge() {
	for i, v := range e.views {
		for _, w := range e.views[i+1:] {
			if v.trouble > 0 || w.trouble > 0 || v.frozen || w.frozen || (v.primary && w.primary) ||
				!v.members[0].reaches(w.members[0]) {
				continue
			}
			if v.near == 0 {
				v.near = e.now
			}
			if e.now-v.near >= mergeTime {
				e.unite(v, w)
				return
			}
		}
	}
}

func (e *engine) unite(v, w *view) {
	if w.primary || (!v.primary && w.conf > v.conf) {
		v, w = w, v
	}
	all := append(slices.Clone(v.members), w.members...)
	next := &view{primary: v.primary, conf: v.conf, seqno: max(v.seqno, w.seqno), last: v.last, branch: v.branch, members: all}
	if v.primary {
		next.seqno = v.seqno
	} else {
		// Without a Primary one, the last is re-formed once all of it is back.
		next.primary = !slices.ContainsFunc(v.last, func(x vote) bool { return !slices.Contains(all, x.node) })
	}
	if next.primary {
		next.conf++
	}
	was := next.seqno
	e.install(next)
	if next.primary {
		for _, n := range all {
			if n.state == model.StateInitialized {
				n.resume(was)
			}
		}
	}
}

// bootstrap makes a non-Primary component Primary by decree (pc.bootstrap).
func (e *engine) bootstrap(v *view) {
	next := &view{primary: true, conf: 1, seqno: v.seqno, branch: e.newBranch(), members: slices.Clone(v.members)}
	for _, n := range next.members {
		n.drain() // what was ordered before belongs to the old component
	}
	e.install(next)
	for _, n := range next.members {
		n.resume(next.seqno - 1)
	}
}

// awaken is SIGCONT: whoever was dropped meanwhile finds itself alone.
func (e *engine) awaken(n *node) {
	n.hung = false
	if n.view != nil && n.view.frozen {
		n.uuid = n.named(e.rng.uuid())
		old := n.view
		n.view = nil
		e.install(&view{conf: old.conf, seqno: n.committed + n.queue, last: old.last, branch: old.branch, members: []*node{n}})
	}
}
