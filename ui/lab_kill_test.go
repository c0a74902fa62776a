package ui

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
	"github.com/go-sql-driver/mysql"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/actions/recovery"
	"github.com/galeratop/galeratop/collector"
	lab "github.com/galeratop/galeratop/internal/lab/cluster"
)

// labScreen is the console on real servers and an emulated terminal.
type labScreen struct {
	t     *testing.T
	term  *vt.SafeEmulator
	keys  *keyboard
	audit string // path of its audit log
}

// labConsole starts the console on a cluster, with everything that the program
// gives it.
func labConsole(t *testing.T, c *lab.Cluster) *labScreen {
	t.Helper()
	return onServers(t, c.Addresses()[:1], "ops", "ops", Options{Interval: time.Second}).shows("3 of 3 nodes Synced")
}

// onServers starts the console on servers, real ones or simulated, with the real
// collector and the real runner.
func onServers(t *testing.T, seeds []string, user, password string, opt Options) *labScreen {
	t.Helper()
	return onHosts(t, seeds, user, password, actions.Hosts{}, opt)
}

// onHosts starts the console where commands reach the hosts of the servers.
func onHosts(t *testing.T, seeds []string, user, password string, hosts actions.Hosts, opt Options) *labScreen {
	t.Helper()
	driver := func(address string) (*mysql.Config, error) {
		cfg := mysql.NewConfig()
		cfg.Net, cfg.Addr, cfg.User, cfg.Passwd, cfg.Logger = "tcp", address, user, password, &mysql.NopLogger{}
		return cfg, nil
	}
	const width, height = 160, 50
	s := &labScreen{t: t, term: vt.NewSafeEmulator(width, height), keys: newKeyboard(), audit: filepath.Join(t.TempDir(), "audit.jsonl")}
	ctx, cancel := context.WithCancel(t.Context())
	feed := collector.New(collector.Options{Seeds: seeds, Interval: opt.Interval, Driver: driver})
	collected, ended := make(chan struct{}), make(chan struct{})
	go func() { defer close(collected); feed.Run(ctx) }()
	feed.Await(ctx)
	answers := make(chan struct{})
	go func() { // what the terminal answers to questions must be taken off it
		defer close(answers)
		for buf := make([]byte, 4096); ; {
			if _, err := s.term.Read(buf); err != nil {
				return
			}
		}
	}()
	opt.Theme = "dark"
	session := actions.Session{Cluster: opt.Cluster, Production: opt.Production, ReadOnly: opt.ReadOnly}
	opt.Runner = actions.NewRunner(actions.Options{Driver: driver, Audit: &actions.Audit{Path: s.audit}, Session: session, Hosts: hosts})
	opt.Assistant = &recovery.Assistant{Runner: opt.Runner, Hosts: &hosts, Session: session, Memory: filepath.Join(filepath.Dir(s.audit), "recovery.json")}
	go func() {
		defer close(ended)
		err := run(ctx, feed, opt, tea.WithInput(s.keys), tea.WithOutput(&tap{to: s.term}), tea.WithWindowSize(width, height),
			tea.WithEnvironment([]string{"TERM=xterm-256color"}), tea.WithColorProfile(colorprofile.ANSI256))
		if err != nil && ctx.Err() == nil {
			t.Errorf("the console ended: %v", err)
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
		s.keys.unplug()
		if pipe, ok := s.term.InputPipe().(io.Closer); ok {
			_ = pipe.Close() // Close itself would race with the reader
		}
		<-answers
		_ = s.term.Close()
		<-collected
	})
	return s
}

func (s *labScreen) text() string { return ansi.Strip(s.term.Render()) }

// shows waits until all texts are on the screen.
func (s *labScreen) shows(texts ...string) *labScreen {
	s.t.Helper()
	return s.showsWithin(30*time.Second, texts...)
}

func (s *labScreen) showsWithin(limit time.Duration, texts ...string) *labScreen {
	s.t.Helper()
	for end := time.Now().Add(limit); ; time.Sleep(20 * time.Millisecond) {
		now, missing := s.text(), ""
		for _, text := range texts {
			if !strings.Contains(now, text) {
				missing = text
			}
		}
		if missing == "" {
			return s
		}
		if time.Now().After(end) {
			s.t.Fatalf("waited in vain for %q:\n%s", missing, now)
		}
	}
}

// press presses keys, by name or as typed text.
func (s *labScreen) press(keys ...string) *labScreen {
	for _, k := range keys {
		raw, ok := keyBytes[k]
		if !ok {
			raw = k
		}
		s.keys.ch <- []byte(raw)
		time.Sleep(100 * time.Millisecond) // so that Esc and the next key are two
	}
	return s
}

// labClient is a session of an application.
type labClient struct {
	*sql.Conn
	t  *testing.T
	id uint64
}

func newLabClient(t *testing.T, n *lab.Node) *labClient {
	t.Helper()
	db, err := sql.Open("mysql", "lab:lab@tcp("+n.Address+")/")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	x := &labClient{Conn: conn, t: t}
	if err := conn.QueryRowContext(t.Context(), "SELECT CONNECTION_ID()").Scan(&x.id); err != nil {
		t.Fatal(err)
	}
	return x
}

// does runs statements one after the other.
func (x *labClient) does(statements ...string) {
	x.t.Helper()
	for _, sql := range statements {
		if _, err := x.ExecContext(x.t.Context(), sql); err != nil {
			x.t.Fatalf("%s: %v", sql, err)
		}
	}
}

// begins runs a statement that has to wait; the channel says how it ended.
func (x *labClient) begins(sql string) <-chan error {
	ended := make(chan error, 1)
	go func() {
		_, err := x.ExecContext(x.t.Context(), sql)
		ended <- err
	}()
	return ended
}

// gone expects that the session was ended.
func (x *labClient) gone() {
	x.t.Helper()
	if _, err := x.ExecContext(x.t.Context(), "DO 1"); err == nil {
		x.t.Errorf("session %d is still there", x.id)
	}
}

// killRoot looks for a thread in the Locks pane, chooses the root of its tree,
// which must be itself, and ends its connection, key by key.
func (s *labScreen) killRoot(x *labClient, node string, holds int) {
	s.t.Helper()
	s.press("6", "/", fmt.Sprintf("id=%d", x.id), "Enter").shows(fmt.Sprintf("holds up %d", holds)).press("Home", "X")
	s.shows(fmt.Sprintf("Kill the connection of thread %d on %s", x.id, node), "Run this?").press("y").shows("Finished", "1 done")
	s.press("Esc", "Esc", "Esc")
}

// TestKillingTheRootFromThePaneClearsWhatItHoldsUp is told from the clients'
// side: what waited goes on, and nobody else loses anything.
func TestKillingTheRootFromThePaneClearsWhatItHoldsUp(t *testing.T) {
	c := lab.Start(t, 3)
	if err := c.Node(1).Exec(
		t.Context(), "CREATE DATABASE one", "CREATE DATABASE two", "CREATE TABLE one.t (id INT PRIMARY KEY, v INT)",
		"CREATE TABLE two.t (id INT PRIMARY KEY, v INT)", "INSERT INTO one.t VALUES (1, 0)", "INSERT INTO two.t VALUES (1, 0)",
	); err != nil {
		t.Fatal(err)
	}
	for _, n := range c.Nodes() {
		// Without it no server names who holds a metadata lock.
		if err := n.Exec(t.Context(), "INSTALL SONAME 'metadata_lock_info'"); err != nil {
			t.Fatal(err)
		}
	}
	s := labConsole(t, c)
	for _, part := range []struct {
		name string
		run  func(*testing.T, *lab.Cluster, *labScreen)
	}{
		{"a chain of row locks over two schemas", clearsRowLocks},
		{"a pile-up behind LOCK TABLES", clearsTableLock},
		{"a pile-up behind an idle transaction and an ALTER that waits", clearsMetadataLock},
		{"a global read lock", clearsReadLock},
	} {
		if !t.Run(part.name, func(t *testing.T) { s.t = t; part.run(t, c, s) }) {
			t.Fatal("what is locked now is not what the next part locks")
		}
	}
}

// endsWell waits for statements that were begun.
func endsWell(t *testing.T, waiting map[string]<-chan error) {
	t.Helper()
	for what, ended := range waiting {
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
		case <-time.After(30 * time.Second):
			t.Errorf("%s still waits", what)
		}
	}
}

func clearsRowLocks(t *testing.T, c *lab.Cluster, s *labScreen) {
	root, middle, last := newLabClient(t, c.Node(1)), newLabClient(t, c.Node(1)), newLabClient(t, c.Node(1))
	root.does("BEGIN", "UPDATE one.t SET v = 1 WHERE id = 1")
	middle.does("BEGIN", "UPDATE two.t SET v = 2 WHERE id = 1")
	onRoot := middle.begins("UPDATE one.t SET v = 2 WHERE id = 1")
	time.Sleep(time.Second)
	onMiddle := last.begins("UPDATE two.t SET v = 3 WHERE id = 1")
	s.killRoot(root, "db1", 2)
	endsWell(t, map[string]<-chan error{"the one behind the root": onRoot})
	middle.does("COMMIT")
	endsWell(t, map[string]<-chan error{"the last of the chain": onMiddle})
	root.gone()
}

// A schema change in total order isolation aborts idle transactions in its way;
// one that runs on its node alone has to wait for them.
func clearsMetadataLock(t *testing.T, c *lab.Cluster, s *labScreen) {
	root, alters, reads := newLabClient(t, c.Node(3)), newLabClient(t, c.Node(3)), newLabClient(t, c.Node(3))
	root.does("CREATE TABLE two.idle (id INT PRIMARY KEY)", "BEGIN", "SELECT * FROM two.idle")
	alters.does("SET SESSION wsrep_OSU_method = 'RSU'")
	altered := alters.begins("ALTER TABLE two.idle ADD COLUMN w INT")
	time.Sleep(time.Second)
	read := reads.begins("SELECT * FROM two.idle")
	s.killRoot(root, "db3", 2)
	endsWell(t, map[string]<-chan error{"the ALTER": altered, "the reader behind the ALTER": read})
	root.gone()
	if err := c.Node(3).WaitSynced(t.Context()); err != nil {
		t.Error(err)
	}
}

func clearsTableLock(t *testing.T, c *lab.Cluster, s *labScreen) {
	root, alters, reads := newLabClient(t, c.Node(1)), newLabClient(t, c.Node(1)), newLabClient(t, c.Node(1))
	root.does("LOCK TABLES one.t READ")
	altered := alters.begins("ALTER TABLE one.t ADD COLUMN w INT")
	time.Sleep(time.Second)
	read := reads.begins("UPDATE one.t SET v = 4")
	s.killRoot(root, "db1", 2)
	endsWell(t, map[string]<-chan error{"the ALTER": altered, "the one behind the ALTER": read})
	root.gone()
}

func clearsReadLock(t *testing.T, c *lab.Cluster, s *labScreen) {
	root, writes := newLabClient(t, c.Node(2)), newLabClient(t, c.Node(2))
	root.does("FLUSH TABLES WITH READ LOCK")
	written := writes.begins("UPDATE two.t SET v = 5 WHERE id = 1")
	s.killRoot(root, "db2", 1)
	endsWell(t, map[string]<-chan error{"the writer": written})
	root.gone()
}
