package collector

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/galeratop/galeratop/internal/lab/cluster"
	"github.com/galeratop/galeratop/model"
)

// The bad query reads two million combinations, the usual one a third of that.
const (
	badQuery   = "SELECT COUNT(*) FROM seq_1_to_1000 a JOIN seq_1_to_2000 b WHERE a.seq * b.seq %% 7 = %d"
	usualQuery = "SELECT MAX(a.seq) FROM seq_1_to_600 a JOIN seq_1_to_1000 b WHERE a.seq * b.seq %% 11 = %d"
)

// repeated is a statement that a client runs again and again, by its own clock.
type repeated struct {
	calls, busy atomic.Int64
	cancel      context.CancelFunc
	done        chan struct{}
}

func repeat(ctx context.Context, t *testing.T, n *cluster.Node, query string, pause time.Duration) *repeated {
	t.Helper()
	ctx, cancel := context.WithCancel(ctx)
	r := &repeated{cancel: cancel, done: make(chan struct{})}
	db := n.DB()
	go func() {
		defer close(r.done)
		conn, err := db.Conn(ctx)
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		if _, err := conn.ExecContext(ctx, "USE shop"); err != nil {
			return
		}
		for i := 0; ctx.Err() == nil; i++ {
			begin, result := time.Now(), int64(0)
			text := fmt.Sprintf(query, i%7)
			// Not under the context: what began ends, and is counted.
			if err := conn.QueryRowContext(context.WithoutCancel(ctx), text).Scan(&result); err != nil {
				return
			}
			r.busy.Add(int64(time.Since(begin)))
			r.calls.Add(1)
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
		}
	}()
	t.Cleanup(r.stop)
	return r
}

func (r *repeated) stop() {
	r.cancel()
	<-r.done
}

// looksASecond is how often the threads are looked at.
const looksASecond = 4

// scene is three nodes under a known mix: sysbench on db1 and db3, the bad and
// the usual query on db2.
type scene struct {
	w    *watcher
	top  *model.Top
	bad  *repeated
	part float64 // of the time on db2 that the bad query had, by the clients' clock
	mix  map[string]*sysbench
}

// ranking watches a scene until the live window is full.
func ranking(t *testing.T, c *cluster.Cluster) *scene {
	t.Helper()
	ctx := limit(t, 3*time.Minute)
	x := &scene{top: model.NewTop(), mix: make(map[string]*sysbench)}
	must(t, c.Node(1).Exec(ctx, "CREATE DATABASE IF NOT EXISTS shop"))
	prepareMix(ctx, t, c.Node(1))
	prepareMix(ctx, t, c.Node(3))
	x.w = watch(t, Options{Seeds: c.Addresses()[:1], Driver: credentials("mon"), Interval: time.Second / looksASecond})
	x.w.Demand(model.SubjectDigests | model.SubjectProcesses | model.SubjectTransactions)
	x.w.within(10*looksASecond, "three nodes", synced(3))
	for range 7 * looksASecond {
		x.top.Add(x.w.next())
	}
	// One application sends text, the other prepares its statements.
	x.mix["db1"] = runMix(ctx, t, c.Node(1), "--db-ps-mode=disable")
	x.mix["db3"] = runMix(ctx, t, c.Node(3), "--db-ps-mode=auto")
	x.bad = repeat(ctx, t, c.Node(2), badQuery, 100*time.Millisecond)
	usual := repeat(ctx, t, c.Node(2), usualQuery, 100*time.Millisecond)
	const looks = mixSeconds * looksASecond
	var from [2]int64
	for i := range looks {
		if x.top.Add(x.w.next()); i == looks-int(model.TopWindow/time.Second)*looksASecond {
			from = [2]int64{x.bad.busy.Load(), usual.busy.Load()}
		}
	}
	a, b := float64(x.bad.busy.Load()-from[0]), float64(usual.busy.Load()-from[1])
	if x.bad.calls.Load() < 20 || usual.calls.Load() < 40 {
		t.Fatalf("the mix did not run: %d bad, %d usual statements", x.bad.calls.Load(), usual.calls.Load())
	}
	x.part = a / (a + b)
	return x
}

func onNode(r *model.TopRow, s *model.Snapshot, name string) *model.TopNumbers {
	for i := range r.Nodes {
		if r.Nodes[i].Node == named(s, name).ID {
			return &r.Nodes[i]
		}
	}
	return nil
}

func sourcesAre(t *testing.T, top *model.Top, want model.TopSource) {
	t.Helper()
	for _, n := range top.Sources() {
		if n.Source != want || !n.Live {
			t.Errorf("%s: source %d, live %v, because %q", n.Name, n.Source, n.Live, n.Why)
		}
	}
}

// worst is the digest on top, which must be the bad query.
func worst(t *testing.T, top *model.Top, since bool) *model.TopRow {
	t.Helper()
	rows := top.Rows(since)
	want := model.Normalise(fmt.Sprintf(badQuery, 3))
	if len(rows) == 0 || rows[0].Text != want {
		for i := range rows {
			t.Logf("%5.3f busy, %.2f calls/s: %s", rows[i].All.Load, rows[i].All.Rate.V, rows[i].Text)
		}
		t.Fatalf("not on top: %s", want)
	}
	return &rows[0]
}

func TestTopQueriesWithPerformanceSchemaOnARealCluster(t *testing.T) {
	t.Parallel()
	needsSysbench(t)
	c := cluster.Start(t, 3, cluster.WithPerformanceSchema())
	x := ranking(t, c)
	sourcesAre(t, x.top, model.TopDigests)
	r := worst(t, x.top, false)
	here := onNode(r, x.w.last, "db2")
	if here == nil || len(r.Nodes) != 1 || r.All.AtLeast {
		t.Fatalf("the bad query: %+v", r)
	}
	if math.Abs(here.Share.V-x.part) > 0.15 {
		t.Errorf("its share on db2 is %.2f, by the clients' clock %.2f", here.Share.V, x.part)
	}
	if r.Example == "" || !strings.Contains(strings.Join(model.StatementTables(r.Example), " "), "seq_1_to_1000") {
		t.Errorf("its example is %q", r.Example)
	}
	x.mixInOrder(t, "db1", len(mixOrder))
	x.mixInOrder(t, "db3", 2)
	x.bad.stop()
	calls, transactions := x.bad.calls.Load(), x.mix["db1"].transactions(t)
	for range 12 * looksASecond { // two more readings
		x.top.Add(x.w.next())
	}
	r = worst(t, x.top, true)
	if got := r.All.Calls.V; got != float64(calls) {
		t.Errorf("%v calls were counted, the client made %d", got, calls)
	}
	for _, m := range mixOrder {
		n := x.of(t, m.statement, "db1", true)
		if want := float64(m.each * transactions); n.Calls.V != want || n.AtLeast {
			t.Errorf("%s: %v calls were counted on db1, sysbench made %v", m.statement, n.Calls.V, want)
		}
		if n := x.of(t, m.statement, "db3", true); n != nil && (!n.AtLeast || n.Doubt.V == 0) {
			t.Errorf("%s on db3, prepared: %+v", m.statement, n)
		}
	}
	t.Logf("share %.3f, by the clients %.3f; %d calls; mean %.3f s; %d transactions on db1", here.Share.V, x.part, calls, r.All.Mean.V, transactions)
}

func TestTopQueriesBySamplingOnARealCluster(t *testing.T) {
	t.Parallel()
	needsSysbench(t)
	c := cluster.Start(t, 3)
	x := ranking(t, c)
	sourcesAre(t, x.top, model.TopSamples)
	r := worst(t, x.top, false)
	here := onNode(r, x.w.last, "db2")
	if here == nil || !r.All.AtLeast || here.Doubt.V <= 0 {
		t.Fatalf("the bad query: %+v", r)
	}
	// Two standard errors of the sampling, and what the clients' clock adds.
	if math.Abs(here.Share.V-x.part) > here.Doubt.V+0.05 {
		t.Errorf("its share on db2 is %.2f ± %.2f, by the clients' clock %.2f", here.Share.V, here.Doubt.V, x.part)
	}
	x.mixInOrder(t, "db1", 2)
	x.mixInOrder(t, "db3", 2)
	since := worst(t, x.top, true)
	if since.All.Calls.V > float64(x.bad.calls.Load()+1) || since.All.Calls.V < 5 {
		t.Errorf("at least %v calls were seen, the client made %d", since.All.Calls.V, x.bad.calls.Load())
	}
	t.Logf("share %.3f ± %.3f, by the clients %.3f; calls seen %v of %d", here.Share.V, here.Doubt.V, x.part, since.All.Calls.V, x.bad.calls.Load())
}
