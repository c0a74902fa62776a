package actions

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/galeratop/galeratop/model"
)

// refusals are what each action is refused for, and with which words.
var refusals = []struct {
	id, value string
	change    func(w world)
	reason    string
}{
	{"desync", "", func(w world) { w.silence(1) }, "db1 answers: it does not: unreachable means unknown"},
	{"desync", "", func(w world) { w.Nodes[0].Age = 9 * time.Second }, "db1 answers: what is known of it is 9s old"},
	{"desync", "", func(w world) { w.on(1).Slow.Variables = nil }, "the present wsrep_desync is known: the settings of db1 have not been read yet"},
	{"desync", "", func(w world) { w.set(1, "wsrep_desync", "ON") }, "wsrep_desync on db1 is ON already"},
	{"desync", "", func(w world) { w.status(1, "wsrep_local_state", "3") }, "db1 is a Synced member of the Primary Component: it is Primary, Joined"},
	{"resync", "", func(world) {}, "db1 was desynced by hand: its wsrep_desync is OFF"},
	{"desync", "", func(w world) { w.status(2, "wsrep_local_state", "2"); w.silence(3) }, "another node stays Synced and could serve a joiner: no other node that answers is"},
	{"desync", "", func(w world) { w.Nodes = w.Nodes[:1]; alone(w) }, "another node stays Synced"},
	{"desync", "", func(w world) { w.status(1, "wsrep_local_state", "2", "wsrep_desync_count", "1") }, "db1 is a Synced member of the Primary Component: it is Primary, Donor/Desynced"},
	{"resync", "", func(w world) { w.set(1, "wsrep_desync", "ON"); w.status(1, "wsrep_cluster_status", "non-Primary") }, "db1 is in the Primary Component: it is non-Primary"},
	{"drain", "", func(w world) { w.set(1, "wsrep_reject_queries", "ALL") }, "wsrep_reject_queries on db1 is ALL already"},
	{"drain", "", func(w world) { w.set(2, "wsrep_reject_queries", "ALL"); w.silence(3) }, "another node takes the clients: no other node that answers is Synced and open to clients"},
	{"drain-kill", "", func(w world) { w.silence(2); w.silence(3) }, "another node takes the clients"},
	{"undrain", "", func(world) {}, "wsrep_reject_queries on db1 is NONE already"},
	{"undrain", "", func(w world) {
		w.set(1, "wsrep_reject_queries", "ALL")
		w.status(1, "wsrep_cluster_status", "non-Primary")
	}, "db1 is in the Primary Component: it is non-Primary"},
	{"fc-limit", "16", func(world) {}, "gcs.fc_limit on db1 is 16 already"},
	{"fc-limit", "", func(world) {}, "no value was given"},
	{"fc-factor", "1", func(world) {}, "gcs.fc_factor on db1 is 1.0 already"},
	{"appliers", "4", func(world) {}, "wsrep_slave_threads on db1 is 4 already"},
	{"weight", "0", func(w world) {
		w.set(2, "wsrep_provider_options", "pc.weight = 0")
		w.set(3, "wsrep_provider_options", "pc.weight = 0")
		for i := range w.Nodes {
			w.status(i+1, "wsrep_cluster_weight", "1")
		}
	}, "some member keeps a weight: all weights together would be 0"},
	{"weight", "3", func(w world) { w.split() }, "db1 is in the Primary Component: it is non-Primary"},
	{"weight", "3", func(w world) { w.status(1, "wsrep_evs_state", "GATHER") }, "the membership is not just changing: wsrep_evs_state is GATHER"},
	{"weight", "3", func(w world) {
		for i := range w.Nodes {
			w.status(i+1, "wsrep_cluster_weight", "9")
		}
	}, "the weights of all members are known: they do not add up"},
	{"reconnect", "", func(w world) { w.set(1, "wsrep_cluster_address", "gcomm://") }, "it is gcomm://: that would found a second cluster"},
	{"reconnect", "", func(w world) { w.silence(2); w.silence(3) }, "db1 is the last one that answers: it would leave the group"},
	{"reconnect", "", func(w world) { w.apart() }, "SPLIT BRAIN: there are several, of db2 and db3; and of db1; the losing side must come back by SST only, never by IST"},
	{"reconnect", "", func(w world) {
		w.status(1, "wsrep_cluster_status", "non-Primary", "wsrep_cluster_conf_id", "-1", "wsrep_incoming_addresses", "db1:3306", "wsrep_last_committed", "1007")
	}, "it is ahead of db2, at seqno 1007 against 1000: it wrote apart from the others and must come back by SST"},
	{"reconnect", "", func(w world) {
		w.status(1, "wsrep_cluster_status", "Disconnected", "wsrep_local_state", "5", "wsrep_incoming_addresses", "")
	}, "db1 was not voted out as inconsistent: its state is Inconsistent"},
	{"reconnect", "", func(w world) { w.status(1, "wsrep_last_committed", "50") }, "it can come back by IST: the group's gcache has moved past it by 57 write-sets: a server that runs cannot take an SST; stop it and start it instead"},
	{"reconnect", "", func(w world) {
		for i := range w.Nodes {
			w.on(i + 1).Status.CachedDownto = model.Num{}
		}
	}, "it can come back by IST: no member says what its gcache holds"},
	{"reconnect", "", func(w world) {
		w.Events = []model.Event{{At: noon, Kind: model.EventFinding, Text: "SPLIT BRAIN: db1, and db2 with db3, both accept writes", Nodes: []string{"db1", "db2", "db3"}}}
	}, "db1 was on no side of a split brain: one was seen at 12:00:00: after it the losing side must come back by SST only"},
	{"reconnect", "", func(w world) {
		w.status(1, "wsrep_cluster_status", "Disconnected", "wsrep_local_state_uuid", "ffff", "wsrep_incoming_addresses", "db1:3306", "wsrep_cluster_state_uuid", "0000-00")
	}, "its history is ffff, that of db2 is 4a9c1f6e-0000-11f0-9b1e-8e0d5e3c1a77: it must come back by SST"},
	{"unevict", "", func(world) {}, "the group remembers an eviction: wsrep_evs_evict_list is empty on every node that answers"},
	{"evict", "", func(world) {}, "it answers and nobody calls it delayed; to take it out, stop it"},
	{"evict", "", func(w world) { w.silence(1); w.silence(2) }, "the rest stays Primary without it: weight 1 of 3 remains"},
	{"evict", "", func(w world) { w.silence(1); w.on(1).Status.GcommUUID = "" }, "it never told its wsrep_gcomm_uuid here"},
	{"evict", "", func(w world) { w.silence(1); w.on(1).Status.GcommUUID = "x'; DROP" }, "its id in the group is known"},
	{"evict", "", func(w world) {
		w.silence(1)
		for _, n := range []int{2, 3} {
			w.status(n, "wsrep_cluster_size", "2", "wsrep_cluster_weight", "2", "wsrep_incoming_addresses", "db2:3306,db3:3306")
		}
	}, "the group is without it already"},
	{"stop", "", func(w world) { w.silence(2) }, "the rest stays Primary without it: weight 2 of 3 remains, and db2 does not answer and may be lost"},
	{"stop", "", func(w world) {
		w.set(1, "wsrep_provider_options", "pc.weight = 1")
		for _, n := range []int{2, 3} {
			w.set(n, "wsrep_provider_options", "pc.weight = 0")
		}
		for i := range w.Nodes {
			w.status(i+1, "wsrep_cluster_weight", "1")
		}
	}, "the rest stays Primary without it: weight 0 of 1 remains"},
	{"stop", "", func(w world) { w.Nodes = w.Nodes[:1]; alone(w) }, "db1 is the last member: nobody would be Primary any more"},
	{"stop", "", func(w world) { w.status(2, "wsrep_local_state", "3") }, "all other members are Synced: db2 is Primary, Joined"},
	{"stop", "", func(w world) {
		for _, n := range []int{2, 3} {
			w.set(n, "wsrep_desync", "ON")
			w.status(n, "wsrep_local_state", "2", "wsrep_desync_count", "1")
		}
	}, "another node stays Synced and could serve a joiner: no other node that answers is"},
	{"stop", "", func(w world) { w.set(2, "wsrep_reject_queries", "ALL"); w.set(3, "wsrep_reject_queries", "ALL") }, "another node takes the clients"},
	{"stop", "", func(w world) { w.apart() }, "SPLIT BRAIN: there are several, of db2 and db3; and of db1"},
	{"stop", "", func(w world) { w.status(1, "wsrep_local_state", "2", "wsrep_desync_count", "1") }, "no joiner is being served by db1"},
	{"stop", "", func(w world) { w.split() }, "there is one Primary Component: no node that answers is in one"},
	{"make-primary", "", func(world) {}, "db1 is connected and non-Primary: it is Primary already"},
	{"make-primary", "", func(w world) {
		w.status(1, "wsrep_cluster_status", "non-Primary", "wsrep_cluster_conf_id", "-1", "wsrep_incoming_addresses", "db1:3306")
	}, "no Primary Component exists: db2 and db3 are Primary: a second one would be a split brain"},
	{"make-primary", "", func(w world) { w.split(); w.silence(3) }, "every known member answers: db3 does not and may still be Primary: unreachable means unknown"},
	{"make-primary", "", func(w world) { w.split(); w.status(3, "wsrep_last_committed", "1002") }, "db1 is at seqno 1000, db3 at 1002: make db3 Primary instead"},
	{"make-primary", "", func(w world) { w.split(); w.status(3, "wsrep_cluster_state_uuid", "ffff") }, "all nodes share one history: db1 has 4a9c1f6e"},
	{"make-primary", "", func(w world) { w.split(); w.status(3, "wsrep_local_recv_queue", "9") }, "db3 still applies 9: wait for it"},
	{"make-primary", "", func(w world) { w.split(); w.status(1, "wsrep_incoming_addresses", "db1:3306,db9:3306") }, "cannot be asked and may still be Primary: db9:3306"},
	{"make-primary", "", func(w world) {
		w.split()
		w.status(1, "wsrep_cluster_status", "Disconnected", "wsrep_connected", "OFF")
	}, "not connected to a group"},
	{"make-primary", "", func(w world) { w.split(); w.status(1, "wsrep_evs_state", "GATHER") }, "wsrep_evs_state is GATHER"},
	{"dance", "", func(world) {}, "there is no action dance on a node"},
}

func alone(w world) {
	w.status(1, "wsrep_cluster_size", "1", "wsrep_cluster_weight", "1", "wsrep_incoming_addresses", "db1:3306")
}

func TestActionsOnANodeAreRefusedWithTheReason(t *testing.T) {
	for _, c := range refusals {
		w := group(model.FlavourMariaDB)
		c.change(w)
		if p := w.planned(Session{}, c.id, c.value); !strings.Contains(p.Refuse(), c.reason) {
			t.Errorf("%s: refused with %q, not %q", c.id, p.Refuse(), c.reason)
		}
	}
}

func TestAReadOnlyConsoleAndAServerWithoutGaleraRefuseEveryActionOnANode(t *testing.T) {
	for _, row := range nodeRows {
		w := group(model.FlavourMariaDB)
		if p := w.planned(Session{ReadOnly: true}, row.id, "2"); p.Refuse() != readOnly || p.Waivers() != nil {
			t.Errorf("%s, read-only: %q", row.id, p.Refuse())
		}
		w.on(1).Server.Flavour = model.FlavourPlain
		if p := w.planned(Session{}, row.id, "2"); p.Refuse() != "db1 is no server for this" {
			t.Errorf("%s, no Galera: %q", row.id, p.Refuse())
		}
	}
}

func TestANodeThatIsGoneRefusesEveryActionOnIt(t *testing.T) {
	w := group(model.FlavourMariaDB)
	for _, row := range nodeRows {
		if p := PlanNode(w.Snapshot, Session{}, "db7", row.id, "2"); p.Refuse() != "there is no such node any more" {
			t.Errorf("%s: %q", row.id, p.Refuse())
		}
	}
}

func TestEveryActionOnANodeIsRefusedForSomething(t *testing.T) {
	for _, row := range nodeRows {
		found := false
		for _, c := range refusals {
			found = found || c.id == row.id
		}
		if !found {
			t.Errorf("no refusal of %s is tested", row.id)
		}
	}
}

func TestASettingThatSomebodyElseChangedStopsThePlan(t *testing.T) {
	w := group(model.FlavourMariaDB)
	p := w.planned(Session{}, "fc-limit", "64")
	next := w.later(3 * time.Second)
	next.set(1, "wsrep_provider_options", "gcs.fc_limit = 200; pc.weight = 1")
	next.Complete()
	if got := Replan(next.Snapshot, Session{}, p).Refuse(); got != "gcs.fc_limit on db1 is 200 now, it was 16 when this was chosen: somebody else has changed it" {
		t.Error(got)
	}
}

func TestMakingANodePrimaryWantsEveryFormerMember(t *testing.T) {
	w := group(model.FlavourMariaDB)
	w.split()
	w.Complete()
	former := []model.Member{{Name: "db1", Address: "db1:3306"}, {Name: "db2", Address: "db2:3306"}, {Name: "db3", Address: "db3:3306"}}
	for name, c := range map[string]struct {
		read   *lastMembers
		reason string
	}{
		"all are here":         {&lastMembers{rows: former}, ""},
		"no such table":        {nil, ""},
		"the table is denied":  {&lastMembers{err: "SELECT command denied"}, "mysql.wsrep_cluster_members cannot be read: SELECT command denied"},
		"a member is not seen": {&lastMembers{rows: append(slices.Clone(former), model.Member{Name: "db4", Address: "db4:3306"})}, "cannot be asked and may still be Primary: db4 at db4:3306"},
		"an arbitrator":        {&lastMembers{rows: append(slices.Clone(former), model.Member{Name: "garb"})}, "cannot be asked and may still be Primary: the arbitrator"},
		"two arbitrators":      {&lastMembers{rows: append(slices.Clone(former), model.Member{Name: "garb"}, model.Member{Name: "garb"})}, "each of the 2 arbitrators"},
	} {
		subject := &nodeSubject{row: rowOf("make-primary"), node: "db1"}
		c0 := &nodeCase{Snapshot: w.Snapshot, row: subject.row, node: w.Nodes[0], final: true, members: c.read}
		if got := c0.plan(Session{}, subject, nil, 0).Refuse(); !strings.HasSuffix(got, c.reason) || c.reason == "" && got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestTypedValuesAreChecked(t *testing.T) {
	w := group(model.FlavourMariaDB)
	if q := NodeQuestion(w.Snapshot, "db1", "fc-limit"); q == nil || q.Text != "gcs.fc_limit on db1: a whole number from 1 to 1000000, now 16" || q.Present != "16" {
		t.Errorf("%+v", q)
	}
	if q := NodeQuestion(w.Snapshot, "db1", "desync"); q != nil {
		t.Errorf("%+v", q)
	}
	for _, c := range [][3]string{
		{"fc-limit", " 64 ", "64"},
		{"fc-limit", "0", ""},
		{"fc-limit", "1.5", ""},
		{"fc-limit", "64'; DROP", ""},
		{"fc-limit", "NaN", ""},
		{"fc-factor", "0.50", "0.5"},
		{"fc-factor", "1.1", ""},
		{"weight", "255", "255"},
		{"weight", "256", ""},
		{"weight", "-1", ""},
		{"appliers", "1e2", "100"},
	} {
		got, err := NodeValue(w.Snapshot, "db1", c[0], c[1])
		if got != c[2] || (err == nil) != (c[2] != "") {
			t.Errorf("%s %q: %q, %v", c[0], c[1], got, err)
		}
	}
}

func TestProductionRaisesTheLevelOfActionsOnNodes(t *testing.T) {
	for _, choice := range NodeChoices(group(model.FlavourMariaDB).Snapshot, Session{Production: true}, "db1") {
		if want := min(rowOf(choice.ID).level+1, LevelCluster); choice.Level != want {
			t.Errorf("%s: level %d, not %d", choice.ID, choice.Level, want)
		}
	}
}

func TestTheUndoOfATunedValueIsTheOldValue(t *testing.T) {
	w := group(model.FlavourMariaDB)
	p := w.planned(Session{}, "fc-limit", "64")
	w.set(1, "wsrep_provider_options", "gcs.fc_limit = 64; pc.weight = 1")
	w.Complete()
	undo := Undo(w.Snapshot, Session{}, p)
	if undo == nil || undo.Refuse() != "" || undo.Steps[0].Text != "SET GLOBAL wsrep_provider_options = 'gcs.fc_limit=16'" {
		t.Errorf("%+v", undo)
	}
	for _, id := range []string{"stop", "evict", "unevict", "reconnect", "make-primary"} {
		if Undo(w.Snapshot, Session{}, w.planned(Session{}, id, "")) != nil {
			t.Errorf("%s has an undo", id)
		}
	}
	w.Nodes[0].Sample = nil
	w.silence(1)
	if Undo(w.Snapshot, Session{}, w.planned(Session{}, "fc-limit", "64")) != nil {
		t.Error("there is an undo without an old value")
	}
}

func TestWhatSomebodyElseChangedSinceIsNotUndone(t *testing.T) {
	w := group(model.FlavourMariaDB)
	p := w.planned(Session{}, "fc-limit", "64")
	w.set(1, "wsrep_provider_options", "gcs.fc_limit = 200; pc.weight = 1")
	w.Complete()
	if got := Undo(w.Snapshot, Session{}, p).Refuse(); got != "gcs.fc_limit on db1 is 200 now, this had set it to 64: somebody else has changed it since" {
		t.Error(got)
	}
}

func TestANodeThatJoinedAnewStopsThePlan(t *testing.T) {
	for _, id := range []string{"stop", "reconnect", "desync"} {
		w := group(model.FlavourMariaDB)
		p := w.planned(Session{}, id, "")
		next := w.later(time.Second)
		next.status(1, "wsrep_gcomm_uuid", "ffffffff-0009")
		next.Complete()
		if got := Replan(next.Snapshot, Session{}, p).Refuse(); got != "db1 has left the group and joined it anew since this was chosen: look again" {
			t.Errorf("%s: %q", id, got)
		}
	}
}

func TestOtherCompanyStopsAPlanToMakeANodePrimary(t *testing.T) {
	w := group(model.FlavourMariaDB)
	w.split()
	p := w.planned(Session{}, "make-primary", "")
	next := w.later(time.Second)
	for _, n := range []int{1, 2} {
		next.status(n, "wsrep_cluster_size", "2", "wsrep_incoming_addresses", "db1:3306,db2:3306")
	}
	next.Complete()
	if got := Replan(next.Snapshot, Session{}, p).Refuse(); got != "db1 saw nobody else when this was chosen and sees db2 now: look again" {
		t.Error(got)
	}
}

func TestTheLosingSideOfASplitBrainIsStoppedOnceAPersonSaysThatItIs(t *testing.T) {
	w := group(model.FlavourMariaDB)
	w.apart()
	p := w.planned(Session{}, "stop", "")
	open := p.Waivers()
	if len(open) != 1 || open[0].Words != "db1 is on the losing side" || !strings.Contains(open[0].Risk, "lost for good if that is the side to keep") {
		t.Fatalf("%+v, %s", open, say(p))
	}
	p, err := Declare(w.Snapshot, Session{}, p, open[0].Words)
	if err != nil || p.Refuse() != "" {
		t.Errorf("%v %s", err, say(p))
	}
}

func TestWhatASplitBrainLeftIsReconnectedOnlyByWhoVouchesForItsData(t *testing.T) {
	w := group(model.FlavourMariaDB)
	w.Events = []model.Event{{At: noon, Kind: model.EventFinding, Text: "ACCIDENTAL BOOTSTRAP: db1 started as a cluster of its own", Nodes: []string{"db1"}}}
	p := w.planned(Session{}, "reconnect", "")
	p, err := Declare(w.Snapshot, Session{}, p, "db1 has the right data")
	if err != nil || p.Refuse() != "" {
		t.Errorf("%v %s", err, say(p))
	}
}

func TestAThreadOfADrainedNodeIsKilledWithDirtyReads(t *testing.T) {
	w := group(model.FlavourMariaDB)
	w.set(1, "wsrep_reject_queries", "ALL")
	key := w.thread(1, model.Process{ID: 7})
	p := PlanKill(w.Snapshot, Session{}, []model.ThreadKey{key}, KillConnection)
	if len(p.Steps) != 2 || p.Steps[0].Text != dirtyReads || !strings.Contains(p.Steps[0].About, "turns clients away") {
		t.Errorf("%s", say(p))
	}
}
