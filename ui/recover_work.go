package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/actions/recovery"
	"github.com/galeratop/galeratop/model"
)

// keepLines is how much of what servers print is kept.
const keepLines = 500

// begin notes what is on its way.
func (w *walk) begin(s *shell, what string) {
	w.busy, w.began, w.prints, w.changed = what, s.now(), nil, ""
}

// look reads hosts, or recovers positions there.
func (w *walk) look(s *shell, q *recovery.Question, what string) tea.Cmd {
	w.begin(s, what)
	w.read = append(w.read, q.Nodes...)
	g, ctx, lines := w.guide, s.ctx, make(chan string)
	return tea.Batch(func() tea.Msg {
		g.Read(ctx, q, func(node, text string) {
			select {
			case lines <- node + ": " + model.Printable(text, 500):
			case <-ctx.Done():
			}
		})
		close(lines)
		return readMsg{move: g.Next()}
	}, follow(lines))
}

// follow waits for the next line.
func follow(lines <-chan string) tea.Cmd {
	return func() tea.Msg {
		if text, ok := <-lines; ok {
			return lineMsg{text, lines}
		}
		return nil
	}
}

func (w *walk) printed(msg lineMsg) tea.Cmd {
	if w.prints = append(w.prints, msg.text); len(w.prints) > keepLines {
		w.prints = w.prints[len(w.prints)-keepLines:]
	}
	return follow(msg.from)
}

// looked takes the end of a reading over.
func (w *walk) looked(s *shell, msg readMsg) {
	if msg.again {
		w.again = false
		if w.busy == "" && !w.runs() {
			w.take(s, msg.move, true)
		}
		return
	}
	w.busy = ""
	w.take(s, msg.move, false)
}

// answer hands over what was typed.
func (w *walk) answer(s *shell) tea.Cmd {
	text, m, g := strings.TrimSpace(string(w.typed.text)), w.shown(), w.guide
	if text == "" {
		return w.lookAgain(s)
	}
	w.begin(s, "taking the answer")
	return func() tea.Msg {
		if err := g.Answer(m, text); err != nil {
			return answeredMsg{err: err}
		}
		return answeredMsg{move: g.Next()}
	}
}

func (w *walk) answered(s *shell, msg answeredMsg) {
	w.busy, w.typed.text = "", nil
	if msg.err != nil {
		w.wrong = model.Printable(msg.err.Error(), 300)
		return
	}
	w.take(s, msg.move, false)
}

// lookAgain has what hosts told read once more.
func (w *walk) lookAgain(s *shell) tea.Cmd {
	g := w.guide
	g.Again(w.shown())
	w.begin(s, "looking again")
	return func() tea.Msg { return movedMsg{move: g.Next(), look: true} }
}

// step runs the step that was confirmed, as it was on the screen.
func (w *walk) step(s *shell, plan *actions.Plan) tea.Cmd {
	m := *w.shown()
	m.Plan = plan
	w.begin(s, "looking once more before it is begun")
	g, ctx := w.guide, s.ctx
	return func() tea.Msg {
		run, instead := g.Start(ctx, &m)
		return startedMsg{&m, run, instead}
	}
}

// started shows the run, or what follows in its place.
func (w *walk) started(s *shell, msg startedMsg) tea.Cmd {
	w.busy = ""
	if msg.run == nil {
		w.take(s, msg.instead, false)
		w.changed = msg.of.Title + " (nothing was run)"
		return nil
	}
	g, m, run := w.guide, msg.of, msg.run
	r := &running{plan: m.Plan, job: run, began: s.now(), steps: make([]actions.Progress, len(m.Plan.Steps)), talks: true}
	r.ended = func() tea.Msg {
		g.Ended(m, run.Result())
		return closedMsg{}
	}
	s.runs, w.run = append(s.runs, r), r
	if s.mode == mode(w) {
		s.mode = &runMode{of: r, under: w}
	}
	return s.listen(r)
}

// closed waits for the cluster as it is after the run.
func (w *walk) closed(s *shell) {
	w.run, w.move, w.asked, w.changed, w.instead = nil, nil, s.latest, "", false
}

// hear takes over what comes of what was begun.
func (w *walk) hear(s *shell, msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case movedMsg:
		return w.moved(s, msg)
	case answeredMsg:
		w.answered(s, msg)
	case readMsg:
		w.looked(s, msg)
	case lineMsg:
		return w.printed(msg)
	case startedMsg:
		return w.started(s, msg)
	case closedMsg:
		w.closed(s)
	}
	return nil
}
