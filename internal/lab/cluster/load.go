package cluster

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-sql-driver/mysql"
)

// LoadOptions say what a load does. The zero value is four threads on all nodes, half of them orders.
type LoadOptions struct {
	Threads   int           // clients, spread over the nodes; default 4
	Nodes     []*Node       // default: the nodes known when the load starts
	Customers int           // rows in customers, default 100
	Items     int           // rows in items, default 100; few make conflicts (certification failures)
	Reads     float64       // share of transactions that only read, 0 to 1; default 0.5, negative for none
	Pause     time.Duration // between two transactions of a thread; default none
}

// Counts is what a load did so far.
type Counts struct {
	Orders    int64 // write transactions committed
	Reads     int64 // read transactions
	Conflicts int64 // 1213 and 1205: certification failure, brute-force abort, deadlock, lock wait timeout
	Errors    int64 // others: node down, not ready, ...
}

// A Load is a running load; it reconnects for as long as it runs, whatever happens to the nodes.
type Load struct {
	options LoadOptions
	cancel  context.CancelFunc
	group   sync.WaitGroup

	orders, reads, conflicts, failures atomic.Int64
}

// shopSchema is a small shop: every order locks stock, so that few items give conflicts.
var shopSchema = []string{
	"CREATE DATABASE IF NOT EXISTS shop",
	"USE shop", // the sequence tables are found in the current schema only
	`CREATE TABLE IF NOT EXISTS shop.customers (id INT PRIMARY KEY, name VARCHAR(60) NOT NULL, email VARCHAR(80) NOT NULL,
		orders INT NOT NULL DEFAULT 0, KEY email (email))`,
	`CREATE TABLE IF NOT EXISTS shop.items (id INT PRIMARY KEY, title VARCHAR(80) NOT NULL, price DECIMAL(8,2) NOT NULL,
		stock INT NOT NULL)`,
	`CREATE TABLE IF NOT EXISTS shop.orders (id BIGINT AUTO_INCREMENT PRIMARY KEY, customer_id INT NOT NULL,
		created TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, total DECIMAL(10,2) NOT NULL, KEY customer (customer_id, created))`,
	`CREATE TABLE IF NOT EXISTS shop.order_lines (order_id BIGINT NOT NULL, item_id INT NOT NULL, quantity INT NOT NULL,
		PRIMARY KEY (order_id, item_id))`,
}

func (o *LoadOptions) defaults(c *Cluster) {
	if o.Threads == 0 {
		o.Threads = 4
	}
	if len(o.Nodes) == 0 {
		o.Nodes = c.Nodes()
	}
	if o.Customers == 0 {
		o.Customers = 100
	}
	if o.Items == 0 {
		o.Items = 100
	}
	if o.Reads == 0 {
		o.Reads = 0.5
	}
}

// Load creates the schema shop where it is missing and keeps clients busy on it until Stop, Close, or the end of ctx.
func (c *Cluster) Load(ctx context.Context, o LoadOptions) (*Load, error) {
	o.defaults(c)
	member, _, err := c.member(ctx)
	if err != nil {
		return nil, err
	}
	fill := append(append([]string{}, shopSchema...),
		fmt.Sprintf("INSERT IGNORE INTO shop.customers (id, name, email) SELECT seq, CONCAT('Customer ', seq), "+
			"CONCAT('c', seq, '@example.org') FROM seq_1_to_%d", o.Customers),
		fmt.Sprintf("INSERT IGNORE INTO shop.items SELECT seq, CONCAT('Item ', seq), 1 + seq %% 90, 1000000 FROM seq_1_to_%d", o.Items))
	if err := member.Exec(ctx, fill...); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	l := &Load{options: o, cancel: cancel}
	for i := range o.Threads {
		node := o.Nodes[i%len(o.Nodes)]
		l.group.Go(func() { l.work(ctx, node) })
	}
	c.mu.Lock()
	c.loads = append(c.loads, l)
	c.mu.Unlock()
	return l, nil
}

// Counts so far.
func (l *Load) Counts() Counts {
	return Counts{Orders: l.orders.Load(), Reads: l.reads.Load(), Conflicts: l.conflicts.Load(), Errors: l.failures.Load()}
}

// Stop ends the clients and returns what they did.
func (l *Load) Stop() Counts {
	l.cancel()
	l.group.Wait()
	return l.Counts()
}

// work is one client of one node.
func (l *Load) work(ctx context.Context, n *Node) {
	cfg := mysql.NewConfig()
	cfg.User, cfg.Passwd, cfg.Net, cfg.Addr, cfg.DBName = "shop", "shop", "tcp", n.Address, "shop"
	cfg.Timeout = 2 * time.Second
	cfg.Logger = &mysql.NopLogger{}
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		panic(err) // the configuration is constant
	}
	db := sql.OpenDB(connector)
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	for ctx.Err() == nil {
		pause := l.options.Pause
		if err := l.one(ctx, db); err != nil && ctx.Err() == nil {
			var e *mysql.MySQLError
			if errors.As(err, &e) && (e.Number == 1213 || e.Number == 1205) {
				l.conflicts.Add(1)
			} else {
				l.failures.Add(1)
				pause = max(pause, 100*time.Millisecond) // a node that is down must not be hammered
			}
		}
		if pause > 0 {
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
		}
	}
}

func (l *Load) one(ctx context.Context, db *sql.DB) error {
	if rand.Float64() < l.options.Reads {
		if err := l.browse(ctx, db); err != nil {
			return err
		}
		l.reads.Add(1)
		return nil
	}
	if err := l.order(ctx, db); err != nil {
		return err
	}
	l.orders.Add(1)
	return nil
}

// browse reads what a shop page shows.
func (l *Load) browse(ctx context.Context, db *sql.DB) error {
	var n int
	var spent sql.NullFloat64
	customer := 1 + rand.IntN(l.options.Customers)
	err := db.QueryRowContext(ctx, `SELECT COUNT(DISTINCT o.id), SUM(l.quantity * i.price) FROM orders o
		JOIN order_lines l ON l.order_id = o.id JOIN items i ON i.id = l.item_id WHERE o.customer_id = ?`, customer).Scan(&n, &spent)
	if err != nil {
		return err
	}
	return db.QueryRowContext(ctx, "SELECT COUNT(*) FROM items WHERE price < ? AND stock > 0", 1+rand.IntN(90)).Scan(&n)
}

// order is one write transaction.
func (l *Load) order(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	customer, item := 1+rand.IntN(l.options.Customers), 1+rand.IntN(l.options.Items)
	quantity := 1 + rand.IntN(3)
	result, err := tx.ExecContext(ctx, "INSERT INTO orders (customer_id, total) VALUES (?, ?)", customer, quantity*10)
	if err != nil {
		return err
	}
	id, err := result.LastInsertId()
	if err != nil {
		return err
	}
	for _, s := range []struct {
		query string
		args  []any
	}{
		{"INSERT INTO order_lines (order_id, item_id, quantity) VALUES (?, ?, ?)", []any{id, item, quantity}},
		{"UPDATE items SET stock = stock - ? WHERE id = ?", []any{quantity, item}},
		{"UPDATE customers SET orders = orders + 1 WHERE id = ?", []any{customer}},
	} {
		if _, err := tx.ExecContext(ctx, s.query, s.args...); err != nil {
			return err
		}
	}
	return tx.Commit()
}
