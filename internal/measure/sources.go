package main

import (
	"context"
	"fmt"
	"time"

	"github.com/galeratop/galeratop/collector"
	"github.com/galeratop/galeratop/internal/lab/cluster"
)

// crowd is how many connections the server has while its statements are measured:
// most asleep, a tenth with an open transaction, a twentieth waiting for a row.
const crowd = 1000

// plain is what every other figure is compared with.
const plain = "SHOW GLOBAL STATUS LIKE 'wsrep%'"

// sources is what one reading of each statement costs a server with many
// connections.
func sources(ctx context.Context, b *bench) error {
	c, err := cluster.New(ctx, 1, cluster.WithOption("userstat", "1"), cluster.WithOption("max_connections", "1200"),
		cluster.WithPerformanceSchema())
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	n := c.Node(1)
	end, err := gather(ctx, n)
	if err != nil {
		return err
	}
	defer end()
	m, err := newMeter(ctx, n, "mon")
	if err != nil {
		return err
	}
	defer m.close()
	length := time.Duration(b.seconds) * time.Second / 10
	base, err := m.read(ctx, plain, length)
	if err != nil {
		return err
	}
	fmt.Printf("%d connections, performance_schema on\n%-34s %10s %10s %10s %8s\n", crowd, "one reading of", "server ms", "with network", "bytes", "against")
	m.print("the plain wsrep status", base, base)
	for _, st := range collector.Statements() {
		form, ok := st.Form(m.server)
		if !ok {
			continue
		}
		cost, err := m.read(ctx, form.Bounded(bounds[st.Name]), length)
		if err != nil {
			return fmt.Errorf("%s: %w", st.Name, err)
		}
		m.print(st.Name, cost, base)
	}
	return nil
}

// bounds are the rows that the collector asks for, by statement.
var bounds = map[string]int{
	"processes": 6000, "transactions": 200, "digests": 200, "row locks": 1000, "metadata lock info": 1000, "metadata locks": 1000,
}

// gather connects the crowd.
func gather(ctx context.Context, n *cluster.Node) (end func(), err error) {
	if err := n.Exec(ctx, "USE mysql", "INSTALL SONAME 'metadata_lock_info'", "CREATE DATABASE shop",
		"CREATE TABLE shop.t (a INT PRIMARY KEY, b INT)", "INSERT INTO shop.t SELECT seq, seq FROM seq_1_to_2000"); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	for i := range crowd {
		if err := joined(ctx, n, i); err != nil {
			cancel()
			return nil, err
		}
	}
	return cancel, nil
}

// joined is one of the crowd, until the context ends.
func joined(ctx context.Context, n *cluster.Node, i int) error {
	conn, err := n.DB().Conn(ctx)
	if err != nil {
		return err
	}
	update := fmt.Sprintf("UPDATE shop.t SET b = 0 WHERE a = %d", i-i%10)
	switch {
	case i%10 == 0:
		if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
			return err
		}
		_, err = conn.ExecContext(ctx, update)
	case i%20 == 1:
		_, err = conn.ExecContext(ctx, "SET SESSION innodb_lock_wait_timeout = 10000")
		go func() { _, _ = conn.ExecContext(ctx, update) }()
	}
	return err
}
