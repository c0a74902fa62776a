package ui

import (
	"context"
	"testing"
	"time"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/demo"
)

// onSimulatedHosts is the console on a simulated cluster whose hosts take commands.
func onSimulatedHosts(t *testing.T, opt Options) (*labScreen, *demo.Cluster) {
	t.Helper()
	sim, err := demo.Start(context.Background(), demo.Options{Threads: 4, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	opt.Interval, opt.Cluster = 200*time.Millisecond, "shop-prod"
	hosts := actions.Hosts{Way: host.Way{Prefix: []string{"ssh", "{host}"}, Through: sim.RunOnHost}, Name: sim.HostOf}
	return onHosts(t, sim.Addresses()[:1], sim.User(), sim.Password(), hosts, opt).shows("3 of 3 nodes Synced"), sim
}

// happens lets something happen to the simulated cluster.
func (s *labScreen) happens(sim *demo.Cluster, all ...demo.Action) *labScreen {
	s.t.Helper()
	for _, a := range all {
		if err := sim.Do(a); err != nil {
			s.t.Fatal(err)
		}
	}
	return s
}

func TestACrashedNodeIsStartedFromTheKeyboardAndComesBackByIST(t *testing.T) {
	t.Parallel()
	s, sim := onSimulatedHosts(t, Options{})
	s.press("Down", "Down").happens(sim, demo.Action{Do: demo.Crash, Node: "db2"}).shows("✗ no answer")
	s.press("a").shows("Actions on db2", "On its host: service").press("starts the service").shows("Shows the plan; confirmed by typing").press("Enter")
	s.shows("Start the server of db2", "systemctl start mariadb", "met").spells().shows("Finished", "1 done", "Synced; it came back by IST").press("Esc")
	s.shows("3 of 3 nodes Synced")
}

func TestAnSSTIsForcedFromTheKeyboardAndACopyIsKept(t *testing.T) {
	t.Parallel()
	s, sim := onSimulatedHosts(t, Options{})
	s.happens(sim, demo.Action{Do: demo.Stop, Node: "db3"}).shows("✗ no answer").press(":", "force-sst-copy db3", "Enter")
	s.shows("Copy the data of db3 and let it come back by SST", "Type shop-prod and Enter").press("db3", "Enter").shows(`"db3" is not "shop-prod": nothing was run`)
	s.spells().showsWithin(2*time.Minute, "Finished", " done", "it came back by SST").press("Esc").shows("3 of 3 nodes Synced")
}

func TestWhatADeadTransferLeftIsClearedFromTheKeyboard(t *testing.T) {
	t.Parallel()
	s, sim := onSimulatedHosts(t, Options{})
	s.press("Down", "Down", "Down").happens(sim, demo.Action{Do: demo.Stop, Node: "db3"}).shows("✗ no answer")
	s.happens(sim, demo.Action{Do: demo.Wipe, Node: "db3"}, demo.Action{Do: demo.Launch, Node: "db3"}).shows("receives its data")
	s.happens(sim, demo.Action{Do: demo.Strand, Node: "db3"}).press("a", "leftovers").shows("confirmed by typing db3").press("Enter")
	s.shows("Remove what a dead state transfer left on db3", "sst_in_progress").spells().shows("Finished", "done")
}
