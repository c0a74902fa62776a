package ui

import (
	"testing"
	"time"

	"github.com/galeratop/galeratop/model"
)

// alike is shopping where two more threads run the bad query: one with other
// values, one of which only the start was read; and one that runs another.
func alike() *world {
	return shopping().with(func(tick uint64, n *model.Node) {
		if n.Name != "db2" || tick < 70 {
			return
		}
		p := &n.Sample.Processes
		one := p.Rows[len(p.Rows)-1]
		one.ID, one.Host = 78, "10.1.9.9:4712"
		one.Query = "SELECT a.* FROM orders a, orders b WHERE a.secret = 'Schulz' AND a.id > b.id"
		part := one
		part.ID, part.Query = 79, "SELECT a.* FROM orders a, orders b WHERE a.secret = 'Schulz' AND a.i…"
		p.Rows = append(p.Rows, one, part)
	})
}

func TestADigestShowsItsThreadsInTheQueriesPane(t *testing.T) {
	watch(t, alike(), Options{}, 160, 50, func(s *screen) {
		s.Tick(75).Press("4", "b", "/", "user:web", "Enter").Line("── Queries").Has("by user")
		s.Press("5", "Down", "Enter").Has("Threads that run it now").Row(-1).Has("4 its threads").Press("4")
		s.Line("── Queries").Has("3 running on 3 nodes", "select a.*").Lacks("by user", "user:web")
		s.Has("'Meier'", "'Schulz", "   79 ").Lacks("shop_web", "UPDATE stock")
		s.Press("/", "Schulz", "Enter").Line("── Queries").Has("2 of 3 match").Press("Esc").Line("── Queries").Has("3 running")
		s.Press("Down").Press("Esc").Line("── Queries").Has("3 running").Press("Esc").Has("── Top queries")
		s.Press("4").Line("── Queries").Has("by user", "user:web")
	})
}

func TestTheThreadsOfADigestEndWithIt(t *testing.T) {
	w := alike().on("db2", 80, func(n *model.Node) { n.Sample.Processes.Rows = n.Sample.Processes.Rows[:2] })
	watch(t, w, Options{}, 120, 30, func(s *screen) {
		s.Tick(75).Press("5", "Down", "Enter", "4").Line("── Queries").Has("3 running").Press("P").Lacks("Meier", "Schulz")
		s.Tick(6).Line("── Queries").Has("0 running", "select a.*")
		s.Press("b").Line("── Queries").Has("by user").Press("Esc").Line("── Queries").Lacks("select a.*")
	})
}

func TestStatementsCountBeforeThePaneIsOpen(t *testing.T) {
	w := shopping().with(func(tick uint64, n *model.Node) { n.Sample.Processes.Glance = tick < 100 })
	watch(t, w, Options{}, 160, 50, func(s *screen) {
		s.Tick(95).Press("5").Has("live, over the last 30s", "Only the first 100 characters of statements").Line("  1 ").Has("from orders a")
		s.Tick(12).Has("Statements are read whole since 8s ago, before only their first 100 characters")
		s.Tick(40).Lacks("100 characters").Press("t").Has("Statements are read whole since 48s ago")
	})
}

func TestCountedNumbersSaySinceWhenTheyAre(t *testing.T) {
	stale := map[string]*model.Digests{}
	w := shopping("db1", "db2", "db3").with(func(tick uint64, n *model.Node) {
		switch {
		case tick < 20:
			n.Sample.Slow.Digests = nil
		case tick < 30, tick >= 90:
			stale[n.Name] = n.Sample.Slow.Digests
		default:
			n.Sample.Slow.Digests = stale[n.Name]
		}
	})
	watch(t, w, Options{}, 160, 50, func(s *screen) {
		s.Tick(19).Press("5").Has("Nothing from db1: its digests are being read")
		s.Tick(7).Has("Counted numbers are of the last 6s: digests are read while this pane is open")
		s.Press("1").Tick(64).Press("5").Has("since the start; live follows").Tick(7).Has("Counted numbers are of the last")
		s.Tick(40).Lacks("Counted numbers are")
	})
}

func TestAFrozenFrameSaysThatItsNumbersGoOn(t *testing.T) {
	watch(t, shopping(), Options{}, 160, 50, func(s *screen) {
		s.Tick(80).Press("5").Lacks("numbers go on")
		s.Press("z").Tick(10).Lacks("numbers go on").Press("1", "5").Has("numbers go on while the frame is frozen")
		s.Press("z").Lacks("numbers go on")
	})
}

func TestAThreadOfADigestIsTheOneThatIsKilled(t *testing.T) {
	s := still(t, alike(), Options{}, 75)
	q := newQueries(&s.env)
	q.showDigest(s.top.Form("SELECT a.* FROM orders a, orders b WHERE a.secret = 'x' AND a.id > b.id"))
	q.refresh()
	if m := q.matching(); len(m) != 3 {
		t.Errorf("%d threads of the digest", len(m))
	}
	q.move(1)
	if c := q.chosen(); len(c) != 1 || c[0].User != "report" || c[0].Time < time.Second {
		t.Errorf("chosen %+v", c)
	}
}
