package ui

import (
	"fmt"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// killNames are the actions of findings that end a thread.
var killNames = map[string]struct {
	kind actions.KillKind
	name string
}{
	"kill-query":      {actions.KillQuery, "kill the query of"},
	"kill-connection": {actions.KillConnection, "kill the connection of"},
}

// remedied is the node that the action of a finding is about; nil when there is no
// action that this console knows, or no such node.
func (s *shell) remedied(f *model.Finding) *model.Node {
	_, kills := killNames[f.Action]
	if actions.NodeActionName(f.Action) == "" && (!kills || f.Thread == 0) {
		return nil
	}
	if n := s.present().Node(f.About); n != nil {
		return n
	}
	if len(f.Nodes) == 0 {
		return nil
	}
	return s.present().Node(f.Nodes[0])
}

// remedyName is what the action of a finding does: "Resync db2"; empty when it has
// none.
func (s *shell) remedyName(f *model.Finding) string {
	n := s.remedied(f)
	if n == nil {
		return ""
	}
	if kill, ok := killNames[f.Action]; ok {
		return fmt.Sprintf("%s thread %d on %s", kill.name, f.Thread, n.Name)
	}
	return f.Action + " " + n.Name
}

// remedy asks whether the action of a finding is to be run.
func (s *shell) remedy(f *model.Finding) {
	n := s.remedied(f)
	why := s.powerless()
	kill, kills := killNames[f.Action]
	switch {
	case n == nil:
		s.say("no action of this console does it")
	case why != "":
		s.say(s.remedyName(f) + ": " + why)
	case kills:
		s.killThread(n, f.Thread, kill.kind)
	default:
		s.command(n.ID, f.Action)
	}
}

// killThread asks whether a thread is to be killed, as it is now.
func (s *shell) killThread(n *model.Node, id uint64, kind actions.KillKind) {
	for _, t := range model.Threads(s.snap) {
		if t.Node.ID == n.ID && t.ID == id {
			s.kill([]model.Thread{t}, kind)
			return
		}
	}
	s.say(fmt.Sprintf("thread %d on %s has ended by itself", id, n.Name))
}
