package actions

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/galeratop/galeratop/collector"
	"github.com/galeratop/galeratop/model"
)

// Errors with which servers refuse what is set.
const (
	errDenied    = 1227 // ER_SPECIFIC_ACCESS_DENIED_ERROR
	errArguments = 1210 // ER_WRONG_ARGUMENTS: the provider does not take it now
	errValue     = 1231 // ER_WRONG_VALUE_FOR_VAR
	errKind      = 1232 // ER_WRONG_TYPE_FOR_VAR
	errFixed     = 1238 // ER_INCORRECT_GLOBAL_LOCAL_VAR: read only, or of sessions only
)

// executeNode runs one step of an action on a node: everything that it rests on
// is read from the servers again, and the plan worked out against that.
func executeNode(ctx context.Context, r *Run, step int) outcome {
	st := &r.plan.Steps[step]
	subject := r.plan.subject.(*nodeSubject)
	c, err := r.present(ctx, subject)
	if err != nil {
		return outcome{stage: Stopped, text: "not run: it cannot be read again: " + err.Error()}
	}
	if reason := c.plan(r.runner.options.Session, subject, r.plan, step).Refuse(); reason != "" {
		return outcome{stage: Stopped, text: "not run: " + reason}
	}
	l, err := r.links.to(ctx, c.Node(st.Node))
	if err != nil {
		return outcome{stage: Wrong, text: "not run: " + err.Error()}
	}
	if st.target < 0 {
		return l.ready(ctx, st.Text)
	}
	subject.asked = r.runner.options.Clock()
	return l.order(ctx, max(subject.row.limit, settingLimit), st.Text)
}

// order sends a statement that changes something. Neither an OK nor silence says
// what became of it, so that both are looked up; a refusal is an end.
func (l *link) order(ctx context.Context, limit time.Duration, sql string) outcome {
	err := l.execWithin(ctx, limit, sql)
	code, text, answered := collector.ServerError(err)
	out := outcome{stage: Verifying, text: "the server has taken the order", ran: []string{sql}}
	switch {
	case err == nil:
	case !answered:
		out.text = "the server did not answer in time, or the connection broke; whether it took the order is looked up"
	default:
		out.stage, out.text = Wrong, refusal(&l.node.Sample.Server, code, text)
	}
	return out
}

// settingLimit bounds a statement that sets something: PXC waits before it
// changes pxc_maint_mode, and messages to the group wait for it.
const settingLimit = 20 * time.Second

// refusal explains why a server did not take an order.
func refusal(s *model.Server, code uint16, text string) string {
	switch code {
	case errDenied:
		return fmt.Sprintf("not run: the account may not do this: GRANT %s ON *.* TO the account (error %d: %s)", setGrant(s, text), code, text)
	case errArguments:
		return fmt.Sprintf("not run: the provider does not take it now: the node is disconnected, or the membership is changing (error %d: %s)", code, text)
	case errValue:
		return fmt.Sprintf("not run: the server does not take the value now (error %d: %s)", code, text)
	case errKind:
		return fmt.Sprintf("not run: the server takes another kind of value for it (error %d: %s)", code, text)
	case errFixed:
		return fmt.Sprintf("not run: it cannot be changed while the server runs: write it into the option file and restart the node (error %d: %s)", code, text)
	case errNotReady:
		return fmt.Sprintf("not run: the node is not ready (error %d)", code)
	}
	return fmt.Sprintf("not run: error %d: %s", code, text)
}

// setGrant is the privilege that an order needs.
func setGrant(s *model.Server, text string) string {
	switch {
	case strings.Contains(text, shutdown):
		return shutdown
	case s.Flavour != model.FlavourMariaDB && s.Release >= 80000:
		return "SYSTEM_VARIABLES_ADMIN"
	}
	return "SUPER"
}

// present is the case with what servers say this very moment: the node and those
// that give orders in its place, or all of them.
func (r *Run) present(ctx context.Context, subject *nodeSubject) (*nodeCase, error) {
	now := *r.runner.Latest()
	now.Nodes = slices.Clone(now.Nodes)
	failed := make([]error, len(now.Nodes))
	var all sync.WaitGroup
	for i, n := range now.Nodes {
		switch {
		case n.Up() && (subject.row.everywhere || subject.needs(n.ID) || n.ID == subject.node):
			all.Go(func() { now.Nodes[i], failed[i] = r.rereadOrSilent(ctx, n) })
		case !n.Up() && subject.row.members:
			all.Go(func() { now.Nodes[i] = r.knock(ctx, n) })
		}
	}
	all.Wait()
	for i, err := range failed {
		if err != nil && subject.needs(now.Nodes[i].ID) {
			return nil, err
		}
	}
	now.At = r.runner.options.Clock()
	now.Complete()
	c := &nodeCase{
		Snapshot: &now, row: subject.row, node: now.Node(subject.node), value: subject.value,
		before: subject.before, final: true, asked: subject.asked, declared: r.plan.Declared,
	}
	if subject.row.members && c.node != nil && c.node.Up() {
		c.members = r.lastMembers(ctx, c.node)
	}
	return c, nil
}

// needs reports whether a statement of the plan goes to the node.
func (t *nodeSubject) needs(node string) bool {
	return slices.ContainsFunc(t.targets, func(t nodeTarget) bool { return t.node == node })
}

// rereadOrSilent is a node with what its server says now; one that does not say
// it is silent, which the error explains.
func (r *Run) rereadOrSilent(ctx context.Context, n *model.Node) (*model.Node, error) {
	fresh, err := r.reread(ctx, n)
	if err == nil {
		return fresh, nil
	}
	silent := *n
	silent.Link = model.LinkStale
	return &silent, err
}

// knock asks a node that was silent once more: whoever watches tries seldom, and
// one that is declared dead may be back.
func (r *Run) knock(ctx context.Context, n *model.Node) *model.Node {
	ctx, cancel := context.WithTimeout(ctx, dialLimit)
	defer cancel()
	var spare model.Num
	if n.Sample != nil {
		spare = n.Sample.Server.SparePort
	}
	session, err := collector.Dial(ctx, r.links.driver, n.Address, spare)
	if err != nil {
		return n
	}
	defer session.Close()
	sample, err := session.Look(ctx)
	if err != nil {
		return n
	}
	back := *n
	back.Link, back.Failure, back.Age, back.Sample = model.LinkUp, nil, 0, sample
	return &back
}

// reread is a node with what its server says now.
func (r *Run) reread(ctx context.Context, n *model.Node) (*model.Node, error) {
	l, err := r.links.to(ctx, n)
	if err != nil {
		return nil, err
	}
	sample, err := l.look(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %s", n.Name, model.Printable(err.Error(), 300))
	}
	out, merged := *n, *n.Sample
	merged.At, merged.Took, merged.Status = sample.At, sample.Took, sample.Status
	merged.Slow.Variables = sample.Slow.Variables
	out.Sample, out.Age = &merged, 0
	return &out, nil
}

// lastMembers reads the membership table of the node's last Primary Component.
func (r *Run) lastMembers(ctx context.Context, n *model.Node) *lastMembers {
	if !collector.KeepsMembers(&n.Sample.Server) {
		return nil
	}
	l, err := r.links.to(ctx, n)
	if err != nil {
		return &lastMembers{err: err.Error()}
	}
	ctx, cancel := context.WithTimeout(ctx, statementLimit)
	defer cancel()
	rows, err := l.session.LastMembers(ctx)
	if err = l.check(err); err != nil {
		return &lastMembers{err: model.Printable(err.Error(), 200)}
	}
	return &lastMembers{rows: rows}
}
