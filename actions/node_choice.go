package actions

import (
	"slices"

	"github.com/galeratop/galeratop/model"
)

// NodeAction is an action that the server of a node knows.
type NodeAction struct{ ID, Name, About string }

// NodeActions are the actions that the node's server knows, in the order of the menu.
func NodeActions(n *model.Node) []NodeAction {
	var out []NodeAction
	for _, row := range nodeRows {
		if row.fits(n) {
			out = append(out, NodeAction{row.id, row.name, row.about})
		}
	}
	return out
}

// NodeChoice is an action on a node as it is now, for a menu.
type NodeChoice struct {
	ID, Name, About string
	Section         string // actions that belong together
	Now             string // what it would change is set to now; "" where there is none, or it is not known
	Level           Level  // production taken into account
	Refused         string // why it is refused now; "" when it is not
	Asks            bool   // a value has to be typed first
	OnHost          bool   // it is an operation on the node's host
	Everywhere      bool   // it is planned with the hosts of all nodes
}

// NodeChoices are the actions that the node's server knows, each with the reason
// for which it is refused now.
func NodeChoices(s *model.Snapshot, session Session, node string) []NodeChoice {
	n := s.Node(node)
	if n == nil {
		return nil
	}
	var out []NodeChoice
	for _, section := range nodeSections {
		for _, row := range section.rows {
			if !row.fits(n) {
				continue
			}
			p := planNode(s, session, &nodeSubject{row: row, node: n.ID}, nil, 0)
			out = append(out, NodeChoice{
				ID: row.id, Name: row.name, About: row.about, Section: section.name,
				Now: row.now(n), Level: p.Level, Refused: p.Refuse(), Asks: row.ask != nil,
			})
		}
	}
	return out
}

// now is the present value of the first setting that the row would change.
func (row *nodeRow) now(n *model.Node) string {
	if n.Sample == nil {
		return ""
	}
	for i := range row.turns {
		t := &row.turns[i]
		if t.sql != "" || t.order || t.flavours != nil && !slices.Contains(t.flavours, n.Sample.Server.Flavour) {
			continue
		}
		value, _ := t.lever.value(n)
		return value
	}
	return ""
}

// Anew works the plan of an action on nodes out as if it was chosen now: its
// settings may be others than those for which it was made. Other plans are only
// worked out again.
func Anew(s *model.Snapshot, session Session, p *Plan) *Plan {
	if of, ok := p.subject.(*settingSubject); ok && !of.undo {
		return planSetting(s, session, &settingSubject{name: of.name, node: of.node, value: of.value, read: of.read}, nil, 0)
	}
	subject, ok := p.subject.(*nodeSubject)
	if !ok {
		return Replan(s, session, p)
	}
	return PlanNode(s, session, subject.node, subject.row.id, subject.value)
}
