package demo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/server"

	"github.com/galeratop/galeratop/model"
)

// User is the account that the simulated servers know.
const User = "galeratop"

// Manual as Options.Speed stops the clock: only Cluster.Advance moves it.
const Manual = -1

// Options say what to simulate; the zero value is a calm MariaDB cluster of
// three.
type Options struct {
	Nodes      int           // default 3; raised to what the scenario needs
	Arbitrator bool          // one garbd besides
	Scenario   string        // one of Scenarios; empty: nothing happens by itself
	Flavour    model.Flavour // model.FlavourMariaDB (default) or model.FlavourPXC
	Seed       uint64
	Threads    int     // client threads a node, default 40
	Speed      float64 // simulated seconds a second, default 1; Manual
	Password   string  // default: a random one
}

// Cluster is a running simulation.
type Cluster struct {
	mu       sync.Mutex // guards everything below
	engine   *engine
	hosts    []*host
	accounts accounts
	protocol *server.Server
	speed    float64
	done     chan struct{}
	stepped  chan struct{} // closed with the next step; nil while nobody waits
	stop     sync.Once
	closed   bool
	group    sync.WaitGroup
}

func (o *Options) defaults() error {
	if o.Nodes == 0 {
		o.Nodes = 3
	}
	if s := findScenario(o.Scenario); s != nil {
		o.Nodes = max(o.Nodes, s.needs())
		o.Arbitrator = o.Arbitrator || s.Arbitrator
	}
	if o.Threads == 0 {
		o.Threads = 40
	}
	if o.Flavour == "" {
		o.Flavour = mariadb
	}
	if o.Speed == 0 {
		o.Speed = 1
	}
	if o.Password == "" {
		o.Password = rand.Text()
	}
	switch {
	case o.Nodes < 1 || o.Nodes > 1000 || o.Threads < 0 || o.Threads > 100_000:
		return errors.New("demo: 1 to 1000 nodes with up to 100000 threads each")
	case faces[o.Flavour] == nil:
		return fmt.Errorf("demo: no face for %q", o.Flavour)
	case o.Scenario != "" && findScenario(o.Scenario) == nil:
		return fmt.Errorf("demo: unknown scenario %q", o.Scenario)
	}
	return nil
}

// Start makes a cluster whose nodes listen on loopback, each on a port of its
// own. It runs until Close or until the context ends.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	if err := o.defaults(); err != nil {
		return nil, err
	}
	c := &Cluster{
		accounts: accounts{User, o.Password}, speed: o.Speed, done: make(chan struct{}),
		protocol: server.NewServer(faces[o.Flavour].greeting, mysql.DEFAULT_COLLATION_ID, mysql.AUTH_NATIVE_PASSWORD, nil, nil),
	}
	var failed error
	c.mu.Lock()
	c.engine = newEngine(o, time.Now(), func(n *node) string {
		h, err := c.newHost(n)
		if err != nil {
			failed = errors.Join(failed, err)
			return ""
		}
		return fmt.Sprintf("127.0.0.1:%d", h.port)
	})
	c.follow()
	c.mu.Unlock()
	if failed != nil {
		_ = c.Close()
		return nil, failed
	}
	c.group.Go(func() { c.run(ctx) })
	return c, nil
}

// newHost finds an address for a node; the port opens when the node serves.
func (c *Cluster) newHost(n *node) (*host, error) {
	h := &host{c: c, node: n, wires: make(map[*wire]bool), gate: newGate()}
	if n.name == model.ArbitratorName {
		return h, nil
	}
	if err := h.listen(); err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	c.hosts = append(c.hosts, h)
	return h, nil
}

// run moves the simulated clock with the real one. Time that the machine could
// not keep up with is lost, not made up for.
func (c *Cluster) run(ctx context.Context) {
	ticker := time.NewTicker(stepTime)
	defer ticker.Stop()
	last, due := time.Now(), time.Duration(0)
	for {
		select {
		case <-ctx.Done():
			c.shut()
			return
		case <-c.done:
			return
		case now := <-ticker.C:
			if c.speed > 0 {
				due = min(due+time.Duration(float64(now.Sub(last))*c.speed), time.Duration(float64(time.Second)*c.speed))
				c.Advance(due - due%stepTime)
				due %= stepTime
			}
			last = now
		}
	}
}

// Advance moves the simulated clock on, in whole steps of 50 ms.
func (c *Cluster) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for range d / stepTime {
		if c.closed {
			return
		}
		c.engine.step()
		c.follow()
		c.tellStep()
	}
}

// follow brings the network in line with the engine.
func (c *Cluster) follow() {
	for _, h := range c.hosts {
		h.follow()
	}
}

// Do makes something happen now, or says why it makes no sense.
func (c *Cluster) Do(a Action) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return errors.New("demo: the cluster is closed")
	}
	err := c.engine.act(a)
	c.follow()
	return err
}

// Addresses are host:port of all nodes, arbitrators excluded, in the order of
// their names' numbers.
func (c *Cluster) Addresses() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([]string, len(c.hosts))
	for i, h := range c.hosts {
		out[i] = h.node.address
	}
	return out
}

// User is the name to log in with.
func (c *Cluster) User() string { return c.accounts.user }

// Password is what the user logs in with.
func (c *Cluster) Password() string { return c.accounts.password }

// DSN is a go-sql-driver data source name for node i of Addresses.
func (c *Cluster) DSN(i int) string {
	return c.User() + ":" + c.Password() + "@tcp(" + c.Addresses()[i] + ")/"
}

// Narration is what happened so far, the newest line last; old lines go.
func (c *Cluster) Narration() []Line {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Line(nil), c.engine.said...)
}

// Now is how much simulated time has passed.
func (c *Cluster) Now() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.engine.now
}

// Close stops everything and returns when no goroutine is left.
func (c *Cluster) Close() error {
	c.shut()
	c.group.Wait()
	return nil
}

func (c *Cluster) shut() {
	c.stop.Do(func() {
		close(c.done)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.closed = true
		for _, h := range c.hosts {
			h.close(false)
		}
	})
}
