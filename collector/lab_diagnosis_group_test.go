package collector

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/galeratop/galeratop/internal/lab/cluster"
	"github.com/galeratop/galeratop/model"
)

// TestDiagnosisOfGroupsOnARealCluster is about what needs four nodes: halves,
// arbitrators, and a cluster that is still one without the node that fails.
func TestDiagnosisOfGroupsOnARealCluster(t *testing.T) {
	t.Parallel()
	// With Galera's own timeouts a lost arbitrator holds up commits for much longer than one that leaves.
	c := cluster.Start(t, 4, cluster.WithProvider("gcs.fc_limit=8;evs.suspect_timeout=PT5S;evs.inactive_timeout=PT10S"), cluster.WithPartitions())
	walk(t, c, []part{
		{"an incremental transfer", diagnoseIncremental},
		{"an arbitrator makes four odd", diagnoseArbitrator},
		{"a slow applier", diagnoseSlowApplier},
		{"half of the nodes crash", diagnoseHalf},
		{"two halves that both live", diagnoseHalves},
		{"an accidental bootstrap with the data of the cluster", diagnoseSecondPrimary},
		{"an arbitrator left alone", diagnoseLoneArbitrator},
	}...)
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

// arbitrated starts an arbitrator and waits until it is seen as one.
func (w *watcher) arbitrated(ctx context.Context, c *cluster.Cluster) *cluster.Garbd {
	w.t.Helper()
	g, err := c.Garbd(ctx)
	must(w.t, err)
	// garbd is a joiner first; it counts once nobody donates to it any more.
	for _, n := range c.Nodes() {
		must(w.t, n.WaitSynced(ctx))
	}
	w.within(6, "an arbitrator, nothing missed and no even split", func(s *model.Snapshot) bool {
		return s.Arbitrators == 1 && synced(4)(s) && s.Components[0].Size.V == 5 &&
			finding(s, "even-split") == nil && finding(s, "arbitrator-gone") == nil
	})
	// What was there for a moment is not missed, and an idle cluster does not tell a loss from a leave.
	for range 5 {
		w.next()
	}
	return g
}

// diagnoseArbitrator stops an arbitrator and kills the next, while a client
// writes: commits wait for a lost one until it is given up.
func diagnoseArbitrator(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, 2*time.Minute)
	load, err := c.Load(ctx, cluster.LoadOptions{Threads: 1, Reads: -1, Nodes: c.Nodes()[:1], Pause: 20 * time.Millisecond})
	must(t, err)
	t.Cleanup(func() { load.Stop() })
	w := watchAll(t, c)
	w.shows("four nodes", synced(4))
	w.tells(incident{
		rule: "even-split", level: model.LevelNotice, within: 6, title: "4 members and no arbitrator: a network cut in half would stop all writes on both sides",
		proof: rows("", "weight of the component", "4", "db4", "pc.weight", "1"),
	})
	g := w.arbitrated(ctx, c)
	must(t, g.Stop(ctx))
	must(t, c.Node(1).WaitStatus(ctx, "wsrep_cluster_size", "4"))
	gone := incident{
		rule: "arbitrator-gone", level: model.LevelNotice, within: 6, title: "The arbitrator has left: a network cut in half would now stop all writes on both sides",
		proof: rows("", "arbitrators", "0, and 1 until ", "db1", "wsrep_cluster_size", "4", "", "weight of the component", "4"),
	}
	w.tells(gone)

	g = w.arbitrated(ctx, c)
	g.Crash()
	must(t, c.Node(1).WaitStatus(ctx, "wsrep_cluster_size", "4"))
	gone.level, gone.title = model.LevelWarning, "The arbitrator is lost: a network cut in half would now stop all writes on both sides"
	gone.proof = append(gone.proof, rows("", "commits stood still", "for ")...)
	w.tells(gone)

	g = w.arbitrated(ctx, c)
	must(t, g.Stop(ctx))
	w.quiet(10)
}

// diagnoseLoneArbitrator stops all servers: garbd stays Primary, which nobody
// can ask it, and no server could join it.
func diagnoseLoneArbitrator(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, 2*time.Minute)
	w := watchAll(t, c)
	w.shows("four nodes", synced(4))
	g := w.arbitrated(ctx, c)
	for _, n := range c.Nodes() {
		must(t, n.Stop(ctx))
	}
	f := w.tells(incident{
		rule: "nobody-answers", level: model.LevelCritical, within: 6,
		title: "No answer from db1, db2, db3 and db4: the state of the cluster is unknown, and an arbitrator may be left alone",
		proof: rows("db1", "connection", "", "db4", "connection", "", "", "arbitrators when a node last answered", "1"),
	})
	if !slices.ContainsFunc(f.Do, func(step string) bool { return strings.HasPrefix(step, "Stop garbd") }) {
		t.Errorf("advised: %q", f.Do)
	}
	must(t, g.Stop(ctx))
	must(t, c.Bootstrap(ctx))
	w.shows("four nodes again", synced(4))
	w.quiet(20)
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
	f := w.tells(incident{
		rule: "flow-control-standstill", level: model.LevelCritical, within: 15, title: "Writes stand still ", names: "a lock on db4 stops its appliers, probably of thread ",
		proof: rows("", "paused share, from wsrep_flow_control_paused_ns", " %", "db4", "flow control", "", "db4", "wsrep_local_recv_queue", " allowed",
			"db4", "probably holds the lock", "of root, Sleep"),
	})
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
	w.tells(incident{
		rule: "primary-unknown", level: model.LevelCritical, within: 6,
		title: "db1 and db2 are non-Primary and refuse all queries; db3 and db4 do not answer and may still be Primary",
		proof: rows("db1", "wsrep_cluster_status", "non-Primary", "db2", "wsrep_cluster_status", "non-Primary",
			"db3", "connection", "refused", "db4", "connection", "refused"),
	})
	must(t, c.Node(1).Exec(ctx, "SET GLOBAL wsrep_provider_options = 'pc.bootstrap=1'"))
	for _, n := range c.Nodes()[:2] {
		must(t, n.WaitSynced(ctx))
	}
	must(t, c.Node(3).Start(ctx))
	must(t, c.Node(4).Start(ctx))
	w.shows("four nodes again", synced(4))
	w.quiet(20)
}

// diagnoseHalves cuts the network between two and two: neither half has more
// than half of the votes. Then somebody bootstraps one half, and somebody else
// the other. Nobody writes, so that every number is the same on both sides.
func diagnoseHalves(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, 2*time.Minute)
	w := watchAll(t, c)
	w.shows("four nodes", synced(4))
	left, right := c.Nodes()[:2], c.Nodes()[2:]
	must(t, c.Partition(ctx, left, right))
	for _, n := range c.Nodes() {
		must(t, n.WaitStatus(ctx, "wsrep_cluster_status", "non-Primary", "wsrep_cluster_size", "2"))
	}
	w.tells(incident{
		rule: "no-primary", level: model.LevelCritical, within: 5, title: "NO WRITES ANYWHERE: db1, db2, db3 and db4 are all non-Primary, equally advanced",
		proof: rows("db1", "wsrep_cluster_status", "non-Primary", "db1", "wsrep_incoming_addresses", left[0].Address, "db1", "wsrep_incoming_addresses", left[1].Address,
			"db4", "wsrep_cluster_status", "non-Primary", "db4", "wsrep_incoming_addresses", right[0].Address, "db4", "wsrep_incoming_addresses", right[1].Address),
	})
	must(t, left[0].Exec(ctx, "SET GLOBAL wsrep_provider_options = 'pc.bootstrap=1'"))
	shrunk(ctx, t, left...)
	w.tells(incident{
		rule: "partition", level: model.LevelCritical, within: 6, title: "PARTITION: db3 and db4 are cut off from db1 and db2 and refuse all queries",
		proof: rows("db3", "wsrep_cluster_status", "non-Primary", "db4", "wsrep_incoming_addresses", right[0].Address, "db4", "wsrep_incoming_addresses", right[1].Address),
	})
	must(t, right[0].Exec(ctx, "SET GLOBAL wsrep_provider_options = 'pc.bootstrap=1'"))
	shrunk(ctx, t, right...)
	w.tells(incident{
		rule: "split-brain", level: model.LevelCritical, within: 5, title: "SPLIT BRAIN: db1+db2 and db3+db4 both accept writes as two separate clusters",
		proof: rows("db1", "wsrep_cluster_status", "Primary", "db1", "wsrep_incoming_addresses", left[0].Address, "db1", "wsrep_incoming_addresses", left[1].Address,
			"db3", "wsrep_cluster_status", "Primary", "db3", "wsrep_incoming_addresses", right[0].Address, "db3", "wsrep_incoming_addresses", right[1].Address),
	})
	w.sameHistory("db1", "db3")
	if a, b := named(w.last, "db1").Status(), named(w.last, "db3").Status(); a.ClusterSize != b.ClusterSize || a.ClusterSize.V != 2 {
		t.Errorf("sizes %v and %v", a.ClusterSize, b.ClusterSize)
	}
	// A whole network does not merge them.
	must(t, c.Heal(ctx))
	for range 5 {
		if w.next(); finding(w.last, "split-brain") == nil {
			t.Errorf("forgotten while both sides are Primary: %s", findings(w.last))
		}
	}
	for _, n := range right {
		must(t, n.Stop(ctx))
		must(t, n.Wipe(ctx))
	}
	for _, n := range right {
		must(t, n.Start(ctx))
	}
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
	w.tells(incident{
		rule: "founded-alone", level: model.LevelCritical, within: 8,
		title: "ACCIDENTAL BOOTSTRAP: db4 started as a cluster of its own, both it and db1, db2, db3 accept writes",
		proof: rows("db4", "wsrep_cluster_status", "Primary", "db4", "wsrep_incoming_addresses", c.Node(4).Address,
			"db1", "wsrep_incoming_addresses", c.Node(1).Address, "db1", "wsrep_incoming_addresses", c.Node(3).Address),
	})
	one, two := named(w.last, "db1").Status(), named(w.last, "db4").Status()
	if len(w.last.Components) != 2 || one.ClusterStateUUID != two.ClusterStateUUID {
		t.Errorf("%d components, of %s and %s", len(w.last.Components), one.ClusterStateUUID, two.ClusterStateUUID)
	}
	rebuild(ctx, t, c.Node(4))
	w.quiet(20)
}
