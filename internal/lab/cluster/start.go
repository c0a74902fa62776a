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
func Start(t testing.TB, n int, opts ...Option) *Cluster {
	t.Helper()
	required := os.Getenv("GALERATOP_LAB") != ""
	if testing.Short() && !required {
		t.Skip("lab: real servers are not started with -short")
	}
	if err := Missing(); err != nil {
		if required {
			t.Fatalf("lab: %v, and GALERATOP_LAB is set", err)
		}
		t.Skipf("lab: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), maxWait)
	defer cancel()
	c, err := New(ctx, n, opts...)
	if err != nil {
		t.Fatalf("lab: %v", err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			for _, node := range c.Nodes() {
				t.Logf("%s, end of the error log:\n%s", node.Name, node.logTail())
			}
		}
		if err := c.Close(); err != nil {
			t.Errorf("lab: %v", err)
		}
	})
	return c
}
