package main

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/galeratop/galeratop/internal/lab/cluster"
	"github.com/galeratop/galeratop/model"
)

// meter reads a statement again and again over one connection, and what that
// costs meanwhile. Its account must do nothing else.
type meter struct {
	db     *sql.DB
	conn   *sql.Conn
	node   *cluster.Node
	user   string
	bytes  atomic.Int64 // both ways
	server *model.Server
}

// cost is that of one reading: the server's processor time and the time until
// the answer was read, both in milliseconds, and the bytes both ways.
type cost struct{ server, whole, bytes float64 }

func newMeter(ctx context.Context, n *cluster.Node, user string) (*meter, error) {
	m := &meter{node: n, user: user}
	cfg := mysql.NewConfig()
	cfg.User, cfg.Passwd, cfg.Net, cfg.Addr = user, user, "tcp", n.Address
	cfg.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		return &counted{Conn: conn, bytes: &m.bytes}, err
	}
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, err
	}
	m.db = sql.OpenDB(connector)
	if m.conn, err = m.db.Conn(ctx); err != nil {
		return nil, err
	}
	var version string
	if err := m.conn.QueryRowContext(ctx, "SELECT VERSION()").Scan(&version); err != nil {
		return nil, err
	}
	m.server = &model.Server{Flavour: model.FlavourMariaDB, Release: model.ParseRelease(version), PerfSchema: model.On, CanSeeAll: true}
	return m, nil
}

func (m *meter) close() {
	_ = m.conn.Close()
	_ = m.db.Close()
}

// read repeats a statement for a while, one after the other.
func (m *meter) read(ctx context.Context, query string, length time.Duration) (cost, error) {
	return m.paced(ctx, query, length, 0)
}

// paced repeats a statement for a while with pauses. A server that did nothing
// meanwhile takes longer for it than one that is asked without a pause: its
// processor's caches hold something else by then.
func (m *meter) paced(ctx context.Context, query string, length, pause time.Duration) (cost, error) {
	cpu, err := m.cpu(ctx)
	if err != nil {
		return cost{}, err
	}
	bytes, begin, whole, times := m.bytes.Load(), time.Now(), time.Duration(0), 0
	for ; time.Since(begin) < length; times++ {
		time.Sleep(pause)
		asked := time.Now()
		if err := m.drain(ctx, query); err != nil {
			return cost{}, err
		}
		whole += time.Since(asked)
	}
	after, err := m.cpu(ctx)
	n := float64(times)
	return cost{
		server: (after - cpu) / n * 1000,
		whole:  whole.Seconds() / n * 1000,
		bytes:  float64(m.bytes.Load()-bytes) / n,
	}, err
}

// cpu is the processor time of the account so far, in seconds.
func (m *meter) cpu(ctx context.Context) (seconds float64, err error) {
	err = m.node.DB().QueryRowContext(ctx,
		"SELECT CPU_TIME FROM information_schema.USER_STATISTICS WHERE USER = ?", m.user).Scan(&seconds)
	return seconds, err
}

func (m *meter) drain(ctx context.Context, query string) error {
	rows, err := m.conn.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
	}
	return rows.Err()
}

func (m *meter) print(name string, c, base cost) {
	fmt.Printf("%-34s %10.3f %10.3f %10.0f %8.2f\n", name, c.server, c.whole, c.bytes, c.server/base.server)
}

// counted counts what goes through a connection.
type counted struct {
	net.Conn
	bytes *atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.bytes.Add(int64(n))
	return n, err
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.bytes.Add(int64(n))
	return n, err
}
