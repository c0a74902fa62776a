package actions

import (
	"slices"

	"github.com/galeratop/galeratop/model"
)

// splits remembers who was Primary apart from others. A server that was stopped
// tells nothing of it any more, keeps the same history, and would get an IST over
// rows that differ.
type splits struct {
	suspects map[string]bool // seen in the snapshot before, and not confirmed yet
	apart    map[string]bool // by ID
}

// observe takes a snapshot in. Views that change are not seen at the same moment on
// all nodes: only what two snapshots show counts.
func (m *splits) observe(s *model.Snapshot) {
	var sides []*model.Component
	for i := range s.Components {
		if s.Components[i].Primary {
			sides = append(sides, &s.Components[i])
		}
	}
	if len(sides) == 1 {
		// Whoever is a member of the one that is left is no stranger to it.
		for _, id := range sides[0].Nodes {
			delete(m.apart, id)
		}
	}
	now := map[string]bool{}
	if len(sides) > 1 {
		for _, side := range sides {
			for _, id := range side.Nodes {
				now[id] = true
				if m.suspects[id] {
					m.apart[id] = true
				}
			}
		}
	}
	m.suspects = now
}

// Apart are the IDs of nodes that were seen in a Primary Component beside another
// one, and have not been members of the one that is left since: they come back by
// SST only. While there still are several, all of their nodes are.
func (r *Runner) Apart() []string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	out := make([]string, 0, len(r.splits.apart))
	for id := range r.splits.apart {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
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
