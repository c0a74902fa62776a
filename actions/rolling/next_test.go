package rolling

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/model"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const history = "4a9c1f6e-0000-11f0-9b1e-8e0d5e3c1a77"

// stage is a healthy group of three and a rolling restart of it that has begun.
type stage struct {
	*View
	procedure actions.Procedure
	order     Order
}

func newStage() *stage {
	s := &model.Snapshot{Tick: 1, At: noon, Interval: time.Second, Cluster: "shop"}
	v := &View{
		Snapshot: s, Session: actions.Session{Cluster: "shop"}, History: &actions.History{}, Now: noon,
		Hosts: &actions.Hosts{Way: host.Way{Prefix: []string{"ssh", "{host}"}}, Own: map[host.Operation][]string{host.Upgrade: {"upgrade-it"}}},
	}
	for i, name := range []string{"db1", "db2", "db3"} {
		n := &model.Node{
			ID: name, Name: name, Address: name + ":3306", Link: model.LinkUp,
			Sample: &model.Sample{At: noon, Server: model.Server{Flavour: model.FlavourMariaDB, Release: 101100, WsrepOn: model.On}, Status: model.Status{Ready: model.On}},
		}
		for _, row := range [][2]string{
			{"wsrep_cluster_status", "Primary"},
			{"wsrep_cluster_state_uuid", history},
			{"wsrep_local_state_uuid", history},
			{"wsrep_cluster_conf_id", "7"},
			{"wsrep_cluster_size", "3"},
			{"wsrep_cluster_weight", "3"},
			{"wsrep_connected", "ON"},
			{"wsrep_local_state", "4"},
			{"wsrep_incoming_addresses", "db1:3306,db2:3306,db3:3306"},
			{"wsrep_gcomm_uuid", fmt.Sprintf("a1b2c3d4-000%d", i+1)},
			{"wsrep_evs_state", "OPERATIONAL"},
			{"wsrep_last_committed", "1000"},
			{"wsrep_local_cached_downto", "100"},
			{"wsrep_local_recv_queue", "0"},
			{"Uptime", "100000"},
		} {
			n.Sample.Status.Set(row[0], row[1])
		}
		n.Sample.Slow.Variables = &model.Variables{Values: map[string]string{
			"wsrep_desync": "OFF", "wsrep_reject_queries": "NONE", "wsrep_provider_options": "pc.weight = 1",
		}}
		s.Nodes = append(s.Nodes, n)
		v.Readings = append(v.Readings, &actions.Reading{
			Node: n.ID, At: noon, Flavour: model.FlavourMariaDB,
			Service: &host.Service{Flavour: model.FlavourMariaDB, Init: host.Systemd, Own: v.Hosts.Own},
			State: &host.State{
				DataDir:  host.Part[host.DataDir]{Value: host.DataDir{Path: "/var/lib/mysql"}},
				Server:   host.Part[host.Server]{Value: host.Server{Running: true, PID: "7"}},
				Grastate: host.Part[*host.Grastate]{Value: &host.Grastate{Position: host.Position{UUID: history, Seqno: -1}}},
			},
		})
	}
	st := &stage{View: v, procedure: actions.Procedure{ID: "p", Kind: Name, State: Begun, At: noon.Add(-time.Hour)}}
	st.order = Order{Nodes: []Member{{"db3", "db3:3306"}, {"db2", "db2:3306"}, {"db1", "db1:3306"}}, Drain: DrainFor, Settle: SettleFor}
	return st
}

// stop takes db3 away.
func (s *stage) stop() {
	s.Snapshot.Nodes[2].Link = model.LinkDown
	s.Readings[2].State.Server.Value = host.Server{}
	s.Readings[2].State.Grastate.Value.Seqno = 990
	var rest []string
	for _, n := range s.Snapshot.Nodes {
		if n.Up() {
			rest = append(rest, n.Address)
		}
	}
	for _, n := range s.Snapshot.Nodes {
		if n.Up() {
			n.Sample.Status.Set("wsrep_cluster_size", strconv.Itoa(len(rest)))
			n.Sample.Status.Set("wsrep_cluster_weight", strconv.Itoa(len(rest)))
			n.Sample.Status.Set("wsrep_incoming_addresses", strings.Join(rest, ","))
		}
	}
}

// did is a run of the procedure that ended some time ago.
func (s *stage) did(action, node, stage string, ago time.Duration) {
	s.History.Runs = append(s.History.Runs, actions.PastRun{
		Action: action, Part: "p", Title: action + " of " + node, Ended: stage != "", Stage: stage, Text: "it came back by IST",
		Began: noon.Add(-ago), Last: noon.Add(-ago), Steps: []actions.PastStep{{Node: node}},
	})
}

func (s *stage) next(t *testing.T) Move {
	t.Helper()
	s.Snapshot.Complete()
	var err error
	if s.procedure.Details, err = json.Marshal(s.order); err != nil {
		t.Fatal(err)
	}
	return Next(s.View, &s.procedure)
}

func TestTheNextMoveFollowsFromWhatIsSeenAndFromTheLog(t *testing.T) {
	for name, c := range map[string]struct {
		change func(s *stage)
		kind   Kind
		action string // of the plan
		why    string
	}{
		"the first is drained":          {func(*stage) {}, Act, "drain", ""},
		"without a drain it is stopped": {func(s *stage) { s.order.Drain = 0 }, Act, actions.StopService, ""},
		"clients get time to go":        {func(s *stage) { s.did("drain", "db3", "done", 4*time.Second) }, Wait, "", "db3 is drained; its clients get 6s more to go away"},
		"then it is stopped":            {func(s *stage) { s.did("drain", "db3", "done", time.Minute) }, Act, actions.StopService, ""},
		"a stopped one is started":      {func(s *stage) { s.did(actions.StopService, "db3", "done", time.Minute); s.stop() }, Act, actions.Start, ""},
		"a console that does not know its name": {func(s *stage) {
			s.did(actions.StopService, "db3", "done", time.Minute)
			s.stop()
			s.Snapshot.Nodes[2].Name, s.Snapshot.Nodes[2].Sample = "db3:3306", nil
		}, Act, actions.Start, ""},
		"or upgraded first": {func(s *stage) {
			s.order.Upgrade = true
			s.did(actions.StopService, "db3", "done", time.Minute)
			s.stop()
		}, Act, actions.Upgrade, ""},
		"a console died during the stop":  {func(s *stage) { s.did(actions.StopService, "db3", "", time.Minute); s.stop() }, Act, actions.Start, ""},
		"a console died during the start": {func(s *stage) { diedStarting(s); s.Snapshot.Nodes[2].Sample.Status.Set("Uptime", "20") }, Wait, "", "db3 has just joined"},
		"an upgraded one is started": {func(s *stage) {
			s.order.Upgrade = true
			s.did(actions.StopService, "db3", "done", 2*time.Minute)
			s.did(actions.Upgrade, "db3", "done", time.Minute)
			s.stop()
		}, Act, actions.Start, ""},
		"who has just joined is left alone": {func(s *stage) { back(s, "db3", 10*time.Second) }, Wait, "", "db3 has just joined and may become the next donor; it is left alone for 20s more"},
		"then comes the next":               {func(s *stage) { back(s, "db3", time.Minute) }, Act, "drain", ""},
		"all had their turn": {func(s *stage) {
			for _, name := range []string{"db3", "db2", "db1"} {
				back(s, name, time.Minute)
			}
		}, Finished, "", "all nodes have been restarted"},
		"a node is not Synced":    {func(s *stage) { s.Snapshot.Nodes[0].Sample.Status.Set("wsrep_local_state", "3") }, Wait, "", "db1 is Primary, Joined"},
		"a node lags":             {func(s *stage) { s.Snapshot.Nodes[0].Sample.Status.Set("wsrep_local_recv_queue", "99") }, Wait, "", "db1 has 99 write-sets to apply"},
		"a node does not answer":  {func(s *stage) { s.Snapshot.Nodes[0].Link = model.LinkDown }, Wait, "", "db1 does not answer"},
		"another console is busy": {func(s *stage) { s.Others = &actions.Others{Busy: []string{"a run"}} }, Wait, "", "a run"},
		"nobody could serve it by IST": {func(s *stage) {
			for _, n := range s.Snapshot.Nodes {
				n.Sample.Status.Set("wsrep_local_cached_downto", "1001")
			}
		}, Wait, "", "db3 would not come back by IST: not known: no member says what its gcache holds"},
		"it wrote apart from the others": {func(s *stage) {
			s.order.Drain = 0
			s.did(actions.StopService, "db3", "done", time.Minute)
			s.stop()
			s.Readings[2].State.Grastate.Value.UUID = "ffffffff-0000-11f0-9b1e-8e0d5e3c1a77"
		}, Wait, "", "its history is ffffffff"},
		"a move failed":            {func(s *stage) { s.did(actions.StopService, "db3", "not yet", time.Minute) }, Stopped, "", "did not succeed"},
		"a person said to go on":   {func(s *stage) { s.did(actions.StopService, "db3", "not yet", time.Minute); s.procedure.At = noon }, Act, "drain", ""},
		"paused":                   {func(s *stage) { s.procedure.State = Paused }, Stopped, "", "paused; no node was stopped yet"},
		"aborted in the middle":    {func(s *stage) { s.did(actions.StopService, "db3", "done", 1); s.stop(); s.procedure.State = Aborted }, Finished, "", "db3 IS STOPPED and has to be started"},
		"a node is gone for good":  {func(s *stage) { s.Snapshot.Nodes = s.Snapshot.Nodes[:2] }, Refused, "", "db3 is not on the screen any more"},
		"no upgrade is configured": {func(s *stage) { s.order.Upgrade = true; s.Hosts.Own = nil }, Refused, "", "no upgrade command is configured"},
		"read-only":                {func(s *stage) { s.Session.ReadOnly = true }, Refused, "", "read-only"},
		"the host is out of reach": {func(s *stage) { s.order.Drain = 0; s.Readings[2].Err = errors.New("db3 cannot be reached") }, Wait, "", "db3 cannot be reached"},
	} {
		s := newStage()
		c.change(s)
		m := s.next(t)
		action := ""
		if m.Plan != nil {
			action = m.Plan.Action
			if m.Plan.Part != "p" || m.Plan.Refuse() != "" {
				t.Errorf("%s: %+v", name, m.Plan)
			}
		}
		if m.Kind != c.kind || action != c.action || !strings.Contains(m.Why, c.why) {
			t.Errorf("%s: kind %d, %q, %q", name, m.Kind, action, m.Why)
		}
	}
}

func diedStarting(s *stage) {
	s.did(actions.StopService, "db3", "done", time.Minute)
	s.did(actions.Start, "db3", "", 20*time.Second)
}

// back is a node that had its turn.
func back(s *stage, node string, ago time.Duration) {
	s.did("drain", node, "done", ago+3*time.Second)
	s.did(actions.StopService, node, "done", ago+2*time.Second)
	s.did(actions.Start, node, "done", ago)
}

func TestWhoWritesMostGoesLast(t *testing.T) {
	s := newStage()
	for i, rate := range []float64{50, 3, 7} {
		s.Snapshot.Nodes[i].Rates.Replicated = model.R(rate)
	}
	if got := fmt.Sprint(Turns(s.Snapshot)); got != "[{db2 db2:3306} {db3 db3:3306} {db1 db1:3306}]" {
		t.Error(got)
	}
	s.Snapshot.Nodes[1].Sample.Status.Set("wsrep_gmcast_segment", "1")
	s.Snapshot.Nodes[1].Rates.Replicated = model.R(500)
	if got := Turns(s.Snapshot); got[2].Name != "db2" {
		t.Error(got)
	}
}

func TestOneRollingRestartAtATimeAndItCanBeTakenUpAgain(t *testing.T) {
	a := &actions.Audit{Path: filepath.Join(t.TempDir(), "audit.jsonl")}
	order := newStage().order
	p, err := Begin(a, "shop", order, noon)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Begin(a, "shop", order, noon); err == nil || !strings.Contains(err.Error(), "has not ended") {
		t.Error(err)
	}
	for _, state := range []string{Paused, Begun, Aborted} {
		h, err := a.History("shop")
		if err != nil {
			t.Fatal(err)
		}
		open := Open(h)
		if open == nil || open.ID != p.ID {
			t.Fatalf("before %s: %+v", state, open)
		}
		if got, err := orderOf(open); err != nil || len(got.Nodes) != 3 || got.Settle != SettleFor {
			t.Errorf("%+v, %v", got, err)
		}
		if err := Set(a, "shop", open, state, noon); err != nil {
			t.Fatal(err)
		}
	}
	if h, err := a.History("shop"); err != nil || Open(h) != nil {
		t.Errorf("%+v, %v", h, err)
	}
	if _, err := Begin(a, "shop", Order{}, noon); err == nil {
		t.Error("a restart of nobody begins")
	}
}
