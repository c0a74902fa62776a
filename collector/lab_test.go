package collector

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/galeratop/galeratop/internal/lab/cluster"
	"github.com/galeratop/galeratop/model"
)

// part is something that happens to a cluster, which it leaves healthy.
type part struct {
	name string
	run  func(*testing.T, *cluster.Cluster)
}

// walk takes one cluster through the parts; none is tried after one that failed.
func walk(t *testing.T, c *cluster.Cluster, parts ...part) {
	t.Helper()
	for _, p := range parts {
		if !t.Run(p.name, func(t *testing.T) { p.run(t, c) }) {
			t.Fatal("the cluster may not be healthy any more")
		}
	}
}

// TestOnARealCluster walks one cluster of three through what happens to
// clusters.
func TestOnARealCluster(t *testing.T) {
	c := cluster.Start(t, 3, cluster.WithOption("extra_port", "13399"))
	walk(t, c, part{"no connection is left behind", nothingLeft})
	// Up to here no other test had goroutines of its own to be told from.
	t.Parallel()
	walk(t, c, []part{
		{"one seed finds all members", oneSeedFindsAll},
		{"numbers agree with the servers under load", numbersAgree},
		{"every statement answers with its columns", statementsAnswer},
		{"an account without privileges sees what it may", fewPrivileges},
		{"a causality wait set for all does not hang it", syncWait},
		{"a full server keeps being watched", fullServer},
		{"a load balancer is told from a node", loadBalancer},
		{"incidents are shown within two refreshes", incidents},
		{"a desynced node", desynced},
		{"an arbitrator", arbitrator},
		{"an inconsistent node", inconsistent},
		{"a node added later", addedLater},
	}...)
}

func limit(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func watchFirst(t *testing.T, c *cluster.Cluster, user string) *watcher {
	t.Helper()
	return watch(t, Options{Seeds: c.Addresses()[:1], Driver: credentials(user)})
}

func oneSeedFindsAll(t *testing.T, c *cluster.Cluster) {
	w := watchFirst(t, c, "mon")
	w.shows("three nodes, Synced", synced(3))
	for i, n := range c.Nodes() {
		got := w.last.Nodes[i]
		if got.Name != n.Name || got.Address != n.Address || !got.Listed || got.Sample.Server.Flavour != model.FlavourMariaDB {
			t.Errorf("node %d is %s at %s, listed %v, %s", i, got.Name, got.Address, got.Listed, got.Sample.Server.Flavour)
		}
	}
	if w.last.Cluster != c.Name || len(w.last.Components) != 1 || w.last.Arbitrators != 0 {
		t.Errorf("cluster %q, components %+v", w.last.Cluster, w.last.Components)
	}
	w.within(3, "the membership table", func(s *model.Snapshot) bool {
		m := s.Nodes[0].Sample.Slow.Members
		return m != nil && len(m.Rows) == 3
	})
}

// numbersAgree has a shop on all nodes and sysbench on one. It reads the
// counters before and after each snapshot by another connection: every sampled
// value must lie between.
func numbersAgree(t *testing.T, c *cluster.Cluster) {
	needsSysbench(t)
	ctx := limit(t, time.Minute)
	writeMix(ctx, t, c.Node(2))
	load, err := c.Load(ctx, cluster.LoadOptions{Threads: 4})
	must(t, err)
	defer load.Stop()
	w := watchFirst(t, c, "mon")
	w.shows("three nodes", synced(3))
	names := []string{"wsrep_last_committed", "wsrep_replicated", "wsrep_received", "wsrep_replicated_bytes", "wsrep_received_bytes", "wsrep_local_commits"}
	of := func(s *model.Status) []model.Num {
		return []model.Num{s.LastCommitted, s.Replicated, s.Received, s.ReplicatedBytes, s.ReceivedBytes, s.LocalCommits}
	}
	read := func(n *cluster.Node) []model.Num {
		values, err := n.Status(ctx, names...)
		must(t, err)
		out := make([]model.Num, len(names))
		for i, name := range names {
			out[i] = model.ParseNum(values[name])
		}
		return out
	}
	for range 5 {
		w.newest()
		before := [][]model.Num{read(c.Node(1)), read(c.Node(2)), read(c.Node(3))}
		first := w.next()
		second := w.next()
		for i, n := range c.Nodes() {
			after := read(n)
			older, newer := named(first, n.Name), named(second, n.Name)
			for j, sampled := range of(newer.Status()) {
				if sampled.V < before[i][j].V || sampled.V > after[j].V {
					t.Errorf("%s %s: %d is not between %d and %d", n.Name, names[j], sampled.V, before[i][j].V, after[j].V)
				}
			}
			agree(t, n.Name, older.Sample, newer)
		}
	}
	if r := w.last.Nodes[0].Rates; r.Committed.V <= 0 {
		t.Errorf("a loaded cluster commits: %+v; the load did %+v", r, load.Counts())
	}
}

// agree holds rates against the counters of the two samples that they are about.
func agree(t *testing.T, name string, older *model.Sample, newer *model.Node) {
	t.Helper()
	r, s := newer.Rates, newer.Sample
	if r.Interval != s.At.Sub(older.At) {
		return // a snapshot between the two was not taken
	}
	for what, pair := range map[string][2]float64{
		"commits":    {r.Committed.V, float64(s.Status.LastCommitted.V - older.Status.LastCommitted.V)},
		"replicated": {r.Replicated.V, float64(s.Status.Replicated.V - older.Status.Replicated.V)},
		"received":   {r.Received.V, float64(s.Status.Received.V - older.Status.Received.V)},
	} {
		if total := pair[0] * r.Interval.Seconds(); math.Abs(total-pair[1]) > 0.001 {
			t.Errorf("%s: %s: the rate says %v in %v, the counters %v", name, what, total, r.Interval, pair[1])
		}
	}
}

func statementsAnswer(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, 20*time.Second)
	must(t, c.Node(1).Exec(ctx, "INSTALL SONAME 'metadata_lock_info'"))
	defer func() { must(t, c.Node(1).Exec(ctx, "UNINSTALL SONAME 'metadata_lock_info'")) }()
	cfg, _ := credentials("lab")(c.Addresses()[0])
	s, err := open(ctx, cfg)
	must(t, err)
	defer s.close()
	for _, st := range Statements() {
		sample := model.Sample{Server: s.server}
		for _, whole := range []*Statement{locks, settings} {
			whole.Start(&sample) // what its parts add to
		}
		form, ok := st.Form(&s.server)
		if !ok {
			if unaided := slices.ContainsFunc(st.Forms, func(f Form) bool {
				return !f.PerfS && (f.Flavours == nil || slices.Contains(f.Flavours, model.FlavourMariaDB))
			}); unaided {
				t.Errorf("%s: no form for %s", st.Name, s.server.Version)
			}
			continue
		}
		if err := s.ask(ctx, st, &sample, 50); err != nil {
			t.Errorf("%s: %v\n%s", st.Name, err, form.SQL)
		}
	}
	for sql := range s.refused {
		t.Errorf("not understood: %s", sql)
	}
}

func fewPrivileges(t *testing.T, c *cluster.Cluster) {
	w := watchFirst(t, c, "monitor")
	w.Demand(model.SubjectTransactions | model.SubjectVariables)
	w.shows("three nodes", synced(3))
	p := w.last.Nodes[0].Sample.Processes
	if !p.OwnOnly || p.Grant != "PROCESS" {
		t.Errorf("processes: %+v", p)
	}
	w.within(4, "what is missing, by name", func(s *model.Snapshot) bool {
		slow := s.Nodes[0].Sample.Slow
		return slow.Members != nil && slow.Members.Grant == "SELECT ON mysql.wsrep_cluster_members" &&
			slow.Transactions != nil && slow.Transactions.Grant == "PROCESS" &&
			slow.Variables != nil && slow.Variables.Values["wsrep_on"] == "ON"
	})
}

func syncWait(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, 30*time.Second)
	for _, n := range c.Nodes() {
		must(t, n.Exec(ctx, "SET GLOBAL wsrep_sync_wait = 15"))
		defer func() { must(t, n.Exec(ctx, "SET GLOBAL wsrep_sync_wait = 0")) }()
	}
	// A table lock stalls the appliers, so that a causality wait would not end.
	lock, err := c.Node(2).DB().Conn(ctx)
	must(t, err)
	defer func() { _ = lock.Close() }()
	_, err = lock.ExecContext(ctx, "SET SESSION wsrep_sync_wait = 0")
	must(t, err)
	_, err = lock.ExecContext(ctx, "FLUSH TABLES WITH READ LOCK")
	must(t, err)
	defer func() { _, _ = lock.ExecContext(ctx, "UNLOCK TABLES") }()
	must(t, c.Node(1).Exec(ctx, "CREATE DATABASE IF NOT EXISTS waits"))
	w := watchFirst(t, c, "mon")
	for range 3 {
		s := w.next()
		if n := named(s, "db2"); !n.Up() {
			t.Fatalf("hangs on the locked node:\n%s", describeNodes(s))
		}
	}
}

func nothingLeft(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, 20*time.Second)
	ignore := goleak.IgnoreCurrent()
	w := watchFirst(t, c, "mon")
	w.Demand(model.SubjectTransactions)
	w.shows("three nodes", synced(3))
	w.next()
	w.stop()
	goleak.VerifyNone(t, ignore)
	for _, n := range c.Nodes() {
		for {
			var left int
			must(t, n.DB().QueryRowContext(ctx, "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = 'mon'").Scan(&left))
			if left == 0 {
				break
			}
		}
	}
}

func fullServer(t *testing.T, c *cluster.Cluster) {
	ctx := limit(t, 60*time.Second)
	n := c.Node(1)
	w := watchFirst(t, c, "mon")
	w.shows("three nodes", synced(3))
	must(t, n.Exec(ctx, "SET GLOBAL max_connections = 10"))
	defer func() { must(t, n.Exec(ctx, "SET GLOBAL max_connections = 151")) }()
	var crowd []*session
	for {
		cfg, _ := credentials("shop")(n.Address)
		s, err := open(ctx, cfg)
		if err != nil {
			if kindOf(err) != model.FailFull {
				t.Fatal(err)
			}
			break
		}
		crowd = append(crowd, s)
	}
	defer func() {
		for _, s := range crowd {
			s.close()
		}
	}()
	for range 2 {
		if s := w.next(); !named(s, "db1").Up() {
			t.Fatalf("lost the connection that it had:\n%s", describeNodes(s))
		}
	}
	ids, err := n.DB().QueryContext(ctx, "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'mon'")
	must(t, err)
	defer func() { _ = ids.Close() }()
	var kill []string
	for ids.Next() {
		var id int64
		must(t, ids.Scan(&id))
		kill = append(kill, fmt.Sprint("KILL ", id))
	}
	must(t, ids.Err())
	// Others take the slots that the collector loses.
	for _, k := range kill {
		must(t, n.Exec(ctx, k))
		cfg, _ := credentials("shop")(n.Address)
		if s, err := open(ctx, cfg); err == nil {
			crowd = append(crowd, s)
		}
	}
	w.within(8, "back by the extra port", func(s *model.Snapshot) bool { return named(s, "db1").Up() })
}
