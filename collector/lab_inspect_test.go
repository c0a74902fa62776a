package collector

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/galeratop/galeratop/internal/lab/cluster"
	"github.com/galeratop/galeratop/model"
)

// bench is a real node with threads to look at.
type bench struct {
	t    *testing.T
	n    *cluster.Node
	look *Inspector
}

// conn is a connection of a client and its number.
func (b *bench) conn(ctx context.Context) (*sql.Conn, uint64) {
	b.t.Helper()
	c, err := b.n.DB().Conn(ctx)
	must(b.t, err)
	b.t.Cleanup(func() { _ = c.Close() })
	var id uint64
	must(b.t, c.QueryRowContext(ctx, "SELECT CONNECTION_ID()").Scan(&id))
	_, err = c.ExecContext(ctx, "USE shop")
	must(b.t, err)
	return c, id
}

// runs starts a statement and waits until the process list shows it.
func (b *bench) runs(ctx context.Context, statement string) model.Process {
	b.t.Helper()
	c, id := b.conn(ctx)
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	var failed error
	go func() {
		defer close(done)
		_, failed = c.ExecContext(ctx, statement)
	}()
	b.t.Cleanup(func() { //nolint:contextcheck // the test's context is over by then
		_ = b.n.Exec(context.Background(), fmt.Sprint("KILL ", id))
		cancel()
		<-done
	})
	for {
		select {
		case <-done:
			b.t.Fatalf("%.60s has ended: %v", statement, failed)
		default:
		}
		p := b.process(ctx, id)
		if p.Command == "Query" && strings.HasPrefix(statement, strings.TrimSuffix(p.Query, "…")[:min(len(p.Query), 20)]) && p.State == "User sleep" {
			return p
		}
		must(b.t, ctx.Err())
		time.Sleep(20 * time.Millisecond)
	}
}

// process is a thread as the collector lists it.
func (b *bench) process(ctx context.Context, id uint64) model.Process {
	b.t.Helper()
	cfg, _ := credentials("lab")(b.n.Address)
	s, err := open(ctx, cfg)
	must(b.t, err)
	defer s.close()
	var sample model.Sample
	must(b.t, s.ask(ctx, processes, &sample, 500))
	for _, p := range sample.Processes.Rows {
		if p.ID == id {
			return p
		}
	}
	return model.Process{}
}

func (b *bench) inspect(ctx context.Context, p model.Process) *model.Inspection {
	b.t.Helper()
	got, err := b.look.Inspect(ctx, b.n.Address, nil, p)
	must(b.t, err)
	return got
}

func (b *bench) explain(ctx context.Context, p model.Process, json bool) *model.Explanation {
	b.t.Helper()
	got, err := b.look.Explain(ctx, b.n.Address, nil, p, json)
	must(b.t, err)
	return got
}

func (b *bench) written(ctx context.Context) (n int) {
	b.t.Helper()
	must(b.t, b.n.DB().QueryRowContext(ctx, "SELECT COUNT(*) FROM shop.w").Scan(&n))
	return n
}

func TestThreadsOfARealServerAreInspected(t *testing.T) {
	for name, options := range map[string][]cluster.Option{
		"performance_schema off": nil,
		"performance_schema on":  {cluster.WithPerformanceSchema()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := cluster.Start(t, 1, append(options, cluster.WithOption("max_allowed_packet", "16M"))...).Node(1)
			ctx := limit(t, time.Minute)
			must(t, n.Exec(ctx, "CREATE DATABASE IF NOT EXISTS shop", "CREATE TABLE shop.t (a INT PRIMARY KEY, b INT, c VARCHAR(99), KEY (b))",
				"CREATE TABLE shop.w (a INT AUTO_INCREMENT PRIMARY KEY, b INT)", "INSERT INTO shop.t WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i, i, i FROM n",
				"CREATE FUNCTION shop.f(x INT) RETURNS INT DETERMINISTIC MODIFIES SQL DATA BEGIN INSERT INTO shop.w (b) VALUES (x); RETURN x; END",
				"CREATE PROCEDURE shop.p() SELECT SLEEP(100)"))
			b := &bench{t, n, NewInspector(credentials("lab"))}
			on := len(options) > 0
			t.Run("a transaction that waits for another", func(t *testing.T) { b.t = t; b.transactions(ctx, on) })
			t.Run("a long and dirty statement", func(t *testing.T) { b.t = t; b.longStatement(ctx) })
			t.Run("plans", func(t *testing.T) { b.t = t; b.plans(ctx) })
			t.Run("a function that writes", func(t *testing.T) { b.t = t; b.writingFunction(ctx) })
			t.Run("missing privileges", func(t *testing.T) { b.t = t; b.privileges(ctx) })
		})
	}
}

func (b *bench) transactions(ctx context.Context, perfS bool) {
	t := b.t
	holder, id := b.conn(ctx)
	for _, q := range []string{"BEGIN", "UPDATE t SET c = 'x' WHERE a < 4"} {
		_, err := holder.ExecContext(ctx, q)
		must(t, err)
	}
	waiter, waits := b.conn(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = waiter.ExecContext(ctx, "UPDATE t SET c = 'y' WHERE a = 2")
	}()
	var got *model.Inspection
	for range 100 {
		if got = b.inspect(ctx, b.process(ctx, waits)); got.Trx.State == "LOCK WAIT" {
			break
		}
	}
	waiting := 0
	for _, k := range got.Locks.Rows {
		if k.Waiting && k.Object == "shop.t PRIMARY" && k.Data == "2" {
			waiting++
		}
	}
	if waiting != 1 || !got.Trx.Waiting.Known || got.Locks.Note != contended {
		t.Errorf("the waiter: %+v, locks %+v", got.Trx, got.Locks)
	}
	plan := b.explain(ctx, b.process(ctx, waits), false)
	if !strings.Contains(plan.Refused, "where EXPLAIN may write") {
		t.Errorf("its plan: %+v", plan)
	}
	got = b.inspect(ctx, b.process(ctx, id))
	if !got.Trx.Open || got.Trx.RowsModified.V != 3 || got.Trx.Isolation != "REPEATABLE READ" || len(got.Locks.Rows) == 0 || got.Locks.Rows[0].Waiting {
		t.Errorf("the holder: %+v, locks %+v", got.Trx, got.Locks)
	}
	if perfS == (got.Attributes.Error != "") || !perfS && got.History.Error != perfAbsent {
		t.Errorf("attributes %+v, history %+v", got.Attributes, got.History)
	}
	if perfS {
		b.instrumented(ctx, got)
	}
	_, err := holder.ExecContext(ctx, "ROLLBACK")
	must(t, err)
	<-done
}

// instrumented looks at what only performance_schema tells.
func (b *bench) instrumented(ctx context.Context, got *model.Inspection) {
	client := false
	for _, a := range got.Attributes.Rows {
		client = client || a.Name == "_client_name" && a.Value == "Go-MySQL-Driver"
	}
	if !client || !got.InstrumentedAs.Known || got.History.Note == "" {
		b.t.Errorf("attributes %+v, history %+v", got.Attributes, got.History)
	}
	for _, table := range []string{"setup_consumers SET ENABLED = 'YES' WHERE NAME LIKE 'events_%'", "setup_instruments SET ENABLED = 'YES', TIMED = 'YES' WHERE NAME IN ('transaction', 'wait/lock/metadata/sql/mdl')"} {
		must(b.t, b.n.Exec(ctx, "UPDATE performance_schema."+table))
	}
	c, id := b.conn(ctx)
	for _, q := range []string{"SELECT 'before'", "START TRANSACTION", "SELECT * FROM t WHERE a = 500 FOR UPDATE"} {
		_, err := c.ExecContext(ctx, q)
		must(b.t, err)
	}
	got = b.inspect(ctx, b.process(ctx, id))
	within := 0
	for _, h := range got.History.Rows {
		if h.InTrx {
			within++
		}
	}
	if len(got.History.Rows) < 3 || got.History.Rows[0].Text != "SELECT * FROM t WHERE a = 500 FOR UPDATE" || within == 0 || within == len(got.History.Rows) {
		b.t.Errorf("history: %+v", got.History)
	}
	if len(got.Metadata.Rows) == 0 || got.Metadata.Rows[0].Object == "" {
		b.t.Errorf("metadata locks: %+v", got.Metadata)
	}
}

func (b *bench) longStatement(ctx context.Context) {
	dirty := "SELECT SLEEP(100), 'a\x1b[31m\u202e\\0', '\n' /* \x01 */ FROM t WHERE c <> _binary'\xff\xfe' AND a = 1"
	p := b.runs(ctx, dirty)
	got := b.inspect(ctx, p)
	if strings.ContainsAny(got.Text.Text, "\x1b\u202e\x01") || !utf8.ValidString(got.Text.Text) || !strings.Contains(got.Text.Text, "\n' /*") || got.Text.Cut {
		b.t.Errorf("a dirty statement is %q", got.Text.Text)
	}
	long := "SELECT a FROM t WHERE SLEEP(0.1) = 0 AND c <> '" + strings.Repeat("0123456789", 200_000) + "'"
	p = b.runs(ctx, long)
	got = b.inspect(ctx, p)
	if !got.Text.Cut || got.Text.Bytes != int64(len(long)) || len(got.Text.Text) < textLimit || !strings.HasSuffix(got.Text.Text, "…") {
		b.t.Errorf("of %d bytes %d are known, cut %v", got.Text.Bytes, len(got.Text.Text), got.Text.Cut)
	}
	whole := long[:500_000] + "'"
	p = b.runs(ctx, whole)
	if got = b.inspect(ctx, p); got.Text.Text != whole || got.Text.Cut {
		b.t.Errorf("of %d bytes %d are known, cut %v", got.Text.Bytes, len(got.Text.Text), got.Text.Cut)
	}
	if plan := b.explain(ctx, p, false); plan.Refused != "" || !plan.Live || len(plan.Rows) != 1 {
		b.t.Errorf("its plan: %+v", plan.Refused)
	}
}

func (b *bench) plans(ctx context.Context) {
	t := b.t
	insert := b.runs(ctx, "INSERT INTO w (b) SELECT x.a FROM t x JOIN t y ON x.b = y.a WHERE SLEEP(0.1) = 0")
	for _, json := range []bool{false, true} {
		plan := b.explain(ctx, insert, json)
		if plan.Refused != "" || !plan.Live || plan.Statement != insert.Query || json != strings.Contains(plan.JSON, "query_block") {
			t.Errorf("of a running INSERT ... SELECT, json %v: %+v", json, plan)
		}
	}
	insert.ID = 1 << 40 // has ended
	if plan := b.explain(ctx, insert, false); !strings.Contains(plan.Refused, "where EXPLAIN may write") {
		t.Errorf("of one that has ended: %+v", plan)
	}
	query := model.Process{ID: 1 << 40, DB: "shop", Query: "SELECT x.a FROM t x JOIN t y ON x.b = y.a WHERE x.c > '5'"}
	for _, json := range []bool{false, true} {
		plan := b.explain(ctx, query, json)
		if plan.Refused != "" || plan.Live || json != strings.Contains(plan.JSON, "query_block") || json == (len(plan.Rows) == 2) {
			t.Errorf("of a SELECT that has ended: %+v", plan)
		}
	}
	query.Query = "CALL p()"
	if plan := b.explain(ctx, query, false); !strings.Contains(plan.Refused, "CALL has no plan") {
		t.Errorf("of a CALL: %+v", plan)
	}
	query.Query = "SELECT nothing FROM nowhere"
	if plan := b.explain(ctx, query, false); !strings.Contains(plan.Refused, "nowhere") {
		t.Errorf("of a table that is not there: %+v", plan)
	}
}

// writingFunction proves that EXPLAIN alone would write, and that it does not.
func (b *bench) writingFunction(ctx context.Context) {
	const text = "SELECT * FROM t WHERE a = f(7)"
	must(b.t, b.n.Exec(ctx, "USE shop", "DELETE FROM shop.w"))
	c, _ := b.conn(ctx)
	_, err := c.ExecContext(ctx, "EXPLAIN "+text)
	must(b.t, err)
	before := b.written(ctx)
	if before == 0 {
		b.t.Fatal("EXPLAIN does not evaluate the function on this server: nothing is proved")
	}
	for _, query := range []string{text, "UPDATE t SET b = 1 WHERE a = f(8)", "INSERT INTO t SELECT a + 9999, b, c FROM t WHERE a = f(9)"} {
		plan := b.explain(ctx, model.Process{ID: 1 << 40, DB: "shop", Query: query}, false)
		if !strings.Contains(plan.Refused, "where EXPLAIN may write") {
			b.t.Errorf("%s: %+v", query, plan)
		}
	}
	if after := b.written(ctx); after != before {
		b.t.Errorf("EXPLAIN wrote: %d rows, then %d", before, after)
	}
}

func (b *bench) privileges(ctx context.Context) {
	p := b.runs(ctx, "SELECT SLEEP(100) FROM t WHERE a = 1")
	for user, want := range map[string]struct{ gone, trx, refused, grant string }{
		"mon":     {"", "", "", ""},
		"monitor": {"the account lacks PROCESS, or the thread has ended", "", "SELECT command denied", "SELECT ON shop.t"},
	} {
		look := NewInspector(credentials(user))
		got, err := look.Inspect(ctx, b.n.Address, nil, p)
		must(b.t, err)
		if got.Gone != want.gone {
			b.t.Errorf("%s: %+v", user, got)
		}
		q := p
		q.Query, q.DB = "SELECT * FROM shop.t", ""
		plan, err := look.Explain(ctx, b.n.Address, nil, q, false)
		must(b.t, err)
		if user == "monitor" && (plan.Grant != want.grant || !strings.Contains(plan.Refused, want.refused)) {
			b.t.Errorf("%s: %+v", user, plan)
		}
	}
}
