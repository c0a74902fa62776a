package model

import (
	"testing"
	"time"
)

// cached makes a Synced node that holds the write-sets from one seqno to another.
func cached(name string, from, head int64) *Node {
	n := answering(name, Primary, StateSynced, "a", "b", "c")
	n.Sample.Status.CachedDownto, n.Sample.Status.LastCommitted = N(from), N(head)
	return n
}

func TestAWindowIsWriteSetsAndTime(t *testing.T) {
	s := &Snapshot{Nodes: []*Node{serving("a", 1, 100_000), serving("b", 50_001, 100_000), serving("c", 99_000, 100_000)}}
	w := Windows(s, R(10))
	if len(w) != 3 || w[2].Node != "c:3306" || w[2].Donor != "a:3306" || w[2].Writesets != 100_000-1-781 {
		t.Fatalf("%+v", w)
	}
	if got := w[2].Words(); got != "a stop of up to 2 hours still gets IST" {
		t.Errorf("%q after %v", got, w[2].Span)
	}
	if got := Windows(s, R(50))[0].Words(); got != "a stop of up to 16 minutes still gets IST" {
		t.Errorf("%q", got)
	}
	if got := Windows(s, R(0))[0].Words(); got != "nothing is written now: a stop of any length still gets IST" {
		t.Errorf("%q", got)
	}
	if got := Windows(s, Real{})[0].Words(); got != "a stop of up to 49609 write-sets still gets IST" {
		t.Errorf("%q", got)
	}
	if alone := Windows(&Snapshot{Nodes: []*Node{serving("a", 1, 10)}}, R(1)); alone != nil {
		t.Errorf("alone: %+v", alone)
	}
}

func TestSizesAreReadAsGaleraPrintsThem(t *testing.T) {
	for text, want := range map[string]Num{
		"134217728": N(128 << 20), "128M": N(128 << 20), "1g": N(1 << 30), "16K": N(16 << 10), "": {}, "M": {}, "-1": {}, "99999999999T": {}, "2X": {},
	} {
		if got := ParseSize(text); got != want {
			t.Errorf("%q is %v", text, got)
		}
	}
}

// donate makes the node a donor, down one that its group lists but that does not
// answer.
func donate(n *Node) {
	n.Sample.Status.LocalState, n.Sample.Status.DesyncCount = N(int64(StateDonor)), N(1)
}

func down(n *Node) {
	n.Link, n.Failure = LinkDown, &Failure{Kind: FailRefused}
}

func TestTransfersPairDonorsWithJoiners(t *testing.T) {
	for name, c := range map[string]struct {
		do   change
		want []Transfer
	}{
		"none": {func(int, *Node, *Node, *Node) {}, nil},
		"an SST to a new member": {func(_ int, a, b, c *Node) {
			donate(a)
			for _, n := range []*Node{a, b, c} {
				n.Sample.Status.IncomingAddrs += ",new:3306"
				n.Sample.Slow.Members = &Members{Rows: []Member{{Name: "db4", Address: "new:3306"}}}
			}
		}, []Transfer{{Donor: "db1", DonorID: "db1:3306", Joiner: "db4", Kind: SST}}},
		"what it lacked is gone": {func(_ int, a, b, c *Node) {
			donate(a)
			down(c)
			c.Sample.Status.LastCommitted = N(500)
			b.Sample.Status.CachedDownto = N(90_000)
		}, []Transfer{{Donor: "db1", DonorID: "db1:3306", Joiner: "db3", JoinerID: "db3:3306", Kind: SST}}},
		"what it lacked is there": {func(_ int, a, _, c *Node) {
			donate(a)
			down(c)
		}, []Transfer{{Donor: "db1", DonorID: "db1:3306", Joiner: "db3", JoinerID: "db3:3306"}}},
		"IST": {func(_ int, a, _, c *Node) {
			donate(a)
			c.Sample.Status.LocalState = N(int64(StateJoining))
		}, []Transfer{{Donor: "db1", DonorID: "db1:3306", Joiner: "db3", JoinerID: "db3:3306", Kind: IST}}},
		"IST with progress": {func(_ int, a, _, c *Node) {
			donate(a)
			c.Sample.Status.LocalState, c.Sample.Status.ISTStatus = N(int64(StateJoining)), "37% complete, received seqno 5 of 1-9"
		}, []Transfer{{Donor: "db1", DonorID: "db1:3306", Joiner: "db3", JoinerID: "db3:3306", Kind: IST, Progress: R(37)}}},
		"by hand": {func(_ int, a, _, _ *Node) {
			donate(a)
			set(a, "wsrep_desync", "ON")
		}, nil},
		"a lone donor": {func(_ int, a, _, _ *Node) { donate(a) }, []Transfer{{Donor: "db1", DonorID: "db1:3306"}}},
		"a backup": {func(_ int, a, _, _ *Node) {
			donate(a)
			runs(a, Process{ID: 3, User: "x", Command: "Query", State: "Waiting for global read lock"})
		}, nil},
		"a member that is down is no joiner": {func(_ int, _, _, c *Node) { down(c) }, nil},
	} {
		s := diagnosed(nil, 1, c.do)
		if len(s.Transfers) != len(c.want) {
			t.Errorf("%s: %+v", name, s.Transfers)
			continue
		}
		for i, got := range s.Transfers {
			if got.Joiner != "" && got.Why == "" {
				t.Errorf("%s: no reason", name)
			}
			got.Why, got.Since = "", time.Time{}
			if got != c.want[i] {
				t.Errorf("%s: %+v, not %+v", name, got, c.want[i])
			}
		}
	}
}
