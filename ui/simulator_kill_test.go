package ui

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/galeratop/galeratop/demo"
)

// onSimulator is the console on a simulated cluster in which nothing happens by
// itself.
func onSimulator(t *testing.T, opt Options) (*labScreen, *demo.Cluster) {
	t.Helper()
	sim, err := demo.Start(context.Background(), demo.Options{Threads: 4, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	opt.Interval = 200 * time.Millisecond
	return onServers(t, sim.Addresses()[:1], sim.User(), sim.Password(), opt).shows("3 of 3 nodes Synced"), sim
}

// sleeper is a client whose statement takes so many seconds; its end is
// delivered.
func sleeper(t *testing.T, sim *demo.Cluster, node, seconds int) <-chan error {
	t.Helper()
	db, err := sql.Open("mysql", sim.DSN(node))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	ended, ctx := make(chan error, 1), t.Context()
	go func() {
		_, err := db.ExecContext(ctx, fmt.Sprintf("SELECT SLEEP(%d)", seconds))
		ended <- err
	}()
	return ended
}

// killed expects that a client's statement was ended, spared that it runs on.
func killed(t *testing.T, what string, ended <-chan error) {
	t.Helper()
	select {
	case err := <-ended:
		if err == nil {
			t.Errorf("%s came to its end", what)
		}
	case <-time.After(20 * time.Second):
		t.Errorf("%s still runs", what)
	}
}

func spared(t *testing.T, what string, ended <-chan error) {
	t.Helper()
	select {
	case err := <-ended:
		t.Errorf("%s was hit: %v", what, err)
	default:
	}
}

// lists narrows the Queries pane to a filter and waits for so many threads.
func (s *labScreen) lists(filter string, threads int) *labScreen {
	s.t.Helper()
	return s.press("4", "/", filter, "Enter").shows(fmt.Sprintf("%d of ", threads), "match "+filter)
}

var wanted = regexp.MustCompile(`Type (\S+) and Enter`)

// spells types the word that the dialog wants.
func (s *labScreen) spells() *labScreen {
	s.t.Helper()
	found := wanted.FindStringSubmatch(s.shows("Type ", " and Enter").text())
	if found == nil {
		s.t.Fatalf("no word to type:\n%s", s.text())
	}
	return s.press(found[1], "Enter")
}

// logged is how often the audit log has each text.
func (s *labScreen) logged(texts ...string) []int {
	raw, err := os.ReadFile(s.audit)
	if err != nil {
		s.t.Fatal(err)
	}
	out := make([]int, len(texts))
	for i, text := range texts {
		out[i] = strings.Count(string(raw), text)
	}
	return out
}

func TestAQueryIsKilledByKeyboardOnTheSimulator(t *testing.T) {
	t.Parallel()
	s, sim := onSimulator(t, Options{})
	chosen, other := sleeper(t, sim, 1, 611), sleeper(t, sim, 1, 622)
	s.lists("query:sleep.622", 1).press("Esc").lists("query:sleep.611", 1).press("Home").shows("x kill query")
	s.press("x").shows("Kill the query of thread", "Run this?", "SELECT SLEEP(611)").press("y").shows("Finished", "1 done")
	killed(t, "the chosen query", chosen)
	s.press("Esc").shows("0 of ")
	spared(t, "the other query", other)
}

func TestTaggedConnectionsAreKilledByKeyboardOnTheSimulator(t *testing.T) {
	t.Parallel()
	s, sim := onSimulator(t, Options{})
	first, second, third := sleeper(t, sim, 1, 611), sleeper(t, sim, 1, 612), sleeper(t, sim, 1, 622)
	s.lists("query:sleep.61", 2).press("Home", " ", " ").shows("* 2 tagged", "X kill 2 connections")
	s.press("X").shows("Kill 2 connections").spells().shows("Finished", "2 done")
	killed(t, "the first", first)
	killed(t, "the second", second)
	s.press("Esc").shows("0 of ")
	spared(t, "the one without a tag", third)
}

func TestAllThatMatchAFilterAreKilledByKeyboardOnTheSimulator(t *testing.T) {
	t.Parallel()
	s, sim := onSimulator(t, Options{})
	clients := map[string]<-chan error{"on the first node": sleeper(t, sim, 0, 611), "on the second": sleeper(t, sim, 1, 612), "on the third": sleeper(t, sim, 2, 613)}
	other := sleeper(t, sim, 2, 622)
	s.lists("query:sleep.61", 3).shows("Ctrl-K Ctrl-X kill all 3").press("\x0b").shows("Kill 3 queries on 3 nodes").spells().shows("Finished", "3 done")
	for what, ended := range clients {
		killed(t, what, ended)
	}
	s.press("Esc").shows("0 of ")
	spared(t, "the one that does not match", other)
}

func TestAnArmedRuleKillsInProductionOnTheSimulator(t *testing.T) {
	t.Parallel()
	s, sim := onSimulator(t, Options{Production: true})
	due, other := sleeper(t, sim, 1, 611), sleeper(t, sim, 1, 622)
	s.lists("query:sleep.611", 1).press("W", "\x15", "kill query after 2 s where query:sleep.611", "Enter")
	s.shows("preview, kills nothing", "a arms it", "it would have killed 1")
	spared(t, "what the preview found", due)
	s.press("a").shows("PRODUCTION", "Arm the watch rule").press("y", "Enter").shows(`"y" is not`).spells().shows("WATCH armed", ", 1 killed", "done, ")
	killed(t, "what the rule applies to", due)
	s.press("d").shows("Watch rule: disarmed").press("Esc").shows("0 of ")
	spared(t, "what it does not apply to", other)
	if n := s.logged(`"event":"armed"`, `"event":"disarmed"`, `"by":"`); n[0] != 1 || n[1] != 1 || n[2] != 1 {
		t.Errorf("the audit log tells %v times of the arming, the disarming and a kill by the rule", n)
	}
}

func TestAReadOnlyConsoleRefusesEveryKeyThatKillsOnTheSimulator(t *testing.T) {
	t.Parallel()
	s, sim := onSimulator(t, Options{ReadOnly: true})
	client := sleeper(t, sim, 1, 611)
	s.lists("query:sleep.611", 1).press("Home", " ").shows("x X kill: read-only mode", "* 1 tagged")
	for key, name := range map[string]string{"x": "x", "X": "X", "\x0b": "Ctrl-K", "\x18": "Ctrl-X", "W": "W"} {
		s.press(key).shows(name + ": read-only mode").press("k")
	}
	s.press("Home", "Enter").shows("Thread ", "x X kill: read-only mode").press("x").shows("x: read-only mode").press("Esc")
	s.press("6", "x").shows("x: read-only mode")
	spared(t, "the client", client)
	if _, err := os.Stat(s.audit); err == nil {
		t.Error("something was written down")
	}
}
