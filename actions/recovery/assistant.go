package recovery

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// Assistant keeps the evidence of one walk: the newest snapshot is the runner's,
// what hosts told and what a person said are kept here. Its methods may be called
// from any goroutine; Read and Start do I/O, the others do not.
type Assistant struct {
	Runner  *actions.Runner
	Hosts   *actions.Hosts
	Session actions.Session
	// Memory is the file in which it is written down whose side of a split brain was
	// given up, until their data is replaced: that must outlive the console. ""
	// keeps it in this console only.
	Memory string
	Clock  func() time.Time // nil: time.Now
	// Line gets what servers print while their position is recovered; nil: nobody.
	Line func(node, text string)

	mutex    sync.Mutex
	readings map[string]*actions.Reading
	choices  Choices
	loaded   bool
}

func (a *Assistant) now() time.Time {
	if a.Clock != nil {
		return a.Clock()
	}
	return time.Now()
}

// Evidence is all that is known now.
func (a *Assistant) Evidence() (*Evidence, error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if err := a.load(); err != nil {
		return nil, err
	}
	e := &Evidence{Snapshot: a.Runner.Latest(), Session: a.Session, Hosts: a.Hosts, Readings: maps.Clone(a.readings), Choices: a.choices, Apart: a.Runner.Apart()}
	e.Choices.Copy, e.Choices.Words = maps.Clone(a.choices.Copy), maps.Clone(a.choices.Words)
	if s := e.Snapshot; s != nil {
		// As the runner has it for a plan.
		if age := a.now().Sub(s.At); age > max(3*s.Interval, 3*time.Second) {
			e.Stale = "the view of the cluster is " + model.Span(age) + " old: nothing is decided on it"
		}
	}
	return e, nil
}

// Next is the next step as the world is now.
func (a *Assistant) Next() *Move {
	e, err := a.Evidence()
	if err != nil {
		return &Move{
			Situation: "memory", Kind: Refused, Title: "Which side was given up before cannot be read", Means: err.Error(),
			Will: []string{"mend or remove the file; without it a side of a split brain that was given up would no longer be known"},
		}
	}
	return Next(e)
}

// Read does what a question of NeedRead or NeedPosition asks for. Whatever cannot
// be read is in the next move.
func (a *Assistant) Read(ctx context.Context, q *Question) {
	s := a.Runner.Latest()
	if s == nil {
		return
	}
	var nodes []*model.Node
	for _, n := range s.Nodes {
		if slices.Contains(q.Nodes, n.ID) {
			nodes = append(nodes, n)
		}
	}
	a.look(ctx, nodes)
	if q.Need != NeedPosition {
		return
	}
	for _, n := range nodes {
		a.recover(ctx, n)
	}
}

// look reads hosts. A position that was recovered stays valid while nothing was
// written on the host since.
func (a *Assistant) look(ctx context.Context, nodes []*model.Node) {
	fresh := a.Hosts.LookAll(ctx, nodes, a.now)
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.readings == nil {
		a.readings = map[string]*actions.Reading{}
	}
	for _, r := range fresh {
		if old := a.readings[r.Node]; old != nil && unchanged(old, r) {
			r.Recovered = old.Recovered
		}
		a.readings[r.Node] = r
	}
}

// unchanged reports whether no server ran on the data between two readings: one
// that did has written grastate.dat or its log.
func unchanged(old, now *actions.Reading) bool {
	if old.Err != nil || now.Err != nil || old.State == nil || now.State == nil {
		return false
	}
	a, b := old.State, now.State
	// Whether it runs may not be known for a moment; that is asked for wherever it
	// matters.
	return !a.Server.Value.Running && !b.Server.Value.Running && a.Grastate.Known() && b.Grastate.Known() && (a.Grastate.Value == nil) == (b.Grastate.Value == nil) &&
		(a.Grastate.Value == nil || a.Grastate.Value.Position == b.Grastate.Value.Position) &&
		a.Log.Known() && b.Log.Known() && slices.Equal(a.Log.Value.Lines, b.Log.Value.Lines)
}

// recover finds the position of a stopped server, by a plan like any other, so
// that it is guarded and written down.
func (a *Assistant) recover(ctx context.Context, n *model.Node) {
	e, err := a.Evidence()
	if err != nil {
		return
	}
	plan := newWorld(e).plan(Order{Node: n.ID, Action: actions.RecoverPosition})
	run := a.Runner.Start(ctx, plan)
	for p := range run.Progress() {
		if a.Line != nil && p.Step >= 0 && p.Text != "" {
			a.Line(n.Name, p.Text)
		}
	}
	result := run.Result()
	a.mutex.Lock()
	defer a.mutex.Unlock()
	for _, r := range run.Readings() {
		if r.Node == n.ID && result.Stage == actions.Done {
			a.readings[n.ID] = r
			return
		}
	}
	if old := a.readings[n.ID]; old != nil {
		failed := *old
		failed.Err = fmt.Errorf("its position cannot be recovered: %s", result.Text)
		a.readings[n.ID] = &failed
	}
}

// Again forgets what hosts told about the nodes of a move, so that they are read
// once more.
func (a *Assistant) Again(m *Move) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.forget(m.Node)
	if m.Question != nil {
		for _, id := range m.Question.Nodes {
			a.forget(id)
		}
	}
}

// forget makes a reading too old to be decided on. What it says is still compared
// with the next one, so that a position need not be recovered twice.
func (a *Assistant) forget(id string) {
	if old := a.readings[id]; old != nil {
		expired := *old
		expired.At = time.Time{}
		a.readings[id] = &expired
	}
}

// Answer takes what a person typed for the move's question; the error says what
// is wanted instead. Words have to be typed exactly.
func (a *Assistant) Answer(m *Move, text string) error {
	q := m.Question
	text = strings.TrimSpace(text)
	if q == nil {
		return errors.New("nothing is asked here")
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if err := a.load(); err != nil {
		return err
	}
	if q.Words != "" && text != q.Words || q.Words == "" && !slices.Contains(q.Answers, text) {
		return fmt.Errorf("%q is not what has to be typed here: %s", model.Printable(text, 80), wanted(q))
	}
	switch q.Need {
	case NeedWords:
		words := maps.Clone(a.choices.Words)
		if words == nil {
			words = map[string]time.Time{}
		}
		words[text] = a.now()
		a.choices.Words = words
	case NeedCopy:
		copies := maps.Clone(a.choices.Copy)
		if copies == nil {
			copies = map[string]bool{}
		}
		copies[q.Nodes[0]] = text == "yes"
		a.choices.Copy = copies
	case NeedSide:
		return a.choose(text)
	}
	return nil
}

func wanted(q *Question) string {
	if q.Words != "" {
		return q.Words
	}
	return strings.Join(q.Answers, ", ")
}

// choose keeps a side, and writes down whose was given up.
func (a *Assistant) choose(name string) error {
	w := newWorld(&Evidence{Snapshot: a.Runner.Latest(), Readings: a.readings, Choices: a.choices})
	keep, losers := w.sidesOf(name)
	if keep == "" {
		return fmt.Errorf("%s is on no side any more", model.Printable(name, 80))
	}
	next := a.choices
	next.Keep, next.Losers = keep, losers
	if err := a.save(next.Losers); err != nil {
		return err
	}
	a.choices = next
	return nil
}

// Start runs the plan of a move after it was confirmed. Everything that it rests
// on is read again before. If the next step is another one by now, nothing is run
// and that one is given back.
func (a *Assistant) Start(ctx context.Context, m *Move) (*actions.Run, *Move) {
	if m.Kind != Act {
		return nil, m
	}
	if a.Hosts.Known() {
		a.look(ctx, a.restsOn(m))
	}
	now := a.Next()
	if instead := now.Instead; instead != nil && same(instead, m) {
		now = instead
	}
	if !same(now, m) {
		return nil, now
	}
	if err := a.remember(now); err != nil {
		return nil, &Move{Situation: m.Situation, Kind: Refused, Title: "Refused: " + m.Title, Means: err.Error(), Found: m.Found}
	}
	plan := now.Plan
	if !slices.EqualFunc(plan.Steps, m.Plan.Steps, func(a, b actions.Step) bool { return a.Text == b.Text }) {
		plan = m.Plan // names that bear the time: what was shown is what is run
	}
	return a.Runner.Start(ctx, plan), nil
}

// restsOn are the nodes whose hosts decide about a move: all that do not answer,
// and its own.
func (a *Assistant) restsOn(m *Move) []*model.Node {
	var out []*model.Node
	for _, n := range a.Runner.Latest().Nodes {
		if !n.Up() || m.Order != nil && n.ID == m.Order.Node {
			out = append(out, n)
		}
	}
	return out
}

// same reports whether two moves order the same thing, in the same steps.
func same(a, b *Move) bool {
	if a.Kind != Act || b.Kind != Act || *a.Order != *b.Order || len(a.Plan.Steps) != len(b.Plan.Steps) {
		return false
	}
	for i := range a.Plan.Steps {
		if a.Plan.Steps[i].Node != b.Plan.Steps[i].Node || a.Plan.Steps[i].About != b.Plan.Steps[i].About {
			return false
		}
	}
	return true
}

// Ended takes the result of a run in: what was read of its node before is not true
// any more.
func (a *Assistant) Ended(m *Move, result actions.Result) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.forget(m.Order.Node)
	if result.Stage != actions.Done {
		return
	}
	switch m.Order.Action {
	case actions.BootstrapService, opMakePrimary:
		// What was declared about the cluster was about this crash and no other.
		maps.DeleteFunc(a.choices.Words, func(words string, _ time.Time) bool { return !strings.HasSuffix(words, deadWords("")) })
	case actions.ForceSST, actions.ForceSSTWithCopy:
		delete(a.choices.Copy, m.Order.Node)
		rest := slices.DeleteFunc(slices.Clone(a.choices.Losers), func(id string) bool { return id == m.Order.Node })
		if a.save(rest) == nil {
			a.choices.Losers = rest
		}
	}
}

// remember writes down whose writes are given up before that is done: a node of
// the losing side that is stopped, or one that was declared lost.
func (a *Assistant) remember(m *Move) error {
	e, err := a.Evidence()
	if err != nil {
		return err
	}
	lost := newWorld(e).givenUp(*m.Order)
	if len(m.Sides) > 1 && m.Order.Action == actions.StopService {
		lost = append(lost, m.Order.Node)
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	losers := slices.Clone(a.choices.Losers)
	for _, id := range lost {
		if !slices.Contains(losers, id) {
			losers = append(losers, id)
		}
	}
	if len(losers) == len(a.choices.Losers) {
		return nil
	}
	if err := a.save(losers); err != nil {
		return err
	}
	a.choices.Losers = losers
	return nil
}
