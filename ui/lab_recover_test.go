package ui

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/galeratop/galeratop/actions"
	lab "github.com/galeratop/galeratop/internal/lab/cluster"
	"github.com/galeratop/galeratop/internal/lab/service"
)

// rescueConsole starts the console on a real cluster whose hosts take commands.
func rescueConsole(t *testing.T, c *lab.Cluster) *labScreen {
	t.Helper()
	h := service.Of(c)
	hosts := actions.Hosts{Way: h.Way, Own: h.Own, DefaultsFile: h.DefaultsFile}
	return onHosts(t, c.Addresses(), "ops", "ops", hosts, Options{Interval: 500 * time.Millisecond, Cluster: "lab"}).shows("3 of 3 nodes Synced")
}

func does(t *testing.T, n *lab.Node, statements ...string) {
	t.Helper()
	if err := n.Exec(t.Context(), statements...); err != nil {
		t.Fatal(err)
	}
}

// whole expects all nodes in one Primary Component, with the same rows in a table.
func whole(t *testing.T, c *lab.Cluster, table string) {
	t.Helper()
	sums := map[string][]string{}
	for _, n := range c.Nodes() {
		if err := n.WaitStatus(t.Context(), "wsrep_local_state_comment", "Synced", "wsrep_cluster_status", "Primary", "wsrep_cluster_size", strconv.Itoa(len(c.Nodes()))); err != nil {
			t.Fatal(err)
		}
		var name, sum string
		if err := n.DB().QueryRowContext(t.Context(), "CHECKSUM TABLE "+table).Scan(&name, &sum); err != nil {
			t.Fatal(err)
		}
		sums[sum] = append(sums[sum], n.Name)
	}
	if len(sums) != 1 {
		t.Errorf("CHECKSUM TABLE %s differs: %v", table, sums)
	}
}

// TestARealFullCrashIsRecoveredKeyByKey takes three real servers down at different
// positions and brings them back with keys alone.
func TestARealFullCrashIsRecoveredKeyByKey(t *testing.T) {
	t.Parallel()
	c := lab.Start(t, 3, lab.WithOption("innodb_flush_log_at_trx_commit", "2"))
	does(t, c.Node(1), "CREATE DATABASE crash", "CREATE TABLE crash.t (i INT PRIMARY KEY)", "INSERT INTO crash.t VALUES (1)")
	for _, n := range c.Nodes() {
		// A crash before a schema change is through costs the node its history.
		does(t, n, "SET SESSION wsrep_sync_wait = 15", "SELECT COUNT(*) FROM crash.t")
	}
	s := rescueConsole(t, c)
	c.Node(1).Crash()
	if err := c.Node(2).WaitStatus(t.Context(), "wsrep_cluster_size", "2", "wsrep_cluster_status", "Primary"); err != nil {
		t.Fatal(err)
	}
	does(t, c.Node(2), "INSERT INTO crash.t VALUES (2)") // which db1 lacks
	c.Node(3).Crash()
	c.Node(2).Crash()
	var most int64
	at := map[string]int64{}
	for _, n := range c.Nodes() {
		p, err := n.Position(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		at[n.Name], most = p.Seqno, max(most, p.Seqno)
	}
	s.shows("No answer from", "R recovery").press("R").shows("Full crash: no node is in a group", "Enter: read the hosts of")
	var r rescuer
	r.recovers(s, 3*time.Minute)
	whole(t, c, "crash.t")
	first := strings.Fields(strings.TrimPrefix(r.steps[0], "Set safe_to_bootstrap of "))[0]
	if at["db1"] >= most || at[first] != most || len(r.steps) != 4 || len(r.declared) > 0 {
		t.Errorf("of %v confirmed %q, declared %q", at, r.steps, r.declared)
	}
	t.Logf("positions %v; confirmed %q", at, r.steps)
}

// TestARealSplitBrainIsHealedBySSTKeyByKey lets two sides take writes that the
// other never sees.
func TestARealSplitBrainIsHealedBySSTKeyByKey(t *testing.T) {
	t.Parallel()
	c := lab.Start(t, 3, lab.WithPartitions())
	one, three := c.Node(1), c.Node(3)
	does(t, one, "CREATE DATABASE split", "CREATE TABLE split.t (i INT PRIMARY KEY, v VARCHAR(20))", "INSERT INTO split.t VALUES (1, 'both')")
	s := rescueConsole(t, c)
	if err := c.Partition(t.Context(), []*lab.Node{one, c.Node(2)}, []*lab.Node{three}); err != nil {
		t.Fatal(err)
	}
	if err := one.WaitStatus(t.Context(), "wsrep_cluster_size", "2", "wsrep_cluster_status", "Primary"); err != nil {
		t.Fatal(err)
	}
	if err := three.WaitStatus(t.Context(), "wsrep_cluster_status", "non-Primary"); err != nil {
		t.Fatal(err)
	}
	does(t, three, "SET GLOBAL wsrep_provider_options='pc.bootstrap=1'")
	if err := three.WaitSynced(t.Context()); err != nil {
		t.Fatal(err)
	}
	does(t, one, "UPDATE split.t SET v = 'kept' WHERE i = 1", "INSERT INTO split.t VALUES (2, 'kept')")
	does(t, three, "UPDATE split.t SET v = 'given up' WHERE i = 1", "INSERT INTO split.t VALUES (3, 'given up')")
	if err := c.Heal(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.shows("SPLIT BRAIN", "R recovery").press("R").shows("The sides", "Which side is kept?")
	r := rescuer{side: "db2", copy: "yes"}
	r.recovers(s, 3*time.Minute)
	whole(t, c, "split.t")
	var rows string
	if err := three.DB().QueryRowContext(t.Context(), "SELECT GROUP_CONCAT(i, v ORDER BY i) FROM split.t").Scan(&rows); err != nil || rows != "1kept,2kept" {
		t.Errorf("%q, %v", rows, err)
	}
	if got := three.Transfer(); got != "SST" {
		t.Errorf("db3 came back by %q", got)
	}
	if kept, err := filepath.Glob(three.DataDir + "*/split/t.ibd"); err != nil || len(kept) != 2 {
		t.Errorf("the copy of its data: %v, %v", kept, err)
	}
	t.Logf("confirmed %q", r.steps)
}
