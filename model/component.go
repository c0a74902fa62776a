package model

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Component is a set of nodes that see one another, by what they themselves
// report: their status and their member list, never the state UUID, which both
// halves of a split brain share.
type Component struct {
	Primary     bool     `json:"primary"`
	Nodes       []string `json:"nodes"`   // IDs of the reachable nodes that report it, in the snapshot's order
	Members     []string `json:"members"` // client addresses of its newest view
	Size        Num      `json:"size"`    // arbitrators included
	Weight      Num      `json:"weight"`
	Arbitrators int      `json:"arbitrators"`
	ConfID      Num      `json:"conf_id"`
	// Silent are the IDs of nodes that the view lists and that do not answer here:
	// hung, cut off from here alone, or receiving an SST behind a closed port.
	Silent []string `json:"silent,omitempty"`
	// Segments are the WAN segments (gmcast.segment) of the nodes that tell theirs,
	// by ID.
	Segments map[string]int64 `json:"segments,omitempty"`
	// Quorum is what the loss of members would do; nil outside of a Primary
	// Component and while the weights are not known.
	Quorum *Quorum `json:"quorum,omitempty"`
}

// Components groups the nodes that answer into components, the Primary ones and
// then the larger ones first. Views that share a member are one component: nodes
// are sampled one after the other and install a view one after the other, so
// that neighbours in one view may show two. The order of the nodes does not
// matter. A joiner that has yet to be accepted says non-Primary inside a healthy
// component; it is put with the members that list it. Nodes outside of any group
// (Disconnected, evicted, no wsrep) form none.
func Components(nodes []*Node) []Component {
	views, homeless := viewsOf(nodes)
	views = merge(views)
	var strays []*reported
	for _, n := range homeless {
		if home := homeOf(views, n); home != nil {
			home.nodes = append(home.nodes, n)
			continue
		}
		strays = append(strays, strayView(n))
	}
	views = append(views, merge(strays)...)

	order := make(map[string]int, len(nodes))
	for i, n := range nodes {
		order[n.ID] = i
	}
	out := make([]Component, len(views))
	for i, v := range views {
		slices.SortFunc(v.nodes, func(a, b *Node) int { return order[a.ID] - order[b.ID] })
		out[i] = v.component(nodes)
	}
	slices.SortFunc(out, compareComponents)
	return out
}

func compareComponents(a, b Component) int {
	if a.Primary != b.Primary {
		if a.Primary {
			return -1
		}
		return 1
	}
	return cmp.Or(len(b.Nodes)-len(a.Nodes), CompareNatural(slices.Min(a.Nodes), slices.Min(b.Nodes)))
}

// reported is a view as nodes report it, or several views that overlap.
type reported struct {
	primary bool
	tokens  []string // who is in it: client addresses mostly
	nodes   []*Node
}

// viewsOf collects what the nodes report, each view once. Homeless are nodes
// whose own word does not say where they belong: joiners, and nodes whose view
// names no address.
func viewsOf(nodes []*Node) (views []*reported, homeless []*Node) {
	type viewKey struct {
		primary bool
		members string
	}
	known := make(map[viewKey]*reported)
	for _, n := range nodes {
		if !n.inGroup() {
			continue
		}
		s := n.Status()
		members, _ := s.Members()
		if len(members) == 0 || n.unaccepted() {
			homeless = append(homeless, n)
			continue
		}
		key := viewKey{s.InPrimary(), s.IncomingAddrs}
		if known[key] == nil {
			known[key] = &reported{primary: key.primary, tokens: members}
			views = append(views, known[key])
		}
		known[key].nodes = append(known[key].nodes, n)
	}
	return views, homeless
}

// inGroup reports whether the node answers from inside of some component.
func (n *Node) inGroup() bool {
	s := n.Status()
	return n.Up() && s.Galera() && !strings.EqualFold(s.ClusterStatus, Disconnected) && s.State() != StateInconsistent
}

// unaccepted reports whether the node is a joiner that says non-Primary only
// because its state has yet to arrive: unlike a node that lost its Primary
// Component it knows the view's number.
func (n *Node) unaccepted() bool {
	s := n.Status()
	return !s.InPrimary() && s.ConfID.Known && !s.ConfID.Undefined() && s.State() == StateJoining
}

// merge makes one of all views that share a member, directly or over others.
func merge(views []*reported) []*reported {
	type seat struct {
		primary bool
		token   string
	}
	holder := make(map[seat]*reported)
	var out []*reported
	for _, v := range views {
		for _, t := range v.tokens {
			if other := holder[seat{v.primary, t}]; other != nil && other != v {
				v.nodes = append(v.nodes, other.nodes...)
				v.tokens = append(v.tokens, other.tokens...)
				for _, o := range other.tokens {
					holder[seat{v.primary, o}] = v
				}
				out = slices.DeleteFunc(out, func(r *reported) bool { return r == other })
			}
			holder[seat{v.primary, t}] = v
		}
		out = append(out, v)
	}
	return out
}

// homeOf is the component that lists the node, or that the node lists; for a
// joiner a Primary one.
func homeOf(views []*reported, n *Node) *reported {
	members, _ := n.Status().Members()
	primary := n.Status().InPrimary() || n.unaccepted()
	for _, v := range views {
		if v.primary == primary && slices.ContainsFunc(v.tokens, func(t string) bool { return n.isMember(t) || slices.Contains(members, t) }) {
			return v
		}
	}
	return nil
}

// strayView is what the node reports when nobody lists it. Without addresses the
// membership table may tell who is with it; failing that, all such nodes are
// taken for one component, since nothing tells them apart.
func strayView(n *Node) *reported {
	v := &reported{primary: n.Status().InPrimary(), nodes: []*Node{n}}
	v.tokens, _ = n.Status().Members()
	if len(v.tokens) == 0 {
		v.tokens = instances(n)
	}
	if len(v.tokens) == 0 {
		v.tokens = []string{""}
	}
	return v
}

// instances are the members' instance IDs (wsrep_gcomm_uuid) by the node's
// membership table, nil unless the table is of the view that the node is in.
func instances(n *Node) []string {
	s, m := n.Status(), n.Sample.Slow.Members
	if m == nil || m.Error != "" || !s.InPrimary() || int64(len(m.Rows)) != s.ClusterSize.Or(-1) {
		return nil
	}
	var out []string
	for _, row := range m.Rows {
		if row.UUID != "" {
			out = append(out, row.UUID)
		}
	}
	if !slices.Contains(out, s.GcommUUID) {
		return nil
	}
	return out
}

// newest is the node that shows the newest of the views.
func (v *reported) newest() *Node {
	return slices.MaxFunc(v.nodes, func(a, b *Node) int {
		x, y := a.Status(), b.Status()
		return cmp.Or(cmp.Compare(settledConf(x), settledConf(y)), a.Sample.At.Compare(b.Sample.At),
			cmp.Compare(x.ClusterSize.Or(0), y.ClusterSize.Or(0)), cmp.Compare(y.IncomingAddrs, x.IncomingAddrs))
	})
}

func settledConf(s *Status) int64 { return s.ConfID.Or(-1) }

// component writes the view down as the snapshot shows it.
func (v *reported) component(nodes []*Node) Component {
	s := v.newest().Status()
	members, _ := s.Members()
	slices.Sort(members)
	c := Component{Primary: v.primary, Members: members, Size: s.ClusterSize, Weight: s.ClusterWeight, ConfID: s.ConfID}
	for _, n := range v.nodes {
		c.Nodes = append(c.Nodes, n.ID)
		if g := n.Status().Segment; g.Known && g.V >= 0 {
			if c.Segments == nil {
				c.Segments = make(map[string]int64)
			}
			c.Segments[n.ID] = g.V
		}
	}
	for _, n := range nodes {
		if !n.Up() && slices.ContainsFunc(members, n.isMember) {
			c.Silent = append(c.Silent, n.ID)
		}
	}
	c.Arbitrators = v.arbitrators(&c)
	return c
}

// isMember reports whether an address from a view is the node's; a view may
// leave the usual port out.
func (n *Node) isMember(address string) bool {
	return n.Has(address) || (!strings.Contains(address, ":") && n.Has(address+":3306"))
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
func (v *reported) arbitrators(c *Component) int {
	if !c.Primary {
		return 0
	}
	joining, listed, read := false, -1, time.Time{}
	for _, n := range v.nodes {
		joining = joining || n.Status().State() == StateJoining
		m := n.Sample.Slow.Members
		if m == nil || m.Error != "" || !c.Size.Known || int64(len(m.Rows)) != c.Size.V {
			continue
		}
		if empty := countEmpty(m.Rows); listed < 0 || m.At.After(read) || (m.At.Equal(read) && empty > listed) {
			listed, read = empty, m.At
		}
	}
	if listed >= 0 {
		return listed
	}
	if extra := c.Size.Or(0) - int64(len(c.Members)); extra > 0 && !joining && len(c.Members) > 0 {
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
