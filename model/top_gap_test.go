package model

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// unread makes a world whose digests are not read any more, as while nobody
// looks, until the returned function is called.
func (w *topWorld) unread() (again func()) {
	old := map[string]*Digests{}
	for _, n := range w.last.Nodes {
		old[n.ID] = n.Sample.Slow.Digests
	}
	w.change = func(n *Node) { n.Sample.Slow.Digests = old[n.ID] }
	return func() { w.change = nil }
}

func TestDigestsThatWereNotReadForAWhileGiveNoWildNumbers(t *testing.T) {
	w := newTopWorld([]string{"db1"}, nil)
	steady := func(int) { w.call("db1", "SELECT `a` FROM `t`", 10, 10*time.Millisecond) }
	w.seconds(40, steady)
	w.run("db1", 9, "SELECT SUM(x) FROM big")
	again := w.unread()
	w.seconds(120, steady)
	if w.top.Live() {
		t.Error("numbers without a reading")
	}
	again()
	for range 60 {
		w.seconds(1, steady)
		for _, r := range w.top.Rows(false) {
			if w.top.Live() && (r.All.Load > 2 || r.Trend != TopSteady) {
				t.Fatalf("load %v, trend %v of %s", r.All.Load, r.Trend, r.Text)
			}
		}
	}
	if s := w.top.Sources()[0]; s.Chain < 50*time.Second || s.Chain > 61*time.Second {
		t.Errorf("numbers without a gap since %v", s.Chain)
	}
	near(t, "the load of the long one", w.row(t, false, "select sum").All.Load, 1, 0.3)
}

func TestItIsKnownUntilWhenStatementsWereReadInPart(t *testing.T) {
	w := newTopWorld(nil, []string{"db1"})
	w.seconds(3, nil)
	if s := w.top.Sources()[0]; s.Whole != 0 {
		t.Errorf("never in part, but %v", s.Whole)
	}
	w.change = func(n *Node) { n.Sample.Processes.Glance = true }
	w.seconds(3, nil)
	w.change = nil
	w.seconds(7, nil)
	if s := w.top.Sources()[0]; s.Whole != 7*time.Second {
		t.Errorf("in part until %v ago", s.Whole)
	}
}

func TestManyNodesAndDigestsTakeBoundedRoom(t *testing.T) {
	var nodes []string
	for i := range 50 {
		nodes = append(nodes, fmt.Sprintf("db%d", i))
	}
	w := newTopWorld(nil, nodes)
	w.second()
	total := 0
	for i := range 6 {
		w.stop()
		for _, n := range nodes {
			for k := range 100 {
				w.run(n, uint64(k+1), fmt.Sprintf("SELECT c%d FROM t%d", i, k))
				total++
			}
		}
		w.second()
	}
	if n := w.top.pairs(); n > topUses+len(nodes) {
		t.Errorf("%d digests of nodes are kept", n)
	}
	sum := 0.0
	for _, r := range w.top.Rows(true) {
		sum += r.All.Calls.V
	}
	near(t, "calls of all digests", sum, float64(total), 0)
	w.sampled = nodes[:1]
	w.second()
	for _, d := range w.top.digests {
		if len(d.uses) > 1 {
			t.Fatalf("%s keeps %d nodes of one", d.text, len(d.uses))
		}
	}
}

func TestTheFormOfAStatementThatWasReadInPartIsThatOfTheWholeOne(t *testing.T) {
	w := newTopWorld(nil, []string{"db1"})
	w.second()
	w.run("db1", 1, "SELECT id, name FROM customers WHERE region = 'eu' AND name = 'Meier' ORDER BY id")
	w.run("db1", 2, "SELECT id, name FROM customers WHERE region = 'eu' AND nam…")
	w.second()
	whole, part := w.top.Form(w.threads["db1"][0].Query), w.top.Form(w.threads["db1"][1].Query)
	if whole != part || !strings.Contains(whole, "order by id") {
		t.Errorf("%q and %q", whole, part)
	}
}
