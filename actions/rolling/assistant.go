package rolling

import (
	"context"
	"fmt"
	"time"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// Assistant takes a rolling restart from move to move. It keeps nothing that the
// audit log does not have.
type Assistant struct {
	Runner  *actions.Runner
	Hosts   *actions.Hosts
	Audit   *actions.Audit
	Session actions.Session
	Clock   func() time.Time // nil: time.Now
}

func (a *Assistant) now() time.Time {
	if a.Clock != nil {
		return a.Clock()
	}
	return time.Now()
}

// cluster is the cluster's name in the audit log.
func (a *Assistant) cluster() string {
	if s := a.Runner.Latest(); a.Session.Cluster == "" && s != nil {
		return s.Cluster
	}
	return a.Session.Cluster
}

// Open is the rolling restart that was begun and has not ended; nil: there is none.
func (a *Assistant) Open() (*actions.Procedure, error) {
	h, err := a.Audit.History(a.cluster())
	if err != nil {
		return nil, err
	}
	return Open(h), nil
}

// Begin begins one.
func (a *Assistant) Begin(o Order) (*actions.Procedure, error) {
	return Begin(a.Audit, a.cluster(), o, a.now())
}

// Set pauses it, goes on with it, or aborts it.
func (a *Assistant) Set(p *actions.Procedure, state string) error {
	return Set(a.Audit, a.cluster(), p, state, a.now())
}

// Next reads the log and the hosts and decides on the next move. It may take as long
// as the hosts need to answer.
func (a *Assistant) Next(ctx context.Context, p *actions.Procedure) (Move, error) {
	s := a.Runner.Latest()
	if s == nil {
		return Move{Kind: Wait, Why: "nothing is known of the cluster yet"}, nil
	}
	readings := a.Hosts.LookAll(ctx, s.Nodes, a.now)
	h, err := a.Audit.History(a.cluster())
	if err != nil {
		return Move{}, fmt.Errorf("the audit log cannot be read: %w", err)
	}
	for i := range h.Procedures {
		if h.Procedures[i].ID == p.ID {
			*p = h.Procedures[i] // somebody else may have paused it
		}
	}
	others, err := a.Audit.Others(a.cluster(), a.now())
	if err != nil {
		return Move{}, err
	}
	return Next(&View{
		Snapshot: newest(a.Runner, s), Session: a.Session, History: h, Now: a.now(), Hosts: a.Hosts,
		Readings: readings, Apart: a.Runner.Apart(), Others: &others,
	}, p), nil
}

// newest is the snapshot now: reading the hosts took a while.
func newest(r *actions.Runner, s *model.Snapshot) *model.Snapshot {
	if latest := r.Latest(); latest != nil {
		return latest
	}
	return s
}

// Do runs the plan of a move.
func (a *Assistant) Do(ctx context.Context, m Move) *actions.Run { return a.Runner.Start(ctx, m.Plan) }
