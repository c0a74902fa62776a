package actions

import (
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/go-sql-driver/mysql"
)

// fate is what becomes of a statement on its way to the server.
type fate int

const (
	delivered  fate = iota
	swallowed       // the server never gets it and OK comes back, as from servers that say OK and do nothing
	lostBefore      // the connection breaks before the server gets it
	lostAfter       // the server does it, and the connection breaks before its answer comes
)

// wiretap is what lies between a console and its servers. It keeps what was sent
// to change something, and decides the fate of each such statement.
type wiretap struct {
	mutex sync.Mutex
	sent  []string
	fate  func(sql string) fate
}

// tap puts a wiretap into the console's own connections of runs, not into those
// that watch.
func (c *console) tap(decide func(sql string) fate) *wiretap {
	w := &wiretap{fate: decide}
	driver := c.Runner.options.Driver
	c.Runner.options.Driver = func(address string) (*mysql.Config, error) {
		cfg, err := driver(address)
		if err != nil {
			return nil, err
		}
		cfg.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, addr)
			return &tapped{Conn: conn, tap: w}, err
		}
		return cfg, nil
	}
	return w
}

// statements are what was sent to change something.
func (w *wiretap) statements() string {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return strings.Join(w.sent, "; ")
}

// changes reports whether a statement changes anything, be it its session.
func changes(sql string) bool {
	return strings.HasPrefix(sql, "SET GLOBAL") || sql == shutdown || sql == dirtyReads
}

// tapped is one connection.
type tapped struct {
	net.Conn
	tap  *wiretap
	fate fate // of the statement whose answer is read next
}

func (t *tapped) Write(b []byte) (int, error) {
	const header, query = 4, 3
	if len(b) <= header+1 || b[header] != query || !changes(string(b[header+1:])) {
		return t.Conn.Write(b)
	}
	sql := string(b[header+1:])
	t.tap.mutex.Lock()
	t.tap.sent = append(t.tap.sent, sql)
	t.tap.mutex.Unlock()
	if sql == dirtyReads {
		return t.Conn.Write(b)
	}
	switch t.fate = t.tap.fate(sql); t.fate {
	case swallowed:
		return len(b), nil
	case lostBefore:
		_ = t.Close()
		return len(b), nil
	}
	return t.Conn.Write(b)
}

func (t *tapped) Read(b []byte) (int, error) {
	fate := t.fate
	t.fate = delivered
	switch fate {
	case swallowed:
		return copy(b, "\x07\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00"), nil
	case lostAfter:
		_, _ = t.Conn.Read(b)
		_ = t.Close()
		return 0, io.EOF
	}
	return t.Conn.Read(b)
}

func always(f fate) func(string) fate { return func(string) fate { return f } }

// impatient shortens how long an effect of an action is waited for.
func (c *console) impatient(t *testing.T, id string) {
	t.Helper()
	row := rowOf(id)
	was := row.patience
	row.patience = 3 * c.Latest().Interval
	t.Cleanup(func() { row.patience = was })
}
