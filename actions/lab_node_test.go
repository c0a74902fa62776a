package actions

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"

	"github.com/galeratop/galeratop/internal/lab/cluster"
	"github.com/galeratop/galeratop/model"
)

// TestActionsOnNodesOfARealCluster walks one cluster of three through every
// action. Each part leaves it healthy, the last one ends it.
func TestActionsOnNodesOfARealCluster(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, 3)
	must(t, c.Node(1).Exec(t.Context(), "CREATE DATABASE acting", "CREATE TABLE acting.stock (id INT PRIMARY KEY)"))
	for _, part := range []struct {
		name string
		run  func(*testing.T, *cluster.Cluster)
	}{
		{"settings are turned and turned back", turnSettings},
		{"clients of a drained node are refused, and then not", drainAndBack},
		{"connections of a drained node are closed", drainAndDisconnect},
		{"what another console changed is noticed", twoConsoles},
		{"an account without the privilege is told which", deniedAction},
		{"a healthy cluster has nobody to make Primary", nothingToMakePrimary},
		{"a node reconnects", reconnectNode},
		{"a hung node is evicted and comes back", evictAndBack},
		{"only the most advanced node of all is made Primary", mostAdvancedOnly},
		{"the quorum after a stop and a crash is as forecast", stopAsForecast},
	} {
		if !t.Run(part.name, func(t *testing.T) { part.run(t, c) }) {
			t.Fatal("the cluster may not be healthy any more")
		}
	}
}

// status is one status variable, as the server itself says it.
func status(t *testing.T, n *cluster.Node, name string) string {
	t.Helper()
	all, err := n.Status(t.Context(), name)
	must(t, err)
	return all[name]
}

func scalar(t *testing.T, n *cluster.Node, query string) string {
	t.Helper()
	var out string
	must(t, n.DB().QueryRowContext(t.Context(), query).Scan(&out))
	return out
}

func turnSettings(t *testing.T, c *cluster.Cluster) {
	console := labConsole(t, c, "ops", Session{})
	for _, a := range []struct{ id, value, text, look, want, back string }{
		{"desync", "", "desynced", "SELECT @@wsrep_desync", "1", "0"},
		{"fc-limit", "64", "gcs.fc_limit is 64", "SELECT REGEXP_SUBSTR(@@wsrep_provider_options, 'gcs.fc_limit = [0-9]+')", "gcs.fc_limit = 64", "gcs.fc_limit = 16"},
		{"fc-factor", "0.5", "gcs.fc_factor is 0.5", "SELECT REGEXP_SUBSTR(@@wsrep_provider_options, 'gcs.fc_factor = [0-9.]+')", "gcs.fc_factor = 0.5", "gcs.fc_factor = 1"},
		{"appliers", "3", "is 3, it was 1", "SELECT @@wsrep_slave_threads", "3", "1"},
		{"weight", "2", "weight 4 in all", "SELECT REGEXP_SUBSTR(@@wsrep_provider_options, 'pc.weight = [0-9]+')", "pc.weight = 2", "pc.weight = 1"},
	} {
		p := console.does("db2", a.id, a.value, a.text)
		if got := scalar(t, c.Node(2), a.look); got != a.want {
			t.Errorf("%s: the server has %q, not %q", a.id, got, a.want)
		}
		if a.id == "weight" && status(t, c.Node(1), "wsrep_cluster_weight") != "4" {
			t.Error("the group does not know the new weight")
		}
		console.undoes(p)
		if got := scalar(t, c.Node(2), a.look); got != a.back {
			t.Errorf("%s: undone, the server has %q, not %q", a.id, got, a.back)
		}
	}
}

func refusedByNode(err error) bool {
	var e *mysql.MySQLError
	return errors.As(err, &e) && e.Number == errNotReady
}

func drainAndBack(t *testing.T, c *cluster.Cluster) {
	console := labConsole(t, c, "ops", Session{})
	client := labClient(t, c.Node(2), "acting")
	must(t, drain(t.Context(), client, "SELECT COUNT(*) FROM stock"))
	p := console.does("db2", "drain", "", "it turns clients away")
	if err := drain(t.Context(), client, "SELECT COUNT(*) FROM stock"); !refusedByNode(err) {
		t.Errorf("the client got %v, not error %d", err, errNotReady)
	}
	if got := status(t, c.Node(2), "wsrep_local_state_comment"); got != "Synced" {
		t.Errorf("the drained node is %s", got)
	}
	console.undoes(p)
	must(t, drain(t.Context(), client, "SELECT COUNT(*) FROM stock"))
}

func drainAndDisconnect(t *testing.T, c *cluster.Cluster) {
	console := labConsole(t, c, "ops", Session{})
	client := labClient(t, c.Node(2), "acting")
	p := console.does("db2", "drain-kill", "", "it turns clients away")
	if err := drain(t.Context(), client, "SELECT 1"); err == nil || refusedByNode(err) {
		t.Errorf("the client got %v, its connection is still there", err)
	}
	console.undoes(p)
	must(t, drain(t.Context(), labClient(t, c.Node(2), "acting"), "SELECT COUNT(*) FROM stock"))
}

func twoConsoles(t *testing.T, c *cluster.Cluster) {
	first, second := labConsole(t, c, "ops", Session{}), labConsole(t, c, "ops", Session{})
	late := first.ready("db3", "fc-limit", "100")
	quick := second.does("db3", "fc-limit", "50", "gcs.fc_limit is 50")
	result, _ := first.carryOut(late)
	if result.Stage != Stopped || !strings.Contains(result.Text, "gcs.fc_limit on db3 is 50 now, it was 16 when this was chosen: somebody else has changed it") {
		t.Errorf("%+v", result)
	}
	second.undoes(quick)
}

func deniedAction(t *testing.T, c *cluster.Cluster) {
	console := labConsole(t, c, "mon", Session{})
	for _, a := range []struct{ id, grant string }{{"desync", "GRANT SUPER"}, {"stop", "GRANT SHUTDOWN"}} {
		result, _ := console.carryOut(console.ready("db3", a.id, ""))
		if result.Stage != Wrong || !strings.Contains(result.Text, a.grant) {
			t.Errorf("%s: %+v", a.id, result)
		}
	}
}

func nothingToMakePrimary(t *testing.T, c *cluster.Cluster) {
	console := labConsole(t, c, "ops", Session{})
	for _, name := range []string{"db1", "db2", "db3"} {
		p := PlanNode(console.Latest(), console.options.Session, console.nodeID(name), "make-primary", "")
		if !strings.Contains(p.Refuse(), "it is Primary already") || p.Waivers() != nil {
			t.Errorf("%s: %q, %v", name, p.Refuse(), p.Waivers())
		}
	}
}

func reconnectNode(t *testing.T, c *cluster.Cluster) {
	console := labConsole(t, c, "ops", Session{})
	before := status(t, c.Node(2), "wsrep_gcomm_uuid")
	console.does("db2", "reconnect", "", "back in the group and Synced")
	if after := status(t, c.Node(2), "wsrep_gcomm_uuid"); after == before {
		t.Error("it has the id in the group that it had before")
	}
}

func evictAndBack(t *testing.T, c *cluster.Cluster) {
	console := labConsole(t, c, "ops", Session{})
	// A group that would find out by itself within seconds shows nothing.
	for _, n := range c.Nodes() {
		must(t, n.Exec(t.Context(), "SET GLOBAL wsrep_provider_options='evs.inactive_timeout=PT60S;evs.suspect_timeout=PT50S'"))
	}
	must(t, c.Node(3).Hang())
	console.does("db3", "evict", "", "no member lists it any more")
	for _, i := range []int{1, 2} {
		if got := status(t, c.Node(i), "wsrep_cluster_size"); got != "2" {
			t.Errorf("db%d sees %s members", i, got)
		}
	}
	must(t, c.Node(3).Resume())
	console.until("the evicted node as one without a group", func(s *model.Snapshot) bool {
		n := s.Node(console.nodeID("db3"))
		return n.Up() && n.Status().ClusterStatus == model.Disconnected
	})
	console.does("db3", "reconnect", "", "back in the group and Synced")
	console.does("db3", "unevict", "", "3 done of 3")
	for _, n := range c.Nodes() {
		must(t, n.Exec(t.Context(), "SET GLOBAL wsrep_provider_options='evs.suspect_timeout=PT3S;evs.inactive_timeout=PT6S'"))
	}
}

// nonPrimary waits until the console sees the nodes outside of a Primary
// Component.
func (c *console) nonPrimary(names ...string) {
	c.t.Helper()
	for _, name := range names {
		id := c.nodeID(name)
		c.until(name+" without quorum", func(s *model.Snapshot) bool {
			n := s.Node(id)
			return n.Up() && n.Status().ClusterStatus == model.NonPrimary && n.Status().ConfID.Undefined()
		})
	}
}

func mostAdvancedOnly(t *testing.T, c *cluster.Cluster) {
	console := labConsole(t, c, "ops", Session{Cluster: "shop"})
	must(t, c.Node(3).Isolate(t.Context()))
	console.nonPrimary("db3")
	p := PlanNode(console.Latest(), console.options.Session, console.nodeID("db3"), "make-primary", "")
	if !strings.Contains(p.Refuse(), "db1 and db2 are Primary: a second one would be a split brain") || p.Waivers() != nil {
		t.Errorf("%q, %v", p.Refuse(), p.Waivers())
	}
	for i := range 5 {
		must(t, c.Node(1).Exec(t.Context(), fmt.Sprintf("INSERT INTO acting.stock VALUES (%d)", 100+i)))
	}
	must(t, c.Node(1).Isolate(t.Context()))
	console.nonPrimary("db1", "db2")
	p = PlanNode(console.Latest(), console.options.Session, console.nodeID("db3"), "make-primary", "")
	if !strings.Contains(p.Refuse(), "make db1 Primary instead") || p.Waivers() != nil {
		t.Errorf("%q, %v", p.Refuse(), p.Waivers())
	}
	// Another console is quicker: the second pc.bootstrap does not happen.
	second := labConsole(t, c, "ops", Session{Cluster: "shop"})
	late := second.ready("db2", "make-primary", "")
	console.does("db1", "make-primary", "", "Primary and Synced, 1 member")
	if result, _ := second.carryOut(late); result.Stage != Stopped || !strings.Contains(result.Text, "db1 is Primary: a second one would be a split brain") {
		t.Errorf("%+v", result)
	}
	for _, n := range c.Nodes() {
		must(t, n.Heal(t.Context()))
	}
	for _, n := range c.Nodes() {
		must(t, n.WaitStatus(t.Context(), "wsrep_cluster_size", "3", "wsrep_local_state_comment", "Synced"))
		if got := scalar(t, n, "SELECT COUNT(*) FROM acting.stock WHERE id >= 100"); got != "5" {
			t.Errorf("%s has %s of 5 rows", n.Name, got)
		}
	}
}

func stopAsForecast(t *testing.T, c *cluster.Cluster) {
	console := labConsole(t, c, "ops", Session{Cluster: "shop"})
	p := console.does("db3", "stop", "", "stopped; db1 and db2 are Primary without it")
	if text := strings.Join(p.Effects, "\n"); !strings.Contains(text, "the rest stays Primary: weight 2 in all, no crash is survived") {
		t.Errorf("it forecast:\n%s", text)
	}
	must(t, c.Node(3).Stop(t.Context())) // its process ends a little after its port is closed
	if status(t, c.Node(1), "wsrep_cluster_weight") != "2" {
		t.Error("the group does not weigh 2")
	}
	// The forecast said that one more crash is one too many.
	c.Node(2).Crash()
	console.nonPrimary("db1")
	p = PlanNode(console.Latest(), console.options.Session, console.nodeID("db1"), "make-primary", "")
	if !strings.Contains(p.Refuse(), "db2 and db3 do not and may still be Primary: unreachable means unknown") || len(p.Waivers()) != 2 {
		t.Errorf("%q, %v", p.Refuse(), p.Waivers())
	}
	if result, _ := console.carryOut(p); result.Stage != Stopped {
		t.Errorf("it ran though it was refused: %+v", result)
	}
	result, _ := console.carryOut(console.declares(p, "db2 is dead", "db3 is dead"))
	if result.Stage != Done || status(t, c.Node(1), "wsrep_cluster_status") != "Primary" {
		t.Fatalf("%+v", result)
	}
	must(t, c.Node(2).Start(t.Context()))
	console.does("db1", "stop", "", "stopped; db2 is Primary without it")
	if got := status(t, c.Node(2), "wsrep_cluster_status"); got != "Primary" {
		t.Errorf("the last member is %s", got)
	}
	p = PlanNode(console.Latest(), console.options.Session, console.nodeID("db2"), "stop", "")
	if !strings.Contains(p.Refuse(), "db2 is the last member: nobody would be Primary any more") {
		t.Error(p.Refuse())
	}
	if err := c.Node(2).Exec(context.Background(), "INSERT INTO acting.stock VALUES (999)"); err != nil {
		t.Errorf("the last member takes no writes: %v", err)
	}
}
