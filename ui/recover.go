package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/actions/recovery"
	"github.com/galeratop/galeratop/model"
)

// guide knows the next step out of an incident. Only Again is quick: the others
// read hosts or files.
type guide interface {
	Next() *recovery.Move
	// Read tells lines of what servers print while their position is recovered.
	Read(ctx context.Context, q *recovery.Question, line func(node, text string))
	Answer(m *recovery.Move, text string) error
	Again(*recovery.Move)
	// Start gives the run, or the move that follows now in its place.
	Start(context.Context, *recovery.Move) (guided, *recovery.Move)
	Ended(*recovery.Move, actions.Result)
}

// guided is a run of a step.
type guided interface {
	job
	Result() actions.Result // waits for the end
}

// assisted is the assistant of a real cluster.
type assisted struct{ *recovery.Assistant }

// Read reads hosts. Positions are recovered by one reading at a time, so that
// nobody else sets the Line.
func (a assisted) Read(ctx context.Context, q *recovery.Question, line func(node, text string)) {
	if q.Need == recovery.NeedPosition {
		a.Line = line
	}
	a.Assistant.Read(ctx, q)
}

// Start runs a step.
func (a assisted) Start(ctx context.Context, m *recovery.Move) (guided, *recovery.Move) {
	run, instead := a.Assistant.Start(ctx, m)
	if run == nil {
		return nil, instead
	}
	return run, nil
}

// leads is who leads out of incidents in this console; nil when nobody does.
func (o *Options) leads() guide {
	switch {
	case o.guide != nil:
		return o.guide
	case o.Assistant != nil:
		return assisted{o.Assistant}
	}
	return nil
}

// walk leads through a recovery, step by step, over the whole screen. It outlives
// its being left: what was begun goes on, and R shows where it is.
type walk struct {
	scroller
	guide   guide
	open    bool            // on the screen, or under a plan that is
	move    *recovery.Move  // the next step, as far as it is known; nil: not yet
	since   time.Time       // when that step was first shown
	changed string          // what the next step was when the world changed it under somebody's hands
	instead bool            // what may be done in the place of waiting is shown
	asked   *model.Snapshot // the newest that the guide was asked about
	quiet   bool            // it was asked with the feed silent
	asking  bool
	read    []string // IDs of nodes whose hosts were read by order
	again   bool     // hosts are being read once more, behind what is shown
	busy    string   // what is on its way and is waited for; "" when nothing is
	began   time.Time
	prints  []string // what servers print meanwhile
	run     *running // the step that is run; nil: none
	typed   input
	wrong   string
	marked  int  // of the commands for a person, the one to copy
	line    int  // where it is in the text
	reach   bool // it is to be scrolled into sight
}

// The messages of a walk.
type (
	// movedMsg is the next step; news says that nobody did anything for it.
	movedMsg struct {
		move *recovery.Move
		news bool
		look bool // hosts that it wants read are read at once
	}
	// answeredMsg is what became of an answer.
	answeredMsg struct {
		move *recovery.Move
		err  error
	}
	// readMsg is the end of a reading of hosts.
	readMsg struct {
		move  *recovery.Move
		again bool
	}
	// lineMsg is what a server printed, and where the next line comes from.
	lineMsg struct {
		text string
		from <-chan string
	}
	// startedMsg is a step that is run now, or the move in its place.
	startedMsg struct {
		of      *recovery.Move
		run     guided
		instead *recovery.Move
	}
	// closedMsg is that the end of a run was taken in.
	closedMsg struct{}
)

// openRecovery shows the next step out of what is wrong.
func (s *shell) openRecovery() {
	w := s.walk
	w.open, w.asked, w.top = true, nil, 0
	if w.busy == "" {
		w.move, w.changed = nil, ""
	}
	s.mode = w
}

// unguided is why there is no recovery; empty when there is.
func (s *shell) unguided() string {
	if s.walk == nil {
		return "there is no cluster behind this console to change"
	}
	return ""
}

// recoverKeys is the key of the recovery; it is in the footer when there is
// something to recover from.
func (s *shell) recoverKeys() []action {
	a := do("recovery: leads out of crashes, lost quorums and split brains, step by step", (*shell).openRecovery, "R").unless(s.unguided)
	if slices.ContainsFunc(s.snap.Findings, recoverable) {
		a = a.always("recovery")
	}
	return []action{a}
}

// recoverables are the rules whose findings the recovery leads out of.
var recoverables = map[string]bool{
	"no-primary": true, "primary-unknown": true, "nobody-answers": true, "partition": true, "not-joined": true, "split-brain": true,
	"founded-alone": true, "evicted": true, "silent": true, "disconnected": true, "last-survivor": true, "donor-stuck": true, "joiner-stuck": true,
}

func recoverable(f model.Finding) bool { return recoverables[f.Rule] }

// demand is what steps are worked out from.
func (w *walk) demand() model.Subject { return actionDemand }

// shown is the step on the screen.
func (w *walk) shown() *recovery.Move {
	if w.instead && w.move != nil && w.move.Instead != nil {
		return w.move.Instead
	}
	return w.move
}

// runs reports whether a step is being run.
func (w *walk) runs() bool { return w.run != nil }

// consider asks for the next step whenever there is news, or none for too long.
func (w *walk) consider(s *shell) tea.Cmd {
	if w == nil || !w.open || w.asking || w.busy != "" || w.runs() {
		return nil
	}
	quiet := s.silence() != ""
	if s.latest == nil || s.latest == w.asked && quiet == w.quiet {
		return nil
	}
	w.asking, w.asked, w.quiet = true, s.latest, quiet
	g := w.guide
	return func() tea.Msg { return movedMsg{move: g.Next(), news: true} }
}

// moved takes the next step over.
func (w *walk) moved(s *shell, msg movedMsg) tea.Cmd {
	if !msg.news {
		w.busy = ""
	} else {
		w.asking = false
		if w.busy != "" || w.runs() {
			return nil // something was begun meanwhile, and tells what follows
		}
		if cmd := w.refresh(s, msg.move); cmd != nil {
			return cmd
		}
	}
	w.take(s, msg.move, msg.news)
	if m := w.shown(); msg.look && m.Kind == recovery.Ask && m.Question.Need == recovery.NeedRead {
		return w.look(s, m.Question, "reading hosts")
	}
	return nil
}

// take shows a step. What somebody may be typing for another one must not be taken
// for an answer to this.
func (w *walk) take(s *shell, m *recovery.Move, news bool) {
	before := w.shown()
	w.move = m
	w.instead = w.instead && before != nil && m.Instead != nil && stepOf(m.Instead) == stepOf(before)
	same := before != nil && stepOf(before) == stepOf(w.shown())
	if !same {
		w.since, w.wrong, w.marked, w.top = s.now(), "", 0, 0
		w.typed.text = nil
		switch {
		case !news:
			w.changed = ""
		case before != nil && delicate(before):
			w.changed = before.Title
		}
	}
	d, ok := s.mode.(*dialogMode)
	if !ok {
		return
	}
	if _, ok := d.of.(*stepping); ok && same {
		d.take(s)
	} else if ok {
		s.mode = w
	}
}

// refresh reads hosts once more when what they told is too old to be relied on
// and somebody is at work with it: it changes nothing there, and nothing on the
// screen.
func (w *walk) refresh(s *shell, next *recovery.Move) tea.Cmd {
	now := w.shown()
	if now == nil || !delicate(now) || next.Kind != recovery.Ask || next.Question.Need != recovery.NeedRead {
		return nil
	}
	if slices.ContainsFunc(next.Question.Nodes, func(id string) bool { return !slices.Contains(w.read, id) }) {
		return nil
	}
	if w.again {
		return func() tea.Msg { return nil }
	}
	w.again = true
	g, ctx := w.guide, s.ctx
	return func() tea.Msg {
		g.Read(ctx, next.Question, nil)
		return readMsg{g.Next(), true}
	}
}

// delicate reports whether keys that are pressed for a step could mean something
// else for another one.
func delicate(m *recovery.Move) bool {
	switch m.Kind {
	case recovery.Ask:
		return m.Question.Need != recovery.NeedRead
	case recovery.Act:
		return true
	}
	return m.Question != nil || len(m.ByHand) > 0
}

// stepOf tells steps apart; their texts change while they stay the same.
func stepOf(m *recovery.Move) string {
	var b strings.Builder
	_, _ = fmt.Fprint(&b, m.Situation, m.Kind, m.Node)
	if q := m.Question; q != nil {
		_, _ = fmt.Fprint(&b, q.Need, q.Nodes, q.Words, q.Answers)
	}
	if m.Order != nil {
		_, _ = fmt.Fprint(&b, *m.Order)
	}
	if m.Plan != nil {
		for i := range m.Plan.Steps {
			b.WriteString(m.Plan.Steps[i].Node + m.Plan.Steps[i].About)
		}
	}
	for _, c := range m.ByHand {
		b.WriteString(c.Node + c.Line)
	}
	return b.String()
}
