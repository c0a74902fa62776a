package actions

import (
	"strings"
	"testing"
	"time"

	"github.com/galeratop/galeratop/model"
)

// quorumLost is a group of which one node is left, without quorum.
func quorumLost() world {
	w := group(model.FlavourMariaDB)
	w.split()
	for _, n := range []int{2, 3} {
		w.silence(n)
		w.Nodes[n-1].Failure = &model.Failure{Kind: model.FailRefused, Since: noon.Add(-40 * time.Second)}
	}
	w.Complete()
	return w
}

func TestSilentMembersAreDeclaredDeadOneByOne(t *testing.T) {
	w := quorumLost()
	w.status(3, "wsrep_last_committed", "1002")
	p := w.planned(Session{Cluster: "shop"}, "make-primary", "")
	if got := p.Refuse(); got != "every known member answers: db2 and db3 do not and may still be Primary: unreachable means unknown" {
		t.Error(got)
	}
	open := p.Waivers()
	if len(open) != 2 || open[0].Words != "db2 is dead" || open[1].Words != "db3 is dead" ||
		!strings.Contains(open[0].Risk, "db2 may be Primary somewhere, and this makes a split brain: both sides take writes, and those of one side are lost; it has not answered for 40s (refused)") ||
		!strings.Contains(open[1].Risk, "it was ahead, at seqno 1002 against 1000: what only it has is lost") {
		t.Fatalf("%+v", open)
	}
	for _, words := range []string{"", "db2", "db2 is DEAD", "db1 is dead", "db4 is dead"} {
		if _, err := Declare(w.Snapshot, Session{}, p, words); err == nil {
			t.Errorf("%q is taken", words)
		}
	}
	p, err := Declare(w.Snapshot, Session{Cluster: "shop"}, p, " db3 is dead ")
	if err != nil || p.Refuse() == "" || len(p.Waivers()) != 1 {
		t.Fatalf("%v, %s", err, say(p))
	}
	p, err = Declare(w.Snapshot, Session{Cluster: "shop"}, p, "db2 is dead")
	if err != nil || p.Refuse() != "" || p.Waivers() != nil || p.Level != LevelCluster || len(p.Steps) != 1 || len(p.Declared) != 2 {
		t.Fatalf("%v, %s", err, say(p))
	}
	for _, c := range planned(p, 1).Checks {
		if len(c.Waivers) > 0 && (c.Verdict != "waived" || !c.Waivers[0].Typed || c.Waivers[0].Words != "db2 is dead") {
			t.Errorf("the audit log has %+v", c)
		}
	}
}

func TestADeclarationThatTurnsOutWrongRefuses(t *testing.T) {
	w := quorumLost()
	p, err := Declare(w.Snapshot, Session{}, w.planned(Session{}, "make-primary", ""), "db2 is dead", "db3 is dead")
	if err != nil || p.Refuse() != "" {
		t.Fatalf("%v %s", err, say(p))
	}
	next := w.later(time.Second)
	next.Nodes[2].Link = model.LinkUp
	next.Complete()
	if got := Replan(next.Snapshot, Session{}, p).Refuse(); got != "nobody answers who was declared dead: db3 answers, it is non-Primary, Initialized" {
		t.Error(got)
	}
}

func TestNoWordsOverrideWhatIsSeenToBeWrong(t *testing.T) {
	w := quorumLost()
	w.status(1, "wsrep_cluster_status", "Primary")
	p := w.planned(Session{}, "make-primary", "")
	if p.Refuse() == "" || p.Waivers() != nil {
		t.Errorf("%+v", p.Waivers())
	}
	w = quorumLost()
	if p := w.planned(Session{ReadOnly: true}, "make-primary", ""); p.Waivers() != nil {
		t.Errorf("read-only: %+v", p.Waivers())
	}
	if p := group(model.FlavourMariaDB).planned(Session{}, "desync", ""); p.Waivers() != nil {
		t.Errorf("nothing is to be overridden: %+v", p.Waivers())
	}
}

func TestAMemberThatIsNotOnTheScreenIsDeclaredDeadToo(t *testing.T) {
	w := group(model.FlavourMariaDB)
	w.split()
	table := &w.on(1).Slow.Members.Rows
	*table = append(*table, model.Member{Name: "garb"}, model.Member{Name: "db4", Address: "db4:3306"})
	p := w.planned(Session{}, "make-primary", "")
	p, err := Declare(w.Snapshot, Session{}, p, "the arbitrator is dead", "db4 at db4:3306 is dead")
	if err != nil || p.Refuse() != "" {
		t.Errorf("%v %s", err, say(p))
	}
	w.on(1).Slow.Members = &model.Members{Reading: model.Reading{Error: "the account lacks SELECT"}}
	p, err = Declare(w.Snapshot, Session{}, w.planned(Session{}, "make-primary", ""), "all members are on the screen")
	if err != nil || p.Refuse() != "" {
		t.Errorf("%v %s", err, say(p))
	}
}

func TestAnArbitratorInTheSameComponentIsNotElsewhere(t *testing.T) {
	w := group(model.FlavourMariaDB)
	w.split()
	table := &w.on(1).Slow.Members.Rows
	*table = append(*table, model.Member{Name: "garb"})
	w.status(1, "wsrep_cluster_size", "2", "wsrep_incoming_addresses", "db1:3306,")
	if p := w.planned(Session{}, "make-primary", ""); p.Refuse() != "" {
		t.Errorf("%s", say(p))
	}
}
