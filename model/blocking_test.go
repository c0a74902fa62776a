package model

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

var lockTime = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// busyNode is a node with these threads, and locks read a second before.
func busyNode(name string, locks *Locks, rows ...Process) *Node {
	s := &Sample{At: lockTime, Processes: Processes{Rows: rows}}
	if locks != nil {
		locks.At = lockTime.Add(-time.Second)
		s.Slow.Locks = locks
	}
	return &Node{ID: name, Name: name, Link: LinkUp, Sample: s}
}

func lockRuns(id uint64, seconds int, state, query string) Process {
	return Process{ID: id, User: "app", Host: "h:1", DB: "shop", Command: "Query", Time: time.Duration(seconds) * time.Second, State: state, Query: query}
}

func lockSleeps(id uint64, seconds int) Process {
	return Process{ID: id, User: "app", Host: "h:1", Command: "Sleep", Time: time.Duration(seconds) * time.Second}
}

func lockApplies(id uint64, seconds int, state, query string) Process {
	return Process{ID: id, User: SystemUser, Command: "Sleep", Time: time.Duration(seconds) * time.Second, State: state, Query: query}
}

// drawn writes trees on one line each: node:thread(kind object)[those behind].
func drawnForest(trees []Tree) string {
	var one func(b *Branch) string
	one = func(b *Branch) string {
		text := fmt.Sprintf("%s:%d", b.Node.Name, b.ID)
		if b.Wait != nil {
			text += fmt.Sprintf("(%s)", strings.TrimSpace(string(b.Wait.Kind)+" "+b.Wait.Object))
		}
		if b.Deadlock {
			text += "!"
		}
		var behind []string
		for i := range b.Behind {
			behind = append(behind, one(&b.Behind[i]))
		}
		if len(behind) > 0 {
			text += "[" + strings.Join(behind, " ") + "]"
		}
		return text
	}
	var out []string
	for i := range trees {
		out = append(out, one(&trees[i].Root))
	}
	return strings.Join(out, "; ")
}

func rowLock(thread uint64, object, record string, pending bool, age int) Lock {
	return Lock{Thread: thread, Kind: LockRow, Object: object, Mode: "X", Record: record, Pending: pending, Age: time.Duration(age) * time.Second}
}

func tableLock(thread uint64, object, mode string, age int) Lock {
	return Lock{Thread: thread, Kind: LockMetadata, Object: object, Mode: mode, Age: time.Duration(age) * time.Second}
}

const (
	mdlState    = "Waiting for table metadata lock"
	backupState = "Waiting for backup lock"
)

func TestWhoHoldsUpWhom(t *testing.T) {
	for name, c := range map[string]struct {
		nodes []*Node
		want  string
	}{
		"a chain of row locks over two schemas": {
			[]*Node{busyNode("db1", &Locks{Known: []Lock{
				rowLock(3, "inv.stock", "10:3:2", true, 4), rowLock(4, "inv.stock", "10:3:2", true, 3), rowLock(2, "inv.stock", "10:3:2", false, 0),
				rowLock(2, "shop.orders", "9:3:2", true, 8), rowLock(1, "shop.orders", "9:3:2", false, 0),
			}}, lockSleeps(1, 20), lockRuns(2, 9, "Updating", "UPDATE orders"), lockRuns(3, 5, "Updating", "UPDATE"), lockRuns(4, 4, "Updating", "UPDATE"))},
			"db1:1[db1:2(row shop.orders)[db1:3(row inv.stock) db1:4(row inv.stock)]]",
		},
		"readers behind an ALTER behind an idle transaction": {
			[]*Node{busyNode("db1", &Locks{Metadata: true, Known: []Lock{tableLock(1, "shop.orders", "SHARED_READ", 40), tableLock(2, "shop.orders", "SHARED_UPGRADABLE", 9)}},
				lockSleeps(1, 40), lockRuns(2, 9, mdlState, "ALTER TABLE orders ADD x INT"), lockRuns(3, 5, mdlState, "SELECT * FROM shop.orders"), lockRuns(4, 4, mdlState, "INSERT INTO `orders` VALUES (1)"))},
			"db1:1[db1:2(metadata shop.orders)[db1:3(metadata shop.orders) db1:4(metadata shop.orders)]]",
		},
		"the same where the server does not list metadata locks": {
			[]*Node{busyNode("db1", nil, lockSleeps(1, 40), lockRuns(2, 9, mdlState, "ALTER TABLE orders ADD x INT"), lockRuns(3, 5, mdlState, "SELECT * FROM shop.orders"))},
			"db1:1[db1:2(metadata shop.orders)[db1:3(metadata shop.orders)]]",
		},
		"a read lock on the whole node": {
			[]*Node{busyNode("db1", &Locks{Metadata: true, Known: []Lock{{Thread: 1, Kind: LockBackup, Mode: "BACKUP_FTWRL2"}, {Thread: 2, Kind: LockBackup, Mode: "BACKUP_TRANS_DML"}}},
				lockSleeps(1, 40), lockRuns(2, 9, "Waiting for certification", "INSERT INTO a VALUES (1)"), lockRuns(3, 5, backupState, "UPDATE b SET c = 1"))},
			"db1:1[db1:2(read lock) db1:3(read lock)]",
		},
		"a backup stage": {
			[]*Node{busyNode("db1", &Locks{Metadata: true, Known: []Lock{{Thread: 1, Kind: LockBackup, Mode: "BACKUP_WAIT_COMMIT"}}},
				lockSleeps(1, 40), lockRuns(3, 5, backupState, "ALTER TABLE b ADD c INT"))},
			"db1:1[db1:3(backup)]",
		},
		"a read lock that waits for a statement, and others behind it": {
			[]*Node{busyNode("db1", &Locks{Metadata: true, Known: []Lock{{Thread: 1, Kind: LockBackup, Mode: "BACKUP_TRANS_DML"}}},
				lockRuns(1, 40, "Updating", "UPDATE a SET b = 1"), lockRuns(2, 9, backupState, "FLUSH TABLES WITH READ LOCK"), lockRuns(3, 5, backupState, "UPDATE b SET c = 1"))},
			"db1:1[db1:2(backup)[db1:3(backup)]]",
		},
		"LOCK TABLES": {
			[]*Node{busyNode("db1", &Locks{Metadata: true, Known: []Lock{tableLock(1, "shop.t", "SHARED_READ_ONLY", 40), tableLock(5, "shop.t", "SHARED_READ", 50)}},
				lockSleeps(1, 40), lockSleeps(5, 50), lockRuns(3, 5, mdlState, "UPDATE t SET c = 1"))},
			"db1:1[db1:3(table shop.t)]",
		},
		"statements behind a schema change in isolation": {
			[]*Node{busyNode("db1", nil, lockRuns(1, 40, "copy to tmp table", "ALTER TABLE a ADD b INT"), lockRuns(2, 9, "Waiting to execute in isolation", "CREATE TABLE c (d INT)"), lockRuns(3, 5, "Waiting for TOI DDL", "INSERT INTO a VALUES (1)"))},
			"db1:1[db1:2(TOI shop.a) db1:3(TOI shop.a)]",
		},
		"an applier in isolation behind LOCK TABLES": {
			[]*Node{busyNode("db1", &Locks{Metadata: true, Known: []Lock{tableLock(42, "shop.t", "SHARED_NO_READ_WRITE", 40)}},
				lockSleeps(42, 40), lockRuns(7, 60, "copy to tmp table", "ALTER TABLE other ADD b INT"),
				lockApplies(2, 5, "Waiting to execute in isolation", "INSERT INTO shop.t VALUES (1)"))},
			"db1:42[db1:2(table shop.t)]",
		},
		"an applier in isolation where the server does not list metadata locks": {
			[]*Node{busyNode("db1", nil, lockSleeps(42, 40), lockApplies(2, 5, "Waiting to execute in isolation", ""))},
			"db1:42[db1:2(metadata)]",
		},
		"clients behind a schema change whose applier waits for LOCK TABLES": {
			[]*Node{busyNode("db1", &Locks{Metadata: true, Known: []Lock{tableLock(42, "shop.a", "SHARED_READ_ONLY", 60)}}, lockSleeps(42, 60),
				lockApplies(2, 9, "Waiting to execute in isolation", "ALTER TABLE shop.a ADD b INT"), lockRuns(8, 5, "Waiting for TOI DDL", "INSERT INTO a VALUES (1)"))},
			"db1:42[db1:2(table shop.a)[db1:8(TOI shop.a)]]",
		},
		"a schema change that another node's applier cannot run": {
			[]*Node{
				busyNode("db1", nil, lockRuns(7, 9, "After create", "ALTER TABLE shop.a ADD b INT"), lockRuns(8, 5, "Waiting for TOI DDL", "INSERT INTO a VALUES (1)")),
				busyNode("db2", &Locks{Metadata: true, Known: []Lock{tableLock(42, "shop.a", "SHARED_READ_ONLY", 60)}}, lockSleeps(42, 60), lockApplies(2, 9, mdlState, "ALTER TABLE shop.a ADD b INT")),
			},
			"db2:42[db2:2(table shop.a)[db1:7(TOI shop.a)[db1:8(TOI shop.a)]]]",
		},
		"two that wait for each other": {
			[]*Node{busyNode("db1", &Locks{Waits: []LockWait{{Waiter: 1, Blocker: 2, Kind: LockRow, Age: time.Second}, {Waiter: 2, Blocker: 1, Kind: LockRow}, {Waiter: 3, Blocker: 1, Kind: LockRow}}},
				lockRuns(1, 9, "Updating", "UPDATE"), lockRuns(2, 9, "Updating", "UPDATE"), lockRuns(3, 9, "Updating", "UPDATE"))},
			"db1:1(row)![db1:2(row) db1:3(row)]",
		},
		"a reading that is out of date": {
			[]*Node{busyNode("db1", &Locks{Waits: []LockWait{{Waiter: 2, Blocker: 1, Kind: LockRow}, {Waiter: 3, Blocker: 1, Kind: LockRow}}},
				lockSleeps(1, 9), lockSleeps(2, 0))},
			"",
		},
		"nobody waits": {[]*Node{busyNode("db1", nil, lockSleeps(1, 9), lockRuns(2, 3, "Sending data", "SELECT 1"))}, ""},
	} {
		if got := drawnForest(Forest(&Snapshot{Nodes: c.nodes})); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", name, got, c.want)
		}
	}
}

func TestAnOldReadingOfLocksDoesNotCount(t *testing.T) {
	locks := &Locks{Waits: []LockWait{{Waiter: 2, Blocker: 1, Kind: LockRow}}}
	n := busyNode("db1", locks, lockSleeps(1, 90), lockRuns(2, 90, "Updating", "UPDATE"))
	locks.At = lockTime.Add(-16 * time.Second)
	if got := Waits(n); got != nil {
		t.Errorf("16 s old: %+v", got)
	}
	locks.Took = time.Second
	if got := Waits(n); len(got) != 1 || got[0].Age != 16*time.Second {
		t.Errorf("16 s old and slow to read: %+v", got)
	}
}

func TestARootTellsWhatItHoldsUp(t *testing.T) {
	n := busyNode("db1", &Locks{Waits: []LockWait{
		{Waiter: 2, Blocker: 1, Kind: LockRow, Age: 3 * time.Second},
		{Waiter: 3, Blocker: 2, Kind: LockRow, Age: 38 * time.Second},
		{Waiter: 5, Blocker: 4, Kind: LockRow, Age: 90 * time.Second},
	}}, lockRuns(2, 40, "Updating", "U"), lockRuns(3, 40, "Updating", "U"), lockApplies(4, 9, "", ""), lockRuns(5, 91, "Updating", "U"))
	trees := Forest(&Snapshot{Nodes: []*Node{n}})
	if len(trees) != 2 || trees[0].Root.ID != 1 || trees[0].Holds != 2 || trees[0].Oldest != 39*time.Second || trees[0].Root.Known || trees[0].Protected() {
		t.Errorf("first: %+v", trees[0])
	}
	if trees[1].Root.ID != 4 || !trees[1].Protected() || trees[1].Root.Blocks != 1 {
		t.Errorf("second: %+v", trees[1])
	}
}

// randomNode is a node with locks and states as no server shows them together.
func randomNode(r *rand.Rand, name string) *Node {
	states := []string{mdlState, backupState, "Updating", "Waiting for TOI DDL", "Waiting to execute in isolation", "Sending data", ""}
	queries := []string{"ALTER TABLE a ADD b INT", "SELECT * FROM a", "UPDATE b SET c = 1", "FLUSH TABLES WITH READ LOCK", "LOCK TABLES b WRITE", ""}
	modes := []string{"SHARED_READ", "SHARED_WRITE", "EXCLUSIVE", "BACKUP_FTWRL2", "SHARED_READ_ONLY", "X", "S"}
	locks := &Locks{Metadata: r.IntN(2) == 0}
	var rows []Process
	for id := range uint64(2 + r.IntN(12)) {
		p := lockRuns(id+1, r.IntN(40), states[r.IntN(len(states))], queries[r.IntN(len(queries))])
		switch r.IntN(5) {
		case 0:
			p = lockSleeps(p.ID, r.IntN(40))
		case 1:
			p.User, p.Host = SystemUser, ""
		}
		rows = append(rows, p)
	}
	for range r.IntN(12) {
		l := Lock{Thread: uint64(r.IntN(14)), Kind: []LockKind{LockRow, LockMetadata, LockBackup}[r.IntN(3)], Object: []string{"shop.a", "shop.b"}[r.IntN(2)], Mode: modes[r.IntN(len(modes))], Record: "1", Pending: r.IntN(2) == 0, Age: time.Duration(r.IntN(20)) * time.Second}
		locks.Known = append(locks.Known, l)
		locks.Waits = append(locks.Waits, LockWait{Waiter: uint64(r.IntN(14)), Blocker: uint64(r.IntN(14)), Kind: LockRow, Age: l.Age})
	}
	return busyNode(name, locks, rows...)
}

// shuffled is the same node with everything in another order.
func shuffled(r *rand.Rand, n *Node) *Node {
	s := *n.Sample
	l := *s.Slow.Locks
	s.Processes.Rows, l.Known, l.Waits = slices.Clone(s.Processes.Rows), slices.Clone(l.Known), slices.Clone(l.Waits)
	mix := func(n int, swap func(i, j int)) { r.Shuffle(n, swap) }
	mix(len(s.Processes.Rows), reflect.Swapper(s.Processes.Rows))
	mix(len(l.Known), reflect.Swapper(l.Known))
	mix(len(l.Waits), reflect.Swapper(l.Waits))
	s.Slow.Locks = &l
	out := *n
	out.Sample = &s
	return &out
}

func TestEveryWaiterIsInTheForestOnceWhateverTheOrderOfTheInput(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 2))
	for range 3000 {
		nodes := []*Node{randomNode(r, "db1"), randomNode(r, "db2")}
		trees := Forest(&Snapshot{Nodes: nodes})
		seen := make(map[ThreadKey]int)
		var visit func(b *Branch)
		visit = func(b *Branch) {
			if b.Wait != nil {
				seen[b.Key()]++
			}
			for i := range b.Behind {
				visit(&b.Behind[i])
			}
		}
		for i := range trees {
			visit(&trees[i].Root)
		}
		for _, n := range nodes {
			for _, w := range Waits(n) {
				if key := (ThreadKey{n.ID, w.Waiter}); seen[key] != 1 {
					t.Fatalf("%v is there %d times: %s", key, seen[key], drawnForest(trees))
				}
			}
		}
		again := Forest(&Snapshot{Nodes: []*Node{shuffled(r, nodes[0]), shuffled(r, nodes[1])}})
		if a, b := drawnForest(trees), drawnForest(again); a != b {
			t.Fatalf("the order of the input shows:\n%s\n%s", a, b)
		}
	}
}

func TestAStatementsTablesAreFound(t *testing.T) {
	for query, want := range map[string]string{
		"SELECT * FROM a JOIN `b`.`c d` ON 1": "shop.a b.c d",
		"ALTER TABLE IF EXISTS x.y ADD z INT": "x.y",
		"INSERT INTO orders VALUES (1)":       "shop.orders",
		"LOCK TABLES stock WRITE":             "shop.stock",
		"UPDATE `o` SET a = 1":                "shop.o",
		"COMMIT":                              "",
	} {
		if got := strings.Join(objects(&Process{DB: "shop", Query: query}), " "); got != want {
			t.Errorf("%s: %q, not %q", query, got, want)
		}
	}
}
