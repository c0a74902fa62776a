package collector

import (
	"context"
	"testing"
	"time"

	"github.com/galeratop/galeratop/internal/lab/cluster"
	"github.com/galeratop/galeratop/model"
)

// writing keeps two nodes busy with orders until the test ends.
func writing(ctx context.Context, t *testing.T, c *cluster.Cluster, nodes ...*cluster.Node) {
	t.Helper()
	load, err := c.Load(ctx, cluster.LoadOptions{Threads: 4, Reads: -1, Nodes: nodes, Pause: time.Millisecond})
	must(t, err)
	t.Cleanup(func() { load.Stop() })
}

func diagnoseReadLock(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, time.Minute)
	w := watchAll(t, c)
	w.shows("three nodes", synced(3))
	letGo := holding(ctx, t, c.Node(3), "FLUSH TABLES WITH READ LOCK")
	writing(ctx, t, c, c.Node(1))
	// MariaDB desyncs a node under FTWRL, so that it falls behind and stops nobody.
	w.within(20, "the read lock on db3", func(s *model.Snapshot) bool {
		return finding(s, "read-lock", "db3") != nil
	})
	letGo()
	must(t, c.Node(3).WaitSynced(ctx))
	w.within(30, "it is over", func(s *model.Snapshot) bool { return finding(s, "read-lock") == nil && synced(3)(s) })
}

func diagnoseSchemaChange(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, time.Minute)
	w := watchAll(t, c)
	w.shows("three nodes", synced(3))
	must(t, c.Node(1).Exec(ctx, "CREATE DATABASE IF NOT EXISTS locks", "CREATE OR REPLACE TABLE locks.t (a INT PRIMARY KEY)"))
	must(t, c.Node(1).Exec(ctx, "SET SESSION wsrep_sync_wait = 1", "INSERT INTO locks.t VALUES (1)"))
	letGo := holding(ctx, t, c.Node(1), "LOCK TABLES locks.t READ")
	altered := make(chan error, 1)
	go func() { altered <- c.Node(2).Exec(ctx, "ALTER TABLE locks.t ADD COLUMN b INT") }()
	w.within(15, "the schema change that waits", func(s *model.Snapshot) bool { return finding(s, "ddl-stall") != nil })
	letGo()
	must(t, <-altered)
	w.within(15, "it is over", func(s *model.Snapshot) bool { return finding(s, "ddl-stall") == nil })
}

func diagnoseIdleTransaction(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, time.Minute)
	w := watchAll(t, c)
	w.shows("three nodes", synced(3))
	must(t, c.Node(1).Exec(ctx, "CREATE DATABASE IF NOT EXISTS locks", "CREATE OR REPLACE TABLE locks.r (a INT PRIMARY KEY, b INT)", "INSERT INTO locks.r VALUES (1, 1)"))
	letGo := holding(ctx, t, c.Node(1), "BEGIN", "UPDATE locks.r SET b = 2 WHERE a = 1")
	waited := make(chan error, 1)
	go func() { waited <- c.Node(1).Exec(ctx, "UPDATE locks.r SET b = 3 WHERE a = 1") }()
	w.within(15, "the idle transaction", func(s *model.Snapshot) bool { return finding(s, "idle-transaction", "db1") != nil })
	letGo()
	must(t, <-waited)
	w.within(15, "it is over", func(s *model.Snapshot) bool { return finding(s, "idle-transaction") == nil })
}

// diagnoseFlush flushes the counters of all nodes: FLUSH STATUS replicates.
func diagnoseFlush(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, time.Minute)
	writing(ctx, t, c)
	w := watchAll(t, c)
	w.shows("three nodes", synced(3))
	for range 3 {
		must(t, c.Node(1).Exec(ctx, "FLUSH STATUS"))
		for range 2 {
			w.next()
			for _, n := range w.last.Nodes {
				if r := n.Rates; r.Committed.V < 0 || r.Questions.V < 0 || r.Committed.V > 1e5 || !n.Restart.IsZero() {
					t.Errorf("%s after a flush: %+v, restarted %v", n.Name, r, n.Restart)
				}
			}
			if f := w.last.Headline; f.Level == model.LevelCritical {
				t.Errorf("a flush is taken for trouble: %s", f.Text)
			}
		}
	}
}

func diagnoseTransfer(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, time.Minute)
	w := watchAll(t, c)
	w.shows("three nodes", synced(3))
	must(t, c.Node(3).Stop(ctx))
	must(t, c.Node(3).Wipe(ctx))
	must(t, c.Node(3).Launch(ctx))
	w.within(20, "a transfer to db3", func(s *model.Snapshot) bool {
		return len(s.Transfers) > 0 && s.Transfers[0].Joiner == "db3"
	})
	must(t, c.Node(3).WaitSynced(ctx))
	w.within(10, "no transfer", func(s *model.Snapshot) bool { return len(s.Transfers) == 0 && synced(3)(s) })
}

func diagnoseEviction(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, 2*time.Minute)
	w := watchAll(t, c)
	w.shows("three nodes", synced(3))
	voteOut(ctx, t, c)
	w.says("evicted", "db3")
	rebuild(ctx, t, c.Node(3))
	w.quiet(20)
}

// diagnoseSplitBrain isolates a node and makes it Primary alone: UUID, conf_id
// and seqno of both sides may be equal.
func diagnoseSplitBrain(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, 2*time.Minute)
	w := watchAll(t, c)
	w.shows("three nodes", synced(3))
	must(t, c.Node(3).Isolate(ctx))
	must(t, c.Node(3).WaitStatus(ctx, "wsrep_cluster_status", "non-Primary"))
	must(t, c.Node(1).WaitStatus(ctx, "wsrep_cluster_size", "2", "wsrep_cluster_status", "Primary"))
	must(t, c.Node(3).Exec(ctx, "SET GLOBAL wsrep_provider_options = 'pc.bootstrap=1'"))
	must(t, c.Node(3).WaitStatus(ctx, "wsrep_cluster_status", "Primary"))
	f := w.says("split-brain", "db3")
	if f.Level != model.LevelCritical || w.last.Headline.Level != model.LevelCritical {
		t.Errorf("level %v, verdict %+v", f.Level, w.last.Headline)
	}
	// Healing the network does not merge them.
	must(t, c.Node(3).Heal(ctx))
	for range 3 {
		if w.next(); finding(w.last, "split-brain") == nil {
			t.Errorf("forgotten while both sides are Primary: %s", findings(w.last))
		}
	}
	rebuild(ctx, t, c.Node(3))
	w.quiet(20)
}

func diagnoseSecondCluster(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, 2*time.Minute)
	w := watchAll(t, c)
	w.shows("three nodes", synced(3))
	must(t, c.Node(3).Stop(ctx))
	must(t, c.Node(3).Reinstall(ctx))
	must(t, c.Node(3).Bootstrap(ctx))
	w.within(8, "two clusters", func(s *model.Snapshot) bool {
		return s.Headline.Level == model.LevelCritical && len(s.Components) == 2 &&
			(finding(s, "split-brain", "db3") != nil || finding(s, "founded-alone", "db3") != nil)
	})
	t.Log(w.last.Headline.Text)
	rebuild(ctx, t, c.Node(3))
	w.quiet(20)
}

func diagnoseQuorumLost(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, 3*time.Minute)
	w := watchAll(t, c)
	w.shows("three nodes", synced(3))
	for _, n := range c.Nodes() {
		must(t, n.Isolate(ctx))
	}
	for _, n := range c.Nodes() {
		must(t, n.WaitStatus(ctx, "wsrep_cluster_status", "non-Primary"))
	}
	w.says("no-primary")
	if w.last.Headline.Level != model.LevelCritical {
		t.Errorf("verdict %+v", w.last.Headline)
	}
	for _, n := range c.Nodes() {
		must(t, n.Heal(ctx))
	}
	for _, n := range c.Nodes() {
		must(t, n.WaitSynced(ctx))
	}
	w.quiet(20)
}
