package demo

import (
	"fmt"
	"testing"
	"time"

	"github.com/galeratop/galeratop/model"
)

// lab is an engine without sockets, moved by hand.
type lab struct {
	*engine
	t *testing.T
}

func newLab(t *testing.T, o Options) *lab {
	t.Helper()
	if err := o.defaults(); err != nil {
		t.Fatal(err)
	}
	e := newEngine(o, time.Unix(1_790_000_000, 0), func(n *node) string { return fmt.Sprintf("10.0.0.%d:3306", n.index+1) })
	return &lab{e, t}
}

func (l *lab) after(d time.Duration) *lab {
	for range d / stepTime {
		l.step()
	}
	return l
}

func (l *lab) do(v Verb, node string) *lab {
	l.t.Helper()
	return l.act(Action{Do: v, Node: node})
}

func (l *lab) act(a Action) *lab {
	l.t.Helper()
	if err := l.engine.act(a); err != nil {
		l.t.Fatal(err)
	}
	return l
}

// says checks SHOW GLOBAL STATUS of a node: name, value, name, value.
func (l *lab) says(node string, pairs ...string) *lab {
	l.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if got := l.status(node, pairs[i]); got != pairs[i+1] {
			l.t.Errorf("%s: %s is %q, want %q", node, pairs[i], got, pairs[i+1])
		}
	}
	return l
}

func (l *lab) status(node, name string) string {
	l.t.Helper()
	for i := range statusRows {
		if r := &statusRows[i]; r.name == name && l.face.is(r.flavour) {
			return r.get(l.node(node)).text()
		}
	}
	l.t.Fatalf("no status variable %s", name)
	return ""
}

const (
	clusterStatus = "wsrep_cluster_status"
	clusterSize   = "wsrep_cluster_size"
	confID        = "wsrep_cluster_conf_id"
	readiness     = "wsrep_ready"
	comment       = "wsrep_local_state_comment"
	evs           = "wsrep_evs_state"
)

func TestACrashIsNoticedAfterTheSuspectTimeoutWhileWritesHang(t *testing.T) {
	l := newLab(t, Options{Seed: 1}).after(time.Second)
	l.do(Crash, "db2").after(2 * time.Second)
	before := l.status("db1", "wsrep_last_committed")
	l.says("db1", clusterStatus, "Primary", clusterSize, "3", comment, "Synced", readiness, "ON", evs, "OPERATIONAL")
	l.after(3200 * time.Millisecond)
	l.says("db1", clusterSize, "3", evs, "GATHER", "wsrep_last_committed", before)
	l.after(2 * time.Second)
	l.says("db1", clusterStatus, "Primary", clusterSize, "2", comment, "Synced", evs, "OPERATIONAL")
	if l.status("db1", "wsrep_last_committed") == before {
		t.Error("writes still hang after the new view")
	}
}

func TestTheMinorityOfAPartitionLosesThePrimaryComponent(t *testing.T) {
	l := newLab(t, Options{Seed: 2}).after(time.Second)
	history := l.status("db1", "wsrep_cluster_state_uuid")
	l.act(Action{Do: Partition, Nodes: []string{"db3"}}).after(8 * time.Second)
	l.says("db3", clusterStatus, "non-Primary", clusterSize, "1", confID, "18446744073709551615", readiness, "OFF",
		"wsrep_local_state", "0", comment, "Initialized", "wsrep_connected", "ON", "wsrep_cluster_weight", "0",
		"wsrep_cluster_state_uuid", history)
	l.says("db1", clusterStatus, "Primary", clusterSize, "2", readiness, "ON")
	if rows := l.node("db3").members; len(rows) != 3 {
		t.Errorf("the minority's member table has %d rows, want the 3 of the last Primary view", len(rows))
	}
	l.do(Heal, "").after(12 * time.Second)
	l.says("db3", clusterStatus, "Primary", clusterSize, "3", comment, "Synced", confID, l.status("db1", confID))
}

func TestQuorumFollowsTheFormula(t *testing.T) {
	for _, c := range []struct {
		name    string
		weights []int64
		present []int
		left    []int
		want    bool
	}{
		{"two of three", []int64{1, 1, 1}, []int{0, 1}, nil, true},
		{"one of three", []int64{1, 1, 1}, []int{0}, nil, false},
		{"half is a split brain", []int64{1, 1, 1, 1}, []int{0, 1}, nil, false},
		{"one of two after a crash", []int64{1, 1}, []int{0}, nil, false},
		{"one of two after a goodbye", []int64{1, 1}, []int{0}, []int{1}, true},
		{"weight decides", []int64{3, 1, 1}, []int{0}, nil, true},
		{"nobody present", []int64{1}, nil, []int{0}, false},
	} {
		var last []vote
		nodes := make([]*node, len(c.weights))
		for i, w := range c.weights {
			nodes[i] = new(node)
			last = append(last, vote{nodes[i], w})
		}
		in := func(list []int) func(*node) bool {
			return func(n *node) bool {
				for _, i := range list {
					if nodes[i] == n {
						return true
					}
				}
				return false
			}
		}
		if got := quorate(last, in(c.present), in(c.left)); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestACleanShutdownReformsTheGroupAtOnceDownToOneNode(t *testing.T) {
	l := newLab(t, Options{Seed: 3}).after(time.Second)
	l.do(Stop, "db3").says("db1", clusterStatus, "Primary", clusterSize, "2")
	l.do(Stop, "db2").says("db1", clusterStatus, "Primary", clusterSize, "1", comment, "Synced")
}

func TestTwoNodesLoseQuorumWhenOneCrashesAndBootstrapRestoresIt(t *testing.T) {
	l := newLab(t, Options{Nodes: 2, Seed: 4}).after(time.Second)
	l.do(Crash, "db2").after(7 * time.Second)
	l.says("db1", clusterStatus, "non-Primary", readiness, "OFF", clusterSize, "1")
	l.do(Bootstrap, "db1").after(time.Second)
	l.says("db1", clusterStatus, "Primary", readiness, "ON", confID, "1", comment, "Synced")
}

func TestAnArbitratorVotesAndHasAnEmptyAddress(t *testing.T) {
	l := newLab(t, Options{Nodes: 2, Arbitrator: true, Seed: 5}).after(time.Second)
	l.says("db1", clusterSize, "3", "wsrep_cluster_weight", "3")
	if s := (model.Status{IncomingAddrs: l.status("db1", "wsrep_incoming_addresses")}); true {
		if members, empty := s.Members(); len(members) != 2 || empty != 1 {
			t.Errorf("addresses %q", s.IncomingAddrs)
		}
	}
	l.do(Crash, "db2").after(7*time.Second).says("db1", clusterStatus, "Primary", clusterSize, "2")
}

func TestSeqnosAreTheGroupsAndNeverFall(t *testing.T) {
	l := newLab(t, Options{Seed: 6, Scenario: "calm"})
	last := int64(0)
	for range 100 {
		l.after(100 * time.Millisecond)
		v := l.views[0]
		if v.seqno < last {
			t.Fatalf("seqno fell from %d to %d", last, v.seqno)
		}
		last = v.seqno
		for _, n := range l.nodes {
			if n.committed+n.queue != v.seqno {
				t.Fatalf("%s: committed %d with %d queued, the group is at %d", n.name, n.committed, n.queue, v.seqno)
			}
		}
	}
	a, b, c := &l.nodes[0].count, &l.nodes[1].count, &l.nodes[2].count
	if a.replicated == 0 || b.replicated == 0 || c.replicated == 0 {
		t.Error("somebody never wrote")
	}
}

func TestTheSameSeedGivesTheSameCluster(t *testing.T) {
	run := func() string {
		l := newLab(t, Options{Seed: 7}).after(3*time.Second).do(Crash, "db1").after(10 * time.Second)
		return fmt.Sprint(l.node("db2").count, l.node("db2").committed, l.node("db3").digests, len(l.node("db3").clients))
	}
	if a, b := run(), run(); a != b {
		t.Errorf("two runs differ:\n%s\n%s", a, b)
	}
}

func TestASlowNodePausesTheGroupAndLetsGo(t *testing.T) {
	l := newLab(t, Options{Seed: 8}).after(time.Second)
	l.act(Action{Do: Slow, Node: "db3", Value: 0.01}).after(10 * time.Second)
	if l.node("db3").count.fcSent == 0 || l.node("db1").count.fcRecv == 0 {
		t.Fatal("nobody was paused")
	}
	paused := l.node("db1").paused
	l.after(5 * time.Second)
	if share := (l.node("db1").paused - paused).Seconds() / 5; share < 0.3 {
		t.Errorf("paused share %.2f, want a storm", share)
	}
	if queue := l.node("db3").queue; queue > 300 {
		t.Errorf("the queue grew to %d in spite of flow control", queue)
	}
	l.act(Action{Do: Slow, Node: "db3", Value: 1}).after(3 * time.Second)
	paused = l.node("db1").paused
	l.after(2*time.Second).says("db3", "wsrep_flow_control_requested", "false")
	if l.node("db1").paused != paused {
		t.Error("still paused after the disk recovered")
	}
}

func TestFlowControlHasTwoThresholds(t *testing.T) {
	l := newLab(t, Options{Seed: 9})
	n := l.node("db3")
	n.options["gcs.fc_limit"], n.options["gcs.fc_factor"] = "100", "0.5"
	v := n.view // 100·√3 = 173, half of it 86
	for _, c := range []struct {
		queue int64
		want  bool
	}{{173, false}, {174, true}, {90, true}, {86, false}, {150, false}} {
		n.queue = c.queue
		n.control(v)
		if n.requested != c.want {
			t.Errorf("at %d: requested is %v", c.queue, n.requested)
		}
	}
}

func TestADesyncedNodeLagsWithoutPausingAnyone(t *testing.T) {
	l := newLab(t, Options{Seed: 10}).after(time.Second)
	l.do(Desync, "db3").act(Action{Do: Slow, Node: "db3", Value: 0.01}).after(10 * time.Second)
	l.says("db3", comment, "Donor/Desynced", "wsrep_desync_count", "1", clusterStatus, "Primary", readiness, "ON")
	if n := l.node("db3"); n.queue < 500 || n.count.fcSent != l.node("db3").count.fcSent || n.requested {
		t.Errorf("queue %d, requested %v", n.queue, n.requested)
	}
	l.act(Action{Do: Slow, Node: "db3", Value: 1}).do(Resync, "db3").says("db3", comment, "Joined")
	l.after(5*time.Second).says("db3", comment, "Synced", "wsrep_desync_count", "0")
}

func TestISTIsPossibleAsLongAsADonorHasTheNextWriteSet(t *testing.T) {
	for _, c := range []struct {
		name                            string
		position, cached, group, lowest int64
		want                            bool
	}{
		{"well inside", 900, 500, 1000, 500, true},
		{"the next is the oldest, but that is too near the edge", 499, 500, 1780, 500, false},
		{"just below the margin", 509, 500, 1780, 500, false},
		{"at the margin", 510, 500, 1780, 500, true},
		{"gone", 400, 500, 1000, 500, false},
		{"no position", -1, 500, 1000, 500, false},
	} {
		if got := istServes(c.position, c.cached, c.group, c.lowest); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestACrashedNodeComesBackByIST(t *testing.T) {
	l := newLab(t, Options{Seed: 11, Flavour: model.FlavourPXC}).after(time.Second)
	l.do(Crash, "db2").after(10 * time.Second)
	l.do(Launch, "db2").after(4500 * time.Millisecond)
	if j := l.node("db2").join; j == nil || j.sst {
		t.Fatalf("no IST: %+v", j)
	}
	l.says("db2", clusterStatus, "non-Primary", comment, "Joining", readiness, "OFF", clusterSize, "3", confID, l.status("db1", confID))
	if !l.node("db2").listening() {
		t.Error("the port is closed during IST")
	}
	if got := l.status("db2", "wsrep_ist_receive_status"); got == "" {
		t.Error("no wsrep_ist_receive_status")
	}
	l.after(15*time.Second).says("db2", clusterStatus, "Primary", comment, "Synced", readiness, "ON")
}

func TestANodeWithoutAPositionGetsAnSSTWithItsPortShut(t *testing.T) {
	l := newLab(t, Options{Seed: 12}).after(time.Second)
	l.do(Stop, "db2").do(Wipe, "db2").do(Launch, "db2").after(6 * time.Second)
	n := l.node("db2")
	if n.join == nil || !n.join.sst || n.listening() {
		t.Fatalf("join %+v, listening %v", n.join, n.listening())
	}
	donor := n.join.donor.name
	l.says(donor, comment, "Donor/Desynced", "wsrep_desync_count", "1", clusterSize, "3", clusterStatus, "Primary")
	l.after(30*time.Second).says("db2", comment, "Synced").says(donor, comment, "Synced", "wsrep_desync_count", "0")
}

func TestANewNodeJoins(t *testing.T) {
	l := newLab(t, Options{Seed: 13}).after(time.Second)
	l.do(AddNode, "").after(40*time.Second).says("db4", comment, "Synced", clusterSize, "4")
}

func TestAHungNodeIsDroppedAndFindsItsWayBack(t *testing.T) {
	l := newLab(t, Options{Seed: 14}).after(time.Second)
	l.do(Hang, "db2").after(8*time.Second).says("db1", clusterSize, "2", clusterStatus, "Primary")
	l.do(Resume, "db2").says("db2", clusterStatus, "non-Primary")
	l.after(15*time.Second).says("db2", clusterStatus, "Primary", comment, "Synced", clusterSize, "3")
}

func TestAllMembersOfTheLastPrimaryReformItWithoutBootstrap(t *testing.T) {
	l := newLab(t, Options{Nodes: 4, Seed: 15}).after(time.Second)
	l.act(Action{Do: Partition, Nodes: []string{"db3", "db4"}}).after(8 * time.Second)
	for _, n := range []string{"db1", "db3"} {
		l.says(n, clusterStatus, "non-Primary", clusterSize, "2")
	}
	l.do(Heal, "").after(10 * time.Second)
	for _, n := range []string{"db1", "db2", "db3", "db4"} {
		l.says(n, clusterStatus, "Primary", clusterSize, "4", comment, "Synced")
	}
}

func TestBootstrapOnBothSidesIsASplitBrainThatHealingDoesNotEnd(t *testing.T) {
	l := newLab(t, Options{Nodes: 4, Seed: 16}).after(time.Second)
	l.act(Action{Do: Partition, Nodes: []string{"db3", "db4"}}).after(8 * time.Second)
	l.do(Bootstrap, "db1").do(Bootstrap, "db3").after(2 * time.Second)
	l.do(Heal, "").after(10 * time.Second)
	l.says("db1", clusterStatus, "Primary", clusterSize, "2").says("db3", clusterStatus, "Primary", clusterSize, "2")
	if l.status("db1", "wsrep_cluster_state_uuid") != l.status("db3", "wsrep_cluster_state_uuid") {
		t.Error("the halves must share the history")
	}
}

func TestAnEmptyGcommFoundsAClusterOfItsOwn(t *testing.T) {
	l := newLab(t, Options{Seed: 22}).after(time.Second)
	l.do(Stop, "db3").do(NewCluster, "db3").after(2 * time.Second)
	l.says("db3", clusterStatus, "Primary", clusterSize, "1", confID, "1", comment, "Synced")
	l.says("db1", clusterStatus, "Primary", clusterSize, "2")
	const uuid = "wsrep_cluster_state_uuid"
	if l.status("db3", uuid) != l.status("db1", uuid) {
		t.Error("old data keeps its history")
	}
	l.do(Stop, "db3").do(Wipe, "db3").do(NewCluster, "db3").after(time.Second)
	if l.status("db3", uuid) == l.status("db1", uuid) {
		t.Error("an empty node must begin a new history")
	}
}

func TestAVotedOutNodeSaysSo(t *testing.T) {
	l := newLab(t, Options{Seed: 17}).after(time.Second)
	l.do(Evict, "db3").after(time.Second)
	l.says("db3", clusterStatus, "Disconnected", "wsrep_local_state", "5", comment, "Inconsistent",
		"wsrep_local_state_uuid", nilUUID, "wsrep_last_committed", "-1", clusterSize, "0", "wsrep_connected", "OFF")
	l.says("db1", clusterStatus, "Primary", clusterSize, "2")
}

func TestARunawayAndALockHolderPileUpThreads(t *testing.T) {
	l := newLab(t, Options{Seed: 18, Threads: 120}).after(time.Second)
	l.do(Runaway, "db1").do(LockRows, "db1").after(20 * time.Second)
	_, _, waiting := l.node("db1").threadCounts()
	if waiting < 5 {
		t.Errorf("%d threads wait for row locks", waiting)
	}
	l.do(Calm, "db1").after(5 * time.Second)
	if _, _, waiting = l.node("db1").threadCounts(); waiting != 0 {
		t.Errorf("%d threads still wait", waiting)
	}
}

func TestFlowControlMakesClientThreadsWait(t *testing.T) {
	l := newLab(t, Options{Seed: 19}).after(5 * time.Second)
	l.act(Action{Do: Slow, Node: "db3", Value: 0.001}).after(10 * time.Second)
	waiting := 0
	for _, c := range l.node("db1").clients {
		if c.state == "Waiting for certification" {
			waiting++
		}
	}
	if waiting < 5 {
		t.Errorf("%d threads wait for flow control", waiting)
	}
}

func TestEveryScenarioBeginsCalmAndRepeats(t *testing.T) {
	for _, s := range Scenarios() {
		t.Run(s.Name, func(t *testing.T) {
			l := newLab(t, Options{Seed: 20, Scenario: s.Name})
			l.after(5 * time.Second)
			l.isWhole()
			if s.Name != "calm" && s.Steps[0].At > 10*time.Second {
				t.Error("the incident takes too long to start")
			}
			wait, want := 2*s.Every+s.Steps[0].At, 3
			if s.Every == 0 { // it happens once, and waits for somebody
				wait, want = 3*time.Minute, 1
			}
			l.after(wait)
			told := 0
			for _, line := range l.said {
				if line.Text == s.Steps[0].Say {
					told++
				}
			}
			if told < want || s.Every == 0 && told > want {
				t.Errorf("the first step happened %d times, want %d", told, want)
			}
		})
	}
}

func TestCountersNeverFallInAnyScenario(t *testing.T) {
	for _, s := range Scenarios() {
		l := newLab(t, Options{Seed: 21, Scenario: s.Name})
		before := make(map[string]counters)
		started := make(map[string]time.Duration)
		for range 80 {
			l.after(time.Second)
			for _, n := range l.nodes {
				was, now := before[n.name], n.count
				if n.started == started[n.name] && (now.received < was.received || now.replicated < was.replicated ||
					now.questions < was.questions || now.commits < was.commits) {
					t.Fatalf("%s: %s: %+v after %+v", s.Name, n.name, now, was)
				}
				before[n.name], started[n.name] = now, n.started
			}
		}
	}
}

func BenchmarkStep(b *testing.B) {
	for _, size := range []struct{ nodes, threads int }{{3, 40}, {100, 1000}} {
		b.Run(fmt.Sprintf("%dx%d", size.nodes, size.threads), func(b *testing.B) {
			o := Options{Nodes: size.nodes, Threads: size.threads}
			_ = o.defaults()
			e := newEngine(o, time.Unix(0, 0), func(*node) string { return "10.0.0.1:3306" })
			b.ReportAllocs()
			for b.Loop() {
				e.step()
			}
		})
	}
}

func BenchmarkAnswer(b *testing.B) {
	o := Options{Threads: 1000}
	_ = o.defaults()
	e := newEngine(o, time.Unix(0, 0), func(*node) string { return "10.0.0.1:3306" })
	for range 200 {
		e.step()
	}
	s := &session{node: e.nodes[0], vars: map[string]string{}, thread: &thread{node: e.nodes[0]}}
	for name, sql := range statementsOf(model.FlavourMariaDB) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.query(sql); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
