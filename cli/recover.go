package cli

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/actions/recovery"
	"github.com/galeratop/galeratop/collector"
	"github.com/galeratop/galeratop/config"
	"github.com/galeratop/galeratop/model"
)

// Exit codes of recover, besides the common ones.
const (
	exitAct     = 4 // --dry-run: a step waits for its confirmation
	exitAsk     = 5 // --dry-run: something has to be said or recovered first
	exitWatch   = 6 // --dry-run: something is under way, or is to be done by hand
	exitRefused = 7 // nothing can be done from here, and the reason was printed
)

var recoverCodes = map[recovery.Kind]int{
	recovery.Done: exitOK, recovery.Act: exitAct, recovery.Ask: exitAsk, recovery.Watch: exitWatch, recovery.Refused: exitRefused,
}

const recoverHelp = `recover finds out what is wrong with a cluster and leads out of it, one confirmed step at a time: out of a full crash,
a lost quorum, a split brain, and back into the group with single nodes. The next step always follows from the cluster
as it is now, so that it can be left and taken up again at any time.

Each step is shown with its evidence, its preconditions and its exact commands, and is run when its word is typed.
Nothing is ever confirmed in advance: there is no flag for that.

--dry-run looks, prints the next step and ends. Its exit code: 0 nothing is left to do, 4 a step waits for its
confirmation, 5 a question is open, 6 something is under way or to be done by hand, 7 refused; 1 to 3 as elsewhere.`

// recover leads out of an incident.
func (a *app) recover() *cobra.Command {
	var f config.Flags
	var o recoverOptions
	c := &cobra.Command{
		Use:     "recover [flags] [HOST[:PORT]... | CLUSTER]",
		Short:   "Lead out of a full crash, a lost quorum or a split brain, one confirmed step at a time",
		Long:    recoverHelp,
		Example: "galeratop recover --dry-run shop-prod\ngaleratop recover shop-prod",
		Args:    cobra.ArbitraryArgs,
	}
	c.RunE = a.command(func(ctx context.Context, args []string) error {
		settleFlags(c.Flags(), &f, args)
		return a.runRecover(ctx, f, o)
	})
	connectFlags(c.Flags(), &f)
	c.Flags().BoolVar(&o.dry, "dry-run", false, "print the next step and end")
	c.Flags().BoolVar(&o.json, "json", false, "with --dry-run: print it as JSON")
	c.Flags().BoolVar(&f.ReadOnly, "read-only", false, "change nothing")
	return c
}

type recoverOptions struct{ dry, json bool }

func (a *app) runRecover(ctx context.Context, f config.Flags, o recoverOptions) error {
	switch {
	case o.json && !o.dry:
		return usage("--json goes with --dry-run")
	case !o.dry && !a.onTerminal():
		return usage("recover asks a person before every step and needs a terminal; --dry-run prints the next step without one")
	}
	t, err := a.target(ctx, f)
	if err != nil {
		return err
	}
	t.Refresh = recoverRefresh
	path, err := actions.AuditPath()
	if err != nil {
		return err
	}
	return a.recoverTarget(ctx, t, hostsOf(t), o, &actions.Audit{Path: path})
}

// recoverRefresh is how often the cluster is looked at.
const recoverRefresh = time.Second

func (a *app) onTerminal() bool {
	in, inOK := a.in.(*os.File)
	out, outOK := a.out.(*os.File)
	return inOK && outOK && term.IsTerminal(int(in.Fd())) && term.IsTerminal(int(out.Fd()))
}

// recoverTarget walks with a target's cluster; it may be down altogether.
func (a *app) recoverTarget(ctx context.Context, t *config.Target, hosts actions.Hosts, o recoverOptions, audit *actions.Audit) error {
	col := collectorOf(t)
	col.Demand(model.SubjectMembers | model.SubjectVariables)
	first, stop, err := start(ctx, col, t, true)
	if err != nil {
		return err
	}
	defer stop()
	w := newWalk(a, t, first, hosts, audit)
	go w.follow(col)
	if o.dry {
		return w.dry(ctx, o.json)
	}
	return w.lead(ctx)
}

// newWalk makes the assistant and what it runs with.
func newWalk(a *app, t *config.Target, first *model.Snapshot, hosts actions.Hosts, audit *actions.Audit) *walk {
	session := actions.Session{Cluster: clusterName(t, first), Production: t.Production, ReadOnly: t.ReadOnly}
	w := &walk{in: a.in, out: a.out, news: make(chan struct{}, 1), lines: make(chan string)}
	w.assistant = newAssistant(actions.Options{Driver: t.Driver, Session: session, Hosts: hosts, Audit: audit}, memoryBeside(audit))
	w.assistant.Line = func(node, text string) { w.print("  " + node + ": " + text) }
	w.runner = w.assistant.Runner
	w.runner.Observe(first)
	return w
}

// newAssistant makes who leads out of incidents, with the runner of its steps.
func newAssistant(o actions.Options, memory string) *recovery.Assistant {
	return &recovery.Assistant{Runner: actions.NewRunner(o), Hosts: &o.Hosts, Session: o.Session, Memory: memory}
}

// memoryBeside is the file in which given up sides are remembered.
func memoryBeside(audit *actions.Audit) string {
	return filepath.Join(filepath.Dir(audit.Path), "recovery.json")
}

// clusterName is what a cluster is called in what is written down about it, the
// same whatever it is changed from.
func clusterName(t *config.Target, first *model.Snapshot) string {
	return cmp.Or(t.Cluster, first.Cluster, t.Seeds[0])
}

// follow hands snapshots on until the collector ends.
func (w *walk) follow(col *collector.Collector) {
	for s := range col.Snapshots() {
		w.runner.Observe(s)
		select {
		case w.news <- struct{}{}:
		default:
		}
	}
}
