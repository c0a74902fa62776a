package model

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// TopKind tells the rows apart that are no statement.
type TopKind uint8

// The kinds.
const (
	TopStatement TopKind = iota
	TopLeft              // what a server's digest table had no room for
	TopOthers            // what there was no room for here
)

// TopTrend is how a digest's load compares with the minutes before.
type TopTrend int8

// The trends.
const (
	TopFalling TopTrend = iota - 1
	TopSteady
	TopRising
)

// TopNode is where a node's numbers come from.
type TopNode struct {
	ID, Name string
	Source   TopSource
	Why      string        // why it is not performance_schema, or why there is nothing
	Grant    string        // the privilege that is missing, where one is
	Live     bool          // there are numbers of the window
	Covered  time.Duration // of the window
	Watched  time.Duration // what the sums since the start cover
	Load     float64       // threads busy on average in the window
	Samples  int64         // looks at running threads in the window; where digests are read, at prepared statements
	Chain    time.Duration // how long ago the numbers without a gap began
	Whole    time.Duration // how long ago statements were last read in part only; 0: never
	Left     Real          // 0..1: the share of what the digest table had no room for, since the start
}

// TopNumbers are what a digest did, on one node or on all.
type TopNumbers struct {
	Node     string // ID; empty: all nodes
	Load     float64
	Total    time.Duration
	Waited   time.Duration // for locks and the group, on top of Total, where that was seen
	Share    Real          // 0..1 of the load of the node or of the cluster
	Doubt    Real          // of Share: two standard errors of the sampling, 0 when counted
	Calls    Real
	Rate     Real // calls per second
	AtLeast  bool // Calls and Rate are lower bounds
	Mean     Real // seconds
	AtMost   bool // Mean is an upper bound
	Max      time.Duration
	P95      time.Duration // 0: not known
	Examined Real          // rows per second
	Sent     Real
	Affected Real
	PerSent  Real // rows examined for each row sent
	Outlier  bool // the last mean is far above the digest's own means before
	NormalIs Real // seconds: the mean of these
	Source   TopSource
	sampled  int64
	variance float64 // of Load
	examined int64
	sent     int64
	ended    time.Duration
	finished int64
}

// TopRow is one digest.
type TopRow struct {
	Kind      TopKind
	Text      string // normal form
	Schemas   []string
	Example   string // a statement with its literals, as seen; may be empty
	ExampleOf string // the node it ran on
	All       TopNumbers
	Nodes     []TopNumbers // of the nodes where it ran, the busiest first
	Trend     TopTrend
	Before    Real          // the load in the minutes before
	New       time.Duration // how long ago it was first seen; 0: longer than ten minutes
}

// Key tells digests apart.
func (r *TopRow) Key() string {
	return [...]string{"", "\x00left", "\x00others"}[r.Kind] + r.Text
}

// Sources says for each node of the newest snapshot where its numbers come from.
func (t *Top) Sources() []TopNode {
	slot := slotOf(t.now)
	out := make([]TopNode, len(t.nodes))
	for i, n := range t.nodes {
		cover := n.cover.sum(slot)
		o := TopNode{
			ID: n.id, Name: n.name, Source: n.source, Why: n.why, Grant: n.grant, Live: cover.Total > 0, Covered: cover.Total,
			Watched: n.span(), Samples: cover.Samples, Chain: t.now.Sub(n.chain),
		}
		if !n.glanced.IsZero() {
			o.Whole = max(t.now.Sub(n.glanced), time.Nanosecond)
		}
		var since, left time.Duration
		for _, u := range n.uses {
			if cover.Total > 0 {
				m := u.ring.sum(slot)
				o.Load += m.Total.Seconds() / cover.Total.Seconds()
			}
			since += u.since.Total
			if u.digest.kind == TopLeft {
				left += u.since.Total
			}
		}
		if n.source == TopDigests && since > 0 {
			o.Left = R(left.Seconds() / since.Seconds())
		}
		out[i] = o
	}
	return out
}

// span is the time that the sums since the start cover.
func (n *topNode) span() time.Duration {
	if n.source == TopDigests {
		if n.oldest == 0 {
			return time.Duration(n.uptime.Or(0)) * time.Second
		}
		return n.oldest
	}
	return n.watched
}

// Live reports whether there is any number of the window yet.
func (t *Top) Live() bool {
	slot := slotOf(t.now)
	for _, n := range t.nodes {
		if c := n.cover.sum(slot); c.Total > 0 {
			return true
		}
	}
	return false
}

// Watched is for how long snapshots were taken in.
func (t *Top) Watched() time.Duration { return t.now.Sub(t.started) }

// Rows are all digests that did something: in the window, or since the start of
// the counting, which for performance_schema is the server's and for sampling
// this Top's. The busiest come first.
func (t *Top) Rows(since bool) []TopRow {
	sums := make(map[*topNode]Measure, len(t.nodes))
	slot := slotOf(t.now)
	for _, n := range t.nodes {
		sums[n] = n.sum(slot, since)
	}
	all := 0.0
	for n, m := range sums {
		all += load(&m, n.cover.sum(slot).Total, n.span(), since)
	}
	out := make([]TopRow, 0, len(t.digests)+2)
	add := func(d *topDigest) {
		if r, ok := t.row(d, slot, since, sums, all); ok {
			out = append(out, r)
		}
	}
	for _, d := range t.digests {
		add(d)
	}
	add(t.left)
	add(t.others)
	slices.SortFunc(out, func(a, b TopRow) int {
		return cmp.Or(cmp.Compare(b.All.Load, a.All.Load), cmp.Compare(a.Key(), b.Key()))
	})
	return out
}

// sum is what all digests of a node did together.
func (n *topNode) sum(slot int64, since bool) Measure {
	var all Measure
	for _, u := range n.uses {
		m := u.measure(slot, since)
		all.add(&m, 1)
	}
	return all
}

func (u *topUse) measure(slot int64, since bool) Measure {
	if since {
		return u.since
	}
	return u.ring.sum(slot)
}

// load is how many threads were busy with it on average.
func load(m *Measure, covered, span time.Duration, since bool) float64 {
	if since {
		covered = span
	}
	if covered <= 0 {
		return 0
	}
	return m.Total.Seconds() / covered.Seconds()
}

func (t *Top) row(d *topDigest, slot int64, since bool, sums map[*topNode]Measure, all float64) (TopRow, bool) {
	r := TopRow{Kind: d.kind, Text: d.text, Schemas: d.schemas, Example: d.example, ExampleOf: d.sampled}
	for _, u := range d.uses {
		sum, here := sums[u.node]
		m := u.measure(slot, since)
		if !here || (m.Total <= 0 && m.Calls <= 0 && m.Waited <= 0) {
			continue
		}
		r.Nodes = append(r.Nodes, u.numbers(&m, &sum, slot, since))
	}
	if len(r.Nodes) == 0 {
		return r, false
	}
	slices.SortStableFunc(r.Nodes, func(a, b TopNumbers) int { return cmp.Compare(b.Load, a.Load) })
	r.All = together(r.Nodes, all)
	if d.kind == TopStatement {
		t.trend(&r, d, slot)
		r.New = t.newcomer(d)
	}
	return r, true
}

// numbers makes numbers of a measure of a node on which all digests did sum.
func (u *topUse) numbers(m, sum *Measure, slot int64, since bool) TopNumbers {
	n := u.node
	covered := n.cover.sum(slot).Total
	if since {
		covered = n.span()
	}
	out := TopNumbers{
		Node: n.id, Source: n.source, Load: load(m, covered, covered, false), Total: m.Total, Waited: m.Waited, Max: m.Max, sampled: m.Samples,
		Calls: R(float64(m.Calls)), Rate: R(float64(m.Calls) / covered.Seconds()), Outlier: u.outlier && !since,
	}
	if sum.Total > 0 {
		out.Share = R(m.Total.Seconds() / sum.Total.Seconds())
		out.Doubt = R(0)
	}
	if m.Finished > 0 {
		out.Mean = R(m.Ended.Seconds() / float64(m.Finished))
		out.ended, out.finished = m.Ended, m.Finished
	}
	if u.means > 1 {
		out.NormalIs = R(u.mean)
	}
	if n.source == TopSamples {
		out.AtLeast, out.AtMost = true, true
		out.Doubt = R(doubt(m.Samples, sum.Samples))
		whole := load(sum, covered, covered, false)
		sigma := out.Doubt.V / 2 * whole
		out.variance = sigma * sigma
		return out
	}
	out.Max, out.P95 = max(u.max, m.Max), u.p95
	if m.Samples > 0 {
		out.sampledToo(m, sum, load(sum, covered, covered, false))
	}
	if m.Samples > 0 && m.Sampled >= m.Total {
		return out // looks know nothing of rows
	}
	out.examined, out.sent = m.Examined, m.Sent
	for _, rows := range []struct {
		to *Real
		v  int64
	}{{&out.Examined, m.Examined}, {&out.Sent, m.Sent}, {&out.Affected, m.Affected}} {
		*rows.to = R(float64(rows.v) / covered.Seconds())
	}
	if m.Sent > 0 {
		out.PerSent = R(float64(m.Examined) / float64(m.Sent))
	}
	return out
}

// sampledToo makes bounds of what was counted, where a part of it was sampled:
// prepared statements. Of k looks the standard error is the root of k; two are
// added, as doubt does.
func (t *TopNumbers) sampledToo(m, sum *Measure, whole float64) {
	t.AtLeast, t.AtMost = true, true
	part := m.Sampled.Seconds() / max(sum.Total.Seconds(), m.Sampled.Seconds())
	t.Doubt = R(min(2*part*math.Sqrt(float64(m.Samples+2))/float64(m.Samples), 1))
	sigma := t.Doubt.V / 2 * whole
	t.variance = sigma * sigma
}

// doubt is two standard errors of the share of k out of n samples. Two hits and
// two misses are added (Agresti and Coull), so that few samples do not look sure.
func doubt(k, n int64) float64 {
	p := float64(k+2) / float64(n+4)
	return 2 * math.Sqrt(p*(1-p)/float64(n+4))
}

// together adds the numbers of nodes up; all is the load of the cluster.
func together(nodes []TopNumbers, all float64) TopNumbers {
	var out TopNumbers
	variance, ended := 0.0, time.Duration(0)
	plus := func(to *Real, v Real) {
		if v.Known {
			*to = R(to.V + v.V)
		}
	}
	for i := range nodes {
		n := &nodes[i]
		out.Load += n.Load
		out.Total += n.Total
		out.Waited += n.Waited
		plus(&out.Calls, n.Calls)
		plus(&out.Rate, n.Rate)
		plus(&out.Examined, n.Examined)
		plus(&out.Sent, n.Sent)
		plus(&out.Affected, n.Affected)
		out.AtLeast = out.AtLeast || n.AtLeast
		out.AtMost = out.AtMost || n.AtMost
		out.Outlier = out.Outlier || n.Outlier
		out.Max, out.P95 = max(out.Max, n.Max), max(out.P95, n.P95)
		out.Source = max(out.Source, n.Source)
		out.examined += n.examined
		out.sent += n.sent
		out.sampled += n.sampled
		ended += n.ended
		out.finished += n.finished
		variance += n.variance
	}
	if all > 0 {
		out.Share = R(min(out.Load/all, 1))
		out.Doubt = R(2 * math.Sqrt(variance) / all)
	}
	if out.finished > 0 {
		out.Mean = R(ended.Seconds() / float64(out.finished))
	}
	if out.sent > 0 {
		out.PerSent = R(float64(out.examined) / float64(out.sent))
	}
	return out
}

// What makes a trend: the least time before the window, and how much more or
// less than then.
const (
	trendSlots = 12
	trendRatio = 1.5
	trendLeast = 0.01 // of the cluster's load, or a thread in a hundred
)

// trend compares the window with the time before it.
func (t *Top) trend(r *TopRow, d *topDigest, slot int64) {
	d.forget(slot)
	from := t.started
	for i := range d.uses {
		if chain := d.uses[i].node.chain; chain.After(from) {
			from = chain
		}
	}
	slots := min(int64(topPast-topWindow), slot-slotOf(from)-topWindow)
	if slots < trendSlots {
		return
	}
	var work, window float32
	for age := range int64(topPast) {
		v := d.past[(slot-age)%topPast]
		switch {
		case age < topWindow:
			window += v
		case age < topWindow+slots:
			work += v
		}
	}
	before := float64(work) / (float64(slots) * topSlot.Seconds())
	now := float64(window) / TopWindow.Seconds()
	r.Before = R(before)
	if max(before, now) < trendLeast {
		return
	}
	if k := float64(r.All.sampled); k > 0 && now > 0 {
		// Within the noise of counting looks nothing is said.
		if expected := before / now * k; math.Abs(k-expected) < 2*math.Sqrt(max(k, expected)+1) {
			return
		}
	}
	switch {
	case now > before*trendRatio:
		r.Trend = TopRising
	case now < before/trendRatio:
		r.Trend = TopFalling
	}
}

// newcomer is how long ago a digest was first seen, if that was lately: by the
// servers where they know, else by what was seen here after the first minute.
func (t *Top) newcomer(d *topDigest) time.Duration {
	age := t.now.Sub(d.first)
	if d.first.Sub(t.started) < time.Minute {
		age = topNew
	}
	for _, u := range d.uses {
		if u.node.source != TopDigests || u.age == 0 {
			continue
		}
		// On a server that began lately everything is new.
		if u.age >= topNew || 2*u.age > u.node.oldest {
			return 0
		}
		age = u.age
	}
	if age >= topNew {
		return 0
	}
	return max(age, time.Second)
}

// Form is the normal form by which a statement counts: of one that was read in
// part, that of the whole one where it is known.
func (t *Top) Form(query string) string {
	form := Normalise(query)
	if d := t.cut[form]; d != nil {
		return d.text
	}
	return form
}

// Threads are the threads of a snapshot that run a digest's statement now.
func (t *Top) Threads(s *Snapshot, key string) []Thread {
	var out []Thread
	for place, n := range s.Nodes {
		if !n.Up() {
			continue
		}
		for i := range n.Sample.Processes.Rows {
			p := &n.Sample.Processes.Rows[i]
			if p.Active() && p.Query != "" && t.Form(p.Query) == key {
				out = append(out, Thread{Node: n, Place: place, Process: p})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Thread) int { return cmp.Compare(b.Time, a.Time) })
	return out
}
