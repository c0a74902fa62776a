package ui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/actions/recovery"
	"github.com/galeratop/galeratop/model"
)

// stepping is a step of a recovery that waits to be confirmed. The walk has it
// worked out anew with every snapshot.
type stepping struct {
	of    *walk
	first *actions.Plan
}

// confirm shows the plan of the step.
func (w *walk) confirm(s *shell) tea.Cmd {
	s.propose(&stepping{w, w.shown().Plan})
	return nil
}

func (p *stepping) demand() model.Subject { return actionDemand }

func (p *stepping) plan(*model.Snapshot) (*actions.Plan, []string) {
	m := p.of.shown()
	if m == nil || m.Kind != recovery.Act {
		return &actions.Plan{Title: p.first.Title, Refused: "it is not the next step any more"}, nil
	}
	return m.Plan, turned(p.first.Checks, m.Plan.Checks)
}

// about is what is lost by it.
func (p *stepping) about(e *env) []string {
	m := p.of.shown()
	if m == nil {
		return nil
	}
	var out []string
	for _, text := range m.Lost {
		out = append(out, "Lost: "+e.planned(text))
	}
	return out
}

func (p *stepping) run(s *shell, plan *actions.Plan) tea.Cmd { return p.of.step(s, plan) }
