package model

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

// topWorld makes snapshots of nodes whose statements a test decides on.
type topWorld struct {
	top  *Top
	at   time.Time
	tick uint64
	up   int64
	// perf are the nodes with digests, sampled those without.
	perf, sampled []string
	counters      map[string]map[string]*Digest // by node and text
	threads       map[string][]Process
	change        func(n *Node)
	last          *Snapshot
}

func newTopWorld(perf, sampled []string) *topWorld {
	w := &topWorld{
		top: NewTop(), at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), up: 90_000, perf: perf, sampled: sampled,
		counters: map[string]map[string]*Digest{}, threads: map[string][]Process{},
	}
	for _, n := range perf {
		w.counters[n] = map[string]*Digest{}
		w.digest(n, "SELECT VERSION ( )", time.Duration(w.up)*time.Second)
	}
	return w
}

func (w *topWorld) digest(node, text string, age time.Duration) *Digest {
	d := w.counters[node][text]
	if d == nil {
		d = &Digest{ID: DigestID(text), Schema: "shop", Text: text, Age: age}
		if text == "" {
			d.ID = ""
		}
		w.counters[node][text] = d
	}
	return d
}

// call has statements end on a node.
func (w *topWorld) call(node, text string, calls int64, each time.Duration) {
	d := w.digest(node, text, time.Duration(w.up)*time.Second)
	d.Calls += calls
	d.Total += time.Duration(calls) * each
	d.Max = max(d.Max, each)
	d.Examined += calls * 100
	d.Sent += calls * 10
}

// run has a thread run a statement from now on.
func (w *topWorld) run(node string, id uint64, query string) {
	w.threads[node] = append(w.threads[node], Process{
		ID: id, QueryID: N(int64(w.tick)*1000 + int64(id)), User: "app", Host: "h:1", DB: "shop", Command: "Query", Query: query,
	})
}

func (w *topWorld) stop() { clear(w.threads) }

// second takes the next snapshot in; digests are read every five.
func (w *topWorld) second() {
	w.tick++
	w.up++
	w.at = w.at.Add(time.Second)
	s := &Snapshot{Tick: w.tick, At: w.at, Interval: time.Second}
	for _, name := range append(append([]string{}, w.perf...), w.sampled...) {
		n := &Node{ID: name, Name: name, Link: LinkUp, Sample: &Sample{At: w.at}}
		n.Sample.Server.PerfSchema, n.Sample.Server.CanSeeAll, n.Sample.Status.Uptime = Off, true, N(w.up)
		for i := range w.threads[name] {
			w.threads[name][i].Time += time.Second
		}
		n.Sample.Processes.Rows = append([]Process{}, w.threads[name]...)
		if w.counters[name] != nil {
			n.Sample.Server.PerfSchema = On
			w.read(n)
		}
		if w.change != nil {
			w.change(n)
		}
		s.Nodes = append(s.Nodes, n)
	}
	w.last = s
	w.top.Add(s)
}

func (w *topWorld) read(n *Node) {
	for _, d := range w.counters[n.Name] {
		d.Age += time.Second
	}
	if w.tick%5 != 1 {
		if before := w.last.Node(n.ID); before != nil {
			n.Sample.Slow.Digests = before.Sample.Slow.Digests
		}
		return
	}
	r := &Digests{Reading: Reading{At: w.at}}
	for _, d := range w.counters[n.Name] {
		r.Rows = append(r.Rows, *d)
	}
	n.Sample.Slow.Digests = r
}

func (w *topWorld) seconds(n int, each func(i int)) {
	for i := range n {
		if each != nil {
			each(i)
		}
		w.second()
	}
}

func (w *topWorld) row(t *testing.T, since bool, part string) TopRow {
	t.Helper()
	for _, r := range w.top.Rows(since) {
		if strings.Contains(r.Key(), part) {
			return r
		}
	}
	t.Fatalf("no digest with %q in %+v", part, w.top.Rows(since))
	return TopRow{}
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.Abs(got-want) > tolerance || math.IsNaN(got) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func TestDigestsAreReckonedFromTheDifferenceOfTheirCounters(t *testing.T) {
	w := newTopWorld([]string{"db1", "db2"}, nil)
	w.call("db1", "SELECT `a` FROM `t` WHERE `id` = ?", 1_000_000, time.Millisecond)
	w.seconds(46, func(int) {
		w.call("db1", "SELECT `a` FROM `t` WHERE `id` = ?", 200, time.Millisecond)
		w.call("db2", "SELECT `a` FROM `t` WHERE `id` = ?", 100, time.Millisecond)
		w.call("db2", "UPDATE `t` SET `a` = ?", 10, 70*time.Millisecond)
	})
	r := w.row(t, false, "select a")
	near(t, "calls a second", r.All.Rate.V, 300, 0.01)
	near(t, "the load", r.All.Load, 0.3, 1e-6)
	near(t, "the share", r.All.Share.V, 0.3, 1e-6)
	near(t, "the mean", r.All.Mean.V, 0.001, 1e-9)
	near(t, "rows examined a second", r.All.Examined.V, 30000, 1)
	near(t, "examined for each sent", r.All.PerSent.V, 10, 1e-9)
	near(t, "db1's part", r.Nodes[0].Load, 0.2, 1e-6)
	near(t, "the share on db2", r.Nodes[1].Share.V, 0.125, 1e-6)
	if r.All.AtLeast || r.All.Doubt.V != 0 || r.Nodes[0].Node != "db1" {
		t.Errorf("what was counted is not in doubt: %+v", r.All)
	}
	if first := w.top.Rows(false)[0]; first.Text != "update t set a = ?" {
		t.Errorf("the busiest is %s", first.Text)
	}
	since := w.row(t, true, "select a")
	near(t, "calls since the start", since.All.Calls.V, 1_000_000+46*300, 300)
}

func TestAResetOrRestartGivesNoWildNumbers(t *testing.T) {
	const text = "SELECT `a` FROM `t`"
	w := newTopWorld([]string{"db1"}, nil)
	w.call("db1", text, 5_000_000, time.Millisecond)
	steady := func(int) { w.call("db1", text, 100, time.Millisecond) }
	w.seconds(31, steady)
	for what, change := range map[string]func(){
		"TRUNCATE": func() { w.counters["db1"] = map[string]*Digest{}; w.call("db1", text, 1, time.Millisecond) },
		"a restart": func() {
			w.up = 0
			w.counters["db1"] = map[string]*Digest{}
			w.call("db1", text, 90, time.Millisecond)
		},
		"a row that had left the list": func() {
			d := *w.counters["db1"][text]
			delete(w.counters["db1"], text)
			w.seconds(10, nil)
			w.counters["db1"][text] = &d
		},
	} {
		change()
		w.seconds(30, func(i int) {
			steady(i)
			for _, r := range w.top.Rows(false) {
				if r.All.Rate.V > 400 || r.All.Load < 0 || r.All.Share.V > 1 || r.All.Rate.V < 0 {
					t.Errorf("after %s: %+v", what, r.All)
				}
			}
		})
		near(t, "calls a second after "+what, w.row(t, false, "select a").All.Rate.V, 100, 25)
	}
}

func TestStatementsThatTheTableHadNoRoomForAreARowOfTheirOwn(t *testing.T) {
	w := newTopWorld([]string{"db1"}, nil)
	w.seconds(41, func(int) {
		w.call("db1", "SELECT `a` FROM `t`", 10, 10*time.Millisecond)
		w.call("db1", "", 30, 10*time.Millisecond)
	})
	r := w.row(t, false, "\x00left")
	near(t, "the share of what was left out", r.All.Share.V, 0.75, 1e-6)
	near(t, "the node's share of it", w.top.Sources()[0].Left.V, 0.75, 1e-6)
	if r.Kind != TopLeft {
		t.Errorf("the row is of kind %v", r.Kind)
	}
}

func TestALongStatementCountsWhileItRunsAndNotAgainWhenItEnds(t *testing.T) {
	const query = "SELECT SUM(x) FROM big WHERE y > 5"
	w := newTopWorld([]string{"db1"}, nil)
	short := func(int) { w.call("db1", "SELECT `a` FROM `t`", 10, 10*time.Millisecond) }
	w.seconds(40, short)
	w.run("db1", 9, query)
	w.seconds(60, short)
	r := w.row(t, false, "select sum")
	near(t, "the load of a statement that runs", r.All.Load, 1, 0.05)
	if top := w.top.Rows(false)[0]; top.Text != r.Text || r.All.Mean.Known || r.All.Max != 60*time.Second {
		t.Errorf("the one that runs is not on top: %s; %+v", top.Text, r.All)
	}
	w.stop()
	w.digest("db1", "SELECT SUM ( `x` ) FROM `big` WHERE `y` > ?", 0)
	w.call("db1", "SELECT SUM ( `x` ) FROM `big` WHERE `y` > ?", 1, 61*time.Second)
	w.seconds(10, short)
	r = w.row(t, false, "select sum")
	if r.All.Load > 1 || r.All.Calls.V != 1 {
		t.Errorf("after its end: load %v, calls %v", r.All.Load, r.All.Calls.V)
	}
	near(t, "its mean", r.All.Mean.V, 61, 0.01)
	w.seconds(40, short)
	for _, r := range w.top.Rows(false) {
		if strings.Contains(r.Text, "sum") {
			t.Errorf("half a minute after its end it is still there: %+v", r)
		}
	}
}

func TestSamplingKnowsTheShareWithinItsDoubt(t *testing.T) {
	w := newTopWorld(nil, []string{"db1"})
	rng := uint64(7)
	next := func() float64 {
		rng = rng*6364136223846793005 + 1442695040888963407
		return float64(rng>>11) / (1 << 53)
	}
	// Ten threads; at any time one runs the first statement with 3 in 10.
	misses := 0
	w.seconds(300, func(i int) {
		w.stop()
		for id := range uint64(10) {
			query := "SELECT b FROM u WHERE id = 1"
			if next() < 0.3 {
				query = fmt.Sprintf("SELECT a FROM t WHERE id = %d", i)
			}
			w.run("db1", id+1, query)
		}
		if i < 60 {
			return
		}
		r := w.row(t, false, "select a")
		if math.Abs(r.All.Share.V-0.3) > r.All.Doubt.V {
			misses++
		}
		if !r.All.AtLeast || r.All.Doubt.V < 0.03 || r.All.Doubt.V > 0.08 {
			t.Fatalf("the share is %v ± %v", r.All.Share.V, r.All.Doubt.V)
		}
	})
	if misses > 24 { // two standard errors miss one time in twenty
		t.Errorf("outside of its doubt %d times of 240", misses)
	}
	r := w.row(t, false, "select a")
	near(t, "the load", r.All.Load, 3, 0.6)
	near(t, "statements seen a second", r.All.Rate.V, 3, 0.6)
	if r.Example == "" || r.All.Source != TopSamples || r.All.Examined.Known {
		t.Errorf("%+v", r)
	}
}

func TestWaitingIsNoWork(t *testing.T) {
	for _, w := range []*topWorld{newTopWorld([]string{"db1"}, nil), newTopWorld(nil, []string{"db1"})} {
		w.change = func(n *Node) {
			n.Sample.Slow.Transactions = &Transactions{Rows: []Transaction{{Thread: 7, State: "LOCK WAIT"}}}
		}
		w.seconds(8, nil)
		for id := range uint64(9) {
			w.run("db1", 3, "SELECT SUM(a) FROM big")
			w.run("db1", 7, "UPDATE stock SET a = 1")
			w.run("db1", 100+id, "INSERT INTO t VALUES (1)")
			w.threads["db1"][len(w.threads["db1"])-1].State = "Waiting for table metadata lock"
		}
		w.seconds(40, nil)
		if rows := w.top.Rows(false); len(rows) != 3 || rows[0].Text != "select sum(a) from big" {
			t.Errorf("what waits is on top: %+v", rows)
		}
		if r := w.row(t, false, "update"); r.All.Load != 0 || r.All.Waited < 20*time.Second {
			t.Errorf("what waits: %+v", r.All)
		}
	}
}

func TestAStatementSeenTwiceIsOneCall(t *testing.T) {
	w := newTopWorld(nil, []string{"db1"})
	w.seconds(3, nil)
	w.run("db1", 1, "SELECT SLEEP(20)")
	w.seconds(10, nil)
	r := w.row(t, false, "sleep")
	if r.All.Calls.V != 1 || r.All.Max != 10*time.Second {
		t.Errorf("calls %v, longest %v", r.All.Calls.V, r.All.Max)
	}
	near(t, "the time it ran", r.All.Total.Seconds(), 10, 0.01)
	if r.All.Mean.Known {
		t.Errorf("nobody knows yet how long it takes, but the mean is %v", r.All.Mean.V)
	}
	w.stop()
	w.second()
	r = w.row(t, false, "sleep")
	near(t, "the mean, at most", r.All.Mean.V, 11, 0.01)
}

func TestCutStatementsFallToTheWholeOne(t *testing.T) {
	w := newTopWorld(nil, []string{"db1"})
	w.seconds(2, nil)
	w.run("db1", 1, "SELECT id, name FROM customers WHERE region = 'eu' AND name = 'Meier' ORDER BY id LIMIT 10")
	w.run("db1", 2, "SELECT id, name FROM customers WHERE region = 'europe' AND name = 'Mei…")
	w.run("db1", 3, "SELECT id, name FROM customers WHERE region = 'eu' AND nam…")
	w.second()
	if rows := w.top.Rows(false); len(rows) != 1 || rows[0].All.Calls.V != 3 || IsCut(rows[0].Text) || !strings.Contains(rows[0].Example, "Meier") {
		t.Errorf("%+v", rows)
	}
	if got := w.top.Threads(w.last, w.top.Rows(false)[0].Text); len(got) != 3 {
		t.Errorf("%d threads run it", len(got))
	}
}

func TestNodesWithAndWithoutDigestsStandSideBySide(t *testing.T) {
	w := newTopWorld([]string{"db1"}, []string{"db2"})
	w.run("db2", 1, "SELECT a FROM t WHERE id = 4")
	w.seconds(41, func(int) { w.call("db1", "SELECT `a` FROM `t` WHERE `id` = ?", 100, 10*time.Millisecond) })
	r := w.row(t, false, "select a")
	near(t, "the load of both", r.All.Load, 2, 0.01)
	if !r.All.AtLeast || r.All.Source != TopSamples || len(r.Nodes) != 2 {
		t.Errorf("%+v", r.All)
	}
	s := w.top.Sources()
	if s[0].Source != TopDigests || s[1].Source != TopSamples || s[1].Why != "performance_schema is off" {
		t.Errorf("sources %+v", s)
	}
}

func TestWhyASourceIsNotTheBest(t *testing.T) {
	for what, c := range map[string]struct {
		change     func(n *Node)
		source     TopSource
		why, grant string
	}{
		"no right to read digests": {func(n *Node) {
			n.Sample.Slow.Digests = &Digests{Reading: Reading{Error: "the account lacks SELECT ON performance_schema.*", Grant: "SELECT ON performance_schema.*"}}
		}, TopSamples, "lacks SELECT", "SELECT ON performance_schema.*"},
		"the consumer is off":    {func(n *Node) { n.Sample.Slow.Digests = &Digests{} }, TopSamples, "statements_digest", ""},
		"no reading yet":         {func(n *Node) { n.Sample.Slow.Digests = nil }, TopNothing, "being read", ""},
		"only the own processes": {func(n *Node) { n.Sample.Server.PerfSchema, n.Sample.Processes.OwnOnly = Off, true }, TopSamples, "own threads", "PROCESS"},
		"it does not answer":     {func(n *Node) { n.Link = LinkDown }, TopNothing, "does not answer", ""},
	} {
		w := newTopWorld([]string{"db1"}, nil)
		w.change = c.change
		w.seconds(3, nil)
		if s := w.top.Sources()[0]; s.Source != c.source || !strings.Contains(s.Why, c.why) || s.Grant != c.grant {
			t.Errorf("%s: %+v", what, s)
		}
	}
}

func TestNewcomersRisersAndOutliersAreMarked(t *testing.T) {
	w := newTopWorld([]string{"db1"}, nil)
	each := 10 * time.Millisecond
	w.seconds(150, func(i int) {
		w.call("db1", "SELECT `old` FROM `t`", 100, each+time.Duration(i%3)*10*time.Microsecond)
		w.call("db1", "SELECT `steady` FROM `t`", 10, each)
	})
	if r := w.row(t, false, "select old"); r.Trend != TopSteady || r.New != 0 || r.All.Outlier {
		t.Errorf("nothing happened: %+v", r)
	}
	w.digest("db1", "SELECT `new` FROM `t`", 0)
	w.seconds(31, func(int) {
		w.call("db1", "SELECT `old` FROM `t`", 100, 4*each)
		w.call("db1", "SELECT `steady` FROM `t`", 10, each)
		w.call("db1", "SELECT `new` FROM `t`", 10, each)
	})
	if r := w.row(t, false, "select new"); r.Trend != TopRising || r.New < 25*time.Second || r.New > 35*time.Second {
		t.Errorf("the newcomer: trend %v, new %v", r.Trend, r.New)
	}
	if r := w.row(t, false, "select old"); r.Trend != TopRising || r.New != 0 {
		t.Errorf("the riser: trend %v, new %v", r.Trend, r.New)
	}
	if r := w.row(t, false, "select steady"); r.Trend != TopSteady || r.All.Outlier {
		t.Errorf("the steady one: %+v", r)
	}
	w.seconds(25, func(int) { w.call("db1", "SELECT `steady` FROM `t`", 10, 20*each) })
	if r := w.row(t, false, "select steady"); !r.All.Outlier {
		t.Errorf("twenty times its own mean is no outlier: %+v", r.All)
	}
}

func TestManyDigestsTakeBoundedRoom(t *testing.T) {
	w := newTopWorld(nil, []string{"db1"})
	w.second()
	total := 0
	for i := range 60 {
		w.stop()
		for k := range 200 {
			w.run("db1", uint64(k+1), fmt.Sprintf("SELECT c%d FROM t%d", i, k))
			total++
		}
		w.second()
	}
	if n := len(w.top.digests); n > topKept {
		t.Errorf("%d digests are kept", n)
	}
	sum := 0.0
	for _, r := range w.top.Rows(true) {
		sum += r.All.Calls.V
	}
	near(t, "calls of all digests", sum, float64(total), 0)
	if w.row(t, true, "\x00others").All.Calls.V == 0 {
		t.Error("nothing went to the others")
	}
	w.stop()
	w.seconds(400, nil)
	w.run("db1", 1, "SELECT late FROM t")
	w.second()
	if n := len(w.top.digests); n > topKept/2 {
		t.Errorf("%d digests are left minutes later", n)
	}
	sum = 0
	for _, r := range w.top.Rows(true) {
		sum += r.All.Calls.V
	}
	near(t, "calls of all digests after room was made", sum, float64(total+1), 0)
}

func TestAGapIsNotCountedAsWork(t *testing.T) {
	w := newTopWorld([]string{"db1"}, []string{"db2"})
	w.run("db2", 1, "SELECT a FROM t")
	w.call("db1", "SELECT `a` FROM `t`", 1, time.Second)
	w.seconds(11, nil)
	w.at = w.at.Add(10 * time.Minute)
	w.call("db1", "SELECT `a` FROM `t`", 1_000_000, time.Second)
	w.seconds(6, nil)
	if r := w.row(t, false, "select a"); r.All.Load > 2 {
		t.Errorf("after a gap: %+v", r.All)
	}
}

func BenchmarkTopFold(b *testing.B) {
	w := newTopWorld([]string{"db1", "db2", "db3"}, nil)
	for _, n := range w.perf {
		for i := range 200 {
			w.call(n, fmt.Sprintf("SELECT `a%d` FROM `t` WHERE `id` = ?", i), 1000, time.Millisecond)
		}
	}
	w.seconds(6, nil)
	for _, n := range w.perf {
		for i := range 200 {
			w.call(n, fmt.Sprintf("SELECT `a%d` FROM `t` WHERE `id` = ?", i), 10, time.Millisecond)
		}
	}
	w.seconds(6, nil)
	b.Run("three times 200 digests", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			w.tick = w.tick/5*5 + 5 // a reading each time
			w.seconds(1, nil)
		}
	})
	for range 4 {
		for _, n := range w.perf {
			for _, d := range w.counters[n] {
				d.Calls, d.Total = d.Calls+10, d.Total+time.Millisecond
			}
		}
		w.seconds(5, nil)
	}
	b.Run("rows", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			w.top.Rows(false)
		}
	})
	s := newTopWorld(nil, []string{"db1"})
	for i := range 5000 {
		s.run("db1", uint64(i+1), fmt.Sprintf("SELECT p.id, p.name FROM products p JOIN stock s ON s.product_id = p.id WHERE p.category_id = %d LIMIT 50", i))
	}
	s.second()
	sample := *s.last.Nodes[0].Sample
	b.Run("5000 threads that go on", func(b *testing.B) {
		b.ReportAllocs()
		at := s.at
		for b.Loop() {
			at = at.Add(time.Second)
			next := sample
			next.At = at
			s.tick++
			s.top.Add(&Snapshot{Tick: s.tick, At: at, Nodes: []*Node{{ID: "db1", Name: "db1", Link: LinkUp, Sample: &next}}})
		}
	})
}

func TestPreparedStatementsThatDigestsLeaveOutAreSampled(t *testing.T) {
	w := newTopWorld([]string{"a"}, nil)
	for range 10 {
		w.second()
	}
	for range 40 { // a plain statement is counted, a prepared one runs as long again
		w.stop()
		w.run("a", 5, "SELECT * FROM orders WHERE id = 7")
		w.threads["a"][0].Command = "Execute"
		w.call("a", "SELECT NAME FROM `stock`", 10, 100*time.Millisecond)
		w.second()
	}
	rows := w.top.Rows(false)
	if len(rows) != 2 {
		t.Fatalf("%+v", rows)
	}
	for i := range rows {
		r := &rows[i]
		prepared := strings.Contains(r.Text, "orders")
		if math.Abs(r.All.Load-1) > 0.2 || r.All.AtLeast != prepared || (r.All.Doubt.V > 0) != prepared || r.All.Examined.Known == prepared {
			t.Errorf("%s: %+v", r.Text, r.All)
		}
	}
	if from := w.top.Sources(); from[0].Source != TopDigests || from[0].Samples < 25 {
		t.Errorf("%+v", from)
	}
}
