package actions

import (
	"context"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/internal/lab/cluster"
	"github.com/galeratop/galeratop/model"
)

// labCommand begins the commands that the lab itself carries out, in the place of
// a service manager.
const labCommand = "lab-service"

// labOperations are what the lab does with a node. A restart is its own, as with
// systemd.
var labOperations = map[host.Operation]func(context.Context, *cluster.Node) error{
	host.Start:     func(ctx context.Context, n *cluster.Node) error { return n.Start(ctx) },
	host.Stop:      func(ctx context.Context, n *cluster.Node) error { return n.Stop(ctx) },
	host.Bootstrap: func(ctx context.Context, n *cluster.Node) error { return n.Bootstrap(ctx) },
	host.Restart: func(ctx context.Context, n *cluster.Node) error {
		if err := n.Stop(ctx); err != nil {
			return err
		}
		return n.Start(ctx)
	},
	host.Status: func(_ context.Context, n *cluster.Node) error {
		if !n.Running() {
			return errors.New("inactive")
		}
		return nil
	},
}

// labHosts are the hosts of a real cluster's nodes: all of them are this one, and
// what starts and stops servers is the lab.
func labHosts(c *cluster.Cluster) *Hosts {
	byIP := func(ip string) *cluster.Node {
		i := slices.IndexFunc(c.Nodes(), func(n *cluster.Node) bool { return strings.HasPrefix(n.Address, ip+":") })
		if i < 0 {
			return nil
		}
		return c.Nodes()[i]
	}
	own := map[host.Operation][]string{}
	for op := range labOperations {
		own[op] = []string{labCommand, string(op), "{host}"}
	}
	through := func(ctx context.Context, _ string, argv []string, stdout, stderr io.Writer) (int, error) {
		if argv[0] != labCommand {
			return runHere(ctx, argv, stdout, stderr)
		}
		n := byIP(argv[2])
		_, _ = io.WriteString(stdout, argv[1]+" "+n.Name+"\n")
		if err := labOperations[host.Operation(argv[1])](ctx, n); err != nil {
			_, _ = io.WriteString(stderr, strings.ReplaceAll(err.Error(), "\n", "; ")+"\n")
			return 1, nil
		}
		return 0, nil
	}
	return &Hosts{
		Way: host.Way{Prefix: []string{}, Through: through}, Own: own,
		DefaultsFile: func(address string) string {
			ip, _, _ := strings.Cut(address, ":")
			if n := byIP(ip); n != nil {
				return n.DefaultsFile
			}
			return ""
		},
	}
}

func runHere(ctx context.Context, argv []string, stdout, stderr io.Writer) (int, error) {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env = append(cmd.Environ(), "LC_ALL=C")
	cmd.Stdout, cmd.Stderr = stdout, stderr
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode(), nil
	}
	return 0, err
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
