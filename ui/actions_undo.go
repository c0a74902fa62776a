package ui

import (
	"slices"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// lasting is why a run cannot be taken back; empty when it can.
func (s *shell) lasting(r *running) string {
	switch why := s.powerless(); {
	case why != "":
		return why
	case r.talks && r.ended != nil:
		return "the recovery goes on from here: R"
	case !r.over:
		return "it still runs"
	case !slices.ContainsFunc(r.steps, func(p actions.Progress) bool { return p.Stage == actions.Done || p.Stage == actions.NotYet }):
		return "nothing was done"
	case actions.Undo(s.present(), s.session(), r.plan) == nil:
		return "no action takes it back"
	}
	return ""
}

// undo asks whether what a run did is to be taken back.
func (s *shell) undo(r *running) {
	s.propose(&changing{
		node: r.plan.Steps[0].Node, session: s.session(), since: r.until, also: model.SubjectSettings,
		first: actions.Undo(s.present(), s.session(), r.plan),
	})
}
