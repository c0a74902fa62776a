package actions

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/model"
)

// PlanHost works an operation on a node's host out.
func PlanHost(s *model.Snapshot, session Session, o HostOrder) *Plan {
	row := hostRowOf(o.ID)
	if row == nil {
		return &Plan{Action: o.ID, Title: o.ID, Refused: "there is no operation " + o.ID + " on a host", session: session}
	}
	subject := &hostSubject{
		row: row, order: o, before: s.Node(o.Node), stamp: s.At.UTC().Format("20060102T150405Z"), readings: map[string]*Reading{},
	}
	subject.take(slices.SortedFunc(slices.Values(o.Readings), func(a, b *Reading) int { return a.At.Compare(b.At) })...)
	subject.chosen = subject.readings[o.Node]
	return planHost(s, session, subject, nil, 0)
}

// replanHost works the rest of an operation out again.
func replanHost(s *model.Snapshot, session Session, p *Plan, from int) *Plan {
	return planHost(s, session, p.subject.(*hostSubject), p, from)
}

func newHostCase(s *model.Snapshot, subject *hostSubject) *hostCase {
	n := &nodeCase{Snapshot: s, node: s.Node(subject.order.Node), before: subject.before}
	return &hostCase{nodeCase: n, subject: subject, hosts: subject.order.Hosts}
}

// planHost makes a plan. old is the plan that is worked out again, from a task
// on; nil for the first.
func planHost(s *model.Snapshot, session Session, subject *hostSubject, old *Plan, from int) *Plan {
	c := newHostCase(s, subject)
	if old != nil {
		c.declared = old.Declared
	}
	return c.plan(session, old, from)
}

func (c *hostCase) plan(session Session, old *Plan, from int) *Plan {
	row := c.subject.row
	p := &Plan{
		Action: row.id, Cluster: cmp.Or(session.Cluster, c.Cluster), Level: session.raise(row.level),
		Unknowns: row.unknowns, Verify: row.verify, Undo: row.undo, Declared: c.declared, subject: c.subject, tick: c.Tick, session: session,
	}
	if c.node == nil {
		p.Title = strings.ReplaceAll(row.title, "{node}", c.subject.order.Node)
		p.Refused = "there is no such node any more"
		return p
	}
	p.Title = strings.ReplaceAll(row.title, "{node}", c.node.Name)
	if session.ReadOnly {
		p.Refused = readOnly
	}
	if c.given() && row.id == StopService {
		p.GivenUp = []string{c.node.Name}
	}
	known := c.checkAll(p, from)
	if o := c.subject.order.Others; o != nil {
		for _, run := range o.CutOff {
			p.Unknowns = append(slices.Clone(p.Unknowns), "what a run has left half done whose console died: "+run)
		}
	}
	if known && row.grave != nil && row.grave(c) {
		p.Level = LevelCluster
	}
	if p.Word = c.node.Name; p.Level == LevelCluster {
		p.Word = p.Cluster
	}
	if known && row.effects != nil {
		p.Effects = row.effects(c)
	}
	if known {
		c.steps(p, old, from)
	}
	return p
}

// checkAll goes through the preconditions of a task, and reports whether the host
// was read: without that the others prove nothing.
func (c *hostCase) checkAll(p *Plan, from int) (known bool) {
	checks := c.subject.row.checks
	if from > 0 && from < len(c.subject.row.tasks) {
		checks = c.subject.row.tasks[from].checks
	}
	found := hostRead(c)
	p.add(found)
	if found.Verdict != Met {
		return false
	}
	if o := c.subject.order.Others; o != nil && from == 0 && !c.subject.running() {
		p.add(judged(len(o.Busy) == 0, "no other console is at work in the cluster", orWord(strings.Join(o.Busy, "; "), "by the audit log of this machine")))
	}
	for _, check := range checks {
		p.add(check(c))
	}
	return true
}

// steps are the commands of the tasks from one on. What is to be run must stay
// what was confirmed.
func (c *hostCase) steps(p, old *Plan, from int) {
	tasks := c.subject.row.tasks
	for i := from; i < len(tasks); i++ {
		lines, err := tasks[i].lines(c)
		switch {
		case errors.Is(err, errNothing) && p.Refuse() != "":
			return // and the reason says more
		case err != nil:
			p.Refused = cmp.Or(p.Refused, err.Error())
			return
		}
		p.Steps = append(p.Steps, Step{
			Node: c.node.ID, Name: c.node.Name, Text: strings.Join(lines, "; "), About: tasks[i].about, target: i,
		})
	}
	if old == nil {
		return
	}
	for i := range p.Steps {
		if was := old.Steps[from+i].Text; p.Steps[i].Text != was {
			p.Refused = cmp.Or(p.Refused, "what would be run is no longer what was shown: "+p.Steps[i].Text+" instead of "+was)
		}
	}
}

// readingLife is how long what a host told may be relied on to choose something.
// Just before each command it is read again.
const readingLife = 2 * time.Minute

// hostCheck is one precondition of an operation on a host.
type hostCheck func(*hostCase) Check

// hostRead wants a reading of the node's host.
func hostRead(c *hostCase) Check {
	text := "the host of " + c.node.Name + " tells what is on it"
	r := c.mine()
	switch {
	case !c.hosts.Known():
		return judged(false, text, "no command can be run on hosts: set host_command for the cluster in config.toml")
	case r == nil || r.State == nil:
		return unknown(text, "it was not asked yet")
	case r.Err != nil:
		return unknown(text, r.Err.Error())
	case !c.subject.running() && c.At.Sub(r.At) > readingLife:
		return unknown(text, "what it told is "+model.Span(c.At.Sub(r.At))+" old: read it again")
	}
	name, _ := c.hosts.Of(c.node)
	return judged(true, text, name+" was read "+model.Span(max(c.At.Sub(r.At), 0))+" ago")
}

// commands are those of a service operation, as a person would type them.
func (c *hostCase) commands(op host.Operation) ([]string, error) {
	r := c.mine()
	if r.Service == nil {
		return nil, r.ServiceErr
	}
	steps, err := r.Service.Steps(op)
	if err != nil {
		return nil, err
	}
	name, _ := c.hosts.Of(c.node)
	lines := make([]string, len(steps))
	for i := range steps {
		_, command, err := steps[i].Route(c.hosts.Way, name)
		if err != nil {
			return nil, err
		}
		lines[i] = model.Printable(host.Line(command.Argv), 1000)
	}
	return lines, nil
}
