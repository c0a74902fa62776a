package actions

import (
	"context"
	"database/sql"
	"os"
	"strings"
	"testing"

	"github.com/galeratop/galeratop/demo"
	"github.com/galeratop/galeratop/model"
)

// simulated is a console on a simulated cluster where nothing happens by itself.
func simulated(t *testing.T, o demo.Options, session Session) (*console, *demo.Cluster) {
	t.Helper()
	o.Threads, o.Seed = 4, 1
	sim, err := demo.Start(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	c := openConsole(t, sim.Addresses()[:1], sim.User(), sim.Password(), session)
	c.until("three members", func(s *model.Snapshot) bool { return len(s.Nodes) == 3 && s.Nodes[2].Up() })
	return c, sim
}

// asleep starts a client whose statement takes a minute, and reports its error.
func asleep(t *testing.T, dsn, mark string) <-chan error {
	t.Helper()
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	out := make(chan error, 1)
	ctx := t.Context()
	go func() {
		_, err := db.ExecContext(ctx, "SELECT SLEEP("+mark+")")
		out <- err
	}()
	return out
}

func running(mark string) func(*model.Thread) bool {
	return func(t *model.Thread) bool { return t.Active() && strings.Contains(t.Query, "SLEEP("+mark+")") }
}

func TestAKillOnTheSimulatorEndsTheChosenAndIsWrittenDown(t *testing.T) {
	for _, kind := range []KillKind{KillQuery, KillConnection} {
		for _, flavour := range []model.Flavour{model.FlavourMariaDB, model.FlavourPXC} {
			t.Run(killWords[kind].action+" "+string(flavour), func(t *testing.T) {
				c, sim := simulated(t, demo.Options{Flavour: flavour}, Session{})
				chosen, spared := asleep(t, sim.DSN(1), "61"), asleep(t, sim.DSN(1), "62")
				c.thread("the other one", running("62"))
				thread := c.thread("the chosen one", running("61"))
				result, news := c.carryOut(c.plan(kind, thread.Key()))
				if result.Stage != Done || len(news) == 0 || news[len(news)-1].Text != result.Text {
					t.Fatalf("%+v after %+v", result, news)
				}
				if err := <-chosen; err == nil {
					t.Error("the chosen statement came to its end")
				}
				select {
				case err := <-spared:
					t.Errorf("the other client lost its statement: %v", err)
				default:
				}
				var events []string
				for _, line := range c.log() {
					events = append(events, line.Event)
				}
				if got := strings.Join(events, " "); got != "intent step verified end" {
					t.Errorf("the log has %q", got)
				}
			})
		}
	}
}

func TestAReadOnlyConsoleKillsNothing(t *testing.T) {
	c, sim := simulated(t, demo.Options{}, Session{ReadOnly: true})
	client := asleep(t, sim.DSN(0), "61")
	thread := c.thread("the query", running("61"))
	p := c.plan(KillQuery, thread.Key())
	if p.Refuse() != readOnly {
		t.Errorf("the plan is refused with %q", p.Refuse())
	}
	p.Refused = ""
	if result, _ := c.carryOut(p); result.Stage != Stopped || result.Text != readOnly {
		t.Errorf("the runner says %+v", result)
	}
	if _, err := os.Stat(c.options.Audit.Path); err == nil {
		t.Error("something was written down")
	}
	select {
	case err := <-client:
		t.Errorf("the client's statement ended: %v", err)
	default:
	}
}

func TestTheConsolesOwnConnectionsAreLeftOut(t *testing.T) {
	c, _ := simulated(t, demo.Options{}, Session{})
	var chosen []model.ThreadKey
	c.until("own connections on screen", func(s *model.Snapshot) bool {
		chosen = nil
		for _, t := range model.Threads(s) {
			for _, id := range t.Node.Sample.Processes.Own {
				if t.ID == id {
					chosen = append(chosen, t.Key())
				}
			}
		}
		return len(chosen) > 0
	})
	p := c.plan(KillConnection, chosen...)
	if len(p.Steps) > 0 || !strings.Contains(p.Refuse(), "own connection") {
		t.Errorf("%s", say(p))
	}
}

func TestAConnectionOfANodeOutsideThePrimaryComponentIsKilled(t *testing.T) {
	c, sim := simulated(t, demo.Options{Scenario: "quorum-lost", Speed: 8}, Session{})
	thread := c.thread("a client of a node that is not ready", func(t *model.Thread) bool {
		return t.Node.Status().Ready == model.Off && t.User != sim.User() && model.Protected(t.Process, t.Node.Sample) == ""
	})
	p := c.plan(KillConnection, thread.Key())
	if len(p.Steps) != 2 || p.Steps[0].Text != dirtyReads {
		t.Fatalf("%s", say(p))
	}
	if result, _ := c.carryOut(p); result.Stage != Done {
		t.Errorf("%+v", result)
	}
}

func TestAGivenUpRunSaysWhatWasNotDone(t *testing.T) {
	c, sim := simulated(t, demo.Options{}, Session{})
	var keys []model.ThreadKey
	for _, mark := range []string{"61", "62"} {
		asleep(t, sim.DSN(0), mark)
		thread := c.thread("a query", running(mark))
		keys = append(keys, thread.Key())
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	run := c.Start(ctx, c.plan(KillQuery, keys...))
	if got := run.Result(); got.Stage != Stopped || got.Text != "2 not run of 2: cancelled" {
		t.Errorf("%+v", got)
	}
	if got := c.log(); len(got) != 2 || got[1].Event != "end" {
		t.Errorf("%+v", got)
	}
}
