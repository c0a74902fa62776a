package actions

import "github.com/galeratop/galeratop/model"

// Replan works a plan out again against another snapshot: for the same targets,
// as they were when they were chosen. One that is not what it was is left out
// and says so.
func Replan(s *model.Snapshot, session Session, p *Plan) *Plan {
	a := actionOf(p.Action)
	if a == nil {
		return p
	}
	next := a.replan(s, session, p, 0)
	next.tick = s.Tick
	return next
}
