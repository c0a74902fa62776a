package recovery

import (
	"slices"
	"testing"
	"time"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// survivor is a cluster of three of which two crashed at once: db1 answers and is
// not Primary.
func survivor() town {
	t := newTown(3)
	t.alone(1)
	t.gone(2, 3)
	t.crashed(2, 998)
	t.crashed(3, 1000)
	return t
}

// parted is a cluster of three that all answer and see nobody.
func parted() town {
	t := newTown(3)
	t.alone(1, 2, 3)
	t.status(2, "wsrep_last_committed", "1004")
	return t
}

func TestALostQuorum(t *testing.T) {
	both := []string{"db2 is dead", "db3 is dead"}
	for _, c := range []struct {
		name   string
		world  town
		change func(t town)
		begins string
		words  []string
	}{
		{"all answer", parted(), func(town) {}, "no-primary act make-primary db2: Make db2 and whoever sees it", []string{"two would be a split brain", "db1 says non-Primary, Initialized, seqno 1000"}},
		{"equal ones: the one that sees most", parted(), func(t town) {
			t.status(2, "wsrep_last_committed", "1000")
			t.status(3, "wsrep_cluster_size", "2")
		}, "no-primary act make-primary db3", nil},
		{"one still applies", parted(), func(t town) { t.status(3, "wsrep_local_recv_queue", "12") }, "no-primary watch: Waiting for db3 to apply what it has: 12 write-sets", nil},
		{"the membership moves", parted(), func(t town) { t.status(3, "wsrep_evs_state", "GATHER") }, "no-primary watch: Waiting for the membership to settle", []string{"GATHER"}},
		{"the table of members is awaited", parted(), func(t town) { t.node(2).Sample.Slow.Members = nil }, "no-primary watch: Waiting for the table of members of db2", nil},
		{"an arbitrator was a member", parted(), func(t town) {
			t.node(2).Sample.Slow.Members = &model.Members{Rows: []model.Member{{Name: "garb"}}}
		}, "no-primary ask words the arbitrator is dead", nil},
		{"histories differ", parted(), func(t town) { t.status(3, "wsrep_cluster_state_uuid", foreign) }, "no-primary refused make-primary db2: Refused", []string{"all nodes share one history", foreign}},
		{"one is joining somewhere", parted(), func(t town) { t.status(3, "wsrep_cluster_conf_id", "9", "wsrep_local_state", "1") }, "no-primary refused make-primary db2", []string{"db3 is joining one that is not visible here"}},
		{"read-only", parted(), func(t town) { t.Session.ReadOnly = true }, "no-primary refused", []string{"read-only"}},
		{"the silent are looked at first", survivor(), func(t town) { clear(t.Readings) }, "no-primary ask read: Read the hosts of db2 and db3", []string{"Primary somewhere else"}},
		{"a position is recovered", survivor(), func(t town) { t.Readings["db2:3306"].Recovered = nil }, "no-primary ask position: Recover the position of db2", nil},
		{"the silent are never declared dead by themselves", survivor(), func(town) {}, "no-primary ask words db2 is dead: Before: Make db1", []string{"unreachable means unknown", "split brain", "the server is stopped, position " + history + ":998"}},
		{"one was declared", survivor(), func(t town) { t.says("db2 is dead") }, "no-primary ask words db3 is dead", nil},
		{"all were declared", survivor(), func(t town) { t.says(both...) }, "no-primary act make-primary db1", []string{"declared lost"}},
		{"one is ahead", survivor(), func(t town) { t.crashed(3, 1003) }, "no-primary ask words db3 is dead: db3 has writes that no node that answers has", []string{"write-sets 1001 to 1003", "start its server by hand", "as after a full crash"}},
		{"one is ahead and is given up", survivor(), func(t town) { t.crashed(3, 1003); t.says(both...) }, "no-primary act make-primary db1", []string{"whatever db3 committed"}},
		{"one runs and does not answer", survivor(), func(t town) { t.running(2); t.says(both...) }, "no-primary watch: Waiting for db2: its server runs", []string{"It may be Primary", "instead no-primary"}},
		{"a host cannot be read", survivor(), func(t town) { t.unreadable(2) }, "no-primary ask words db2 is dead", []string{"db2 host cannot be read"}},
		{"no way to the hosts", survivor(), func(t town) { t.Hosts = nil; clear(t.Readings) }, "no-primary ask words db2 is dead", nil},
		{"one does not let us in", survivor(), func(t town) { t.node(2).Failure.Kind = model.FailAccess; t.says(both...) }, "locked-out refused: db2 runs", nil},
	} {
		c.change(c.world)
		expect(t, c.name, c.world.next(), c.begins, c.words...)
	}
}

func TestProductionIsConfirmedByTheNameOfTheCluster(t *testing.T) {
	w := parted()
	if m := w.next(); m.Plan.Level != actions.LevelCluster || m.Plan.Word != "shop" {
		t.Errorf("%+v", m.Plan)
	}
	w = survivor()
	w.Readings["db2:3306"].Recovered = nil
	if m := w.next(); !slices.Equal(m.Question.Answers, []string{"y"}) {
		t.Errorf("%+v", m.Question)
	}
	w.Session.Production = true
	if m := w.next(); !slices.Equal(m.Question.Answers, []string{"shop"}) {
		t.Errorf("%+v", m.Question)
	}
	w.Session.ReadOnly = true
	expect(t, "read-only", w.next(), "no-primary refused: Refused: Recover the position of db2", "read-only")
}

func TestADeclarationEndsWithWhatItWasAbout(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(t town)
	}{
		{"the node has answered since", func(t town) { t.node(3).Since = noon.Add(-500 * time.Millisecond) }},
		{"it was long ago", func(t town) { t.Choices.Words["db3 is dead"] = noon.Add(-2 * time.Hour) }},
	} {
		w := fallen()
		w.unreadable(3)
		w.Readings["db3:3306"].At = noon
		w.says("db3 is dead")
		expect(t, "before", w.next(), "full-crash act mark-safe db2")
		c.change(w)
		expect(t, c.name, w.next(), "full-crash ask words db3 is dead")
	}
}
