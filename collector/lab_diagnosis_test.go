package collector

import (
	"context"
	"database/sql/driver"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/galeratop/galeratop/internal/lab/cluster"
	"github.com/galeratop/galeratop/model"
)

// finding is the confirmed finding of a rule, nil when there is none.
func finding(s *model.Snapshot, rule string) *model.Finding {
	for i := range s.Findings {
		if f := &s.Findings[i]; f.Rule == rule {
			return f
		}
	}
	return nil
}

// quiet waits until nothing worse than a notice is left.
func (w *watcher) quiet(ticks uint64) {
	w.t.Helper()
	w.within(ticks, "no warning left", func(s *model.Snapshot) bool {
		for _, f := range s.Findings {
			if f.Level > model.LevelNotice {
				return false
			}
		}
		return true
	})
}

// settles waits until the membership has been the same for longer than the group
// takes to notice a loss: a node that was hung for seconds looks Synced when it
// resumes, and is thrown out a moment later.
func (w *watcher) settles() {
	w.t.Helper()
	same, last := 0, model.Num{}
	w.within(60, "a membership that stays", func(s *model.Snapshot) bool {
		if !synced(3)(s) || s.Nodes[0].Status().ConfID != last {
			same = 0
		}
		last = s.Nodes[0].Status().ConfID
		same++
		return same > 8
	})
	w.quiet(20)
}

func findings(s *model.Snapshot) string {
	var all []string
	for _, f := range s.Findings {
		all = append(all, f.Rule+": "+f.Title)
	}
	return strings.Join(all, " | ")
}

// holding is a session that keeps a lock until it is let go.
func holding(ctx context.Context, t *testing.T, n *cluster.Node, statements ...string) (letGo func()) {
	t.Helper()
	conn, err := n.DB().Conn(ctx)
	must(t, err)
	for _, s := range statements {
		_, err := conn.ExecContext(ctx, s)
		must(t, err)
	}
	return func() {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
		_ = conn.Close()
	}
}

func watchAll(t *testing.T, c *cluster.Cluster) *watcher {
	t.Helper()
	return watch(t, Options{Seeds: c.Addresses(), Expected: c.Addresses(), Driver: credentials("mon")})
}

// TestDiagnosisOnARealCluster makes each incident on real nodes and asks for the
// finding, its evidence and the verdict.
func TestDiagnosisOnARealCluster(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, 3, cluster.WithProvider("gcs.fc_limit=8"))
	walk(t, c, []part{
		{"a healthy cluster has nothing worse than a notice", diagnoseHealthy},
		{"a killed server", diagnoseCrash},
		{"a hung server", diagnoseHang},
		{"a partition of two and one", diagnosePartition},
		{"a forgotten desync", diagnoseDesync},
		{"an empty gcomm:// at runtime", diagnoseEmptyAddress},
		{"flow control by a read lock", diagnoseReadLock},
		{"a schema change that waits for an idle transaction", diagnoseSchemaChange},
		{"an idle transaction that holds row locks", diagnoseIdleTransaction},
		{"counters flushed on all nodes", diagnoseFlush},
		{"a state transfer with a hidden joiner", diagnoseTransfer},
		{"a node voted out", diagnoseEviction},
		{"a split brain of equals", diagnoseSplitBrain},
		{"an accidental bootstrap with an empty data directory", diagnoseSecondCluster},
		{"quorum lost", diagnoseQuorumLost},
	}...)
}

func diagnoseHealthy(t *testing.T, c *cluster.Cluster) {
	w := watchAll(t, c)
	w.shows("three nodes", synced(3))
	for range 4 {
		w.next()
		for _, f := range w.last.Findings {
			if f.Level > model.LevelNotice {
				t.Errorf("a false alarm: %s: %s", f.Rule, f.Title)
			}
		}
	}
}

// shrunk waits until the nodes are a Primary Component of their own.
func shrunk(ctx context.Context, t *testing.T, nodes ...*cluster.Node) {
	t.Helper()
	for _, n := range nodes {
		must(t, n.WaitStatus(ctx, "wsrep_cluster_size", strconv.Itoa(len(nodes)), "wsrep_cluster_status", "Primary"))
	}
}

func diagnoseCrash(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, time.Minute)
	w := watchAll(t, c)
	w.shows("three nodes", synced(3))
	c.Node(3).Crash()
	shrunk(ctx, t, c.Node(1), c.Node(2))
	w.tells(incident{
		rule: "silent", level: model.LevelWarning, within: 6, title: "db3 is down or cut off: it does not answer and is no member any more",
		proof: rows("db3", "connection", "refused", "db1 and db2", "wsrep_incoming_addresses", "does not list db3",
			"db1 and db2", "crashes survived from here", "0"),
	})
	must(t, c.Node(3).Start(ctx))
	w.shows("back", synced(3))
	w.quiet(10)
}

func diagnoseHang(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, time.Minute)
	w := watchAll(t, c)
	w.shows("three nodes", synced(3))
	must(t, c.Node(2).Hang())
	shrunk(ctx, t, c.Node(1), c.Node(3))
	w.tells(incident{
		rule: "silent", level: model.LevelWarning, within: 6, title: "db2 is down or cut off: it does not answer and is no member any more",
		proof: rows("db2", "connection", "", "db1 and db3", "wsrep_incoming_addresses", "does not list db2"),
	})
	must(t, c.Node(2).Resume())
	must(t, c.Node(2).WaitSynced(ctx))
	w.settles()
}

func diagnosePartition(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, time.Minute)
	w := watchAll(t, c)
	w.shows("three nodes", synced(3))
	must(t, c.Node(3).Isolate(ctx))
	must(t, c.Node(3).WaitStatus(ctx, "wsrep_cluster_status", "non-Primary"))
	shrunk(ctx, t, c.Node(1), c.Node(2))
	w.tells(incident{
		rule: "partition", level: model.LevelCritical, within: 6, title: "PARTITION: db3 is cut off from db1 and db2 and refuses all queries",
		proof: rows("db3", "wsrep_cluster_status", "non-Primary", "db3", "wsrep_cluster_conf_id", "none",
			"db3", "wsrep_incoming_addresses", c.Node(3).Address, "db3", "wsrep_last_committed", ""),
	})
	must(t, c.Node(3).Heal(ctx))
	must(t, c.Node(3).WaitSynced(ctx))
	w.quiet(15)
}

func diagnoseDesync(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, time.Minute)
	w := watchAll(t, c)
	w.shows("three nodes", synced(3))
	must(t, c.Node(2).Exec(ctx, "SET GLOBAL wsrep_desync = ON"))
	w.tells(incident{
		rule: "desync-left", level: model.LevelNotice, within: 16, title: "db2 is desynced by hand",
		proof: rows("db2", "wsrep_desync", "ON", "db2", "wsrep_desync_count", "1", "db2", "wsrep_local_recv_queue", ""),
	})
	must(t, c.Node(2).Exec(ctx, "SET GLOBAL wsrep_desync = OFF"))
	must(t, c.Node(2).WaitSynced(ctx))
	w.quiet(20)
}

func diagnoseEmptyAddress(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, 2*time.Minute)
	w := watchAll(t, c)
	w.shows("three nodes", synced(3))
	// A node that leaves and is started with an empty list shows it; a live one
	// shows it after a bootstrap by hand.
	must(t, c.Node(2).Stop(ctx))
	must(t, c.Node(3).Stop(ctx))
	must(t, c.Node(1).Stop(ctx))
	c.Node(1).SetOption("wsrep_cluster_address", "gcomm://")
	must(t, c.Node(1).SetSafeToBootstrap(true))
	must(t, c.Node(1).Start(ctx))
	must(t, c.Node(2).Start(ctx))
	must(t, c.Node(3).Start(ctx))
	w.tells(incident{
		rule: "empty-gcomm", level: model.LevelCritical, within: 15, title: "The next restart of db1 may found a second cluster: its wsrep_cluster_address is gcomm://",
		proof: rows("db1", "wsrep_cluster_address", "gcomm://"),
	})
	c.Node(1).SetOption("wsrep_cluster_address", c.GroupAddress())
	must(t, c.Node(1).Stop(ctx))
	must(t, c.Node(1).Start(ctx))
	w.within(20, "nothing left of it", func(s *model.Snapshot) bool { return finding(s, "empty-gcomm") == nil && synced(3)(s) })
}
