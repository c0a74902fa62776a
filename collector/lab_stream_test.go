package collector

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/galeratop/galeratop/internal/lab/cluster"
	"github.com/galeratop/galeratop/model"
)

// TestRecordStreams writes testdata/streams anew from real nodes under load:
//
//	GALERATOP_STREAMS=write go test -run TestRecordStreams ./collector
func TestRecordStreams(t *testing.T) {
	if os.Getenv("GALERATOP_STREAMS") != "write" {
		t.Skip("GALERATOP_STREAMS=write records the streams anew")
	}
	ctx := limit(t, 10*time.Minute)
	c := cluster.Start(t, 3)
	load, err := c.Load(ctx, cluster.LoadOptions{Threads: 3, Pause: 10 * time.Millisecond})
	must(t, err)
	defer load.Stop()
	for _, life := range []struct {
		name string
		live func(context.Context, *testing.T, *cluster.Cluster)
	}{
		{"desync", liveDesync},
		{"crash", liveCrash},
		{"rolling-restart", liveRollingRestart},
		{"join-leave", liveJoinLeave},
		{"split-brain", liveSplitBrain},
	} {
		w := watchAll(t, c)
		w.shows("all nodes", synced(len(c.Addresses())))
		s := w.record(ctx, func() { life.live(ctx, t, c) })
		writeStream(t, life.name, c.Dir, s)
		t.Logf("%s: %d ticks", life.name, len(s))
		w.stop()
	}
}

// record keeps what the nodes show from five ticks before something happens until
// twelve after it.
func (w *watcher) record(ctx context.Context, live func()) stream {
	w.t.Helper()
	var (
		out    stream
		before = map[string]*model.Sample{}
		done   = make(chan struct{})
		tick   uint64
	)
	for left := 12; left > 0; {
		s := w.next()
		if ctx.Err() != nil {
			w.t.Fatal(ctx.Err())
		}
		if s.Tick == tick {
			continue
		}
		tick = s.Tick
		out = append(out, momentOf(s, before))
		if len(out) == 5 {
			go func() {
				defer close(done)
				live()
			}()
		}
		select {
		case <-done:
			left--
		default:
		}
	}
	return out
}

// momentOf keeps of a snapshot what is new in it.
func momentOf(s *model.Snapshot, before map[string]*model.Sample) moment {
	m := moment{At: s.At, Faces: map[string]face{}}
	for _, n := range s.Nodes {
		f := face{Link: n.Link, Failure: n.Failure}
		old := before[n.Address]
		if n.Sample != nil && (old == nil || n.Sample.At.After(old.At)) {
			sample := *n.Sample
			if old != nil {
				sample.Slow = newOf(&n.Sample.Slow, &old.Slow)
			}
			f.Sample = &sample
			before[n.Address] = n.Sample
		}
		m.Faces[n.Address] = f
	}
	return m
}

// newOf is what was read since; variables that did not change come without values.
func newOf(now, old *model.Slow) model.Slow {
	s := *now
	if s.Variables == old.Variables {
		s.Variables = nil
	} else if old.Variables != nil && maps.Equal(s.Variables.Values, old.Variables.Values) {
		s.Variables = &model.Variables{Reading: s.Variables.Reading}
	}
	if s.Members == old.Members {
		s.Members = nil
	}
	if s.Transactions == old.Transactions {
		s.Transactions = nil
	}
	if s.Clock == old.Clock {
		s.Clock = nil
	}
	return s
}

// writeStream writes a stream, without the place where the lab happened to live.
func writeStream(t *testing.T, name, dir string, s stream) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(streamFile(name)), 0o755))
	f, err := os.Create(streamFile(name))
	must(t, err)
	zip, err := gzip.NewWriterLevel(f, gzip.BestCompression)
	must(t, err)
	for _, m := range s {
		line, err := json.Marshal(m)
		must(t, err)
		_, err = zip.Write([]byte(strings.ReplaceAll(string(line), dir, "/lab") + "\n"))
		must(t, err)
	}
	must(t, zip.Close())
	must(t, f.Close())
}

// ticks lets so many refreshes go by.
func ticks(n int) { time.Sleep(time.Duration(n) * time.Second) }

func liveDesync(ctx context.Context, t *testing.T, c *cluster.Cluster) {
	n := c.Node(2)
	for range 2 {
		must(t, n.Exec(ctx, "SET GLOBAL wsrep_desync = ON"))
		ticks(6)
		must(t, n.Exec(ctx, "SET GLOBAL wsrep_desync = OFF"))
		must(t, n.WaitSynced(ctx))
		ticks(4)
	}
	letGo := holding(ctx, t, c.Node(3), "FLUSH TABLES WITH READ LOCK")
	ticks(3)
	letGo()
	must(t, c.Node(3).WaitSynced(ctx))
}

func liveCrash(ctx context.Context, t *testing.T, c *cluster.Cluster) {
	c.Node(3).Crash()
	ticks(8)
	must(t, c.Node(3).Start(ctx))
	ticks(4)
	c.Node(1).Crash()
	must(t, c.Node(2).WaitStatus(ctx, "wsrep_cluster_size", "2"))
	must(t, c.Node(1).Start(ctx))
}

func liveRollingRestart(ctx context.Context, t *testing.T, c *cluster.Cluster) {
	for _, n := range c.Nodes() {
		must(t, n.Stop(ctx))
		must(t, n.Start(ctx))
		ticks(3)
	}
}

func liveJoinLeave(ctx context.Context, t *testing.T, c *cluster.Cluster) {
	n, err := c.Add(ctx)
	must(t, err)
	ticks(5)
	must(t, n.Stop(ctx))
	ticks(5)
	must(t, n.Start(ctx))
	ticks(4)
	must(t, n.Stop(ctx))
	must(t, n.Wipe(ctx))
	must(t, n.Start(ctx))
}

func liveSplitBrain(ctx context.Context, t *testing.T, c *cluster.Cluster) {
	n := c.Node(3)
	must(t, n.Isolate(ctx))
	must(t, n.WaitStatus(ctx, "wsrep_cluster_status", "non-Primary"))
	ticks(4)
	must(t, n.Exec(ctx, "SET GLOBAL wsrep_provider_options = 'pc.bootstrap=1'"))
	must(t, n.WaitSynced(ctx))
}
