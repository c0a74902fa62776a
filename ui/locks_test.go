package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/galeratop/galeratop/model"
)

// lockScenes are the situations of the goldens of the Locks pane.
var lockScenes = map[string]func() *world{
	"calm": func() *world { return locked(model.Locks{Metadata: true}) },
	"blind": func() *world {
		return locked(model.Locks{Blind: "metadata locks not visible: INSTALL SONAME 'metadata_lock_info'"})
	},
	"chain":     lockChain,
	"pile-up":   metadataPileUp,
	"read-lock": readLock,
	"ddl":       schemaChange,
}

// locked is a calm cluster with these locks on every node.
func locked(l model.Locks) *world {
	return cluster(3).with(func(_ uint64, n *model.Node) {
		own := l
		own.At = n.Sample.At
		n.Sample.Slow.Locks = &own
	})
}

// put adds threads to a node.
func put(n *model.Node, rows ...model.Process) {
	n.Sample.Processes.Rows = append(n.Sample.Processes.Rows, rows...)
}

func client(id uint64, seconds int, state, query string) model.Process {
	p := model.Process{
		ID: id, User: "shop_web", Host: fmt.Sprintf("10.1.2.9:5%04d", id), DB: "shop", Command: "Query", State: state,
		Time: time.Duration(seconds) * time.Second, Query: query,
	}
	if query == "" {
		p.Command = "Sleep"
	}
	return p
}

func lockChain() *world {
	row := func(thread uint64, object string, pending bool, age int) model.Lock {
		return model.Lock{Thread: thread, Kind: model.LockRow, Object: object, Mode: "X", Record: "1", Pending: pending, Age: seconds(float64(age))}
	}
	l := model.Locks{Metadata: true, Known: []model.Lock{
		row(501, "shop.orders (PRIMARY)", false, 0), row(502, "shop.orders (PRIMARY)", true, 38),
		row(502, "inventory.stock (PRIMARY)", false, 0), row(503, "inventory.stock (PRIMARY)", true, 21), row(504, "inventory.stock (PRIMARY)", true, 4),
	}}
	return locked(model.Locks{}).on("db1", 1, func(n *model.Node) {
		own := l
		own.At = n.Sample.At
		n.Sample.Slow.Locks = &own
		n.Sample.Status.RowLockWaits = model.N(3)
		put(n, client(501, 95, "", ""), client(502, 38, "Updating", "UPDATE shop.orders SET status = 'paid by 4111' WHERE id = 88121"),
			client(503, 21, "Updating", "UPDATE inventory.stock SET quantity = quantity - 1 WHERE product_id = 4711"),
			client(504, 4, "Updating", "UPDATE inventory.stock SET quantity = quantity - 3 WHERE product_id = 4711"))
		n.Sample.Slow.Transactions.Rows = []model.Transaction{
			{Thread: 501, State: "RUNNING", Age: 97 * time.Second, Modified: 1200, Locked: 1201},
			{Thread: 502, State: "LOCK WAIT", Age: 40 * time.Second, Modified: 3, Locked: 5},
		}
	})
}

const waitsForMetadata = "Waiting for table metadata lock"

func metadataPileUp() *world {
	return locked(model.Locks{Blind: "metadata locks not visible: INSTALL SONAME 'metadata_lock_info'"}).on("db2", 1, func(n *model.Node) {
		put(n, client(601, 312, "", ""), client(602, 44, waitsForMetadata, "ALTER TABLE orders ADD INDEX status_created (status, created_at)"))
		for i := range uint64(14) {
			put(n, client(610+i, 40-int(i), waitsForMetadata, fmt.Sprintf("SELECT * FROM orders WHERE id = %d", i)))
		}
		n.Sample.Slow.Transactions.Rows = append(n.Sample.Slow.Transactions.Rows, model.Transaction{Thread: 601, State: "RUNNING", Age: 312 * time.Second})
	})
}

func readLock() *world {
	return locked(model.Locks{Metadata: true}).on("db3", 1, func(n *model.Node) {
		n.Sample.Slow.Locks.Known = []model.Lock{{Thread: 701, Kind: model.LockBackup, Mode: "BACKUP_FTWRL2", Age: time.Minute}}
		put(n, client(701, 61, "Sending data", "SELECT /*!40001 SQL_NO_CACHE */ * FROM `orders`"),
			client(702, 50, "Waiting for backup lock", "INSERT INTO orders VALUES (1)"), client(703, 12, "Waiting for certification", "COMMIT"))
	})
}

func schemaChange() *world {
	const alter = "ALTER TABLE shop.orders ADD COLUMN gift_note VARCHAR(200) NULL"
	return locked(model.Locks{Metadata: true}).on("db1", 1, func(n *model.Node) {
		put(n, client(801, 20, "altering table", alter), client(802, 18, "Waiting for TOI DDL", "INSERT INTO orders VALUES (1)"))
	}).on("db2", 1, func(n *model.Node) {
		n.Sample.Slow.Locks.Known = []model.Lock{{Thread: 42, Kind: model.LockMetadata, Object: "shop.orders", Mode: "SHARED_READ_ONLY", Age: 2 * time.Minute}}
		applier := client(2, 20, waitsForMetadata, alter)
		applier.User, applier.Host, applier.Command = model.SystemUser, "", "Sleep"
		n.Sample.Processes.Rows = append([]model.Process{applier}, n.Sample.Processes.Rows[:fewClients]...)
		put(n, client(42, 120, "", ""))
	})
}

// fewClients is how many of a fixture's threads run for clients; the appliers follow.
const fewClients = 5

func TestTheLocksPaneLooksAsItDid(t *testing.T) {
	for scene, build := range lockScenes {
		for _, size := range sizes {
			for look, opt := range map[string]Options{"colour": {}, "ascii": {NoColor: true, ASCII: true}} {
				if look == "ascii" && size[0] != 80 {
					continue
				}
				name := fmt.Sprintf("locks-%s-%s-%dx%d", scene, look, size[0], size[1])
				t.Run(name, func(t *testing.T) {
					watch(t, build(), opt, size[0], size[1], func(s *screen) {
						s.Press("6").Tick(3).Golden(name, look == "colour").uncoloured(look != "colour")
					})
				})
			}
		}
	}
}

func TestALocksRootTellsWhatItHoldsUp(t *testing.T) {
	watch(t, metadataPileUp(), Options{NoColor: true}, 160, 50, func(s *screen) {
		s.Press("6").Tick(2).Line("601").Has("holds up 15, oldest 44s", "asleep in an open transaction")
		s.Line("602").Has("metadata lock shop.orders", "ALTER TABLE orders")
		s.Has("INSTALL SONAME 'metadata_lock_info'")
	})
}

func TestAThreadOfTheLocksPaneIsFollowedAndOpened(t *testing.T) {
	w := lockChain()
	watch(t, w, Options{NoColor: true}, 120, 30, func(s *screen) {
		s.Press("6").Tick(2).Press("Down", "Down")
		if !strings.Contains(s.Selected(), "502") {
			t.Fatalf("selected: %q", s.Selected())
		}
		s.Tick(2)
		if !strings.Contains(s.Selected(), "502") {
			t.Errorf("after a refresh: %q", s.Selected())
		}
		s.Has("waits for row lock shop.orders (PRIMARY), mode X")
		s.Press("r")
		if !strings.Contains(s.Selected(), "501") {
			t.Errorf("the root: %q", s.Selected())
		}
		s.Press("Enter").Has("501").Press("Esc", "Esc")
		if s.Selected() != "" {
			t.Errorf("still selected: %q", s.Selected())
		}
	})
}

func TestTheThreadOfTheSelectedRowIsChosen(t *testing.T) {
	e := &env{snap: lockChain().next(), st: &styles{}, g: unicodeGlyphs}
	p := newLocks(e)
	p.refresh()
	if p.chosen() != nil {
		t.Error("one is chosen before any is selected")
	}
	p.end(false)
	if c := p.chosen(); len(c) != 1 || c[0].ID != 501 || c[0].Blocks != 3 {
		t.Errorf("chosen: %+v", c)
	}
	e.snap.Nodes[0].Sample.Processes.Rows = e.snap.Nodes[0].Sample.Processes.Rows[:3]
	e.snap.Nodes[0].Sample.Processes.Left = 9
	p.refresh()
	p.end(false)
	if c := p.chosen(); c != nil || len(p.list.rows) == 0 {
		t.Errorf("a thread of which only the number is known is chosen: %+v", c)
	}
}

func TestTheLocksPaneShowsAThreadWithItsWholeTree(t *testing.T) {
	watch(t, lockChain(), Options{NoColor: true}, 160, 50, func(s *screen) {
		s.Press("6").Tick(2).Press("/", "quantity - 3", "Enter").Has("501", "503", "504", "3 of 3 waiting threads")
		s.Press("/", "xyz", "Enter").Lacks("503")
	})
}

func TestNoLiteralIsShownInTheLocksPane(t *testing.T) {
	watch(t, lockChain(), Options{NoColor: true, Privacy: true}, 160, 50, func(s *screen) {
		s.Press("6").Tick(2).Press("Down", "Down").Lacks("4111", "88121", "shop_web", "10.1.2.9")
	})
}
