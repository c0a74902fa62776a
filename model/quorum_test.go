package model

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"testing"
)

// brute is the rule itself, tried on every set of members: what the functions
// reckon in one go.
type brute struct{ weights []int64 }

func (b brute) sum(set uint) (total int64) {
	for i, w := range b.weights {
		if set>>i&1 == 1 {
			total += w
		}
	}
	return total
}

// survives says whether the members in set stay Primary when lost crash.
func (b brute) survives(set, lost uint) bool {
	return 2*b.sum(set&^lost) > b.sum(set)
}

// crashes is the largest number of members of set of which any may crash at once.
func (b brute) crashes(set uint) int {
	for k := 1; ; k++ {
		for lost := uint(1); lost <= set; lost++ {
			if lost&^set == 0 && bits.OnesCount(lost) == k && !b.survives(set, lost) {
				return k - 1
			}
		}
		if k > bits.OnesCount(set) {
			return k - 1
		}
	}
}

// inTurn is the length of the shortest series of crashes that ends it, less one.
func (b brute) inTurn(set uint, memo map[uint]int) int {
	if n, ok := memo[set]; ok {
		return n
	}
	best := len(b.weights)
	for i := range b.weights {
		one := uint(1) << i
		switch {
		case set&one == 0:
		case !b.survives(set, one):
			best = 0
		default:
			best = min(best, 1+b.inTurn(set&^one, memo))
		}
	}
	memo[set] = best
	return best
}

func (b brute) even(set uint) bool {
	for half := uint(0); half <= set; half++ {
		if half&^set == 0 && b.sum(set) > 0 && 2*b.sum(half) == b.sum(set) {
			return true
		}
	}
	return false
}

func TestQuorumAgreesWithTheRuleTriedOnEverySet(t *testing.T) {
	for n := 1; n <= 6; n++ {
		for code := range pow(4, n) {
			weights := make([]int64, n)
			votes := make([]Vote, n)
			for i := range weights {
				weights[i] = int64(code / pow(4, i) % 4)
				votes[i] = Vote{Node: fmt.Sprint("n", i), Name: fmt.Sprint("n", i), Weight: weights[i]}
			}
			compareQuorum(t, brute{weights}, newQuorum(votes))
		}
	}
}

func pow(base, exponent int) int {
	p := 1
	for range exponent {
		p *= base
	}
	return p
}

func compareQuorum(t *testing.T, b brute, q *Quorum) {
	t.Helper()
	all := uint(1)<<len(b.weights) - 1
	if want := b.crashes(all); q.Crashes != want {
		t.Fatalf("%v: %d crashes, not %d", b.weights, q.Crashes, want)
	}
	if want := b.inTurn(all, map[uint]int{}); q.InTurn != want {
		t.Fatalf("%v: %d crashes in turn, not %d", b.weights, q.InTurn, want)
	}
	if q.EvenSplit != b.even(all) {
		t.Fatalf("%v: even split %v", b.weights, q.EvenSplit)
	}
	for lost := range all + 1 {
		var names []string
		for i := range b.weights {
			if lost>>i&1 == 1 {
				names = append(names, fmt.Sprint("n", i))
			}
		}
		if got := q.AfterCrash(names...); got != b.survives(all, lost) {
			t.Fatalf("%v: crash of %v keeps %v", b.weights, names, got)
		}
	}
	for i := range q.Votes {
		v := &q.Votes[i]
		one := uint(1) << i
		total, rest := b.sum(all), b.sum(all&^one)
		stop := 2*rest+(total-rest) > total
		want := Vote{Node: v.Node, Name: v.Name, Weight: b.weights[i], CrashKeeps: 2*rest > total, StopKeeps: stop}
		if want.CrashKeeps {
			want.CrashThen = b.crashes(all &^ one)
		}
		if stop {
			want.StopThen = b.crashes(all &^ one)
		}
		if *v != want || q.AfterStop(v.Node) != stop {
			t.Fatalf("%v: %+v, not %+v", b.weights, *v, want)
		}
	}
}

func TestEqualNodesSurviveWhatTheTableSays(t *testing.T) {
	for n, want := range map[int]int{1: 0, 2: 0, 3: 1, 4: 1, 5: 2, 7: 3} {
		votes := make([]Vote, n)
		for i := range votes {
			votes[i].Weight = 1
		}
		if q := newQuorum(votes); q.Crashes != want || q.InTurn != max(n-2, 0) {
			t.Errorf("%d nodes survive %d, in turn %d", n, q.Crashes, q.InTurn)
		}
	}
}

// weighing gives a node its pc.weight.
func weighing(n *Node, weight string) *Node {
	n.Sample.Slow.Variables = &Variables{Values: map[string]string{"wsrep_provider_options": "base_dir = /x; pc.weight = " + weight + "; socket.ssl = NO"}}
	return n
}

func quorumFor(nodes ...*Node) *Quorum {
	s := &Snapshot{Nodes: nodes}
	s.Complete()
	return s.Components[0].Quorum
}

func TestWeightsComeFromTheNodesAndTheRestIsTheArbitrators(t *testing.T) {
	ofWeight := func(w int64, members ...string) *Node {
		n := answering(members[0], Primary, StateSynced, slices.Clone(members)...)
		n.Sample.Status.ClusterWeight = N(w)
		return n
	}
	for name, c := range map[string]struct {
		q    *Quorum
		want string
	}{
		"all read":           {quorumFor(weighing(ofWeight(5, "a", "b"), "3"), weighing(ofWeight(5, "b", "a"), "2")), "5: a 3, b 2"},
		"nothing read":       {quorumFor(ofWeight(2, "a", "b"), ofWeight(2, "b", "a")), "2?: a 1, b 1"},
		"no weight told":     {quorumFor(answering("a", Primary, StateSynced, "a", "b")), "2?: b:3306 1, a 1"},
		"a garbd":            {quorumFor(weighing(ofWeight(4, "a", "b", ""), "1"), weighing(ofWeight(4, "b", "a", ""), "1")), "4: a 1, b 1, garb 2"},
		"one unread":         {quorumFor(weighing(ofWeight(4, "a", "b"), "1"), silent("b")), "4: a 1, b 3"},
		"contradiction":      {quorumFor(weighing(ofWeight(4, "a", "b"), "1"), weighing(ofWeight(4, "b", "a"), "2")), ""},
		"two may weigh what": {quorumFor(weighing(ofWeight(9, "a", "b", "c"), "1"), silent("b"), silent("c")), ""},
		"outside of Primary": {quorumFor(answering("a", NonPrimary, StateInitialized, "a")), ""},
	} {
		got := writeQuorum(c.q)
		want := strings.Split(strings.ReplaceAll(c.want, ": ", ", "), ", ")
		have := strings.Split(strings.ReplaceAll(got, ": ", ", "), ", ")
		slices.Sort(want)
		slices.Sort(have)
		if !slices.Equal(want, have) {
			t.Errorf("%s: %s, not %s", name, got, c.want)
		}
	}
}

func writeQuorum(q *Quorum) string {
	if q == nil {
		return ""
	}
	parts := make([]string, len(q.Votes))
	for i, v := range q.Votes {
		parts[i] = fmt.Sprint(v.Name, " ", v.Weight)
	}
	sign := ""
	if q.Assumed {
		sign = "?"
	}
	return fmt.Sprintf("%d%s: %s", q.Total, sign, strings.Join(parts, ", "))
}

func TestSitesAreTheSegments(t *testing.T) {
	members := []string{"a", "b", "c"}
	var nodes []*Node
	for i, name := range members {
		n := answering(name, Primary, StateSynced, slices.Clone(members)...)
		n.Sample.Status.Segment = N(int64(i / 2))
		nodes = append(nodes, n)
	}
	q := quorumFor(nodes...)
	if len(q.Sites) != 2 || q.Sites[0].LossKeeps || !q.Sites[0].Alone || !q.Sites[1].LossKeeps || q.Sites[1].Alone {
		t.Errorf("sites %+v", q.Sites)
	}
	nodes[0].Sample.Status.Segment = Num{}
	if q := quorumFor(nodes...); q.Sites != nil {
		t.Errorf("a segment that nobody told makes no site: %+v", q.Sites)
	}
}
