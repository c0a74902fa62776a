package model

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// midday is when the snapshots of these tests begin.
var midday = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// calm are three nodes at the given second, Synced, with healthy settings and 100
// write-sets a second.
func calm(second int) []*Node {
	at := midday.Add(time.Duration(second) * time.Second)
	var nodes []*Node
	for _, name := range []string{"db1", "db2", "db3"} {
		n := answering(name, Primary, StateSynced, "db1", "db2", "db3")
		n.Listed = true
		s := n.Sample
		s.At, s.Took = at, time.Millisecond
		s.Server.Flavour, s.Server.Version = FlavourMariaDB, "10.11.19-MariaDB-log"
		st := &s.Status
		st.ClusterStateUUID, st.LocalStateUUID, st.ProviderVersion, st.EVSState = "u", "u", "4.23", "OPERATIONAL"
		st.LastCommitted, st.CachedDownto = N(100_000+100*int64(second)), N(1)
		st.RecvQueue, st.SendQueue, st.DesyncCount, st.CertDepsDist = N(0), N(0), N(0), R(20)
		st.FCRequested, st.ApplierThreads, st.ThreadsConnected = Off, N(4), N(10)
		st.Replicated, st.Received, st.ReplicatedBytes, st.ReceivedBytes = N(10_000), N(90_000), N(10_000_000), N(90_000_000)
		n.Rates = Rates{Interval: time.Second, Paused: R(0), FCSent: R(0), Committed: R(100), LocalCommits: R(30), CertFailures: R(0), BFAborts: R(0)}
		s.Slow.Variables = &Variables{Reading: Reading{At: at}, Values: map[string]string{
			"wsrep_desync": "OFF", "wsrep_cluster_address": "gcomm://db1,db2,db3", "max_connections": "100", "binlog_format": "ROW",
			"innodb_autoinc_lock_mode": "2", "default_storage_engine": "InnoDB", "wsrep_reject_queries": "NONE", "read_only": "OFF",
			"wsrep_max_ws_size": "2147483647", "wsrep_sst_method": "rsync", "log_output": "FILE", "wsrep_auto_increment_control": "ON",
			"wsrep_sst_auth": "", "wsrep_sst_donor": "", "pxc_maint_mode": "DISABLED", "pxc_strict_mode": "ENFORCING",
			"wsrep_ignore_apply_errors": "7",
			"wsrep_provider_options":    "gcache.size = 128M; gcs.fc_limit = 16; gcs.fc_single_primary = no; pc.ignore_sb = false; pc.ignore_quorum = false",
		}}
		nodes = append(nodes, n)
	}
	return nodes
}

func set(n *Node, name, value string) { n.Sample.Slow.Variables.Values[name] = value }

func runs(n *Node, p ...Process) { n.Sample.Processes.Rows = append(n.Sample.Processes.Rows, p...) }

// change is what a test does to the three nodes at a second.
type change func(second int, db1, db2, db3 *Node)

// diagnosed follows the changed nodes for some seconds and returns the last snapshot.
func diagnosed(rules []Rule, seconds int, do change) *Snapshot {
	d := newDiagnosis(rules)
	var s *Snapshot
	for i := range seconds {
		nodes := calm(i)
		do(i, nodes[0], nodes[1], nodes[2])
		s = &Snapshot{At: midday.Add(time.Duration(i) * time.Second), Nodes: nodes}
		s.Complete()
		d.Next(s)
	}
	return s
}

// trouble is something that a rule must find, and something near it that it must
// not.
type trouble struct {
	rule, title string // the title's beginning
	level       Level
	seconds     int // 12 if 0
	bad, near   change
}

// ownRules are the rules that these tests are about.
func ownRules() []Rule {
	var out []Rule
	for _, table := range [][]Rule{flowRules, transferRules, configRules, loadRules} {
		out = append(out, table...)
	}
	return out
}

func findingOf(s *Snapshot, rule string) *Finding {
	for i := range s.Findings {
		if s.Findings[i].Rule == rule {
			return &s.Findings[i]
		}
	}
	return nil
}

func checkTroubles(t *testing.T, troubles []trouble) {
	t.Helper()
	for _, c := range troubles {
		seconds := c.seconds
		if seconds == 0 {
			seconds = 12
		}
		s := diagnosed(ownRules(), seconds, c.bad)
		f := findingOf(s, c.rule)
		if f == nil {
			t.Errorf("%s %q is not found, but %+v", c.rule, c.title, s.Findings)
			continue
		}
		if !strings.HasPrefix(f.Title, c.title) || f.Level != c.level {
			t.Errorf("%s: %v %q, not %v %q", c.rule, f.Level, f.Title, c.level, c.title)
		}
		checkTexts(t, f)
		if c.near == nil {
			continue
		}
		if f := findingOf(diagnosed(ownRules(), seconds, c.near), c.rule); f != nil {
			t.Errorf("%s is found where it is not: %+v", c.rule, f)
		}
	}
}

// checkTexts holds a finding to what every finding must have.
func checkTexts(t *testing.T, f *Finding) {
	t.Helper()
	if f.Title == "" || f.Why == "" || len(f.Do) == 0 || len(f.Evidence) == 0 {
		t.Errorf("%s lacks a part: %+v", f.Rule, f)
	}
	texts := append([]string{f.Why}, f.Do...)
	for _, text := range texts {
		if !strings.HasSuffix(text, ".") || strings.ContainsAny(text, "{}\n") || strings.Contains(text, "%!") || text[:1] != strings.ToUpper(text[:1]) {
			t.Errorf("%s: no full sentence: %q", f.Rule, text)
		}
	}
	if strings.ContainsAny(f.Title, "{}\n") || strings.HasSuffix(f.Title, ".") || strings.Contains(f.Title, "%!") {
		t.Errorf("%s: title %q", f.Rule, f.Title)
	}
	for _, e := range f.Evidence {
		if e.Variable == "" || e.Value == "" || strings.Contains(e.Value, "%!") {
			t.Errorf("%s: evidence %+v", f.Rule, e)
		}
	}
	for _, id := range f.Nodes {
		if !strings.HasSuffix(id, ":3306") {
			t.Errorf("%s: node %q is no ID", f.Rule, id)
		}
	}
}

func TestACalmClusterHasNoFindings(t *testing.T) {
	if s := diagnosed(ownRules(), 30, func(int, *Node, *Node, *Node) {}); len(s.Findings) > 0 || len(s.Events) > 0 {
		t.Errorf("%+v, %+v", s.Findings, s.Events)
	}
	bare := diagnosed(ownRules(), 30, func(_ int, a, b, c *Node) {
		for _, n := range []*Node{a, b, c} {
			n.Sample.Slow, n.Rates = Slow{}, Rates{}
		}
	})
	if len(bare.Findings) > 0 {
		t.Errorf("without variables and rates: %+v", bare.Findings)
	}
}

func TestEveryRuleSaysWhereItComesFrom(t *testing.T) {
	seen := make(map[string]bool)
	for _, r := range ownRules() {
		if r.ID == "" || seen[r.ID] || r.Source == "" || r.Level == LevelOK || r.Find == nil {
			t.Errorf("rule %+v", r)
		}
		seen[r.ID] = true
	}
}

// brakes makes a node hold the others for a share of the time.
func brakes(share float64, queue int64, nodes ...*Node) {
	for _, n := range nodes {
		n.Rates.Paused = R(share)
	}
	last := nodes[len(nodes)-1]
	last.Sample.Status.FCRequested, last.Sample.Status.RecvQueue, last.Rates.FCSent = On, N(queue), R(2)
}

func TestFlowControlIsFoundWithItsBrakeAndTheReason(t *testing.T) {
	checkTroubles(t, []trouble{
		{
			rule: "flow-control-standstill", title: "Writes stand still 97 % of the time: db3 cannot apply fast enough (queue 56, 4 appliers)", level: LevelCritical,
			bad:  func(_ int, a, b, c *Node) { brakes(0.97, 56, a, b, c) },
			near: func(_ int, a, b, c *Node) { brakes(0.79, 56, a, b, c) },
		},
		{
			rule: "flow-control", title: "Writes are held up 45 % of the time: db3 cannot apply", level: LevelWarning,
			bad: func(_ int, a, b, c *Node) { brakes(0.45, 56, a, b, c) }, near: func(_ int, a, b, c *Node) { brakes(0.04, 56, a, b, c) },
		},
		{
			rule: "flow-control", title: "Writes are held up 6 % of the time", level: LevelNotice,
			bad: func(_ int, a, b, c *Node) { brakes(0.06, 56, a, b, c) }, near: func(i int, a, b, c *Node) { brakes(0.5*float64(i%2), 56, a, b, c) },
		},
		{
			rule: "flow-control-standstill", title: "Writes stand still 90 % of the time: db3 cannot apply fast enough (queue 40, 1 applier)", level: LevelCritical,
			bad: func(_ int, a, b, c *Node) {
				brakes(0.9, 40, a, b, c)
				c.Sample.Status.ApplierThreads = N(1)
			},
		},
		{
			rule: "flow-control-standstill", title: "Writes stand still 90 % of the time: a lock on db3 stops its appliers, probably of thread 42 (queue 40)", level: LevelCritical,
			bad: func(_ int, a, b, c *Node) {
				brakes(0.9, 40, a, b, c)
				runs(c, Process{ID: 2, User: SystemUser, Command: "Sleep", State: "Waiting for table metadata lock", Time: 9 * time.Second},
					Process{ID: 42, User: "app", Command: "Sleep", Time: 30 * time.Second})
			},
		},
		{
			rule: "flow-control-standstill", title: "Writes stand still 90 % of the time: a lock on db3 stops its appliers, probably of thread 42 (queue 40)", level: LevelCritical,
			bad: func(_ int, a, b, c *Node) {
				brakes(0.9, 40, a, b, c)
				runs(c, Process{ID: 2, User: SystemUser, Command: "Sleep", State: "Waiting to execute in isolation", Query: "INSERT INTO orders VALUES (1)", Time: 9 * time.Second},
					Process{ID: 42, User: "app", Command: "Sleep", Time: 30 * time.Second})
			},
		},
		{
			rule: "flow-control-standstill", title: "Writes stand still 90 % of the time: db3 runs a schema change in thread 7 (queue 40)", level: LevelCritical,
			bad: func(_ int, a, b, c *Node) {
				brakes(0.9, 40, a, b, c)
				runs(c, Process{ID: 7, User: SystemUser, Command: "Query", Query: "ALTER TABLE t ADD x INT", Time: 9 * time.Second})
			},
		},
		{
			rule: "flow-control-standstill", title: "Writes stand still 90 % of the time: db3 has been busy with one write-set for 11s", level: LevelCritical,
			bad: func(_ int, a, b, c *Node) {
				brakes(0.9, 40, a, b, c)
				c.Sample.Status.LastCommitted = N(100_000)
			},
		},
		{
			rule: "flow-control-standstill", title: "Writes stand still 90 % of the time: db3 has just joined", level: LevelCritical,
			bad: func(_ int, a, b, c *Node) {
				brakes(0.9, 40, a, b, c)
				c.Sample.Status.LocalState = N(int64(StateJoined))
			},
		},
		{
			rule: "flow-control-unseen", title: "Writes stand still 100 % of the time, and no node", level: LevelCritical,
			bad: func(_ int, a, b, _ *Node) { a.Rates.Paused, b.Rates.Paused = R(1), R(1) },
			near: func(_ int, a, b, c *Node) {
				a.Rates.Paused, b.Rates.Paused = R(1), R(1)
				c.Rates.FCSent = R(0.5)
			},
		},
		{
			rule: "lagging", title: "db2 lags behind by 240 write-sets, never empty", level: LevelWarning,
			bad: func(i int, _, b, _ *Node) { b.Sample.Status.RecvQueue = N(130 + 10*int64(i)) },
			near: func(i int, _, b, _ *Node) {
				b.Sample.Status.RecvQueue = N(130 + 10*int64(i))
				b.Sample.Status.LocalState = N(int64(StateDonor))
			},
		},
		{
			rule: "lagging", title: "db2 lags behind by 130 write-sets, empty in 13s", level: LevelNotice,
			bad:  func(i int, _, b, _ *Node) { b.Sample.Status.RecvQueue = N(240 - 10*int64(i)) },
			near: func(i int, _, b, _ *Node) { b.Sample.Status.RecvQueue = N(400 * int64((i+1)%2)) },
		},
	})
}

// readLock makes the node what FLUSH TABLES WITH READ LOCK makes of it.
func readLock(second int, n *Node) {
	st := &n.Sample.Status
	st.LocalState, st.DesyncCount, st.LastCommitted, st.RecvQueue = N(int64(StateDonor)), N(1), N(100_000), N(1+100*int64(second))
}

func TestAReadLockIsToldFromAStateTransferAndFromADesyncByHand(t *testing.T) {
	checkTroubles(t, []trouble{
		{
			rule: "read-lock", title: "db3 applies nothing: a backup or a global read lock holds it, probably thread 42 (queue", level: LevelWarning,
			bad: func(i int, _, _, c *Node) {
				readLock(i, c)
				runs(c, Process{ID: 42, User: "backup", Command: "Sleep", Time: time.Duration(i) * time.Second})
			},
			near: func(i int, _, _, c *Node) {
				readLock(i, c)
				set(c, "wsrep_desync", "ON")
			},
		},
		{
			rule: "read-lock", title: "db3 applies nothing: a backup or a global read lock holds it (queue", level: LevelWarning,
			bad: func(i int, _, _, c *Node) {
				readLock(i, c)
				c.Sample.Slow = Slow{}
				runs(c, Process{ID: 7, User: "app", Command: "Query", State: "Waiting for backup lock", Query: "INSERT INTO t VALUES (1)", Time: time.Second})
			},
			near: func(i int, a, _, c *Node) {
				readLock(i, c)
				*a = Node{ID: a.ID, Name: a.Name, Address: a.Address, Link: LinkDown, Listed: true}
			},
		},
	})
}

// The variables are read again at once when a status shows a desync, which is
// before the snapshot with that status is put together.
func TestAReadingOfVariablesBetweenStatusAndSnapshotIsYoungerThanTheDesync(t *testing.T) {
	s := diagnosed(flowRules, 12, func(i int, _, _, c *Node) {
		c.Sample.At = c.Sample.At.Add(-300 * time.Millisecond)
		c.Sample.Slow.Variables.At = midday.Add(3*time.Second - 200*time.Millisecond)
		if i >= 3 {
			readLock(i, c)
		}
	})
	if findingOf(s, "read-lock") == nil {
		t.Errorf("the read lock is not found: %+v", s.Findings)
	}
}

func TestFlowControlThatComesAndGoesDoesNotFlap(t *testing.T) {
	share := func(i int) float64 { return []float64{0.97, 0.96, 0.2, 0.99, 0.98, 0.97, 0.4, 0.95, 0, 0.96}[i%10] }
	s := diagnosed(flowRules, 60, func(i int, a, b, c *Node) { brakes(share(i), 56, a, b, c) })
	said := 0
	for _, e := range s.Events {
		if e.Kind == EventFinding || e.Kind == EventCleared {
			said++
		}
	}
	if said != 1 || findingOf(s, "flow-control-standstill") == nil {
		t.Errorf("%d events, findings %+v", said, s.Findings)
	}
}

func TestBandsOfFlowControlHandOverAtOnce(t *testing.T) {
	for seconds := 5; seconds < 20; seconds++ {
		s := diagnosed(flowRules, seconds, func(i int, a, b, c *Node) {
			share := 0.95
			if i >= 10 {
				share = 0.5
			}
			brakes(share, 56, a, b, c)
		})
		if len(s.Findings) != 1 {
			t.Errorf("after %d s: %s", seconds, fmt.Sprint(s.Findings))
		}
	}
}
