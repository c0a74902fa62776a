package actions

import (
	"strings"
	"testing"

	"github.com/galeratop/galeratop/internal/lab/cluster"
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
		{"a crashed node is started and comes back by IST", crashedStarts},
		{"a node is stopped, started and restarted through its service", stopsAndStarts},
	} {
		if !t.Run(part.name, func(t *testing.T) { part.run(t, c) }) {
			t.FailNow()
		}
	}
}

// effect wants a plan to predict something.
func (c *console) effect(p *Plan, text string) {
	c.t.Helper()
	if all := strings.Join(p.Effects, "; "); !strings.Contains(all, text) {
		c.t.Errorf("%s predicts %q, which lacks %q", p.Title, all, text)
	}
}

// refuses wants an operation to be refused.
func (c *console) refuses(node, id, reason string) {
	c.t.Helper()
	if got := PlanHost(c.Latest(), c.options.Session, c.order(node, id)).Refuse(); !strings.Contains(got, reason) {
		c.t.Errorf("%s of %s is refused with %q, which lacks %q", id, node, got, reason)
	}
}

func crashedStarts(t *testing.T, c *cluster.Cluster) {
	console := hostConsole(t, c)
	console.refuses("db3", Start, "the server of db3 is stopped: it answers at")
	c.Node(3).Crash()
	must(t, c.Node(1).Exec(t.Context(), "INSERT INTO hosts.t VALUES (3, 3)"))
	console.down("db3")
	console.refuses("db3", StopService, "it is stopped already")
	console.effect(console.operates("db3", Start, "Synced"), "its position is not known")
	if c.Node(3).Transfer() != "IST" {
		t.Errorf("it got %q", c.Node(3).Transfer())
	}
}

func stopsAndStarts(t *testing.T, c *cluster.Cluster) {
	console := hostConsole(t, c)
	console.effect(console.operates("db2", StopService, "stopped at seqno"), "the rest stays Primary")
	must(t, c.Node(1).Exec(t.Context(), "INSERT INTO hosts.t VALUES (4, 4)"))
	console.down("db2")
	console.effect(console.operates("db2", Start, "Synced; it came back by IST"), "IST from ")
	console.effect(console.operates("db1", Restart, "Synced"), "when it comes back: IST")
	for _, l := range console.log() {
		if l.Step != nil {
			t.Logf("%s %+v", l.Event, l.Step)
		}
	}
}
