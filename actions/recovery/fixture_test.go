package recovery

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/model"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const (
	history = "4a9c1f6e-0000-11f0-9b1e-8e0d5e3c1a77"
	foreign = "99999999-0000-11f0-9b1e-8e0d5e3c1a77"
	zero    = "00000000-0000-0000-0000-000000000000"
)

// town is a cluster whose evidence a test makes up. All nodes are Synced members
// of one component at first.
type town struct{ *Evidence }

func newTown(n int) town {
	s := &model.Snapshot{Tick: 1, At: noon, Interval: time.Second, Cluster: "shop"}
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("db%d:3306", i+1))
	}
	for i := range n {
		name := fmt.Sprintf("db%d", i+1)
		node := &model.Node{
			ID: name + ":3306", Name: name, Address: name + ":3306", Expected: true, Link: model.LinkUp, Since: noon.Add(-time.Hour),
			Age: 100 * time.Millisecond, Sample: &model.Sample{
				At: noon.Add(-100 * time.Millisecond),
				Server: model.Server{
					Flavour: model.FlavourMariaDB, Release: 101100, WsrepOn: model.On, Provider: "/usr/lib/libgalera_smm.so", UUID: name,
					NodeName: name, ClusterName: "shop", Incoming: name + ":3306", CanSeeAll: true,
				},
			},
		}
		node.Sample.Slow.Variables = &model.Variables{Values: map[string]string{
			"datadir": "/var/lib/mysql", "wsrep_desync": "OFF", "wsrep_reject_queries": "NONE", "wsrep_cluster_address": "gcomm://db1,db2,db3",
			"wsrep_provider_options": "pc.weight = 1",
		}}
		s.Nodes = append(s.Nodes, node)
	}
	t := town{&Evidence{
		Snapshot: s, Session: actions.Session{Cluster: "shop"}, Readings: map[string]*actions.Reading{},
		Hosts: &actions.Hosts{Way: host.Way{Prefix: []string{"ssh", "{host}"}}},
	}}
	var members []model.Member
	for i := range n {
		t.member(i+1, n, all)
		members = append(members, model.Member{UUID: t.node(i + 1).Status().GcommUUID, Name: t.node(i + 1).Name, Address: t.node(i + 1).Address})
	}
	for i := range n {
		t.node(i + 1).Sample.Slow.Members = &model.Members{Rows: members}
	}
	return t
}

// member makes a node a Synced member of a Primary Component.
func (t town) member(i, size int, all []string) {
	t.status(i, "wsrep_cluster_status", "Primary", "wsrep_cluster_state_uuid", history, "wsrep_local_state_uuid", history,
		"wsrep_cluster_conf_id", "7", "wsrep_cluster_size", strconv.Itoa(size), "wsrep_cluster_weight", strconv.Itoa(size),
		"wsrep_connected", "ON", "wsrep_ready", "ON", "wsrep_local_state", "4", "wsrep_incoming_addresses", strings.Join(all, ","),
		"wsrep_gcomm_uuid", fmt.Sprintf("a1b2c3d4-%04d", i), "wsrep_desync_count", "0", "wsrep_evs_state", "OPERATIONAL",
		"wsrep_last_committed", "1000", "wsrep_local_cached_downto", "100", "wsrep_local_recv_queue", "0", "Threads_connected", "12")
}

func (t town) node(i int) *model.Node { return t.Snapshot.Nodes[i-1] }

func (t town) status(i int, rows ...string) {
	for k := 0; k < len(rows); k += 2 {
		t.node(i).Sample.Status.Set(rows[k], rows[k+1])
	}
}

// view puts nodes into a Primary Component of their own.
func (t town) view(nodes ...int) {
	var all []string
	for _, i := range nodes {
		all = append(all, t.node(i).Address)
	}
	for _, i := range nodes {
		t.member(i, len(nodes), all)
	}
}

// alone takes the Primary Component away from nodes that answer.
func (t town) alone(nodes ...int) {
	for _, i := range nodes {
		t.status(i, "wsrep_cluster_status", "non-Primary", "wsrep_cluster_conf_id", "18446744073709551615", "wsrep_cluster_size", "1",
			"wsrep_cluster_weight", "0", "wsrep_local_state", "0", "wsrep_ready", "OFF", "wsrep_incoming_addresses", t.node(i).Address)
	}
}

// gone makes nodes fall silent; those that remain drop them from their view.
func (t town) gone(nodes ...int) {
	for _, i := range nodes {
		n := t.node(i)
		n.Link, n.Age = model.LinkDown, time.Minute
		n.Since = noon.Add(-time.Minute)
		n.Failure = &model.Failure{Kind: model.FailRefused, Text: n.Address + ": connection refused", Since: n.Since}
	}
}

// goneAll makes all nodes fall silent.
func (t town) goneAll() {
	for i := range t.Snapshot.Nodes {
		t.gone(i + 1)
	}
}

// read makes a reading of a node's host: its server is stopped gracefully at the
// seqno.
func (t town) read(i int, seqno int64) *actions.Reading {
	n := t.node(i)
	values := map[string]string{"wsrep_cluster_name": "shop", "wsrep_cluster_address": "gcomm://" + strings.Join(t.hosts(), ","), "datadir": "/var/lib/mysql"}
	r := &actions.Reading{Node: n.ID, At: noon.Add(-time.Second), State: &host.State{
		Host: n.Name, Options: host.Part[host.Options]{Value: host.Options{Values: values}},
		DataDir:  host.Part[host.DataDir]{Value: host.DataDir{Path: "/var/lib/mysql"}},
		Grastate: host.Part[*host.Grastate]{Value: &host.Grastate{Position: host.Position{UUID: history, Seqno: seqno}}},
		Data: host.Part[host.Data]{Value: host.Data{
			Dir: "/var/lib/mysql", Owner: "mysql:mysql 755", Size: 10 << 30, Beside: host.Disk{Size: 100 << 30, Free: 60 << 30},
		}},
		Disk: host.Part[host.Disk]{Value: host.Disk{Size: 100 << 30, Free: 60 << 30}},
		Log:  host.Part[host.Log]{Value: host.Log{Source: "/var/log/mysql/error.log", Lines: []string{"Shutdown complete"}}},
	}}
	t.Readings[n.ID] = r
	return r
}

func (t town) hosts() []string {
	var out []string
	for _, n := range t.Snapshot.Nodes {
		out = append(out, n.Name)
	}
	return out
}

// crashed makes a reading of a node whose position was recovered.
func (t town) crashed(i int, seqno int64) *actions.Reading {
	r := t.read(i, -1)
	r.Recovered = &host.Position{UUID: history, Seqno: seqno}
	return r
}

// unread makes a reading that failed.
func (t town) unreadable(i int) {
	t.Readings[t.node(i).ID] = &actions.Reading{
		Node: t.node(i).ID, At: noon.Add(-time.Second), State: &host.State{}, Err: errors.New(t.node(i).Name + " cannot be reached: no route to host"),
	}
}

// running makes a reading of a host on which the server runs.
func (t town) running(i int) *actions.Reading {
	r := t.read(i, -1)
	r.State.Server = host.Part[host.Server]{Value: host.Server{Running: true, PID: "4711"}}
	return r
}

func (t town) found(rule, about string) {
	t.Snapshot.Findings = append(t.Snapshot.Findings, model.Finding{Rule: rule, About: about, Title: rule + " was found", Why: "because it is so"})
}

func (t town) says(words ...string) {
	if t.Choices.Words == nil {
		t.Choices.Words = map[string]time.Time{}
	}
	for _, w := range words {
		t.Choices.Words[w] = noon.Add(-time.Second)
	}
}

// next is the move, with everything derived that follows from the nodes.
func (t town) next() *Move {
	findings := t.Snapshot.Findings
	t.Snapshot.Complete()
	t.Snapshot.Findings = findings
	return Next(t.Evidence)
}

// say is a move in one line: "full-crash act bootstrap db2: title".
func say(m *Move) string {
	out := m.Situation + " " + string(m.Kind)
	switch {
	case m.Question != nil:
		out += " " + string(m.Question.Need) + " " + m.Question.Words
	case m.Order != nil:
		out += " " + m.Order.Action + " " + strings.TrimSuffix(m.Order.Node, ":3306")
	}
	return strings.Join(strings.Fields(out), " ") + ": " + m.Title
}

// all is every word of a move.
func all(m *Move) string {
	lines := append([]string{say(m), m.Means}, m.Will...)
	lines = append(lines, m.Lost...)
	for _, r := range m.Found {
		lines = append(lines, r.Node+" "+r.Variable+" "+r.Value)
	}
	for _, c := range m.ByHand {
		lines = append(lines, c.Node+": "+c.Line+" ("+c.Why+")")
	}
	if m.Instead != nil {
		lines = append(lines, "instead "+say(m.Instead))
	}
	return strings.Join(lines, "\n")
}

// expect fails unless the move begins as wanted and says all the words.
func expect(t *testing.T, name string, m *Move, begins string, words ...string) {
	t.Helper()
	text := all(m)
	if !strings.HasPrefix(text, begins) {
		t.Errorf("%s: %s\nwant %s", name, text, begins)
		return
	}
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s: does not say %q:\n%s", name, w, text)
		}
	}
}
