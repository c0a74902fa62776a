package model

import (
	"slices"
	"strings"
	"testing"
)

const ownHistory, foreignHistory = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"

// serving is a Synced member of the history that holds the write-sets from one
// seqno to another.
func serving(name string, from, head int64) *Node {
	n := cached(name, from, head)
	n.Sample.Status.ClusterStateUUID, n.Sample.Status.LocalStateUUID = ownHistory, ownHistory
	return n
}

func placed(seqno int64) Joiner {
	return Joiner{Node: "j:3306", UUID: ownHistory, Seqno: N(seqno), Segment: N(0)}
}

func inSegment(n *Node, segment int64) *Node {
	n.Sample.Status.Segment = N(segment)
	return n
}

func indexed(n *Node, index int64) *Node {
	n.Sample.Status.LocalIndex = N(index)
	return n
}

func donating1(n *Node) *Node {
	donate(n)
	return n
}

// forecast is for a group that consists of the nodes, those that are no members of
// it apart.
func forecast(j Joiner, nodes ...*Node) (JoinForecast, *Snapshot) {
	var members []string
	for _, n := range nodes {
		if n.Status().ClusterStateUUID == ownHistory {
			members = append(members, n.Address)
		}
	}
	for _, n := range nodes {
		if st := n.Status(); len(members) > 1 || st.ClusterSize.V > 1 {
			st.IncomingAddrs, st.ClusterSize = strings.Join(members, ","), N(int64(len(members)))
		}
	}
	s := &Snapshot{Nodes: nodes}
	s.Complete()
	return ForecastJoin(s, j, R(10)), s
}

func TestISTNeedsADonorThatHoldsWhatIsMissing(t *testing.T) {
	for name, c := range map[string]struct {
		nodes []*Node
		seqno int64
		kind  Prospect
		donor string
	}{
		"well inside":                         {[]*Node{serving("a", 1, 1000)}, 900, ProspectIST, "a"},
		"nothing is missing":                  {[]*Node{serving("a", 1, 1000)}, 1000, ProspectIST, "a"},
		"at the lowest that is cached":        {[]*Node{serving("a", 100, 200)}, 100, ProspectIST, "a"},
		"the next seqno is the lowest":        {[]*Node{serving("a", 100, 200)}, 99, ProspectSST, "a"},
		"inside the margin":                   {[]*Node{serving("a", 1, 128_001)}, 1000, ProspectSST, "a"},
		"at the margin":                       {[]*Node{serving("a", 1, 128_001)}, 1001, ProspectIST, "a"},
		"the margin ends at 2^20":             {[]*Node{serving("a", 1, 1<<40)}, 1<<20 + 1, ProspectIST, "a"},
		"and not before":                      {[]*Node{serving("a", 1, 1<<40)}, 1 << 20, ProspectSST, "a"},
		"only one of them holds it":           {[]*Node{serving("a", 500, 1000), serving("b", 100, 1000)}, 200, ProspectIST, "b"},
		"of several, who holds least":         {[]*Node{serving("a", 1, 1000), serving("b", 500, 1000)}, 900, ProspectIST, "b"},
		"of equals, the last in the view":     {[]*Node{indexed(serving("a", 1, 1000), 1), indexed(serving("b", 1, 1000), 0)}, 900, ProspectIST, "a"},
		"the same segment serves first":       {[]*Node{inSegment(serving("a", 500, 1000), 1), inSegment(serving("b", 1, 1000), 0)}, 900, ProspectIST, "b"},
		"another segment is better than none": {[]*Node{inSegment(serving("a", 1, 1000), 1)}, 900, ProspectIST, "a"},
		"a busy donor widens the margin only": {[]*Node{donating1(serving("a", 1, 1000)), serving("b", 500, 1000)}, 400, ProspectSST, "b"},
		"the donor is busy":                   {[]*Node{donating1(serving("a", 1, 1000))}, 900, ProspectImpossible, ""},
		"an empty gcache":                     {[]*Node{serving("a", -1, 1000), serving("b", 0, 1000)}, 900, ProspectUnknown, ""},
		"ahead of the group":                  {[]*Node{serving("a", 1, 1000)}, 1001, ProspectImpossible, ""},
	} {
		f, s := forecast(placed(c.seqno), c.nodes...)
		donor := ""
		if d := s.Node(f.Donor); d != nil {
			donor = d.Name
		}
		if f.Kind != c.kind || donor != c.donor {
			t.Errorf("%s: %s from %q: %s", name, f.Kind, donor, f.Words(s))
		}
	}
}

func TestAForecastSaysWhyAndHowLong(t *testing.T) {
	a, b := serving("a", 1, 100_000), indexed(serving("b", 50_001, 100_000), 1)
	for name, c := range map[string]struct {
		joiner Joiner
		nodes  []*Node
		want   string
	}{
		"IST":                   {placed(90_000), []*Node{a, b}, "IST from b: it lacks 10000 write-sets, and that stays possible for at least 2 hours at the present write rate"},
		"the window has passed": {placed(100), []*Node{a, b}, "SST from a: the group's gcache has moved past it by 682 write-sets"},
		"another history":       {Joiner{UUID: foreignHistory, Seqno: N(5)}, []*Node{a, b}, "SST from a: its data belongs to another history"},
		"no history":            {Joiner{UUID: strings.Repeat("0", 8) + "-0000-0000-0000-000000000000", Seqno: N(-1)}, []*Node{a, b}, "SST from a: its data belongs to no history"},
		"size and pace": {
			Joiner{Blank: "grastate.dat is not there", Size: N(34 << 30), Pace: R(100 << 20)},
			[]*Node{a, b},
			"SST from a: grastate.dat is not there, 34 GiB to copy, about 5 minutes at the pace of the last copy",
		},
		"not recovered":  {Joiner{UUID: ownHistory, Seqno: N(-1)}, []*Node{a, b}, "not known: its position is not known: it has to be recovered first (the joiner's position)"},
		"nothing at all": {Joiner{}, []*Node{a, b}, "not known: its position is not known: it has to be recovered first (the joiner's position)"},
		"nobody":         {placed(5), nil, "not known: no member of a Primary Component answers"},
		"all silent":     {placed(5), []*Node{silent("a")}, "not known: no member of a Primary Component answers (a does not answer)"},
		"no Primary":     {placed(5), []*Node{answering("a", NonPrimary, StateInitialized, "a")}, "cannot join now: no member is in a Primary Component: the node would wait for one"},
		"one is silent": {
			placed(100),
			[]*Node{a, silent("b")},
			"not known: no member that answers can serve it by IST, but not all of them answer (b does not answer)",
		},
		"ahead": {placed(100_005), []*Node{a, b}, "cannot join now: it is ahead of the group by 5 write-sets, and Galera ends a node that would reverse history"},
		"skip": {
			Joiner{Blank: "the data directory is empty", Method: "skip"},
			[]*Node{a, b},
			"not known: it needs a full copy (the data directory is empty), but wsrep_sst_method is skip: it would join with whatever data it has (whether somebody has copied the data by hand)",
		},
	} {
		f, s := forecast(c.joiner, c.nodes...)
		if got := f.Words(s); got != c.want {
			t.Errorf("%s: %q, not %q", name, got, c.want)
		}
	}
	if f, s := forecast(placed(90_000), a, b); !slices.ContainsFunc(f.Evidence, func(e Evidence) bool {
		return e.Node == "b" && e.Variable == "wsrep_local_cached_downto" && e.Value == "50001"
	}) {
		t.Errorf("no evidence of %s: %+v", f.Words(s), f.Evidence)
	}
}

func TestWhoServesAFullCopy(t *testing.T) {
	near, far := indexed(inSegment(serving("near", 1, 9), 0), 1), indexed(inSegment(serving("far", 1, 9), 1), 0)
	busy := donating1(indexed(inSegment(serving("busy", 1, 9), 0), 2))
	for name, c := range map[string]struct {
		donors string
		nodes  []*Node
		want   string
	}{
		"the first of the segment":      {"", []*Node{indexed(serving("z", 1, 9), 3), far, near}, "near"},
		"elsewhere if nobody is near":   {"", []*Node{far}, "far"},
		"it waits for one that is":      {"", []*Node{far, busy}, "cannot join now: b, and Galera waits for a donor in the joiner's own segment, and busy there is not Synced"},
		"a named one":                   {"far,", []*Node{near, far}, "far"},
		"a named one that is not there": {"gone,", []*Node{near, far}, "near"},
		"a named one and no other":      {"gone", []*Node{near, far}, "cannot join now: b, and wsrep_sst_donor allows only gone, and that is not there and Synced"},
	} {
		f, s := forecast(Joiner{Blank: "b", Segment: N(0), Donors: c.donors}, c.nodes...)
		got := f.Words(s)
		if d := s.Node(f.Donor); d != nil {
			got = d.Name
		}
		if got != c.want {
			t.Errorf("%s: %q, not %q", name, got, c.want)
		}
	}
}

func TestTwoPrimaryComponentsCannotBeForecast(t *testing.T) {
	side := func(name string) *Node {
		n := answering(name, Primary, StateSynced, name)
		n.Sample.Status.ClusterStateUUID, n.Sample.Status.CachedDownto, n.Sample.Status.LastCommitted = ownHistory, N(1), N(100)
		return n
	}
	split := func(j Joiner, nodes ...*Node) (JoinForecast, *Snapshot) {
		s := &Snapshot{Nodes: nodes}
		s.Complete()
		return ForecastJoin(s, j, R(10)), s
	}
	f, s := split(placed(50), side("a"), side("b"))
	if f.Kind != ProspectUnknown || !strings.Contains(f.Why, "2 Primary Components") {
		t.Errorf("%s", f.Words(s))
	}
	// One side as the joiner: the positions fit, the rows may not.
	b := side("b")
	f, s = split(JoinerOf(b), side("a"), b)
	if f.Kind != ProspectIST || !strings.Contains(f.Words(s), "b is in a Primary Component of its own") {
		t.Errorf("%s", f.Words(s))
	}
}

func TestBytesAreSaidInWords(t *testing.T) {
	for n, want := range map[int64]string{1: "1 byte", 1000: "1000 bytes", 1 << 20: "1.0 MiB", 34 << 30: "34 GiB", 1 << 62: "4096 PiB"} {
		if got := ByteWords(n); got != want {
			t.Errorf("%d is %q", n, got)
		}
	}
}
