package actions

import (
	"slices"
	"strings"
	"testing"

	"github.com/galeratop/galeratop/demo"
	"github.com/galeratop/galeratop/model"
)

// settings has the console read all settings, as the Configuration pane does.
func (c *console) settings() {
	c.t.Helper()
	c.demand(model.SubjectProcesses | model.SubjectTransactions | model.SubjectVariables | model.SubjectSettings)
	c.until("all settings of all nodes", func(s *model.Snapshot) bool {
		for _, n := range s.Nodes {
			if !n.Up() || n.Sample.Slow.Settings == nil || len(n.Sample.Slow.Settings.Rows) == 0 {
				return false
			}
		}
		return len(s.Nodes) == 3
	})
}

// setting waits until a setting can be changed, and plans it; node "" is all.
func (c *console) setting(name, value, node string) *Plan {
	c.t.Helper()
	if node != "" {
		node = c.nodeID(node)
	}
	var p *Plan
	c.until("a plan for "+name, func(s *model.Snapshot) bool {
		p = PlanSetting(s, c.options.Session, SettingOrder{name, value, node})
		return p.Refuse() == "" || p.Waivers() != nil
	})
	return p
}

// sets runs a plan for a setting and wants it to be seen in force.
func (c *console) sets(p *Plan, text string) {
	c.t.Helper()
	result, news := c.carryOut(p)
	said := slices.ContainsFunc(news, func(n Progress) bool { return strings.Contains(n.Text, text) })
	if result.Stage != Done || !said {
		c.t.Fatalf("%s: %s, %+v; lacks %q", p.Title, result.Stage, news, text)
	}
}

// unsets takes such a plan back at once.
func (c *console) unsets(p *Plan) {
	c.t.Helper()
	undo := Undo(c.Latest(), c.options.Session, p)
	if undo == nil || undo.Refuse() != "" {
		c.t.Fatalf("the undo of %s is refused: %+v", p.Title, undo)
	}
	result, _ := c.carryOut(undo)
	if result.Stage != Done {
		c.t.Fatalf("undo of %s: %+v", p.Title, result)
	}
}

func TestASettingOfSimulatedNodesIsChangedAndTakenBack(t *testing.T) {
	for _, flavour := range []model.Flavour{model.FlavourMariaDB, model.FlavourPXC} {
		t.Run(string(flavour), func(t *testing.T) {
			t.Parallel()
			c, _ := simulated(t, demo.Options{Flavour: flavour}, Session{Cluster: "shop"})
			c.settings()
			for _, a := range []struct {
				name, value, node string
				words             []string
				text              string
			}{
				{"max_connections", "3000", "db2", nil, "max_connections is 3000, it was 2000"},
				{"wait_timeout", "600", "", nil, "3 done of 3"},
				{"wsrep_max_ws_size", "1G", "", nil, "3 done of 3"},
				{"wsrep_log_conflicts", "yes", "db3", nil, "wsrep_log_conflicts is ON, it was OFF"},
				{"gcs.fc_limit", "64", "", nil, "3 done of 3"},
				{"gcs.fc_limit", "64", "db1", []string{"only db1"}, "gcs.fc_limit is 64, it was 1"},
				{"pc.ignore_sb", "true", "", []string{"pc.ignore_sb=true"}, "3 done of 3"},
				{map[model.Flavour]string{model.FlavourMariaDB: "wsrep_slave_threads", model.FlavourPXC: "wsrep_applier_threads"}[flavour], "600", "", nil, "is 512, it was 4: the server rounded or limited the 600 that was asked for"},
				{"sql_mode", "", "", nil, "sql_mode is (empty), it was"},
			} {
				p := c.setting(a.name, a.value, a.node)
				if a.words != nil {
					p = c.declares(p, a.words...)
				}
				c.sets(p, a.text)
				if lines := LastingOf(c.Latest(), p, nil); len(lines) == 0 {
					t.Errorf("%s: nothing tells how it lasts", a.name)
				}
				c.unsets(p)
			}
		})
	}
}

func TestASettingStopsAtTheFirstNodeThatDoesNotTakeIt(t *testing.T) {
	c, sim := simulated(t, demo.Options{}, Session{Cluster: "shop"})
	c.settings()
	// Another console is quicker on db2, which snapshots do not show yet.
	p := c.setting("gcs.fc_limit", "64", "")
	if err := sim.Do(demo.Action{Do: demo.Set, Node: "db2", Text: "wsrep_provider_options=gcs.fc_limit=100"}); err != nil {
		t.Fatal(err)
	}
	result, _ := c.carryOut(p)
	if result.Stage != Stopped || !strings.Contains(result.Text, "2 not run of 3") && !strings.Contains(result.Text, "gcs.fc_limit on db2 is 100 now, it was 16 when this was chosen") {
		t.Errorf("%+v", result)
	}
	if got := result.Steps[2].Stage; got != Stopped {
		t.Errorf("the node behind it: %s", got)
	}
	var intent, steps int
	for _, line := range c.log() {
		switch line.Event {
		case "intent":
			intent++
		case "step":
			steps++
		}
		if line.Action != "set-variable" {
			t.Errorf("the audit log says %s", line.Action)
		}
	}
	if result.Steps[0].Stage == Done && (intent != 1 || steps != 2) {
		t.Errorf("the audit log has %d intents, %d steps", intent, steps)
	}
}

func TestAServersRefusalOfASettingIsExplained(t *testing.T) {
	c, _ := simulated(t, demo.Options{}, Session{Cluster: "shop"})
	c.settings()
	p := c.setting("cert.log_conflicts", "yes", "db2")
	c.sets(p, "cert.log_conflicts is yes, it was no")
	p = c.setting("gcs.fc_factor", "7", "")
	result, _ := c.carryOut(p)
	if result.Stage != Wrong || result.Steps[0].Stage != Wrong || result.Steps[1].Stage != Stopped || !strings.Contains(result.Steps[0].Text, "error 1210") {
		t.Errorf("%+v", result)
	}
	if Undo(c.Latest(), c.options.Session, p) != nil {
		t.Error("nothing was set, and it can be undone")
	}
}
