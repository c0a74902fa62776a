package ui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/galeratop/galeratop/model"
)

// Inspector looks closely at single threads; the collector implements it. Both
// methods ask the server and take up to some seconds: they are called outside of
// Update. Errors are one line.
type Inspector interface {
	Inspect(ctx context.Context, address string, server *model.Server, p model.Process) (*model.Inspection, error)
	// Explain never runs the statement. The query of p is all of it.
	Explain(ctx context.Context, address string, server *model.Server, p model.Process, json bool) (*model.Explanation, error)
}

// inspectEvery is the time from one look at an open thread to the next.
const inspectEvery = 3 * time.Second

// The answers to what a detail asked for.
type (
	inspectedMsg struct {
		d     *detail
		found *model.Inspection
		err   error
	}
	explainedMsg struct {
		d    *detail
		plan *model.Explanation
		err  error
	}
)

func (m inspectedMsg) reach(s *shell) bool {
	m.d.take(m)
	return s.mode == m.d
}

func (m explainedMsg) reach(s *shell) bool {
	m.d.takePlan(m)
	return s.mode == m.d
}

// uninspected is why a thread cannot be looked at closely; empty when it can.
func (s *shell) uninspected() string {
	if s.opt.Inspector == nil {
		return "there is no server to ask: this is a recording"
	}
	return ""
}

// next starts the next look at the thread, when it is time for it. One is under
// way at most.
func (d *detail) next(s *shell) tea.Cmd {
	if s.uninspected() != "" || d.asking || d.gone != "" || s.paused {
		return nil
	}
	if !d.asked.IsZero() && s.now().Sub(d.asked) < inspectEvery {
		return nil
	}
	d.asking, d.asked = true, s.now()
	ctx, inspector, address, server, p := s.ctx, s.opt.Inspector, d.node.Address, d.node.Sample.Server, d.process
	return func() tea.Msg {
		found, err := inspector.Inspect(ctx, address, &server, p)
		return inspectedMsg{d, found, err}
	}
}

// take takes over what was found.
func (d *detail) take(msg inspectedMsg) {
	d.asking, d.failed = false, ""
	switch {
	case msg.err != nil:
		d.failed = msg.err.Error()
	case msg.found.Gone != "" && d.found != nil:
		d.failed = msg.found.Gone // the last that is known stays
	default:
		d.found = msg.found
		if msg.found.Gone == "" {
			d.note(&msg.found.Process, msg.found.At)
		}
	}
}

// explain asks for a plan; again for the other form of it.
func (d *detail) explain(s *shell) tea.Cmd {
	switch {
	case d.planning:
		return nil
	case d.plan != nil || d.planFailed != "":
		d.json = !d.json
	}
	p := d.process
	p.Query = d.text()
	d.planning = true
	ctx, inspector, address, server, json := s.ctx, s.opt.Inspector, d.node.Address, d.node.Sample.Server, d.json
	return func() tea.Msg {
		plan, err := inspector.Explain(ctx, address, &server, p, json)
		return explainedMsg{d, plan, err}
	}
}

func (d *detail) takePlan(msg explainedMsg) {
	d.planning, d.planFailed = false, ""
	if msg.err != nil {
		d.plan, d.planFailed = nil, msg.err.Error()
		return
	}
	d.plan = msg.plan
}
