package actions

import (
	"database/sql"
	"slices"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"

	"github.com/galeratop/galeratop/demo"
	"github.com/galeratop/galeratop/model"
)

// nodeID is the ID of a node by its name.
func (c *console) nodeID(name string) string {
	c.t.Helper()
	var id string
	c.until(name+" on screen", func(s *model.Snapshot) bool {
		i := slices.IndexFunc(s.Nodes, func(n *model.Node) bool { return n.Name == name })
		if i >= 0 {
			id = s.Nodes[i].ID
		}
		return i >= 0
	})
	return id
}

// ready waits until an action on a node is not refused, and plans it.
func (c *console) ready(node, id, value string) *Plan {
	c.t.Helper()
	at := c.nodeID(node)
	var p *Plan
	last := ""
	defer func() {
		if c.t.Failed() && last != "" {
			c.t.Logf("%s of %s was refused last: %s", id, node, last)
		}
	}()
	c.until(id+" of "+node+" can be run", func(s *model.Snapshot) bool {
		p = PlanNode(s, c.options.Session, at, id, value)
		last = p.Refuse()
		return last == ""
	})
	return p
}

// declares types words that override preconditions.
func (c *console) declares(p *Plan, words ...string) *Plan {
	c.t.Helper()
	out, err := Declare(c.Latest(), c.options.Session, p, words...)
	if err != nil || out.Refuse() != "" {
		c.t.Fatalf("%s with %q: %v, %q", p.Action, words, err, out.Refuse())
	}
	return out
}

// does runs an action on a node and wants it to be seen to work.
func (c *console) does(node, id, value, text string) *Plan {
	c.t.Helper()
	p := c.ready(node, id, value)
	result, _ := c.carryOut(p)
	if result.Stage != Done || !strings.Contains(result.Text, text) {
		for _, n := range c.Latest().Nodes {
			c.t.Logf("%s: %s, size %d, lists %q, known as %s %q and %q", n.Name, n.Link, n.Status().ClusterSize.V, n.Status().IncomingAddrs, n.Address, n.Aliases, n.Sample.Server.Incoming)
		}
		c.t.Fatalf("%s of %s: %s, %q; lacks %q", id, node, result.Stage, result.Text, text)
	}
	return p
}

// undoes runs the opposite of a plan, as soon as its node answers.
func (c *console) undoes(p *Plan) {
	c.t.Helper()
	var undo *Plan
	c.until("the node of "+p.Action, func(s *model.Snapshot) bool {
		undo = Undo(s, c.options.Session, p)
		return undo != nil && s.Node(undo.Steps[0].Node).Up()
	})
	if undo.Refuse() != "" {
		c.t.Fatalf("the undo of %s is refused: %s", p.Action, undo.Refuse())
	}
	if result, _ := c.carryOut(undo); result.Stage != Done {
		c.t.Fatalf("undo of %s: %+v", p.Action, result)
	}
}

func TestSettingsOfASimulatedNodeAreTurnedAndTurnedBack(t *testing.T) {
	for _, flavour := range []model.Flavour{model.FlavourMariaDB, model.FlavourPXC} {
		t.Run(string(flavour), func(t *testing.T) {
			t.Parallel()
			c, _ := simulated(t, demo.Options{Flavour: flavour}, Session{})
			var plans []*Plan
			for _, a := range []struct{ id, value, text string }{
				{"desync", "", "desynced"},
				{"fc-limit", "64", "gcs.fc_limit is 64"},
				{"fc-factor", "0.5", "gcs.fc_factor is 0.5"},
				{"appliers", "9", "is 9, it was 4"},
				{"weight", "3", "weight 5 in all"},
				{"drain", "", "it turns clients away"},
			} {
				plans = append(plans, c.does("db2", a.id, a.value, a.text))
			}
			plans = append(plans, c.does("db3", "drain-kill", "", "it turns clients away"))
			for _, p := range plans {
				c.undoes(p)
			}
		})
	}
}

func TestASimulatedNodeIsStoppedAndTheLastOnesAreNot(t *testing.T) {
	c, _ := simulated(t, demo.Options{}, Session{})
	c.does("db3", "stop", "", "stopped; db1 and db2 are Primary without it")
	c.does("db2", "stop", "", "stopped; db1 is Primary without it")
	p := PlanNode(c.Latest(), Session{}, c.nodeID("db1"), "stop", "")
	if !strings.Contains(p.Refuse(), "db1 is the last member") {
		t.Error(p.Refuse())
	}
	if got := PlanNode(c.Latest(), Session{}, c.nodeID("db1"), "reconnect", "").Refuse(); !strings.Contains(got, "db1 is the last one that answers") {
		t.Error(got)
	}
}

func TestASimulatedNodeReconnects(t *testing.T) {
	c, _ := simulated(t, demo.Options{}, Session{})
	c.does("db2", "reconnect", "", "back in the group and Synced")
}

func TestASimulatedNodeIsEvictedAndComesBackUnderANewID(t *testing.T) {
	c, sim := simulated(t, demo.Options{}, Session{})
	if err := sim.Do(demo.Action{Do: demo.Hang, Node: "db3"}); err != nil {
		t.Fatal(err)
	}
	c.does("db3", "evict", "", "no member lists it any more")
	if err := sim.Do(demo.Action{Do: demo.Resume, Node: "db3"}); err != nil {
		t.Fatal(err)
	}
	c.until("the evicted node on screen", func(s *model.Snapshot) bool {
		n := s.Node(c.nodeID("db3"))
		return n.Up() && n.Status().ClusterStatus == model.Disconnected
	})
	c.does("db3", "reconnect", "", "back in the group and Synced")
	c.does("db3", "unevict", "", "2 done of 2")
}

func openDB(t *testing.T, cfg *mysql.Config) *sql.DB {
	t.Helper()
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestTheLastSimulatedMemberThatReconnectsAnywayEndsDisconnected(t *testing.T) {
	c, sim := simulated(t, demo.Options{Speed: 8}, Session{})
	for _, name := range []string{"db2", "db3"} {
		if err := sim.Do(demo.Action{Do: demo.Stop, Node: name}); err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := mysql.ParseDSN(sim.DSN(0))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openDB(t, cfg).ExecContext(t.Context(), reconnect); err != nil {
		t.Errorf("it says %v, not OK", err)
	}
	c.until("db1 in no group", func(s *model.Snapshot) bool {
		return s.Node(c.nodeID("db1")).Status().ClusterStatus == model.Disconnected
	})
}

func TestASimulatedClusterIsMadePrimaryByItsMostAdvancedNode(t *testing.T) {
	c, sim := simulated(t, demo.Options{}, Session{})
	for _, name := range []string{"db1", "db2", "db3"} {
		if p := PlanNode(c.Latest(), Session{}, c.nodeID(name), "make-primary", ""); !strings.Contains(p.Refuse(), "is Primary already") {
			t.Error(p.Refuse())
		}
	}
	for _, name := range []string{"db2", "db3"} {
		if err := sim.Do(demo.Action{Do: demo.Crash, Node: name}); err != nil {
			t.Fatal(err)
		}
	}
	c.until("db1 without quorum", func(s *model.Snapshot) bool {
		n := s.Node(c.nodeID("db1"))
		return n.Up() && !n.Status().InPrimary()
	})
	p := PlanNode(c.Latest(), Session{}, c.nodeID("db1"), "make-primary", "")
	if !strings.Contains(p.Refuse(), "unreachable means unknown") {
		t.Error(p.Refuse())
	}
	if result, _ := c.carryOut(p); result.Stage != Stopped {
		t.Errorf("%+v", result)
	}
	declared := c.declares(p, "db2 is dead", "db3 is dead")
	result, _ := c.carryOut(declared)
	if result.Stage != Done || !strings.Contains(result.Text, "Primary and Synced, 1 member") {
		t.Errorf("%+v", result)
	}
}

func TestWhatChangedSinceItWasConfirmedStopsTheRun(t *testing.T) {
	c, sim := simulated(t, demo.Options{}, Session{})
	p := c.ready("db2", "fc-limit", "64")
	// Another console is quicker, and no snapshot has shown it yet.
	if err := sim.Do(demo.Action{Do: demo.Set, Node: "db2", Text: "wsrep_provider_options=gcs.fc_limit=200"}); err != nil {
		t.Fatal(err)
	}
	result, _ := c.carryOut(p)
	if result.Stage != Stopped || !strings.Contains(result.Text, "gcs.fc_limit on db2 is 200 now, it was 16 when this was chosen: somebody else has changed it") {
		t.Errorf("%+v", result)
	}
	if lines := c.log(); lines[1].Step == nil || len(lines[1].Step.Ran) != 0 {
		t.Errorf("%+v", lines)
	}
}
