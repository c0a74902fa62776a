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

// ranking watches three nodes under a known mix until the live window is full.
// It returns the part that the bad query had of the time on db2, by the clock of
// its clients, over that window.
func ranking(t *testing.T, c *cluster.Cluster, top *model.Top) (w *watcher, bad *repeated, part float64) {
	t.Helper()
	ctx := limit(t, 3*time.Minute)
	load, err := c.Load(ctx, cluster.LoadOptions{Threads: 2, Nodes: []*cluster.Node{c.Node(1), c.Node(3)}, Pause: 5 * time.Millisecond})
	must(t, err)
	t.Cleanup(func() { load.Stop() })
	w = watchFirst(t, c, "mon")
	w.Demand(model.SubjectDigests | model.SubjectProcesses | model.SubjectTransactions)
	w.within(10, "three nodes", synced(3))
	for range 7 {
		top.Add(w.next())
	}
	bad = repeat(ctx, t, c.Node(2), badQuery, 100*time.Millisecond)
	usual := repeat(ctx, t, c.Node(2), usualQuery, 100*time.Millisecond)
	var from [2]int64
	for i := range 45 {
		if top.Add(w.next()); i == 45-int(model.TopWindow/time.Second) {
			from = [2]int64{bad.busy.Load(), usual.busy.Load()}
		}
	}
	a, b := float64(bad.busy.Load()-from[0]), float64(usual.busy.Load()-from[1])
	if bad.calls.Load() < 20 || usual.calls.Load() < 40 {
		t.Fatalf("the mix did not run: %d bad, %d usual statements", bad.calls.Load(), usual.calls.Load())
	}
	return w, bad, a / (a + b)
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
	c := cluster.Start(t, 3, cluster.WithPerformanceSchema())
	top := model.NewTop()
	w, bad, part := ranking(t, c, top)
	sourcesAre(t, top, model.TopDigests)
	r := worst(t, top, false)
	here := onNode(r, w.last, "db2")
	if here == nil || len(r.Nodes) != 1 || r.All.AtLeast {
		t.Fatalf("the bad query: %+v", r)
	}
	if math.Abs(here.Share.V-part) > 0.15 {
		t.Errorf("its share on db2 is %.2f, by the clients' clock %.2f", here.Share.V, part)
	}
	if r.Example == "" || !strings.Contains(strings.Join(model.StatementTables(r.Example), " "), "seq_1_to_1000") {
		t.Errorf("its example is %q", r.Example)
	}
	bad.stop()
	calls := bad.calls.Load()
	for range 12 { // two more readings
		top.Add(w.next())
	}
	r = worst(t, top, true)
	if got := r.All.Calls.V; got != float64(calls) {
		t.Errorf("%v calls were counted, the client made %d", got, calls)
	}
	t.Logf("share %.3f, by the clients %.3f; %d calls; mean %.3f s", here.Share.V, part, calls, r.All.Mean.V)
}

func TestTopQueriesBySamplingOnARealCluster(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, 3)
	top := model.NewTop()
	w, bad, part := ranking(t, c, top)
	sourcesAre(t, top, model.TopSamples)
	r := worst(t, top, false)
	here := onNode(r, w.last, "db2")
	if here == nil || !r.All.AtLeast || here.Doubt.V <= 0 {
		t.Fatalf("the bad query: %+v", r)
	}
	// Two standard errors of the sampling, and what the clients' clock adds.
	if math.Abs(here.Share.V-part) > here.Doubt.V+0.05 {
		t.Errorf("its share on db2 is %.2f ± %.2f, by the clients' clock %.2f", here.Share.V, here.Doubt.V, part)
	}
	if since := worst(t, top, true); since.All.Calls.V > float64(bad.calls.Load()+1) || since.All.Calls.V < 5 {
		t.Errorf("at least %v calls were seen, the client made %d", since.All.Calls.V, bad.calls.Load())
	}
	t.Logf("share %.3f ± %.3f, by the clients %.3f; calls seen %v of %d", here.Share.V, here.Doubt.V, part,
		worst(t, top, true).All.Calls.V, bad.calls.Load())
}
