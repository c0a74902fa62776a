package collector

import (
	"context"
	"testing"
	"time"

	"github.com/galeratop/galeratop/internal/lab/cluster"
	"github.com/galeratop/galeratop/model"
)

// incidents lets each kind of incident happen to one of three nodes, in turn.
func incidents(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, 45*time.Minute)
	load, err := c.Load(ctx, cluster.LoadOptions{Threads: 2, Pause: 20 * time.Millisecond})
	must(t, err)
	defer load.Stop()
	// A seed may fail as well: the collector knows the others by then.
	w := watchFirst(t, c, "mon")
	w.shows("three nodes", synced(3))
	for round := range rounds(1, 20) {
		victim := c.Node(round%3 + 1)
		t.Logf("round %d: %s", round+1, victim.Name)
		hang(ctx, t, w, c, victim)
		crash(ctx, t, w, c, victim)
		isolate(ctx, t, w, c, victim)
		transfer(ctx, t, w, c, victim)
	}
}

// others are the nodes that nothing happens to.
func others(c *cluster.Cluster, victim *cluster.Node) []*cluster.Node {
	var out []*cluster.Node
	for _, n := range c.Nodes() {
		if n != victim {
			out = append(out, n)
		}
	}
	return out
}

func hang(ctx context.Context, t *testing.T, w *watcher, c *cluster.Cluster, victim *cluster.Node) {
	t.Helper()
	must(t, victim.Hang())
	w.shows(victim.Name+" hung: stale", func(s *model.Snapshot) bool {
		n := named(s, victim.Name)
		return n.Link == model.LinkStale && n.Age > 0 && n.Sample != nil && !n.Rates.Committed.Known
	})
	// The other rows go on at every tick.
	seen := map[string]time.Time{}
	for from := w.newest().Tick; w.last.Tick < from+4; w.next() {
		if w.last.Tick == from {
			continue
		}
		for _, o := range others(c, victim) {
			n := named(w.last, o.Name)
			if !n.Up() || n.Sample.At.Before(seen[o.Name]) || n.Age >= w.last.Interval {
				t.Fatalf("%s hangs and %s loses its pace:\n%s", victim.Name, o.Name, describeNodes(w.last))
			}
			seen[o.Name] = n.Sample.At
		}
	}
	must(t, victim.Resume())
	_, err := victim.Status(ctx, "wsrep_ready")
	must(t, err)
	w.shows(victim.Name+" resumed", func(s *model.Snapshot) bool { return named(s, victim.Name).Up() })
	must(t, victim.WaitSynced(ctx))
	w.shows("Synced again", synced(3))
}

func crash(ctx context.Context, t *testing.T, w *watcher, c *cluster.Cluster, victim *cluster.Node) {
	t.Helper()
	victim.Crash()
	w.shows(victim.Name+" crashed: down, with a reason", func(s *model.Snapshot) bool {
		n := named(s, victim.Name)
		return n.Link == model.LinkDown && n.Failure != nil && n.Sample != nil
	})
	for _, o := range others(c, victim) {
		must(t, o.WaitStatus(ctx, "wsrep_cluster_size", "2", "wsrep_cluster_status", "Primary"))
	}
	w.shows("the others form a Primary of two", func(s *model.Snapshot) bool {
		return len(s.Components) == 1 && s.Components[0].Size.V == 2 && !named(s, victim.Name).Listed
	})
	must(t, victim.Start(ctx))
	w.shows(victim.Name+" is back", synced(3))
	if named(w.last, victim.Name).Restart.IsZero() {
		t.Errorf("%s: the restart was not noticed", victim.Name)
	}
}

func isolate(ctx context.Context, t *testing.T, w *watcher, c *cluster.Cluster, victim *cluster.Node) {
	t.Helper()
	must(t, victim.Isolate(ctx))
	must(t, victim.WaitStatus(ctx, "wsrep_cluster_status", "non-Primary"))
	w.shows(victim.Name+" is non-Primary", func(s *model.Snapshot) bool {
		n := named(s, victim.Name)
		return n.Up() && !n.Status().InPrimary() && n.Status().ConfID.Undefined() && n.Status().Ready == model.Off
	})
	for _, o := range others(c, victim) {
		must(t, o.WaitStatus(ctx, "wsrep_cluster_size", "2", "wsrep_cluster_status", "Primary"))
	}
	w.shows("two components", func(s *model.Snapshot) bool {
		return len(s.Components) == 2 && s.Components[0].Primary && len(s.Components[0].Nodes) == 2 && !s.Components[1].Primary
	})
	must(t, victim.Heal(ctx))
	must(t, victim.WaitSynced(ctx))
	w.shows("one component again", synced(3))
}

func transfer(ctx context.Context, t *testing.T, w *watcher, c *cluster.Cluster, victim *cluster.Node) {
	t.Helper()
	must(t, victim.Stop(ctx))
	for _, o := range others(c, victim) {
		must(t, o.WaitStatus(ctx, "wsrep_cluster_size", "2"))
	}
	w.shows(victim.Name+" left", func(s *model.Snapshot) bool {
		n := named(s, victim.Name)
		return n.Link == model.LinkDown && !n.Listed && len(s.Components) == 1
	})
	must(t, victim.Wipe(ctx))
	must(t, victim.Start(ctx))
	if got := victim.Transfer(); got != "SST" {
		t.Fatalf("%s got its state by %q", victim.Name, got)
	}
	w.shows(victim.Name+" is back after an SST", synced(3))
}

func desynced(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, 30*time.Second)
	w := watchFirst(t, c, "mon")
	must(t, c.Node(3).Exec(ctx, "SET GLOBAL wsrep_desync = ON"))
	w.shows("db3 desynced, in the same component", func(s *model.Snapshot) bool {
		return named(s, "db3").Status().State() == model.StateDonor && len(s.Components) == 1 && len(s.Components[0].Nodes) == 3
	})
	must(t, c.Node(3).Exec(ctx, "SET GLOBAL wsrep_desync = OFF"))
	must(t, c.Node(3).WaitSynced(ctx))
	w.shows("resynced", synced(3))
}

func arbitrator(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, time.Minute)
	w := watchFirst(t, c, "mon")
	g, err := c.Garbd(ctx)
	must(t, err)
	// garbd is a joiner first; it counts once nobody donates to it any more.
	for _, n := range c.Nodes() {
		must(t, n.WaitSynced(ctx))
	}
	w.within(3, "an arbitrator", func(s *model.Snapshot) bool {
		return s.Arbitrators == 1 && len(s.Nodes) == 3 && s.Components[0].Size.V == 4
	})
	must(t, g.Stop(ctx))
	must(t, c.Node(1).WaitStatus(ctx, "wsrep_cluster_size", "3"))
	w.within(3, "no arbitrator", func(s *model.Snapshot) bool { return s.Arbitrators == 0 })
}

func inconsistent(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, 2*time.Minute)
	w := watchFirst(t, c, "mon")
	w.shows("three nodes", synced(3))
	voteOut(ctx, t, c)
	w.shows("db3 is Inconsistent and in no component", func(s *model.Snapshot) bool {
		n := named(s, "db3")
		return n.Up() && n.Status().State() == model.StateInconsistent && !n.Listed &&
			len(s.Components) == 1 && len(s.Components[0].Nodes) == 2
	})
	rebuild(ctx, t, c.Node(3))
	w.shows("db3 is back", synced(3))
}

func addedLater(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, time.Minute)
	w := watchFirst(t, c, "mon")
	w.shows("three nodes", synced(3))
	n, err := c.Add(ctx)
	must(t, err)
	w.shows("four nodes, the new one by its name", func(s *model.Snapshot) bool {
		return synced(4)(s) && named(s, n.Name).Address == n.Address
	})
	must(t, n.Stop(ctx))
	must(t, c.Node(1).WaitStatus(ctx, "wsrep_cluster_size", "3"))
	w.shows("it left and is not forgotten", func(s *model.Snapshot) bool {
		return len(s.Nodes) == 4 && named(s, n.Name).Link == model.LinkDown && !named(s, n.Name).Listed
	})
}

// voteOut makes the group vote db3 out, by a row that only it has.
func voteOut(ctx context.Context, t *testing.T, c *cluster.Cluster) {
	t.Helper()
	must(t, c.Node(1).Exec(ctx, "CREATE DATABASE IF NOT EXISTS votes", "CREATE OR REPLACE TABLE votes.t (a INT PRIMARY KEY)"))
	// The table has to be there before the row that only this node has.
	must(t, c.Node(3).Exec(ctx, "SET SESSION wsrep_sync_wait = 1", "SELECT COUNT(*) FROM votes.t",
		"SET SESSION wsrep_on = OFF", "INSERT INTO votes.t VALUES (1)"))
	must(t, c.Node(1).Exec(ctx, "INSERT INTO votes.t VALUES (1)"))
	must(t, c.Node(3).WaitStatus(ctx, "wsrep_local_state", "5"))
}

// rebuild lets a node start anew with nothing, so that it gets an SST.
func rebuild(ctx context.Context, t *testing.T, n *cluster.Node) {
	t.Helper()
	must(t, n.Stop(ctx))
	must(t, n.Wipe(ctx))
	must(t, n.Start(ctx))
}
