package rolling

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"go.uber.org/goleak"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/collector"
	"github.com/galeratop/galeratop/internal/lab/cluster"
	"github.com/galeratop/galeratop/internal/lab/service"
	"github.com/galeratop/galeratop/model"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// consoleOn is a console without a screen on a real cluster. It notes when no two
// nodes were Primary in a snapshot.
type consoleOn struct {
	*Assistant
	lonely atomic.Int64
}

// openOn waits until as many nodes are Synced.
func openOn(t *testing.T, c *cluster.Cluster, audit *actions.Audit, synced int) *consoleOn {
	t.Helper()
	driver := func(address string) (*mysql.Config, error) {
		cfg := mysql.NewConfig()
		cfg.Net, cfg.Addr, cfg.User, cfg.Passwd, cfg.Logger = "tcp", address, "ops", "ops", &mysql.NopLogger{}
		return cfg, nil
	}
	lab := service.Of(c)
	hosts := actions.Hosts{Way: lab.Way, Own: lab.Own, DefaultsFile: lab.DefaultsFile}
	session := actions.Session{Cluster: "shop"}
	out := &consoleOn{Assistant: &Assistant{
		Runner: actions.NewRunner(actions.Options{Driver: driver, Session: session, Hosts: hosts, Audit: audit}),
		Hosts:  &hosts, Audit: audit, Session: session,
	}}
	feed := collector.New(collector.Options{Seeds: c.Addresses(), Interval: 250 * time.Millisecond, Driver: driver})
	feed.Demand(model.SubjectVariables)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go feed.Run(ctx)
	go func() {
		defer close(done)
		for s := range feed.Snapshots() {
			out.Runner.Observe(s)
			primary := 0
			for _, n := range s.Nodes {
				if n.Up() && n.Status().InPrimary() {
					primary++
				}
			}
			if len(s.Nodes) == 3 && primary < 2 {
				out.lonely.Add(1)
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	limit := time.After(30 * time.Second)
	for {
		s := out.Runner.Latest()
		if s != nil && len(s.Nodes) == 3 && len(slices.DeleteFunc(slices.Clone(s.Nodes), func(n *model.Node) bool { return !n.Synced() })) == synced {
			out.lonely.Store(0)
			return out
		}
		select {
		case <-limit:
			t.Fatalf("no %d Synced nodes in 30 s", synced)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// walk goes from move to move until the one that ends it, or after as many plans as
// are given.
func (c *consoleOn) walk(t *testing.T, p *actions.Procedure, plans int) Move {
	t.Helper()
	limit := time.Now().Add(2 * time.Minute)
	last := ""
	for time.Now().Before(limit) {
		m, err := c.Next(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if m.Why != last {
			last = m.Why
			t.Log(m.Why)
		}
		switch m.Kind {
		case Wait:
			time.Sleep(200 * time.Millisecond)
		case Act:
			if plans--; plans < 0 {
				return m
			}
			if result := c.Do(t.Context(), m).Result(); result.Stage != actions.Done {
				t.Fatalf("%s: %+v", m.Plan.Title, result)
			}
		default:
			return m
		}
	}
	t.Fatalf("no end in two minutes; last: %s", last)
	return Move{}
}

func TestThreeNodesAreRestartedUnderLoadOneAfterTheOther(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, 3)
	load, err := c.Load(t.Context(), cluster.LoadOptions{Threads: 3, Items: 1000, Pause: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	audit := &actions.Audit{Path: filepath.Join(t.TempDir(), "audit.jsonl")}
	first := openOn(t, c, audit, 3)
	before := map[string]int{}
	for _, n := range c.Nodes() {
		before[n.Name] = n.PID()
	}
	p, err := first.Begin(Order{Nodes: Turns(first.Runner.Latest()), Upgrade: true, Drain: time.Second, Settle: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	// The first console ends when one node is stopped; another one goes on.
	if m := first.walk(t, p, 2); m.Kind != Act || m.Plan.Action != actions.Upgrade {
		t.Fatalf("%+v", m)
	}
	second := openOn(t, c, audit, 2)
	open, err := second.Open()
	if err != nil || open == nil || open.ID != p.ID {
		t.Fatalf("%+v, %v", open, err)
	}
	end := second.walk(t, open, 100)
	if err := second.Set(open, Ended); err != nil || end.Kind != Finished {
		t.Fatalf("%+v, %v", end, err)
	}
	did := load.Stop()
	if did.Orders == 0 || len(end.Done) != 3 {
		t.Fatalf("%+v, %q", did, end.Done)
	}
	for i, text := range end.Done {
		if !strings.Contains(text, "it came back by IST") && !strings.Contains(text, "it has received nothing since") {
			t.Errorf("%d: %s", i, text)
		}
	}
	if n := first.lonely.Load() + second.lonely.Load(); n > 0 {
		t.Errorf("in %d snapshots fewer than two nodes were Primary", n)
	}
	kept(t, c, did.Orders)
	for _, n := range c.Nodes() {
		if n.PID() == before[n.Name] {
			t.Errorf("%s was not restarted", n.Name)
		}
		if n.Transfer() != "IST" {
			t.Errorf("%s got %q", n.Name, n.Transfer())
		}
	}
	t.Logf("%+v; %q", did, end.Done)
}

// kept wants every order that a client was told of on every node, and the same rows
// everywhere.
func kept(t *testing.T, c *cluster.Cluster, orders int64) {
	t.Helper()
	sums := map[string]bool{}
	for _, n := range c.Nodes() {
		var count int64
		var table, sum string
		if err := n.DB().QueryRowContext(t.Context(), "SELECT COUNT(*) FROM shop.orders").Scan(&count); err != nil {
			t.Fatal(err)
		}
		if err := n.DB().QueryRowContext(t.Context(), "CHECKSUM TABLE shop.orders").Scan(&table, &sum); err != nil {
			t.Fatal(err)
		}
		if sums[sum] = true; count < orders {
			t.Errorf("%s has %d orders, clients were told of %d", n.Name, count, orders)
		}
	}
	if len(sums) != 1 {
		t.Error("the nodes differ")
	}
}
