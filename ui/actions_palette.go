package ui

import (
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/galeratop/galeratop/actions"
)

// nodeCommands are the actions on all nodes whose name, and that of the node,
// have all words: "desync db2". Without words there are none: they would be more
// than all other commands.
func (s *shell) nodeCommands(words []string) []action {
	if len(words) == 0 {
		return nil
	}
	var out []action
	for _, n := range s.present().Nodes {
		for _, a := range slices.Concat(actions.NodeActions(n), actions.HostActions()) {
			desc := a.ID + " " + n.Name
			if !hasAll(desc+" "+a.Name, words) {
				continue
			}
			out = append(out, action{
				binding: key.NewBinding(key.WithHelp("", desc+": "+a.About)),
				run:     func(s *shell) tea.Cmd { s.command(n.ID, a.ID); return nil },
				dead:    s.powerless,
			})
		}
	}
	return out
}

// command does an action on a node that was called by its name.
func (s *shell) command(node, id string) {
	if c := s.choiceOf(node, id); c != nil {
		s.begin(node, c)
	} else {
		s.say("the server of this node does not know " + id)
	}
}
