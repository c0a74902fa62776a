package actions

import (
	"slices"

	"github.com/galeratop/galeratop/model"
)

// splits remembers who was Primary beside whom. A server that was stopped tells
// nothing of it any more, keeps the same history, and would get an IST over rows
// that differ.
type splits struct {
	suspects  map[pair]bool // seen in the snapshot before
	strangers map[pair]bool // seen in two snapshots, and not together since
	apart     []string      // IDs, by the last snapshot that showed a Primary Component
}

// pair is two nodes by ID.
type pair struct{ a, b string }

// observe takes a snapshot in. Views that change are not seen at the same moment on
// all nodes: only what two snapshots show counts.
func (m *splits) observe(s *model.Snapshot) {
	var sides []*model.Component
	for i := range s.Components {
		if s.Components[i].Primary {
			sides = append(sides, &s.Components[i])
		}
	}
	now := beside(sides)
	for p := range now {
		if m.suspects[p] {
			m.strangers[p] = true
		}
	}
	m.suspects = now
	switch len(sides) {
	case 0:
	case 1:
		m.settle(sides[0])
	default:
		m.apart = nil
		for p := range m.strangers {
			m.apart = append(m.apart, p.a)
		}
	}
	slices.Sort(m.apart)
	m.apart = slices.Compact(m.apart)
}

// beside are all pairs of nodes on different sides, both ways round.
func beside(sides []*model.Component) map[pair]bool {
	out := map[pair]bool{}
	for i, one := range sides {
		for j, other := range sides {
			if i == j {
				continue
			}
			for _, a := range one.Nodes {
				for _, b := range other.Nodes {
					out[pair{a, b}] = true
				}
			}
		}
	}
	return out
}

// settle measures everybody by the only Primary Component that is seen. It may be
// the side that is given up, while those of the other are silent: only nodes that
// are members together are no strangers to each other any more.
func (m *splits) settle(side *model.Component) {
	m.apart = nil
	for p := range m.strangers {
		switch in := slices.Contains(side.Nodes, p.b); {
		case in && slices.Contains(side.Nodes, p.a):
			delete(m.strangers, p)
		case in:
			m.apart = append(m.apart, p.a)
		}
	}
}

// Apart are the IDs of nodes that were seen Primary beside members of the Primary
// Component, and not together with them since: they come back by SST only. While
// there still are several, all of their nodes are.
func (r *Runner) Apart() []string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return slices.Clone(r.splits.apart)
}

// GivenUp are the names of nodes that were stopped, by this log, because their side
// was given up in a split brain, and have not been brought back by SST since.
func (h *History) GivenUp() []string {
	var out []string
	for i := range h.Runs {
		r := &h.Runs[i]
		for _, name := range r.GivenUp {
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
		if (r.Action == ForceSST || r.Action == ForceSSTWithCopy) && r.Stage == Done.String() && len(r.Steps) > 0 {
			out = slices.DeleteFunc(out, func(name string) bool { return name == r.Steps[0].Node })
		}
	}
	return out
}
