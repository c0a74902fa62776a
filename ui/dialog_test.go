package ui

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// fakeRunner remembers what it was told to run, and runs as the test says.
type fakeRunner struct {
	mu       sync.Mutex
	plans    []*actions.Plan
	jobs     []*fakeJob
	observed int
	// finish ends every run at once, as done.
	finish bool
	// logged is what the audit log was told of watch rules; unwritable is why it
	// cannot be.
	logged     []string
	unwritable error
	// hosts is how hosts are reached; order is what they told. asked counts how
	// often they were read.
	hosts actions.Hosts
	order func(node string, all bool) (actions.HostOrder, error)
	asked int
}

func (r *fakeRunner) Hosts() *actions.Hosts { return &r.hosts }

// Order is what hosts tell.
func (r *fakeRunner) Order(_ context.Context, node string, all bool) (actions.HostOrder, error) {
	r.mu.Lock()
	r.asked++
	answer := r.order
	r.mu.Unlock()
	return answer(node, all)
}

// Watch is an audit log of watch rules.
func (r *fakeRunner) Watch(*actions.Plan, *actions.Watch) watchLog { return fakeWatchLog{r} }

type fakeWatchLog struct{ *fakeRunner }

func (fakeWatchLog) Name() string { return "rule1" }

func (l fakeWatchLog) Armed() error { return l.log("armed") }

func (l fakeWatchLog) Disarmed(why string, ordered int) error {
	return l.log(fmt.Sprintf("disarmed: %s, %d ordered", why, ordered))
}

func (l fakeWatchLog) log(text string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.logged = append(l.logged, text)
	return l.unwritable
}

func (r *fakeRunner) Observe(*model.Snapshot) { r.observed++ }

func (r *fakeRunner) Start(_ context.Context, p *actions.Plan) job {
	r.mu.Lock()
	defer r.mu.Unlock()
	j := &fakeJob{news: make(chan actions.Progress, 100)}
	r.plans, r.jobs = append(r.plans, p), append(r.jobs, j)
	if r.finish {
		for i := range p.Steps {
			j.news <- actions.Progress{Step: i, Stage: actions.Done, Text: "gone after 0.4 s"}
		}
		close(j.news)
	}
	return j
}

// ran are the statements of all plans so far.
func (r *fakeRunner) ran() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for _, p := range r.plans {
		for i := range p.Steps {
			out = append(out, p.Steps[i].Name+": "+p.Steps[i].Text)
		}
	}
	return out
}

type fakeJob struct {
	news      chan actions.Progress
	cancelled bool
}

func (j *fakeJob) Progress() <-chan actions.Progress { return j.news }

func (j *fakeJob) Cancel() { j.cancelled = true }

// proposed is a pane whose key ! proposes a plan.
type proposed struct {
	*overview
	make func(*model.Snapshot) *actions.Plan
}

func (p *proposed) keys() []action {
	return append(p.overview.keys(), do("propose", func(s *shell) { s.propose(p) }, "!"))
}

func (p *proposed) plan(s *model.Snapshot) (*actions.Plan, []string) { return p.make(s), nil }

func (p *proposed) run(s *shell, plan *actions.Plan) tea.Cmd { return s.start(plan) }

// proposing watches a console whose key ! proposes the plan.
func proposing(t *testing.T, opt Options, width, height int, plan func(*model.Snapshot) *actions.Plan, test func(*screen, *fakeRunner)) {
	t.Helper()
	twoPanes(t)
	registry[0].make = func(e *env) pane { return &proposed{newOverview(e), plan} }
	r := &fakeRunner{}
	opt.runner = r
	watch(t, cluster(3), opt, width, height, func(s *screen) {
		s.Tick(2)
		test(s, r)
	})
}

// twoPanes leaves the first two panes: the screens of these tests are not about
// which others there are.
func twoPanes(t *testing.T) {
	old := registry
	t.Cleanup(func() { registry = old })
	registry = slices.Clone(old[:2])
}

// onePlan kills one query.
func onePlan(*model.Snapshot) *actions.Plan {
	return &actions.Plan{
		Action: "kill-query", Title: "Kill the query of thread 1000 on db1", Cluster: "shop-prod", Level: actions.LevelYes, Word: "db1",
		Checks: []actions.Check{
			{Text: "the thread still runs the chosen query", Evidence: "query 7, for 8 s", Verdict: actions.Met},
			{Text: "the account may kill threads of others", Evidence: "CONNECTION ADMIN is granted", Verdict: actions.Met},
		},
		Steps: []actions.Step{{
			Node: "db1", Name: "db1", Text: "KILL QUERY ID 7",
			About: "report: SELECT customer_id, SUM(total) FROM orders WHERE created_at > '2026-01-01' GROUP BY customer_id ORDER BY 2 DESC",
		}},
		Effects:  []string{"The client gets error 1317; its transaction stays open and keeps its 12 row locks.", "Nothing is rolled back."},
		Unknowns: []string{"whether the application begins the same query again"},
		Verify:   "the next samples of db1 show the thread without this query",
	}
}

func manyPlan(*model.Snapshot) *actions.Plan {
	p := onePlan(nil)
	p.Title, p.Level, p.Word, p.Steps = "Kill the connections of 31 threads on db1, db2 and db3", actions.LevelNode, "31 threads", nil
	for i := range 31 {
		node := fmt.Sprintf("db%d", 1+i%3)
		p.Steps = append(p.Steps, actions.Step{
			Node: node, Name: node, Text: fmt.Sprintf("KILL CONNECTION %d", 1000+i), About: "report: SELECT SUM(total) FROM orders WHERE customer_id = 4711",
		})
	}
	for i := range 12 {
		p.Excluded = append(p.Excluded, actions.Exclusion{
			What: fmt.Sprintf("thread %d on db1 (system user)", i+1), Reason: "an applier: it works for the cluster, not for a client",
		})
	}
	return p
}

func refusedPlan(*model.Snapshot) *actions.Plan {
	p := onePlan(nil)
	p.Checks[0] = actions.Check{Text: "the thread still runs the chosen query", Evidence: "db1 does not answer: dial tcp 10.0.0.11:3306: i/o timeout", Verdict: actions.Unknown}
	p.Checks[1] = actions.Check{Text: "the account may kill threads of others", Evidence: "it may not: GRANT CONNECTION ADMIN ON *.* TO monitor@'%'", Verdict: actions.Failed}
	return p
}

func productionPlan(*model.Snapshot) *actions.Plan {
	p := manyPlan(nil)
	p.Level, p.Word = actions.LevelCluster, "shop-prod"
	return p
}

func TestDialogsLookAsTheyDid(t *testing.T) {
	for name, c := range map[string]struct {
		plan func(*model.Snapshot) *actions.Plan
		opt  Options
	}{
		"one":        {onePlan, Options{}},
		"many":       {manyPlan, Options{}},
		"refused":    {refusedPlan, Options{}},
		"production": {productionPlan, Options{Production: true}},
		"privacy":    {onePlan, Options{Privacy: true}},
		"ascii":      {refusedPlan, Options{ASCII: true, NoColor: true}},
	} {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s %dx%d", name, size[0], size[1]), func(t *testing.T) {
				proposing(t, c.opt, size[0], size[1], c.plan, func(s *screen, _ *fakeRunner) {
					s.Press("!").Golden(fmt.Sprintf("dialog-%s-%dx%d", name, size[0], size[1]), name != "ascii" && size[0] == 80)
				})
			})
		}
	}
}

func TestOnlyYRunsAPlanAndEverythingElseLeavesTheClusterAsItIs(t *testing.T) {
	for _, key := range []string{"Enter", "n", "Y", "space", "x", "Esc", "q"} {
		if key == "space" {
			key = " "
		}
		proposing(t, Options{}, 80, 24, onePlan, func(s *screen, r *fakeRunner) {
			s.Press("!").Has("Run this?", "KILL QUERY ID 7").Press(key).Lacks("Run this?").Row(-1).Has("nothing was done")
			if len(r.plans) > 0 {
				t.Errorf("%q ran the plan", key)
			}
		})
	}
	proposing(t, Options{}, 80, 24, onePlan, func(s *screen, r *fakeRunner) {
		s.Press("!", "Down", "PgDn", "End", "Home", "Tab").Has("Run this?").Press("y").Has("Running", "KILL QUERY ID 7")
		if got := r.ran(); !slices.Equal(got, []string{"db1: KILL QUERY ID 7"}) {
			t.Errorf("ran %q", got)
		}
	})
}

func TestAWordHasToBeTypedExactly(t *testing.T) {
	proposing(t, Options{}, 80, 24, manyPlan, func(s *screen, r *fakeRunner) {
		s.Press("!").Has("Type 31 threads and Enter").Press("y", "Enter").Has(`"y" is not "31 threads": nothing was run`)
		s.Press("3", "0", " ", "threads").Lacks("is not").Has("30 threads").Press("Enter").Has(`"30 threads" is not "31 threads"`)
		s.Tick(1).Press("31 Threads", "Enter").Has(`"31 Threads" is not "31 threads"`)
		if len(r.plans) > 0 {
			t.Fatal("a wrong word ran the plan")
		}
		s.Tick(1).Press("31 threadsx", "Backspace", "Enter").Has("Running")
		if len(r.ran()) != 31 {
			t.Errorf("ran %d statements", len(r.ran()))
		}
	})
	proposing(t, Options{}, 80, 24, manyPlan, func(s *screen, r *fakeRunner) {
		s.Press("!", "31 threads", "Esc").Row(-1).Has("nothing was done")
		if len(r.plans) > 0 {
			t.Error("Esc ran the plan")
		}
	})
}

func TestARefusedPlanSaysWhyAndCannotBeRun(t *testing.T) {
	for _, key := range []string{"y", "Enter"} {
		proposing(t, Options{}, 80, 24, refusedPlan, func(s *screen, r *fakeRunner) {
			s.Press("!").Has("REFUSED: the thread still runs the chosen query: db1 does not answer", "? UNKNOWN", "✗ FAILED", "ADMIN ON *.* TO").Lacks("Run this?")
			s.Press(key).Row(-1).Has("not run: the thread still runs")
			if len(r.plans) > 0 {
				t.Errorf("%s ran a refused plan", key)
			}
		})
	}
}

func TestLongListsAreCountedAndShownInFullOnDemand(t *testing.T) {
	proposing(t, Options{}, 160, 50, manyPlan, func(s *screen, _ *fakeRunner) {
		s.Press("!").Has("31 statements", "and 23 more: Tab lists them", "Left out: 12", "and 4 more: Tab lists them").Lacks("KILL CONNECTION 1030")
		s.Press("Tab").Lacks("more: Tab lists").Press("End").Has("KILL CONNECTION 1030", "thread 12 on db1")
	})
}

func TestThePlanFollowsTheClusterWhileTheDialogIsOpen(t *testing.T) {
	shrinking := func(s *model.Snapshot) *actions.Plan {
		p := manyPlan(nil)
		if s.Tick > 3 {
			p = onePlan(nil)
		}
		if s.Tick > 5 {
			p.Refused = "the node left the cluster"
		}
		return p
	}
	proposing(t, Options{}, 120, 40, shrinking, func(s *screen, r *fakeRunner) {
		s.Press("!", "31 th").Tick(2).Has("1 statement, 31 when this opened", "Type 31 threads and Enter")
		s.Press("y").Has("Type 31 threads").Tick(2).Has("REFUSED: the node left the cluster")
		if len(r.plans) > 0 {
			t.Error("letters that were being typed became a yes")
		}
	})
}

func TestAFrozenFrameActsOnTheNewestSnapshotAndSaysSo(t *testing.T) {
	ticks := func(s *model.Snapshot) *actions.Plan {
		p := onePlan(nil)
		p.Title = fmt.Sprintf("Kill at tick %d", s.Tick)
		return p
	}
	proposing(t, Options{}, 80, 24, ticks, func(s *screen, r *fakeRunner) {
		s.Press("z").Tick(3).Press("!").Has("Kill at tick 5", "the frame is frozen; this uses the newest snapshot").Tick(1).Has("Kill at tick 6").Press("y")
		if len(r.plans) != 1 || r.plans[0].Title != "Kill at tick 6" {
			t.Errorf("ran %v", r.plans)
		}
	})
}

func TestNothingIsRunWithoutNewsFromTheCluster(t *testing.T) {
	proposing(t, Options{}, 80, 24, onePlan, func(s *screen, r *fakeRunner) {
		s.Press("!")
		close(s.feed.ch)
		s.settle().Press("Down").Has("REFUSED: no news from the cluster").Press("y").Row(-1).Has("not run: no news")
		if len(r.plans) > 0 {
			t.Error("ran on what was")
		}
	})
}
