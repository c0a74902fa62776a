package cli

import (
	"context"
	"os"
	"time"

	"github.com/go-sql-driver/mysql"
	"golang.org/x/term"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/actions/preflight"
	"github.com/galeratop/galeratop/actions/preflight/gather"
	"github.com/galeratop/galeratop/actions/recovery"
	"github.com/galeratop/galeratop/model"
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
	assistant, notice := s.assistant()
	var runner *actions.Runner
	if assistant != nil {
		runner = assistant.Runner
	}
	var files ui.Files // nil unless commands can be run
	var ask ui.Preflight
	if s.hosts.Known() {
		files = &s.hosts
		ask = func(ctx context.Context, snap *model.Snapshot, n *model.Node) *preflight.Verdict {
			return gather.Node(ctx, &s.hosts, snap, n)
		}
	}
	return ui.Run(ctx, feed, ui.Options{
		Files: files, Preflight: ask,
		Cluster: s.cluster, Interval: s.interval, Theme: s.theme, NoColor: s.noColor, ASCII: s.ascii,
		ReadOnly: s.readOnly, Privacy: s.privacy, Production: s.production, Demo: s.demo, Runner: runner, Assistant: assistant, Notice: notice, Inspector: s.inspector,
		Input: a.in, Output: a.out,
	})
}

// assistant is what changes the cluster, and leads out of incidents; none for a
// recording, and none where nothing could be written down about it, which the
// notice says.
func (s *screen) assistant() (a *recovery.Assistant, notice string) {
	if s.driver == nil {
		return nil, ""
	}
	path, err := actions.AuditPath()
	if err != nil {
		return nil, "nothing can be killed from here: " + err.Error()
	}
	audit, memory := &actions.Audit{Path: path}, ""
	if s.demo == "" {
		memory = memoryBeside(audit) // what is practised is not remembered
	}
	session := actions.Session{Cluster: s.cluster, Production: s.production, ReadOnly: s.readOnly}
	return newAssistant(actions.Options{Driver: s.driver, Session: session, Hosts: s.hosts, Audit: audit}, memory), ""
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
