package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/galeratop/galeratop/model"
)

// queue is a cluster with something in every column: a sleeper in a transaction
// that holds up an update, which holds up another; sleepers; a long ALTER.
func queue(nodes int) *world {
	w := cluster(nodes)
	w.threads = 6
	return w.with(func(tick uint64, n *model.Node) {
		p := &n.Sample.Processes
		first := p.Rows[0].ID
		asleep := model.Process{User: "shop_admin", Host: "10.1.9.4:40112", DB: "shop", Command: "Sleep"}
		for k := range 4 {
			asleep.ID, asleep.Time = first+100+uint64(k), time.Duration(k)*7*time.Second
			asleep.Host = fmt.Sprintf("10.1.9.%d:40112", k%2+4)
			p.Rows = append(p.Rows, asleep)
		}
		p.Idle = 4
		p.Rows[2].State, p.Rows[4].State = "Waiting for certification", "Commit"
		if n.Name == "db2" {
			n.Sample.Status.FCActive = model.On
			p.Rows[3].Query, p.Rows[3].State = "ALTER TABLE orders ADD INDEX customer (customer_id), ALGORITHM=COPY", "copy to tmp table"
			p.Rows[3].Progress, p.Rows[3].Time = model.R(41.7), time.Duration(tick+70)*time.Second
		}
		t := n.Sample.Slow.Transactions
		t.Rows = append(t.Rows, model.Transaction{Thread: first + 102, State: "RUNNING", Age: 95 * time.Second, Modified: 12_004, Locked: 15_331})
		n.Sample.Status.Set("Innodb_row_lock_current_waits", "2")
		p.Rows[1].Time, p.Rows[5].Time = time.Duration(tick+12)*time.Second, time.Duration(tick+3)*time.Second
		n.Sample.Slow.Locks = &model.Locks{Reading: model.Reading{At: n.Sample.At}, Waits: []model.LockWait{
			{Waiter: first + 1, Blocker: first + 102, Kind: model.LockRow, Object: "shop.stock", Age: 12 * time.Second},
			{Waiter: first + 5, Blocker: first + 1, Kind: model.LockRow, Object: "shop.stock", Age: 3 * time.Second},
		}}
	})
}

func TestTheQueriesPaneShowsWhatRunsAndCountsWhatItHides(t *testing.T) {
	watch(t, queue(3), Options{}, 160, 40, func(s *screen) {
		s.Tick(2).Press("4").Line("── Queries").Has("18 running on 3 nodes", "3 asleep in transactions, 9 idle, 27 system hidden")
		s.Line("db1     1102").Has("holds up 2, asleep in a transaction", "2", "12k")
		s.Line("db1     1001").Has("1102 row").Line("ALTER TABLE").Has("db2", "1m12s", "copy to tmp table", "41%")
		s.Line("db2     1302").Has("held by flow control").Line("db1     1002").Has("certifying").Line("db1     1004").Has("committing")
		s.Lacks("system user", "1103").Press("i").Row(-1).Has("idle clients shown").Has("1103")
		s.Press("t").Has("system user").Line("── Queries").Has("57 threads").Lacks("hidden")
		s.Press("t").Press("i").Lacks("system user", "1103")
	})
}

func TestThreadsAreFilteredByTerms(t *testing.T) {
	watch(t, queue(3), Options{}, 160, 40, func(s *screen) {
		s.Tick(2).Press("4", "/").Row(-1).Has("user:app")
		s.Press("user:report node:db[12] time>5").Row(-1).Has("2 of 21 match").Press("Enter")
		s.Line("── Queries").Has("2 of 21 match user:report node:db[12] time>5")
		s.Press("/", " tim:3").Row(-1).Has(`column 32: there is no column "tim"; did you mean time?`).Line("── Queries").Has("0 of 21")
		s.Press("Esc", "Esc").Line("── Queries").Has("18 running")
		s.Press("1", "/", "user:report", "Enter").Line("Busiest").Has("3 of 18 match")
	})
}

func TestHiddenLiteralsCannotBeFoundByFiltering(t *testing.T) {
	watch(t, queue(3), Options{Privacy: true}, 160, 40, func(s *screen) {
		s.Tick(2).Press("4").Lacks("2026-01-01", "b7c1").Press("/", "query:2026-01-01").Row(-1).Has("0 of 21 match")
		s.Press("Esc", "/", "group.by").Row(-1).Has("3 of 21 match")
	})
}

// Procedures can put words of their own into the state. With privacy on nobody
// finds literals in it either.
func TestHiddenWordsOfAStateCannotBeFoundByFiltering(t *testing.T) {
	for private, found := range map[bool]string{false: "3 of", true: "0 of"} {
		w := queue(3).with(func(_ uint64, n *model.Node) { n.Sample.Processes.Rows[0].State = "import of 'Meier 9377'" })
		for _, filter := range []string{"state:meier", "meier", "9377"} {
			watch(t, w, Options{Privacy: private}, 160, 40, func(s *screen) {
				s.Tick(2).Press("4", "/", filter).Row(-1).Has(found)
			})
		}
	}
}

func TestThreadsAreGroupedWithTotalsAndOpened(t *testing.T) {
	watch(t, queue(3), Options{}, 160, 40, func(s *screen) {
		s.Tick(2).Press("4", "b").Line("── Queries").Has("by user: 3 users")
		s.Line("report ").Has("3").Line("total").Has("30", "18", "12")
		s.Press(" ").Row(-1).Has("groups cannot be tagged").Press("Down", "Down", "Enter")
		s.Line("── Queries").Has(`Queries of user "report": 3 running`).Lacks("shop_web")
		s.Press("Esc").Line("── Queries").Has("by user").Press("b", "b", "b").Line("── Queries").Has("by digest")
		s.Line("select customer_id").Has("8s", "5m12s").Press("b").Line("── Queries").Has("by node: 3 nodes")
		s.Press("/", "user:web", "Enter").Line("total").Has("15").Press("b").Row(-1).Has("no groups").Press("Esc").Line("── Queries").Has("18 running")
	})
}

func TestTagsFollowTheirThreadsAndEndWithThem(t *testing.T) {
	w := queue(3)
	w.on("db1", 4, func(n *model.Node) { n.Sample.Processes.Rows[0].Host = "10.9.9.9:1" }) // the number, taken again
	w.on("db3", 4, func(n *model.Node) { n.Link = model.LinkStale })
	w.on("db2", 6, func(n *model.Node) { n.Sample.Processes.Rows = n.Sample.Processes.Rows[1:] })
	watch(t, w, Options{}, 160, 40, func(s *screen) {
		s.Tick(2).Press("4", "/", "user:report", "Enter", "Home", " ", " ", " ").Line("── Queries").Has("* 3 tagged")
		s.Line("*db2").Has("1300")
		s.Tick(2).Line("── Queries").Has("* 2 tagged, 1 of them not in this list").Line("db1").Lacks("*db1")
		s.Tick(2).Line("── Queries").Has("* 1 tagged").Press("U").Line("── Queries").Lacks("tagged")
	})
}

func TestAnActionIsAboutTheTaggedThreadsElseTheSelectedOne(t *testing.T) {
	s := still(t, queue(3), Options{}, 2)
	q := newQueries(&s.env)
	q.refresh()
	if q.chosen() != nil {
		t.Error("nothing was chosen")
	}
	q.move(1)
	if c := q.chosen(); len(c) != 1 || c[0].Key() != q.list.current().Key() {
		t.Errorf("chosen %v", c)
	}
	q.tag(nil)
	q.tag(nil)
	want := q.list.tags
	if c := q.chosen(); len(c) != 2 {
		t.Errorf("chosen %v of %v", c, want)
	}
	f, err := newTermFilter("user:report")
	if err != nil {
		t.Fatal(err)
	}
	q.setFilter(f)
	if m := q.matching(); len(m) != 3 || m[0].User != "report" {
		t.Errorf("matching %v", m)
	}
	if len(q.chosen()) != 2 {
		t.Error("a filter changed what is tagged")
	}
	q.group(s)
	if q.chosen() != nil || q.matching() != nil {
		t.Error("groups are not threads")
	}
	q.move(1)
	if m := q.matching(); len(m) != 3 {
		t.Errorf("of the group match %v", m)
	}
}

func TestTheSelectedThreadStaysOnItsLine(t *testing.T) {
	w := queue(3)
	w.with(func(tick uint64, n *model.Node) {
		for i := range n.Sample.Processes.Rows {
			n.Sample.Processes.Rows[i].Time = time.Duration((uint64(i)*7919+tick*31)%97) * time.Second
		}
	})
	watch(t, w, Options{}, 120, 24, func(s *screen) {
		s.Tick(1).Press("4", "j", "j", "j", "j", "j", "j")
		before := slices.Index(s.Text(), s.Selected())
		id := strings.Fields(s.Selected())[1]
		for range 20 {
			s.Tick(1)
			if after := slices.Index(s.Text(), s.Selected()); after != before || strings.Fields(s.Selected())[1] != id {
				t.Fatalf("it went from line %d to %d: %q", before, after, s.Selected())
			}
		}
	})
}

func TestColumnsScrollBehindNodeAndNumber(t *testing.T) {
	watch(t, queue(3), Options{}, 80, 24, func(s *screen) {
		s.Tick(2).Press("4").Line("── Queries").Has("more columns, < >")
		s.Line("node ").Lacks("memory")
		for range 20 {
			s.Press("Right")
		}
		s.Row(-1).Has("no more columns to the right").Line("node ").Has("id", "query").Line("db1    1000").Has("SELECT customer_id")
		s.Press("<", "<", "h").Line("node ").Has("id", "memory")
		for range 20 {
			s.Press("Left")
		}
		s.Row(-1).Has("the first columns are there already").Line("node ").Has("user", "time")
	})
}

func TestSortingGoesThroughEveryColumnOfThreads(t *testing.T) {
	s := still(t, queue(3), Options{}, 2)
	q := newQueries(&s.env)
	q.refresh()
	seen := map[string]bool{}
	for range q.list.columns {
		seen[q.list.nextSort()] = true
		up := slices.Clone(q.list.rows)
		q.list.reverse()
		if len(up) != len(q.list.rows) || len(up) != 21 {
			t.Fatalf("%d rows, then %d", len(up), len(q.list.rows))
		}
	}
	if len(seen) != len(q.list.columns) {
		t.Errorf("sorted by %d of %d columns: %v", len(seen), len(q.list.columns), seen)
	}
}

func TestWhatCannotBeSeenOfThreadsIsSaid(t *testing.T) {
	w := queue(3)
	w.on("db1", 0, func(n *model.Node) {
		n.Sample.Processes.OwnOnly, n.Sample.Processes.Grant, n.Sample.Processes.Left = true, "PROCESS", 7
	})
	w.on("db2", 0, func(n *model.Node) {
		n.Sample.Processes = model.Processes{Error: "Lost connection"}
		n.Sample.Slow.Locks, n.Sample.Slow.Transactions = nil, nil
	})
	w.on("db3", 2, func(n *model.Node) { n.Link = model.LinkDown })
	w.change = w.change[1:]
	watch(t, w, Options{}, 120, 30, func(s *screen) {
		s.Tick(2).Press("4").Line("── Queries").Has("7 more not read")
		s.Line("own threads").Has("own threads only on db1: needs GRANT PROCESS", "no list from db2: Lost connection, db3: it does not answer")
	})
}

func TestHostileStatementsStayOneCleanLine(t *testing.T) {
	hostile := []string{
		"SELECT '\x1b[2J\x1b]0;owned\a' \x00\x00", strings.Repeat("SELECT 1, ", 400_000), "SELECT '\xff\xfe\xc3('", "a\r\nb\tc\u2028d",
		"SELECT '\u202egnp.exe' /* \u200b\u200d */", "SELECT '\U0001F469\u200d\U0001F467' " + strings.Repeat("\u0301", 500), strings.Repeat("漢字", 200), "",
	}
	w := queue(3)
	w.with(func(_ uint64, n *model.Node) {
		for i := range n.Sample.Processes.Rows {
			p := &n.Sample.Processes.Rows[i]
			p.Query, p.State, p.User, p.DB, p.Host = hostile[i%len(hostile)], hostile[(i+1)%len(hostile)], hostile[(i+2)%len(hostile)], hostile[(i+3)%len(hostile)], hostile[(i+4)%len(hostile)]
		}
	})
	s := still(t, w, Options{}, 2)
	s.show(3)
	for _, press := range []string{"", "i", "t", "b", "b", "b", "b", "b"} {
		for _, a := range s.pane().keys() {
			if press != "" && a.binding.Keys()[0] == press {
				a.run(s)
			}
		}
		for _, size := range sizes {
			s.width, s.height = size[0], size[1]
			exact(t, s.lines(), size[0], size[1])
			for _, l := range s.lines() {
				if strings.ContainsAny(l, "\x00\a\r\n\t") || strings.Contains(l, "\x1b]") || strings.Contains(l, "\x1b[2J") {
					t.Errorf("%q", l)
				}
			}
		}
	}
}

func TestQueriesLookAsTheyDid(t *testing.T) {
	views := map[string][]string{
		"all": nil, "grouped": {"b"}, "digests": {"b", "b", "b", "b"}, "filtered": {"/", "user:web blocks>0", "Enter"},
		"tagged": {"j", " ", " ", " "}, "scrolled": {"Right", "Right", "Right", "Right", "i"},
	}
	for view, keys := range views {
		for _, nodes := range []int{3, 9} {
			for _, size := range sizes {
				name := fmt.Sprintf("queries-%s-%d-%dx%d", view, nodes, size[0], size[1])
				t.Run(name, func(t *testing.T) {
					watch(t, queue(nodes), Options{}, size[0], size[1], func(s *screen) {
						s.Tick(12).Press("4").Press(keys...).Tick(1).Golden(name, view == "tagged" && nodes == 3)
					})
				})
			}
		}
	}
	watch(t, queue(3), Options{NoColor: true, ASCII: true}, 80, 24, func(s *screen) {
		s.Tick(12).Press("4", "j", " ").Golden("queries-tagged-ascii-80x24", true).uncoloured(true)
	})
}
