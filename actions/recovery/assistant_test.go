package recovery

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/actions/host"
)

// seated is an assistant in front of a town, whose hosts cannot be reached.
func seated(t *testing.T, w town, path string) *Assistant {
	t.Helper()
	findings := w.Snapshot.Findings
	w.Snapshot.Complete()
	w.Snapshot.Findings = findings
	clock := func() time.Time { return noon }
	way := host.Way{Prefix: []string{"ssh", "{host}"}, Through: func(context.Context, string, []string, io.Writer, io.Writer) (int, error) {
		return 0, errors.New("no route to host")
	}}
	hosts := actions.Hosts{Way: way}
	runner := actions.NewRunner(actions.Options{Session: w.Session, Hosts: hosts, Clock: clock, Audit: &actions.Audit{Path: filepath.Join(t.TempDir(), "audit.jsonl")}})
	runner.Observe(w.Snapshot)
	return &Assistant{Runner: runner, Hosts: &hosts, Session: w.Session, Memory: path, Clock: clock, readings: w.Readings, choices: w.Choices}
}

func TestWordsHaveToBeTypedExactly(t *testing.T) {
	w := fallen()
	w.unreadable(3)
	a := seated(t, w, "")
	m := a.Next()
	for _, text := range []string{"", "y", "yes", "db3", "db3 is Dead", "db2 is dead", "db3 is dead; db2 is dead"} {
		if err := a.Answer(m, text); err == nil || !strings.Contains(err.Error(), "db3 is dead") {
			t.Errorf("%q is taken: %v", text, err)
		}
	}
	if now := a.Next(); say(now) != say(m) {
		t.Errorf("a wrong answer changed the step to %s", say(now))
	}
	if err := a.Answer(m, " db3 is dead "); err != nil {
		t.Error(err)
	}
	expect(t, "declared", a.Next(), "full-crash act mark-safe db2")
}

func TestASideThatWasGivenUpIsRememberedByTheNextConsole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "recovery.json")
	a := seated(t, split(), path)
	m := a.Next()
	if err := a.Answer(m, "db4"); err == nil {
		t.Error("a side is kept that there is not")
	}
	if err := a.Answer(m, "db2"); err != nil {
		t.Fatal(err)
	}
	expect(t, "chosen", a.Next(), "split-brain act service-stop db3")

	// Later, from another console, which never saw the split: db3 looks like any node
	// that was stopped.
	w := without()
	b := seated(t, w, path)
	expect(t, "remembered", b.Next(), "apart ask copy", "what it wrote was given up")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}

	// It is forgotten when its data is replaced, and only then.
	forced := &Move{Kind: Act, Order: &Order{Node: "db3:3306", Action: actions.ForceSST}}
	b.Ended(forced, actions.Result{Stage: actions.Wrong})
	expect(t, "not replaced", seated(t, without(), path).Next(), "apart ask copy")
	b.Ended(forced, actions.Result{Stage: actions.Done})
	expect(t, "replaced", seated(t, without(), path).Next(), "stopped act start db3")
}

func TestAMemoryThatCannotBeReadStopsEverything(t *testing.T) {
	path := filepath.Join(t.TempDir(), "recovery.json")
	if err := os.WriteFile(path, []byte("{}}"), 0o600); err != nil {
		t.Fatal(err)
	}
	expect(t, "unreadable", seated(t, without(), path).Next(), "memory refused: Which side was given up before", path)
}

func TestNothingIsRunWhenTheWorldHasChanged(t *testing.T) {
	w := fallen()
	w.safe(2)
	a := seated(t, w, "")
	m := a.Next()
	expect(t, "before", m, "full-crash act bootstrap db2")
	// The hosts are read again, and cannot be any more.
	run, instead := a.Start(t.Context(), m)
	if run != nil || instead == nil {
		t.Fatalf("it was run: %v", run)
	}
	expect(t, "instead", instead, "full-crash ask words db1 is dead", "no route to host")
}

func TestAStaleViewDecidesNothing(t *testing.T) {
	a := seated(t, fallen(), "")
	a.Clock = func() time.Time { return noon.Add(10 * time.Second) }
	expect(t, "stale", a.Next(), "blind refused: What is known is too old", "10s old")
}

func TestWhoWasDeclaredLostComesBackBySSTOnly(t *testing.T) {
	for _, c := range []struct {
		name   string
		world  town
		change func(t town)
		order  Order
		want   []string
	}{
		{"unreadable in a full crash", fallen(), func(t town) { t.unreadable(3) }, Order{"db2:3306", actions.BootstrapService}, []string{"db3:3306"}},
		{"of another history", fallen(), func(t town) { t.Readings["db3:3306"].Recovered.UUID = foreign }, Order{"db2:3306", actions.BootstrapService}, []string{"db3:3306"}},
		{"unreadable without quorum", survivor(), func(t town) { t.unreadable(3) }, Order{"db1:3306", opMakePrimary}, []string{"db3:3306"}},
		{"ahead of the new Primary", survivor(), func(t town) { t.crashed(3, 1003) }, Order{"db1:3306", opMakePrimary}, []string{"db3:3306"}},
		{"known to lack nothing but writes", survivor(), func(town) {}, Order{"db1:3306", opMakePrimary}, nil},
		{"an ordinary start gives nothing up", survivor(), func(t town) { t.unreadable(3) }, Order{"db1:3306", actions.Start}, nil},
	} {
		c.world.says("db3 is dead")
		c.change(c.world)
		c.world.Snapshot.Complete()
		if got := newWorld(c.world.Evidence).givenUp(c.order); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
