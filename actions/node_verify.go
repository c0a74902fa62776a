package actions

import (
	"context"
	"slices"
	"time"

	"github.com/galeratop/galeratop/model"
)

// verifyNode watches for the effect of a step until it is seen, the patience
// ends, or somebody cancels. Settings are read anew from the server; everything
// else comes with the snapshots.
func verifyNode(ctx context.Context, r *Run, steps []int) {
	subject := r.plan.subject.(*nodeSubject)
	patience := r.runner.options.Patience
	if subject.row.patience > 0 {
		patience = subject.row.patience
	}
	r.watch(steps, patience, func(i int) (Stage, string) { return r.sight(ctx, subject, r.plan.Steps[i].target) })
}

// watch looks at steps with every snapshot until each has ended, the patience
// ends, or somebody cancels.
func (r *Run) watch(steps []int, patience time.Duration, sight func(step int) (Stage, string)) {
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		_, news := r.runner.observed()
		var open []int
		for _, i := range steps {
			stage, text := sight(i)
			if stage == Verifying {
				r.tell(Progress{i, stage, text})
				open = append(open, i)
				continue
			}
			r.settle(i, stage, text)
		}
		if steps = open; len(steps) == 0 {
			return
		}
		select {
		case <-news:
		case <-r.cancel:
			return
		case <-deadline.C:
			return
		}
	}
}

// sight looks for the effect of one statement.
func (r *Run) sight(ctx context.Context, subject *nodeSubject, target int) (Stage, string) {
	t := &subject.targets[target]
	s := r.runner.Latest()
	c := &nodeCase{
		Snapshot: s, row: subject.row, node: s.Node(subject.node), value: subject.value, before: subject.before, asked: subject.asked,
	}
	if c.node == nil || c.node.Sample == nil {
		return Verifying, "it is not known any more"
	}
	if c.agent = s.Node(t.node); c.agent == nil {
		return Verifying, "the node that was given the order is not known any more"
	}
	if t.turn.order {
		return c.row.seen(c)
	}
	fresh, err := r.reread(ctx, c.node)
	if err != nil {
		return Verifying, "cannot be looked up: " + err.Error()
	}
	c.put(fresh)
	name := t.turn.lever.name(fresh)
	now, ok := t.turn.lever.value(fresh)
	switch {
	case !ok:
		return Verifying, name + " cannot be read"
	case !equal(now, t.to):
		return Verifying, name + " is still " + now
	}
	subject.note(fresh)
	if c.row.seen == nil {
		return Done, name + " is " + now + ", it was " + t.was
	}
	return c.row.seen(c)
}

// note keeps what was read of a node.
func (t *nodeSubject) note(n *model.Node) {
	if t.read == nil {
		t.read = make(map[string]*model.Node)
	}
	t.read[n.ID] = n
}

// newest is the snapshot with the settings that were read since.
func (t *nodeSubject) newest(s *model.Snapshot) *model.Snapshot {
	now := s
	for i, n := range s.Nodes {
		known := t.read[n.ID]
		if known == nil || n.Sample == nil || n.Sample.Slow.Variables == nil || !n.Sample.Slow.Variables.At.Before(known.Sample.Slow.Variables.At) {
			continue
		}
		if now == s {
			fresh := *s
			fresh.Nodes = slices.Clone(s.Nodes)
			now = &fresh
		}
		node, sample := *n, *n.Sample
		sample.Slow.Variables, node.Sample = known.Sample.Slow.Variables, &sample
		if sample.At.Before(known.Sample.At) {
			sample.At, sample.Status = known.Sample.At, known.Sample.Status
		}
		now.Nodes[i] = &node
	}
	if now != s {
		now.Complete()
	}
	return now
}

// put replaces the node by a newer reading of it.
func (c *nodeCase) put(fresh *model.Node) {
	s := *c.Snapshot
	s.Nodes = append([]*model.Node(nil), s.Nodes...)
	for i, n := range s.Nodes {
		if n.ID == fresh.ID {
			s.Nodes[i] = fresh
		}
	}
	s.Complete()
	c.Snapshot, c.node = &s, fresh
}
