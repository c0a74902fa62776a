package ui

import (
	"context"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// Files reads the option files on the hosts of nodes; actions.Hosts implements it.
// It runs commands there and takes up to some seconds.
type Files interface {
	Files(ctx context.Context, nodes []*model.Node) []actions.Written
}

// filesMsg is what the option files say.
type filesMsg []actions.Written

// noFiles is why the option files cannot be read; "" when they can.
func noFiles(o *Options) string {
	switch {
	case o.Files != nil:
		return ""
	case o.Demo == "" && o.Runner == nil:
		return "this is a recording"
	}
	return "no command can be run on the nodes' hosts: set host_command for the cluster in config.toml"
}

// readFiles reads them on all hosts.
func (s *shell) readFiles() tea.Cmd {
	ctx, files, nodes := s.ctx, s.opt.Files, s.snap.Nodes
	s.say("reads the option files on the hosts")
	return func() tea.Msg { return filesMsg(files.Files(ctx, nodes)) }
}

// reach keeps what was read. What cannot be read any more is not shown as if it
// still held.
func (read filesMsg) reach(s *shell) bool {
	if s.files == nil {
		s.files = make(map[string]*actions.Written, len(read))
	}
	var failed []string
	for i := range read {
		r := &read[i]
		s.files[r.Node] = r
		if n := s.snap.Node(r.Node); n != nil && !r.Written.Known() {
			failed = append(failed, n.Name+": "+r.Written.Unknown)
		}
	}
	if s.said = "compared with the option files of " + plural(len(read)-len(failed), "node", "nodes"); len(failed) > 0 {
		s.said += "; not read: " + model.Printable(strings.Join(failed, "; "), 300)
	}
	s.pane().refresh()
	return true
}
