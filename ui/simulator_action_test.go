package ui

import (
	"database/sql"
	"testing"

	"github.com/galeratop/galeratop/demo"
)

// setting is what a server says when it is asked for one of its settings.
func setting(t *testing.T, dsn, name string) string {
	t.Helper()
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var value string
	if err := db.QueryRowContext(t.Context(), "SHOW GLOBAL VARIABLES LIKE '"+name+"'").Scan(&name, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func (s *labScreen) wants(got, want string) {
	s.t.Helper()
	if got != want {
		s.t.Errorf("the server has %q, not %q:\n%s", got, want, s.text())
	}
}

func TestASimulatedNodeIsDesyncedAndTakenBackFromTheKeyboard(t *testing.T) {
	t.Parallel()
	s, sim := onSimulator(t, Options{})
	s.press("Down", "Down", "a").shows("Actions on db2", "Desync                    OFF").press("Enter")
	s.shows("SET GLOBAL wsrep_desync = ON", "Type db2 and Enter").press("db1", "Enter").shows(`"db1" is not "db2": nothing was run`)
	s.wants(setting(t, sim.DSN(1), "wsrep_desync"), "OFF")
	s.press("db2", "Enter").shows("Finished", "1 done", "desynced: it takes no part in flow control", "u undo it")
	s.wants(setting(t, sim.DSN(1), "wsrep_desync"), "ON")
	s.press("u").shows("Resync db2", "Run this?").press("y").shows("Finished", "1 done", "Synced again")
	s.wants(setting(t, sim.DSN(1), "wsrep_desync"), "OFF")
	s.press("Esc").shows("Busiest queries")
}

func TestASimulatedNodeIsDrainedAndOpenedAgainFromTheKeyboard(t *testing.T) {
	t.Parallel()
	s, sim := onSimulator(t, Options{})
	s.press(":", "drain db2", "Enter").shows("Drain db2", "wsrep_reject_queries = ALL", "Type db2 and Enter").press("db2", "Enter")
	s.shows("Finished", "1 done", "it turns clients away")
	s.wants(setting(t, sim.DSN(1), "wsrep_reject_queries"), "ALL")
	// What is found then leads back; the Nodes pane reads settings more often.
	s.press("Esc", "2").shows("refuses all queries").press("v").shows("undrain db2: shows the plan and asks first").press("a")
	s.shows("Undrain db2", "Run this?").press("y").shows("Finished", "1 done", "it takes clients again")
	s.wants(setting(t, sim.DSN(1), "wsrep_reject_queries"), "NONE")
}

func TestSettingsOfASimulatedNodeAreTypedAndUndone(t *testing.T) {
	t.Parallel()
	s, _ := onSimulator(t, Options{})
	s.press("3", "Down", "Down", "Down", "a").shows("Actions on db3").press("weight", "Enter").shows("pc.weight on db3: a whole number from 0 to 255, now 1")
	s.press("300", "Enter").shows(`"300" is not what pc.weight takes`).press("Backspace", "Backspace", "Backspace", "3", "Enter")
	s.shows("Set pc.weight of db3 to 3", "then: weight 5 in all", "pc.weight=3", "Type db3 and Enter").press("db3", "Enter").shows("Finished", "1 done", "weight 5 in all")
	s.press("u").shows("Set pc.weight of db3 to 1", "Type db3 and Enter").press("db3", "Enter").shows("Finished", "1 done", "weight 3 in all")
	s.press("Esc", "a", "limit", "Enter").shows("gcs.fc_limit on db3: a whole number from 1 to 1000000, now 16").press("64", "Enter").shows("differs from db1 and db2", "Type db3").press("db3", "Enter")
	s.shows("Finished", "gcs.fc_limit is 64, it was 16")
}

func TestASimulatedNodeIsStoppedFromTheKeyboardAndTheLastOnesAreNot(t *testing.T) {
	t.Parallel()
	s, _ := onSimulator(t, Options{})
	s.press("2", "End", "a", "goodbye", "Enter").shows("Stop the server of db3", "the rest stays Primary: weight 2 in all", "Type db3 and Enter")
	s.press("db3", "Enter").shows("Finished", "1 done", "stopped; db1 and db2 are Primary without it")
	s.press("Esc", "Home", "a", "goodbye", "Enter").shows("Stop the server of db1", "Type db1 and Enter").press("db1", "Enter").shows("Finished", "1 done", "stopped; db2 is Primary without it")
	s.press("Esc", "Down", "a", "goodbye").shows("Refused now").press("Enter").shows("REFUSED", "db2 is the last").press("Esc", "Esc", "Esc")
}

func TestASimulatedPrimaryIsNotBootstrapped(t *testing.T) {
	t.Parallel()
	s, _ := onSimulator(t, Options{})
	s.press("Down", "a", "primary", "Enter").shows("Refused", "no Primary Component exists: db2 and db3 are Primary", "REFUSED: db1 is connected and non-Primary: it is Primary already")
	s.press("shop-prod", "Enter").shows("no action").press("Esc", "Esc").shows("Busiest queries")
}

func TestANodeThatDiesUnderAnOpenPlanIsNotTouched(t *testing.T) {
	for name, c := range map[string]struct {
		do   demo.Verb
		said []string
	}{
		"it crashes": {demo.Crash, []string{"no longer so: db2 answers", "REFUSED: db2 answers"}},
		"it hangs":   {demo.Hang, []string{"no longer so: db2 answers", "REFUSED: db2 answers"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, sim := onSimulator(t, Options{})
			s.press("Down", "Down", "a", "Enter").shows("Type db2 and Enter").press("db2")
			if err := sim.Do(demo.Action{Do: c.do, Node: "db2"}); err != nil {
				t.Fatal(err)
			}
			s.shows(c.said...).press("Enter").shows("not run: db2 answers")
		})
	}
}

func TestAReadOnlyConsoleChangesNothingOnASimulatedNode(t *testing.T) {
	t.Parallel()
	s, sim := onSimulator(t, Options{ReadOnly: true})
	s.press("Down", "Down", "a").shows("Actions on db2", "read-only mode: nothing can be changed here").press("Enter").shows("Desync: read-only mode")
	s.press("Esc", ":", "desync db2", "Enter").shows("read-only mode")
	s.wants(setting(t, sim.DSN(1), "wsrep_desync"), "OFF")
}

func TestWhatAnotherConsoleChangedUnderAnOpenPlanStopsIt(t *testing.T) {
	t.Parallel()
	s, sim := onSimulator(t, Options{})
	s.press("Down", "Down", "a", "limit", "Enter").shows("gcs.fc_limit on db2: a whole number from 1 to 1000000, now 16").press("64", "Enter").shows("Type db2 and Enter")
	if err := sim.Do(demo.Action{Do: demo.Set, Node: "db2", Text: "wsrep_provider_options=gcs.fc_limit=200"}); err != nil {
		t.Fatal(err)
	}
	s.press("db2", "Enter").shows("gcs.fc_limit on db2 is 200 now, it was 16 when this was chosen: somebody else has")
}

func TestASettingOfSimulatedNodesIsChangedFromTheKeyboardAndUndone(t *testing.T) {
	t.Parallel()
	s, sim := onSimulator(t, Options{})
	s.press("7").shows("Configuration", "settings compared").press("/", "max_conn", "Enter").shows("2000").press("Down", "C").shows("max_connections on all nodes")
	s.press("3000", "Enter").shows("Set max_connections to 3000 on db1, db2 and db3", "Type shop-prod and Enter").press("shop-prod", "Enter")
	s.shows("Finished", "3 done", "To make it last", "max_connections = 3000", "u undo it", "y copy the lines")
	for i := range 3 {
		s.wants(setting(t, sim.DSN(i), "max_connections"), "3000")
	}
	s.press("u").shows("Set max_connections back on db1, db2 and db3", "Type shop-prod and Enter").press("shop-prod", "Enter").shows("Finished", "3 done")
	for i := range 3 {
		s.wants(setting(t, sim.DSN(i), "max_connections"), "2000")
	}
	s.press("Esc", "/", "Backspace", "Backspace", "Backspace", "Backspace", "Backspace", "Backspace", "Backspace", "Backspace", "fc_limit", "Enter").shows("gcs.fc_limit").press("Down", "c").shows("gcs.fc_limit: on which node?").press("Down", "Enter")
	s.shows("gcs.fc_limit on db2", "must be equal on all nodes").press("64", "Enter").shows("only db2", "db1 has 16 and db3 has 16")
	s.press("only db2", "Enter").shows("Type db2 and Enter").press("db2", "Enter").shows("Finished", "gcs.fc_limit is 64, it was 16", "wsrep_provider_options = gcs.fc_limit=64")
	s.press("Esc", "t").shows("Changed since this console began")
}
