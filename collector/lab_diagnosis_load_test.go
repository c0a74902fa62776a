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
	w.tells(incident{
		rule: "read-lock", level: model.LevelWarning, within: 20, title: "db3 applies nothing: a backup or a global read lock holds it",
		proof: rows("db3", "wsrep_local_state_comment", "Donor", "db3", "wsrep_desync_count", "1", "db3", "wsrep_desync", "OFF",
			"db3", "wsrep_local_recv_queue", ""),
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
	w.tells(incident{
		rule: "ddl-stall", level: model.LevelWarning, within: 15, title: "A schema change waits for a lock on db1",
		proof: rows("db1", "the schema change", "ALTER TABLE locks.t ADD COLUMN b INT"),
	})
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
	w.tells(incident{
		rule: "idle-transaction", level: model.LevelWarning, within: 15, title: "Thread ", names: " on db1 has slept for ",
		proof: rows("db1", "thread", "of root, Sleep", "db1", "transaction", "1 rows changed", "db1", "Innodb_row_lock_current_waits", "1"),
	})
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
	// Its finding is confirmed in the second refresh, by when so small an SST may be over.
	w.within(20, "a transfer to db3 behind its closed port, from a donor", func(s *model.Snapshot) bool {
		n := named(s, "db3")
		return len(s.Transfers) > 0 && s.Transfers[0].Joiner == "db3" && s.Transfers[0].Donor != "" && n.Listed && !n.Up()
	})
	if donor := named(w.last, w.last.Transfers[0].Donor); donor.Status().State() != model.StateDonor {
		t.Errorf("the donor is %s:\n%s", donor.Name, describeNodes(w.last))
	}
	must(t, c.Node(3).WaitSynced(ctx))
	w.within(10, "no transfer", func(s *model.Snapshot) bool { return len(s.Transfers) == 0 && synced(3)(s) })
}

func diagnoseEviction(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, 2*time.Minute)
	w := watchAll(t, c)
	w.shows("three nodes", synced(3))
	voteOut(ctx, t, c)
	w.tells(incident{
		rule: "evicted", level: model.LevelCritical, within: 5, title: "db3 was voted out of the cluster: its data differs from the others'",
		proof: rows("db3", "wsrep_local_state_comment", "Inconsistent", "db3", "wsrep_cluster_status", "Disconnected",
			"db3", "wsrep_local_state_uuid", "00000000-0000-0000-0000-000000000000"),
	})
	rebuild(ctx, t, c.Node(3))
	w.quiet(20)
}

// diagnoseSplitBrain isolates a node and makes it Primary alone. Nobody writes,
// and both sides count one view on: UUID, conf_id and seqno are all equal.
func diagnoseSplitBrain(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, 2*time.Minute)
	w := watchAll(t, c)
	w.shows("three nodes", synced(3))
	must(t, c.Node(3).Isolate(ctx))
	must(t, c.Node(3).WaitStatus(ctx, "wsrep_cluster_status", "non-Primary"))
	shrunk(ctx, t, c.Node(1), c.Node(2))
	must(t, c.Node(3).Exec(ctx, "SET GLOBAL wsrep_provider_options = 'pc.bootstrap=1'"))
	shrunk(ctx, t, c.Node(3))
	w.tells(incident{
		rule: "split-brain", level: model.LevelCritical, within: 5, title: "SPLIT BRAIN: db1+db2 and db3 both accept writes as two separate clusters",
		proof: rows("db1", "wsrep_cluster_status", "Primary", "db1", "wsrep_incoming_addresses", c.Node(1).Address, "db1", "wsrep_incoming_addresses", c.Node(2).Address,
			"db3", "wsrep_cluster_status", "Primary", "db3", "wsrep_incoming_addresses", c.Node(3).Address,
			"db1", "wsrep_cluster_state_uuid", "-", "db3", "wsrep_cluster_state_uuid", "-",
			"db1", "wsrep_cluster_conf_id", "", "db3", "wsrep_last_committed", ""),
	})
	w.sameHistory("db1", "db3")
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
	w.tells(incident{
		rule: "founded-alone", level: model.LevelCritical, within: 8,
		title: "ACCIDENTAL BOOTSTRAP: db3 started as a cluster of its own, both it and db1, db2 accept writes",
		proof: rows("db3", "wsrep_cluster_status", "Primary", "db3", "wsrep_incoming_addresses", c.Node(3).Address,
			"db1", "wsrep_incoming_addresses", c.Node(1).Address, "db1", "wsrep_incoming_addresses", c.Node(2).Address),
	})
	if one, two := named(w.last, "db1").Status(), named(w.last, "db3").Status(); one.ClusterStateUUID == two.ClusterStateUUID {
		t.Errorf("both have the history %s", one.ClusterStateUUID)
	}
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
	w.tells(incident{
		rule: "no-primary", level: model.LevelCritical, within: 5, title: "NO WRITES ANYWHERE: db1, db2 and db3 are all non-Primary, equally advanced",
		proof: rows("db1", "wsrep_cluster_status", "non-Primary", "db2", "wsrep_cluster_status", "non-Primary", "db3", "wsrep_cluster_status", "non-Primary",
			"db2", "wsrep_incoming_addresses", c.Node(2).Address, "db3", "wsrep_last_committed", ""),
	})
	for _, n := range c.Nodes() {
		must(t, n.Heal(ctx))
	}
	for _, n := range c.Nodes() {
		must(t, n.WaitSynced(ctx))
	}
	w.quiet(20)
}
