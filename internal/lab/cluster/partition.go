package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
)

// groupPrefix begins the names of the files that secure the node's connections to the group.
func (n *Node) groupPrefix() string { return n.dir + "/group-" }

// trustOptions are the provider's options for such files.
func trustOptions(prefix string) string {
	return fmt.Sprintf("socket.ssl=yes;socket.ssl_ca=%[1]sca.pem;socket.ssl_cert=%[1]scert.pem;socket.ssl_key=%[1]skey.pem", prefix)
}

// secure writes files with which a member believes only those that the authority signed for.
func (a *authority) secure(prefix, name, ip string, sw software) error {
	ca, err := os.ReadFile(a.file)
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(prefix+"ca.pem", ca, 0o644), a.issue(prefix, name, ip, sw))
}

// Partition cuts the network of the group between the sides, while the members of one side still reach one another. It
// returns before the members have noticed: wait for what the test is about. It needs WithPartitions, and no privileges:
//
// Each side gets a certificate authority of its own, so that no connection between two sides can be made any more. Then
// every side but the first drops all its connections by a moment of isolation. It is too short for the members of that
// side to suspect one another: they see the partition, not the moment. An arbitrator stays with the first side.
func (c *Cluster) Partition(ctx context.Context, sides ...[]*Node) error {
	if c.trust == nil {
		return errors.New("partition: start the cluster with WithPartitions")
	}
	if len(sides) < 2 {
		return errors.New("partition: it takes two sides or more")
	}
	for i, side := range sides {
		a, err := newAuthority(fmt.Sprintf("%s/side%d.pem", c.Dir, i+1))
		if err != nil {
			return err
		}
		if err := believe(ctx, a, side); err != nil {
			return err
		}
	}
	others := slices.Concat(sides[1:]...)
	for _, n := range others {
		if err := n.Isolate(ctx); err != nil {
			return err
		}
	}
	for _, n := range others {
		if err := n.Heal(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Heal ends a partition. Members that are not Primary find one another within seconds; two Primary Components stay two.
func (c *Cluster) Heal(ctx context.Context) error {
	if c.trust == nil {
		return errors.New("heal: start the cluster with WithPartitions")
	}
	return believe(ctx, c.trust, slices.DeleteFunc(c.Nodes(), func(n *Node) bool { return !n.Running() }))
}

// believe has running nodes trust an authority from now on. Connections that exist stay.
func believe(ctx context.Context, a *authority, nodes []*Node) error {
	for _, n := range nodes {
		if err := a.secure(n.groupPrefix(), n.Name, n.ip, n.cluster.software); err != nil {
			return err
		}
		if err := n.Exec(ctx, "SET GLOBAL wsrep_provider_options='socket.ssl_reload=1'"); err != nil {
			return err
		}
	}
	return nil
}
