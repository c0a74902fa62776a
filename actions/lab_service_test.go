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
	} {
		if !t.Run(part.name, func(t *testing.T) { part.run(t, c) }) {
			t.FailNow()
		}
	}
}

func crashedStarts(t *testing.T, c *cluster.Cluster) {
	console := hostConsole(t, c)
	if got := PlanHost(console.Latest(), Session{}, console.order("db3", Start)).Refuse(); !strings.Contains(got, "the server of db3 is stopped: it answers at") {
		t.Error(got)
	}
	c.Node(3).Crash()
	must(t, c.Node(1).Exec(t.Context(), "INSERT INTO hosts.t VALUES (3, 3)"))
	console.down("db3")
	p := console.operates("db3", Start, "Synced")
	t.Log(p.Effects, c.Node(3).Transfer())
	for _, l := range console.log() {
		if l.Step != nil {
			t.Logf("%+v", l.Step)
		}
	}
}
