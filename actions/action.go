package actions

import (
	"context"
	"slices"

	"github.com/galeratop/galeratop/model"
)

// action is one kind of change. Its parts are looked up by the name in the plan,
// so that a plan stays plain data.
type action struct {
	id string
	// independent says that a step which can no longer be run stops only itself:
	// one of many threads that are killed went away. Otherwise it stops the run.
	independent bool
	// alone says that it waits for nobody and lets nobody beside it: while another
	// console works on the cluster, it is not begun.
	alone bool
	// replan works the plan out again, against a newer snapshot, for what its
	// steps from the given one on are to do. Targets are matched by Step.target.
	replan func(s *model.Snapshot, session Session, p *Plan, from int) *Plan
	// execute runs one step and reports how far it got: Verifying, or an end.
	execute func(ctx context.Context, r *Run, step int) outcome
	// verify watches the steps that are Verifying until each has ended. It is
	// called once, after the last step, or after every step of an action that is
	// not independent.
	verify func(ctx context.Context, r *Run, steps []int)
}

// outcome is how a step went.
type outcome struct {
	stage Stage
	text  string
	ran   []string // the statements that were sent, or commands that were begun, exactly
	said  []string // the end of what commands printed
}

// actionTable is every action there is.
var actionTable []*action

func init() {
	actionTable = slices.Concat([]*action{killQuery, killConnection, setVariable}, nodeActions(), hostActions())
}

func actionOf(id string) *action {
	for _, a := range actionTable {
		if a.id == id {
			return a
		}
	}
	return nil
}
