package collector

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/galeratop/galeratop/model"
)

// Options say what to collect from.
type Options struct {
	Cluster  string   // configured name; empty: what the servers call it
	Seeds    []string // host:port, or the absolute path of a socket
	Expected []string // host:port of members that must exist
	Interval time.Duration
	// Driver gives the driver's settings for an address as a person or a server
	// named it: credentials, TLS, and where to dial instead (tunnels, NAT).
	Driver func(address string) (*mysql.Config, error)
}

// Collector feeds snapshots of one cluster. Make it with New, start it with Run.
type Collector struct {
	options  Options
	out      chan *model.Snapshot
	interval chan time.Duration
	demand   atomic.Uint32
	latest   atomic.Pointer[model.Snapshot]
	settled  chan struct{}
	once     sync.Once
}

// New makes a collector; it does nothing until Run.
func New(options Options) *Collector {
	return &Collector{
		options:  options,
		out:      make(chan *model.Snapshot, 1),
		interval: make(chan time.Duration, 1),
		settled:  make(chan struct{}),
	}
}

// Snapshots delivers one snapshot a tick. Whoever is slow to read misses some
// and gets the newest. The channel is closed when Run ends.
func (c *Collector) Snapshots() <-chan *model.Snapshot { return c.out }

// Demand says which slow subjects are on screen.
func (c *Collector) Demand(subjects model.Subject) { c.demand.Store(uint32(subjects)) }

// SetInterval changes the time between ticks.
func (c *Collector) SetInterval(d time.Duration) {
	select {
	case <-c.interval:
	default:
	}
	select {
	case c.interval <- d:
	default:
	}
}

// Await waits until every seed has answered or failed, and returns the newest
// snapshot; nil when the context ended before there was one.
func (c *Collector) Await(ctx context.Context) *model.Snapshot {
	select {
	case <-c.settled:
	case <-ctx.Done():
	}
	return c.latest.Load()
}

// Run collects until the context ends. When it returns, every connection is
// closed and every goroutine has ended.
func (c *Collector) Run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	a := newAssembler(ctx, c)
	a.run(ctx)
	cancel()
	a.pollers.Wait()
	close(c.out)
}

// publish hands out a snapshot in place of one that nobody took.
func (c *Collector) publish(s *model.Snapshot) {
	c.latest.Store(s)
	select {
	case <-c.out:
	default:
	}
	c.out <- s
}
