package model

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// quorate is a group of servers, followed second by second, with arbitrators that
// come and go.
type quorate struct {
	d       *Diagnosis
	now     time.Time
	servers []string
	garbs   int
	seqno   int64
	conf    int64
}

func newQuorate(garbs int, servers ...string) *quorate {
	return &quorate{d: newDiagnosis(groupRules), now: noon, servers: servers, garbs: garbs, seqno: 100, conf: 7}
}

// pass lets seconds go by in which so many write-sets are committed each.
func (q *quorate) pass(seconds int, writes int64) *Snapshot {
	var s *Snapshot
	for range seconds {
		q.now = q.now.Add(time.Second)
		q.seqno += writes
		s = q.look(func(name string) *Node {
			n := in(answering(name, Primary, StateSynced, slices.Concat(q.servers, make([]string, q.garbs))...), "u1", q.seqno)
			n.Sample.Status.ConfID, n.Sample.At = N(q.conf), q.now
			return n
		})
	}
	return s
}

func (q *quorate) look(face func(string) *Node) *Snapshot {
	s := &Snapshot{At: q.now}
	for _, name := range q.servers {
		s.Nodes = append(s.Nodes, face(name))
	}
	list(s)
	s.Complete()
	q.d.Next(s)
	return s
}

// view changes the number of arbitrators; a view takes a seqno of its own.
func (q *quorate) view(garbs int) {
	q.garbs = garbs
	q.conf++
	q.seqno++
}

func onlyRule(s *Snapshot, rule string) *Finding {
	if i := slices.IndexFunc(s.Findings, func(f Finding) bool { return f.Rule == rule }); i >= 0 {
		return &s.Findings[i]
	}
	return nil
}

func TestAnArbitratorThatGoesIsMissedUntilItReturns(t *testing.T) {
	even, odd := []string{"db1", "db2", "db3", "db4"}, []string{"db1", "db2", "db3"}
	for name, tt := range map[string]struct {
		servers           []string
		before, after     int
		writes            int64 // a second
		still             int   // seconds without commits before the view changes
		late              int64 // committed in the last second before it
		level             Level
		title, proof, not string
	}{
		"lost under load, an even rest": {
			even, 1, 0, 50, 6, 0, LevelWarning,
			"The arbitrator is lost: a network cut in half would now stop all writes on both sides", "commits stood still", "",
		},
		"lost under load, and what was under way is delivered": {
			even, 1, 0, 50, 5, 2, LevelWarning,
			"The arbitrator is lost: a network cut in half would now stop all writes on both sides", "commits stood still", "",
		},
		"lost under load, an odd rest": {
			odd, 1, 0, 50, 6, 0, LevelNotice, "The arbitrator is lost: the 3 members left cannot be cut into equal halves", "commits stood still", "",
		},
		"stopped under load": {
			even, 1, 0, 50, 1, 50, LevelNotice,
			"The arbitrator has left: a network cut in half would now stop all writes on both sides", "wsrep_incoming_addresses", "commits stood still",
		},
		"gone while nothing is written": {
			even, 1, 0, 0, 6, 0, LevelNotice,
			"The arbitrator has left: a network cut in half would now stop all writes on both sides", "wsrep_cluster_size", "commits stood still",
		},
		"one of two": {
			even, 2, 1, 50, 6, 0, LevelNotice, "1 of 2 arbitrators is lost: the 5 members left cannot be cut into equal halves", "commits stood still", "",
		},
		"two of two": {
			even, 2, 0, 50, 6, 0, LevelWarning, "2 arbitrators are lost: a network cut in half would now stop all writes on both sides", "commits stood still", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			q := newQuorate(tt.before, tt.servers...)
			if s := q.pass(10, tt.writes); onlyRule(s, "arbitrator-gone") != nil {
				t.Fatalf("said while it is there: %s", ids(s))
			}
			q.pass(tt.still, 0)
			if tt.late > 0 {
				q.pass(1, tt.late)
			}
			q.view(tt.after)
			f := onlyRule(q.pass(5, tt.writes), "arbitrator-gone")
			if f == nil || f.Level != tt.level || f.Title != tt.title {
				t.Fatalf("said %+v", f)
			}
			proves := func(variable string) bool {
				return slices.ContainsFunc(f.Evidence, func(e Evidence) bool { return e.Variable == variable })
			}
			if !proves(tt.proof) || proves(tt.not) {
				t.Errorf("proved by %v", f.Evidence)
			}
			q.view(tt.before)
			if s := q.pass(3, tt.writes); onlyRule(s, "arbitrator-gone") != nil {
				t.Errorf("said though it is back: %s", ids(s))
			}
		})
	}
}

// A joiner without an address in the view, or one that a single look takes for
// an arbitrator, is none.
func TestWhatWasAMomentaryMemberIsNotMissed(t *testing.T) {
	q := newQuorate(0, "db1", "db2", "db3")
	q.pass(10, 50)
	q.view(1)
	q.pass(2, 50)
	q.view(0)
	if s := q.pass(10, 50); onlyRule(s, "arbitrator-gone") != nil {
		t.Errorf("said %s", ids(s))
	}
}

// While a server joins, nobody can tell an arbitrator from it by counting.
func TestAnArbitratorIsNotMissedBesideAJoiner(t *testing.T) {
	q := newQuorate(1, "db1", "db2", "db3")
	q.pass(10, 50)
	for range 10 {
		q.now = q.now.Add(time.Second)
		s := q.look(func(name string) *Node {
			n := synced(name, "db1", "db2", "db3", "")
			if name == "db3" {
				n = joinerOf(name, "db1", "db2", "db3", "")
			}
			n.Sample.At = q.now
			return n
		})
		if onlyRule(s, "arbitrator-gone") != nil {
			t.Fatalf("said %s", ids(s))
		}
	}
}

func TestNobodyAnswersWarnsOfAnArbitratorThatWasLastSeen(t *testing.T) {
	down := func(name string) *Node { return failing(name, LinkDown, FailRefused, 0) }
	for _, tt := range []struct {
		garbs int
		title string
	}{
		{0, "No answer from db1 and db2: the state of the cluster is unknown"},
		{1, "No answer from db1 and db2: the state of the cluster is unknown, and an arbitrator may be left alone"},
	} {
		q := newQuorate(tt.garbs, "db1", "db2")
		q.pass(10, 0)
		var s *Snapshot
		for range 3 {
			q.now = q.now.Add(time.Second)
			s = q.look(down)
		}
		f := onlyRule(s, "nobody-answers")
		if f == nil || f.Title != tt.title || s.Headline.Text != tt.title {
			t.Fatalf("said %+v", f)
		}
		told := slices.IndexFunc(f.Do, func(step string) bool { return strings.Contains(step, "Stop garbd") })
		boot := slices.IndexFunc(f.Do, func(step string) bool { return strings.Contains(step, "bootstrap that one") })
		if (told >= 0) != (tt.garbs > 0) || told > boot {
			t.Errorf("with %d arbitrators: %q", tt.garbs, f.Do)
		}
	}
}
