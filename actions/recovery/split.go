package recovery

import (
	"slices"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

const splitMeans = "Every side takes writes that the others never see. Galera does not merge them again, not even when the network is whole. " +
	"The sides share a history, so a node of the wrong side that merely restarts may get IST and report Synced with rows that differ: it has to come back by SST."

// foundedAlone is for a node that was started as the first one of a new cluster
// while its peers were up.
func foundedAlone(w *world) *Move {
	f := w.finding("founded-alone", "")
	if f == nil || len(w.primaries) < 2 || w.Choices.Keep != "" {
		return nil
	}
	n := w.find(f.About)
	if n == nil || n.stand != inPrimary {
		return nil
	}
	return w.stopLoser(n, Move{
		Found: f.Evidence, Sides: w.sides(),
		Means: f.Title + ". It goes out, and comes back by SST only; a copy of its data can be kept first. What founded it is looked for in its option files before it is started again.",
	})
}

// splitBrain is for several Primary Components.
func splitBrain(w *world) *Move {
	if len(w.primaries) < 2 {
		return nil
	}
	keep := w.componentOf(w.Choices.Keep)
	if keep == nil || !keep.Primary || !w.allGivenUp(keep) {
		if w.finding("split-brain", "") == nil && w.finding("founded-alone", "") == nil {
			return &Move{
				Kind: Watch, Title: "Several Primary Components are seen: looking again", Found: w.rows(w.nodes), Sides: w.sides(),
				Means: "While the membership changes, nodes may show two views for a moment.",
			}
		}
		return w.askSide()
	}
	for _, n := range w.at(inPrimary, onTheWay) {
		if other := w.componentOf(n.ID); other != nil && other.Primary && other != keep {
			return w.stopLoser(n, Move{Found: w.rows(w.nodes), Sides: w.sides(), Means: splitMeans})
		}
	}
	return nil
}

// allGivenUp reports whether all sides but one were given up: a choice that was
// made in another split brain is none in this one.
func (w *world) allGivenUp(keep *model.Component) bool {
	for _, p := range w.primaries {
		for _, id := range p.Nodes {
			if given := slices.Contains(w.Choices.Losers, id); given == (p == keep) {
				return false
			}
		}
	}
	return true
}

// askSide lets a person choose what no figure decides.
func (w *world) askSide() *Move {
	m := &Move{
		Kind: Ask, Title: "Which side is kept?", Found: w.rows(w.nodes), Sides: w.sides(), Means: splitMeans,
		Will: []string{
			"stop the applications' writes to the side that you do not keep, now, at the load balancer",
			"the nodes of the other side are stopped one by one; a copy of their data can be kept; then they get an SST",
		},
		Lost:     []string{"for this cluster, everything that was written to the other side since they parted; no figure here says how much that is, the seqno and the writes a second are a hint"},
		Question: &Question{Need: NeedSide, Text: "type the name of a node of the side to keep"},
	}
	for _, s := range m.Sides {
		for _, n := range w.of(s.Nodes) {
			m.Question.Nodes = append(m.Question.Nodes, n.ID)
			m.Question.Answers = append(m.Question.Answers, n.Name)
		}
	}
	return m
}

// stopLoser takes a node of a side that was given up out.
func (w *world) stopLoser(n *node, m Move) *Move {
	m.Title = "Stop the server of " + n.Name + ", whose side is given up"
	m.Will = []string{"its clients are disconnected, and what they wrote there stays in its data until the SST"}
	m.Lost = []string{"nothing yet: its data stays where it is"}
	if !w.reaches() {
		hand := w.byHand(m.Title, m.Means, nil, []HandCommand{{n.Name, "systemctl stop mariadb", "and do not start it again before its grastate.dat is gone"}})
		hand.Found, hand.Sides, hand.Node = m.Found, m.Sides, n.ID
		return hand
	}
	return w.act(Order{Node: n.ID, Action: actions.StopService}, m)
}

// componentOf is the component that a node is in; nil: none.
func (w *world) componentOf(id string) *model.Component {
	for i := range w.Components {
		if slices.Contains(w.Components[i].Nodes, id) {
			return &w.Components[i]
		}
	}
	return nil
}

// sides are the Primary Components side by side.
func (w *world) sides() []Side {
	out := make([]Side, 0, len(w.primaries))
	for _, p := range w.primaries {
		s := Side{Nodes: p.Nodes, Names: names(w.of(p.Nodes))}
		for _, n := range w.of(p.Nodes) {
			st := n.Status()
			if s.History == "" {
				s.History = st.ClusterStateUUID
			}
			if st.LastCommitted.Known && (!s.Seqno.Known || st.LastCommitted.V > s.Seqno.V) {
				s.Seqno = st.LastCommitted
			}
			if r := n.Rates.Committed; r.Known && (!s.Writes.Known || r.V > s.Writes.V) {
				s.Writes = r
			}
			if st.ThreadsConnected.Known {
				s.Clients = model.N(s.Clients.V + st.ThreadsConnected.V)
			}
		}
		out = append(out, s)
	}
	return out
}

// crashSides finds that the nodes that are down belonged to several Primary
// Components when they were last seen. The seqnos of the sides of a split brain
// say nothing about one another although the history is the same.
func crashSides(w *world) *Move {
	sides := w.sidesLastSeen()
	if len(sides) < 2 {
		return nil
	}
	keep := -1
	for i, side := range sides {
		if slices.ContainsFunc(side, func(n *node) bool { return n.ID == w.Choices.Keep }) {
			keep = i
		}
	}
	if keep >= 0 {
		return nil // the others are losers, and so no candidates
	}
	m := &Move{
		Kind: Ask, Title: "Which side is kept? The nodes were in a split brain when they went down", Found: w.rows(w.nodes),
		Means: splitMeans + " Their seqnos cannot be compared, although they are of one history.",
		Will:  []string{"the other side is left out when the first node is chosen, and comes back by SST"},
		Lost:  []string{"for this cluster, everything that was written to the other side since they parted"},
		Question: &Question{
			Need: NeedSide, Text: "type the name of a node of the side to keep",
		},
	}
	for _, side := range sides {
		m.Found = append(m.Found, row("", "one side, as last seen", names(side)))
		for _, n := range side {
			m.Question.Nodes = append(m.Question.Nodes, n.ID)
			m.Question.Answers = append(m.Question.Answers, n.Name)
		}
	}
	return m
}

// sidesLastSeen groups the nodes by their last views of a Primary Component; views
// that share a member are one.
func (w *world) sidesLastSeen() [][]*node {
	type view struct {
		members []string
		nodes   []*node
	}
	var views []view
	for _, n := range w.nodes {
		members := n.lastView()
		if n.dead || members == nil {
			continue
		}
		merged := view{members, []*node{n}}
		var rest []view
		for _, v := range views {
			if slices.ContainsFunc(v.members, func(m string) bool { return slices.Contains(merged.members, m) }) {
				merged.members = append(slices.Clone(v.members), merged.members...)
				merged.nodes = append(slices.Clone(v.nodes), merged.nodes...)
				continue
			}
			rest = append(rest, v)
		}
		rest = append(rest, merged)
		views = rest
	}
	out := make([][]*node, len(views))
	for i, v := range views {
		out[i] = v.nodes
	}
	return out
}

// lastView are the members of the Primary Component in which the node was last
// seen, itself among them; nil: in none, or it did not tell.
func (n *node) lastView() []string {
	if n.Sample == nil || !n.Status().InPrimary() {
		return nil
	}
	members, _ := n.Status().Members()
	if len(members) == 0 {
		return nil
	}
	out := append([]string{n.Address}, n.Sample.Server.Incoming)
	return slices.DeleteFunc(append(out, members...), func(m string) bool { return m == "" })
}

// losers are all nodes whose side was given up: by choice, or since they were last
// seen Primary apart from those who are now.
func (w *world) losers() []string {
	out := slices.Clone(w.Choices.Losers)
	if f := w.finding("founded-alone", ""); f != nil && w.Choices.Keep == "" && len(w.primaries) > 1 {
		out = append(out, f.About)
	}
	for _, n := range w.nodes {
		if !slices.Contains(out, n.ID) && w.wroteApart(n) != "" {
			out = append(out, n.ID)
		}
	}
	return out
}

// wroteApart says that a node was Primary apart from those who are now; "" when it
// was not.
func (w *world) wroteApart(n *node) string {
	if len(w.primaries) != 1 || n.stand == inPrimary || n.stand == onTheWay {
		return ""
	}
	if slices.Contains(w.Apart, n.ID) {
		return "it was seen Primary beside others"
	}
	view := n.lastView()
	if view == nil {
		return ""
	}
	for _, other := range w.at(inPrimary) {
		if slices.ContainsFunc(view, other.Has) {
			return ""
		}
	}
	for _, m := range w.primaries[0].Members {
		if slices.Contains(view, m) {
			return ""
		}
	}
	return "when it was last seen it was Primary without " + names(w.of(w.primaries[0].Nodes))
}

// sidesOf is the ID of the named node, and the nodes of the other sides: of the
// Primary Components that are seen, or were last seen.
func (w *world) sidesOf(name string) (keep string, losers []string) {
	sides := w.sidesLastSeen()
	if len(w.primaries) > 1 {
		sides = nil
		for _, p := range w.primaries {
			sides = append(sides, w.of(slices.Concat(p.Nodes, p.Silent)))
		}
	}
	for _, side := range sides {
		if i := slices.IndexFunc(side, func(n *node) bool { return n.Name == name }); i >= 0 {
			keep = side[i].ID
			continue
		}
		losers = append(losers, ids(side)...)
	}
	return keep, slices.DeleteFunc(losers, func(id string) bool { return id == keep })
}

// givenUp are the nodes whose writes an order may give up: those that were
// declared lost, unless they are known to have nothing that the chosen one lacks.
// The group will pass their position with other writes, and an IST would then keep
// theirs: they come back by SST only.
func (w *world) givenUp(o Order) []string {
	var uuid string
	var seqno int64
	n := w.find(o.Node)
	switch o.Action {
	case actions.BootstrapService:
		p := w.positionOf(n)
		uuid, seqno = p.UUID, p.Seqno
	case opMakePrimary:
		uuid, seqno = n.Status().ClusterStateUUID, n.Status().LastCommitted.Or(-1)
	default:
		return nil
	}
	var out []string
	for _, n := range w.nodes {
		if p := w.positionOf(n); n.dead && (!p.Exact() || p.UUID != uuid || p.Seqno > seqno) {
			out = append(out, n.ID)
		}
	}
	return out
}
