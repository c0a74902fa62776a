package ui

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// nodePicker is a pane in which a node can be chosen.
type nodePicker interface {
	// pickedNode is the ID of the node under the cursor; empty when there is none.
	pickedNode() string
}

// pickedNode is the node under the cursor, or the one of the query under it.
func (o *overview) pickedNode() string {
	if n := o.nodes.current(); n != nil {
		return n.ID
	}
	if q := o.queries.current(); q != nil {
		return q.node.ID
	}
	return ""
}

func (p *nodes) pickedNode() string {
	if n := p.list.current(); n != nil {
		return n.ID
	}
	return ""
}

func (p *flowControl) pickedNode() string {
	if n := p.nodes.current(); n != nil {
		return n.ID
	}
	return ""
}

// nodeKeys is the key that opens the actions on a node, wherever a node can be
// chosen. It works in read-only mode too: the menu then says what is refused.
func (s *shell) nodeKeys() []action {
	p, ok := s.pane().(nodePicker)
	if !ok {
		return nil
	}
	return []action{
		do("actions on the chosen node: desync, drain, settings, stop, start, SST; each shows its plan and asks first", func(s *shell) {
			if id := p.pickedNode(); id != "" {
				s.openActions(id)
				return
			}
			s.openPick()
		}, "a").footed("actions").unless(func() string {
			if len(s.snap.Nodes) == 0 {
				return "no node is known yet"
			}
			return ""
		}),
		act("preflight: what a start or restart of the chosen node would do, asked on its host", func(s *shell) tea.Cmd {
			return s.preflight(s.snap.Node(p.pickedNode()))
		}, "p").unless(func() string {
			if s.snap.Node(p.pickedNode()) == nil {
				return "no node is chosen"
			}
			return s.unasked()
		}),
	}
}

// actionDemand is what actions on nodes are planned with.
const actionDemand = model.SubjectVariables | model.SubjectMembers

// begin asks for what an action on a node needs: a value, or the confirmation. For
// one that is refused now the plan shows why, and may change its mind.
func (s *shell) begin(node string, choice *actions.NodeChoice) {
	switch why := s.powerless(); {
	case why != "":
		s.say(choice.Name + ": " + why)
	case choice.OnHost:
		s.propose(&hosting{desk: &s.desk, hosts: s.runner.Hosts(), node: node, id: choice.ID, all: choice.Everywhere, session: s.session()})
	case choice.Asks:
		s.mode = newAsk(s, node, choice.ID)
	default:
		s.propose(&changing{node: node, id: choice.ID, session: s.session()})
	}
}

// choiceOf is one action on a node; nil when its server has none of that name.
func (s *shell) choiceOf(node, id string) *actions.NodeChoice {
	all := append(actions.NodeChoices(s.present(), s.session(), node), s.hostChoices(node)...)
	if i := slices.IndexFunc(all, func(c actions.NodeChoice) bool { return c.ID == id }); i >= 0 {
		return &all[i]
	}
	return nil
}

// changing is an action on a node that waits to be confirmed.
type changing struct {
	node, id, value string
	session         actions.Session
	// first is the plan as it is confirmed: what it would change must still be what
	// it was then. One that is refused is made anew with every snapshot.
	first *actions.Plan
	// last is the plan as it was worked out last.
	last *actions.Plan
	// shown are the preconditions as they were when the dialog opened.
	shown []actions.Check
	// since is when this console had changed what the plan is about, by the clock of
	// the snapshots; zero: it did not.
	since time.Time
	also  model.Subject // besides what all are planned with
}

// demand is what the plan is made of.
func (c *changing) demand() model.Subject { return actionDemand | c.also }

func (c *changing) plan(now *model.Snapshot) (*actions.Plan, []string) {
	p, changes := c.work(now)
	c.last = p
	return p, changes
}

// work works the plan out against a snapshot.
func (c *changing) work(now *model.Snapshot) (*actions.Plan, []string) {
	var p *actions.Plan
	switch {
	case c.first == nil:
		p = actions.PlanNode(now, c.session, c.node, c.id, c.value)
	case c.first.Refuse() != "" && len(c.first.Declared) == 0:
		p = actions.Anew(now, c.session, c.first)
	default:
		return c.again(now)
	}
	c.first = p
	if n := now.Node(c.node); n != nil && n.Up() && p.Refuse() != "" && c.outdated(n) {
		p.Refused = "the settings of " + n.Name + " have changed and are read again; that takes some seconds"
		return p, nil
	}
	if c.shown == nil {
		c.shown = p.Checks
	}
	return p, turned(c.shown, p.Checks)
}

// outdated reports whether the settings of a node were read before this console
// changed them.
func (c *changing) outdated(n *model.Node) bool {
	read := n.Sample.Slow.Variables
	return !c.since.IsZero() && (read == nil || !read.At.After(c.since))
}

// again works a plan out that could be run before.
func (c *changing) again(now *model.Snapshot) (*actions.Plan, []string) {
	p := actions.Replan(now, c.session, c.first)
	p.Title = c.first.Title
	return p, turned(c.shown, p.Checks)
}

// turned tells which preconditions turned out otherwise than before.
func turned(before, now []actions.Check) []string {
	var out []string
	for i := range now {
		c := &now[i]
		at := slices.IndexFunc(before, func(b actions.Check) bool { return b.Text == c.Text })
		switch met := c.Verdict == actions.Met; {
		case at < 0 || (before[at].Verdict == actions.Met) == met || c.Verdict == actions.Waived:
		case met:
			out = append(out, "meanwhile "+c.Text+": "+c.Evidence)
		default:
			out = append(out, "no longer so: "+c.Text+": "+c.Evidence)
		}
	}
	return out
}

// run starts the plan; behind it is what the menu was opened from.
func (c *changing) run(s *shell, p *actions.Plan) tea.Cmd {
	s.mode = surface(s.mode)
	return s.start(p)
}

// surface is what a menu and its questions were opened from.
func surface(m mode) mode {
	for {
		u, ok := m.(interface{ below() mode })
		if !ok {
			return m
		}
		m = u.below()
	}
}
