package cluster

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// maxWait ends a wait whose context has no deadline.
const maxWait = 2 * time.Minute

// bounded gives a context a deadline if it has none.
func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, maxWait)
}

// DB is a pool of connections as root on the node's socket; it stays valid over restarts. Close closes it.
//
// Statements on it have no deadline of their own: give a context, above all when the node may hang.
func (n *Node) DB() *sql.DB {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.db == nil {
		cfg := mysql.NewConfig()
		cfg.User, cfg.Net, cfg.Addr = "root", "unix", n.Socket
		cfg.Timeout = 2 * time.Second
		cfg.Logger = &mysql.NopLogger{} // broken connections are expected here
		connector, err := mysql.NewConnector(cfg)
		if err != nil {
			panic(err) // the configuration is constant
		}
		n.db = sql.OpenDB(connector)
		n.db.SetMaxIdleConns(1)
	}
	return n.db
}

func (n *Node) closeDB() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.db != nil {
		_ = n.db.Close()
	}
}

// Exec runs statements one after the other on one connection as root.
func (n *Node) Exec(ctx context.Context, statements ...string) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	conn, err := n.DB().Conn(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", n.Name, err)
	}
	defer func() { _ = conn.Close() }()
	for _, s := range statements {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s: %s: %w", n.Name, s, err)
		}
	}
	return nil
}

// Status returns the named status variables, or all wsrep_* ones without names.
func (n *Node) Status(ctx context.Context, names ...string) (map[string]string, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	query := "SHOW GLOBAL STATUS LIKE 'wsrep%'"
	if len(names) > 0 {
		query = "SHOW GLOBAL STATUS WHERE Variable_name IN ('" + strings.Join(names, "','") + "')"
	}
	rows, err := n.DB().QueryContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", n.Name, err)
	}
	defer func() { _ = rows.Close() }()
	out := map[string]string{}
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return nil, err
		}
		out[name] = value
	}
	return out, rows.Err()
}

// WaitSynced waits until the node is Synced, in a Primary Component and ready.
func (n *Node) WaitSynced(ctx context.Context) error {
	return n.WaitStatus(ctx, "wsrep_local_state_comment", "Synced", "wsrep_cluster_status", "Primary", "wsrep_ready", "ON")
}

// WaitStatus waits until every named status variable has the value after it.
func (n *Node) WaitStatus(ctx context.Context, want ...string) error {
	if len(want) == 0 || len(want)%2 != 0 {
		return errors.New("WaitStatus takes pairs of a name and a value")
	}
	var names []string
	for pair := range slices.Chunk(want, 2) {
		names = append(names, pair[0])
	}
	return n.WaitFor(ctx, strings.Join(want, " "), names, func(got map[string]string) bool {
		for pair := range slices.Chunk(want, 2) {
			if got[pair[0]] != pair[1] {
				return false
			}
		}
		return true
	})
}

// WaitFor polls the named status variables until ok; what says in words what is awaited. It fails early when the
// server ends, and with the error log's tail.
func (n *Node) WaitFor(ctx context.Context, what string, names []string, ok func(map[string]string) bool) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	p := n.current()
	if p == nil {
		return fmt.Errorf("%s is not running", n.Name)
	}
	for {
		// A hung server never answers; the poll's own deadline keeps the loop alive until it is resumed.
		poll, done := context.WithTimeout(ctx, 2*time.Second)
		got, err := n.Status(poll, names...)
		done()
		if err == nil && ok(got) {
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("%s ended (%w) before %s\n%s", n.Name, exitReason(p), what, n.logTail())
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("%s: waiting for %s: %w; last seen %v\n%s", n.Name, what, ctx.Err(), got, n.logTail()), err)
		case <-time.After(30 * time.Millisecond):
		}
	}
}

// await waits for a channel with the node's log in the error.
func (n *Node) await(ctx context.Context, done <-chan struct{}, what string) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%s: %s: %w\n%s", n.Name, what, ctx.Err(), n.logTail())
	}
}

func exitReason(p *process) error {
	if p.err != nil {
		return p.err
	}
	return errors.New("exit status 0")
}

// logTail is this run's error lines and its last lines: a failed start's cause is often far above the end.
func (n *Node) logTail() string {
	log := n.Log()
	var errs []string
	for line := range strings.Lines(log) {
		if strings.Contains(line, "ERROR]") || strings.Contains(line, "ERROR:") {
			errs = append(errs, strings.TrimRight(line, "\n"))
		}
	}
	return tail(strings.Join(errs, "\n"), 15) + "\n...\n" + tail(log, 15)
}
