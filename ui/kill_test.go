package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/galeratop/galeratop/model"
)

// steady is a cluster in which every node runs one report; from a tick on the
// rows of a node can be changed.
func steady() *world {
	w := cluster(3)
	w.threads = 1
	return w
}

func onKill(t *testing.T, w *world, opt Options, width, height int, test func(*screen, *fakeRunner)) {
	t.Helper()
	twoPanes(t)
	r := &fakeRunner{}
	opt.runner = r
	watch(t, w, opt, width, height, func(s *screen) {
		s.Tick(2)
		test(s, r)
	})
}

// toQueries moves the cursor of the Overview over the nodes to the first query.
func toQueries(s *screen) *screen { return s.Press("End", "Home", "j", "j", "j") }

func TestTheChosenQueryIsKilledAfterAYes(t *testing.T) {
	onKill(t, steady(), Options{}, 80, 24, func(s *screen, r *fakeRunner) {
		toQueries(s).Press("x").Has("Confirm", "Kill the query of thread 1000 on db1", "KILL QUERY ID 7", "SELECT customer_id, SUM(total)", "Run this?").Golden("kill-query-80x24", true)
		s.Press("y").Has("Running")
		if got := r.ran(); !slices.Equal(got, []string{"db1: KILL QUERY ID 7"}) {
			t.Errorf("ran %q", got)
		}
	})
}

func TestTheConnectionIsKilledWithWhatThatRollsBack(t *testing.T) {
	w := steady().on("db1", 0, func(n *model.Node) { n.Sample.Slow.Transactions.Rows[0].Modified = 120_000 })
	onKill(t, w, Options{}, 80, 24, func(s *screen, r *fakeRunner) {
		toQueries(s).Press("X").Has("Kill the connection of thread 1000 on db1", "KILL CONNECTION 1000", "120,000 changed rows").Golden("kill-connection-80x24", false)
		s.Press("n").Row(-1).Has("nothing was done")
		if len(r.plans) > 0 {
			t.Errorf("ran %v", r.ran())
		}
	})
}

func TestProductionWantsTheNameTyped(t *testing.T) {
	onKill(t, steady(), Options{Production: true}, 80, 24, func(s *screen, r *fakeRunner) {
		toQueries(s).Press("x").Has("PRODUCTION: one level stricter", "Type db1 and Enter").Press("y", "Enter").Has("nothing was run").Golden("kill-production-80x24", false)
		if len(r.plans) > 0 {
			t.Fatalf("y ran %v in production", r.ran())
		}
		s.Tick(1).Press("db1", "Enter").Has("Running")
		if len(r.plans) != 1 {
			t.Errorf("ran %v", r.ran())
		}
	})
}

func TestKillKeysAreDeadWithTheReason(t *testing.T) {
	for name, c := range map[string]struct {
		opt Options
		why string
	}{
		"read-only":  {Options{ReadOnly: true, runner: &fakeRunner{}}, "read-only mode"},
		"no cluster": {Options{}, "there is no cluster behind this console to change"},
	} {
		watch(t, steady(), c.opt, 120, 24, func(s *screen) {
			toQueries(s.Tick(2))
			for _, key := range []string{"x", "X", "\x0b", "\x18"} {
				if s.Press(key).Row(-1).Has(c.why); t.Failed() {
					t.Fatalf("%s: key %q", name, key)
				}
			}
			s.Press("?").Line("kill the query of the chosen").Has(c.why)
		})
	}
	onKill(t, steady(), Options{}, 80, 24, func(s *screen, _ *fakeRunner) {
		s.Press("x").Row(-1).Has("x: no thread is chosen")
		s.Press("\x0b").Row(-1).Has("Ctrl-K: no filter is set: it would be every thread")
	})
}

func TestAProtectedThreadCannotBeChosen(t *testing.T) {
	w := steady().on("db1", 0, func(n *model.Node) {
		n.Sample.Processes.Rows[0].State = "applied write set"
	})
	onKill(t, w, Options{}, 100, 24, func(s *screen, _ *fakeRunner) {
		toQueries(s).Press("x").Row(-1).Has("ending it breaks replication on this node")
	})
}

func TestAThreadThatEndsWhileTheDialogIsOpenIsSaidAndNotKilled(t *testing.T) {
	w := steady().on("db1", 4, func(n *model.Node) { n.Sample.Processes.Rows = nil })
	onKill(t, w, Options{}, 80, 24, func(s *screen, r *fakeRunner) {
		toQueries(s).Press("x").Has("Run this?").Tick(2).Has("thread 1000 on db1", "it is gone: its", "REFUSED", "Kill the query of thread 1000").Lacks("Run this?")
		s.Golden("kill-gone-80x24", false).Press("y").Row(-1).Has("not run")
		if len(r.plans) > 0 {
			t.Errorf("ran %v", r.ran())
		}
	})
}

func TestAnotherStatementOfTheSameThreadIsNotWhatWasChosen(t *testing.T) {
	w := steady().on("db1", 4, func(n *model.Node) {
		p := &n.Sample.Processes.Rows[0]
		p.QueryID, p.Time, p.Query = model.N(99), time.Millisecond, "UPDATE accounts SET balance = 0"
	})
	onKill(t, w, Options{}, 80, 24, func(s *screen, r *fakeRunner) {
		toQueries(s).Press("x").Tick(2).Has("REFUSED", "its statement has ended").Lacks("KILL QUERY ID 99")
		s.Press("Esc", "Esc").Tick(1).Press("End", "X").Has("KILL CONNECTION 1000").Press("y")
		if got := r.ran(); !slices.Equal(got, []string{"db1: KILL CONNECTION 1000"}) {
			t.Errorf("ran %q", got)
		}
	})
}

func TestAllThatMatchTheFilterAreKilledTogetherAndOnesThatComeLaterAreNot(t *testing.T) {
	w := cluster(3)
	w.threads = 3
	w.with(func(tick uint64, n *model.Node) {
		for i := range n.Sample.Processes.Rows[:3] {
			p := &n.Sample.Processes.Rows[i]
			p.QueryID, p.Time = model.N(int64(100+i)), time.Duration(tick)*time.Second
		}
		if tick > 3 {
			late := n.Sample.Processes.Rows[1]
			late.ID, late.QueryID, late.Time = 9000, model.N(900), time.Second
			n.Sample.Processes.Rows = append(n.Sample.Processes.Rows, late)
		}
	})
	onKill(t, w, Options{}, 120, 40, func(s *screen, r *fakeRunner) {
		s.Press("/", "shop_web", "Enter", "\x0b").Has("Kill 6 queries on 3 nodes", "6 statements", "Type shop-prod and Enter").Golden("kill-many-120x40", false)
		s.Tick(2).Has("6 statements").Lacks("ID 900").Press("shop-prod", "Enter")
		if got := r.ran(); len(got) != 6 || strings.Contains(fmt.Sprint(got), "900") {
			t.Errorf("ran %q", got)
		}
	})
}

func TestOnAFrozenFrameWhatIsChosenIsWhatIsShown(t *testing.T) {
	w := steady().on("db1", 4, func(n *model.Node) {
		p := &n.Sample.Processes.Rows[0]
		p.QueryID, p.Time, p.Query = model.N(99), time.Millisecond, "UPDATE accounts SET balance = 0"
	})
	onKill(t, w, Options{}, 80, 24, func(s *screen, r *fakeRunner) {
		toQueries(s).Press("z").Tick(3).Press("x").Has("REFUSED", "its statement has ended").Lacks("ID 99").Press("y")
		if len(r.plans) > 0 {
			t.Errorf("ran %v", r.ran())
		}
	})
}

func TestAPrivateScreenHasNoLiteralInTheDialogOfAKill(t *testing.T) {
	onKill(t, steady(), Options{Privacy: true}, 80, 24, func(s *screen, _ *fakeRunner) {
		toQueries(s).Press("x").Has("KILL QUERY ID 7", "created_at > ?").Lacks("2026-01-01").Golden("kill-privacy-80x24", false)
	})
}

func TestAThreadCanBeKilledFromItsDetailWhichStaysOpenBehindTheDialog(t *testing.T) {
	onKill(t, steady(), Options{}, 120, 30, func(s *screen, r *fakeRunner) {
		toQueries(s).Press("Enter").Has("Thread 1000 on db1").Press("X").Has("Kill the connection of thread 1000 on db1").Press("n").Has("Thread 1000 on db1").Lacks("Run this?")
		s.Press("x", "y").Has("Running")
		if got := r.ran(); !slices.Equal(got, []string{"db1: KILL QUERY ID 7"}) {
			t.Errorf("ran %q", got)
		}
	})
}

func TestTheFooterNamesTheKeysThatKillAndWhyTheyAreDead(t *testing.T) {
	for _, c := range []struct {
		name  string
		opt   Options
		press []string
		says  []string
		pane  string
	}{
		{"nothing chosen", Options{runner: &fakeRunner{}}, nil, []string{"x X kill: choose a thread", "? help"}, "4"},
		{"a thread", Options{runner: &fakeRunner{}}, []string{"j"}, []string{"x kill query", "X kill connection", "Enter open", "Space tag", "? help"}, "4"},
		{"tagged ones", Options{runner: &fakeRunner{}}, []string{"j", " ", " "}, []string{"x kill 2 queries", "X kill 2 connections", "? help"}, "4"},
		{"a filter", Options{runner: &fakeRunner{}}, []string{"/", "report", "Enter"}, []string{"Ctrl-K Ctrl-X kill all 3", "? help"}, "4"},
		{"read-only", Options{ReadOnly: true, runner: &fakeRunner{}}, []string{"j"}, []string{"x X kill: read-only mode", "Enter open", "? help"}, "4"},
		{"an applier", Options{runner: &fakeRunner{}}, []string{"t", "End"}, []string{"x X kill: protected thread"}, "4"},
		{"a lock's root", Options{runner: &fakeRunner{}}, []string{"Home"}, []string{"x kill query", "X kill connection", "Enter open", "r root"}, "6"},
		{"locks, read-only", Options{ReadOnly: true, runner: &fakeRunner{}}, []string{"Home"}, []string{"x X kill: read-only mode", "r root"}, "6"},
		{"detail", Options{runner: &fakeRunner{}, Inspector: &fakeInspector{}}, []string{"j", "Enter"}, []string{"Esc back", "x kill query", "X kill connection", "e explain", "y copy"}, "4"},
		{"detail, read-only", Options{ReadOnly: true, runner: &fakeRunner{}, Inspector: &fakeInspector{}}, []string{"j", "Enter"}, []string{"x X kill: read-only mode", "e explain"}, "4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := steady()
			if c.pane == "6" {
				w = lockChain()
			}
			watch(t, w, c.opt, 80, 24, func(s *screen) {
				s.Tick(2).Press(c.pane).Press(c.press...).Tick(1).Row(-1).Has(c.says...)
			})
		})
	}
}

func TestABlankColumnOfBlockersLeavesItsRoomToTheQuery(t *testing.T) {
	watch(t, steady(), Options{}, 80, 24, func(s *screen) {
		s.Tick(2).Press("4").Line("query").Lacks("blocked by").Line("report").Has("SELECT customer_id, SUM(total) FROM")
	})
	watch(t, lockChain(), Options{}, 80, 24, func(s *screen) { s.Tick(2).Press("4").Line("query").Has("blocked by") })
}
