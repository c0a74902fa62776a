package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// runner runs plans.
type runner interface {
	Observe(*model.Snapshot)
	Start(context.Context, *actions.Plan) job
	Watch(*actions.Plan, *actions.Watch) watchLog
	Hosts() *actions.Hosts
	// Order reads hosts and the audit log: it is called outside of Update.
	Order(ctx context.Context, node string, all bool) (actions.HostOrder, error)
}

// watchLog writes into the audit log what becomes of a watch rule. Its writes
// take a disk's time: they are done outside of Update.
type watchLog interface {
	Name() string
	Armed() error
	Disarmed(why string, ordered int) error
}

// job is a plan that is being run.
type job interface {
	Progress() <-chan actions.Progress // closed at its end
	Cancel()
}

// running is a plan that was started in this console, and what is known of it.
type running struct {
	plan      *actions.Plan
	job       job
	steps     []actions.Progress // the newest of each
	whole     actions.Progress   // the newest of the run itself
	began     time.Time
	took      time.Duration // once it is over
	until     time.Time     // At of the newest snapshot when it was over
	over      bool
	cancelled bool
	seen      bool // its end was on the screen
	// talks says that what its steps print is kept, in said.
	talks bool
	said  []string
	// ended is done once it is over; nil: nothing.
	ended tea.Cmd
}

// progressMsg is news of a run; over says that there will be none.
type progressMsg struct {
	of   *running
	news actions.Progress
	over bool
}

// start runs a plan that was confirmed and shows how it goes.
func (s *shell) start(p *actions.Plan) tea.Cmd {
	r, cmd := s.launch(p)
	s.runs = append(s.runs, r)
	s.mode = &runMode{of: r, under: s.mode}
	return cmd
}

// launch runs a plan without showing it.
func (s *shell) launch(p *actions.Plan) (*running, tea.Cmd) {
	r := &running{plan: p, job: s.runner.Start(s.ctx, p), began: s.now(), steps: make([]actions.Progress, len(p.Steps))}
	return r, s.listen(r)
}

// listen waits for news of a run.
func (s *shell) listen(r *running) tea.Cmd {
	return func() tea.Msg {
		select {
		case news, ok := <-r.job.Progress():
			return progressMsg{r, news, !ok}
		case <-s.ctx.Done():
			return nil
		}
	}
}

// progressed takes over news of a run.
func (s *shell) progressed(msg progressMsg) tea.Cmd {
	r := msg.of
	r.hear(msg.news)
	switch {
	case msg.over:
		r.over, r.took, r.until = true, s.now().Sub(r.began), s.present().At
		return r.ended
	case msg.news.Step >= 0 && msg.news.Step < len(r.steps):
		r.steps[msg.news.Step] = msg.news
	default:
		r.whole = msg.news
	}
	return s.listen(r)
}

// hear keeps what a step printed.
func (r *running) hear(news actions.Progress) {
	if n := len(r.said); r.talks && news.Step >= 0 && news.Text != "" && (n == 0 || r.said[n-1] != news.Text) {
		r.said = append(r.said[max(0, n-keepLines):], news.Text)
	}
}

// settled drops the line about runs that are over, once somebody pressed a key
// with it on the screen, and forgets all of them but the last.
func (s *shell) settled() {
	kept := s.runs[:0]
	for i, r := range s.runs {
		r.seen = r.seen || r.over
		if !r.over || i == len(s.runs)-1 {
			kept = append(kept, r)
		}
	}
	s.runs = kept
}

// stageWords are the stages for people.
var stageWords = [...]string{
	actions.Waiting: "waiting", actions.Running: "running", actions.Verifying: "verifying", actions.Done: "done",
	actions.NotYet: "not yet", actions.Stopped: "not run", actions.Wrong: "FAILED",
}

// tally says how many steps are at which stage, what is wrong first.
func (r *running) tally() string {
	var n [len(stageWords)]int
	for _, p := range r.steps {
		n[p.Stage]++
	}
	var parts []string
	for _, stage := range []actions.Stage{
		actions.Wrong, actions.NotYet, actions.Stopped, actions.Done, actions.Verifying, actions.Running, actions.Waiting,
	} {
		if n[stage] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[stage], stageWords[stage]))
		}
	}
	return strings.Join(parts, ", ")
}

// stage is the worst of how its steps ended, or where the run is.
func (r *running) stage() actions.Stage {
	worst := r.whole.Stage
	if worst < actions.Done {
		worst = actions.Waiting
	}
	for _, p := range r.steps {
		if r.over || p.Stage > actions.Done {
			worst = max(worst, p.Stage)
		}
	}
	if worst == actions.Waiting {
		return actions.Running
	}
	return worst
}

// summary is the run in one line.
func (r *running) summary() string {
	text := r.plan.Title + ": " + r.tally()
	if len(r.steps) == 1 && r.steps[0].Text != "" {
		text = r.plan.Title + ": " + stageWords[r.steps[0].Stage] + ", " + r.steps[0].Text
	}
	if r.whole.Text != "" && r.over {
		text += "; " + r.whole.Text
	}
	return text
}

// background is the line about runs that nobody looks at; empty when there is
// none.
func (s *shell) background() (text string, st style) {
	for _, r := range slices.Backward(s.runs) {
		if r.seen {
			continue
		}
		word := "running: "
		if r.over {
			word = "finished: "
		}
		return word + s.planned(r.summary()) + "  (J shows it)", s.stageStyle(r.stage())
	}
	return "", ""
}

// stageStyle is the look of a stage.
func (e *env) stageStyle(stage actions.Stage) style {
	switch stage {
	case actions.Done:
		return e.st.ok
	case actions.NotYet, actions.Stopped:
		return e.st.warn
	case actions.Wrong:
		return e.st.crit
	}
	return e.st.notice
}

// runs is what runs plans in this console; nil when nothing does.
func (o *Options) runs() runner {
	switch {
	case o.runner != nil:
		return o.runner
	case o.Runner != nil:
		return live{o.Runner}
	}
	return nil
}

// live runs plans on a real cluster.
type live struct{ *actions.Runner }

// Start runs a plan.
func (l live) Start(ctx context.Context, p *actions.Plan) job { return l.Runner.Start(ctx, p) }

// Watch prepares what the audit log is told of a watch rule.
func (l live) Watch(p *actions.Plan, w *actions.Watch) watchLog { return l.LogWatch(p, w) }
