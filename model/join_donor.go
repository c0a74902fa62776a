package model

import (
	"cmp"
	"slices"
	"strings"
)

// group is what a joiner would find: the nodes that answer from inside of a
// Primary Component, without the joiner itself.
type group struct {
	members []*Node
	head    int64 // the highest seqno that any of them has committed, -1 if none says
	lowest  int64 // the lowest seqno that any of them caches, -1 if none says
}

func groupFor(s *Snapshot, without string) group {
	g := group{head: -1, lowest: -1}
	for _, n := range s.Nodes {
		st := n.Status()
		if n.ID == without || !n.Up() || !st.InPrimary() {
			continue
		}
		g.members = append(g.members, n)
		g.head = max(g.head, st.LastCommitted.Or(-1))
		if c, ok := caches(n); ok && (g.lowest < 0 || c < g.lowest) {
			g.lowest = c
		}
	}
	return g
}

// caches is the lowest seqno in the node's gcache; not ok when it is empty, which
// is -1 or, on PXC, 0.
func caches(n *Node) (int64, bool) {
	c := n.Status().CachedDownto
	return c.V, c.Known && c.V > 0
}

// safe is the lowest position from which a joiner gets IST: the group's lowest
// cached seqno, and above it a margin of a 128th of what is cached, at most 2^20,
// since the gcache moves on while the joiner starts (galera gcs_group.cpp,
// group_find_ist_donor). What each donor holds bounds it too, see istDonors.
func (g *group) safe() (int64, bool) {
	if g.lowest < 0 || g.head < g.lowest {
		return 0, false
	}
	return g.lowest + min((g.head-g.lowest)/128, 1<<20), true
}

// istDonors are the members that could serve a joiner at the position: Synced, and
// holding all that it lacks.
func (g *group) istDonors(position int64) []*Node {
	if first, ok := g.safe(); !ok || position < first {
		return nil
	}
	var able []*Node
	for _, n := range g.members {
		if c, ok := caches(n); ok && c <= position+1 && n.Synced() {
			able = append(able, n)
		}
	}
	return able
}

// preferred is the one of them that Galera takes: one that wsrep_sst_donor names,
// then of the joiner's segment, then any; of several the one that caches least, of
// equals the last (gcs_group.cpp, group_find_ist_donor_by_state).
func (j *Joiner) preferred(able []*Node) *Node {
	return slices.MinFunc(able, func(a, b *Node) int {
		return cmp.Or(
			cmp.Compare(j.distance(a), j.distance(b)),
			cmp.Compare(b.Status().CachedDownto.V, a.Status().CachedDownto.V),
			cmp.Compare(b.Status().LocalIndex.V, a.Status().LocalIndex.V))
	})
}

// lasting is the one of them that can serve the longest.
func lasting(able []*Node) *Node {
	return slices.MinFunc(able, func(a, b *Node) int {
		return cmp.Compare(a.Status().CachedDownto.V, b.Status().CachedDownto.V)
	})
}

// distance orders members as donors for IST: named, near, far.
func (j *Joiner) distance(n *Node) int {
	switch {
	case slices.Contains(j.donors(), n.Name):
		return 0
	case !j.far(n):
		return 1
	}
	return 2
}

// sstDonor is the member that Galera takes to serve a full copy: one that
// wsrep_sst_donor names, or, unless that list lacks a comma at its end, the first
// Synced one of the joiner's segment, or the last one elsewhere if nobody in the
// segment could ever serve (gcs_group.cpp, group_find_node_by_state). Without a
// donor it says why the joiner has to wait.
func (g *group) sstDonor(j *Joiner) (donor *Node, why string) {
	members := slices.SortedStableFunc(slices.Values(g.members), func(a, b *Node) int {
		return int(a.Status().LocalIndex.Or(0) - b.Status().LocalIndex.Or(0))
	})
	for _, name := range j.donors() {
		if i := slices.IndexFunc(members, func(n *Node) bool { return n.Name == name && n.Synced() }); i >= 0 {
			return members[i], ""
		}
	}
	if list := strings.TrimSpace(j.Donors); list != "" && !strings.HasSuffix(list, ",") {
		return nil, "wsrep_sst_donor allows only " + Printable(list, 200) + ", and that is not there and Synced"
	}
	near := ""
	for _, n := range members {
		switch {
		case n.Synced() && !j.far(n):
			return n, ""
		case n.Synced():
			donor = n
		case !j.far(n) && n.Status().State() != StateInitialized:
			near = n.Name
		}
	}
	if donor != nil && near != "" {
		return nil, "Galera waits for a donor in the joiner's own segment, and " + near + " there is not Synced"
	}
	if donor == nil {
		return nil, "no member that answers is Synced and could serve it"
	}
	return donor, ""
}

// donors are the names in wsrep_sst_donor.
func (j *Joiner) donors() []string {
	return strings.FieldsFunc(j.Donors, func(r rune) bool { return r == ',' || r == ' ' })
}

// far reports whether the member is known to be in another segment.
func (j *Joiner) far(n *Node) bool {
	segment := n.Status().Segment
	return j.Segment.Known && segment.Known && segment != j.Segment
}
