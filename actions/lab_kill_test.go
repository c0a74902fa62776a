package actions

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/galeratop/galeratop/internal/lab/cluster"
	"github.com/galeratop/galeratop/model"
)

// TestKillOnARealCluster walks one cluster of three through all that can be
// killed and cannot. The parts leave it healthy behind them.
func TestKillOnARealCluster(t *testing.T) {
	c := cluster.Start(t, 3, cluster.WithOption("max_connections", "1000"),
		// For a replica, whose dump thread may not be killed.
		cluster.WithNodeOption("db1", "log_bin", "binlog"), cluster.WithNodeOption("db1", "server_id", "101"))
	prepareShop(t, c)
	for _, part := range []struct {
		name string
		run  func(*testing.T, *cluster.Cluster)
	}{
		{"every way of running a statement", everyStatement},
		{"a transaction that stays open is told", leftOpen},
		{"a big rollback is followed to its end", bigRollback},
		{"a commit in certification is waited for", inCertification},
		{"protected threads are refused with the reason", protectedThreads},
		{"what the server refuses is explained", withoutPrivilege},
		{"another session is never hit", nobodyElse},
		{"a node outside the Primary Component", outsidePrimary},
	} {
		if !t.Run(part.name, func(t *testing.T) { part.run(t, c) }) {
			t.Fatal("the cluster may not be healthy any more")
		}
	}
}

func labConsole(t *testing.T, c *cluster.Cluster, user string, session Session) *console {
	t.Helper()
	out := openConsole(t, c.Addresses(), user, user, session)
	out.until("three members", func(s *model.Snapshot) bool {
		return len(s.Nodes) == 3 && s.Nodes[0].Up() && s.Nodes[1].Up() && s.Nodes[2].Up()
	})
	return out
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// labClient is a connection of an application.
func labClient(t *testing.T, n *cluster.Node, params string) *sql.Conn {
	t.Helper()
	db, err := sql.Open("mysql", "lab:lab@tcp("+n.Address+")/"+params)
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	conn, err := db.Conn(t.Context())
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// background runs a statement and delivers its error. It asks for rows, since
// the driver's Exec of a prepared SELECT misses an error that comes behind the
// columns, and waits for ever.
func background(ctx context.Context, conn *sql.Conn, query string, args ...any) <-chan error {
	out := make(chan error, 1)
	go func() { out <- drain(ctx, conn, query, args...) }()
	return out
}

func drain(ctx context.Context, conn *sql.Conn, query string, args ...any) error {
	rows, err := conn.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for more := true; more; {
		more = rows.Next()
	}
	return rows.Err()
}

func idOf(t *testing.T, conn *sql.Conn) (id uint64) {
	t.Helper()
	must(t, conn.QueryRowContext(t.Context(), "SELECT CONNECTION_ID()").Scan(&id))
	return id
}

func (c *console) active(node string, id uint64) model.Thread {
	c.t.Helper()
	thread := c.thread(fmt.Sprintf("thread %d of %s at work", id, node), func(t *model.Thread) bool {
		return t.Node.Name == node && t.ID == id && t.Active()
	})
	return thread
}

func interrupted(err error) bool {
	var e *mysql.MySQLError
	return errors.As(err, &e) && e.Number == errInterrupted
}

func prepareShop(t *testing.T, c *cluster.Cluster) {
	t.Helper()
	must(t, c.Node(1).Exec(
		t.Context(), "CREATE DATABASE IF NOT EXISTS killing", "CREATE OR REPLACE TABLE killing.stock (id INT PRIMARY KEY, n INT, v VARCHAR(200))",
		"INSERT INTO killing.stock VALUES (1, 1, ''), (2, 1, '')",
		`CREATE OR REPLACE PROCEDURE killing.spin() BEGIN DECLARE i INT DEFAULT 0;
		 WHILE i < 1000000000 DO SET i = i + 1; SELECT COUNT(*) INTO @x FROM killing.stock; END WHILE; END`,
		"CREATE OR REPLACE PROCEDURE killing.nap() BEGIN SELECT SLEEP(600) INTO @x; END",
	))
}

func everyStatement(t *testing.T, c *cluster.Cluster) {
	console := labConsole(t, c, "ops", Session{})
	holder := labClient(t, c.Node(1), "killing")
	_, err := holder.ExecContext(t.Context(), "BEGIN")
	must(t, err)
	_, err = holder.ExecContext(t.Context(), "UPDATE stock SET n = 2 WHERE id = 1")
	must(t, err)
	for _, s := range []struct {
		name, query string
		args        []any
	}{ // Galera tells a client that is killed in a lock wait of a deadlock, 1213.
		{"a plain statement", "SELECT SLEEP(600)", nil},
		{"a prepared statement", "SELECT SLEEP(?)", []any{600}},
		{"a procedure that waits", "CALL nap()", nil},
		{"a procedure that runs many statements", "CALL spin()", nil},
		{"a statement in a lock wait", "UPDATE stock SET n = 3 WHERE id = 1", nil},
	} {
		for _, kind := range []KillKind{KillQuery, KillConnection} {
			client := labClient(t, c.Node(1), "killing")
			id := idOf(t, client)
			ended := background(t.Context(), client, s.query, s.args...)
			thread := console.active(c.Node(1).Name, id)
			result, _ := console.carryOut(console.plan(kind, thread.Key()))
			if result.Stage != Done {
				t.Errorf("%s, %s: %+v", s.name, killWords[kind].action, result)
				continue
			}
			if err := <-ended; err == nil {
				t.Errorf("%s, %s: the client got %v", s.name, killWords[kind].action, err)
			}
			if err := client.PingContext(t.Context()); (err == nil) != (kind == KillQuery) {
				t.Errorf("%s, %s: the connection says %v", s.name, killWords[kind].action, err)
			}
			t.Logf("%s, %s: %s", s.name, killWords[kind].action, result.Text)
		}
	}
	_, err = holder.ExecContext(t.Context(), "ROLLBACK")
	must(t, err)
}

func leftOpen(t *testing.T, c *cluster.Cluster) {
	console := labConsole(t, c, "ops", Session{})
	client := labClient(t, c.Node(2), "killing")
	id := idOf(t, client)
	for _, q := range []string{"BEGIN", "UPDATE stock SET n = 7 WHERE id = 2", "DO SLEEP(3)"} {
		_, err := client.ExecContext(t.Context(), q)
		must(t, err)
	}
	ended := background(t.Context(), client, "SELECT SLEEP(600)")
	thread := console.thread("the sleeper and its transaction", func(t *model.Thread) bool {
		return t.ID == id && t.Node.Name == c.Node(2).Name && strings.Contains(t.Query, "600") && t.Trx != nil && t.Trx.Modified == 1
	})
	p := console.plan(KillQuery, thread.Key())
	if !strings.Contains(say(p), "its transaction stays open and keeps its locks; X ends it") {
		t.Errorf("%s", say(p))
	}
	result, _ := console.carryOut(p)
	if result.Stage != Done || !strings.Contains(result.Text, "still open with 1 row changed") {
		t.Errorf("%+v", result)
	}
	if err := <-ended; !interrupted(err) {
		t.Errorf("the client got %v", err)
	}
	_, err := client.ExecContext(t.Context(), "ROLLBACK")
	must(t, err)
}

func bigRollback(t *testing.T, c *cluster.Cluster) {
	must(t, c.Node(1).Exec(
		t.Context(), "CREATE OR REPLACE TABLE killing.big (id INT PRIMARY KEY, v VARCHAR(200), KEY (v))",
		"INSERT INTO killing.big SELECT seq, REPEAT('x', 100) FROM killing.seq_1_to_60000",
	))
	console := labConsole(t, c, "ops", Session{})
	client := labClient(t, c.Node(1), "killing")
	id := idOf(t, client)
	_, err := client.ExecContext(t.Context(), "BEGIN")
	must(t, err)
	_, err = client.ExecContext(t.Context(), "UPDATE big SET v = CONCAT(id, v)")
	must(t, err)
	thread := console.thread("the transaction and its size", func(t *model.Thread) bool {
		return t.ID == id && t.Node.Name == c.Node(1).Name && t.Trx != nil && t.Trx.Modified >= 60000 && t.Idle()
	})
	p := console.plan(KillConnection, thread.Key())
	if !strings.Contains(say(p), "changed rows are rolled back") {
		t.Errorf("%s", say(p))
	}
	result, news := console.carryOut(p)
	var seen []string
	rolls := false
	for _, n := range news {
		seen = append(seen, n.Text)
		rolls = rolls || strings.HasPrefix(n.Text, "rolls back, ")
	}
	if result.Stage != Done || !rolls {
		t.Errorf("%+v after %q", result, seen)
	}
	t.Logf("%q", seen)
}

// inCertification stops a member: its group waits for it, and with the group
// every commit. It would wait for three seconds only, and then commit without
// that member; here it is patient.
func inCertification(t *testing.T, c *cluster.Cluster) {
	patience := func(ctx context.Context, options string) {
		for _, n := range c.Nodes() {
			must(t, n.Exec(ctx, "SET GLOBAL wsrep_provider_options = '"+options+"'"))
		}
	}
	patience(t.Context(), "evs.inactive_timeout=PT2M;evs.suspect_timeout=PT1M")
	console := labConsole(t, c, "ops", Session{})
	client := labClient(t, c.Node(1), "killing")
	id := idOf(t, client)
	must(t, c.Node(3).Hang())
	resume := func() { _ = c.Node(3).Resume() }
	t.Cleanup(resume)
	ended := background(t.Context(), client, "UPDATE stock SET n = n + 1 WHERE id = 2")
	thread := console.thread("the commit that waits", func(t *model.Thread) bool {
		return t.ID == id && t.Node.Name == c.Node(1).Name && committing(strings.ToLower(t.State))
	})
	run := console.Start(context.Background(), console.plan(KillQuery, thread.Key()))
	deferred := ""
	for news := range run.Progress() {
		if strings.HasPrefix(news.Text, "waits: it is being certified") {
			deferred = news.Text
			resume()
		}
	}
	if result := run.Result(); result.Stage != Done || deferred == "" {
		t.Errorf("%+v, before that %q", result, deferred)
	}
	t.Logf("%s; then the client got: %v", deferred, <-ended)
	resume()
	for _, n := range c.Nodes() {
		must(t, n.WaitStatus(t.Context(), "wsrep_cluster_size", "3"))
		must(t, n.WaitSynced(t.Context()))
	}
	patience(t.Context(), "evs.suspect_timeout=PT3S;evs.inactive_timeout=PT6S")
}

func withoutPrivilege(t *testing.T, c *cluster.Cluster) {
	console := labConsole(t, c, "mon", Session{})
	client := labClient(t, c.Node(1), "")
	ended := background(t.Context(), client, "SELECT SLEEP(5)")
	thread := console.thread("the sleeper", func(t *model.Thread) bool { return strings.Contains(t.Query, "SLEEP(5)") })
	result, _ := console.carryOut(console.plan(KillQuery, thread.Key()))
	if result.Stage != Wrong || !strings.Contains(result.Text, "GRANT CONNECTION ADMIN ON *.*") {
		t.Errorf("%+v", result)
	}
	must(t, <-ended)
}

func outsidePrimary(t *testing.T, c *cluster.Cluster) {
	console := labConsole(t, c, "ops", Session{})
	lonely := c.Node(3)
	client := labClient(t, lonely, "")
	id := idOf(t, client)
	ended := background(t.Context(), client, "SELECT SLEEP(600)")
	must(t, lonely.Isolate(t.Context()))
	thread := console.thread("the sleeper outside of the Primary Component", func(t *model.Thread) bool {
		return t.ID == id && t.Node.Name == lonely.Name && t.Active() && t.Node.Status().Ready == model.Off
	})
	p := console.plan(KillConnection, thread.Key())
	if len(p.Steps) != 2 || p.Steps[0].Text != dirtyReads {
		t.Errorf("%s", say(p))
	}
	if result, _ := console.carryOut(p); result.Stage != Done {
		t.Errorf("%+v", result)
	}
	if err := <-ended; err == nil {
		t.Error("the statement came to its end")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	must(t, lonely.Heal(ctx))
	must(t, lonely.WaitSynced(ctx))
}
