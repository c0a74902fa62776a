package actions

import (
	"testing"

	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/demo"
)

// Services are operated on simulated hosts as on real ones.
func TestServicesOfASimulatedClusterAreStoppedAndStarted(t *testing.T) {
	t.Parallel()
	c, sim := simulated(t, demo.Options{}, Session{Cluster: "shop-prod"})
	c.options.Hosts = Hosts{Way: host.Way{Prefix: []string{"ssh", "{host}"}, Through: sim.RunOnHost}, Name: sim.HostOf}
	c.Runner.options.Hosts = c.options.Hosts
	c.effect(c.operates("db2", StopService, "stopped at seqno"), "the rest stays Primary")
	c.down("db2")
	c.effect(c.operates("db2", Start, "Synced; it came back by IST"), "IST from ")
	if err := sim.Do(demo.Action{Do: demo.Crash, Node: "db3"}); err != nil {
		t.Fatal(err)
	}
	c.down("db3")
	c.operates("db3", Start, "Synced")
	c.operates("db1", Restart, "Synced")
}
