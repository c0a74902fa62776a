package model

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Quorum is what the loss of members would do to a Primary Component, by the
// weights of its members now.
type Quorum struct {
	Total int64  `json:"total"` // weight of all members
	Votes []Vote `json:"votes"` // the members, by name, arbitrators last
	// Assumed says that some weight was not read but taken as 1, the default;
	// where the server tells the component's weight, it does not contradict.
	Assumed bool `json:"assumed,omitempty"`
	// Crashes is how many simultaneous crashes are survived whoever they hit, and
	// InTurn how many when each has been digested before the next.
	Crashes int `json:"crashes_survived"`
	InTurn  int `json:"crashes_in_turn_survived"`
	// EvenSplit says that the members can be cut into two halves of the same
	// weight, both of which would stop.
	EvenSplit bool   `json:"even_split"`
	Sites     []Site `json:"sites,omitempty"` // by segment, where there are several
}

// Vote is one member of a Primary Component and what its loss would do.
type Vote struct {
	Node       string `json:"node,omitempty"` // ID; empty for an arbitrator or a member that nobody follows
	Name       string `json:"name"`
	Weight     int64  `json:"weight"` // pc.weight, 0..255
	Arbitrator bool   `json:"arbitrator,omitempty"`
	CrashKeeps bool   `json:"crash_keeps"` // the others stay Primary after its crash
	CrashThen  int    `json:"crash_then"`  // and survive this many crashes more, whoever they hit
	StopKeeps  bool   `json:"stop_keeps"`  // the same after a graceful stop
	StopThen   int    `json:"stop_then"`
}

// Site is the members of one segment.
type Site struct {
	Segment   int64    `json:"segment"`
	Nodes     []string `json:"nodes"` // IDs
	Weight    int64    `json:"weight"`
	LossKeeps bool     `json:"loss_keeps"` // the other sites stay Primary without it
	Alone     bool     `json:"alone"`      // it stays Primary when it is cut off from the others
}

// Keeps is the rule by which Galera keeps a Primary Component: of the weight of
// the last one, present is still there and left went gracefully (galera
// gcomm/src/pc_proto.cpp, have_quorum). Equality is a loss.
func Keeps(total, present, left int64) bool { return 2*present+left > total }

// AfterCrash reports whether the rest stays Primary when all the given nodes
// crash at once.
func (q *Quorum) AfterCrash(nodes ...string) bool {
	present := q.Total
	for i := range q.Votes {
		if v := &q.Votes[i]; v.Node != "" && slices.Contains(nodes, v.Node) {
			present -= v.Weight
		}
	}
	return Keeps(q.Total, present, 0)
}

// AfterStop reports whether the rest stays Primary when the node leaves
// gracefully.
func (q *Quorum) AfterStop(node string) bool {
	for i := range q.Votes {
		if v := &q.Votes[i]; v.Node == node && node != "" {
			return Keeps(q.Total, q.Total-v.Weight, v.Weight)
		}
	}
	return Keeps(q.Total, q.Total, 0)
}

// crashes is how many simultaneous crashes are survived in the worst case, by
// the weights in descending order; the one at skip has gone already (-1: none).
func crashes(weights []int64, skip int) int {
	var total int64
	for i, w := range weights {
		if i != skip {
			total += w
		}
	}
	n, present := 0, total
	for i, w := range weights {
		if i == skip {
			continue
		}
		if present -= w; !Keeps(total, present, 0) {
			break
		}
		n++
	}
	return n
}

// crashesInTurn is how many crashes one after the other are survived in the worst
// case, by the weights in descending order. The fastest way to the end loses the
// next heaviest until the heaviest alone is half of the rest, and then that.
func crashesInTurn(weights []int64) int {
	if len(weights) == 0 {
		return 0
	}
	var total int64
	for _, w := range weights {
		total += w
	}
	n := 0
	for _, w := range weights[1:] {
		if !Keeps(total, total-weights[0], 0) {
			break
		}
		total -= w
		n++
	}
	return n
}

// halves reports whether some of the weights add up to half of all of them.
func halves(weights []int64) bool {
	var total int64
	for _, w := range weights {
		total += w
	}
	if total == 0 || total%2 != 0 {
		return false
	}
	reached := make([]bool, total/2+1)
	reached[0] = true
	for _, w := range weights {
		for sum := total / 2; sum >= w; sum-- {
			reached[sum] = reached[sum] || reached[sum-w]
		}
	}
	return reached[total/2]
}

// newQuorum reckons everything that follows from who votes with which weight.
func newQuorum(votes []Vote) *Quorum {
	q := &Quorum{Votes: votes}
	// Heaviest first for the reckoning, by name for people.
	slices.SortStableFunc(votes, func(a, b Vote) int { return cmp.Compare(b.Weight, a.Weight) })
	weights := make([]int64, len(votes))
	for i := range votes {
		weights[i] = votes[i].Weight
		q.Total += votes[i].Weight
	}
	q.Crashes, q.InTurn, q.EvenSplit = crashes(weights, -1), crashesInTurn(weights), halves(weights)
	for i := range votes {
		v := &votes[i]
		v.CrashKeeps = Keeps(q.Total, q.Total-v.Weight, 0)
		v.StopKeeps = Keeps(q.Total, q.Total-v.Weight, v.Weight)
		then := crashes(weights, i)
		if v.CrashKeeps {
			v.CrashThen = then
		}
		if v.StopKeeps {
			v.StopThen = then
		}
	}
	slices.SortStableFunc(votes, func(a, b Vote) int {
		if a.Arbitrator != b.Arbitrator {
			if b.Arbitrator {
				return -1
			}
			return 1
		}
		return cmp.Or(CompareNatural(a.Name, b.Name), cmp.Compare(a.Node, b.Node))
	})
	return q
}

// quorumOf reckons the quorum of a component; nil outside of a Primary one and
// where the weights that are known contradict the component's own.
func quorumOf(c *Component, nodes []*Node) *Quorum {
	if !c.Primary || c.Size.Or(0) <= 0 {
		return nil
	}
	votes, unread := votesOf(c, nodes)
	assumed, ok := weigh(votes, unread, c.Weight)
	if !ok {
		return nil
	}
	q := newQuorum(votes)
	q.Assumed = assumed
	q.Sites = sitesOf(q, c.Segments)
	return q
}

// votesOf lists the members with the weights that were read; unread are the
// indices of the others, servers and arbitrators.
func votesOf(c *Component, nodes []*Node) (votes []Vote, unread []int) {
	add := func(v Vote, known bool) {
		if !known {
			unread = append(unread, len(votes))
		}
		votes = append(votes, v)
	}
	listed := make(map[string]bool, len(c.Members))
	for _, m := range c.Members {
		i := slices.IndexFunc(nodes, func(n *Node) bool { return n.isMember(m) })
		if i < 0 {
			add(Vote{Name: m}, false)
			continue
		}
		n := nodes[i]
		weight, known := weightOf(n)
		listed[n.ID] = true
		add(Vote{Node: n.ID, Name: n.Name, Weight: weight}, known)
	}
	// Members without an address in the view.
	for _, id := range c.Nodes {
		i := slices.IndexFunc(nodes, func(n *Node) bool { return n.ID == id })
		if int64(len(votes)+c.Arbitrators) < c.Size.V && i >= 0 && !listed[id] {
			weight, known := weightOf(nodes[i])
			add(Vote{Node: id, Name: nodes[i].Name, Weight: weight}, known)
		}
	}
	for int64(len(votes)+c.Arbitrators) < c.Size.V {
		add(Vote{Name: "a member without an address"}, false)
	}
	for range c.Arbitrators {
		add(Vote{Name: ArbitratorName, Arbitrator: true}, false)
	}
	return votes, unread
}

// weigh gives the votes that were not read what the component's weight leaves
// for them. Several of them weigh 1 each, if that adds up.
func weigh(votes []Vote, unread []int, weight Num) (assumed, ok bool) {
	rest := weight.V
	for i := range votes {
		rest -= votes[i].Weight
	}
	even := int64(len(unread))
	switch {
	case !weight.Known || weight.V <= 0:
		assumed = even > 0
	case rest == even:
		assumed = even > 1
	case even == 1 && rest >= 0:
		votes[unread[0]].Weight = rest
		return false, true
	default:
		return false, false
	}
	for _, i := range unread {
		votes[i].Weight = 1
	}
	return assumed, true
}

// weightOf is the node's pc.weight, known once its variables were read.
func weightOf(n *Node) (int64, bool) {
	if n.Sample == nil || n.Sample.Slow.Variables == nil {
		return 0, false
	}
	if own, plugin := n.Sample.Slow.Variables.Values[PluginVariable("pc.weight")]; plugin {
		w := ParseNum(own)
		return max(w.V, 0), w.Known && w.V >= 0
	}
	// The options are long and this runs at every tick: only one is cut out.
	_, rest, found := strings.Cut(n.Sample.Slow.Variables.Values["wsrep_provider_options"], "pc.weight")
	if !found {
		return 0, false
	}
	value, _, _ := strings.Cut(rest, ";")
	w, err := strconv.ParseInt(strings.Trim(value, " ="), 10, 64)
	return max(w, 0), err == nil && w >= 0
}

// sitesOf groups the votes by segment, nil unless every server's is known and
// there are several. An arbitrator tells nobody its segment: it counts as being
// elsewhere.
func sitesOf(q *Quorum, segments map[string]int64) []Site {
	var sites []Site
	for i := range q.Votes {
		v := &q.Votes[i]
		if v.Arbitrator {
			continue
		}
		segment, known := segments[v.Node]
		if !known {
			return nil
		}
		at := slices.IndexFunc(sites, func(s Site) bool { return s.Segment == segment })
		if at < 0 {
			at, sites = len(sites), append(sites, Site{Segment: segment})
		}
		sites[at].Nodes = append(sites[at].Nodes, v.Node)
		sites[at].Weight += v.Weight
	}
	if len(sites) < 2 {
		return nil
	}
	slices.SortFunc(sites, func(a, b Site) int { return cmp.Compare(a.Segment, b.Segment) })
	for i := range sites {
		s := &sites[i]
		s.LossKeeps, s.Alone = Keeps(q.Total, q.Total-s.Weight, 0), Keeps(q.Total, s.Weight, 0)
	}
	return sites
}
