package ui

import (
	"strings"
	"testing"

	lab "github.com/galeratop/galeratop/internal/lab/cluster"
)

// asked is what a real server says when it is asked for one of its settings.
func asked(t *testing.T, n *lab.Node, name string) string {
	t.Helper()
	return setting(t, "lab:lab@tcp("+n.Address+")/", name)
}

// TestActionsOnRealNodesAreDoneFromTheKeyboard goes through the life of a node
// under work, key by key, and asks the servers themselves what came of it.
func TestActionsOnRealNodesAreDoneFromTheKeyboard(t *testing.T) {
	c := lab.Start(t, 3)
	s := labConsole(t, c)
	for _, part := range []struct {
		name string
		run  func(*testing.T, *lab.Cluster, *labScreen)
	}{
		{"desync and its undo", desyncsAndBack},
		{"drain, and back by what is found", drainsAndBack},
		{"weight, typed, and its undo", weighsAndBack},
		{"a Primary is not bootstrapped", refusesBootstrap},
		{"a graceful stop with its forecast", stopsOne},
	} {
		if !t.Run(part.name, func(t *testing.T) { s.t = t; part.run(t, c, s) }) {
			t.Fatal("the cluster is not as the next part wants it")
		}
	}
}

func desyncsAndBack(t *testing.T, c *lab.Cluster, s *labScreen) {
	s.press("2", "Home", "Down", "a").shows("Actions on db2").press("Enter").shows("Desync db2", "SET GLOBAL wsrep_desync = ON", "Type db2 and Enter")
	s.press("db3", "Enter").shows(`"db3" is not "db2": nothing was run`)
	s.wants(asked(t, c.Node(2), "wsrep_desync"), "OFF")
	s.press("db2", "Enter").shows("Finished", "1 done", "desynced: it takes no part in flow control any more")
	s.wants(asked(t, c.Node(2), "wsrep_desync"), "ON")
	s.press("u").shows("Resync db2", "Run this?").press("y").shows("Finished", "1 done", "Synced again")
	s.wants(asked(t, c.Node(2), "wsrep_desync"), "OFF")
	s.press("Esc")
}

func drainsAndBack(t *testing.T, c *lab.Cluster, s *labScreen) {
	const reads = "SELECT COUNT(*) FROM mysql.help_topic"
	client := newLabClient(t, c.Node(2))
	client.does(reads)
	s.press(":", "drain db2", "Enter").shows("Drain db2", "Type db2 and Enter").press("db2", "Enter").shows("Finished", "1 done", "it turns clients away")
	if _, err := client.ExecContext(t.Context(), reads); err == nil {
		t.Error("a drained node serves a client")
	}
	s.wants(asked(t, c.Node(2), "wsrep_reject_queries"), "ALL")
	s.press("Esc").shows("db2 refuses all queries").press("v").shows("undrain db2: shows the plan and asks first").press("a")
	s.shows("Undrain db2", "Run this?").press("y").shows("Finished", "1 done", "it takes clients again")
	s.wants(asked(t, c.Node(2), "wsrep_reject_queries"), "NONE")
	client.does(reads)
	s.press("Esc", "Esc").shows("3 of 3 nodes Synced")
}

func weighsAndBack(t *testing.T, c *lab.Cluster, s *labScreen) {
	s.press("2", "Home", "Down", "a", "weight", "Enter").shows("pc.weight on db2: a whole number from 0 to 255, now 1").press("3", "Enter")
	s.shows("then: weight 5 in all", "pc.weight=3", "Type db2 and Enter").press("db2", "Enter").shows("Finished", "1 done", "weight 5 in all")
	if options := asked(t, c.Node(2), "wsrep_provider_options"); !strings.Contains(options, "pc.weight = 3") {
		t.Errorf("the server has %s", options)
	}
	s.press("u").shows("Set pc.weight of db2 to 1", "Type db2 and Enter").press("db2", "Enter").shows("Finished", "1 done", "weight 3 in all")
	s.press("Esc")
}

func refusesBootstrap(_ *testing.T, _ *lab.Cluster, s *labScreen) {
	s.press("a", "primary", "Enter").shows("Refused", "no Primary Component exists: db1 and db3 are Primary", "REFUSED: db2 is connected and non-Primary: it is Primary already")
	s.press("Esc", "Esc", "Esc").shows("── Flow control")
}

func stopsOne(t *testing.T, c *lab.Cluster, s *labScreen) {
	s.press("2", "End", "a", "goodbye", "Enter").shows("Stop the server of db3", "SHUTDOWN", "the rest stays Primary: weight 2 in all, no crash is survived", "Type db3 and Enter")
	s.press("db3", "Enter").shows("Finished", "1 done", "stopped; db1 and db2 are Primary without it")
	for _, n := range []int{1, 2} {
		var name, size string
		client := newLabClient(t, c.Node(n))
		if err := client.QueryRowContext(t.Context(), "SHOW STATUS LIKE 'wsrep_cluster_size'").Scan(&name, &size); err != nil {
			t.Fatal(err)
		}
		s.wants(size, "2")
	}
}
