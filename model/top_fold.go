package model

import (
	"math"
	"slices"
	"strings"
	"time"
)

// topSighting is a statement as it was last seen to run.
type topSighting struct {
	*Process
	use *topUse
}

// glimpse is one look at the threads of a node.
type glimpse struct {
	slot    int64
	step    time.Duration // since the look before; 0: nothing is known of the time between
	waiting map[uint64]bool
	seen    map[uint64]topSighting
	sampled int64
}

// watch looks at the threads of a node once.
func (t *Top) watch(n *topNode, s *Sample) {
	g := glimpse{slot: slotOf(t.now), step: s.At.Sub(n.last), waiting: waiters(s), seen: n.spare}
	if n.last.IsZero() || g.step > topGap {
		g.step = 0
	}
	if n.source == TopSamples && (g.step == 0 || !n.chained) {
		n.link(t.now)
	}
	if s.Processes.Glance {
		n.glanced = t.now
	}
	clear(g.seen)
	for i := range s.Processes.Rows {
		if p := &s.Processes.Rows[i]; p.Active() && p.Query != "" {
			t.see(n, p, &g)
		}
	}
	if g.step > 0 {
		n.looked(&g)
	}
	n.running, n.spare = g.seen, n.running
}

// looked closes a look that tells what was in the time before it.
func (n *topNode) looked(g *glimpse) {
	c := n.cover.at(g.slot)
	c.Samples += g.sampled
	if n.source == TopSamples {
		c.Total += g.step
		n.watched += g.step
	}
	for _, was := range n.running { // those that see left have ended
		if n.samples(was.Process) {
			was.use.over(g.slot, was.Time+g.step)
		}
	}
}

// samples reports whether looks are all that tells of a statement. Digests leave
// out what runs by the protocol of prepared statements: tried on MariaDB 10.11,
// and known of MySQL 8 from its users.
func (n *topNode) samples(p *Process) bool {
	return n.source == TopSamples || n.source == TopDigests && p.Command == "Execute"
}

// see takes in one thread that runs a statement.
func (t *Top) see(n *topNode, p *Process, g *glimpse) {
	before, again := n.running[p.ID]
	if again = again && p.Continues(before.Process); again {
		delete(n.running, p.ID)
	}
	u := before.use
	if !again || u.digest.kind == TopOthers || IsCut(u.digest.text) {
		u = t.use(t.digest(Normalise(p.Query)), n)
	}
	u.digest.seen = t.now
	u.digest.learn(n, p.Query, p.DB)
	g.seen[p.ID] = topSighting{p, u}
	waits := g.waiting[p.ID] || strings.HasPrefix(p.State, "Waiting for")
	switch {
	case n.samples(p) && g.step > 0:
		if !waits {
			g.sampled++
		}
		u.sample(g.slot, g.step, p, again, waits)
	case n.source != TopDigests || n.samples(p) || p.Time < topLong:
	case g.step == 0:
		u.owed, u.ran = u.owed+p.Time, g.slot
	default:
		u.runOn(g.slot, g.step, p, again && before.Time >= topLong, waits)
	}
}

// waiters are the threads that wait for row locks. Such a statement is held up
// and not to blame: its time is no work.
func waiters(s *Sample) map[uint64]bool {
	if s.Slow.Transactions == nil {
		return nil
	}
	var out map[uint64]bool
	for i := range s.Slow.Transactions.Rows {
		if t := &s.Slow.Transactions.Rows[i]; t.State == "LOCK WAIT" {
			if out == nil {
				out = make(map[uint64]bool)
			}
			out[t.Thread] = true
		}
	}
	return out
}

// sample counts one look at a thread that runs the digest.
func (u *topUse) sample(slot int64, step time.Duration, p *Process, again, waits bool) {
	m := spent(step, p, waits)
	if !waits {
		m.Samples, m.Sampled = 1, step
	}
	if !again {
		m.Calls = 1
	}
	u.ring.at(slot).add(&m, 1)
	u.since.add(&m, 1)
	u.digest.work(slot, m.Total)
}

// over counts a sampled statement that is seen no more, and took that much at
// most.
func (u *topUse) over(slot int64, took time.Duration) {
	m := Measure{Finished: 1, Ended: took}
	u.ring.at(slot).add(&m, 1)
	u.since.add(&m, 1)
}

// spent is time that a thread worked or waited.
func spent(step time.Duration, p *Process, waits bool) Measure {
	if waits {
		return Measure{Waited: step, Max: p.Time}
	}
	return Measure{Total: step, Max: p.Time}
}

// runOn counts the time of a long statement while it runs: its digest will only
// show it when it is over, all at once.
func (u *topUse) runOn(slot int64, step time.Duration, p *Process, again, waits bool) {
	if again {
		u.owed += step
	} else {
		u.owed += p.Time
		step = min(p.Time, topLong+step)
	}
	u.ran = slot
	m := spent(step, p, waits)
	u.ring.at(slot).add(&m, 1)
	u.digest.work(slot, m.Total)
}

// learn keeps an example of the statement, a whole one where there is one.
func (d *topDigest) learn(n *topNode, query, schema string) {
	whole := len(query) < digestLimit && !strings.HasSuffix(query, "…")
	if d.kind == TopStatement && (d.example == "" || (whole && !d.whole)) {
		d.example, d.whole, d.sampled = query, whole, n.id
	}
	d.in(schema)
}

// topSchemas is how many schemas are named for a digest.
const topSchemas = 4

func (d *topDigest) in(schema string) {
	if schema != "" && len(d.schemas) < topSchemas && !slices.Contains(d.schemas, schema) {
		d.schemas = append(d.schemas, schema)
	}
}

// topCounters bounds how many rows of a digest table are remembered.
const topCounters = 5000

// count takes the differences of a node's digests to the last reading.
func (t *Top) count(n *topNode, read *Digests) {
	interval := read.At.Sub(n.read)
	fresh := n.based && interval > 0 && interval <= topGap
	slot := slotOf(t.now)
	if len(n.count) > topCounters {
		fresh = false
		n.restart()
	}
	if !fresh {
		n.begin(t.now)
	}
	n.oldest, n.based = 0, true
	for i := range read.Rows {
		row := &read.Rows[i]
		n.oldest = max(n.oldest, row.Age)
		u := t.use(t.rowDigest(row), n)
		key := topKey{row.Schema, row.ID}
		before, known := n.count[key]
		u.learnRow(row)
		delta, ok := difference(row, &before, known, interval)
		now, then := measureOf(row), measureOf(&before)
		u.since.add(&now, 1)
		u.since.add(&then, -1)
		n.count[key] = Digest{Calls: row.Calls, Total: row.Total, Examined: row.Examined, Sent: row.Sent, Affected: row.Affected}
		if fresh && ok {
			u.ended(slot, delta)
		}
		if slot-u.ran > 2 {
			u.owed = 0 // what ran has ended, and is read
		}
	}
	if fresh {
		n.cover.at(slot).Total += interval
	}
}

// begin drops the live numbers: what was counted while statements ran has no
// readings beside it.
func (n *topNode) begin(now time.Time) {
	n.link(now)
	n.cover = topRing{}
	for _, u := range n.uses {
		u.ring = topRing{}
	}
}

func (t *Top) rowDigest(row *Digest) *topDigest {
	if row.ID == "" {
		t.left.seen = t.now
		return t.left
	}
	d := t.digest(Normalise(row.Text))
	d.in(row.Schema)
	return d
}

// learnRow takes over what is no counter.
func (u *topUse) learnRow(row *Digest) {
	u.age, u.max, u.p95 = row.Age, max(u.max, row.Max), row.P95
	if d := u.digest; row.Sample != "" && !d.whole && d.kind == TopStatement {
		d.example, d.sampled = row.Sample, u.node.id
		d.whole = len(row.Sample) < digestLimit && !strings.HasSuffix(row.Sample, "…")
	}
}

func measureOf(d *Digest) Measure {
	return Measure{Total: d.Total, Ended: d.Total, Finished: d.Calls, Calls: d.Calls, Examined: d.Examined, Sent: d.Sent, Affected: d.Affected}
}

// difference is what a digest did between two readings. One that was not in the
// reading before, or whose counters fell, did all of it since then if it is that
// young; else nothing is known.
func difference(row, before *Digest, known bool, interval time.Duration) (m Measure, ok bool) {
	m = measureOf(row)
	if known && row.Calls >= before.Calls && row.Total >= before.Total {
		then := measureOf(before)
		m.add(&then, -1)
		return m, true
	}
	return m, row.Age <= interval+time.Second
}

// The least for an outlier: readings that make a mean, and how far above that.
const (
	outlierMeans = 12
	outlierRatio = 1.2
)

// ended counts statements that ended between two readings.
func (u *topUse) ended(slot int64, m Measure) {
	if m.Calls > 0 {
		x := m.Total.Seconds() / float64(m.Calls)
		sigma := 0.0
		if u.means > 1 {
			sigma = math.Sqrt(u.m2 / float64(u.means-1))
		}
		u.outlier = u.means >= outlierMeans && x > u.mean+2*sigma && x > outlierRatio*u.mean
		u.means++
		d := x - u.mean
		u.mean += d / float64(u.means)
		u.m2 += d * (x - u.mean)
	}
	paid := min(u.owed, m.Total)
	u.owed -= paid
	m.Total -= paid
	u.ring.at(slot).add(&m, 1)
	u.digest.work(slot, m.Total)
}

// likeEnough is how much of a statement must be known to tell which one it is.
const likeEnough = 24

// like finds the digest that a cut statement belongs to: the one that begins
// like it, if there is only one.
func (t *Top) like(form string) *topDigest {
	if d := t.cut[form]; d != nil {
		return d
	}
	start, ok := strings.CutSuffix(form, cutMark)
	if !ok || len(start) < likeEnough {
		return nil
	}
	var found *topDigest
	for text, d := range t.digests {
		if known, cut := strings.CutSuffix(text, cutMark); strings.HasPrefix(text, start) || (cut && strings.HasPrefix(start, known)) {
			if found != nil {
				return nil
			}
			found = d
		}
	}
	if found == nil {
		return nil
	}
	if len(t.cut) >= topKept {
		clear(t.cut)
	}
	t.cut[form] = found
	return found
}
