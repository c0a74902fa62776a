package cluster

import (
	"context"
	"os"
	"testing"
)

// Start starts n nodes for a test and closes them in its cleanup.
//
// Without MariaDB, Galera or rsync, or with -short, the test is skipped; with GALERATOP_LAB set it fails instead. When
// the test has failed, the tail of each error log is printed.
func Start(tb testing.TB, n int, opts ...Option) *Cluster {
	tb.Helper()
	need(tb)
	ctx, cancel := context.WithTimeout(tb.Context(), maxWait)
	defer cancel()
	c, err := New(ctx, n, opts...)
	if err != nil {
		tb.Fatalf("lab: %v", err)
	}
	tb.Cleanup(func() {
		if tb.Failed() {
			for _, node := range c.Nodes() {
				tb.Logf("%s, end of the error log:\n%s", node.Name, node.logTail())
			}
		}
		if err := c.Close(); err != nil {
			tb.Errorf("lab: %v", err)
		}
	})
	return c
}

// need skips a test that cannot have real servers, or fails it where they are required.
func need(tb testing.TB) {
	tb.Helper()
	required := os.Getenv("GALERATOP_LAB") != ""
	if testing.Short() && !required {
		tb.Skip("lab: real servers are not started with -short")
	}
	if err := Missing(); err != nil {
		if required {
			tb.Fatalf("lab: %v, and GALERATOP_LAB is set", err)
		}
		tb.Skipf("lab: %v", err)
	}
}
