package recovery

import (
	"testing"
	"time"

	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/model"
)

// without is a cluster of three without db3, which stopped gracefully at 990.
func without() town {
	t := newTown(3)
	t.gone(3)
	t.view(1, 2)
	t.running(1)
	t.read(3, 990)
	return t
}

func TestASingleNode(t *testing.T) {
	for _, c := range []struct {
		name   string
		world  town
		change func(t town)
		begins string
		words  []string
	}{
		{"nothing is wrong", newTown(3), func(town) {}, "well done: The cluster is whole: db1, db2 and db3 are Synced", nil},
		{"its host is read", without(), func(t town) { clear(t.Readings) }, "unread ask read: Read the host of db3", nil},
		{"it comes back by IST", without(), func(town) {}, "stopped act start db3: Start db3, which comes back by IST", []string{"IST from db"}},
		{"how much it will receive is looked up", without(), func(t town) { t.read(3, 5); delete(t.Readings, "db1:3306") }, "stopped ask read: Read the host of db1", []string{"room for it"}},
		{"it comes back by SST", without(), func(t town) { t.read(3, 5) }, "stopped act start db3: Start db3, which comes back by SST", []string{"its data is replaced by a donor's"}},
		{"it crashed", without(), func(t town) { t.read(3, -1) }, "stopped ask position: Recover the position of db3", []string{"IST or by SST"}},
		{"it crashed and is ahead", without(), func(t town) { t.crashed(3, 1004) }, "apart ask copy: Keep a copy of the data of db3", []string{"ahead of the group at 1000"}},
		{"it is of another history", without(), func(t town) { t.crashed(3, 10).Recovered.UUID = foreign }, "apart ask copy", []string{"its history is " + foreign}},
		{"its next start would found a cluster", without(), func(t town) { t.Readings["db3:3306"].State.Founds.Value = "wsrep_new_cluster is in the option files" }, "stopped refused: Starting db3 would found a second cluster", nil},
		{"one at a time", newTown(4), func(t town) {
			t.gone(3, 4)
			t.view(1, 2)
			t.read(3, 990)
			t.read(4, 990)
			t.status(2, "wsrep_local_state", "2", "wsrep_desync_count", "1")
			t.status(1, "wsrep_incoming_addresses", "db1:3306,db2:3306,db3:3306", "wsrep_cluster_size", "3")
			t.status(2, "wsrep_incoming_addresses", "db1:3306,db2:3306,db3:3306", "wsrep_cluster_size", "3")
		}, "joining watch: Waiting for db3, which receives its data from db2", []string{"a second donor"}},
		{"it catches up", newTown(3), func(t town) { t.status(3, "wsrep_local_state", "3", "wsrep_local_recv_queue", "70") }, "joining watch: Waiting for db3 to be Synced: Joined, 70 write-sets to apply", nil},
		{"it waits for a donor in vain", newTown(3), func(t town) {
			t.status(3, "wsrep_local_state", "1", "wsrep_cluster_status", "non-Primary")
			t.running(3)
			t.found("joiner-stuck", "db3:3306")
		}, "joining act service-stop db3: Stop the server of db3, which waits for a donor in vain", []string{"nothing: it serves nobody yet"}},
		{"a donor serves nobody", newTown(3), func(t town) { t.found("donor-stuck", "db2:3306") }, "stuck-donor ask read: Read the host of db2", nil},
		{"its script still runs", newTown(3), func(t town) {
			t.running(2).State.Server.Value.Scripts = []string{"812"}
			t.found("donor-stuck", "db2:3306")
		}, "stuck-donor watch", []string{"db2: kill 812", "end the script, not the server"}},
		{"no script runs any more", newTown(3), func(t town) { t.running(2); t.found("donor-stuck", "db2:3306") }, "stuck-donor watch", []string{"instead stuck-donor"}},
		{"it was voted out", newTown(3), func(t town) {
			t.view(1, 2)
			t.status(3, "wsrep_cluster_status", "Disconnected", "wsrep_local_state", "5", "wsrep_local_state_uuid", zero, "wsrep_last_committed", "-1")
			t.running(3)
		}, "apart act service-stop db3: Stop the server of db3", []string{"voted out of the group", "IST trusts the seqno"}},
		{"it was voted out and stopped", without(), func(t town) {
			t.status(3, "wsrep_cluster_status", "Disconnected", "wsrep_local_state", "5")
		}, "apart ask copy: Keep a copy of the data of db3", []string{"voted out"}},
		{"it runs without Galera", newTown(3), func(t town) {
			t.view(1, 2)
			t.running(3)
			t.node(3).Sample.Server.WsrepOn = model.Off
			t.status(3, "wsrep_cluster_status", "Disconnected", "wsrep_connected", "OFF", "wsrep_local_state", "0")
		}, "apart act service-stop db3", []string{"reached nobody else"}},
		{"a transfer left files behind", without(), func(t town) {
			t.Readings["db3:3306"].State.Leftovers.Value = []string{"sst_in_progress"}
		}, "leftovers act clear-leftovers db3", []string{"sst_in_progress"}},
		{"the way between the servers is broken", newTown(3), func(t town) { t.view(1, 2); t.alone(3) }, "cut-off watch: Waiting for db3 to find the Primary Component", []string{"network between the servers", "instead cut-off"}},
		{"its server runs and does not answer", without(), func(t town) { t.running(3) }, "silent watch: Waiting for db3: its server runs", []string{"keeps its port closed", "instead silent act service-stop db3"}},
		{"its host cannot be read", without(), func(t town) { t.unreadable(3) }, "silent ask words db3 is dead: Is db3 lost for good?", []string{"no route to host"}},
		{"it was declared lost", without(), func(t town) { t.unreadable(3); t.says("db3 is dead") }, "well done: The cluster serves: db1 and db2 are in one Primary Component, without db3", []string{"look at it before it takes clients"}},
		{"it does not let us in", without(), func(t town) { t.node(3).Failure.Kind = model.FailAccess }, "silent refused: db3 runs and cannot be judged", nil},
		{"no way to the hosts", without(), func(t town) { t.Hosts = nil; clear(t.Readings) }, "stopped watch: Bring db3 back by hand", []string{"never as a bootstrap"}},
		{"its data directory is empty", without(), func(t town) { t.Readings["db3:3306"].State.Grastate = host.Part[*host.Grastate]{} }, "stopped act start db3: Start db3, which comes back by SST", nil},
	} {
		c.change(c.world)
		c.world.Snapshot.At = noon.Add(time.Millisecond)
		expect(t, c.name, c.world.next(), c.begins, c.words...)
	}
}

func TestEverySituationHasAName(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Situations {
		if s.ID == "" || s.Name == "" || seen[s.ID] {
			t.Errorf("%+v", s)
		}
		seen[s.ID] = true
		if (&Move{Situation: s.ID}).Name() != s.Name {
			t.Errorf("%s is not found by its ID", s.ID)
		}
	}
}
