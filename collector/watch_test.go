package collector

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/galeratop/galeratop/model"
)

// watcher runs a collector and keeps what it publishes.
type watcher struct {
	*Collector
	t    *testing.T
	last *model.Snapshot
	stop func()
}

// credentials makes a driver configuration for an account whose password is its
// name, as in the lab.
func credentials(user string) func(string) (*mysql.Config, error) {
	return func(address string) (*mysql.Config, error) {
		cfg := mysql.NewConfig()
		cfg.Net, cfg.Addr, cfg.User, cfg.Passwd = "tcp", address, user, user
		if strings.HasPrefix(address, "/") {
			cfg.Net = "unix"
		}
		cfg.MaxAllowedPacket = 1 << 24
		cfg.Logger = &mysql.NopLogger{}
		return cfg, nil
	}
}

// watch starts a collector that ends with the test.
func watch(t *testing.T, o Options) *watcher {
	t.Helper()
	if o.Interval == 0 {
		o.Interval = time.Second
	}
	ctx, cancel := context.WithCancel(context.Background())
	w := &watcher{Collector: New(o), t: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.Run(ctx)
	}()
	w.stop = func() {
		cancel()
		<-done
	}
	t.Cleanup(w.stop)
	w.next()
	return w
}

// next waits for the next snapshot.
func (w *watcher) next() *model.Snapshot {
	w.t.Helper()
	select {
	case s := <-w.Snapshots():
		if s != nil {
			w.last = s
		}
	case <-time.After(30 * time.Second):
		w.t.Fatal("no snapshot in 30 s")
	}
	return w.last
}

// newest takes what is there now.
func (w *watcher) newest() *model.Snapshot {
	for {
		select {
		case s := <-w.Snapshots():
			if s == nil {
				return w.last
			}
			w.last = s
		default:
			return w.last
		}
	}
}

// shows requires that the condition holds in a snapshot at most two refreshes
// after this call, which a test makes once the servers themselves say so.
func (w *watcher) shows(what string, ok func(*model.Snapshot) bool) {
	w.t.Helper()
	w.within(2, what, ok)
}

// within is shows for another number of refreshes.
func (w *watcher) within(ticks uint64, what string, ok func(*model.Snapshot) bool) {
	w.t.Helper()
	from := w.newest().Tick
	for s := w.last; ; s = w.next() {
		if ok(s) {
			return
		}
		if s.Tick > from+ticks {
			w.t.Fatalf("not shown within %d refreshes: %s\n%s%s", ticks, what, describeNodes(s), findings(s))
		}
	}
}

func describeNodes(s *model.Snapshot) string {
	var b strings.Builder
	b.WriteString(s.Headline.Text + "\n")
	for _, n := range s.Nodes {
		st := n.Status()
		b.WriteString(strings.Join([]string{n.Name, n.Address, string(n.Link), n.Age.String(), st.ClusterStatus, st.StateComment}, " "))
		if n.Failure != nil {
			b.WriteString(" " + n.Failure.Text)
		}
		b.WriteByte('\n')
		if n.Sample == nil {
			continue
		}
		for _, p := range n.Sample.Processes.Rows {
			fmt.Fprintf(&b, "    thread %d of %s, %s for %v, %s: %s\n", p.ID, p.User, p.Command, p.Time, p.State, p.Query)
		}
	}
	return b.String()
}

// named finds a node by name.
func named(s *model.Snapshot, name string) *model.Node {
	for _, n := range s.Nodes {
		if n.Name == name {
			return n
		}
	}
	return &model.Node{}
}

func synced(count int) func(*model.Snapshot) bool {
	return func(s *model.Snapshot) bool {
		if len(s.Nodes) != count {
			return false
		}
		for _, n := range s.Nodes {
			if !n.Synced() {
				return false
			}
		}
		return true
	}
}

// rounds is how often an incident is repeated: twice in CI, often on demand.
func rounds(short, long int) int {
	if os.Getenv("GALERATOP_LAB") == "long" {
		return long
	}
	return short
}
