package actions

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/galeratop/galeratop/internal/lab/cluster"
	"github.com/galeratop/galeratop/model"
)

// TestOperationsOnTheHostsOfARealCluster walks one cluster of three through
// everything that is done on hosts. The parts leave it healthy behind them.
func TestOperationsOnTheHostsOfARealCluster(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, 3)
	must(t, c.Node(1).Exec(t.Context(), "CREATE DATABASE hosts", "CREATE TABLE hosts.t (i INT PRIMARY KEY, v INT)", "INSERT INTO hosts.t VALUES (1, 1), (2, 2)"))
	for _, part := range []struct {
		name string
		run  func(*testing.T, *cluster.Cluster)
	}{
		{"a crashed node is recovered and comes back by IST", crashedStarts},
		{"a node is stopped and started through its service", stopsAndStarts},
		{"a node that was voted out comes back by SST, its data kept", votedOut},
		{"what a dead transfer left is cleared", staleLeftovers},
		{"what somebody else did meanwhile stops an operation", foreignChanges},
		{"nobody gets a second donor, nor loses the quorum", lastOnes},
		{"a node that wrote apart comes back by SST only", wroteApart},
	} {
		if !t.Run(part.name, func(t *testing.T) { part.run(t, c) }) {
			t.FailNow()
		}
	}
	sameRows(t, c)
}

// sameRows wants the same rows on all nodes.
func sameRows(t *testing.T, c *cluster.Cluster) {
	t.Helper()
	sums := map[string]string{}
	for _, n := range c.Nodes() {
		var table, sum string
		must(t, n.DB().QueryRowContext(t.Context(), "CHECKSUM TABLE hosts.t").Scan(&table, &sum))
		sums[sum] = n.Name
	}
	if len(sums) != 1 {
		t.Errorf("the nodes differ: %v", sums)
	}
}

// effect wants a plan to predict something.
func (c *console) effect(p *Plan, text string) {
	c.t.Helper()
	if all := strings.Join(p.Effects, "; "); !strings.Contains(all, text) {
		c.t.Errorf("%s predicts %q, which lacks %q", p.Title, all, text)
	}
}

// refuses waits until an operation is refused for a reason.
func (c *console) refuses(node, id, reason string) {
	c.t.Helper()
	got := ""
	for limit := time.Now().Add(20 * time.Second); time.Now().Before(limit); time.Sleep(200 * time.Millisecond) {
		if got = PlanHost(c.Latest(), c.options.Session, c.order(node, id)).Refuse(); strings.Contains(got, reason) {
			return
		}
	}
	c.t.Errorf("%s of %s is refused with %q, which lacks %q", id, node, got, reason)
}

func crashedStarts(t *testing.T, c *cluster.Cluster) {
	console := hostConsole(t, c)
	console.refuses("db3", Start, "the server of db3 is stopped: it answers at")
	c.Node(3).Crash()
	must(t, c.Node(1).Exec(t.Context(), "INSERT INTO hosts.t VALUES (3, 3)"))
	console.down("db3")
	console.refuses("db3", StopService, "it is stopped already")
	p := console.allowed("db3", RecoverPosition)
	run := console.Start(context.Background(), p)
	result := run.Result()
	want, err := c.Node(3).Position(t.Context())
	must(t, err)
	if result.Stage != Done || !strings.Contains(result.Text, want.String()) {
		t.Fatalf("%+v, want %s", result, want)
	}
	// With the position that was recovered, the start can be forecast.
	o := console.order("db3", Start)
	o.Readings = append(o.Readings, run.Readings()...)
	p = PlanHost(console.Latest(), console.options.Session, o)
	console.effect(p, "IST from ")
	if result, _ := console.carryOut(p); result.Stage != Done || !strings.Contains(result.Text, "it came back by IST") || c.Node(3).Transfer() != "IST" {
		t.Fatalf("%+v, the log says %q", result, c.Node(3).Transfer())
	}
}

func stopsAndStarts(t *testing.T, c *cluster.Cluster) {
	console := hostConsole(t, c)
	console.effect(console.operates("db2", StopService, "stopped at seqno"), "the rest stays Primary")
	must(t, c.Node(1).Exec(t.Context(), "INSERT INTO hosts.t VALUES (4, 4)"))
	console.down("db2")
	console.effect(console.operates("db2", Start, "Synced; it came back by IST"), "IST from ")
	console.effect(console.operates("db1", Restart, "Synced"), "when it comes back: IST")
}

func votedOut(t *testing.T, c *cluster.Cluster) {
	console := hostConsole(t, c)
	conn := labClient(t, c.Node(3), "hosts")
	for _, sql := range []string{"SET SESSION wsrep_on = 0", "DELETE FROM t WHERE i = 1"} {
		_, err := conn.ExecContext(t.Context(), sql)
		must(t, err)
	}
	must(t, c.Node(1).Exec(t.Context(), "UPDATE hosts.t SET v = 7 WHERE i = 1"))
	console.until("db3 is voted out", func(s *model.Snapshot) bool {
		return s.Node(console.nodeID("db3")).Status().State() == model.StateInconsistent
	})
	console.refuses("db3", Restart, "wrote nothing apart from the others: the group voted it out")
	console.operates("db3", StopService, "stopped")
	console.down("db3")
	p := console.operates("db3", ForceSSTWithCopy, "")
	console.effect(p, "ALL data of db3 is replaced")
	if c.Node(3).Transfer() != "SST" {
		t.Errorf("it got %q", c.Node(3).Transfer())
	}
	copies, err := filepath.Glob(c.Node(3).DataDir + ".galeratop-*")
	must(t, err)
	if len(copies) != 1 {
		t.Fatalf("copies: %q", copies)
	}
	if _, err := os.Stat(copies[0] + "/hosts/t.ibd"); err != nil {
		t.Error(err)
	}
	sameRows(t, c)
}

func staleLeftovers(t *testing.T, c *cluster.Cluster) {
	console := hostConsole(t, c)
	console.operates("db2", StopService, "stopped")
	console.down("db2")
	must(t, os.WriteFile(filepath.Join(c.Node(2).DataDir, "sst_in_progress"), nil, 0o600))
	console.refuses("db2", Start, "sst_in_progress is in its data directory")
	console.operates("db2", ClearLeftovers, "nothing is left over")
	console.operates("db2", ForceSST, "")
	if c.Node(2).Transfer() != "SST" {
		t.Errorf("it got %q", c.Node(2).Transfer())
	}
}

func foreignChanges(t *testing.T, c *cluster.Cluster) {
	console := hostConsole(t, c)
	console.operates("db3", StopService, "stopped")
	console.down("db3")
	p := console.allowed("db3", Start)
	must(t, c.Node(3).Start(t.Context()))
	result, _ := console.carryOut(p)
	if result.Stage != Stopped || !strings.Contains(result.Text, "the server of db3 is stopped: ") {
		t.Errorf("%+v", result)
	}
	console.until("db3 is Synced", func(s *model.Snapshot) bool { return s.Node(console.nodeID("db3")).Synced() })
	console.Runner.options.Session.ReadOnly = true
	if result, _ := console.carryOut(console.allowed("db3", Restart)); result.Text != readOnly {
		t.Errorf("%+v", result)
	}
	stale := console.allowed("db3", Restart)
	console.Runner.options.Session.ReadOnly = false
	console.Runner.options.Clock = func() time.Time { return time.Now().Add(time.Minute) }
	if result, _ := console.carryOut(stale); result.Stage != Stopped || !strings.Contains(result.Text, "nothing is done on a stale view") {
		t.Errorf("%+v", result)
	}
}

func lastOnes(t *testing.T, c *cluster.Cluster) {
	console := hostConsole(t, c)
	console.operates("db3", StopService, "stopped")
	console.down("db3")
	// While one donates, nobody else may need a donor, nor go.
	conn := labClient(t, c.Node(2), "")
	_, err := conn.ExecContext(t.Context(), "FLUSH TABLES WITH READ LOCK")
	must(t, err)
	console.refuses("db1", StopService, "db2 is Primary, Donor/Desynced")
	_, err = conn.ExecContext(t.Context(), "UNLOCK TABLES")
	must(t, err)
	console.operates("db2", StopService, "stopped")
	console.down("db2")
	console.refuses("db1", StopService, "db1 is the last member")
	console.refuses("db1", Restart, "db1 is the last member")
	console.refuses("db2", BootstrapService, "db1 is Primary: a second one would be a split brain")
	console.operates("db2", Start, "Synced")
	console.operates("db3", Start, "Synced")
}

func wroteApart(t *testing.T, c *cluster.Cluster) {
	console := hostConsole(t, c)
	loser := c.Node(3)
	must(t, loser.Isolate(t.Context()))
	console.until("db3 lost the others", func(s *model.Snapshot) bool {
		return !s.Node(console.nodeID("db3")).Status().InPrimary() && s.Node(console.nodeID("db1")).Status().ClusterSize.V == 2
	})
	must(t, loser.Exec(t.Context(), "SET GLOBAL wsrep_provider_options='pc.bootstrap=1'"))
	console.until("db3 is Primary alone", func(s *model.Snapshot) bool { return s.Node(console.nodeID("db3")).Synced() })
	must(t, loser.Exec(t.Context(), "INSERT INTO hosts.t VALUES (30, 30)"))
	must(t, c.Node(1).Exec(t.Context(), "INSERT INTO hosts.t VALUES (31, 31)", "INSERT INTO hosts.t VALUES (32, 32)"))
	console.refuses("db3", Restart, "SPLIT BRAIN")
	o := console.order("db3", StopService)
	o.Losers = []string{o.Node}
	if result, _ := console.carryOut(PlanHost(console.Latest(), console.options.Session, o)); result.Stage != Done {
		t.Fatalf("%+v", result)
	}
	console.down("db3")
	// That it was seen beside the others needs two samples with both sides in them;
	// its own last sample says the same.
	console.refuses("db3", Start, "an IST would keep what was written there silently")
	h, err := console.options.Audit.History("shop")
	must(t, err)
	if got := h.GivenUp(); len(got) != 1 || got[0] != "db3" {
		t.Errorf("given up, by the log: %q", got)
	}
	console.effect(console.operates("db3", ForceSST, ""), "whatever was written on its side of the split brain is lost")
	if loser.Transfer() != "SST" {
		t.Errorf("it got %q", loser.Transfer())
	}
	sameRows(t, c)
}
