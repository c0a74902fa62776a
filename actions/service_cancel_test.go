package actions

import (
	"context"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/demo"
)

// stuckHosts are simulated hosts on which a start never comes back.
func stuckHosts(sim *demo.Cluster, begun chan<- struct{}, starts *atomic.Int64) Hosts {
	return Hosts{Name: sim.HostOf, Way: host.Way{
		Prefix: []string{"ssh", "{host}"},
		Through: func(ctx context.Context, name string, argv []string, stdout, stderr io.Writer) (int, error) {
			if !slices.Equal(argv, []string{"systemctl", "start", "mariadb"}) {
				return sim.RunOnHost(ctx, name, argv, stdout, stderr)
			}
			starts.Add(1)
			_, _ = io.WriteString(stdout, "starting\n")
			begun <- struct{}{}
			<-ctx.Done()
			return 0, ctx.Err()
		},
	}}
}

func TestWaitingForAHostEndsWhenTheRunIsCancelledAndNothingIsTriedAgain(t *testing.T) {
	t.Parallel()
	c, sim := simulated(t, demo.Options{}, Session{Cluster: "shop-prod"})
	begun, starts := make(chan struct{}, 9), &atomic.Int64{}
	c.options.Hosts = stuckHosts(sim, begun, starts)
	c.Runner.options.Hosts = c.options.Hosts
	c.operates("db2", StopService, "stopped at seqno")
	c.down("db2")
	run := c.Start(context.Background(), c.allowed("db2", Start))
	<-begun
	// Another run is not begun beside it.
	o := c.order("db3", Restart)
	others, err := c.options.Audit.Others("shop-prod", noon)
	must(t, err)
	o.Others = &others
	if got := PlanHost(c.Latest(), c.options.Session, o).Refuse(); !strings.Contains(got, "no other console is at work in the cluster") {
		t.Errorf("a second one is planned: %q", got)
	}
	o.Others = nil
	if result, _ := c.carryOut(PlanHost(c.Latest(), c.options.Session, o)); result.Stage != Stopped || !strings.Contains(result.Text, "another run is on its way") {
		t.Errorf("a second one: %+v", result)
	}
	run.Cancel()
	result := run.Result()
	if result.Stage != NotYet || !strings.Contains(result.Text, "cancelled, and what was begun on the host may go on") || starts.Load() != 1 {
		t.Errorf("%d starts, %+v", starts.Load(), result)
	}
	said := false
	for _, line := range c.log() {
		said = said || line.Step != nil && slices.Equal(line.Step.Said, []string{"starting"}) && slices.Equal(line.Step.Ran, []string{"systemctl start mariadb"})
	}
	if !said {
		t.Error("what it printed is not in the log")
	}
}
