package ui

import (
	"path/filepath"
	"testing"
	"time"

	lab "github.com/galeratop/galeratop/internal/lab/cluster"
)

// TestOperationsOnRealHostsAreDoneFromTheKeyboard brings single nodes of a real
// cluster back, key by key, from the menu of actions.
func TestOperationsOnRealHostsAreDoneFromTheKeyboard(t *testing.T) {
	t.Parallel()
	c := lab.Start(t, 3)
	does(t, c.Node(1), "CREATE DATABASE back", "CREATE TABLE back.t (i INT PRIMARY KEY)", "INSERT INTO back.t VALUES (1)")
	for _, n := range c.Nodes() {
		// A crash before a schema change is through costs the node its history.
		does(t, n, "SET SESSION wsrep_sync_wait = 15", "SELECT COUNT(*) FROM back.t")
	}
	s := rescueConsole(t, c)
	for _, part := range []struct {
		name string
		run  func(*testing.T, *lab.Cluster, *labScreen)
	}{
		{"a killed node is started and gets IST", startsTheKilled},
		{"an SST is forced, and a copy is kept", forcesSST},
		{"an evicted node comes back", returnsTheEvicted},
	} {
		if !t.Run(part.name, func(t *testing.T) { s.t = t; part.run(t, c, s) }) {
			t.Fatal("the cluster is not as the next part wants it")
		}
	}
}

func startsTheKilled(t *testing.T, c *lab.Cluster, s *labScreen) {
	c.Node(2).Crash()
	s.press("2", "Home", "Down").shows("db2 is down or cut off")
	does(t, c.Node(1), "INSERT INTO back.t VALUES (2)")
	// Where a crashed node stands is known once its position is recovered.
	s.press("a").shows("Actions on db2", "On its host: data").press("recover position").shows("Shows the plan").press("Enter")
	s.shows("Recover the position of db2", "Run this?").press("y").showsWithin(time.Minute, "Finished", "1 done").press("Esc")
	s.press("a").shows("Actions on db2").press("starts the service").shows("confirmed by typing db2").press("Enter")
	s.shows("Start the server of db2", "IST from").spells().showsWithin(time.Minute, "Finished", "1 done", "Synced; it came back by IST").press("Esc")
	s.wants(c.Node(2).Transfer(), "IST")
	whole(t, c, "back.t")
}

func forcesSST(t *testing.T, c *lab.Cluster, s *labScreen) {
	s.shows("3 of 3 nodes Synced").press(":", "force-sst-copy db3", "Enter").shows("Refused", "the server of db3 is stopped").press("Esc")
	s.press(":", "service-stop db3", "Enter").shows("Stop the server of db3").spells().showsWithin(time.Minute, "Finished", "1 done").press("Esc")
	s.press(":", "force-sst-copy db3", "Enter").shows("Copy the data of db3 and let it come back by SST", "ALL data of db3 is replaced", "Type galera_lab")
	s.press("db3", "Enter").shows(`"db3" is not "galera_lab`, "nothing was run")
	s.spells().showsWithin(time.Minute, "Finished", "3 done", "Synced; it came back by SST").press("Esc")
	s.wants(c.Node(3).Transfer(), "SST")
	if kept, err := filepath.Glob(c.Node(3).DataDir + ".galeratop-*/back/t.ibd"); err != nil || len(kept) != 1 {
		t.Errorf("the copy of its data: %v, %v", kept, err)
	}
	whole(t, c, "back.t")
}

func returnsTheEvicted(t *testing.T, c *lab.Cluster, s *labScreen) {
	if err := c.Node(2).Hang(); err != nil {
		t.Fatal(err)
	}
	s.press("2", "Home", "Down").shows("no answer").press("a", "evict", "Enter").shows("Evict db2")
	s.spells().showsWithin(time.Minute, "Finished", "1 done").press("Esc")
	if err := c.Node(2).Resume(); err != nil {
		t.Fatal(err)
	}
	s.showsWithin(time.Minute, "db2 is not connected to any group").press(":", "restart db2", "Enter").shows("Restart the server of db2").spells()
	s.showsWithin(time.Minute, "Finished", "1 done", "Synced").press("Esc")
	whole(t, c, "back.t")
}
