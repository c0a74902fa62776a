package collector

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/galeratop/galeratop/model"
)

const (
	// settleWait is how long a tick waits for nodes to answer before its snapshot is
	// published without them: the others keep their cadence.
	settleWait = 250 * time.Millisecond
	// staleAge and staleWait make a node stale: that old is its sample, and so
	// long has a poll been on its way. At 1 Hz the first is met first and keeps
	// the promise of 2 s; at long intervals the second is what tells.
	staleAge  = 1700 * time.Millisecond
	staleWait = 650 * time.Millisecond
)

// assembler puts samples together into snapshots. One goroutine owns all of it.
type assembler struct {
	c        *Collector
	spawn    func(run func(context.Context)) (stop context.CancelFunc)
	pollers  sync.WaitGroup
	results  chan result
	slow     chan slowResult
	nodes    []*node
	doctor   *model.Diagnosis
	interval time.Duration
	tick     uint64
	settling *time.Timer
	stale    *time.Timer
	waiting  bool // a tick's snapshot is yet to be published
}

func newAssembler(ctx context.Context, c *Collector) *assembler {
	a := &assembler{
		c:        c,
		results:  make(chan result, 16),
		slow:     make(chan slowResult, 16),
		doctor:   model.NewDiagnosis(),
		interval: c.options.Interval,
		settling: stopped(),
		stale:    stopped(),
	}
	a.spawn = func(run func(context.Context)) context.CancelFunc {
		ctx, cancel := context.WithCancel(ctx)
		a.pollers.Go(func() { run(ctx) })
		return cancel
	}
	if a.interval <= 0 {
		a.interval = time.Second
	}
	for _, address := range c.options.Seeds {
		a.add(withPort(address)).seed = true
	}
	for _, address := range c.options.Expected {
		a.add(withPort(address)).expected = true
	}
	return a
}

func stopped() *time.Timer {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return t
}

func (a *assembler) run(ctx context.Context) {
	ticker := time.NewTicker(a.interval)
	defer ticker.Stop()
	a.begin()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			a.finish()
			a.begin()
		case d := <-a.c.interval:
			a.interval = d
			ticker.Reset(d)
		case r := <-a.results:
			a.take(r)
			if a.waiting && !a.pending() {
				a.finish()
			}
		case r := <-a.slow:
			a.takeSlow(r)
		case <-a.settling.C:
			a.finish()
			if a.anyUp() {
				a.open()
			}
		case <-a.stale.C:
			a.publish(time.Now())
		}
	}
}

// begin starts a tick: every node that is not still busy is asked.
func (a *assembler) begin() {
	a.tick++
	a.waiting = true
	now, rows := time.Now(), a.rows()
	for _, n := range a.nodes {
		n.ask(now, rows)
	}
	a.settling.Reset(settleWait)
}

// finish ends a tick with its snapshot, once.
func (a *assembler) finish() {
	if !a.waiting {
		return
	}
	a.waiting = false
	a.settling.Stop()
	a.publish(time.Now())
}

// pending reports whether a node that may be expected to answer soon has not.
func (a *assembler) pending() bool {
	for _, n := range a.nodes {
		if n.poller != nil && !n.asked.IsZero() && (n.link == model.LinkUp || n.link == model.LinkConnecting) {
			return true
		}
	}
	return false
}

// rows bounds the process list of each node so that a large cluster does not
// cost more than a small one. While somebody looks at all threads the bound is
// where the lists of a busy cluster end.
func (a *assembler) rows() int {
	all, least, most := 4000, 25, 200
	if model.Subject(a.c.demand.Load())&model.SubjectProcesses != 0 {
		all, least, most = 30_000, 200, 6000
	}
	return min(max(all/max(len(a.nodes), 1), least), most)
}

// take learns what one poll brought.
func (a *assembler) take(r result) {
	n := a.byPoller(r.poller)
	if n == nil {
		return // a duplicate that was dropped meanwhile
	}
	n.asked = time.Time{}
	if r.failure != nil {
		n.failed(r.failure)
		a.markSettled()
		return
	}
	if a.duplicate(n, r.sample) {
		a.markSettled()
		return
	}
	n.answered(r.sample)
	a.discover(n)
	a.markSettled()
}

func (a *assembler) takeSlow(r slowResult) {
	for _, n := range a.nodes {
		if n.id == r.id {
			n.slow.Take(r.subject, &r.sample.Slow)
		}
	}
}

func (a *assembler) byPoller(p *poller) *node {
	for _, n := range a.nodes {
		if n.poller == p {
			return n
		}
	}
	return nil
}

// markSettled opens the door for Await once no node is left that has neither
// answered nor failed.
func (a *assembler) markSettled() {
	for _, n := range a.nodes {
		if n.link == model.LinkConnecting {
			return
		}
	}
	a.open()
}

// open lets Await return, with a snapshot of what is known.
func (a *assembler) open() {
	a.c.once.Do(func() {
		a.finish()
		close(a.c.settled)
	})
}

// anyUp reports whether some node answers: then a slow one need not be awaited.
func (a *assembler) anyUp() bool {
	return slices.ContainsFunc(a.nodes, func(n *node) bool { return n.link == model.LinkUp })
}

// publish makes the snapshot of this moment and plans the next look at nodes
// that are about to become stale.
func (a *assembler) publish(now time.Time) {
	a.c.publish(a.snapshot(now))
	a.stale.Stop()
	var next time.Duration
	for _, n := range a.nodes {
		if d := n.untilStale(now); d > 0 && (next == 0 || d < next) {
			next = d
		}
	}
	if next > 0 {
		a.stale.Reset(next)
	}
}
