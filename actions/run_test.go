package actions

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/galeratop/galeratop/model"
)

// rehearsal is an action whose steps are functions of the test.
type rehearsal struct {
	t       *testing.T
	runner  *Runner
	world   world
	now     time.Time
	action  *action
	refused string // from the next plan on
	done    []int
	at      func(step int) // called while a step is run
	ends    Stage          // of a step
}

func rehearse(t *testing.T, independent bool) *rehearsal {
	r := &rehearsal{t: t, world: newWorld(), now: noon, ends: Done, at: func(int) {}}
	r.action = &action{
		id: "rehearsal", independent: independent,
		replan: func(s *model.Snapshot, session Session, p *Plan, from int) *Plan {
			return &Plan{Action: p.Action, Steps: p.Steps[from:], Refused: r.refused, session: session, tick: s.Tick}
		},
		execute: func(_ context.Context, _ *Run, step int) outcome {
			r.done = append(r.done, step)
			r.at(step)
			return outcome{stage: r.ends, text: fmt.Sprint("step ", step)}
		},
		verify: func(_ context.Context, run *Run, steps []int) {
			for _, s := range steps {
				run.settle(s, Done, "seen")
			}
		},
	}
	actionTable = append(actionTable, r.action)
	t.Cleanup(func() { actionTable = actionTable[:len(actionTable)-1] })
	r.runner = NewRunner(Options{Audit: auditIn(t), Clock: func() time.Time { return r.now }})
	r.runner.Observe(r.world.Snapshot)
	return r
}

func (r *rehearsal) plan() *Plan {
	p := &Plan{Action: "rehearsal", Cluster: "shop"}
	for i := range 3 {
		p.Steps = append(p.Steps, Step{Node: "db1", Name: "db1", Text: fmt.Sprint("statement ", i), target: i})
	}
	return p
}

func (r *rehearsal) result(p *Plan) Result { return r.runner.Start(context.Background(), p).Result() }

func TestARunIsRefusedOrStopsWithTheReason(t *testing.T) {
	for name, c := range map[string]struct {
		change func(r *rehearsal, p *Plan)
		done   int // steps
		text   string
	}{
		"nothing changes":      {func(*rehearsal, *Plan) {}, 3, "3 done of 3"},
		"read-only":            {func(r *rehearsal, _ *Plan) { r.runner.options.Session.ReadOnly = true }, 0, "read-only"},
		"an unknown action":    {func(_ *rehearsal, p *Plan) { p.Action = "dance" }, 0, "no action dance"},
		"a refused plan":       {func(_ *rehearsal, p *Plan) { p.Refused = "not today" }, 0, "not today"},
		"a check that failed":  {func(_ *rehearsal, p *Plan) { p.Checks = []Check{{Text: "a Primary exists", Evidence: "none answers"}} }, 0, "a Primary exists: none answers"},
		"nothing to do":        {func(_ *rehearsal, p *Plan) { p.Steps = nil }, 0, "nothing to do"},
		"a stale snapshot":     {func(r *rehearsal, _ *Plan) { r.now = noon.Add(3100 * time.Millisecond) }, 0, "stale"},
		"no snapshot":          {func(r *rehearsal, _ *Plan) { r.runner.latest = nil }, 0, "nothing is known"},
		"it would be refused":  {func(r *rehearsal, _ *Plan) { r.refused = "the node left" }, 0, "the node left"},
		"a step that fails":    {func(r *rehearsal, _ *Plan) { r.ends = Wrong }, 1, "a step before did not succeed"},
		"a step to be watched": {func(r *rehearsal, _ *Plan) { r.ends = Verifying }, 3, "3 done of 3"},
		"the world changes after the first step": {func(r *rehearsal, _ *Plan) {
			r.at = func(int) {
				r.refused = "the node left"
				r.runner.Observe(r.world.later(time.Second).Snapshot)
			}
		}, 1, "1 done, 2 not run of 3: the node left"},
		"the snapshots stop coming": {func(r *rehearsal, _ *Plan) {
			r.at = func(int) { r.now = noon.Add(4 * time.Second) }
		}, 1, "1 done, 2 not run of 3: what is on screen is 4s old"},
	} {
		t.Run(name, func(t *testing.T) {
			r := rehearse(t, false)
			p := r.plan()
			c.change(r, p)
			got := r.result(p)
			if len(r.done) != c.done || !strings.Contains(got.Text, c.text) || (got.Stage == Done) != (c.done == 3) {
				t.Errorf("%d steps run, %+v", len(r.done), got)
			}
		})
	}
}

func TestARunIsCancelledBetweenSteps(t *testing.T) {
	r := rehearse(t, true)
	var run *Run
	started := make(chan struct{})
	r.at = func(int) {
		<-started
		run.Cancel()
		run.Cancel()
	}
	run = r.runner.Start(context.Background(), r.plan())
	close(started)
	if got := run.Result(); got.Stage != Stopped || got.Text != "1 done, 2 not run of 3: cancelled" || len(r.done) != 1 {
		t.Errorf("%+v", got)
	}
}

func TestNewsThatNobodyReadsHoldNothingUp(t *testing.T) {
	r := rehearse(t, true)
	ctx, cancel := context.WithCancel(context.Background())
	run := r.runner.Start(ctx, r.plan())
	if got := run.Result(); got.Stage != Done {
		t.Errorf("%+v", got)
	}
	cancel()
}

func TestTheNewsEndWithTheResult(t *testing.T) {
	r := rehearse(t, true)
	run := r.runner.Start(context.Background(), r.plan())
	last := make(map[int]Progress)
	for news := range run.Progress() {
		last[news.Step] = news
	}
	result := run.Result()
	if last[-1].Text != result.Text || last[-1].Stage != Done || last[2].Stage != Done || len(last) != 4 {
		t.Errorf("%+v, %+v", last, result)
	}
}

func TestObserveKeepsTheNewestAndWakesWhoWaits(t *testing.T) {
	r := NewRunner(Options{})
	_, news := r.observed()
	r.Observe(nil)
	w := newWorld()
	r.Observe(w.Snapshot)
	r.Observe(w.later(time.Second).Snapshot)
	<-news
	if got := r.Latest(); got.Tick != 2 {
		t.Errorf("tick %d", got.Tick)
	}
}
