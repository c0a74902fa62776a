package actions

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/galeratop/galeratop/model"
)

// HostChoices are the operations on a node's host, each with the reason for which
// it is refused now. The order's ID is not looked at.
func HostChoices(s *model.Snapshot, session Session, o HostOrder) []NodeChoice {
	if s.Node(o.Node) == nil {
		return nil
	}
	var out []NodeChoice
	for _, row := range hostRows {
		o.ID = row.id
		p := PlanHost(s, session, o)
		out = append(out, NodeChoice{
			ID: row.id, Name: row.name, About: row.about, Section: hostSection(row), Level: p.Level, Refused: p.Refuse(),
			OnHost: true, Everywhere: row.everywhere,
		})
	}
	return out
}

// OnHost reports whether a plan runs commands on a node's host, not statements.
func (p *Plan) OnHost() bool {
	_, is := p.subject.(*hostSubject)
	return is
}

// hostSection heads the operations that belong together in a menu.
func hostSection(row *hostRow) string {
	switch {
	case slices.Contains(serviceRows, row):
		return "On its host: service"
	case slices.Contains(fileRows, row):
		return "On its host: data"
	}
	return "On its host: cluster"
}

// HostActions are the operations on hosts, in the order of the menu.
func HostActions() []NodeAction {
	out := make([]NodeAction, len(hostRows))
	for i, row := range hostRows {
		out[i] = NodeAction{row.id, row.name, row.about}
	}
	return out
}

// Hosts is how commands get to hosts.
func (r *Runner) Hosts() *Hosts { return &r.options.Hosts }

// Order reads what operations on a node's host are planned with, but for the ID of
// the operation: the host, or with all the hosts of all nodes, and the audit log. It
// takes as long as hosts need to answer.
func (r *Runner) Order(ctx context.Context, node string, all bool) (HostOrder, error) {
	o := HostOrder{Node: node, Hosts: &r.options.Hosts, Apart: r.Apart()}
	s := r.Latest()
	if s == nil || s.Node(node) == nil {
		return o, errors.New("there is no such node any more")
	}
	nodes := []*model.Node{s.Node(node)}
	if all {
		nodes = s.Nodes
	}
	ctx, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	o.Readings = r.recovered(r.options.Hosts.LookAll(ctx, nodes, r.options.Clock))
	if r.options.Audit == nil {
		return o, nil
	}
	if err := r.logged(&o, s); err != nil {
		return o, fmt.Errorf("the audit log cannot be read: %w", err)
	}
	return o, nil
}

// logged adds what the audit log knows: who else is at work, and whose side was
// given up and has not come back since, by SST or however.
func (r *Runner) logged(o *HostOrder, s *model.Snapshot) error {
	cluster := cmp.Or(r.options.Session.Cluster, s.Cluster)
	h, err := r.options.Audit.History(cluster)
	if err != nil {
		return err
	}
	others, err := r.options.Audit.Others(cluster, r.options.Clock())
	if err != nil {
		return err
	}
	o.Others = &others
	given := h.GivenUp()
	for _, n := range s.Nodes {
		if slices.Contains(given, n.Name) && !n.Synced() {
			o.Losers = append(o.Losers, n.ID)
		}
	}
	return nil
}

// visit remembers an operation on a host for what it reads there.
func (r *Runner) visit(subject *hostSubject) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.visited[subject.order.Node] = subject
}

// recovered adds positions that an earlier operation has recovered.
func (r *Runner) recovered(readings []*Reading) []*Reading {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for i, reading := range readings {
		if last := r.visited[reading.Node]; last != nil {
			readings[i] = withRecovered(last.reading(reading.Node), reading)
		}
	}
	return readings
}
