package recovery

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/model"
)

// fallen is a full crash of three nodes, read and recovered: db2 is the most
// advanced.
func fallen() town {
	t := newTown(3)
	t.goneAll()
	t.crashed(1, 1000)
	t.crashed(2, 1007)
	t.crashed(3, 1003)
	return t
}

func TestAFullCrash(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(t town)
		begins string
		words  []string
	}{
		{"nothing read yet", func(t town) { clear(t.Readings) }, "full-crash ask read: Read the hosts of db1, db2 and db3", []string{"unreachable means unknown, never dead"}},
		{"one host is not read", func(t town) { delete(t.Readings, "db3:3306") }, "full-crash ask read: Read the host of db3", nil},
		{"a reading is old", func(t town) { t.Readings["db3:3306"].At = noon.Add(-2 * time.Minute) }, "full-crash ask read: Read the host of db3", nil},
		{"a reading is from before the node answered last", func(t town) { t.node(3).Since = noon }, "full-crash ask read: Read the host of db3", nil},
		{"a host cannot be read", func(t town) { t.unreadable(3) }, "full-crash ask words db3 is dead: Is db3 lost for good?", []string{"no route to host", "two clusters"}},
		{"whether the server runs cannot be read", func(t town) { t.Readings["db3:3306"].State.Server.Unknown = "the processes of other users are hidden" }, "full-crash ask words db3 is dead", []string{"processes of other users"}},
		{"it was declared lost", func(t town) { t.unreadable(3); t.says("db3 is dead") }, "full-crash act mark-safe db2", []string{"whatever db3 committed beyond seqno 1007"}},
		{"a position is to be recovered", func(t town) { t.Readings["db1:3306"].Recovered = nil }, "full-crash ask position: Recover the position of db1", []string{"joins no group"}},
		{"the most advanced is to be marked", func(town) {}, "full-crash act mark-safe db2: Mark db2 safe to bootstrap", []string{"seqno 1007", "db1 host the server is stopped, position " + history + ":1000", "db3 host"}},
		{"the most advanced is marked", func(t town) { t.safe(2) }, "full-crash act bootstrap db2: Bootstrap the cluster from db2", []string{"no node of the history " + history + " is further", "one at a time"}},
		{"a less advanced one is marked", func(t town) { t.safe(1) }, "full-crash act mark-safe db2", []string{"safe_to_bootstrap 1"}},
		{"a tie goes to the one that is marked", func(t town) { t.crashed(3, 1007); t.safe(3) }, "full-crash act bootstrap db3", []string{"2 nodes are at that seqno", "calls it safe"}},
		{"a tie goes to the one whose grastate.dat is whole", func(t town) {
			t.crashed(3, 1007)
			t.Readings["db2:3306"].State.Grastate.Value.UUID = zero
		}, "full-crash act mark-safe db3", nil},
		{"a schema change was running everywhere", func(t town) {
			for i := range 3 {
				t.Readings[t.node(i+1).ID].State.Grastate.Value.UUID = zero
			}
		}, "full-crash act mark-safe db2", []string{"all others get an SST"}},
		{"a graceful stop needs no recovery", func(t town) { t.read(1, 1010) }, "full-crash act mark-safe db1", []string{"seqno 1010"}},
		{"mixed histories", func(t town) { t.Readings["db3:3306"].Recovered.UUID = foreign }, "full-crash refused words: The nodes belong to different histories", []string{foreign, history, "cannot be compared"}},
		{"mixed histories, one left out", func(t town) { t.Readings["db3:3306"].Recovered.UUID = foreign; t.says("db3 is dead") }, "full-crash act mark-safe db2", nil},
		{"one has no history", func(t town) { t.Readings["db2:3306"].Recovered = &host.Position{UUID: zero, Seqno: -1} }, "full-crash act mark-safe db3", []string{"db2 host the server is stopped, position none: its data belongs to no history"}},
		{"one has no grastate.dat", func(t town) { t.Readings["db2:3306"].State.Grastate.Value = nil }, "full-crash act mark-safe db3", []string{"is to get an SST"}},
		{"one was receiving an SST", func(t town) { t.Readings["db2:3306"].State.Leftovers.Value = []string{"sst_in_progress"} }, "full-crash act mark-safe db3", []string{"never ended, so its data is not whole"}},
		{"one was voted out", func(t town) { t.status(2, "wsrep_local_state", "5", "wsrep_cluster_status", "Disconnected") }, "full-crash act mark-safe db3", []string{"voted out"}},
		{"nobody has a position", func(t town) {
			for i := range 3 {
				t.Readings[t.node(i+1).ID].State.Grastate.Value = nil
			}
		}, "full-crash refused: No node has a position", []string{"restore a backup"}},
		{"a grastate.dat cannot be read", func(t town) { t.Readings["db1:3306"].State.Grastate.Unknown = "permission denied" }, "full-crash ask words db1 is dead", []string{"permission denied"}},
		{"a recovery failed", func(t town) { t.Readings["db1:3306"].Err = errors.New("its position cannot be recovered: disk full") }, "full-crash ask words db1 is dead", []string{"disk full"}},
		{"a server runs", func(t town) { t.running(3) }, "full-crash watch: Waiting for db3: its server runs and is in no group", []string{"process 4711", "instead full-crash act service-stop db3"}},
		{"a server answers and is in no group", func(t town) {
			t.node(3).Link = model.LinkUp
			t.status(3, "wsrep_cluster_status", "Disconnected", "wsrep_connected", "OFF", "wsrep_local_state", "0")
		}, "full-crash watch: Waiting for db3", nil},
		{"an arbitrator runs", func(t town) {
			t.Readings["db3:3306"].State.Arbitrators.Value = []host.Arbitrator{{PID: "99", Group: "shop", Name: "garb"}}
		}, "full-crash watch: Stop the arbitrator on the host of db3", []string{"repl_proto_ver: 127", "systemctl stop garb", "kill 99"}},
		{"an arbitrator of another cluster runs", func(t town) {
			t.Readings["db3:3306"].State.Arbitrators.Value = []host.Arbitrator{{PID: "99", Group: "books"}}
		}, "full-crash act mark-safe db2", nil},
		{"whether one runs is not known", func(t town) { t.Readings["db3:3306"].State.Arbitrators.Unknown = "hidden" }, "full-crash refused: Whether an arbitrator runs on the host of db3 is not known", nil},
		{"an arbitrator was a member", func(t town) { t.arbitrator() }, "full-crash ask words all members are stopped", []string{"pgrep garbd", "arbitrators in the last Primary Component 1"}},
		{"an arbitrator was declared stopped", func(t town) { t.arbitrator(); t.says("all members are stopped") }, "full-crash act mark-safe db2", nil},
		{"a member that is not known here", func(t town) {
			t.Readings["db1:3306"].State.Options.Value.Values["wsrep_cluster_address"] = "gcomm://db1,db2:4567,db3,10.0.0.9?pc.weight=2"
		}, "full-crash ask words all members are stopped", []string{"db1 wsrep_cluster_address 10.0.0.9"}},
		{"it was declared gone", func(t town) {
			t.Readings["db1:3306"].State.Options.Value.Values["wsrep_cluster_address"] = "gcomm://db1,10.0.0.9"
			t.says("all members are stopped")
		}, "full-crash act mark-safe db2", nil},
		{"a server does not let us in", func(t town) { t.node(3).Failure.Kind = model.FailAccess }, "locked-out refused: db3 runs and cannot be judged", []string{"It may be Primary"}},
		{"a server that runs is not declared dead", func(t town) { t.running(3); t.says("db3 is dead") }, "full-crash watch: Waiting for db3", nil},
		{"they were in a split brain", func(t town) { t.torn() }, "full-crash ask side: Which side is kept?", []string{"cannot be compared", "one side, as last seen db1", "one side, as last seen db2 and db3"}},
		{"a side of a split brain was chosen", func(t town) {
			t.torn()
			t.Choices.Keep, t.Choices.Losers = "db1:3306", []string{"db2:3306", "db3:3306"}
		}, "full-crash act mark-safe db1", []string{"what it wrote was given up"}},
		{"not yet asked", func(t town) { t.node(3).Link = model.LinkConnecting }, "blind watch: Waiting for the first answer of db3", nil},
		{"a stale view", func(t town) { t.Stale = "the view of the cluster is 9s old: nothing is decided on it" }, "blind refused: What is known is too old", []string{"9s old"}},
		{"nothing known", func(t town) { t.Snapshot.Nodes = nil }, "blind refused: Nothing is known", nil},
		{"no way to the hosts", func(t town) { t.Hosts = nil }, "full-crash watch: Bring the cluster back by hand", []string{"db3: galera_recovery", "galera_new_cluster", "a lone garbd stays Primary", "host_command"}},
		{"nobody was ever seen to answer", func(t town) {
			for _, n := range t.Snapshot.Nodes {
				n.Sample, n.Name = nil, n.Address
			}
		}, "full-crash act mark-safe db2", nil},
	} {
		w := fallen()
		c.change(w)
		expect(t, c.name, w.next(), c.begins, c.words...)
	}
}

func (t town) safe(i int) { t.Readings[t.node(i).ID].State.Grastate.Value.SafeToBootstrap = true }

// arbitrator has the last view have one more member, without an address.
func (t town) arbitrator() {
	for i := range t.Snapshot.Nodes {
		t.status(i+1, "wsrep_cluster_size", "4", "wsrep_incoming_addresses", "db1:3306,db2:3306,db3:3306,")
		t.node(i + 1).Sample.Slow.Members = nil
	}
}

// torn has the nodes last seen on two sides: db1 against the others.
func (t town) torn() {
	t.view(1)
	t.view(2, 3)
}

// TestTheFirstNodeIsAlwaysTheMostAdvanced tries random worlds of 3 to 7 nodes.
func TestTheFirstNodeIsAlwaysTheMostAdvanced(t *testing.T) {
	const worlds = 5_000
	chosen, asked, refused := 0, 0, 0
	for seed := range uint64(worlds) {
		r := rand.New(rand.NewPCG(seed, 7)) //nolint:gosec // worlds to try, no secrets
		w, best := randomCrash(r)
		m := w.next()
		switch m.Kind {
		case Ask:
			asked++
		case Refused:
			refused++
		}
		if m.Kind != Act {
			continue
		}
		chosen++
		for id, known := range best.known {
			if !known {
				t.Fatalf("seed %d: %s although %s is neither read nor declared lost:\n%s", seed, say(m), id, all(m))
			}
		}
		if len(best.histories) != 1 {
			t.Fatalf("seed %d: %s with %d histories:\n%s", seed, say(m), len(best.histories), all(m))
		}
		if at := best.at[m.Order.Node]; at != best.most {
			t.Fatalf("seed %d: %s at seqno %d, the most advanced is at %d:\n%s", seed, say(m), at, best.most, all(m))
		}
	}
	t.Logf("%d worlds: %d chosen, %d asked, %d refused", worlds, chosen, asked, refused)
	if chosen < worlds/20 || asked < worlds/20 || refused < worlds/50 {
		t.Errorf("the worlds are too much alike: %d chosen, %d asked, %d refused of %d", chosen, asked, refused, worlds)
	}
}

// truth is what a test knows of a world that it made up.
type truth struct {
	known     map[string]bool
	at        map[string]int64 // seqno of the candidates
	histories map[string]bool
	most      int64
}

func randomCrash(r *rand.Rand) (town, truth) {
	n := 3 + r.IntN(5)
	w := newTown(n)
	w.goneAll()
	out := truth{known: map[string]bool{}, at: map[string]int64{}, histories: map[string]bool{}, most: -1}
	for i := 1; i <= n; i++ {
		id, name := w.node(i).ID, w.node(i).Name
		seqno := int64(1000 + r.IntN(6))
		uuid := history
		if r.IntN(20*n) == 0 {
			uuid = foreign
		}
		candidate := false
		switch r.IntN(12 + 4*n) {
		case 0: // never read
		case 1:
			w.unreadable(i)
		case 2:
			w.read(i, -1) // not recovered
		case 3:
			w.crashed(i, seqno).State.Grastate.Value = nil
			out.known[id] = true
		case 4:
			w.crashed(i, seqno).State.Leftovers.Value = []string{"sst_in_progress"}
			out.known[id] = true
		case 5:
			w.running(i)
		case 6, 7, 8, 9, 10, 11:
			rd := w.read(i, seqno)
			rd.State.Grastate.Value.UUID = uuid
			out.known[id], candidate = true, true
		default:
			rd := w.crashed(i, seqno)
			rd.Recovered.UUID = uuid
			if r.IntN(4) == 0 {
				rd.State.Grastate.Value.UUID = zero
			}
			out.known[id], candidate = true, true
		}
		if rd := w.Readings[id]; rd != nil && rd.State.Grastate.Value != nil && r.IntN(3) == 0 {
			rd.State.Grastate.Value.SafeToBootstrap = true
		}
		dead := r.IntN(6) == 0
		if dead {
			w.says(name + " is dead")
		}
		runs := w.Readings[id] != nil && w.Readings[id].State.Server.Value.Running
		if dead && !runs {
			out.known[id] = true
			candidate = false
		} else if _, ok := out.known[id]; !ok {
			out.known[id] = false
		}
		if candidate {
			out.at[id] = seqno
			out.histories[uuid] = true
			out.most = max(out.most, seqno)
		}
	}
	return w, out
}

func TestAReadOnlyConsoleChangesNothing(t *testing.T) {
	w := fallen()
	w.Session = actions.Session{Cluster: "shop", ReadOnly: true}
	expect(t, "read-only", w.next(), "full-crash refused", "read-only")
}
