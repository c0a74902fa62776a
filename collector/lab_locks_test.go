package collector

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/galeratop/galeratop/internal/lab/cluster"
	"github.com/galeratop/galeratop/model"
)

// lockClient is a connection that holds locks or waits for them.
type lockClient struct {
	t    *testing.T
	conn *sql.Conn
	id   uint64
}

func connectTo(ctx context.Context, t *testing.T, n *cluster.Node, statements ...string) *lockClient {
	t.Helper()
	conn, err := n.DB().Conn(ctx)
	must(t, err)
	c := &lockClient{t: t, conn: conn}
	must(t, conn.QueryRowContext(ctx, "SELECT CONNECTION_ID()").Scan(&c.id))
	for _, s := range statements {
		_, err := conn.ExecContext(ctx, s)
		must(t, err)
	}
	return c
}

// runs begins a statement that will wait.
func (c *lockClient) runs(ctx context.Context, statement string) *lockClient {
	go func() { _, _ = c.conn.ExecContext(ctx, statement) }()
	return c
}

// end drops the connection, whatever it does.
func (c *lockClient) end() {
	_ = c.conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = c.conn.Close()
}

// told writes a branch as thread(kind)[those behind].
func told(b *model.Branch) string {
	text := strconv.FormatUint(b.ID, 10)
	if b.Wait != nil {
		text += fmt.Sprintf("(%s %s)", b.Wait.Kind, b.Wait.Object)
	}
	behind := make([]string, 0, len(b.Behind))
	for i := range b.Behind {
		behind = append(behind, told(&b.Behind[i]))
	}
	if len(behind) > 0 {
		text += "[" + strings.Join(behind, " ") + "]"
	}
	return text
}

// holdsUp waits until one tree of the forest is as told.
func (w *watcher) holdsUp(want string) {
	w.t.Helper()
	w.within(12, want, func(s *model.Snapshot) bool {
		var got []string
		for _, tree := range model.Forest(s) {
			one := told(&tree.Root)
			got = append(got, one)
			if one == want {
				return true
			}
		}
		if s.Tick%4 == 0 {
			w.t.Logf("so far: %s", strings.Join(got, "; "))
		}
		return false
	})
}

func (w *watcher) nobodyWaits() {
	w.t.Helper()
	w.within(12, "nobody waits", func(s *model.Snapshot) bool { return len(model.Forest(s)) == 0 })
}

func TestLocksOnARealCluster(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, 3, cluster.WithOption("max_connections", "900"))
	ctx := limit(t, 4*time.Minute)
	must(t, c.Node(1).Exec(ctx, "CREATE DATABASE shop1", "CREATE DATABASE stock1",
		"CREATE TABLE shop1.orders (id INT PRIMARY KEY, n INT)", "CREATE TABLE stock1.items (id INT PRIMARY KEY, n INT)",
		"INSERT INTO shop1.orders VALUES (1, 1), (2, 2)", "INSERT INTO stock1.items VALUES (1, 1), (2, 2)"))
	w := watchAll(t, c)
	w.shows("three nodes", synced(3))
	for _, plugin := range []bool{false, true} {
		if plugin {
			for _, n := range c.Nodes() {
				must(t, n.Exec(ctx, "INSTALL SONAME 'metadata_lock_info'"))
			}
		}
		for _, demand := range []model.Subject{0, model.SubjectLocks} {
			w.Demand(demand)
			name := fmt.Sprintf("plugin %v, looked at %v, ", plugin, demand != 0)
			t.Run(name+"a chain of row locks over two schemas", func(t *testing.T) { lockChain(ctx, t, w, c) })
			t.Run(name+"a metadata lock pile-up", func(t *testing.T) { lockPileUp(ctx, t, w, c) })
			t.Run(name+"a global read lock", func(t *testing.T) { lockWhole(ctx, t, w, c) })
		}
		t.Run("what cannot be seen is said", func(*testing.T) {
			w.within(6, "a reading", func(s *model.Snapshot) bool {
				l := s.Nodes[0].Sample.Slow.Locks
				return l != nil && l.Error == "" && l.Metadata == plugin && strings.Contains(l.Blind, "INSTALL SONAME") != plugin
			})
		})
	}
	t.Run("a sleeper with locks among some hundred without", func(t *testing.T) { lockSleeper(ctx, t, w, c) })
	t.Run("some hundred waiters", func(t *testing.T) { lockCrowd(ctx, t, w, c) })
}

func lockChain(ctx context.Context, t *testing.T, w *watcher, c *cluster.Cluster) {
	n := c.Node(1)
	root := connectTo(ctx, t, n, "BEGIN", "UPDATE shop1.orders SET n = n + 1 WHERE id = 1")
	middle := connectTo(ctx, t, n, "BEGIN", "UPDATE stock1.items SET n = n + 1 WHERE id = 1")
	middle.runs(ctx, "UPDATE shop1.orders SET n = n + 1 WHERE id = 1")
	last := connectTo(ctx, t, n).runs(ctx, "UPDATE stock1.items SET n = n + 1 WHERE id = 1")
	w.holdsUp(fmt.Sprintf("%d[%d(row shop1.orders (PRIMARY))[%d(row stock1.items (PRIMARY))]]", root.id, middle.id, last.id))
	root.end()
	middle.end()
	last.end()
	w.nobodyWaits()
}

// lockPileUp alters a table outside of the total order: in it, the transaction
// would be aborted.
func lockPileUp(ctx context.Context, t *testing.T, w *watcher, c *cluster.Cluster) {
	n := c.Node(2)
	root := connectTo(ctx, t, n, "BEGIN", "SELECT * FROM shop1.orders")
	alter := connectTo(ctx, t, n, "SET SESSION wsrep_OSU_method = 'RSU'").runs(ctx, "ALTER TABLE shop1.orders ADD COLUMN IF NOT EXISTS extra INT")
	time.Sleep(1500 * time.Millisecond) // the readers come later
	reader := connectTo(ctx, t, n).runs(ctx, "SELECT COUNT(*) FROM shop1.orders")
	w.holdsUp(fmt.Sprintf("%d[%d(metadata shop1.orders)[%d(metadata shop1.orders)]]", root.id, alter.id, reader.id))
	must(t, n.Exec(ctx, fmt.Sprintf("KILL %d", alter.id)))
	root.end()
	alter.end()
	reader.end()
	w.nobodyWaits()
	must(t, n.WaitSynced(ctx))
}

func lockWhole(ctx context.Context, t *testing.T, w *watcher, c *cluster.Cluster) {
	n := c.Node(3)
	root := connectTo(ctx, t, n, "FLUSH TABLES WITH READ LOCK")
	writer := connectTo(ctx, t, n).runs(ctx, "UPDATE stock1.items SET n = n + 1 WHERE id = 2")
	w.within(12, "the read lock's holder is the root", func(s *model.Snapshot) bool {
		trees := model.Forest(s)
		return len(trees) == 1 && trees[0].Root.ID == root.id && trees[0].Holds == 1 && trees[0].Root.Behind[0].ID == writer.id
	})
	root.end()
	writer.end()
	w.nobodyWaits()
	must(t, n.WaitSynced(ctx))
}

// lockSleeper lets a transaction sleep on a row for which nobody waits, while
// nobody looks. All other sleepers have slept for longer, or are so many that
// the process list is not read whole any more.
func lockSleeper(ctx context.Context, t *testing.T, w *watcher, c *cluster.Cluster) {
	n := c.Node(1)
	w.Demand(0)
	var clients []*lockClient
	join := func(count int) {
		for range count {
			clients = append(clients, connectTo(ctx, t, n))
		}
	}
	join(300)
	holder := connectTo(ctx, t, n, "BEGIN", "UPDATE shop1.orders SET n = n + 1 WHERE id = 1")
	for _, glance := range []bool{true, false} {
		shown := func(s *model.Snapshot) bool {
			p := &named(s, "db1").Sample.Processes
			return p.Glance == glance && p.Left > 100 &&
				slices.ContainsFunc(p.Rows, func(p model.Process) bool { return p.ID == holder.id })
		}
		w.within(10, fmt.Sprintf("the sleeper with locks, in a list that leaves others out, glance %v", glance), shown)
		for range 3 {
			if !shown(w.next()) {
				t.Errorf("glance %v: thread %d was shown, and is not any more", glance, holder.id)
			}
		}
		p := &named(w.last, "db1").Sample.Processes
		t.Logf("glance %v: thread %d is among %d of %d threads", glance, holder.id, len(p.Rows), p.Total)
		join(220)
	}
	holder.end()
	for _, client := range clients {
		client.end()
	}
}

// lockCrowd lets some hundred clients wait for one row.
func lockCrowd(ctx context.Context, t *testing.T, w *watcher, c *cluster.Cluster) {
	const crowd = 300
	n := c.Node(1)
	root := connectTo(ctx, t, n, "BEGIN", "UPDATE shop1.orders SET n = n + 1 WHERE id = 1")
	clients := make([]*lockClient, crowd)
	for i := range clients {
		clients[i] = connectTo(ctx, t, n).runs(ctx, "UPDATE shop1.orders SET n = n + 1 WHERE id = 1")
	}
	w.within(20, "all behind one root", func(s *model.Snapshot) bool {
		trees := model.Forest(s)
		return len(trees) == 1 && trees[0].Root.ID == root.id && trees[0].Holds == crowd
	})
	l := named(w.last, "db1").Sample.Slow.Locks
	t.Logf("%d waiters: a reading of %d locks took %s with the network", crowd, len(l.Known), l.Took)
	root.end()
	for _, client := range clients {
		client.end()
	}
	w.nobodyWaits()
}
