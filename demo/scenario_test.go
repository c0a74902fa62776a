package demo

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/galeratop/galeratop/collector"
	"github.com/galeratop/galeratop/model"
)

// isWhole checks that everyone is Synced in one Primary Component.
func (l *lab) isWhole() {
	l.t.Helper()
	if len(l.views) != 1 || !l.views[0].primary || len(l.views[0].members) != len(l.nodes) {
		l.t.Errorf("at %s: %d components", l.now, len(l.views))
	}
	for _, n := range l.nodes {
		l.says(n.name, clusterStatus, "Primary", comment, "Synced", "wsrep_desync_count", "0", readiness, "ON")
	}
}

// asks runs one of the collector's statements and returns its rows as texts.
func (l *lab) asks(node, statement string) [][]string {
	l.t.Helper()
	s := &session{node: l.node(node), vars: make(map[string]string)}
	s.thread = &thread{node: s.node, real: s, opened: noTransaction}
	i := slices.IndexFunc(collector.Statements(), func(st *collector.Statement) bool { return st.Name == statement })
	form, ok := collector.Statements()[i].Form(serverOf(l.face.flavour))
	if !ok {
		l.t.Fatalf("no form of %s", statement)
	}
	result, err := s.query(form.Bounded(1000))
	if err != nil {
		l.t.Fatalf("%s: %v", node, err)
	}
	var out [][]string
	for _, raw := range result.RowDatas {
		values, err := raw.ParseText(result.Fields, nil)
		if err != nil {
			l.t.Fatal(err)
		}
		row := make([]string, len(values))
		for i := range values {
			if values[i].Value() != nil {
				row[i] = strings.Trim(values[i].String(), "'")
			}
		}
		out = append(out, row)
	}
	return out
}

// number is a status variable as a number.
func (l *lab) number(node, name string) float64 {
	l.t.Helper()
	return leadingNumber(l.status(node, name))
}

// atLeast checks a number of a node's status.
func (l *lab) atLeast(node, name string, least float64) {
	l.t.Helper()
	if got := l.number(node, name); got < least {
		l.t.Errorf("%s: %s is %g, want at least %g", node, name, got, least)
	}
}

// waits counts the threads whose process list row holds all texts.
func (l *lab) waits(node string, least int, texts ...string) {
	l.t.Helper()
	count := 0
	for _, row := range l.asks(node, "processes") {
		line := strings.Join(row, "|")
		if !slices.ContainsFunc(texts, func(t string) bool { return !strings.Contains(line, t) }) {
			count++
		}
	}
	if count < least {
		l.t.Errorf("%s: %d threads with %q, want %d", node, count, texts, least)
	}
}

// variable is a row of SHOW GLOBAL VARIABLES.
func (l *lab) variable(node, name string) string {
	l.t.Helper()
	for _, row := range l.asks(node, "variables") {
		if row[0] == name {
			return row[1]
		}
	}
	l.t.Errorf("%s: no variable %s", node, name)
	return ""
}

const (
	noConf      = "18446744073709551615"
	stateUUID   = "wsrep_cluster_state_uuid"
	committed   = "wsrep_last_committed"
	desyncCount = "wsrep_desync_count"
	recvQueue   = "wsrep_local_recv_queue"
)

// lost is the signature of a node that has no Primary Component.
func (l *lab) lost(size string, nodes ...string) {
	l.t.Helper()
	for _, n := range nodes {
		l.says(n, clusterStatus, "non-Primary", clusterSize, size, confID, noConf, readiness, "OFF",
			"wsrep_local_state", "0", "wsrep_connected", "ON", "wsrep_cluster_weight", "0")
	}
}

// donor checks that a node is Donor/Desynced by something else than
// wsrep_desync.
func (l *lab) donor(node string) {
	l.t.Helper()
	l.says(node, comment, "Donor/Desynced", desyncCount, "1", clusterStatus, "Primary", readiness, "ON")
	if got := l.variable(node, "wsrep_desync"); got != "OFF" {
		l.t.Errorf("%s: wsrep_desync is %s", node, got)
	}
}

// signatures are what the servers say from one moment of the incident to
// another, at least 40 s later where the incident lasts.
var signatures = []struct {
	scenario string
	from, to int // seconds
	check    func(*lab)
}{
	{"hang", 16, 54, func(l *lab) { l.says("db1", clusterSize, "2", clusterStatus, "Primary") }},
	{"split-brain", 20, 32, func(l *lab) {
		// In nothing that is counted do the two differ.
		for _, name := range []string{stateUUID, confID, committed, clusterStatus, comment, readiness} {
			l.says("db3", name, l.status("db1", name))
		}
		l.says("db1", clusterSize, "2", clusterStatus, "Primary", confID, "1").says("db3", clusterSize, "1", comment, "Synced")
	}},
	{"split-brain", 40, 84, func(l *lab) {
		l.says("db1", clusterSize, "2", clusterStatus, "Primary")
		l.says("db3", clusterSize, "1", clusterStatus, "Primary", stateUUID, l.status("db1", stateUUID), readiness, "ON")
		l.atLeast("db1", "wsrep_replicated", 1)
		l.atLeast("db3", "wsrep_replicated", 1)
		if l.status("db1", committed) == l.status("db3", committed) {
			l.t.Error("the sides do not part")
		}
	}},
	{"quorum-lost", 16, 64, func(l *lab) { l.lost("1", "db1", "db2", "db3") }},
	{"last-survivor", 16, 59, func(l *lab) { l.lost("1", "db1") }},
	{"even-split", 16, 64, func(l *lab) { l.lost("2", "db1", "db2", "db3", "db4") }},
	{"second-cluster", 13, 69, func(l *lab) {
		l.says("db3", clusterSize, "1", clusterStatus, "Primary", comment, "Synced", confID, "1")
		l.says("db1", clusterSize, "2", clusterStatus, "Primary")
		if l.status("db3", stateUUID) == l.status("db1", stateUUID) {
			l.t.Error("an empty directory must begin a history")
		}
		if got := l.variable("db3", "wsrep_cluster_address"); got != "gcomm://" {
			l.t.Errorf("db3 has the address %q", got)
		}
	}},
	{"second-cluster-old-data", 13, 69, func(l *lab) {
		l.says("db3", clusterSize, "1", clusterStatus, "Primary", confID, "1", stateUUID, l.status("db1", stateUUID))
		l.says("db1", clusterSize, "2", clusterStatus, "Primary")
	}},
	{"inconsistent", 10, 59, func(l *lab) {
		l.says("db3", clusterStatus, "Disconnected", "wsrep_local_state", "5", "wsrep_local_state_uuid", nilUUID, committed, "-1", clusterSize, "0")
		l.says("db1", clusterSize, "2", clusterStatus, "Primary")
	}},
	{"garbd", 16, 64, func(l *lab) {
		l.says("db1", clusterSize, "4", "wsrep_cluster_weight", "4", clusterStatus, "Primary")
		if strings.Contains(l.status("db1", "wsrep_incoming_addresses"), ",,") {
			l.t.Error("the arbitrator is still listed")
		}
	}},
	{"garbd-alone", 32, 59, func(l *lab) {
		for _, n := range l.nodes {
			if n.listening() {
				l.t.Errorf("%s listens", n.name)
			}
		}
		if v := l.node("garb").view; v == nil || !v.primary || len(v.members) != 1 {
			l.t.Error("the arbitrator is not alone")
		}
	}},
	{"flapping", 22, 70, func(l *lab) {
		if !strings.Contains(l.status("db1", "wsrep_evs_delayed"), l.node("db3").uuid) {
			l.t.Errorf("at %s db1 does not list db3: %q", l.now, l.status("db1", "wsrep_evs_delayed"))
		}
		if strings.Contains(l.status("db1", "wsrep_evs_delayed"), l.node("db2").uuid) {
			l.t.Error("db1 lists db2")
		}
	}},
	{"sst", 12, 58, func(l *lab) {
		l.donor("db2")
		l.says("db1", clusterSize, "3", comment, "Synced")
		if l.node("db3").listening() {
			l.t.Error("the joiner's port is open")
		}
		if !strings.Contains(l.status("db1", "wsrep_incoming_addresses"), l.node("db3").address) {
			l.t.Error("the joiner is not listed")
		}
	}},
	{"stuck-donor", 24, 74, func(l *lab) {
		l.donor("db2")
		l.says("db2", clusterSize, "2").says("db1", clusterSize, "2")
	}},
	{"desync-left", 20, 74, func(l *lab) {
		l.says("db3", comment, "Donor/Desynced", desyncCount, "1", "wsrep_flow_control_requested", "false")
		if got := l.variable("db3", "wsrep_desync"); got != "ON" {
			l.t.Errorf("wsrep_desync is %s", got)
		}
		l.atLeast("db3", recvQueue, 300)
	}},
	{"slow-network", 20, 64, func(l *lab) {
		l.atLeast("db3", "wsrep_local_send_queue", 10)
		l.says("db1", "wsrep_local_send_queue", "0")
		l.atLeast("db1", "wsrep_evs_repl_latency", 0.5)
		if got := l.status("db1", "wsrep_evs_delayed"); !strings.HasPrefix(got, l.node("db3").uuid) {
			l.t.Errorf("db1 lists %q as delayed", got)
		}
		l.says("db1", clusterSize, "3", clusterStatus, "Primary")
	}},
	{"backup-lock", 14, 64, func(l *lab) {
		l.donor("db2")
		l.atLeast("db2", recvQueue, 100)
		l.waits("db2", 1, "backup", "SQL_NO_CACHE")
		l.waits("db2", 1, "system user", strings.Split(l.face.applierIdle, "%")[0])
		l.waits("db2", 3, "shop_app", l.face.states[waitLock])
		l.says("db2", "wsrep_flow_control_requested", "false")
	}},
	{"ddl-stall", 15, 23, func(l *lab) { // all nodes run it
		for _, n := range []string{"db1", "db3"} {
			l.waits(n, 1, "shop_app", l.face.states[waitTOI])
		}
		l.waits("db1", 1, "shop_admin", stateAltering, "ALTER TABLE")
		l.waits("db3", 1, "system user", stateAltering, "ALTER TABLE")
	}},
	{"ddl-stall", 28, 64, func(l *lab) { // db2 alone has not begun and pauses all
		l.waits("db2", 1, "system user", stateMetadata, "ALTER TABLE")
		l.waits("db2", 1, "report", "Sleep")
		l.waits("db2", 1, "shop_app", stateMetadata)
		l.waits("db1", 2, "shop_app", l.face.states[waitFlow])
		l.says("db2", "wsrep_flow_control_requested", "true", comment, "Synced").says("db1", "wsrep_flow_control_active", "true")
		l.atLeast("db2", recvQueue, 28)
	}},
	{"idle-transaction", 20, 84, func(l *lab) {
		old := slices.ContainsFunc(l.asks("db2", "transactions"), func(row []string) bool {
			return leadingNumber(row[2]) > 10 && leadingNumber(row[3]) > 1000
		})
		if !old {
			l.t.Error("no old transaction with many rows")
		}
		l.atLeast("db2", "Innodb_row_lock_current_waits", 1)
		if l.face.flavour == mariadb {
			l.atLeast("db2", "Innodb_history_list_length", 2000)
		}
	}},
	{"connections", 24, 64, func(l *lab) {
		l.atLeast("db1", "Threads_connected", 0.9*leadingNumber(l.variable("db1", "max_connections")))
	}},
	{"gcomm", 32, 79, func(l *lab) {
		l.isWhole()
		if got := l.variable("db1", "wsrep_cluster_address"); got != "gcomm://" {
			l.t.Errorf("db1 has the address %q", got)
		}
		if got := l.variable("db2", "wsrep_cluster_address"); strings.Count(got, ",") != 2 {
			l.t.Errorf("db2 has the address %q", got)
		}
	}},
	{"rejecting", 10, 64, func(l *lab) {
		l.says("db2", comment, "Synced")
		if got := l.variable("db2", "wsrep_reject_queries"); got != "ALL" {
			l.t.Errorf("wsrep_reject_queries is %s", got)
		}
	}},
}

func TestEveryIncidentShowsItsSignatureAsLongAsItLasts(t *testing.T) {
	for _, flavour := range []model.Flavour{mariadb, pxc} {
		for _, c := range signatures {
			t.Run(string(flavour)+" "+c.scenario, func(t *testing.T) {
				l := newLab(t, Options{Seed: 31, Scenario: c.scenario, Flavour: flavour})
				l.after(time.Duration(c.from) * time.Second)
				for range 4 {
					c.check(l)
					l.after(time.Duration(c.to-c.from) * time.Second / 4)
				}
			})
		}
	}
}

func TestAConflictStormCountsFailuresAndAborts(t *testing.T) {
	l := newLab(t, Options{Seed: 32, Scenario: "conflict-storm"}).after(10 * time.Second)
	failed, aborted := l.number("db1", "wsrep_local_cert_failures"), l.number("db1", "wsrep_local_bf_aborts")
	l.after(40 * time.Second)
	l.atLeast("db1", "wsrep_local_cert_failures", failed+100)
	l.atLeast("db1", "wsrep_local_bf_aborts", aborted+100)
	seen := 0
	for range 20 {
		l.after(500 * time.Millisecond)
		for _, row := range l.asks("db1", "processes") {
			if slices.Contains(row, hotText) {
				seen++
			}
		}
	}
	if seen == 0 {
		t.Error("nobody runs the statement on the hot row")
	}
}

func TestFlushStatusIsReplicatedAndSparesWhatTheProviderKeeps(t *testing.T) {
	l := newLab(t, Options{Seed: 33}).act(Action{Do: Slow, Node: "db3", Value: 0.02}).after(20 * time.Second)
	kept := []string{"wsrep_replicated", "wsrep_local_commits", "wsrep_flow_control_paused_ns", "wsrep_received"}
	zeroed := []string{"wsrep_flow_control_recv", "wsrep_flow_control_paused", "wsrep_local_recv_queue_avg", "wsrep_cert_deps_distance", "Aborted_clients"}
	before := make(map[string]float64)
	for _, name := range kept {
		before[name] = l.number("db1", name)
	}
	seqno := l.views[0].seqno
	l.do(Flush, "db2")
	if l.views[0].seqno != seqno+1 {
		t.Error("FLUSH STATUS costs a seqno")
	}
	for _, name := range kept {
		l.atLeast("db1", name, before[name])
	}
	for _, n := range []string{"db1", "db2", "db3"} {
		for _, name := range zeroed {
			l.says(n, name, "0")
		}
	}
	s := &session{node: l.node("db1"), vars: make(map[string]string)}
	l.after(3 * time.Second)
	if _, err := s.query("FLUSH LOCAL STATUS"); err != nil {
		t.Fatal(err)
	}
	if l.says("db1", "wsrep_flow_control_recv", "0"); l.number("db2", "wsrep_flow_control_recv") == 0 {
		t.Error("FLUSH LOCAL STATUS went to the others")
	}
	if _, err := s.query("FLUSH TABLES"); err == nil {
		t.Error("the simulator has no FLUSH TABLES")
	}
}

func TestAScenarioGetsTheNodesItNeeds(t *testing.T) {
	c := start(t, Options{Seed: 34, Nodes: 3, Scenario: "even-split"})
	if got := len(c.Addresses()); got != 4 {
		t.Errorf("%d nodes, want 4", got)
	}
	c = start(t, Options{Seed: 34, Nodes: 1, Scenario: "split-brain"})
	if got := len(c.Addresses()); got != 3 {
		t.Errorf("%d nodes, want the 3 that the script names", got)
	}
	c = start(t, Options{Seed: 34, Nodes: 6, Scenario: "garbd"})
	if got := len(c.Addresses()); got != 6 {
		t.Errorf("%d nodes, want 6", got)
	}
	if got := c.conn(0).says("SHOW GLOBAL STATUS LIKE 'wsrep_cluster_size'"); got != "7" {
		t.Errorf("size %s, want 7 with the arbitrator", got)
	}
}

func TestScenariosLeaveTheClusterWholeForTheNextRound(t *testing.T) {
	for _, o := range []Options{
		{Seed: 35},
		{Seed: 35, Flavour: pxc},
		{Seed: 36, Nodes: 6},
		{Seed: 37, Nodes: 5, Arbitrator: true},
	} {
		for _, s := range Scenarios() {
			if s.Every == 0 {
				continue // it waits for somebody
			}
			o.Scenario = s.Name
			t.Run(fmt.Sprintf("%s%d %s", o.Flavour, o.Nodes, s.Name), func(t *testing.T) {
				l, rounds := newLab(t, o), 3
				if o.Nodes > 0 {
					rounds = 2
				}
				for range rounds {
					l.after(s.Every)
					l.isWhole()
					for _, n := range l.nodes {
						if n.queue > 500 || n.lag != 0 || n.speed != 1 || n.frozen {
							t.Errorf("%s: queue %d, lag %g, speed %g, frozen %v", n.name, n.queue, n.lag, n.speed, n.frozen)
						}
					}
				}
			})
		}
	}
}

func TestAnEmptyAddressAtRuntimeFoundsAClusterOnTheLastMemberOnly(t *testing.T) {
	l := newLab(t, Options{Seed: 36}).after(time.Second)
	set := Action{Do: Set, Node: "db3", Text: "wsrep_cluster_address=gcomm://"}
	l.act(set).after(10*time.Second).says("db3", clusterStatus, "Disconnected", clusterSize, "0", readiness, "OFF")
	l.says("db1", clusterSize, "2")
	l.do(Stop, "db2").do(Stop, "db3").after(time.Second)
	set.Node = "db1"
	l.act(set).after(5*time.Second).says("db1", clusterStatus, "Primary", clusterSize, "1", confID, "1")
}

func TestANodeAheadOfItsGroupAborts(t *testing.T) {
	l := newLab(t, Options{Seed: 37}).after(time.Second)
	l.do(Stop, "db3")
	n := l.node("db3")
	n.committed += 100_000
	l.do(Launch, "db3").after(10 * time.Second)
	if !stopped(n) {
		t.Error("it joined")
	}
	l.says("db1", clusterSize, "2", clusterStatus, "Primary")
}

func TestKillEndsWhoHoldsUpTheGroup(t *testing.T) {
	l := newLab(t, Options{Seed: 38}).after(time.Second)
	l.do(Freeze, "db2").do(LockTables, "db3").do(Alter, "db1").after(5 * time.Second)
	altering := l.node("db1").clients[slices.IndexFunc(l.node("db1").clients, func(t *thread) bool { return t.role == roleDDL })]
	l.node("db1").killClient(altering, false)
	if l.after(5 * time.Second); !altering.running {
		t.Error("KILL ended a DDL in total order isolation")
	}
	l.after(10 * time.Second)
	if l.ddl == nil {
		t.Fatal("the ALTER is over")
	}
	holder := func(node, role string) *thread {
		n := l.node(node)
		i := slices.IndexFunc(n.clients, func(t *thread) bool { return t.role == role })
		return n.clients[i]
	}
	for node, role := range map[string]string{"db2": roleFreezer, "db3": roleTables} {
		h := holder(node, role)
		l.node(node).killClient(h, true)
		if !l.node(node).holds(role) {
			t.Errorf("%s: KILL QUERY took the lock away", node)
		}
		l.node(node).killClient(h, false)
	}
	l.after(alterTime + 5*time.Second)
	l.isWhole()
	if l.ddl != nil {
		t.Error("the ALTER still waits")
	}
}
