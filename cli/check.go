package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/galeratop/galeratop/config"
	"github.com/galeratop/galeratop/model"
)

// verdict is what check found, in the terms of monitoring plugins.
type verdict struct {
	code    int
	cluster string
	text    string
}

// exitUnknown is check's exit code when it could not find out, for whatever
// reason: a wrong flag must not look like a broken cluster.
const exitUnknown = 3

// codeOf are check's exit codes.
var codeOf = map[model.Level]int{
	model.LevelOK: 0, model.LevelNotice: 0, model.LevelWarning: 1, model.LevelCritical: 2,
}

// words are the states by exit code.
var words = []string{"ok", "warning", "critical", "unknown"}

func verdictOf(s *model.Snapshot, t *config.Target) verdict {
	v := verdict{code: codeOf[s.Headline.Level], cluster: s.Cluster, text: s.Headline.Text}
	if v.cluster == "" {
		v.cluster = strings.Join(t.Seeds, ",")
	}
	// Unreachable means unknown, never dead.
	if !slices.ContainsFunc(s.Nodes, (*model.Node).Up) {
		v.code = exitUnknown
		for _, n := range s.Nodes {
			if n.Failure != nil {
				v.text += "; " + n.Failure.Text
			}
		}
	}
	return v
}

// formats are the ways in which check can print its verdict.
var formats = map[string]func(*app, verdict, *model.Snapshot) error{
	"text": func(a *app, v verdict, _ *model.Snapshot) error {
		_, err := fmt.Fprintf(a.out, "%s: %s: %s\n", v.cluster, words[v.code], v.text)
		return err
	},
	"nagios": func(a *app, v verdict, _ *model.Snapshot) error {
		_, err := fmt.Fprintf(a.out, "GALERA %s - %s: %s\n", strings.ToUpper(words[v.code]), v.cluster, v.text)
		return err
	},
	"json": func(a *app, _ verdict, s *model.Snapshot) error { return json.NewEncoder(a.out).Encode(s) },
}

// check is a one-shot verdict for scripts and monitoring.
func (a *app) check() *cobra.Command {
	var f config.Flags
	format := "text"
	c := &cobra.Command{
		Use:   "check [flags] [HOST[:PORT]... | CLUSTER]",
		Short: "Print the state of the cluster once; exit 0 ok, 1 warning, 2 critical, 3 unknown",
		Args:  cobra.ArbitraryArgs,
	}
	c.RunE = a.command(func(ctx context.Context, args []string) error {
		settleFlags(c.Flags(), &f, args)
		v, err := a.runCheck(ctx, f, format)
		switch {
		case err != nil:
			return &exitError{exitUnknown, err}
		case v.code != exitOK:
			return &exitError{v.code, errSilent}
		}
		return nil
	})
	c.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return &exitError{exitUnknown, err}
	})
	connectFlags(c.Flags(), &f)
	c.Flags().StringVar(&format, "format", format, "text, json or nagios")
	privacyFlag(c.Flags(), &f)
	return c
}

func (a *app) runCheck(ctx context.Context, f config.Flags, format string) (verdict, error) {
	write, ok := formats[format]
	if !ok {
		return verdict{}, usage("--format %s: use text, json or nagios", format)
	}
	t, err := a.target(ctx, f)
	if err != nil {
		return verdict{}, err
	}
	t.Refresh = 500 * time.Millisecond
	col := collectorOf(t)
	s, stop, err := start(ctx, col, t, true)
	if err != nil {
		return verdict{}, err
	}
	defer stop()
	// A second look settles who answered late and gives the rates.
	for s.Tick < 3 && ctx.Err() == nil {
		select {
		case s = <-col.Snapshots():
		case <-ctx.Done():
		}
	}
	s = shownBy(t)(s)
	v := verdictOf(s, t)
	return v, write(a, v, s)
}

// errSilent goes with an exit code when all is said already.
var errSilent = errors.New("")
