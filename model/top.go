package model

import (
	"cmp"
	"slices"
	"time"
)

// TopSource is where the numbers about a node's statements come from.
type TopSource uint8

// The sources.
const (
	TopNothing TopSource = iota // nothing is known, see TopNode.Why
	TopDigests                  // performance_schema's digests, by the difference of two readings
	TopSamples                  // looks at the process list, one a tick
)

// How long what a Top remembers reaches back.
const (
	topSlot   = 5 * time.Second
	topWindow = 6  // slots that count as now
	topPast   = 36 // slots that a trend is reckoned from, those of the window included
	// TopWindow is the time over which live numbers are taken.
	TopWindow = topWindow * topSlot
	// topGap is the longest time between two looks that still belong together.
	topGap = TopWindow
	// topLong is from when a running statement counts on a node whose digests
	// only know statements that ended.
	topLong = 5 * time.Second
	// topKept is how many digests a Top remembers; topStale is for how long one
	// must have been away before it makes room.
	topKept  = 2000
	topStale = 5 * time.Minute
	// topUses is how many pairs of digests and nodes a Top remembers, each less
	// than a kilobyte.
	topUses = 20_000
	// topNew is for how long a digest is a newcomer.
	topNew = 10 * time.Minute
)

// Top adds up what statements cost, per digest, from snapshot to snapshot. Where
// performance_schema keeps digests it takes the differences of its counters;
// elsewhere it samples: every thread that runs a statement at a tick adds the
// time since the last tick to the statement's digest. Prepared statements, which
// digests leave out, are sampled everywhere. It is not safe for concurrent use.
type Top struct {
	tick    uint64
	now     time.Time
	started time.Time // the first snapshot
	swept   time.Time
	nodes   []*topNode
	digests map[string]*topDigest
	cut     map[string]*topDigest // what a cut statement was taken for
	others  *topDigest            // those that there was no room for here
	left    *topDigest            // those that there was no room for in a server's table
}

// NewTop makes an empty Top.
func NewTop() *Top {
	return &Top{
		digests: make(map[string]*topDigest), cut: make(map[string]*topDigest),
		others: &topDigest{kind: TopOthers}, left: &topDigest{kind: TopLeft},
	}
}

// topNode is what is remembered of a node.
type topNode struct {
	id, name   string
	source     TopSource
	why, grant string
	last       time.Time // the newest sample
	read       time.Time // the newest reading of digests
	based      bool      // count holds a reading to take differences to
	uuid       string
	uptime     Num
	// cover is the time that was looked at, as Total, and all that was sampled.
	cover   topRing
	watched time.Duration // the same since the beginning
	// chain is since when there are numbers without a gap, glanced when statements
	// were last read in part only.
	chain   time.Time
	chained bool
	glanced time.Time
	oldest  time.Duration // age of the oldest digest
	uses    []*topUse
	running map[uint64]topSighting
	spare   map[uint64]topSighting
	count   map[topKey]Digest
}

// topKey is one row of a digest table.
type topKey struct{ schema, id string }

// topDigest is what is remembered of a digest.
type topDigest struct {
	kind     TopKind
	text     string
	schemas  []string
	example  string
	whole    bool   // the example is not cut
	sampled  string // the node it is from
	first    time.Time
	seen     time.Time
	past     [topPast]float32 // seconds of work, by slot
	pastSlot int64
	uses     []*topUse
}

// topUse is a digest on a node.
type topUse struct {
	node   *topNode
	digest *topDigest
	ring   topRing
	since  Measure
	owed   time.Duration // counted while the statement ran; its digest will count it again
	ran    int64         // the slot in which one was last seen to run
	age    time.Duration // since the server first saw it
	max    time.Duration // of the server's whole life
	p95    time.Duration
	// Means of the intervals, after Welford.
	means    int64
	mean, m2 float64
	outlier  bool
}

// Measure is what a digest did in some time.
type Measure struct {
	Total    time.Duration // what it worked
	Finished int64         // calls that are over
	Ended    time.Duration // what these took; where it is sampled, at most
	Waited   time.Duration // for locks and the group, where that was seen; no part of Total
	Calls    int64
	Examined int64
	Sent     int64
	Affected int64
	Samples  int64         // looks at a thread that ran it
	Sampled  time.Duration // the part of Total that looks told
	Max      time.Duration // the longest that was seen
}

func (m *Measure) add(o *Measure, sign int64) {
	m.Total += time.Duration(sign) * o.Total
	m.Ended += time.Duration(sign) * o.Ended
	m.Finished += sign * o.Finished
	m.Waited += time.Duration(sign) * o.Waited
	m.Calls += sign * o.Calls
	m.Examined += sign * o.Examined
	m.Sent += sign * o.Sent
	m.Affected += sign * o.Affected
	m.Samples += sign * o.Samples
	m.Sampled += time.Duration(sign) * o.Sampled
	m.Max = max(m.Max, o.Max)
}

// topRing keeps the last slots of a measure.
type topRing struct {
	slot  int64 // the newest
	cells [topWindow]Measure
}

// at is the cell of a slot, which is never older than one asked for before.
func (r *topRing) at(slot int64) *Measure {
	r.forget(slot)
	return &r.cells[slot%topWindow]
}

func (r *topRing) forget(slot int64) {
	if slot-r.slot >= topWindow {
		r.cells = [topWindow]Measure{}
		r.slot = slot
	}
	for r.slot < slot {
		r.slot++
		r.cells[r.slot%topWindow] = Measure{}
	}
}

func (r *topRing) sum(slot int64) Measure {
	r.forget(slot)
	var m Measure
	for i := range r.cells {
		m.add(&r.cells[i], 1)
	}
	return m
}

func slotOf(at time.Time) int64 { return at.UnixNano() / int64(topSlot) }

// Add takes a snapshot in. One that was taken in before changes nothing.
func (t *Top) Add(s *Snapshot) {
	if s.Tick == t.tick && s.At.Equal(t.now) || s.At.Before(t.now) {
		return
	}
	if t.started.IsZero() {
		t.started, t.swept = s.At, s.At
	}
	t.tick, t.now = s.Tick, s.At
	nodes := t.nodes[:0:0]
	for _, n := range s.Nodes {
		tn := t.node(n)
		nodes = append(nodes, tn)
		if n.Up() {
			t.look(tn, n)
		} else {
			tn.become(TopNothing, "it does not answer", "")
		}
	}
	t.leave(nodes)
	t.nodes = nodes
	if t.now.Sub(t.swept) > topGap {
		t.sweep()
	}
}

func (t *Top) node(n *Node) *topNode {
	for _, tn := range t.nodes {
		if tn.id == n.ID {
			tn.name = n.Name
			return tn
		}
	}
	return &topNode{
		id: n.ID, name: n.Name, running: make(map[uint64]topSighting), spare: make(map[uint64]topSighting),
		count: make(map[topKey]Digest),
	}
}

// leave forgets the numbers of nodes that are no longer there.
func (t *Top) leave(now []*topNode) {
	for _, tn := range t.nodes {
		if slices.Contains(now, tn) {
			continue
		}
		for _, u := range tn.uses {
			u.digest.uses = slices.DeleteFunc(u.digest.uses, func(o *topUse) bool { return o == u })
		}
	}
}

// look takes in what a node says now.
func (t *Top) look(tn *topNode, n *Node) {
	s := n.Sample
	if tn.uuid != s.Server.UUID || s.Status.Uptime.Or(0) < tn.uptime.Or(0) {
		tn.restart()
	}
	tn.uuid, tn.uptime = s.Server.UUID, s.Status.Uptime
	tn.become(sourceOf(s))
	if s.At.After(tn.last) {
		t.watch(tn, s)
		tn.last = s.At
	}
	if d := s.Slow.Digests; tn.source == TopDigests && d.At.After(tn.read) {
		t.count(tn, d)
		tn.read = d.At
	}
}

// sourceOf says what a node's numbers come from, and why nothing better.
func sourceOf(s *Sample) (source TopSource, why, grant string) {
	digests, p := s.Slow.Digests, &s.Processes
	switch {
	case s.Server.PerfSchema == On && digests == nil:
		return TopNothing, "its digests are being read", ""
	case s.Server.PerfSchema == On && digests.Error == "" && len(digests.Rows) > 0:
		return TopDigests, "", ""
	case p.Error != "":
		return TopNothing, p.Error, p.Grant
	case p.OwnOnly:
		return TopSamples, "the account sees only its own threads", cmp.Or(p.Grant, "PROCESS")
	case s.Server.PerfSchema == On && digests.Error != "":
		return TopSamples, digests.Error, digests.Grant
	case s.Server.PerfSchema == On:
		return TopSamples, "performance_schema is on but keeps no digests: the consumer statements_digest is off", ""
	case s.Server.PerfSchema == Off:
		return TopSamples, "performance_schema is off", ""
	}
	return TopSamples, "whether performance_schema is on is not known", ""
}

// become changes the source. Numbers from two sources do not mix.
func (n *topNode) become(source TopSource, why, grant string) {
	n.why, n.grant = why, grant
	if source == n.source {
		return
	}
	if source != TopNothing && n.source != TopNothing {
		n.restart()
	}
	n.source = source
}

// restart forgets the node's numbers.
func (n *topNode) restart() {
	for _, u := range n.uses {
		*u = topUse{node: n, digest: u.digest}
	}
	n.cover, n.watched, n.based, n.oldest, n.chained = topRing{}, 0, false, 0, false
	clear(n.running)
	clear(n.count)
}

// digest is what is remembered of a normal form.
func (t *Top) digest(form string) *topDigest {
	if d := t.digests[form]; d != nil {
		d.seen = t.now
		return d
	}
	if d := t.like(form); d != nil {
		d.seen = t.now
		return d
	}
	if len(t.digests) >= topKept {
		if t.now.Sub(t.swept) > topSlot {
			t.sweep()
		}
		if len(t.digests) >= topKept {
			t.others.seen = t.now
			return t.others
		}
	}
	d := &topDigest{text: form, first: t.now, seen: t.now}
	t.digests[form] = d
	return d
}

// link begins the time without a gap anew.
func (n *topNode) link(at time.Time) { n.chain, n.chained = at, true }

// pairs is how many pairs of digests and nodes are remembered.
func (t *Top) pairs() int {
	pairs := 0
	for _, n := range t.nodes {
		pairs += len(n.uses)
	}
	return pairs
}

// use is the digest on a node, or that of the others where there is no room.
func (t *Top) use(d *topDigest, n *topNode) *topUse {
	if u := d.on(n); u != nil {
		return u
	}
	if d.kind == TopStatement && t.pairs() >= topUses {
		t.others.seen = t.now
		return t.use(t.others, n)
	}
	u := &topUse{node: n, digest: d}
	d.uses = append(d.uses, u)
	n.uses = append(n.uses, u)
	return u
}

func (d *topDigest) on(n *topNode) *topUse {
	for _, u := range d.uses {
		if u.node == n {
			return u
		}
	}
	return nil
}

// work adds to the slot of the trend.
func (d *topDigest) work(slot int64, total time.Duration) {
	d.forget(slot)
	d.past[slot%topPast] += float32(total.Seconds())
}

func (d *topDigest) forget(slot int64) {
	if slot-d.pastSlot >= topPast {
		d.past = [topPast]float32{}
		d.pastSlot = slot
	}
	for d.pastSlot < slot {
		d.pastSlot++
		d.past[d.pastSlot%topPast] = 0
	}
}

// sweep makes room: digests that were not seen for long go to the others.
func (t *Top) sweep() {
	t.swept = t.now
	if len(t.digests) < topKept*9/10 && t.pairs() < topUses*9/10 {
		return
	}
	gone := make(map[*topDigest]bool)
	for form, d := range t.digests {
		if t.now.Sub(d.seen) < topStale {
			continue
		}
		for _, u := range d.uses {
			t.use(t.others, u.node).since.add(&u.since, 1)
		}
		gone[d] = true
		delete(t.digests, form)
	}
	for form, d := range t.cut {
		if gone[d] {
			delete(t.cut, form)
		}
	}
	for _, n := range t.nodes {
		n.uses = slices.DeleteFunc(n.uses, func(u *topUse) bool { return gone[u.digest] })
		for id, s := range n.running {
			if gone[s.use.digest] {
				delete(n.running, id)
			}
		}
	}
}
