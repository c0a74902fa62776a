package model

import (
	"slices"
	"strings"
)

// Component is a set of nodes that see one another, by what they themselves
// report: their status and their member list, never the state UUID, which both
// halves of a split brain share.
type Component struct {
	Primary     bool     `json:"primary"`
	Nodes       []string `json:"nodes"`   // IDs of the reachable nodes that report it, in the snapshot's order
	Members     []string `json:"members"` // client addresses of its view
	Size        Num      `json:"size"`    // arbitrators included
	Weight      Num      `json:"weight"`
	Arbitrators int      `json:"arbitrators"`
	ConfID      Num      `json:"conf_id"`
}

// Components groups the nodes that answer into components, the Primary ones and
// then the larger ones first. A joiner that has yet to be accepted says
// non-Primary inside a healthy component; it is put with the members that list
// it. Nodes outside of any group (Disconnected, no wsrep) form none.
func Components(nodes []*Node) []Component {
	var out []Component
	var joiners []*Node
	for _, n := range nodes {
		if !n.Up() {
			continue
		}
		s := &n.Sample.Status
		switch {
		case !s.Galera() || strings.EqualFold(s.ClusterStatus, Disconnected):
		case !s.InPrimary() && !s.ConfID.Undefined() && s.State() == StateJoining:
			joiners = append(joiners, n)
		default:
			out = place(out, n)
		}
	}
	for _, n := range joiners {
		if c := home(out, n); c != nil {
			c.Nodes = append(c.Nodes, n.ID)
		} else {
			out = place(out, n)
		}
	}
	order := make(map[string]int, len(nodes))
	for i, n := range nodes {
		order[n.ID] = i
	}
	for i := range out {
		out[i].Arbitrators = arbitrators(&out[i], nodes)
		slices.SortFunc(out[i].Nodes, func(a, b string) int { return order[a] - order[b] })
	}
	slices.SortStableFunc(out, func(a, b Component) int {
		if a.Primary != b.Primary {
			if a.Primary {
				return -1
			}
			return 1
		}
		if d := len(b.Nodes) - len(a.Nodes); d != 0 {
			return d
		}
		return order[a.Nodes[0]] - order[b.Nodes[0]]
	})
	return out
}

// place puts a node into the component that it reports, a new one if need be.
func place(components []Component, n *Node) []Component {
	s := &n.Sample.Status
	members, _ := s.Members()
	slices.Sort(members)
	for i := range components {
		c := &components[i]
		if c.Primary == s.InPrimary() && together(c, members, n) {
			c.Nodes = append(c.Nodes, n.ID)
			// During a view change one node is ahead: the newest view counts.
			if s.ConfID.V > c.ConfID.V {
				c.Members, c.Size, c.Weight, c.ConfID = members, s.ClusterSize, s.ClusterWeight, s.ConfID
			}
			return components
		}
	}
	return append(components, Component{
		Primary: s.InPrimary(), Nodes: []string{n.ID}, Members: members,
		Size: s.ClusterSize, Weight: s.ClusterWeight, ConfID: s.ConfID,
	})
}

// together reports whether a node with this view belongs to the component: the
// views share members, or neither names any and their sizes agree.
func together(c *Component, members []string, n *Node) bool {
	if len(members) == 0 && len(c.Members) == 0 {
		return c.Size == n.Sample.Status.ClusterSize
	}
	for _, m := range members {
		if slices.Contains(c.Members, m) {
			return true
		}
	}
	return false
}

// home is the Primary Component whose view lists the joiner.
func home(components []Component, joiner *Node) *Component {
	for i := range components {
		c := &components[i]
		if c.Primary && slices.ContainsFunc(joiner.addresses(), func(a string) bool { return slices.Contains(c.Members, a) }) {
			return c
		}
	}
	return nil
}

// addresses are all the names under which the group may know the node.
func (n *Node) addresses() []string {
	a := append([]string{n.Address}, n.Aliases...)
	if n.Sample != nil && n.Sample.Server.Incoming != "" {
		a = append(a, n.Sample.Server.Incoming)
	}
	return a
}

// arbitrators counts the component's members without a server. The membership
// table knows them by their empty address; without it, the count is what the
// size leaves over the addresses, unless a member is just joining.
func arbitrators(c *Component, nodes []*Node) int {
	if !c.Primary {
		return 0
	}
	joining := false
	for _, n := range nodes {
		if !slices.Contains(c.Nodes, n.ID) {
			continue
		}
		joining = joining || n.Sample.Status.State() == StateJoining
		if m := n.Sample.Slow.Members; m != nil && m.Error == "" && c.Size.Known && int64(len(m.Rows)) == c.Size.V {
			return countEmpty(m.Rows)
		}
	}
	if extra := c.Size.Or(0) - int64(len(c.Members)); extra > 0 && !joining {
		return int(extra)
	}
	return 0
}

func countEmpty(rows []Member) int {
	empty := 0
	for _, m := range rows {
		if m.Address == "" {
			empty++
		}
	}
	return empty
}
