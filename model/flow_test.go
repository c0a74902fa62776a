package model

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// queue makes points a second apart out of pairs of queue and seqno.
func queue(pairs ...int64) []QueuePoint {
	var out []QueuePoint
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, QueuePoint{At: midday.Add(time.Duration(i/2) * time.Second), Queue: pairs[i], Applied: pairs[i+1]})
	}
	return out
}

func TestATrendSaysWhenTheQueueWillBeEmpty(t *testing.T) {
	for name, c := range map[string]struct {
		points          []QueuePoint
		growth, applied Real
		frozen          time.Duration
		words           string
	}{
		"nothing known":     {nil, Real{}, Real{}, 0, ""},
		"one point":         {queue(5, 10), Real{}, Real{}, 0, ""},
		"empty":             {queue(0, 10, 0, 20), R(0), R(10), 0, "empty"},
		"shrinking":         {queue(100, 10, 90, 40, 80, 70), R(-10), R(30), 0, "empty in 8s"},
		"shrinking slowly":  {queue(1000, 10, 985, 40), R(-15), R(30), 0, "empty in 1m6s"},
		"hardly at all":     {queue(40_000_000, 1, 39_999_999, 2), R(-1), R(1), 0, "neither grows nor shrinks"},
		"growing":           {queue(10, 10, 30, 20), R(20), R(10), 0, "never empty at these rates"},
		"neither":           {queue(10, 10, 10, 20), R(0), R(10), 0, "neither grows nor shrinks"},
		"hovering":          {queue(100, 10, 101, 20), R(1), R(10), 0, "neither grows nor shrinks"},
		"hardly shrinking":  {queue(101, 10, 100, 20), R(-1), R(10), 0, "neither grows nor shrinks"},
		"frozen":            {queue(0, 10, 5, 10, 7, 10, 9, 10), R(3), R(0), 2 * time.Second, "never empty at these rates"},
		"idle is not froze": {queue(0, 10, 0, 10, 0, 10), R(0), R(0), 0, "empty"},
		"another history":   {queue(900, 5000, 15, 5, 8, 9), R(-7), R(4), 0, "empty in 2s"},
	} {
		got := trendOf(c.points)
		if got.Growth != c.growth || got.Applied != c.applied || got.Frozen != c.frozen || got.Words() != c.words {
			t.Errorf("%s: %+v %q", name, got, got.Words())
		}
	}
}

func TestTheLimitOfAQueueGrowsWithTheRootOfTheMembers(t *testing.T) {
	node := func(members int64, options, interval string) *Node {
		n := answering("a", Primary, StateSynced, "a")
		n.Sample.Status.ClusterSize, n.Sample.Status.FCInterval = N(members), interval
		n.Sample.Slow.Variables = &Variables{Values: map[string]string{"wsrep_provider_options": options}}
		return n
	}
	for _, c := range []struct {
		n    *Node
		want Real
	}{
		{node(3, "gcs.fc_limit = 16", ""), R(28)}, // seen on a real server
		{node(1, "gcs.fc_limit = 16", ""), R(16)},
		{node(4, "gcs.fc_limit = 100; gcs.fc_single_primary = no", ""), R(200)},
		{node(4, "gcs.fc_limit = 100; gcs.fc_single_primary = yes", ""), R(100)},
		{node(4, "gcs.fc_limit = 100; gcs.fc_master_slave = yes", ""), R(100)},
		{node(3, "gcs.fc_limit = 100", "[ 141, 173 ]"), R(173)},
		{node(3, "", ""), Real{}},
		{answering("a", Primary, StateSynced, "a"), Real{}},
	} {
		if got := queueLimit(c.n); got != c.want {
			t.Errorf("%v, not %v", got, c.want)
		}
	}
}

func TestFlowControlOfASnapshotNamesTheBrakeFirst(t *testing.T) {
	nodes := calm(0)
	brakes(0.5, 3, nodes...)
	nodes[1].Sample.Status.RecvQueue = N(40)
	s := &Snapshot{Nodes: nodes}
	s.Complete()
	if f := s.Flow; f.Paused != R(0.5) || len(f.Nodes) != 3 || f.Nodes[0].ID != "db3:3306" || f.Nodes[0].Brake != BrakeAsks ||
		f.Nodes[1].ID != "db2:3306" || f.Nodes[1].Brake != BrakeQueue || f.Nodes[2].Brake != "" || len(f.Brakes()) != 2 {
		t.Errorf("%+v", s.Flow)
	}
	data, err := json.Marshal(s)
	if err != nil || !strings.Contains(string(data), `"paused_share":0.5`) {
		t.Errorf("%s %v", data, err)
	}
	outside := &Snapshot{Nodes: []*Node{answering("a", NonPrimary, StateInitialized, "a")}}
	outside.Complete()
	if outside.Flow != nil || outside.Flow.Brakes() != nil {
		t.Errorf("outside of a Primary Component: %+v", outside.Flow)
	}
}

func TestTheLikelyHolderOfALock(t *testing.T) {
	waiter := Process{ID: 1, User: "app", Command: "Query", State: "Waiting for table metadata lock", Query: "UPDATE t SET a=1", Time: 20 * time.Second}
	sleeper := func(id uint64, slept time.Duration) Process {
		return Process{ID: id, User: "app", Command: "Sleep", Time: slept * time.Second}
	}
	for name, c := range map[string]struct {
		rows []Process
		trx  uint64
		want uint64
	}{
		"nobody":                           {[]Process{waiter}, 0, 0},
		"too many asleep":                  {[]Process{waiter, sleeper(5, 25), sleeper(6, 30), sleeper(7, 35), sleeper(8, 40)}, 0, 0},
		"asleep too short":                 {[]Process{waiter, sleeper(5, 3)}, 0, 0},
		"asleep since just before":         {[]Process{waiter, sleeper(5, 25), sleeper(6, 900)}, 0, 5},
		"this console, asleep since then":  {[]Process{waiter, sleeper(99, 22), sleeper(6, 900)}, 0, 6},
		"inside a transaction":             {[]Process{waiter, sleeper(5, 25), sleeper(6, 900)}, 6, 6},
		"a statement that locks":           {[]Process{waiter, sleeper(5, 25), {ID: 7, User: "b", Command: "Query", Query: "/* nightly */ flush tables with read lock", Time: 21 * time.Second}}, 0, 7},
		"one that waits itself holds none": {[]Process{waiter, {ID: 7, User: "b", Command: "Query", Query: "FLUSH TABLES", State: "Waiting for table flush"}}, 0, 0},
	} {
		n := answering("a", Primary, StateSynced, "a")
		n.Sample.Processes.Rows, n.Sample.Processes.Own = c.rows, []uint64{99}
		if c.trx != 0 {
			n.Sample.Slow.Transactions = &Transactions{Rows: []Transaction{{Thread: c.trx}}}
		}
		var got uint64
		if p := lockHolder(n); p != nil {
			got = p.ID
		}
		if got != c.want {
			t.Errorf("%s: %d, not %d", name, got, c.want)
		}
	}
}

func TestStatementsAreKnownByTheirBeginning(t *testing.T) {
	for query, want := range map[string]bool{
		"ALTER TABLE t": true, "alter table t": true, "  /* x */ /* y */ ALTER TABLE t": true, "ALTERED": false,
		"/* ALTER TABLE t": false, "SELECT 1": false, "": false, "/*!40000 ALTER TABLE t */": false,
	} {
		if begins(query, ddlVerbs) != want {
			t.Errorf("%q", query)
		}
	}
}
