package cli

import (
	"context"
	"os"
	"time"

	"github.com/go-sql-driver/mysql"
	"golang.org/x/term"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/ui"
)

// screen is how the console looks.
type screen struct {
	cluster, theme, demo                          string
	interval                                      time.Duration
	noColor, ascii, readOnly, privacy, production bool
	driver                                        func(address string) (*mysql.Config, error) // to change the cluster
	inspector                                     ui.Inspector                                // nil for recordings
	hosts                                         actions.Hosts                               // how commands get to the nodes' hosts
}

func (a *app) console(ctx context.Context, feed ui.Feed, s screen) error {
	runner, notice := s.runner()
	var files ui.Files // nil unless commands can be run
	if s.hosts.Known() {
		files = &s.hosts
	}
	return ui.Run(ctx, feed, ui.Options{
		Files:   files,
		Cluster: s.cluster, Interval: s.interval, Theme: s.theme, NoColor: s.noColor, ASCII: s.ascii,
		ReadOnly: s.readOnly, Privacy: s.privacy, Production: s.production, Demo: s.demo, Runner: runner, Notice: notice, Inspector: s.inspector,
		Input: a.in, Output: a.out,
	})
}

// runner is what changes the cluster; none for a recording, and none where
// nothing could be written down about it, which the notice says.
func (s *screen) runner() (r *actions.Runner, notice string) {
	if s.driver == nil {
		return nil, ""
	}
	path, err := actions.AuditPath()
	if err != nil {
		return nil, "nothing can be killed from here: " + err.Error()
	}
	return actions.NewRunner(actions.Options{
		Driver:  s.driver,
		Session: actions.Session{Cluster: s.cluster, Production: s.production, ReadOnly: s.readOnly},
		Hosts:   s.hosts,
		Audit:   &actions.Audit{Path: path},
	}), ""
}

// needTerminal refuses to draw where nobody can see it.
func (a *app) needTerminal() error {
	in, inOK := a.in.(*os.File)
	out, outOK := a.out.(*os.File)
	if !inOK || !outOK || !term.IsTerminal(int(in.Fd())) || !term.IsTerminal(int(out.Fd())) {
		return usage("the console needs a terminal; without one use galeratop check, or galeratop record")
	}
	if os.Getenv("TERM") == "dumb" {
		return usage("TERM=dumb cannot show the console; use galeratop check, or galeratop record")
	}
	return nil
}
