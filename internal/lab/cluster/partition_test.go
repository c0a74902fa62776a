package cluster

import (
	"context"
	"strings"
	"testing"
	"time"
)

// TestPartitionCutsFourNodesInHalves is about real servers that all live: each half still sees its own.
func TestPartitionCutsFourNodesInHalves(t *testing.T) {
	c := Start(t, 4, WithPartitions())
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	left, right := c.Nodes()[:2], c.Nodes()[2:]
	if err := c.Partition(ctx, left, right); err != nil {
		t.Fatal(err)
	}
	for i, side := range [][]*Node{left, right} {
		for _, n := range side {
			if err := n.WaitStatus(ctx, "wsrep_cluster_status", "non-Primary", "wsrep_cluster_size", "2"); err != nil {
				t.Fatalf("side %d: %v", i+1, err)
			}
			status, err := n.Status(ctx, "wsrep_incoming_addresses")
			if members := status["wsrep_incoming_addresses"]; err != nil || !strings.Contains(members, side[0].Address) || !strings.Contains(members, side[1].Address) {
				t.Errorf("%s sees %s, %v", n.Name, members, err)
			}
		}
	}
	if err := c.Heal(ctx); err != nil {
		t.Fatal(err)
	}
	for _, n := range c.Nodes() {
		if err := n.WaitStatus(ctx, "wsrep_local_state_comment", "Synced", "wsrep_cluster_size", "4"); err != nil {
			t.Fatal(err)
		}
	}
}
