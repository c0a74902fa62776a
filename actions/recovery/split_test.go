package recovery

import (
	"slices"
	"testing"

	"github.com/galeratop/galeratop/model"
)

// split is a split brain: db1 and db2 against db3, which wrote less.
func split() town {
	t := newTown(3)
	t.view(1, 2)
	t.view(3)
	t.status(1, "wsrep_last_committed", "1200")
	t.status(3, "wsrep_last_committed", "1100", "Threads_connected", "2")
	for i := range 3 {
		t.read(i+1, -1).State.Server.Value.Running = true
	}
	t.found("split-brain", "")
	return t
}

// founded is an accidental bootstrap of db3.
func founded() town {
	t := split()
	t.Snapshot.Findings = nil
	t.found("founded-alone", "db3:3306")
	return t
}

// given is the split brain after db3's server was stopped.
func given() town {
	t := split()
	t.Snapshot.Findings = nil
	t.gone(3)
	t.read(3, 1100)
	t.Choices.Keep, t.Choices.Losers = "db1:3306", []string{"db3:3306"}
	return t
}

func TestASplitBrain(t *testing.T) {
	for _, c := range []struct {
		name   string
		world  town
		change func(t town)
		begins string
		words  []string
	}{
		{"seen once only", split(), func(t town) { t.Snapshot.Findings = nil }, "split-brain watch: Several Primary Components are seen: looking again", nil},
		{"a person chooses", split(), func(town) {}, "split-brain ask side: Which side is kept?", []string{"by SST", "no figure here says how much", "load balancer"}},
		{"the other side is stopped", split(), func(t town) { t.Choices.Keep, t.Choices.Losers = "db2:3306", []string{"db3:3306"} }, "split-brain act service-stop db3: Stop the server of db3, whose side is given up", []string{"its data stays where it is"}},
		{"the larger side may be given up", split(), func(t town) { t.Choices.Keep, t.Choices.Losers = "db3:3306", []string{"db1:3306", "db2:3306"} }, "split-brain act service-stop db1", nil},
		{"a choice of another split brain is none", split(), func(t town) { t.Choices.Keep, t.Choices.Losers = "db1:3306", []string{"db2:3306"} }, "split-brain ask side", nil},
		{"no way to the hosts", split(), func(t town) {
			t.Choices.Keep, t.Choices.Losers, t.Hosts = "db1:3306", []string{"db3:3306"}, nil
		}, "split-brain watch: Stop the server of db3", []string{"db3: systemctl stop mariadb", "before its grastate.dat is gone"}},
		{"two clusters that never were one", split(), func(t town) { t.Snapshot.Findings = nil; t.found("two-clusters", "") }, "two-clusters refused: two-clusters was found", nil},
		{"the newcomer is stopped", founded(), func(town) {}, "founded-alone act service-stop db3: Stop the server of db3", []string{"founded-alone was found", "SST only"}},
		{"the newcomer may be kept", founded(), func(t town) { t.Choices.Keep, t.Choices.Losers = "db3:3306", []string{"db1:3306", "db2:3306"} }, "split-brain act service-stop db1", nil},
		{"the copy is asked for", given(), func(town) {}, "apart ask copy: Keep a copy of the data of db3 first?", []string{"silently keep the rows that differ"}},
		{"never by IST", given(), func(t town) { t.Choices.Copy = map[string]bool{"db3:3306": false} }, "apart act force-sst db3: Let db3 come back by SST", []string{"no copy is kept", "cannot get IST"}},
		{"never by IST, with a copy", given(), func(t town) { t.Choices.Copy = map[string]bool{"db3:3306": true} }, "apart act force-sst-copy db3: Keep a copy", []string{"the copy keeps it"}},
		{"another console knows by what was last seen", given(), func(t town) { t.Choices = Choices{} }, "apart ask copy", []string{"when it was last seen it was Primary without db1 and db2"}},
		{"it is started when it cannot get IST", given(), func(t town) { t.Readings["db3:3306"].State.Grastate.Value = nil }, "stopped act start db3: Start db3, which comes back by SST", nil},
		{"what founded it is mended first", given(), func(t town) {
			t.Readings["db3:3306"].State.Grastate.Value = nil
			t.Readings["db3:3306"].State.Founds.Value = "wsrep_cluster_address in the option files is an empty gcomm://"
		}, "stopped refused: Starting db3 would found a second cluster", []string{"configuration management"}},
		{"by hand", given(), func(t town) { t.Hosts = nil }, "apart watch: Bring db3 back by SST, by hand", []string{"rm /var/lib/mysql/grastate.dat", "cp -a"}},
	} {
		c.change(c.world)
		expect(t, c.name, c.world.next(), c.begins, c.words...)
	}
}

func TestSidesAreShownSideBySide(t *testing.T) {
	m := split().next()
	if len(m.Sides) != 2 {
		t.Fatalf("%+v", m.Sides)
	}
	a, b := m.Sides[0], m.Sides[1]
	if a.Names != "db1 and db2" || a.Seqno != model.N(1200) || a.Clients != model.N(24) || a.History != history ||
		b.Names != "db3" || b.Seqno != model.N(1100) || b.Clients != model.N(2) {
		t.Errorf("%+v", m.Sides)
	}
	if !slices.Equal(m.Question.Answers, []string{"db1", "db2", "db3"}) {
		t.Errorf("%+v", m.Question)
	}
}
