package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/actions/rolling"
	"github.com/galeratop/galeratop/config"
	"github.com/galeratop/galeratop/model"
)

const rollingHelp = `rolling restarts the servers of a cluster one after the other, the one that takes the writes last. Each is drained,
stopped and started through its service, with the configured upgrade command in between if --upgrade is given. None goes
before all others are Synced with nothing to apply, and would keep the quorum without it.

It begins when the cluster's name is typed. Ctrl-C leaves after the command that is on its way; the same command goes on
from there, also on another terminal, since the audit log knows how far it is. --abort ends one that was begun.

--dry-run prints the order and the first move, and changes nothing.`

type rollingOptions struct {
	dry, abort, upgrade bool
	drain, settle       time.Duration
}

// rolling restarts all servers.
func (a *app) rolling() *cobra.Command {
	var f config.Flags
	var o rollingOptions
	c := &cobra.Command{
		Use:     "rolling [flags] [HOST[:PORT]... | CLUSTER]",
		Short:   "Restart or upgrade the servers one after the other",
		Long:    rollingHelp,
		Example: "galeratop rolling --dry-run shop-prod\ngaleratop rolling --upgrade shop-prod",
		Args:    cobra.ArbitraryArgs,
	}
	c.RunE = a.command(func(ctx context.Context, args []string) error {
		settleFlags(c.Flags(), &f, args)
		return a.runRolling(ctx, f, o)
	})
	connectFlags(c.Flags(), &f)
	c.Flags().BoolVar(&o.dry, "dry-run", false, "print the order and the first move, and change nothing")
	c.Flags().BoolVar(&o.abort, "abort", false, "end a rolling restart that was begun, and leave the servers as they are")
	c.Flags().BoolVar(&o.upgrade, "upgrade", false, "run the configured upgrade command while a server is stopped")
	c.Flags().DurationVar(&o.drain, "drain", rolling.DrainFor, "how long clients get to leave a drained node; 0 does not drain")
	c.Flags().DurationVar(&o.settle, "settle", rolling.SettleFor, "how long a node that has joined is left alone before the next one goes")
	return c
}

func (a *app) runRolling(ctx context.Context, f config.Flags, o rollingOptions) error {
	if !o.dry && !a.onTerminal() {
		return usage("rolling asks for the cluster's name and needs a terminal; --dry-run prints the first move without one")
	}
	t, err := a.target(ctx, f)
	if err != nil {
		return err
	}
	path, err := actions.AuditPath()
	if err != nil {
		return err
	}
	return a.rollTarget(ctx, t, hostsOf(t), o, &actions.Audit{Path: path})
}

// rollTarget takes a target's cluster through it.
func (a *app) rollTarget(ctx context.Context, t *config.Target, hosts actions.Hosts, o rollingOptions, audit *actions.Audit) error {
	t.Refresh = recoverRefresh
	col := collectorOf(t)
	col.Demand(model.SubjectMembers | model.SubjectVariables)
	first, stop, err := start(ctx, col, t, true)
	if err != nil {
		return err
	}
	defer stop()
	w := newWalk(a, t, first, hosts, audit)
	go w.follow(col)
	session := w.assistant.Session
	r := &roll{walk: w, assistant: &rolling.Assistant{Runner: w.runner, Hosts: &hosts, Audit: audit, Session: session}}
	open, err := r.assistant.Open()
	if err != nil {
		return err
	}
	if o.dry {
		return r.dry(ctx, open, o)
	}
	go w.listen()
	if open, err = r.begin(ctx, open, o); err != nil || open == nil {
		return err
	}
	return r.lead(ctx, open)
}

// roll is one rolling restart at a terminal.
type roll struct {
	*walk
	assistant *rolling.Assistant
}

// order is what was ordered by the flags, once the rates of writes are known.
func (r *roll) order(ctx context.Context, o rollingOptions) rolling.Order {
	select { // two samples make a rate
	case <-time.After(2*recoverRefresh + recoverRefresh/2):
	case <-ctx.Done():
	}
	return rolling.Order{Nodes: rolling.Turns(r.runner.Latest()), Upgrade: o.upgrade, Drain: o.drain, Settle: o.settle}
}

// dry prints the order and the first move.
func (r *roll) dry(ctx context.Context, p *actions.Procedure, o rollingOptions) error {
	if p != nil {
		r.print("A rolling restart was begun and has not ended; this is its next move.")
	} else {
		draft, err := rolling.Draft(r.order(ctx, o))
		if err != nil {
			return err
		}
		p = draft
	}
	m, err := r.assistant.Next(ctx, p)
	if err != nil {
		return err
	}
	r.tell(m)
	return nil
}

// begin asks for the cluster's name; nil when there is nothing to go on with.
func (r *roll) begin(ctx context.Context, p *actions.Procedure, o rollingOptions) (*actions.Procedure, error) {
	switch {
	case p == nil && o.abort:
		return nil, usage("there is no rolling restart to abort")
	case p != nil && o.abort:
		return p, r.assistant.Set(p, rolling.Aborted)
	}
	var order rolling.Order
	if p != nil {
		r.print("A rolling restart was begun " + p.At.Local().Format(time.DateTime) + " and has not ended. --abort ends it.")
	} else {
		order = r.order(ctx, o)
		names := make([]string, len(order.Nodes))
		for i, m := range order.Nodes {
			names[i] = m.Name
		}
		r.print("In this order: " + strings.Join(names, ", "))
	}
	name := r.assistant.Session.Cluster
	for {
		line, err := r.prompt(ctx, "Type "+name+" to go on, q to leave:")
		if err != nil {
			return nil, err
		}
		if line == name {
			break
		}
	}
	if p != nil {
		return p, r.assistant.Set(p, rolling.Begun)
	}
	return r.assistant.Begin(order)
}

// rollPause is how often the next move is looked for while one has to wait.
const rollPause = 2 * time.Second

// lead goes from move to move.
func (r *roll) lead(ctx context.Context, p *actions.Procedure) error {
	for ctx.Err() == nil {
		m, err := r.assistant.Next(ctx, p)
		if err != nil {
			return err
		}
		r.tell(m)
		switch m.Kind {
		case rolling.Wait:
			select {
			case <-time.After(rollPause):
			case <-ctx.Done():
			}
		case rolling.Act:
			r.carryOut(ctx, m)
		case rolling.Finished:
			if p.State == rolling.Aborted {
				return nil
			}
			return r.assistant.Set(p, rolling.Ended)
		case rolling.Stopped:
			if err := r.goOn(ctx, p); err != nil {
				return err
			}
		default:
			return fmt.Errorf("it cannot go on: %s", m.Why)
		}
	}
	return errLeft
}

// goOn asks whether to go on after something went wrong.
func (r *roll) goOn(ctx context.Context, p *actions.Procedure) error {
	name := r.assistant.Session.Cluster
	for {
		line, err := r.prompt(ctx, "Type "+name+" to go on, q to leave:")
		if err != nil {
			return err
		}
		if line == name {
			return r.assistant.Set(p, rolling.Begun)
		}
	}
}

// tell prints a move, unless it is what stands there already.
func (r *roll) tell(m rolling.Move) {
	var b strings.Builder
	b.WriteString(model.Printable(m.Why, 1000))
	if m.Plan != nil {
		for _, s := range m.Plan.Steps {
			fmt.Fprintf(&b, "\n  %s: %s", s.Name, s.Text)
		}
		for _, e := range m.Plan.Effects {
			b.WriteString("\n  " + e)
		}
	}
	if len(m.Left) > 0 {
		b.WriteString("\n  to go: " + strings.Join(m.Left, ", "))
	}
	if m.Kind == rolling.Finished {
		b.WriteString("\n  " + strings.Join(m.Done, "\n  "))
	}
	if text := b.String(); text != r.shown {
		r.shown = text
		r.print(text)
	}
}

// carryOut runs a move and prints its news.
func (r *roll) carryOut(ctx context.Context, m rolling.Move) {
	run := r.assistant.Do(ctx, m)
	for news := range run.Progress() {
		if news.Text != "" && news.Step >= 0 {
			r.print("  " + m.Node + ": " + news.Text)
		}
	}
	result := run.Result()
	r.print("  " + result.Stage.String() + ": " + result.Text)
}
