package actions

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/galeratop/galeratop/model"
)

// Result is how a run ended.
type Result struct {
	Stage Stage      // Done when every step is done, else the worst of the steps'
	Text  string     // in words, what was and what was not done
	Steps []Progress // the last news of each step
}

// Run is one plan on its way.
type Run struct {
	runner *Runner
	plan   *Plan
	action *action
	links  links
	audit  *auditRun
	began  time.Time
	seen   uint64 // tick of the snapshot against which the rest was worked out last
	rest   *Plan  // worked out again: what is still to be done

	out      chan Progress
	cancel   chan struct{}
	once     sync.Once
	finished chan struct{}

	mutex   sync.Mutex
	steps   []Progress
	result  Result
	pending []Progress // news that nobody took yet, at most one of each step
	place   map[int]int
	fresh   chan struct{}
}

func newRun(ctx context.Context, r *Runner, p *Plan) *Run {
	run := &Run{
		runner: r, plan: p, action: actionOf(p.Action), began: r.options.Clock(),
		out: make(chan Progress, len(p.Steps)+1), cancel: make(chan struct{}), finished: make(chan struct{}),
		steps: make([]Progress, len(p.Steps)), place: make(map[int]int), fresh: make(chan struct{}, 1),
	}
	run.links.driver, run.links.of = r.options.Driver, make(map[string]*link)
	for i := range run.steps {
		run.steps[i].Step = i
	}
	context.AfterFunc(ctx, run.Cancel)
	return run
}

// Progress delivers the news of the run and is closed at its end. Whoever is
// slow to read gets the newest of each step.
func (r *Run) Progress() <-chan Progress { return r.out }

// Cancel ends the run after the statement that is on its way.
func (r *Run) Cancel() { r.once.Do(func() { close(r.cancel) }) }

// Result waits for the end of the run.
func (r *Run) Result() Result {
	<-r.finished
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.result
}

func (r *Run) cancelled() bool {
	select {
	case <-r.cancel:
		return true
	default:
		return false
	}
}

// tell publishes news of a step, or with step -1 of the run.
func (r *Run) tell(p Progress) {
	r.mutex.Lock()
	if p.Step >= 0 {
		if r.steps[p.Step] == p {
			r.mutex.Unlock()
			return
		}
		r.steps[p.Step] = p
	}
	if i, ok := r.place[p.Step]; ok {
		r.pending[i] = p
	} else {
		r.place[p.Step] = len(r.pending)
		r.pending = append(r.pending, p)
	}
	r.mutex.Unlock()
	select {
	case r.fresh <- struct{}{}:
	default:
	}
}

// deliver hands the news out and closes the channel at the end. Nobody need read
// them: the run does not wait, and at its end the newest of each step fit into
// the channel.
func (r *Run) deliver() {
	defer close(r.out)
	for {
		select {
		case <-r.fresh:
		case <-r.finished:
			r.deliverLast(nil)
			return
		}
		batch := r.take()
		for i, p := range batch {
			select {
			case r.out <- p:
			case <-r.finished:
				r.deliverLast(batch[i:])
				return
			}
		}
	}
}

// take removes the news that nobody took yet.
func (r *Run) take() []Progress {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	batch := r.pending
	r.pending, r.place = nil, make(map[int]int)
	return batch
}

// deliverLast replaces what is still in the channel by the newest of each step.
func (r *Run) deliverLast(rest []Progress) {
	var all []Progress
	for unread := true; unread; {
		select {
		case p := <-r.out:
			all = append(all, p)
		default:
			unread = false
		}
	}
	all = append(append(all, rest...), r.take()...)
	last := make(map[int]int, len(all))
	for i, p := range all {
		last[p.Step] = i
	}
	for i, p := range all {
		if last[p.Step] == i {
			r.out <- p
		}
	}
}

// stage is how far a step is.
func (r *Run) stage(step int) Stage {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.steps[step].Stage
}

// run is the life of a run.
func (r *Run) run(ctx context.Context) {
	defer close(r.finished)
	defer r.links.close()
	if reason := r.admit(); reason != "" {
		r.halt(0, reason)
		r.end(reason)
		return
	}
	r.tell(Progress{Step: -1, Stage: Running, Text: "running"})
	ctx = context.WithoutCancel(ctx) // a statement on its way is never abandoned
	stopped := ""
	for i := range r.plan.Steps {
		if stopped = r.step(ctx, i); stopped != "" {
			r.halt(i, stopped)
			break
		}
	}
	if steps := r.verifying(); len(steps) > 0 {
		r.action.verify(ctx, r, steps)
		r.giveUp()
	}
	r.end(stopped)
}

// admit decides whether the run may begin, and writes what it is going to do
// into the audit log; the reason when it may not.
func (r *Run) admit() string {
	o := &r.runner.options
	switch {
	case o.Session.ReadOnly:
		return readOnly
	case r.action == nil:
		return "there is no action " + r.plan.Action
	case o.Audit == nil:
		return "there is no audit log, and nothing is done without one"
	case r.plan.Refuse() != "":
		return r.plan.Refuse()
	case len(r.plan.Steps) == 0:
		return "there is nothing to do"
	}
	if reason := r.again(0); reason != "" {
		return reason
	}
	for i := range r.plan.Steps {
		if reason := r.lost(i); reason != "" && (!r.action.independent || len(r.plan.Steps) == 1) {
			return reason
		}
	}
	audit, err := o.Audit.begin(r)
	if err != nil {
		return fmt.Sprintf("the audit log cannot be written, so nothing is done: %v", err)
	}
	r.audit = audit
	if r.action.alone {
		return o.Audit.busy(r.plan.Cluster, audit.id)
	}
	return ""
}

const readOnly = "this console is read-only: it changes nothing"

// again works the rest of the plan out against the newest snapshot, unless that
// was done for it already; the reason when it is refused now.
func (r *Run) again(from int) string {
	s := r.runner.Latest()
	if reason := r.runner.stale(s); reason != "" {
		return reason
	}
	if r.rest == nil || r.seen != s.Tick {
		r.seen, r.rest = s.Tick, r.action.replan(s, r.runner.options.Session, r.plan, from)
		r.rest.tick = s.Tick
	}
	if reason := r.rest.Refuse(); reason != "" && (!r.action.independent || len(r.plan.Steps) == 1) {
		return reason
	}
	return ""
}

// lost says why a step is no longer part of the plan; "" when it is.
func (r *Run) lost(step int) string {
	want := &r.plan.Steps[step]
	for i := range r.rest.Steps {
		if s := &r.rest.Steps[i]; s.target == want.target && s.Node == want.Node {
			return ""
		}
	}
	for i := range r.rest.Excluded {
		if e := &r.rest.Excluded[i]; want.target >= 0 && e.target == want.target {
			return e.Reason
		}
	}
	if want.target < 0 {
		return "" // a preparation that is not needed any more does no harm
	}
	return cmp.Or(r.rest.Refuse(), "the cluster has changed: this is not part of the plan any more")
}

// step runs one step; the reason when the run has to stop before it.
func (r *Run) step(ctx context.Context, i int) string {
	if r.cancelled() {
		return "cancelled"
	}
	if reason := r.again(i); reason != "" {
		return reason
	}
	if reason := r.lost(i); reason != "" {
		if !r.action.independent {
			return reason
		}
		_ = r.record(i, outcome{stage: Stopped, text: reason}, 0)
		return ""
	}
	r.tell(Progress{Step: i, Stage: Running})
	begin := time.Now()
	o := r.action.execute(ctx, r, i)
	if err := r.record(i, o, time.Since(begin)); err != nil {
		return fmt.Sprintf("the audit log cannot be written any more: %v", err)
	}
	if o.stage == Verifying && !r.action.independent {
		r.action.verify(ctx, r, []int{i})
		r.giveUp()
	}
	if r.action.independent {
		return ""
	}
	return r.halted(i)
}

// halted says why nothing may be run behind a step; "" when it is done.
func (r *Run) halted(step int) string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	switch s := &r.steps[step]; s.Stage {
	case Stopped:
		return s.Text
	case NotYet, Wrong:
		if step < len(r.steps)-1 {
			return "a step before did not succeed: " + s.Text
		}
	}
	return ""
}

// record writes a step's outcome down and publishes it.
func (r *Run) record(step int, o outcome, took time.Duration) error {
	err := r.audit.step(step, o, took)
	r.tell(Progress{Step: step, Stage: o.stage, Text: o.text})
	return err
}

// settle ends a step that was being verified.
func (r *Run) settle(step int, stage Stage, text string) {
	_ = r.audit.verified(step, stage, text, r.runner.options.Clock().Sub(r.began))
	r.tell(Progress{Step: step, Stage: stage, Text: text})
}

// verifying are the steps whose effect has not been seen yet.
func (r *Run) verifying() []int {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	var out []int
	for i := range r.steps {
		if r.steps[i].Stage == Verifying {
			out = append(out, i)
		}
	}
	return out
}

// giveUp ends what a verifier left open.
func (r *Run) giveUp() {
	for _, i := range r.verifying() {
		r.mutex.Lock()
		text := r.steps[i].Text
		r.mutex.Unlock()
		text = cmp.Or(text, "its effect was not seen in time")
		if r.cancelled() {
			text += "; cancelled, and watched no longer: the order was given"
		}
		r.settle(i, NotYet, text)
	}
}

// halt marks the steps from one on that were not begun.
func (r *Run) halt(from int, reason string) {
	for i := from; i < len(r.plan.Steps); i++ {
		if s := r.stage(i); s == Waiting {
			r.tell(Progress{Step: i, Stage: Stopped, Text: reason})
		}
	}
}

// end sums the run up.
func (r *Run) end(stopped string) {
	r.mutex.Lock()
	steps := slices.Clone(r.steps)
	r.mutex.Unlock()
	result := Result{Stage: Done, Steps: steps}
	for i, s := range steps {
		if r.plan.Steps[i].target >= 0 || s.Stage == Wrong {
			result.Stage = max(result.Stage, s.Stage)
		}
	}
	if stopped != "" {
		result.Stage = max(result.Stage, Stopped)
	}
	result.Text = summary(r.plan, steps, stopped)
	r.mutex.Lock()
	r.result = result
	r.mutex.Unlock()
	if r.audit != nil {
		if err := r.audit.end(result, r.runner.options.Clock().Sub(r.began)); err != nil {
			result.Text += "; the audit log could not be completed: " + model.Printable(err.Error(), 200)
		}
	}
	r.tell(Progress{Step: -1, Stage: result.Stage, Text: result.Text})
}
