package actions

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// NodeActionName is what an action on a node is called in a menu; "" when there
// is none of that name.
func NodeActionName(id string) string {
	if row := rowOf(id); row != nil {
		return row.name
	}
	return ""
}

// fits reports whether the row is for the node's server. One that never answered
// may be any.
func (row *nodeRow) fits(n *model.Node) bool {
	if n.Sample == nil {
		return true
	}
	flavour := n.Sample.Server.Flavour
	return flavour != model.FlavourPlain && (row.flavours == nil || slices.Contains(row.flavours, flavour))
}

// PlanNode works an action on a node out; value is what NodeValue read, "" where
// the action asks for none.
func PlanNode(s *model.Snapshot, session Session, node, id, value string) *Plan {
	row := rowOf(id)
	if row == nil {
		return &Plan{Action: id, Title: id, Refused: "there is no action " + id + " on a node", session: session}
	}
	return planRow(s, session, &nodeSubject{row: row, node: node, value: value, before: s.Node(node)})
}

// planRow makes the first plan for a subject.
func planRow(s *model.Snapshot, session Session, subject *nodeSubject) *Plan {
	row, value := subject.row, subject.value
	p := planNode(s, session, subject, nil, 0)
	if row.ask != nil && value == "" && p.Refused == "" {
		p.Refused = "no value was given"
	}
	return p
}

// replanNode works the rest of an action on a node out again.
func replanNode(s *model.Snapshot, session Session, p *Plan, from int) *Plan {
	return planNode(s, session, p.subject.(*nodeSubject), p, from)
}

// Undo is the plan that takes a plan back after it was run, against a newer
// snapshot: the opposite action, with the old value. It is nil where there is
// none. It is ready at once: it knows the settings that the run has read, which
// snapshots show later. Where somebody else has changed a setting since, it is
// refused.
func Undo(s *model.Snapshot, session Session, p *Plan) *Plan {
	if of, ok := p.subject.(*settingSubject); ok {
		return undoSetting(s, session, of)
	}
	subject, ok := p.subject.(*nodeSubject)
	if !ok || subject.row.opposite == "" {
		return nil
	}
	row, value := rowOf(subject.row.opposite), ""
	if row.ask != nil {
		if len(subject.targets) == 0 || subject.targets[0].was == "" {
			return nil
		}
		value = subject.targets[0].was
	}
	next := &nodeSubject{row: row, node: subject.node, value: value, before: s.Node(subject.node), read: subject.read}
	s = next.newest(s)
	undo := planRow(s, session, next)
	if reason := subject.overtaken(s); reason != "" {
		undo.Refused = cmp.Or(undo.Refused, reason)
	}
	return undo
}

// overtaken says that a setting is no longer what the plan made it; "" when all
// are, and where that is not known.
func (t *nodeSubject) overtaken(s *model.Snapshot) string {
	for i := range t.targets {
		target := &t.targets[i]
		n := s.Node(target.node)
		if n == nil || target.turn.order {
			continue
		}
		if now, ok := target.turn.lever.value(n); ok && !equal(now, target.to) && !equal(now, target.was) {
			name := target.turn.lever.name(n)
			return fmt.Sprintf("%s on %s is %s now, this had set it to %s: somebody else has changed it since", name, n.Name, now, target.to)
		}
	}
	return ""
}

// planNode makes a plan. old is the plan that is worked out again, from a step
// on; nil for the first.
func planNode(s *model.Snapshot, session Session, subject *nodeSubject, old *Plan, from int) *Plan {
	s = subject.newest(s)
	c := &nodeCase{Snapshot: s, row: subject.row, node: s.Node(subject.node), value: subject.value, before: subject.before}
	if old != nil {
		c.declared = old.Declared
	}
	return c.plan(session, subject, old, from)
}

// plan is the plan for the case.
func (c *nodeCase) plan(session Session, subject *nodeSubject, old *Plan, from int) *Plan {
	row := c.row
	p := &Plan{
		Action: row.id, Cluster: cmp.Or(session.Cluster, c.Cluster), Level: session.raise(row.level),
		Unknowns: row.unknowns, Verify: row.verify, Declared: c.declared, subject: subject, tick: c.Tick, session: session,
	}
	if c.node == nil {
		p.Title = row.words(subject.node, subject.value)
		p.Refused = "there is no such node any more"
		return p
	}
	p.Title = row.words(c.node.Name, c.value)
	if p.Word = c.node.Name; p.Level == LevelCluster {
		p.Word = p.Cluster
	}
	switch {
	case session.ReadOnly:
		p.Refused = readOnly
	case !row.fits(c.node):
		p.Refused = c.node.Name + " is no server for this"
	}
	c.checks(p)
	if old == nil {
		subject.targets, subject.company = c.targets(), c.company()
		p.Steps = c.steps(subject)
	} else {
		p.Steps = old.Steps[min(from, len(old.Steps)):]
		p.Refused = cmp.Or(p.Refused, c.moved(subject), c.changed(subject, p.Steps))
	}
	if p.Refuse() == "" && len(p.Steps) == 0 {
		p.Refused = c.already()
	}
	if row.effects != nil && c.node.Sample != nil {
		p.Effects = row.effects(c)
	}
	p.Undo = c.undoing(subject)
	return p
}

// words fills a title in.
func (row *nodeRow) words(node, value string) string {
	return strings.NewReplacer("{node}", node, "{value}", value).Replace(row.title)
}

// checks goes through the preconditions. What a node that does not answer was
// last seen to say proves nothing, so that the first one may end it.
func (c *nodeCase) checks(p *Plan) {
	for _, check := range c.row.checks {
		found := check(c)
		p.add(found)
		if len(p.Checks) == 1 && found.Verdict != Met {
			return
		}
	}
}

// targets are the statements that are needed here, as settings are now.
func (c *nodeCase) targets() []nodeTarget {
	if c.node.Sample == nil {
		return nil
	}
	var out []nodeTarget
	for i := range c.row.turns {
		t := &c.row.turns[i]
		if t.flavours != nil && !slices.Contains(t.flavours, c.node.Sample.Server.Flavour) {
			continue
		}
		nodes := []*model.Node{c.node}
		if t.agents != nil {
			nodes = t.agents(c)
		}
		for _, n := range nodes {
			target := nodeTarget{turn: t, node: n.ID, to: cmp.Or(t.to, c.value)}
			if !t.order && t.sql == "" {
				target.was, _ = t.lever.value(n)
				if equal(target.was, target.to) {
					continue
				}
			}
			out = append(out, target)
		}
	}
	return out
}

// steps are the statements of the targets; what a node needs before the first.
func (c *nodeCase) steps(subject *nodeSubject) []Step {
	var out []Step
	for i := range subject.targets {
		t := &subject.targets[i]
		n := c.Node(t.node)
		if shuts(t) && (n.Status().Ready == model.Off || rejects(n)) {
			out = append(out, Step{
				Node: n.ID, Name: n.Name, Text: dirtyReads, target: -1,
				About: n.Name + " refuses statements now, SHUTDOWN too; this lets the session give the order",
			})
		}
		out = append(out, Step{Node: n.ID, Name: n.Name, Text: t.statement(c, n), About: t.about(n), target: i})
	}
	return out
}

func shuts(t *nodeTarget) bool { return t.turn.sql == shutdown }

// statement is what is sent to the node.
func (t *nodeTarget) statement(c *nodeCase, n *model.Node) string {
	if t.turn.sql != "" {
		return t.turn.sql
	}
	to := t.to
	if t.turn.lever.option == evicting.option && to == memberUUID {
		to = c.node.Status().GcommUUID
	}
	if t.turn.lever.option == bootstrapping.option && t.turn.lever.plugin(n) != "" {
		to = "ON"
	}
	return t.turn.lever.set(n, to)
}

// about says what a setting is now.
func (t *nodeTarget) about(n *model.Node) string {
	if t.was == "" || t.turn.order {
		return ""
	}
	name := t.turn.lever.name(n)
	return fmt.Sprintf("%s is %s now", name, t.was)
}

// moved says that the node has left the group and joined it anew since the plan
// was made, or that others are in its component now; "" when it has not.
func (c *nodeCase) moved(subject *nodeSubject) string {
	if subject.asked.IsZero() && subject.before != nil {
		was, is := subject.before.Status().GcommUUID, c.node.Status().GcommUUID
		if was != "" && strings.Trim(is, "0-") != "" && was != is {
			return c.node.Name + " has left the group and joined it anew since this was chosen: look again"
		}
	}
	if with := c.company(); subject.row.members && with != subject.company {
		return fmt.Sprintf("%s saw %s when this was chosen and sees %s now: look again", c.node.Name, subject.company, with)
	}
	return ""
}

// company are the nodes in the node's component besides it, in words.
func (c *nodeCase) company() string {
	home := c.home()
	if home == nil || len(home.Nodes) < 2 {
		return "nobody else"
	}
	return c.named(slices.DeleteFunc(slices.Clone(home.Nodes), func(id string) bool { return id == c.node.ID }))
}

// changed says that a setting is no longer what it was when the plan was made;
// "" when all are.
func (c *nodeCase) changed(subject *nodeSubject, rest []Step) string {
	for i := range rest {
		if rest[i].target < 0 {
			continue
		}
		t := &subject.targets[rest[i].target]
		n := c.Node(t.node)
		switch {
		case n == nil:
			return rest[i].Name + " is not known any more"
		case t.turn.order || t.turn.sql != "":
			continue
		}
		name := t.turn.lever.name(n)
		if now, ok := t.turn.lever.value(n); ok && !equal(now, t.was) {
			return fmt.Sprintf("%s on %s is %s now, it was %s when this was chosen: somebody else has changed it", name, n.Name, now, t.was)
		}
	}
	return ""
}

// already says that there is nothing to do.
func (c *nodeCase) already() string {
	for i := range c.row.turns {
		t := &c.row.turns[i]
		if now, ok := t.lever.value(c.node); t.sql == "" && !t.order && ok {
			name := t.lever.name(c.node)
			return fmt.Sprintf("%s on %s is %s already", name, c.node.Name, now)
		}
	}
	return "there is nothing to do"
}

// undoing is how it is undone, in words.
func (c *nodeCase) undoing(subject *nodeSubject) string {
	opposite := rowOf(c.row.opposite)
	if opposite == nil {
		return c.row.undo
	}
	var all []string
	for i := range subject.targets {
		t := &subject.targets[i]
		if n := c.Node(t.node); n != nil && t.was != "" {
			all = append(all, t.turn.lever.set(n, t.was))
		}
	}
	if len(all) == 0 {
		return opposite.name
	}
	return opposite.name + ": " + strings.Join(all, "; ")
}
