package actions

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/galeratop/galeratop/model"
)

// say is a plan as text, for comparing parts of it.
func say(p *Plan) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nlevel %d, word %q\nrefused: %s\n", p.Title, p.Level, p.Word, p.Refuse())
	for _, s := range p.Steps {
		fmt.Fprintf(&b, "%s: %s (%s)\n", s.Name, s.Text, s.About)
	}
	for _, e := range p.Excluded {
		fmt.Fprintf(&b, "without %s: %s\n", e.What, e.Reason)
	}
	for _, e := range p.Effects {
		fmt.Fprintf(&b, "effect: %s\n", e)
	}
	for _, u := range p.Unknowns {
		fmt.Fprintf(&b, "unknown: %s\n", u)
	}
	return b.String()
}

func TestAPlanToKillSaysWhatItWillDo(t *testing.T) {
	for name, c := range map[string]struct {
		make    func(w world) []model.ThreadKey
		kind    KillKind
		session Session
		want    []string
		not     string
	}{
		"one query on MariaDB is named by its query id": {
			make: func(w world) []model.ThreadKey {
				return []model.ThreadKey{w.thread(1, model.Process{ID: 7, QueryID: model.N(99)})}
			},
			want: []string{"Kill the query of thread 7 on db1\nlevel 1", "db1: KILL QUERY ID 99 (app@10.0.0.9:4711, SELECT for 5s)", "ends with error 1317"},
			not:  "secret",
		},
		"MySQL has no query ids, and says so": {
			make: func(w world) []model.ThreadKey {
				w.on(1).Server.Flavour = model.FlavourPXC
				return []model.ThreadKey{w.thread(1, model.Process{ID: 7})}
			},
			want: []string{"db1: KILL QUERY 7", "unknown: this server has no query ids"},
		},
		"production asks for the node's name": {
			make: func(w world) []model.ThreadKey {
				return []model.ThreadKey{w.thread(1, model.Process{ID: 7, QueryID: model.N(99)})}
			},
			session: Session{Production: true},
			want:    []string{`level 2, word "db1"`},
		},
		"many on one node ask for its name": {
			make: func(w world) []model.ThreadKey {
				return []model.ThreadKey{w.thread(2, model.Process{ID: 7}), w.thread(2, model.Process{ID: 8})}
			},
			want: []string{"Kill 2 queries on db2", `level 2, word "db2"`, "2 statements end"},
		},
		"many on several nodes ask for the cluster's name": {
			make: func(w world) []model.ThreadKey {
				return []model.ThreadKey{w.thread(1, model.Process{ID: 7}), w.thread(2, model.Process{ID: 7})}
			},
			kind: KillConnection,
			want: []string{"Kill 2 connections on 2 nodes", `level 2, word "shop"`, "KILL CONNECTION 7"},
		},
		"many in production ask for the cluster's name": {
			make: func(w world) []model.ThreadKey {
				return []model.ThreadKey{w.thread(1, model.Process{ID: 7}), w.thread(1, model.Process{ID: 8})}
			},
			session: Session{Production: true, Cluster: "shop-prod"},
			want:    []string{`level 3, word "shop-prod"`},
		},
		"a thread chosen twice is killed once": {
			make: func(w world) []model.ThreadKey {
				k := w.thread(1, model.Process{ID: 7})
				return []model.ThreadKey{k, k}
			},
			want: []string{"Kill the query of thread 7"},
		},
		"protected threads are left out with the reason": {
			make: func(w world) []model.ThreadKey {
				w.on(1).Processes.Own = []uint64{5}
				return []model.ThreadKey{
					w.thread(1, model.Process{ID: 7}),
					w.thread(1, model.Process{ID: 2, User: model.SystemUser, Command: "Sleep"}),
					w.thread(1, model.Process{ID: 5}),
				}
			},
			kind: KillConnection,
			want: []string{"Kill the connection of thread 7", "without thread 2 on db1 (system user@): a system thread", "without thread 5 on db1 (app@10.0.0.9:4711): this console's own"},
		},
		"an ALTER is refused": {
			make: func(w world) []model.ThreadKey {
				return []model.ThreadKey{w.thread(1, model.Process{ID: 7, Command: "Query", Query: "ALTER TABLE t ADD b INT"})}
			},
			want: []string{"refused: thread 7 on db1 (app@10.0.0.9:4711): a statement in total order isolation"},
		},
		"an idle thread has no query": {
			make: func(w world) []model.ThreadKey {
				return []model.ThreadKey{w.thread(1, model.Process{ID: 7, Command: "Sleep"})}
			},
			want: []string{"refused: thread 7 on db1", "it is idle", "X ends the connection"},
		},
		"an idle connection can be ended": {
			make: func(w world) []model.ThreadKey {
				return []model.ThreadKey{w.thread(1, model.Process{ID: 7, Command: "Sleep", Time: time.Minute})}
			},
			kind: KillConnection,
			want: []string{"db1: KILL CONNECTION 7 (app@10.0.0.9:4711, idle for 1m0s)", "nothing to roll back"},
		},
		"a transaction that stays open is told": {
			make: func(w world) []model.ThreadKey {
				w.transaction(1, model.Transaction{Thread: 7, Age: time.Minute, Modified: 12345, Locked: 20000})
				return []model.ThreadKey{w.thread(1, model.Process{ID: 7})}
			},
			want: []string{"its transaction stays open and keeps its locks; X ends it (thread 7 on db1: open for 1m0s, 12,345 rows changed, 20,000 rows locked)"},
		},
		"a rollback is told with its size": {
			make: func(w world) []model.ThreadKey {
				w.transaction(1, model.Transaction{Thread: 7, Age: time.Minute, Modified: 12345})
				return []model.ThreadKey{w.thread(1, model.Process{ID: 7})}
			},
			kind: KillConnection,
			want: []string{"12,345 changed rows are rolled back, on db1 only", "at most 1m0s"},
		},
		"a node that is not ready is told to act all the same": {
			make: func(w world) []model.ThreadKey {
				w.on(3).Status.Ready = model.Off
				return []model.ThreadKey{w.thread(3, model.Process{ID: 7}), w.thread(3, model.Process{ID: 8})}
			},
			want: []string{"db3: SET SESSION wsrep_dirty_reads = ON (db3 is not ready", "Kill 2 queries on db3"},
		},
		"a node that does not answer is left out": {
			make: func(w world) []model.ThreadKey {
				w.Nodes[1].Link = model.LinkStale
				return []model.ThreadKey{w.thread(2, model.Process{ID: 7})}
			},
			want: []string{"db2 does not answer: unreachable means unknown"},
		},
		"an old reading of a node is left out": {
			make: func(w world) []model.ThreadKey {
				w.Nodes[1].Age = 4 * time.Second
				return []model.ThreadKey{w.thread(2, model.Process{ID: 7})}
			},
			want: []string{"refused:", "what is known of db2 is 4s old"},
		},
		"a thread that is gone": {
			make: func(world) []model.ThreadKey { return []model.ThreadKey{{Node: "db1", Thread: 77}} },
			want: []string{"refused: thread 77 on db1: it is gone"},
		},
		"nothing chosen": {
			make: func(world) []model.ThreadKey { return nil },
			want: []string{"refused: no thread was chosen"},
		},
		"a read-only console": {
			make: func(w world) []model.ThreadKey {
				return []model.ThreadKey{w.thread(1, model.Process{ID: 7})}
			},
			session: Session{ReadOnly: true},
			want:    []string{"refused: this console is read-only"},
		},
		"what cannot be read is unknown": {
			make: func(w world) []model.ThreadKey {
				w.on(1).Slow.Transactions = nil
				return []model.ThreadKey{w.thread(1, model.Process{ID: 7})}
			},
			kind: KillConnection,
			want: []string{"unknown: how many changed rows"},
			not:  "nothing to roll back",
		},
	} {
		w := newWorld()
		chosen := c.make(w)
		text := say(PlanKill(w.Snapshot, c.session, chosen, c.kind))
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is not in\n%s", name, want, text)
			}
		}
		if c.not != "" && strings.Contains(text, c.not) {
			t.Errorf("%s: %q is in\n%s", name, c.not, text)
		}
	}
}

func TestAChangedWorldTakesThreadsOutOfAPlan(t *testing.T) {
	for name, c := range map[string]struct {
		kind   KillKind
		query  model.Num // of the thread, when it is chosen
		change func(w world, p *model.Process)
		reason string // "" when it stays in
	}{
		"nothing changed":                    {query: model.N(9), change: func(world, *model.Process) {}},
		"a query without an id that goes on": {change: func(world, *model.Process) {}},
		"a procedure goes to its next query": {query: model.N(9), change: func(_ world, p *model.Process) { p.QueryID = model.N(10) }},
		"another statement runs":             {query: model.N(9), change: func(_ world, p *model.Process) { p.QueryID, p.Time = model.N(10), time.Millisecond }, reason: "runs another one now"},
		"the same text runs again":           {change: func(_ world, p *model.Process) { p.QueryID, p.Time = model.N(10), 500*time.Millisecond }, reason: "runs another one now"},
		"the statement ended":                {query: model.N(9), change: func(_ world, p *model.Process) { p.Command = "Sleep" }, reason: "idle"},
		"another client has the id":          {query: model.N(9), change: func(_ world, p *model.Process) { p.Host, p.Time = "10.0.0.9:4712", time.Millisecond }, reason: "another session"},
		"another client sleeps under the id": {kind: KillConnection, query: model.N(9), change: func(_ world, p *model.Process) {
			p.Host, p.Time, p.Command = "10.0.0.9:4712", time.Millisecond, "Sleep"
		}, reason: "another session"},
		"a procedure shows its definer": {query: model.N(9), change: func(_ world, p *model.Process) {
			p.User, p.Host, p.QueryID = "root", "localhost", model.N(10)
		}},
		"another account has the connection": {kind: KillConnection, change: func(_ world, p *model.Process) { p.User, p.Time = "root", time.Millisecond }, reason: "another session now: root@10.0.0.9:4711, not app@10.0.0.9:4711"},
		"a connection runs something else":   {kind: KillConnection, query: model.N(9), change: func(_ world, p *model.Process) { p.QueryID, p.Time = model.N(10), 0 }},
		"the thread begins to change tables": {kind: KillConnection, change: func(_ world, p *model.Process) { p.Query = "ALTER TABLE t ADD b INT" }, reason: "total order isolation"},
		"it is being killed":                 {kind: KillConnection, change: func(_ world, p *model.Process) { p.Command = "Killed" }, reason: "being killed already"},
		"the list is cut and lacks it":       {kind: KillConnection, change: func(w world, p *model.Process) { w.on(1).Processes.Left, p.ID = 3, 1000 }},
		"the list is complete and lacks it":  {kind: KillConnection, change: func(_ world, p *model.Process) { p.ID = 1000 }, reason: "it is gone"},
		"the node stops answering":           {kind: KillConnection, change: func(w world, _ *model.Process) { w.Nodes[0].Link = model.LinkStale }, reason: "does not answer"},
	} {
		w := newWorld()
		key := w.thread(1, model.Process{ID: 7, QueryID: c.query})
		p := PlanKill(w.Snapshot, Session{}, []model.ThreadKey{key}, c.kind)
		next := w.later(time.Second)
		c.change(next, &next.on(1).Processes.Rows[0])
		again := replanKill(next.Snapshot, Session{}, p, 0)
		if got := again.Refuse(); (got == "") != (c.reason == "") || !strings.Contains(got, c.reason) {
			t.Errorf("%s: %q, want %q", name, got, c.reason)
		}
	}
}

func TestServersOfWholeSecondsTellStatementsApartByTextAndTime(t *testing.T) {
	seen := model.Process{ID: 7, User: "a", Host: "h:1", Command: "Execute", Query: "SELECT 1", Time: 4 * time.Second}
	for name, c := range map[string]struct {
		query string
		time  time.Duration
		want  bool
	}{
		"it goes on":                        {"SELECT 1", 6 * time.Second, true},
		"its time is rounded down":          {"SELECT 1", 5 * time.Second, true},
		"another text":                      {"SELECT 2", 6 * time.Second, false},
		"the same text, but begun since":    {"SELECT 1", 0, false},
		"a glance had cut the text":         {"SELECT 1 FROM t", 6 * time.Second, true},
		"the row names no statement at all": {"", 6 * time.Second, false},
	} {
		now := seen
		now.Query, now.Time = c.query, c.time
		if got := sameStatement(&now, &seen, noon.Add(2*time.Second), noon); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestThePlanOfAKillCarriesNoTextOfStatements(t *testing.T) {
	w := newWorld()
	key := w.thread(1, model.Process{ID: 7, Command: "Query", Query: "SET PASSWORD = 'hunter2'"})
	other := w.thread(1, model.Process{ID: 8, Command: "Query", Query: "hunter2()"})
	p := PlanKill(w.Snapshot, Session{}, []model.ThreadKey{key, other}, KillConnection)
	text, err := json.Marshal(planned(p, 1))
	if err != nil || strings.Contains(string(text), "hunter2") || strings.Contains(say(p), "hunter2") {
		t.Errorf("%v: %s\n%s", err, text, say(p))
	}
}
