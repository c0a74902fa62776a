package demo

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"go.uber.org/goleak"

	"github.com/galeratop/galeratop/collector"
	servers "github.com/galeratop/galeratop/internal/lab/cluster"
	"github.com/galeratop/galeratop/model"
)

func TestMain(m *testing.M) {
	_ = mysql.SetLogger(&mysql.NopLogger{})
	goleak.VerifyTestMain(m)
}

// running is a cluster with sockets whose clock the test moves.
type cluster struct {
	*Cluster
	t *testing.T
}

func start(t *testing.T, o Options) *cluster {
	t.Helper()
	o.Speed = Manual
	c, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return &cluster{c, t}
}

// conn is one session on node i.
func (c *cluster) conn(i int) *conn {
	c.t.Helper()
	db, err := sql.Open("mysql", c.DSN(i))
	if err != nil {
		c.t.Fatal(err)
	}
	one, err := db.Conn(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = one.Close(); _ = db.Close() })
	return &conn{one, c.t}
}

func (c *cluster) act(a Action) {
	c.t.Helper()
	if err := c.Do(a); err != nil {
		c.t.Fatal(err)
	}
}

type conn struct {
	*sql.Conn
	t *testing.T
}

// says is the last column of the first row.
func (c *conn) says(query string) string {
	c.t.Helper()
	rows, err := c.QueryContext(c.t.Context(), query)
	if err != nil {
		c.t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = rows.Close() }()
	names, _ := rows.Columns()
	values := make([]any, len(names))
	var last sql.NullString
	for i := range values {
		values[i] = new(any)
	}
	values[len(values)-1] = &last
	if rows.Next() {
		if err := rows.Scan(values...); err != nil {
			c.t.Fatalf("%s: %v", query, err)
		}
	}
	if rows.Err() != nil {
		c.t.Fatalf("%s: %v", query, rows.Err())
	}
	return last.String
}

func (c *conn) do(query string) {
	c.t.Helper()
	if _, err := c.ExecContext(c.t.Context(), query); err != nil {
		c.t.Fatalf("%s: %v", query, err)
	}
}

// refuses checks that the statement fails with the error's number.
func (c *conn) refuses(number uint16, query string) {
	c.t.Helper()
	_, err := c.ExecContext(c.t.Context(), query)
	var e *mysql.MySQLError
	if !errors.As(err, &e) || e.Number != number {
		c.t.Errorf("%s: %v, want error %d", query, err, number)
	}
}

func serverOf(f model.Flavour) *model.Server {
	release := model.ParseRelease(faces[f].version)
	return &model.Server{Flavour: f, Release: release, PerfSchema: model.On}
}

// statementsOf is what the collector asks a server of this flavour, by name.
func statementsOf(f model.Flavour) map[string]string {
	out := make(map[string]string)
	for _, s := range collector.Statements() {
		if form, ok := s.Form(serverOf(f)); ok {
			out[s.Name] = form.Bounded(50)
		}
	}
	return out
}

// mayBeEmpty are statements about what a calm cluster does not have.
var mayBeEmpty = map[string]bool{"transactions": true, "access": true, "row locks": true, "row waits": true}

func TestEveryStatementOfTheCollectorIsAnsweredOnBothFaces(t *testing.T) {
	for _, flavour := range []model.Flavour{mariadb, pxc} {
		c := start(t, Options{Flavour: flavour, Seed: 1})
		c.Advance(3 * time.Second)
		n := c.conn(0)
		for _, s := range collector.Statements() {
			if form, ok := s.Form(serverOf(flavour)); ok {
				answers, names := n.rows(form.Bounded(50))
				if strings.Join(names, " ") != strings.Join(form.Columns, " ") {
					t.Errorf("%s on %s: columns %q, want %q", s.Name, flavour, names, form.Columns)
				}
				if answers == 0 && !mayBeEmpty[s.Name] {
					t.Errorf("%s on %s: no rows", s.Name, flavour)
				}
			}
		}
	}
}

// rows counts the rows of an answer and names its columns.
func (c *conn) rows(query string) (count int, columns []string) {
	c.t.Helper()
	rows, err := c.QueryContext(c.t.Context(), query)
	if err != nil {
		c.t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = rows.Close() }()
	columns, _ = rows.Columns()
	for rows.Next() {
		count++
	}
	if rows.Err() != nil {
		c.t.Fatalf("%s: %v", query, rows.Err())
	}
	return count, columns
}

// personal are statements of a person at the mysql client.
var personal = []string{
	"SELECT 1", "SELECT VERSION(), CURRENT_USER(), CONNECTION_ID(), DATABASE(), USER(), NOW(), 'x', 1.5, NULL",
	"SHOW GLOBAL STATUS LIKE 'wsrep%'", "SHOW VARIABLES LIKE 'wsrep%'", "SHOW FULL PROCESSLIST", "SHOW PROCESSLIST", "SHOW DATABASES",
	"SHOW WARNINGS", "SELECT @@version, @@wsrep_on, @@max_connections, @@wsrep_sync_wait, @@max_statement_time, @@hostname",
	"SELECT @@global.wsrep_slave_threads, @@wsrep_desync, @@wsrep_provider_options, @@port",
	"SELECT * FROM mysql.wsrep_cluster_members", "SELECT * FROM mysql.wsrep_cluster",
	"SELECT * FROM information_schema.PROCESSLIST", "SELECT * FROM information_schema.INNODB_TRX",
	"SELECT * FROM information_schema.INNODB_LOCK_WAITS", "SELECT COUNT(*) FROM information_schema.PROCESSLIST",
}

func releaseOf(t *testing.T, n *servers.Node) model.Release {
	t.Helper()
	var version string
	if err := n.DB().QueryRowContext(t.Context(), "SELECT VERSION()").Scan(&version); err != nil {
		t.Fatal(err)
	}
	return model.ParseRelease(version)
}

// The simulator is held to a real server: every statement of the collector and
// those that people type must have the same columns, names, types and rows' names.
func TestTheSimulatorAnswersLikeARealServer(t *testing.T) {
	server := servers.Start(t, 1, servers.WithPerformanceSchema())
	if err := server.Node(1).Exec(t.Context(), "INSTALL SONAME 'metadata_lock_info'"); err != nil {
		t.Fatal(err)
	}
	dsn := "lab:lab@tcp(" + server.Addresses()[0] + ")/"
	c := start(t, Options{Seed: 1})
	c.Advance(time.Second)
	release := releaseOf(t, server.Node(1))
	t.Run("columns", func(t *testing.T) {
		queries := slices.Clone(personal)
		for _, s := range collector.Statements() {
			for i := range s.Forms {
				f := &s.Forms[i]
				mine := len(f.Flavours) == 0 || slices.Contains(f.Flavours, model.FlavourMariaDB)
				known := f.Since <= release && (f.Until == 0 || release < f.Until)
				if mine && known && !strings.Contains(f.SQL, "performance_schema.processlist") {
					queries = append(queries, f.Bounded(5))
				}
			}
		}
		all, err := differences(t.Context(), dsn, c.DSN(0), queries)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range all {
			t.Error(d)
		}
	})
	t.Run("names", func(t *testing.T) {
		for _, query := range []string{"SHOW GLOBAL STATUS LIKE 'wsrep%'", "SHOW GLOBAL VARIABLES LIKE 'wsrep%'"} {
			want, got := names(t, dsn, query), names(t, c.DSN(0), query)
			if w, g := strings.Join(want, " "), strings.Join(got, " "); w != g {
				t.Errorf("%s\nreal      %s\nsimulated %s", query, w, g)
			}
		}
	})
}

func names(t *testing.T, dsn, query string) []string {
	t.Helper()
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			t.Fatal(err)
		}
		out = append(out, name)
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	return out
}

func TestAPersonsStatementsAreAnswered(t *testing.T) {
	c := start(t, Options{Seed: 2})
	c.Advance(time.Second)
	n := c.conn(0)
	for _, q := range personal {
		n.says(q)
	}
	n.do("USE shop")
	for query, want := range map[string]string{
		"SELECT DATABASE()": "shop",
		"SELECT 1":          "1",
		"SELECT @@wsrep_on": "1",
		"SHOW GLOBAL STATUS LIKE 'wsrep_cluster_size'":                                                             "3",
		"show status where variable_name='wsrep_ready'":                                                            "ON",
		"SHOW GLOBAL VARIABLES LIKE 'wsrep_node\\_name'":                                                           "db1",
		"SELECT COUNT(*) FROM mysql.wsrep_cluster_members WHERE node_name IN ('db1','db3') OR node_name LIKE '%2'": "3",
		"SELECT IF(1 > 2, 'a', CONCAT('b', LEFT('cde', 2)))":                                                       "bcd",
		"SELECT CASE 2 WHEN 1 THEN 'x' ELSE 'y' END":                                                               "y",
		"SELECT (1 + 2) * 3 - 4":                                                                                   "5",
	} {
		if got := n.says(query); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	if err := n.PingContext(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestMistakesAreRefusedInTheServersNumbers(t *testing.T) {
	n := start(t, Options{Seed: 3}).conn(0)
	for query, number := range map[string]uint16{
		"BLAH": errSyntax, "SELECT": errSyntax, "SELECT 1 FROM": errSyntax, "SELECT 'x": errSyntax,
		"SELECT * FROM nope.t": errNoTable, "SELECT * FROM t": errNoSchema, "SELECT @@nope": errNoVariable,
		"SELECT nope()": errNoFunction, "SELECT nope FROM information_schema.INNODB_TRX": errBadColumn,
		"SET SESSION foo = 1": errNoVariable, "SET GLOBAL version = 1": errReadOnly,
		"SET SESSION wsrep_desync = 1":                           errGlobalOnly,
		"SET SESSION max_execution_time = 1":                     errNoVariable,
		"SET GLOBAL wsrep_reject_queries = foo":                  errWrongValue,
		"SET GLOBAL wsrep_provider_options = 'foo=1'":            errBadArguments,
		"SET GLOBAL wsrep_provider_options = 'gcs.fc_limit=abc'": errBadArguments,
		"USE nope": errBadSchema, "KILL 4294967000": errNoThread, "KILL 1": errKillDenied,
		"KILL QUERY ID 4242": errNoQuery, "KILL abc": errBadColumn, "INSERT INTO t VALUES (1)": errUnsupported,
	} {
		n.refuses(number, query)
	}
}

func TestAWrongPasswordOrUserIsRefused(t *testing.T) {
	c := start(t, Options{Seed: 4})
	for _, login := range []string{"galeratop:wrong", "nobody:wrong", "galeratop"} {
		db, err := sql.Open("mysql", login+"@tcp("+c.Addresses()[0]+")/")
		if err != nil {
			t.Fatal(err)
		}
		var e *mysql.MySQLError
		if err := db.PingContext(t.Context()); !errors.As(err, &e) || e.Number != 1045 {
			t.Errorf("%s: %v", login, err)
		} else if strings.Contains(e.Message, ":") && !strings.Contains(e.Message, "@'localhost' (using password: ") {
			t.Errorf("message %q", e.Message)
		}
		_ = db.Close()
	}
}

func TestKillEndsSimulatedThreads(t *testing.T) {
	c := start(t, Options{Seed: 5})
	c.act(Action{Do: Runaway, Node: "db1"})
	c.act(Action{Do: LockRows, Node: "db1"})
	c.Advance(8 * time.Second)
	n := c.conn(0)
	runaway := "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE '%page_views%'"
	n.do("KILL QUERY ID " + n.says("SELECT QUERY_ID FROM information_schema.PROCESSLIST WHERE INFO LIKE '%page_views%'"))
	if id := n.says(runaway); id != "" && n.says("SELECT CONNECTION_ID()") != id {
		t.Errorf("thread %s still runs it", id)
	}
	holder := n.says("SELECT trx_mysql_thread_id FROM information_schema.INNODB_TRX WHERE trx_rows_modified > 1000")
	n.do("KILL QUERY " + holder)
	if got := n.says("SELECT trx_mysql_thread_id FROM information_schema.INNODB_TRX WHERE trx_rows_modified > 1000"); got != holder {
		t.Error("KILL QUERY ended an idle transaction")
	}
	n.do("KILL HARD CONNECTION " + holder)
	if got := n.says("SELECT COMMAND FROM information_schema.PROCESSLIST WHERE ID = " + holder); got != "Killed" {
		t.Errorf("a large rollback shows %q", got)
	}
	c.Advance(8 * time.Second)
	n.refuses(errNoThread, "KILL "+holder)
	if got := n.says("SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'"); got != "0" {
		t.Errorf("%s threads still wait", got)
	}
}

func TestKillEndsRealSessions(t *testing.T) {
	c := start(t, Options{Seed: 6})
	victim, killer := c.conn(0), c.conn(0)
	id := victim.says("SELECT CONNECTION_ID()")
	result := make(chan error, 1)
	go func() {
		_, err := victim.ExecContext(t.Context(), "SELECT SLEEP(60)")
		result <- err
	}()
	for killer.says("SELECT STATE FROM information_schema.PROCESSLIST WHERE ID = "+id) != "User sleep" {
		time.Sleep(time.Millisecond)
	}
	killer.do("KILL QUERY " + id)
	var e *mysql.MySQLError
	if err := <-result; !errors.As(err, &e) || e.Number != errInterrupted {
		t.Fatalf("the sleeper got %v", err)
	}
	killer.do("KILL " + id)
	if _, err := victim.ExecContext(t.Context(), "SELECT 1"); err == nil {
		t.Error("the killed session still answers")
	}
}

func TestSetGlobalWorksOnTheGroup(t *testing.T) {
	c := start(t, Options{Seed: 7})
	n := c.conn(0)
	n.do("SET GLOBAL wsrep_desync = ON")
	if got := n.says("SHOW STATUS LIKE 'wsrep_local_state_comment'"); got != "Donor/Desynced" {
		t.Errorf("state %q", got)
	}
	if got := n.says("SHOW VARIABLES LIKE 'wsrep_desync'"); got != "ON" {
		t.Errorf("wsrep_desync %q", got)
	}
	n.do("SET GLOBAL wsrep_desync = 0")
	c.Advance(time.Second)
	if got := n.says("SHOW STATUS LIKE 'wsrep_local_state_comment'"); got != "Synced" {
		t.Errorf("state %q", got)
	}
	n.do("SET GLOBAL wsrep_provider_options = 'gcs.fc_limit=200; pc.weight=3'")
	options := model.ProviderOptions(n.says("SHOW GLOBAL VARIABLES LIKE 'wsrep_provider_options'"))
	if options["gcs.fc_limit"] != "200" || options["pc.weight"] != "3" || options["gcs.fc_factor"] != "1.0" {
		t.Errorf("options %v", options)
	}
	if got := n.says("SHOW STATUS LIKE 'wsrep_cluster_weight'"); got != "5" {
		t.Errorf("weight %q", got)
	}
	n.do("SET GLOBAL wsrep_provider_options = 'pc.bootstrap=1'") // ignored without a word
	n.do("SET GLOBAL wsrep_slave_threads = 8")
	if got := n.says("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = 'system user'"); got != "9" {
		t.Errorf("%s system threads", got)
	}
	n.do("SET GLOBAL wsrep_reject_queries = ALL")
	n.refuses(errNotReady, "SELECT * FROM mysql.wsrep_cluster_members")
	n.do("SET GLOBAL wsrep_reject_queries = NONE")
	n.do("SET SESSION wsrep_sync_wait = 0, max_statement_time = 2.5")
	if got := n.says("SELECT @@max_statement_time"); !strings.HasPrefix(got, "2.5") {
		t.Errorf("max_statement_time %q", got)
	}
}

func TestANodeOutsideOfThePrimaryComponentRefusesDataAndKills(t *testing.T) {
	c := start(t, Options{Seed: 8})
	n := c.conn(2)
	n.do("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'")
	c.Advance(8 * time.Second)
	if got := n.says("SHOW STATUS LIKE 'wsrep_cluster_status'"); got != "non-Primary" {
		t.Fatalf("status %q", got)
	}
	for _, q := range []string{"SELECT * FROM mysql.wsrep_cluster_members", "SELECT * FROM shop.orders", "KILL 77", "SHUTDOWN"} {
		n.refuses(errNotReady, q)
	}
	for _, q := range []string{"SELECT 1", "SHOW PROCESSLIST", "SELECT COUNT(*) FROM information_schema.PROCESSLIST"} {
		n.says(q)
	}
	n.do("SET SESSION wsrep_dirty_reads = ON")
	n.says("SELECT * FROM mysql.wsrep_cluster_members")
	n.refuses(errNoThread, "KILL 77")
	n.do("SET GLOBAL wsrep_provider_options = 'pc.bootstrap=1'")
	c.Advance(time.Second)
	if got := n.says("SHOW STATUS LIKE 'wsrep_cluster_status'"); got != "Primary" {
		t.Errorf("status %q after pc.bootstrap", got)
	}
}

func TestShutdownLeavesTheGroupAndClosesThePort(t *testing.T) {
	c := start(t, Options{Seed: 9})
	gone, stays := c.conn(1), c.conn(0)
	gone.do("SHUTDOWN")
	c.Advance(100 * time.Millisecond)
	if got := stays.says("SHOW STATUS LIKE 'wsrep_cluster_size'"); got != "2" {
		t.Errorf("size %q", got)
	}
	if !refused(t, c.Addresses()[1]) {
		t.Error("the port is open")
	}
	c.act(Action{Do: Launch, Node: "db2"})
	c.Advance(20 * time.Second)
	if got := c.conn(1).says("SHOW STATUS LIKE 'wsrep_local_state_comment'"); got != "Synced" {
		t.Errorf("state %q after the start", got)
	}
}

func refused(t *testing.T, address string) bool {
	t.Helper()
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", address)
	if err == nil {
		_ = conn.Close()
	}
	return err != nil
}

func TestACrashResetsConnections(t *testing.T) {
	c := start(t, Options{Seed: 10})
	var d net.Dialer
	raw, err := d.DialContext(t.Context(), "tcp", c.Addresses()[1])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	// With the greeting read, the node knows the connection and nothing is on its way.
	if _, err := raw.Read(make([]byte, 200)); err != nil {
		t.Fatal(err)
	}
	c.act(Action{Do: Crash, Node: "db2"})
	if _, err := raw.Read(make([]byte, 200)); err == nil || !strings.Contains(err.Error(), "reset") {
		t.Errorf("the client saw %v", err)
	}
	if !refused(t, c.Addresses()[1]) {
		t.Error("the port is open")
	}
}

func TestAHungNodeAcceptsButNeverAnswersUntilItResumes(t *testing.T) {
	c := start(t, Options{Seed: 11})
	n := c.conn(1)
	n.says("SELECT 1")
	c.act(Action{Do: Hang, Node: "db2"})
	answer := make(chan error, 1)
	go func() {
		_, err := n.ExecContext(context.WithoutCancel(t.Context()), "DO 1")
		answer <- err
	}()
	var d net.Dialer
	raw, err := d.DialContext(t.Context(), "tcp", c.Addresses()[1])
	if err != nil {
		t.Fatalf("a hung node must accept: %v", err)
	}
	defer func() { _ = raw.Close() }()
	_ = raw.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	if k, err := raw.Read(make([]byte, 1)); err == nil {
		t.Errorf("a hung node sent %d bytes", k)
	}
	select {
	case err := <-answer:
		t.Errorf("a hung node answered: %v", err)
	default:
	}
	c.act(Action{Do: Resume, Node: "db2"})
	if err := <-answer; err != nil {
		t.Error(err)
	}
}

func TestACrowdOfNodesServes(t *testing.T) {
	c := start(t, Options{Nodes: 30, Threads: 500, Seed: 12})
	c.Advance(2 * time.Second)
	for i := range 30 {
		n := c.conn(i)
		if got := n.says("SHOW STATUS LIKE 'wsrep_cluster_size'"); got != "30" {
			t.Fatalf("size %q", got)
		}
		if got := n.says("SELECT COUNT(*) FROM information_schema.PROCESSLIST"); got < "500" {
			t.Fatalf("%s threads", got)
		}
	}
}

func TestTheClockRunsByItselfAtItsSpeed(t *testing.T) {
	c, err := Start(t.Context(), Options{Speed: 50, Scenario: "crash"})
	if err != nil {
		t.Fatal(err)
	}
	for len(c.Narration()) == 0 {
		time.Sleep(5 * time.Millisecond)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func TestTheContextEndsTheCluster(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c, err := Start(ctx, Options{})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	c.group.Wait()
}

func TestNonsenseOptionsAreRefused(t *testing.T) {
	for _, o := range []Options{{Nodes: -1}, {Scenario: "nope"}, {Flavour: "oracle"}, {Threads: -5}} {
		if c, err := Start(t.Context(), o); err == nil {
			_ = c.Close()
			t.Errorf("%+v: no error", o)
		}
	}
}

func ExampleScenarios() {
	for _, s := range Scenarios() {
		fmt.Println(s.Name)
	}
	// Output:
	// calm
	// flow-control
	// runaway
	// idle-transaction
	// conflict-storm
	// connections
	// crash
	// hang
	// partition
	// quorum-lost
	// last-survivor
	// even-split
	// second-cluster
	// second-cluster-old-data
	// inconsistent
	// garbd
	// garbd-alone
	// flapping
	// sst
	// desync-left
	// slow-network
	// backup-lock
	// ddl-stall
	// lock-chain
	// metadata-lock
	// gcomm
	// rejecting
	// drift
	// flush-status
	// full-crash
	// full-crash-lost
	// no-primary
	// split-brain
	// accidental-bootstrap
	// evicted
	// crashed-node
	// needs-sst
	// stuck-joiner
	// stuck-donor
	// stale-sst
	// rolling-restart
}
