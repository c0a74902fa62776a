package collector

import (
	"testing"
	"time"

	"github.com/galeratop/galeratop/internal/lab/cluster"
	"github.com/galeratop/galeratop/model"
)

// TestDiagnosisOfGroupsOnARealCluster is about what needs four nodes: halves,
// arbitrators, and a cluster that is still one without the node that fails.
func TestDiagnosisOfGroupsOnARealCluster(t *testing.T) {
	c := cluster.Start(t, 4, cluster.WithProvider("gcs.fc_limit=8"))
	for _, part := range []struct {
		name string
		run  func(*testing.T, *cluster.Cluster)
	}{
		{"an incremental transfer", diagnoseIncremental},
		{"an arbitrator makes four odd", diagnoseArbitrator},
		{"a slow applier", diagnoseSlowApplier},
		{"half of the nodes crash", diagnoseHalf},
		{"an accidental bootstrap with the data of the cluster", diagnoseSecondPrimary},
	} {
		if !t.Run(part.name, func(t *testing.T) { part.run(t, c) }) {
			t.Fatal("the cluster may not be healthy any more")
		}
	}
}

// critical waits for the finding of one of the rules, and for its verdict.
func (w *watcher) critical(ticks uint64, name string, rules ...string) *model.Finding {
	w.t.Helper()
	var f *model.Finding
	w.within(ticks, "a critical finding about "+name, func(s *model.Snapshot) bool {
		for _, rule := range rules {
			if f = finding(s, rule, name); f != nil {
				return true
			}
		}
		return false
	})
	if f.Level != model.LevelCritical || w.last.Headline.Level != model.LevelCritical {
		w.t.Errorf("%s is of level %v, verdict %+v", f.Rule, f.Level, w.last.Headline)
	}
	if len(f.Evidence) == 0 || f.Why == "" || len(f.Do) == 0 {
		w.t.Errorf("%s is not explained: %+v", f.Rule, f)
	}
	w.t.Logf("%s: %s", f.Rule, f.Title)
	return f
}

// calm fails for every critical finding or verdict until the work is done.
func (w *watcher) calm(work func() error) {
	w.t.Helper()
	done := make(chan error, 1)
	go func() { done <- work() }()
	for {
		select {
		case err := <-done:
			must(w.t, err)
			return
		default:
		}
		s := w.next()
		bad := s.Headline.Level == model.LevelCritical
		for i := range s.Findings {
			bad = bad || s.Findings[i].Level == model.LevelCritical
		}
		if bad {
			w.t.Errorf("a false alarm: %s, of %s", s.Headline.Text, findings(s))
		}
	}
}

func diagnoseIncremental(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, time.Minute)
	w := watchAll(t, c)
	w.shows("four nodes", synced(4))
	w.calm(func() error { return c.Node(4).Stop(ctx) })
	must(t, c.Node(1).Exec(ctx, "CREATE DATABASE missed", "CREATE TABLE missed.t (a INT PRIMARY KEY)",
		"INSERT INTO missed.t VALUES (1)", "INSERT INTO missed.t VALUES (2)", "INSERT INTO missed.t VALUES (3)"))
	w.calm(func() error { return c.Node(4).Start(ctx) })
	if got := c.Node(4).Transfer(); got != "IST" {
		t.Errorf("db4 got its state by %q", got)
	}
	w.shows("db4 is back", synced(4))
	w.quiet(10)
	// Nor is anything said that took longer to confirm.
	for range 4 {
		for _, f := range w.next().Findings {
			if f.Level > model.LevelNotice {
				t.Errorf("after the transfer: %s: %s", f.Rule, f.Title)
			}
		}
	}
}

func diagnoseArbitrator(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, time.Minute)
	w := watchAll(t, c)
	w.shows("four nodes", synced(4))
	if f := w.says("even-split"); f.Level != model.LevelNotice {
		t.Errorf("level %v", f.Level)
	}
	g, err := c.Garbd(ctx)
	must(t, err)
	// garbd is a joiner first; it counts once nobody donates to it any more.
	for _, n := range c.Nodes() {
		must(t, n.WaitSynced(ctx))
	}
	w.within(6, "an arbitrator, and no even split", func(s *model.Snapshot) bool {
		return s.Arbitrators == 1 && synced(4)(s) && s.Components[0].Size.V == 5 && finding(s, "even-split") == nil
	})
	must(t, g.Stop(ctx))
	must(t, c.Node(1).WaitStatus(ctx, "wsrep_cluster_size", "4"))
	w.shows("no arbitrator", func(s *model.Snapshot) bool { return s.Arbitrators == 0 })
	w.says("even-split")
	w.quiet(10)
}

// diagnoseSlowApplier keeps the applier of a node waiting for a table that a
// client locked: unlike under a global read lock the node stays Synced.
func diagnoseSlowApplier(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, time.Minute)
	w := watchAll(t, c)
	w.shows("four nodes", synced(4))
	schema, err := c.Load(ctx, cluster.LoadOptions{Threads: 1, Nodes: c.Nodes()[:1]})
	must(t, err)
	schema.Stop()
	letGo := holding(ctx, t, c.Node(4), "SET SESSION wsrep_sync_wait = 1", "SELECT COUNT(*) FROM shop.orders", "LOCK TABLES shop.orders READ")
	writing(ctx, t, c, c.Node(1))
	f := w.critical(15, "db4", "flow-control-standstill")
	if len(f.Nodes) != 1 || f.Nodes[0] != named(w.last, "db4").ID {
		t.Errorf("it is about %v", f.Nodes)
	}
	if !synced(4)(w.last) {
		t.Errorf("db4 is not Synced:\n%s", describeNodes(w.last))
	}
	for _, rule := range []string{"ddl-stall", "read-lock"} {
		if f := finding(w.last, rule); f != nil {
			t.Errorf("%s: %s", rule, f.Title)
		}
	}
	letGo()
	w.quiet(20)
}

// diagnoseHalf kills two of four at once: the others have exactly half of the
// votes, which is no majority.
func diagnoseHalf(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, time.Minute)
	w := watchAll(t, c)
	w.shows("four nodes", synced(4))
	c.Node(3).Crash()
	c.Node(4).Crash()
	for _, n := range c.Nodes()[:2] {
		must(t, n.WaitStatus(ctx, "wsrep_cluster_status", "non-Primary"))
	}
	f := w.critical(6, "db1", "primary-unknown", "no-primary")
	if finding(w.last, f.Rule, "db1", "db2") == nil {
		t.Errorf("db2 is not named: %s", f.Title)
	}
	must(t, c.Node(1).Exec(ctx, "SET GLOBAL wsrep_provider_options = 'pc.bootstrap=1'"))
	for _, n := range c.Nodes()[:2] {
		must(t, n.WaitSynced(ctx))
	}
	must(t, c.Node(3).Start(ctx))
	must(t, c.Node(4).Start(ctx))
	w.shows("four nodes again", synced(4))
	w.quiet(20)
}

// diagnoseSecondPrimary starts a member as the first node though the others are
// up: both sides have the same history, and so the same UUID.
func diagnoseSecondPrimary(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, time.Minute)
	w := watchAll(t, c)
	w.shows("four nodes", synced(4))
	must(t, c.Node(4).Stop(ctx))
	w.shows("db4 is down", func(s *model.Snapshot) bool { return named(s, "db4").Link == model.LinkDown })
	must(t, c.Node(4).SetSafeToBootstrap(true))
	must(t, c.Node(4).Bootstrap(ctx))
	w.critical(8, "db4", "founded-alone", "split-brain")
	one, two := named(w.last, "db1").Status(), named(w.last, "db4").Status()
	if len(w.last.Components) != 2 || one.ClusterStateUUID != two.ClusterStateUUID {
		t.Errorf("%d components, of %s and %s", len(w.last.Components), one.ClusterStateUUID, two.ClusterStateUUID)
	}
	rebuild(ctx, t, c.Node(4))
	w.quiet(20)
}
