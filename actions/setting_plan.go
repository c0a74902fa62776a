package actions

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// PlanSetting works out how a setting is given another value: on one node, or on
// all nodes of the Primary Component, one after the other.
func PlanSetting(s *model.Snapshot, session Session, o SettingOrder) *Plan {
	return planSetting(s, session, &settingSubject{name: canonical(o.Name), node: o.Node, value: strings.TrimSpace(o.Value)}, nil, 0)
}

// CheckSetting tells what is wrong with a value that was typed, as far as that can
// be seen before there is a plan.
func CheckSetting(s *model.Snapshot, o SettingOrder) error {
	name := canonical(o.Name)
	for _, n := range settingNodes(s, &settingSubject{name: name, node: o.Node}) {
		if a, _, ok := model.AssignmentOf(n, name); ok {
			if _, err := shaped(name, o.Value, a.Value); err != nil {
				return err
			}
		}
	}
	return wellFormed(name, strings.TrimSpace(o.Value))
}

func replanSetting(s *model.Snapshot, session Session, p *Plan, from int) *Plan {
	return planSetting(s, session, p.subject.(*settingSubject), p, from)
}

// settingNodes are those that are to have the value: the one, those of an undo, or
// all that the Primary Component has.
func settingNodes(s *model.Snapshot, subject *settingSubject) []*model.Node {
	var ids []string
	switch {
	case subject.node != "":
		ids = []string{subject.node}
	case subject.undo:
		for i := range subject.targets {
			ids = append(ids, subject.targets[i].node)
		}
	default:
		for i := range s.Components {
			if s.Components[i].Primary {
				ids = append(ids, s.Components[i].Nodes...)
			}
		}
	}
	var out []*model.Node
	for _, id := range ids {
		if n := s.Node(id); n != nil {
			out = append(out, n)
		}
	}
	return out
}

func planSetting(s *model.Snapshot, session Session, subject *settingSubject, old *Plan, from int) *Plan {
	c := &settingCase{Snapshot: s, subject: subject, nodes: settingNodes(s, subject)}
	p := &Plan{
		Action: setVariableID, Cluster: cmp.Or(session.Cluster, s.Cluster), subject: subject, tick: s.Tick, session: session,
		Verify: "the value is read again on each node until it means what was asked for; the first node that does not take it ends the run",
	}
	if old != nil {
		p.Declared = old.Declared
	}
	p.Title = c.title()
	switch {
	case session.ReadOnly:
		p.Refused = readOnly
	case forbidden(subject.name) != "":
		p.Refused = forbidden(subject.name)
	case len(c.nodes) == 0 && subject.node != "":
		p.Refused = "there is no such node any more"
	case len(c.nodes) == 0:
		p.Refused = "no node that answers is in a Primary Component: choose one node"
	}
	dangers := c.check(p)
	if old == nil {
		c.aim(p)
	} else {
		p.Steps, p.Excluded = old.Steps[min(from, len(old.Steps)):], old.Excluded
		if p.Refuse() == "" || p.Waivers() != nil {
			p.Refused = cmp.Or(c.joined(), c.changed(p.Steps))
		}
	}
	if p.Refuse() == "" && len(p.Steps) == 0 {
		p.Refused = fmt.Sprintf("%s on %s is %s already", subject.name, names(c.nodes), valueWord(subject.value))
	}
	c.level(p, dangers)
	c.foresee(p, dangers)
	return p
}

// title says what is done; the value of an undo is each node's own.
func (c *settingCase) title() string {
	t := c.subject
	where := "all nodes of the Primary Component"
	if len(c.nodes) == 1 && t.node != "" {
		where = c.nodes[0].Name
	} else if len(c.nodes) > 0 {
		where = names(c.nodes) + ", one after the other"
	}
	if t.undo {
		return fmt.Sprintf("Set %s back on %s", t.name, where)
	}
	return fmt.Sprintf("Set %s to %s on %s", t.name, valueWord(t.value), where)
}

// check goes through the preconditions. Each rests on those before it, so that the
// first that fails for what nobody can declare ends it.
func (c *settingCase) check(p *Plan) (dangers []model.Finding) {
	if p.Refused != "" {
		return nil
	}
	checks := []func() Check{c.answering, c.known, c.dynamic, c.formed}
	if c.shared() && !c.subject.undo {
		checks = append([]func() Check{c.whole}, checks...)
	}
	for _, check := range checks {
		found := check()
		p.add(found)
		if found.Verdict != Met {
			return nil
		}
	}
	dangers = c.dangers()
	if c.subject.undo {
		return dangers // what was there before is not argued about, but named
	}
	p.add(c.harmless(dangers))
	switch class, why := model.ClassOf(c.subject.name); class {
	case model.ConfigEqual:
		p.add(c.alike(why))
	case model.ConfigOwn:
		p.add(c.distinct(why))
	case model.ConfigFree, model.ConfigLocal:
	}
	return dangers
}

// aim makes the targets and their steps, as settings are now.
func (c *settingCase) aim(p *Plan) {
	t := c.subject
	if !t.undo {
		t.targets = nil
	}
	for _, n := range c.nodes {
		a, ok := t.present(n)
		if !ok {
			continue
		}
		to, err := shaped(t.name, t.wanted(n.ID), a.Value)
		if err != nil {
			continue
		}
		if !t.undo {
			t.targets = append(t.targets, settingTarget{node: n.ID})
		}
		i := slices.IndexFunc(t.targets, func(t settingTarget) bool { return t.node == n.ID })
		t.targets[i].was, t.targets[i].to = a.Value, to
		if model.SameMeaning(t.name, a.Value, to) {
			p.Excluded = append(p.Excluded, Exclusion{What: n.Name, Reason: "its " + t.name + " is " + valueWord(a.Value) + " already", target: i})
			continue
		}
		p.Steps = append(p.Steps, Step{
			Node: n.ID, Name: n.Name, Text: assignment(n, t.name, to, a.Value), About: fmt.Sprintf("%s is %s now", t.name, valueWord(a.Value)), target: i,
		})
	}
}

// joined says that a node has come into the component since the plan was made; ""
// when none has.
func (c *settingCase) joined() string {
	for _, n := range c.nodes {
		if c.shared() && c.subject.target(n.ID) == nil {
			return n.Name + " has joined since this was chosen: look again"
		}
	}
	return ""
}

// changed says that a value is no longer what it was when the plan was made; ""
// when all are.
func (c *settingCase) changed(rest []Step) string {
	for i := range rest {
		t := &c.subject.targets[rest[i].target]
		n := c.Node(t.node)
		if n == nil || c.shared() && !c.subject.undo && !slices.Contains(c.nodes, n) {
			return rest[i].Name + " is not in the Primary Component any more"
		}
		if a, ok := c.subject.present(n); ok {
			if reason := t.overtaken(c.subject.name, n.Name, a.Value); reason != "" {
				return reason
			}
		}
	}
	return ""
}

// overtaken says that a value is no longer the one that the plan was made for.
func (t *settingTarget) overtaken(name, node, now string) string {
	if model.SameMeaning(name, now, t.was) {
		return ""
	}
	return fmt.Sprintf("%s on %s is %s now, it was %s when this was chosen: somebody else has changed it", name, node, valueWord(now), valueWord(t.was))
}

// level is how strictly it is confirmed: the node's name for one, the cluster's for
// all and for what a rule warns of.
func (c *settingCase) level(p *Plan, dangers []model.Finding) {
	level := LevelNode
	if c.shared() || slices.ContainsFunc(dangers, func(f model.Finding) bool { return f.Level >= model.LevelWarning }) {
		level = LevelCluster
	}
	p.Level, p.Word = p.session.raise(level), p.Cluster
	if p.Level < LevelCluster && len(c.nodes) > 0 {
		p.Word = c.nodes[0].Name
	}
}

// foresee tells what comes of it, and how it is taken back.
func (c *settingCase) foresee(p *Plan, dangers []model.Finding) {
	if p.Refused != "" || len(p.Steps) == 0 {
		return
	}
	for _, f := range dangers {
		p.Effects = append(p.Effects, "WARNING, "+f.Level.String()+": "+f.Title+". "+f.Why)
	}
	if !strings.Contains(c.subject.name, ".") {
		p.Unknowns = append(p.Unknowns, "whether sessions that are connected now keep the old value: of many settings each has its own since it began")
	}
	p.Unknowns = append(p.Unknowns, "whether the server rounds or limits the value: what it has made of it is read back and told")
	p.Effects = append(p.Effects, "it is lost at the next restart of "+names(c.nodes)+" unless the option files say the same; the lines for them are shown afterwards")
	var persisted, undo []string
	for _, n := range c.nodes {
		if a, _ := c.subject.present(n); a.Origin == model.OriginPersisted {
			persisted = append(persisted, n.Name)
		}
	}
	if len(persisted) > 0 {
		p.Effects = append(p.Effects, "mysqld-auto.cnf of "+listed(persisted)+" has a persisted value, which overrules the option files at the next start: RESET PERSIST "+c.subject.name+" or SET PERSIST there")
	}
	for i := range p.Steps {
		t := &c.subject.targets[p.Steps[i].target]
		if n := c.Node(t.node); n != nil {
			undo = append(undo, n.Name+": "+assignment(n, c.subject.name, t.was, t.to))
		}
	}
	p.Undo = "each node gets its old value: " + strings.Join(undo, "; ")
}
