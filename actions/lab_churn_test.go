package actions

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/galeratop/galeratop/internal/lab/cluster"
	"github.com/galeratop/galeratop/model"
)

// How many of each there are on every node.
const (
	churners   = 80
	victims    = 60
	bystanders = 30
)

// churn is the application of the test: clients that come and go, clients that
// may be killed when they were chosen, and clients that look just like them and
// are never chosen.
type churn struct {
	t       *testing.T
	ctx     context.Context
	group   sync.WaitGroup
	victims map[string]*victim // by the mark in their statement

	connections atomic.Int64 // short ones
	reused      atomic.Int64 // of those, with an id that another one had before
	innocent    atomic.Int64 // clients that were hit though nobody chose them
	ended       atomic.Int64 // clients that were hit and had been chosen
	ids         sync.Map
}

// victim is a client whose statements take for ever.
type victim struct {
	round  atomic.Int64 // of its present statement
	chosen atomic.Int64 // the round in which it was chosen
}

func mark(node string, i int) string { return fmt.Sprintf("victim %s %d", node, i) }

func startChurn(t *testing.T, c *cluster.Cluster) *churn {
	ctx, cancel := context.WithCancel(t.Context())
	ch := &churn{t: t, ctx: ctx, victims: make(map[string]*victim)}
	for _, n := range c.Nodes() {
		for i := range victims {
			v := &victim{}
			ch.victims[mark(n.Name, i)] = v
			ch.group.Go(func() { ch.suffer(n.Address, mark(n.Name, i), v) })
		}
		for i := range bystanders {
			ch.group.Go(func() { ch.suffer(n.Address, fmt.Sprintf("bystander %d", i), nil) })
		}
		for range churners {
			ch.group.Go(func() { ch.comeAndGo(n) })
		}
	}
	t.Cleanup(func() {
		cancel()
		ch.group.Wait()
	})
	return ch
}

func open(ctx context.Context, address string) (driver.Conn, error) {
	cfg := mysql.NewConfig()
	cfg.Net, cfg.Addr, cfg.User, cfg.Passwd, cfg.Logger = "tcp", address, "shop", "shop", &mysql.NopLogger{}
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, err
	}
	return connector.Connect(ctx)
}

// ask runs a statement and reads one number from its answer.
func ask(ctx context.Context, conn driver.Conn, query string) (int64, error) {
	rows, err := conn.(driver.QueryerContext).QueryContext(ctx, query, nil)
	if err != nil {
		return 0, err
	}
	defer func() { _ = rows.Close() }()
	row := make([]driver.Value, 1)
	if err := rows.Next(row); err != nil {
		return 0, err
	}
	var n sql.NullInt64
	err = n.Scan(row[0])
	if next := rows.Next(row); err == nil && !errors.Is(next, io.EOF) {
		err = next
	}
	return n.Int64, err
}

// suffer runs one long statement after the other and counts how they end: SLEEP
// answers 1 when it was interrupted in a way that the client does not see as an
// error.
func (ch *churn) suffer(address, mark string, v *victim) {
	var conn driver.Conn
	for round := int64(1); ch.ctx.Err() == nil; round++ {
		if conn == nil {
			var err error
			if conn, err = open(ch.ctx, address); err != nil {
				ch.hit(err)
				return
			}
		}
		if v != nil {
			v.round.Store(round)
		}
		_, err := ask(ch.ctx, conn, fmt.Sprintf("SELECT SLEEP(3600) /* %s round %d */", mark, round))
		if ch.ctx.Err() != nil {
			break
		}
		if v == nil || v.chosen.Load() != round {
			ch.hit(err)
			return
		}
		ch.ended.Add(1)
		if !interrupted(err) || conn.(driver.Pinger).Ping(ch.ctx) != nil {
			_ = conn.Close()
			conn = nil
		}
	}
	if conn != nil {
		_ = conn.Close()
	}
}

// hit counts a client that nobody had chosen.
func (ch *churn) hit(err error) {
	if ch.ctx.Err() == nil {
		ch.innocent.Add(1)
		ch.t.Logf("a client that nobody chose was hit: %v", err)
	}
}

// comeAndGo makes short connections.
func (ch *churn) comeAndGo(n *cluster.Node) {
	for ch.ctx.Err() == nil {
		conn, err := open(ch.ctx, n.Address)
		if err != nil {
			ch.hit(err)
			return
		}
		id, err := ask(ch.ctx, conn, "SELECT CONNECTION_ID()")
		if err == nil {
			_, err = ask(ch.ctx, conn, "SELECT SLEEP(0.5)")
		}
		_ = conn.Close()
		if err != nil {
			ch.hit(err)
			continue
		}
		ch.connections.Add(1)
		if _, before := ch.ids.LoadOrStore(fmt.Sprint(n.Name, id), true); before {
			ch.reused.Add(1)
		}
	}
}

// choose marks victims that are on screen as chosen, up to a number.
func (ch *churn) choose(s *model.Snapshot, most int) (keys []model.ThreadKey) {
	for _, t := range model.Threads(s) {
		var node string
		var i int
		var round int64
		if n, _ := fmt.Sscanf(t.Query, "SELECT SLEEP(3600) /* victim %s %d round %d */", &node, &i, &round); n < 3 {
			continue
		}
		v := ch.victims[mark(node, i)]
		if len(keys) < most && v.round.Load() == round && v.chosen.Load() != round {
			v.chosen.Store(round)
			keys = append(keys, t.Key())
		}
	}
	return keys
}

// nobodyElse kills thousands of threads by the code path of the console while
// clients come and go, and counts from the clients' side who was hit.
//
// MariaDB's thread ids count up to 2^32-1; then the server looks for the largest
// gap between the ids in use and goes on there (recalculate_thread_id_range), so
// that ids are given out again, but never one that is in use. Where this process
// may write to the server's memory, the counter is moved close to its end again
// and again, and the short connections get ids that others had before them.
func nobodyElse(t *testing.T, c *cluster.Cluster) {
	want := int64(400)
	if os.Getenv("GALERATOP_LAB") == "long" {
		want = 10_000
	}
	console := labConsole(t, c, "ops", Session{})
	ch := startChurn(t, c)
	begin := time.Now()
	wrap(t, ch, c)
	var ordered, stages int64
	count := make(map[Stage]int64)
	for kind := KillQuery; ch.ended.Load() < want && ch.innocent.Load() == 0; kind = 1 - kind {
		var keys []model.ThreadKey
		tick := console.Latest().Tick
		console.until("victims", func(s *model.Snapshot) bool {
			if s.Tick == tick {
				return false
			}
			keys = ch.choose(s, 3*victims)
			return len(keys) > 0
		})
		ordered += killAll(t, console, kind, keys, count)
		stages++
	}
	took := time.Since(begin)
	console.until("the last ones have noticed", func(*model.Snapshot) bool { return ch.ended.Load() == count[Done] || ch.innocent.Load() > 0 })
	t.Logf("%d kills in %d runs in %s, %d clients ended, %d innocent; %d short connections meanwhile, %d with an id that was used before",
		ordered, stages, took.Round(time.Second), ch.ended.Load(), ch.innocent.Load(), ch.connections.Load(), ch.reused.Load())
	if ch.innocent.Load() != 0 || count[Done] != ordered {
		t.Errorf("of %d kills %v", ordered, count)
	}
}

// killAll ends the threads, those of each node in a run of their own, all at the
// same time, and counts how the steps ended.
func killAll(t *testing.T, console *console, kind KillKind, keys []model.ThreadKey, count map[Stage]int64) (ordered int64) {
	byNode := make(map[string][]model.ThreadKey)
	for _, k := range keys {
		byNode[k.Node] = append(byNode[k.Node], k)
	}
	runs := make(map[*Run]*Plan)
	for _, some := range byNode {
		p := console.plan(kind, some...)
		runs[console.Start(t.Context(), p)] = p
	}
	for run, p := range runs {
		ordered += int64(len(p.Steps))
		for i, s := range run.Result().Steps {
			count[s.Stage]++
			if s.Stage != Done {
				t.Logf("%s: %s: %s", p.Steps[i].Text, s.Stage, s.Text)
			}
		}
	}
	return ordered
}
