package actions

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/galeratop/galeratop/model"
)

// Options say how a runner reaches servers and where it writes what it did.
type Options struct {
	// Driver gives the driver's settings for a node's address.
	Driver  func(address string) (*mysql.Config, error)
	Session Session
	Hosts   Hosts // how commands get to the nodes' hosts
	// Audit is the log; without one every action is refused.
	Audit *Audit
	Clock func() time.Time // nil: time.Now
	// Patience bounds how long an effect is waited for before a step ends as
	// NotYet; 0: 10 s.
	Patience time.Duration
}

// Runner runs plans. It is told of every snapshot; any goroutine may call it.
type Runner struct {
	options Options

	mutex  sync.Mutex
	latest *model.Snapshot
	splits splits
	news   chan struct{} // closed and replaced with every snapshot
	// visited is the last operation on the host of each node, for what it read there.
	visited map[string]*hostSubject
}

// NewRunner makes a runner.
func NewRunner(o Options) *Runner {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Patience == 0 {
		o.Patience = 10 * time.Second
	}
	return &Runner{
		options: o, news: make(chan struct{}), splits: splits{strangers: map[pair]bool{}}, visited: map[string]*hostSubject{},
	}
}

// Observe takes a snapshot in. It keeps only the newest and never blocks.
func (r *Runner) Observe(s *model.Snapshot) {
	if s == nil {
		return
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.latest = s
	r.splits.observe(s)
	close(r.news)
	r.news = make(chan struct{})
}

// Latest is the newest snapshot; nil before the first.
func (r *Runner) Latest() *model.Snapshot {
	s, _ := r.observed()
	return s
}

// observed is the newest snapshot and a channel that closes when there is a
// newer one.
func (r *Runner) observed() (*model.Snapshot, <-chan struct{}) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.latest, r.news
}

// stale says why nothing may be decided on the snapshot; "" when it is fresh.
func (r *Runner) stale(s *model.Snapshot) string {
	if s == nil {
		return "nothing is known of the cluster yet"
	}
	if age := r.options.Clock().Sub(s.At); age > freshness(s) {
		return fmt.Sprintf("what is on screen is %s old: nothing is done on a stale view of the cluster", age.Round(100*time.Millisecond))
	}
	return ""
}

// freshness is how old a snapshot, or a node's sample in it, may be for an
// action: three refreshes, at least 3 s.
func freshness(s *model.Snapshot) time.Duration { return max(3*s.Interval, 3*time.Second) }

// Start runs a plan in the background. When the context ends, the statement on
// its way is waited for, no further step is begun and the run ends.
func (r *Runner) Start(ctx context.Context, p *Plan) *Run {
	run := newRun(ctx, r, p)
	go run.deliver()
	go run.run(ctx)
	return run
}
