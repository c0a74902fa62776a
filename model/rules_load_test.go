package model

import (
	"testing"
	"time"
)

func allOf(do func(n *Node), nodes ...*Node) {
	for _, n := range nodes {
		do(n)
	}
}

func TestLoadThatHarmsIsFound(t *testing.T) {
	waits := func(n *Node, many int, state string, slept time.Duration) {
		for i := range many {
			runs(n, Process{ID: uint64(100 + i), User: "app", Host: "web1", Command: "Query", State: state, Query: "UPDATE shop.stock SET n=n-1", Time: slept})
		}
	}
	lost := func(failures, commits float64) change {
		return func(_ int, a, b, c *Node) {
			allOf(func(n *Node) { n.Rates.LocalCommits = R(commits) }, a, b, c)
			a.Rates.CertFailures, b.Rates.BFAborts = R(failures/2), R(failures/2)
			waits(a, 3, "", time.Second)
		}
	}
	checkTroubles(t, []trouble{
		{
			rule: "certification-hung", title: "db2 hangs: 5 writers wait for certification", level: LevelCritical, seconds: 20,
			bad: func(_ int, _, b, _ *Node) {
				b.Sample.Status.LastCommitted = N(100_000)
				waits(b, 5, "Waiting for certification", 9*time.Second)
			},
			near: func(_ int, _, b, _ *Node) { waits(b, 5, "Waiting for certification", 9*time.Second) },
		},
		{
			rule: "certification-hung", title: "db2 hangs", level: LevelCritical, seconds: 20,
			bad: func(_ int, _, b, _ *Node) {
				b.Sample.Status.LastCommitted = N(100_000)
				waits(b, 3, "Waiting for certification", 9*time.Second)
			},
			near: func(_ int, _, b, c *Node) { // a member was just lost
				b.Sample.Status.LastCommitted = N(100_000)
				waits(b, 5, "Waiting for certification", 9*time.Second)
				c.Link = LinkStale
			},
		},
		{
			rule: "zombie", title: "db2 says Synced but has not followed the group for 14s", level: LevelCritical, seconds: 20,
			bad: func(_ int, _, b, _ *Node) { b.Sample.Status.LastCommitted = N(100_000) },
			near: func(_ int, a, b, c *Node) {
				allOf(func(n *Node) { n.Sample.Status.LastCommitted = N(100_000) }, a, b, c)
			},
		},
		{
			rule: "ddl-stall", title: "A schema change waits for a lock on db1 that thread 42 probably holds", level: LevelWarning,
			bad: func(_ int, a, _, _ *Node) {
				runs(a, Process{ID: 2, User: SystemUser, Command: "Sleep", State: "Waiting for table metadata lock", Query: "ALTER TABLE t ADD b INT", Time: 5 * time.Second},
					Process{ID: 42, User: "app", Command: "Sleep", Time: 8 * time.Second})
			},
			near: func(_ int, a, _, _ *Node) {
				runs(a, Process{ID: 2, User: "app", Command: "Query", State: "altering table", Query: "ALTER TABLE t ADD b INT", Time: 5 * time.Second})
			},
		},
		{
			rule: "ddl-stall", title: "A schema change waits for a lock on db1 that thread 42 probably holds", level: LevelWarning,
			bad: func(_ int, a, _, _ *Node) {
				runs(a, Process{ID: 2, User: SystemUser, Command: "Sleep", State: "Waiting to execute in isolation", Query: "ALTER TABLE t ADD b INT", Time: 5 * time.Second},
					Process{ID: 42, User: "app", Command: "Sleep", Time: 8 * time.Second})
			},
			near: func(_ int, a, _, _ *Node) {
				runs(a, Process{ID: 2, User: SystemUser, Command: "Sleep", State: "Waiting to execute in isolation", Query: "INSERT INTO t VALUES (1)", Time: 50 * time.Second})
			},
		},
		{
			rule: "ddl-stall", title: "The schema change of thread 2 on db1 holds up 4 threads on 2 nodes", level: LevelWarning,
			bad: func(_ int, a, b, _ *Node) {
				runs(a, Process{ID: 2, User: "app", Command: "Query", State: "altering table", Query: "ALTER TABLE t ADD b INT", Time: 5 * time.Second})
				waits(a, 2, "Waiting for TOI DDL", 4*time.Second)
				waits(b, 2, "Waiting to execute in isolation", 4*time.Second)
			},
			near: func(_ int, a, _, _ *Node) { waits(a, 2, "Waiting for TOI DDL", time.Second) },
		},
		{
			rule: "conflicts", title: "2 transactions a second (2 %) fail because nodes write the same rows", level: LevelNotice,
			bad: lost(2, 30), near: lost(0.8, 3),
		},
		{
			rule: "conflicts", title: "50 transactions a second (62 %) fail", level: LevelWarning,
			bad: lost(50, 10), near: lost(50, 5000),
		},
		{
			rule: "connections", title: "db2 has 96 of 100 connections in use", level: LevelWarning,
			bad:  func(_ int, _, b, _ *Node) { b.Sample.Status.ThreadsConnected = N(96) },
			near: func(_ int, _, b, _ *Node) { b.Sample.Status.ThreadsConnected = N(84) },
		},
		{
			rule: "send-queue", title: "db2 cannot send fast enough: 12 write-sets wait", level: LevelNotice,
			bad: func(_ int, _, b, _ *Node) {
				b.Sample.Status.SendQueue, b.Sample.Status.EVSReplLatency = N(12), "0/0/0/0/0"
			},
			near: func(i int, _, b, _ *Node) { b.Sample.Status.SendQueue = N(200 * int64(i%2)) },
		},
		{
			rule: "latency", title: "Every commit on db2 waits 400 ms for the network", level: LevelNotice,
			bad:  func(_ int, _, b, _ *Node) { b.Sample.Status.EVSReplLatency = "0.1/0.4/2/0.5/100" },
			near: func(_ int, _, b, _ *Node) { b.Sample.Status.EVSReplLatency = "0.1/0.4/2/0.5/2" },
		},
		{
			rule: "history-list", title: "db2 keeps 2.5 million old row versions", level: LevelNotice,
			bad:  func(_ int, _, b, _ *Node) { b.Sample.Status.HistoryLength = N(2_500_000) },
			near: func(_ int, _, b, _ *Node) { b.Sample.Status.HistoryLength = N(900_000) },
		},
		{
			rule: "slow-answer", title: "db2 takes 3.5s to answer", level: LevelWarning,
			bad:  func(_ int, _, b, _ *Node) { b.Sample.Took = 3500 * time.Millisecond },
			near: func(i int, _, b, _ *Node) { b.Sample.Took = time.Duration(i%2) * 3 * time.Second },
		},
	})
}

// opens gives a node a transaction that was read some time ago, and its thread.
func opens(n *Node, p Process, trx Transaction, ago time.Duration) {
	p.ID, p.User, p.Host = 42, "app", "web1"
	trx.Thread = 42
	runs(n, p)
	n.Sample.Slow.Transactions = &Transactions{Reading: Reading{At: n.Sample.At.Add(-ago)}, Rows: []Transaction{trx}}
}

func TestTransactionsThatHarmAreFound(t *testing.T) {
	asleep := func(slept time.Duration) Process { return Process{Command: "Sleep", Time: slept} }
	working := Process{Command: "Query", Query: "DELETE FROM log", Time: 20 * time.Second}
	checkTroubles(t, []trouble{
		{
			rule: "idle-transaction", title: "Thread 42 on db1 has slept for 1m30s inside a transaction", level: LevelWarning,
			bad: func(_ int, a, _, _ *Node) {
				opens(a, asleep(90*time.Second), Transaction{Age: 95 * time.Second, Locked: 3}, time.Second)
			},
			near: func(_ int, a, _, _ *Node) { // a reader keeps no locks
				opens(a, asleep(90*time.Second), Transaction{Age: 95 * time.Second}, time.Second)
			},
		},
		{
			rule: "idle-transaction", title: "Thread 42 on db1 has slept for 4s inside a transaction", level: LevelWarning,
			bad: func(_ int, a, _, _ *Node) {
				a.Sample.Status.RowLockWaits = N(1)
				opens(a, asleep(4*time.Second), Transaction{Age: 5 * time.Second, Modified: 1}, time.Second)
			},
			near: func(_ int, a, _, _ *Node) { // nobody waits
				opens(a, asleep(4*time.Second), Transaction{Age: 5 * time.Second, Modified: 1}, time.Second)
			},
		},
		{
			rule: "idle-transaction", title: "Thread 42 on db1 has slept for 4s", level: LevelWarning,
			bad: func(_ int, a, _, _ *Node) {
				a.Sample.Status.RowLockWaits = N(1)
				opens(a, asleep(4*time.Second), Transaction{Age: 90 * time.Second, Locked: 1}, 2*time.Second)
			},
			near: func(_ int, a, _, _ *Node) { // the thread did something after the list was read
				a.Sample.Status.RowLockWaits = N(1)
				opens(a, asleep(4*time.Second), Transaction{Age: 90 * time.Second, Locked: 1}, 8*time.Second)
			},
		},
		{
			rule: "huge-transaction", title: "Thread 42 on db1 has changed 250000 rows and has not committed", level: LevelWarning,
			bad: func(_ int, a, _, _ *Node) {
				opens(a, working, Transaction{Age: 30 * time.Second, Modified: 250_000}, time.Second)
			},
			near: func(_ int, a, _, _ *Node) {
				opens(a, working, Transaction{Age: 30 * time.Second, Modified: 250_000, State: "ROLLING BACK"}, time.Second)
			},
		},
		{
			rule: "long-transaction", title: "A transaction of thread 42 on db1 has been at work for 11m0s", level: LevelNotice,
			bad: func(_ int, a, _, _ *Node) {
				opens(a, working, Transaction{Age: 11 * time.Minute}, time.Second)
			},
			near: func(_ int, a, _, _ *Node) {
				opens(a, working, Transaction{Age: 9 * time.Minute}, time.Second)
			},
		},
	})
}

func TestLatencyIsReadAsGaleraPrintsIt(t *testing.T) {
	l, ok := ParseLatency("0.000416226/0.000431326/0.000446425/1.50995e-05/2")
	if !ok || l.Avg != 0.000431326 || l.StdDev != 1.50995e-05 || l.Samples != 2 {
		t.Errorf("%+v %v", l, ok)
	}
	for _, text := range []string{"", "1/2/3/4", "1/2/3/4/x", "1/2/3/4/5/6"} {
		if _, ok := ParseLatency(text); ok {
			t.Errorf("%q is read", text)
		}
	}
}

func TestTheTableThatAStatementWrites(t *testing.T) {
	for query, want := range map[string]string{
		"UPDATE shop.stock SET n=1": "shop.stock", "insert ignore into `shop`.`orders`(a) values (1)": "shop.orders",
		"DELETE LOW_PRIORITY FROM log WHERE a": "log", "SELECT 1": "", "UPDATE": "", "": "", "/* x */ UPDATE t SET a=1": "",
	} {
		if got := written(query); got != want {
			t.Errorf("%q writes %q, not %q", query, got, want)
		}
	}
}
