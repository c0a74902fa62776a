package actions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/model"
)

// hostWork is a task on its way.
type hostWork struct {
	*hostCase
	run   *Run
	step  int
	host  string
	facts host.Facts
	ran   []string // the commands that were begun, as a person would type them
}

// say shows a line of output and keeps it.
func (w *hostWork) say(line string) {
	line = model.HideSecrets(line)
	w.subject.keep(line)
	w.run.tell(Progress{w.step, Running, line})
}

// saidLines and saidChars bound what is kept of a task's output.
const (
	saidLines = 40
	saidChars = 300
)

// keep keeps the end of a task's output for the audit log.
func (h *hostSubject) keep(line string) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.said = append(h.said, model.Printable(line, saidChars))
	if len(h.said) > saidLines {
		h.said = h.said[1:]
	}
}

// lookLimit bounds the reading of hosts before and after a command.
const lookLimit = time.Minute

// look reads hosts again, and everything that servers say.
func (r *Run) lookAgain(ctx context.Context, subject *hostSubject, all bool) (*hostCase, error) {
	ctx, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	s := r.runner.Latest()
	n := s.Node(subject.order.Node)
	if n == nil {
		return nil, errors.New("there is no such node any more")
	}
	nodes := []*model.Node{n}
	if all {
		nodes = s.Nodes
	}
	subject.know(r.runner.Apart())
	subject.take(r.runner.options.Hosts.LookAll(ctx, nodes, r.runner.options.Clock)...)
	c := newHostCase(r.runner.Latest(), subject)
	if c.node == nil {
		return nil, errors.New("there is no such node any more")
	}
	c.hosts, c.declared, c.final = &r.runner.options.Hosts, r.plan.Declared, true
	return c, nil
}

// executeHost runs one task: the host, and where the row wants it all hosts, are
// read again, and the plan is worked out against that.
func executeHost(ctx context.Context, r *Run, step int) outcome {
	subject := r.plan.subject.(*hostSubject)
	row := subject.row
	c, err := r.lookAgain(ctx, subject, row.everywhere)
	if err != nil {
		return outcome{stage: Stopped, text: "not run: " + err.Error()}
	}
	if reason := c.plan(r.runner.options.Session, r.plan, step).Refuse(); reason != "" {
		return outcome{stage: Stopped, text: "not run: " + reason}
	}
	if reason := c.changedOnHost(); reason != "" {
		return outcome{stage: Stopped, text: "not run: " + reason}
	}
	name, facts := c.hosts.Of(c.node)
	facts.Flavour = c.mine().Flavour
	w := &hostWork{hostCase: c, run: r, step: step, host: name, facts: facts}
	subject.begin(r.runner.options.Clock())
	r.runner.visit(subject)
	return w.outcome(w.carryOut(ctx, &row.tasks[step]))
}

func (h *hostSubject) begin(now time.Time) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.begun, h.asked, h.failure, h.doubt, h.said = true, now, "", false, nil
}

// carryOut runs a task. One that yields ends with the run's cancelling.
func (w *hostWork) carryOut(ctx context.Context, t *task) error {
	if !t.yields {
		return t.run(ctx, w)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-w.run.cancel:
			cancel()
		case <-done:
		}
	}()
	return t.run(ctx, w)
}

// outcome judges what a task's commands came to. Whatever may have begun is
// looked up and never tried again.
func (w *hostWork) outcome(err error) outcome {
	out := outcome{stage: Verifying, text: "the command has ended", ran: w.ran}
	e, known := errors.AsType[*host.Error](err)
	switch {
	case err == nil:
	case errors.Is(err, context.Canceled):
		out.text = "cancelled while it ran; what was begun on the host may go on"
	case known && !e.Begun:
		out.stage, out.text = Wrong, "not run: "+err.Error()
	case known || len(w.ran) > 0:
		out.text = err.Error() + "; what came of it is looked up"
	default:
		out.stage, out.text = Wrong, "not run: "+err.Error()
	}
	out.text = model.HideSecrets(out.text)
	w.subject.mutex.Lock()
	defer w.subject.mutex.Unlock()
	if err != nil {
		w.subject.failure, w.subject.doubt = err.Error(), !known || e.Begun && e.Kind != host.Failed && e.Kind != host.Denied
	}
	out.said = w.subject.said
	return out
}

// changedOnHost says what differs on the node's host from when the plan was made,
// before its first task; "" if nothing does.
func (c *hostCase) changedOnHost() string {
	was, now := c.subject.chosen, c.mine()
	if c.subject.running() || was == nil || was.State == nil || now.State == nil {
		return ""
	}
	for _, part := range []struct {
		what     string
		was, now string
	}{
		{"the data directory", was.State.DataDir.Value.Path, now.State.DataDir.Value.Path},
		{"the server's process", was.State.Server.Value.PID, now.State.Server.Value.PID},
		{"grastate.dat", grastateWords(was.State), grastateWords(now.State)},
	} {
		if part.was != part.now {
			return fmt.Sprintf("%s of %s is %s now, it was %s when this was chosen: somebody else has changed it",
				part.what, c.node.Name, orNone(part.now), orNone(part.was))
		}
	}
	return ""
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

func grastateWords(s *host.State) string {
	if g := s.Grastate.Value; g != nil {
		return fmt.Sprintf("%s with safe_to_bootstrap %t", g.Position, g.SafeToBootstrap)
	}
	return s.Grastate.Unknown
}

// serve carries a service operation out.
func serve(op host.Operation) func(context.Context, *hostWork) error {
	return func(ctx context.Context, w *hostWork) error {
		lines, err := w.commands(op)
		if err != nil {
			return err
		}
		w.ran = lines
		_, err = w.mine().Service.Do(ctx, w.hosts.Way, w.host, op, w.facts, w.say)
		return err
	}
}

// verifyHost watches for the effect of a task until it is seen, the patience ends,
// or somebody cancels.
func verifyHost(ctx context.Context, r *Run, steps []int) {
	subject := r.plan.subject.(*hostSubject)
	for _, i := range steps {
		t := &subject.row.tasks[i]
		patience := r.runner.options.Patience
		if t.patience > 0 {
			patience = t.patience
		}
		deadline := time.NewTimer(patience)
		r.watchTask(ctx, subject, i, deadline.C)
		deadline.Stop()
	}
}

// hostPause is how often a host is read while an effect is waited for.
const hostPause = 2 * time.Second

func (r *Run) watchTask(ctx context.Context, subject *hostSubject, step int, deadline <-chan time.Time) {
	t := &subject.row.tasks[step]
	var looked time.Time
	for {
		_, news := r.runner.observed()
		if now := time.Now(); now.Sub(looked) >= hostPause {
			if _, err := r.lookAgain(ctx, subject, false); err != nil {
				r.settle(step, NotYet, err.Error())
				return
			}
			looked = time.Now()
		}
		c := newHostCase(r.runner.Latest(), subject)
		if c.node == nil {
			return
		}
		c.hosts, c.asked = &r.runner.options.Hosts, subject.asked
		stage, text := t.seen(c)
		if old := r.runner.stale(c.Snapshot); old != "" && stage == Verifying {
			text = old
		}
		if stage != Verifying {
			r.settle(step, stage, text)
			return
		}
		r.tell(Progress{step, stage, text})
		select {
		case <-news:
		case <-r.cancel:
			r.settle(step, NotYet, "cancelled, and what was begun on the host may go on; when last seen: "+text)
			return
		case <-deadline:
			return
		}
	}
}

// Readings are what hosts told last, during a run of an operation on a host.
func (r *Run) Readings() []*Reading {
	subject, ok := r.plan.subject.(*hostSubject)
	if !ok {
		return nil
	}
	subject.mutex.Lock()
	defer subject.mutex.Unlock()
	var out []*Reading
	for _, reading := range subject.readings {
		out = append(out, reading)
	}
	return out
}

// failed is what the last command said that did not succeed, with the end of the
// error log; "" when it succeeded, and when it was lost sight of: it may go on then.
func (c *hostCase) failed() string {
	c.subject.mutex.Lock()
	text, doubt := c.subject.failure, c.subject.doubt
	c.subject.mutex.Unlock()
	if text == "" || doubt {
		return ""
	}
	if l := c.state().Log; l.Known() {
		if line := lastError(l.Value.Lines); line != "" {
			text += "; its error log: " + line
		}
	}
	return text
}

// unfinished is what the last command said that was not seen to succeed, whether it
// failed or was lost sight of; "" when it succeeded.
func (c *hostCase) unfinished() string {
	c.subject.mutex.Lock()
	defer c.subject.mutex.Unlock()
	return c.subject.failure
}

// lastError is the last line of an error log that is an error; "" if none is.
func lastError(lines []string) string {
	for _, line := range slices.Backward(lines) {
		if strings.Contains(line, "[ERROR]") {
			return model.HideSecrets(line)
		}
	}
	return ""
}
