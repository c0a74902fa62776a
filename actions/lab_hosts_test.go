package actions

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/galeratop/galeratop/internal/lab/cluster"
	"github.com/galeratop/galeratop/internal/lab/service"
	"github.com/galeratop/galeratop/model"
)

// labHosts are the hosts of a real cluster's nodes.
func labHosts(c *cluster.Cluster) *Hosts {
	h := service.Of(c)
	return &Hosts{Way: h.Way, Own: h.Own, DefaultsFile: h.DefaultsFile}
}

// hostConsole is a console on a real cluster that reaches the hosts of its nodes.
func hostConsole(t *testing.T, c *cluster.Cluster) *console {
	t.Helper()
	out := labConsole(t, c, "ops", Session{Cluster: "shop"})
	out.options.Hosts = *labHosts(c)
	out.Runner.options.Hosts = out.options.Hosts
	return out
}

// order is an operation on a node's host, with what the hosts tell now.
func (c *console) order(node, id string) HostOrder {
	c.t.Helper()
	at := c.nodeID(node)
	return HostOrder{ID: id, Node: at, Hosts: &c.options.Hosts, Apart: c.Apart(), Readings: c.options.Hosts.LookAll(c.t.Context(), c.Latest().Nodes, time.Now)}
}

// allowed waits until an operation is not refused, and plans it.
func (c *console) allowed(node, id string) *Plan {
	c.t.Helper()
	var p *Plan
	limit := time.Now().Add(40 * time.Second)
	for {
		o := c.order(node, id)
		if p = PlanHost(c.Latest(), c.options.Session, o); p.Refuse() == "" {
			return p
		}
		if time.Now().After(limit) {
			c.t.Fatalf("%s of %s is refused: %s\n%s", id, node, p.Refuse(), screen(c.Latest()))
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// operates runs an operation and wants it to be seen to work.
func (c *console) operates(node, id, text string) *Plan {
	c.t.Helper()
	p := c.allowed(node, id)
	result, news := c.carryOut(p)
	if result.Stage != Done || !strings.Contains(result.Text, text) {
		c.t.Fatalf("%s of %s: %s, %q; lacks %q\n%+v", id, node, result.Stage, result.Text, text, news)
	}
	return p
}

// down waits until a node does not answer.
func (c *console) down(node string) {
	c.t.Helper()
	c.until(node+" is down", func(s *model.Snapshot) bool {
		i := slices.IndexFunc(s.Nodes, func(n *model.Node) bool { return n.Name == node })
		return i >= 0 && s.Nodes[i].Link == model.LinkDown
	})
}
