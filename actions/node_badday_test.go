package actions

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/galeratop/galeratop/demo"
	"github.com/galeratop/galeratop/model"
)

// withoutQuorum leaves db1 of a simulated cluster, without quorum.
func (c *console) withoutQuorum(sim *demo.Cluster) *Plan {
	c.t.Helper()
	for _, name := range []string{"db2", "db3"} {
		if err := sim.Do(demo.Action{Do: demo.Crash, Node: name}); err != nil {
			c.t.Fatal(err)
		}
	}
	c.nonPrimary("db1")
	c.until("the crashed ones without an answer", func(s *model.Snapshot) bool {
		return !s.Node(c.nodeID("db2")).Up() && !s.Node(c.nodeID("db3")).Up()
	})
	return c.declares(PlanNode(c.Latest(), c.options.Session, c.nodeID("db1"), "make-primary", ""), "db2 is dead", "db3 is dead")
}

func TestAServerThatSaysOKAndDoesNothingIsNotBelieved(t *testing.T) {
	for _, a := range []struct {
		id, value string
		before    func(c *console, sim *demo.Cluster) *Plan
		text      string
	}{
		{"desync", "", nil, "wsrep_desync is still OFF"},
		{"drain", "", nil, "wsrep_reject_queries is still NONE"},
		{"fc-limit", "64", nil, "gcs.fc_limit is still 16"},
		{"appliers", "9", nil, "wsrep_slave_threads is still 4"},
		{"weight", "3", nil, "pc.weight is still 1"},
		{"reconnect", "", nil, "it has not left the group yet"},
		{"stop", "", nil, "it still answers"},
		{"make-primary", "", (*console).withoutQuorum, "the server said OK, wsrep_cluster_status is still non-Primary"},
	} {
		t.Run(a.id, func(t *testing.T) {
			c, sim := simulated(t, demo.Options{Speed: 4}, Session{})
			var p *Plan
			if a.before != nil {
				p = a.before(c, sim)
			} else {
				p = c.ready("db1", a.id, a.value)
			}
			c.impatient(t, a.id)
			c.tap(always(swallowed))
			result, _ := c.carryOut(p)
			if result.Stage != NotYet || !strings.Contains(result.Text, a.text) {
				t.Errorf("%s, %q", result.Stage, result.Text)
			}
		})
	}
}

func TestWhatBecameOfAStatementWhoseAnswerWasLostIsLookedUp(t *testing.T) {
	for _, a := range []struct {
		id, value string
		fate      fate
		stage     Stage
		text      string
	}{
		{"fc-limit", "64", lostAfter, Done, "gcs.fc_limit is 64, it was 16"},
		{"fc-limit", "64", lostBefore, NotYet, "gcs.fc_limit is still 16"},
		{"stop", "", lostAfter, Done, "stopped"},
		{"stop", "", lostBefore, NotYet, "it still answers"},
	} {
		c, _ := simulated(t, demo.Options{}, Session{})
		p := c.ready("db2", a.id, a.value)
		if a.stage == NotYet {
			c.impatient(t, a.id)
		}
		c.tap(always(a.fate))
		result, _ := c.carryOut(p)
		lines := c.log()
		if result.Stage != a.stage || !strings.Contains(result.Text, a.text) || !strings.Contains(lines[1].Step.Text, "whether it took the order is looked up") {
			t.Errorf("%s: %+v, %+v", a.id, result, lines[1].Step)
		}
	}
}

func TestANodeThatDiesInTheMiddleIsNotTakenForDone(t *testing.T) {
	for _, a := range []struct{ id, value, text string }{
		{"desync", "", "cannot be looked up"},
		{"reconnect", "", "it does not answer yet"},
	} {
		c, sim := simulated(t, demo.Options{}, Session{})
		p := c.ready("db2", a.id, a.value)
		c.impatient(t, a.id)
		c.tap(func(string) fate {
			if err := sim.Do(demo.Action{Do: demo.Crash, Node: "db2"}); err != nil {
				t.Error(err)
			}
			return lostBefore
		})
		if result, _ := c.carryOut(p); result.Stage != NotYet || !strings.Contains(result.Text, a.text) {
			t.Errorf("%s: %+v", a.id, result)
		}
	}
}

func TestWhoWasDeclaredDeadIsAskedOnceMoreJustBefore(t *testing.T) {
	c, sim := simulated(t, demo.Options{Speed: 4}, Session{})
	if err := sim.Do(demo.Action{Do: demo.Partition, Nodes: []string{"db1"}}); err != nil {
		t.Fatal(err)
	}
	c.nonPrimary("db1")
	// This console believes that db2 and db3 are down, while they are Primary.
	blind := *c.Latest()
	blind.Nodes = slices.Clone(blind.Nodes)
	for i := range blind.Nodes[1:] {
		n := *blind.Nodes[i+1]
		n.Link, n.Failure = model.LinkDown, &model.Failure{Kind: model.FailTimeout, Since: blind.At}
		blind.Nodes[i+1] = &n
	}
	blind.Complete()
	runner := NewRunner(c.options)
	runner.Observe(&blind)
	p, err := Declare(&blind, Session{}, PlanNode(&blind, Session{}, blind.Nodes[0].ID, "make-primary", ""), "db2 is dead", "db3 is dead")
	if err != nil || p.Refuse() != "" {
		t.Fatalf("%v %s", err, say(p))
	}
	result := runner.Start(t.Context(), p).Result()
	if result.Stage != Stopped || !strings.Contains(result.Text, "db2 and db3 are Primary: a second one would be a split brain") {
		t.Errorf("%+v", result)
	}
}

// twoSteps is a plan of two statements: to let the clients of a drained node of
// PXC back.
func twoSteps(t *testing.T) (*console, *Plan) {
	t.Helper()
	c, sim := simulated(t, demo.Options{Flavour: model.FlavourPXC}, Session{})
	for _, setting := range []string{"wsrep_reject_queries=ALL", "pxc_maint_mode=MAINTENANCE"} {
		if err := sim.Do(demo.Action{Do: demo.Set, Node: "db2", Text: setting}); err != nil {
			t.Fatal(err)
		}
	}
	var p *Plan
	c.until("the drained node", func(*model.Snapshot) bool {
		p = c.ready("db2", "undrain", "")
		return len(p.Steps) == 2
	})
	return c, p
}

func TestARunOnANodeIsCancelledAtEveryStep(t *testing.T) {
	first, second := "SET GLOBAL wsrep_reject_queries = NONE", "SET GLOBAL pxc_maint_mode = DISABLED"
	for at, want := range []struct {
		sent, text string
		stage      Stage
	}{
		{"", "2 not run of 2: cancelled", Stopped},
		{first, "1 done, 1 not run of 2: cancelled", Stopped},
		{first + "; " + second, "2 done of 2", Done},
	} {
		c, p := twoSteps(t)
		ctx, cancel := context.WithCancel(t.Context())
		tap := c.tap(func(sql string) fate {
			if sql == first && at == 1 || sql == second {
				cancel()
			}
			return delivered
		})
		if at == 0 {
			cancel()
		}
		result := c.Start(ctx, p).Result()
		cancel()
		if result.Stage != want.stage || result.Text != want.text || tap.statements() != want.sent {
			t.Errorf("cancelled at step %d: %+v after %q", at, result, tap.statements())
		}
	}
}

func TestAWaitThatIsCancelledSaysThatTheOrderWasGiven(t *testing.T) {
	c, _ := simulated(t, demo.Options{}, Session{})
	p := c.ready("db2", "fc-limit", "64")
	ctx, cancel := context.WithCancel(t.Context())
	c.tap(func(string) fate { cancel(); return swallowed })
	result := c.Start(ctx, p).Result()
	if result.Stage != NotYet || result.Text != "gcs.fc_limit is still 16; cancelled, and watched no longer: the order was given" {
		t.Errorf("%+v", result)
	}
}

func TestAConsoleThatIsKilledInTheMiddleLeavesWhatItHasBegun(t *testing.T) {
	c, p := twoSteps(t)
	var logs [][]auditLine
	c.tap(func(string) fate { logs = append(logs, c.log()); return delivered })
	if result, _ := c.carryOut(p); result.Stage != Done || len(logs) != 2 {
		t.Fatalf("%+v", result)
	}
	for i, want := range []string{"intent", "intent step verified"} {
		var events []string
		for _, line := range logs[i] {
			events = append(events, line.Event)
		}
		if got := strings.Join(events, " "); got != want {
			t.Errorf("while statement %d is on its way the log has %q", i, got)
		}
	}
	if planned := logs[0][0].Plan.Steps; len(planned) != 2 || planned[1].Text != "SET GLOBAL pxc_maint_mode = DISABLED" || planned[1].About != "pxc_maint_mode is MAINTENANCE now" {
		t.Errorf("%+v", planned)
	}
}

func TestWhatAnotherConsoleDoesBetweenTwoStepsStopsTheRun(t *testing.T) {
	c, p := twoSteps(t)
	other := c.Runner.options.Driver
	tap := c.tap(func(sql string) fate {
		if strings.Contains(sql, "reject_queries") {
			execute(t, other, p.Steps[0].Node, "SET GLOBAL pxc_maint_mode = DISABLED")
		}
		return delivered
	})
	result, _ := c.carryOut(p)
	if result.Stage != Stopped || !strings.Contains(result.Text, "pxc_maint_mode on db2 is DISABLED now, it was MAINTENANCE when this was chosen: somebody else has changed it") ||
		strings.Contains(tap.statements(), "pxc_maint_mode") {
		t.Errorf("%+v after %q", result, tap.statements())
	}
}

// execute runs a statement that is none of the console's.
func execute(t *testing.T, driver func(string) (*mysql.Config, error), address, sql string) {
	t.Helper()
	cfg, err := driver(address)
	if err != nil {
		t.Fatal(err)
	}
	db := openDB(t, cfg)
	if _, err := db.ExecContext(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func TestTheAuditLogAloneTellsWhatWasSentAndHoldsNoSecret(t *testing.T) {
	c, sim := simulated(t, demo.Options{Password: "hunter2-and-more"}, Session{})
	tap := c.tap(always(delivered))
	for _, a := range []struct{ id, value string }{{"drain", ""}, {"fc-limit", "64"}, {"weight", "2"}, {"reconnect", ""}} {
		c.carryOut(c.ready("db2", a.id, a.value))
	}
	c.carryOut(c.ready("db2", "stop", ""))
	refused := c.ready("db1", "fc-limit", "99")
	driver := c.Runner.options.Driver
	c.Runner.options.Driver = func(address string) (*mysql.Config, error) {
		cfg, err := driver(address)
		if err == nil {
			cfg.Passwd += "wrong"
		}
		return cfg, err
	}
	if result, _ := c.carryOut(refused); result.Stage == Done {
		t.Errorf("%+v", result)
	}
	var told []string
	for _, line := range c.log() {
		if line.Event == "step" {
			told = append(told, line.Step.Ran...)
		}
	}
	if got, want := strings.Join(told, "; "), tap.statements(); got != want || want == "" {
		t.Errorf("the log tells of\n%s\nsent was\n%s", got, want)
	}
	text, err := os.ReadFile(c.options.Audit.Path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), sim.Password()) {
		t.Error("the log has the password")
	}
}

// A jump of the wall clock must neither make what is on screen stale nor keep it
// fresh: ages are taken by the monotonic clock, which only times that were taken
// from it have.
func TestAgesAreTakenByAClockThatDoesNotJump(t *testing.T) {
	c, _ := simulated(t, demo.Options{}, Session{})
	s := c.Latest()
	for what, at := range map[string]time.Time{"snapshot": s.At, "sample": s.Nodes[0].Sample.At, "runner": c.Runner.options.Clock()} {
		if !strings.Contains(at.String(), " m=") {
			t.Errorf("the time of the %s has no monotonic part: %s", what, at)
		}
	}
}
