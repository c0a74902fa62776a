package demo

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/galeratop/galeratop/collector"
	servers "github.com/galeratop/galeratop/internal/lab/cluster"
	"github.com/galeratop/galeratop/model"
)

func (c *cluster) inspector() *collector.Inspector {
	return collector.NewInspector(func(address string) (*mysql.Config, error) {
		cfg := mysql.NewConfig()
		cfg.Net, cfg.Addr, cfg.User, cfg.Passwd = "tcp", address, c.User(), c.Password()
		cfg.MaxAllowedPacket = 1 << 24
		return cfg, nil
	})
}

// threadsOf are the client threads of a node as its process list shows them.
func (c *cluster) threadsOf(i int) []*thread {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.engine.nodes[i].clients)
}

func asProcess(t *thread) model.Process {
	return model.Process{
		ID: t.id, QueryID: model.N(int64(t.query)), User: t.user, Host: t.host, DB: t.schema, Query: model.Printable(t.text, 1024),
		Command: t.command(), Time: time.Duration(t.seconds() * float64(time.Second)),
	}
}

// find is a thread that the scenario brings.
func (c *cluster) find(i int, what string, is func(*thread) bool) *thread {
	c.t.Helper()
	for range 60 {
		if threads := c.threadsOf(i); slices.ContainsFunc(threads, is) {
			return threads[slices.IndexFunc(threads, is)]
		}
		c.Advance(time.Second)
	}
	c.t.Fatalf("no thread with %s", what)
	return nil
}

func TestAThreadIsInspectedOnBothFaces(t *testing.T) {
	for _, flavour := range []model.Flavour{mariadb, pxc} {
		c := start(t, Options{Flavour: flavour, Seed: 3, Scenario: "calm"})
		c.act(Action{Do: Runaway, Node: "db1"})
		th := c.find(0, "the runaway report", func(t *thread) bool { return t.role == roleRunaway })
		got, err := c.inspector().Inspect(t.Context(), c.Addresses()[0], nil, asProcess(th))
		if err != nil {
			t.Fatal(err)
		}
		if got.Gone != "" || got.Changed || got.Text.Text != runawayText || got.Text.Cut {
			t.Errorf("%s: gone %q, changed %v, text %+v", flavour, got.Gone, got.Changed, got.Text)
		}
		if !slices.ContainsFunc(got.Attributes.Rows, func(a model.Attribute) bool { return a.Value == "nightly-report" }) {
			t.Errorf("%s: attributes %+v", flavour, got.Attributes)
		}
		if len(got.History.Rows) != pastStatements || got.History.Rows[0].Took == 0 || len(got.Metadata.Rows) != 1 {
			t.Errorf("%s: history %+v, metadata locks %+v", flavour, got.History, got.Metadata)
		}
	}
}

func TestAPlanIsReadFromTheRunningStatementOnBothFaces(t *testing.T) {
	for _, flavour := range []model.Flavour{mariadb, pxc} {
		c := start(t, Options{Flavour: flavour, Seed: 3})
		c.act(Action{Do: Runaway, Node: "db1"})
		th := c.find(0, "the runaway report", func(t *thread) bool { return t.role == roleRunaway })
		for _, json := range []bool{false, true} {
			got, err := c.inspector().Explain(t.Context(), c.Addresses()[0], nil, asProcess(th), json)
			if err != nil {
				t.Fatal(err)
			}
			if got.Refused != "" || !got.Live || got.Statement != runawayText {
				t.Errorf("%s: %+v", flavour, got)
			}
			if json != strings.Contains(got.JSON, `"attached_condition"`) || json == (len(got.Rows) == 4) {
				t.Errorf("%s, json %v: %d rows, %q", flavour, json, len(got.Rows), got.JSON)
			}
		}
	}
}

func TestAThreadThatIsNotTheSameIsNotTakenForIt(t *testing.T) {
	c := start(t, Options{Seed: 3})
	c.act(Action{Do: Runaway, Node: "db1"})
	th := c.find(0, "the runaway report", func(t *thread) bool { return t.role == roleRunaway })
	p := asProcess(th)
	for name, change := range map[string]struct {
		change func(*model.Process)
		gone   string
	}{
		"ended":              {func(p *model.Process) { p.ID = 1 << 40 }, "the thread has ended"},
		"another user":       {func(p *model.Process) { p.User = "shop_app" }, "its number belongs to another connection now"},
		"another connection": {func(p *model.Process) { p.Host = "10.9.9.9:1" }, "its number belongs to another connection now"},
		"another statement":  {func(p *model.Process) { p.QueryID.V-- }, ""},
	} {
		p := p
		change.change(&p)
		got, err := c.inspector().Inspect(t.Context(), c.Addresses()[0], nil, p)
		if err != nil || got.Gone != change.gone || got.Changed != (change.gone == "") {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	_, err := c.inspector().Inspect(t.Context(), c.Addresses()[0], &model.Server{UUID: "another"}, p)
	if err == nil || !strings.Contains(err.Error(), "another server than before answers here") {
		t.Errorf("a load balancer: %v", err)
	}
}

func TestWhatCannotBeExplainedIsRefusedWithTheReason(t *testing.T) {
	c := start(t, Options{Seed: 3})
	for text, want := range map[string]string{
		"CALL refresh()":                             "CALL has no plan",
		"ALTER TABLE orders ADD COLUMN a INT":        "ALTER has no plan",
		"ANALYZE SELECT 1":                           "ANALYZE has no plan",
		"SELECT 1; DELETE FROM orders":               "more than one statement",
		"SELECT * FROM orders WHERE id IN (1, 2…":    "only the statement's start is known",
		"SELECT * FROM orders WHERE id = ?":          "prepared statement",
		"/*!80018 ANALYZE*/ SELECT 1":                "servers take for commands",
		"SELECT 1 INTO OUTFILE '/tmp/x'":             "writes a file",
		"SELECT 'unclosed":                           "a quote is not closed",
		"":                                           "no statement is known",
		"UPDATE orders SET total_cents = 1":          "where EXPLAIN may write",
		"SELECT * FROM orders WHERE id = 2":          "",
		"(SELECT * FROM orders) -- the last words":   "",
		"WITH x AS (SELECT * FROM orders) SELECT 1;": "",
	} {
		got, err := c.inspector().Explain(t.Context(), c.Addresses()[0], nil, model.Process{ID: 1 << 40, Query: text}, false)
		if err != nil {
			t.Fatal(err)
		}
		if want == "" && (got.Refused != "" || len(got.Rows) == 0) || !strings.Contains(got.Refused, want) {
			t.Errorf("%s: %+v, want %q", text, got, want)
		}
	}
}

// The simulator is held to a real server: what the inspector asks has the same
// columns on both.
func TestInspectionsLookAsOnARealServer(t *testing.T) {
	server := servers.Start(t, 1, servers.WithPerformanceSchema())
	c := start(t, Options{Flavour: mariadb, Seed: 1})
	c.Advance(3 * time.Second)
	queries := append(collector.InspectorQueries(serverOf(mariadb), 1), "EXPLAIN SELECT 1", "EXPLAIN FORMAT=JSON SELECT 1", "SHOW WARNINGS")
	queries = slices.DeleteFunc(queries, func(q string) bool { return strings.Contains(q, "METADATA_LOCK_INFO") })
	cfg := mysql.NewConfig()
	cfg.Net, cfg.Addr, cfg.User, cfg.Passwd = "tcp", server.Node(1).Address, "lab", "lab"
	all, err := differences(t.Context(), cfg.FormatDSN(), c.DSN(0), queries)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		t.Error(d)
	}
}
