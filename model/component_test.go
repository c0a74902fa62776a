package model

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// answering makes a node that answers from a component of members.
func answering(name string, status string, state State, members ...string) *Node {
	for i, m := range members {
		if m != "" {
			members[i] = m + ":3306"
		}
	}
	s := &Sample{}
	s.Server.NodeName, s.Server.Incoming = name, name+":3306"
	s.Status = Status{
		ClusterStatus: status, ClusterSize: N(int64(len(members))), LocalState: N(int64(state)), ConfID: N(7),
		IncomingAddrs: strings.Join(members, ","), Ready: On,
	}
	if status != Primary {
		s.Status.ConfID, s.Status.Ready = N(-1), Off
	}
	return &Node{ID: name + ":3306", Name: name, Address: name + ":3306", Link: LinkUp, Sample: s}
}

func silent(name string) *Node {
	return &Node{ID: name + ":3306", Name: name, Address: name + ":3306", Link: LinkDown}
}

// shape writes components as "+a,b -c": primary or not, and their nodes.
func shape(components []Component) string {
	var parts []string
	for _, c := range components {
		sign := "-"
		if c.Primary {
			sign = "+"
		}
		parts = append(parts, sign+strings.ReplaceAll(strings.Join(c.Nodes, ","), ":3306", ""))
	}
	return strings.Join(parts, " ")
}

func TestNodesAreGroupedByWhatTheyReport(t *testing.T) {
	joiner := answering("c", NonPrimary, StateJoining, "a", "b", "c")
	joiner.Sample.Status.ConfID = N(7)
	for name, c := range map[string]struct {
		nodes []*Node
		want  string
	}{
		"one cluster": {[]*Node{
			answering("a", Primary, StateSynced, "a", "b", "c"), answering("b", Primary, StateSynced, "a", "b", "c"), answering("c", Primary, StateDonor, "a", "b", "c"),
		}, "+a,b,c"},
		"a partition": {[]*Node{
			answering("a", Primary, StateSynced, "a", "b"), answering("b", Primary, StateSynced, "a", "b"), answering("c", NonPrimary, StateInitialized, "c"),
		}, "+a,b -c"},
		"two Primaries that differ in nothing but their members": {[]*Node{
			answering("a", Primary, StateSynced, "a", "b"), answering("b", Primary, StateSynced, "a", "b"),
			answering("c", Primary, StateSynced, "c", "d"), answering("d", Primary, StateSynced, "c", "d"),
		}, "+a,b +c,d"},
		"a joiner that says non-Primary": {[]*Node{
			answering("a", Primary, StateDonor, "a", "b", "c"), answering("b", Primary, StateSynced, "a", "b", "c"), joiner,
		}, "+a,b,c"},
		"all alone": {[]*Node{
			answering("a", NonPrimary, StateInitialized, "a"), answering("b", NonPrimary, StateInitialized, "b"), answering("c", NonPrimary, StateInitialized, "c"),
		}, "-a -b -c"},
		"evicted, silent and without wsrep": {[]*Node{
			answering("a", Primary, StateSynced, "a"), answering("b", Disconnected, StateInconsistent), silent("c"),
			{ID: "d", Name: "d", Link: LinkUp, Sample: &Sample{}},
		}, "+a"},
	} {
		if got := shape(Components(c.nodes)); got != c.want {
			t.Errorf("%s: %s, not %s", name, got, c.want)
		}
	}
}

func TestComponentsDoNotDependOnTheOrderOfSampling(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	make5 := func() []*Node {
		return []*Node{
			answering("a", Primary, StateSynced, "a", "b"), answering("b", Primary, StateSynced, "a", "b"),
			answering("c", NonPrimary, StateInitialized, "c", "d"), answering("d", NonPrimary, StateInitialized, "c", "d"), silent("e"),
		}
	}
	for range 100 {
		nodes := make5()
		rng.Shuffle(len(nodes), func(i, j int) { nodes[i], nodes[j] = nodes[j], nodes[i] })
		got := Components(nodes)
		for i := range got {
			slices.Sort(got[i].Nodes)
		}
		if shape(got) != "+a,b -c,d" {
			t.Fatalf("got %s", shape(got))
		}
	}
}

// Some nodes are a view behind: who joined or left is not known to them yet.
func TestComponentsStandSamplingSkew(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	all := []string{"a", "b", "c", "d", "e"}
	for round := range 500 {
		split := rng.IntN(2) == 1
		var nodes []*Node
		for i, name := range all {
			views := [2][]string{all[:2], all[:3]} // c joins
			switch {
			case i == 2:
				views[0] = all[:3]
			case i > 2 && !split:
				continue
			case i > 2:
				views = [2][]string{all[3:], all[3:]}
			}
			late := rng.IntN(2)
			n := answering(name, Primary, StateSynced, slices.Clone(views[late])...)
			if n.Sample.Status.ConfID = N(int64(7 + late)); i == 2 && rng.IntN(2) == 1 {
				n = answering(name, NonPrimary, StateJoining, slices.Clone(views[late])...)
				n.Sample.Status.ConfID = N(8)
			}
			nodes = append(nodes, n)
		}
		want := "+a,b,c"
		if split {
			want += " +d,e"
		}
		rng.Shuffle(len(nodes), func(i, j int) { nodes[i], nodes[j] = nodes[j], nodes[i] })
		got := Components(nodes)
		for i := range got {
			slices.Sort(got[i].Nodes)
		}
		if shape(got) != want {
			t.Fatalf("round %d: %s, not %s", round, shape(got), want)
		}
	}
}

func TestAChainOfOverlappingViewsIsOneComponent(t *testing.T) {
	got := Components([]*Node{
		answering("a", Primary, StateSynced, "a", "b"), answering("d", Primary, StateSynced, "c", "d"),
		answering("x", Primary, StateSynced, "x", "y"), answering("b", Primary, StateSynced, "b", "c"),
	})
	if shape(got) != "+a,d,b +x" {
		t.Errorf("got %s", shape(got))
	}
}

func TestNodesWithoutAddressesAreToldApartByTheMembershipTable(t *testing.T) {
	nameless := func(name string, uuids ...string) *Node {
		n := answering(name, Primary, StateSynced)
		n.Sample.Status.ClusterSize, n.Sample.Status.GcommUUID = N(2), name
		if len(uuids) > 0 {
			n.Sample.Slow.Members = &Members{}
			for _, u := range uuids {
				n.Sample.Slow.Members.Rows = append(n.Sample.Slow.Members.Rows, Member{UUID: u})
			}
		}
		return n
	}
	for want, nodes := range map[string][]*Node{
		"+a,b":      {nameless("a"), nameless("b")},
		"+a,b +c,d": {nameless("a", "a", "b"), nameless("c", "c", "d"), nameless("b", "a", "b"), nameless("d", "c", "d")},
	} {
		if got := shape(Components(nodes)); got != want {
			t.Errorf("%s, not %s", got, want)
		}
	}
}

func TestAComponentNamesItsSilentMembersAndSegments(t *testing.T) {
	a := answering("a", Primary, StateSynced, "a", "b")
	a.Sample.Status.Segment = N(2)
	c := Components([]*Node{a, silent("b"), silent("c")})[0]
	if !slices.Equal(c.Silent, []string{"b:3306"}) || len(c.Segments) != 1 || c.Segments["a:3306"] != 2 {
		t.Errorf("silent %v, segments %v", c.Silent, c.Segments)
	}
}

func TestArbitratorsAreTheMembersWithoutAServer(t *testing.T) {
	withGarbd := func() []*Node {
		nodes := []*Node{answering("a", Primary, StateSynced, "a", "b", ""), answering("b", Primary, StateSynced, "a", "b", "")}
		return nodes
	}
	if c := Components(withGarbd()); c[0].Arbitrators != 1 || len(c[0].Members) != 2 {
		t.Errorf("by the address list: %+v", c[0])
	}
	joining := append(withGarbd(), answering("x", Primary, StateJoining, "a", "b", ""))
	if c := Components(joining); c[0].Arbitrators != 0 {
		t.Errorf("a member that is joining is no arbitrator: %+v", c[0])
	}
	listed := withGarbd()
	listed[0].Sample.Slow.Members = &Members{Rows: []Member{{Name: "a", Address: "a:3306"}, {Name: "b", Address: "b:3306"}, {Name: ArbitratorName}}}
	if c := Components(listed); c[0].Arbitrators != 1 {
		t.Errorf("by the membership table: %+v", c[0])
	}
	if c := Components([]*Node{answering("a", NonPrimary, StateInitialized, "a", "")}); c[0].Arbitrators != 0 {
		t.Errorf("outside of a Primary Component nobody knows: %+v", c[0])
	}
}

func TestTheHeadlineSaysInWordsWhatTheNodesSay(t *testing.T) {
	plain := &Node{Name: "m", Link: LinkUp, Sample: &Sample{}}
	for name, c := range map[string]struct {
		nodes []*Node
		level Level
		want  string
	}{
		"nobody yet":   {[]*Node{{Name: "a", Link: LinkConnecting}}, LevelNotice, "connecting"},
		"all well":     {[]*Node{answering("a", Primary, StateSynced, "a", "b"), answering("b", Primary, StateSynced, "a", "b")}, LevelOK, "2 of 2 nodes Synced, Primary"},
		"one alone":    {[]*Node{answering("a", Primary, StateSynced, "a")}, LevelOK, "1 of 1 node Synced, Primary"},
		"with garbd":   {[]*Node{answering("a", Primary, StateSynced, "a", "b", ""), answering("b", Primary, StateSynced, "a", "b", "")}, LevelOK, "2 of 2 nodes Synced, Primary, with 1 arbitrator"},
		"one silent":   {[]*Node{answering("a", Primary, StateSynced, "a", "b"), silent("b")}, LevelWarning, "1 of 2 nodes Synced, Primary; no answer from b"},
		"one desynced": {[]*Node{answering("a", Primary, StateSynced, "a", "b"), answering("b", Primary, StateDonor, "a", "b")}, LevelWarning, "1 of 2 nodes Synced, Primary"},
		"quorum lost":  {[]*Node{answering("a", NonPrimary, StateInitialized, "a"), silent("b"), silent("c")}, LevelCritical, "no Primary Component: 1 node answering, all non-Primary"},
		"two halves":   {[]*Node{answering("a", Primary, StateSynced, "a"), answering("b", Primary, StateSynced, "b")}, LevelCritical, "2 Primary Components at once"},
		"all silent":   {[]*Node{silent("a"), silent("b"), silent("c")}, LevelCritical, "no answer from any of 3 nodes"},
		"not Galera":   {[]*Node{plain}, LevelWarning, "no Galera here: the server answers, but wsrep is not running on it"},
	} {
		s := &Snapshot{Nodes: c.nodes}
		s.Complete()
		if s.Headline.Text != c.want || s.Headline.Level != c.level {
			t.Errorf("%s: %v %q, not %v %q", name, s.Headline.Level, s.Headline.Text, c.level, c.want)
		}
	}
}

func TestHistoryKeepsTheNewestPointsAndGaps(t *testing.T) {
	h := NewHistory(4)
	for i := range 6 {
		n := answering("a", Primary, StateSynced, "a")
		n.Sample.Status.RecvQueue = N(int64(i))
		if i == 4 {
			n.Link = LinkStale
		}
		h.Add(&Snapshot{At: time.Unix(int64(i), 0), Nodes: []*Node{n}})
	}
	got := h.Last("a:3306", MetricRecvQueue, make([]Real, 10))
	if want := []Real{R(2), R(3), {}, R(5)}; !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	if got := h.Last("a:3306", MetricRecvQueue, make([]Real, 2)); !slices.Equal(got, []Real{{}, R(5)}) {
		t.Errorf("the last two are %v", got)
	}
	if got := h.Last("a:3306", MetricPaused, make([]Real, 4)); got[3].Known {
		t.Errorf("a metric that was never known is %v", got)
	}
	if h.Len() != 4 || len(h.Last("nobody", MetricPaused, make([]Real, 4))) != 0 {
		t.Error("depth, or a node out of nothing")
	}
}

func TestANodeThatJoinsLateHasNoPast(t *testing.T) {
	h := NewHistory(8)
	h.Add(&Snapshot{Nodes: []*Node{answering("a", Primary, StateSynced, "a")}})
	late := answering("b", Primary, StateSynced, "b")
	late.Sample.Status.RecvQueue = N(3)
	h.Add(&Snapshot{Nodes: []*Node{late}})
	if got := h.Last("b:3306", MetricRecvQueue, make([]Real, 8)); !slices.Equal(got, []Real{{}, R(3)}) {
		t.Errorf("got %v", got)
	}
}

func TestASnapshotSurvivesItsJSONForm(t *testing.T) {
	s := &Snapshot{Tick: 3, At: time.Unix(1700000000, 0).UTC(), Cluster: "shop", Nodes: []*Node{answering("a", Primary, StateSynced, "a"), silent("b")}}
	s.Nodes[0].Rates.Paused = R(0.5)
	s.Nodes[0].Sample.Processes.Rows = []Process{{ID: 9, Query: "SELECT 1", Time: time.Second}}
	s.Complete()
	first := mustJSON(t, s)
	back, err := ReadSnapshot(first)
	if err != nil {
		t.Fatal(err)
	}
	if second := mustJSON(t, back); string(first) != string(second) {
		t.Errorf("changed on the way:\n%s\n%s", first, second)
	}
	if back.Nodes[0].Rates.Replicated.Known || back.Nodes[0].Rates.Paused != R(0.5) {
		t.Errorf("unknown and known are mixed up: %+v", back.Nodes[0].Rates)
	}
}

func TestASnapshotOfAnotherVersionIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		`{"version":99}`: "snapshot of version 99, this galeratop reads version 1",
		`[]`:             "not a snapshot",
		``:               "not a snapshot",
	} {
		if _, err := ReadSnapshot([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func ExampleHeadline() {
	s := &Snapshot{Nodes: []*Node{
		answering("db1", Primary, StateSynced, "db1", "db2"),
		answering("db2", Primary, StateSynced, "db1", "db2"),
		answering("db3", NonPrimary, StateInitialized, "db3"),
	}}
	s.Complete()
	fmt.Println(s.Headline.Text)
	// Output: 2 of 3 nodes Synced, Primary
}
