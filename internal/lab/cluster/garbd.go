package cluster

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// A Garbd is an arbitrator: a member of the group without data.
type Garbd struct {
	Name string
	Log  string

	cluster *Cluster
	process *process
}

// Garbd starts an arbitrator and returns when the nodes count it as a member.
func (c *Cluster) Garbd(ctx context.Context) (*Garbd, error) {
	program, err := findProgram("garbd")
	if err != nil {
		return nil, err
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	member, size, err := c.member(ctx)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.hosts++
	ip := c.block.ip(c.hosts)
	g := &Garbd{Name: fmt.Sprintf("garb%d", len(c.garbds)+1), cluster: c}
	g.Log = filepath.Join(c.Dir, g.Name+".log")
	c.mu.Unlock()

	options := fmt.Sprintf("gmcast.listen_addr=tcp://%s:%d;evs.suspect_timeout=PT3S;evs.inactive_timeout=PT6S", ip, groupPort)
	if c.trust != nil {
		prefix := filepath.Join(c.Dir, g.Name)
		if err := c.trust.secure(prefix, g.Name, ip, c.software); err != nil {
			return nil, err
		}
		options += ";" + trustOptions(prefix)
	}
	g.process, err = launch(c.Dir, g.Log, program, "--address", c.GroupAddress(), "--group", c.Name, "--name", g.Name, "--options", options)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.garbds = append(c.garbds, g)
	c.mu.Unlock()
	if err := member.WaitStatus(ctx, "wsrep_cluster_size", strconv.Itoa(size+1)); err != nil {
		text, _ := os.ReadFile(g.Log)
		return g, fmt.Errorf("%s did not join: %w\n%s", g.Name, err, tail(string(text), 15))
	}
	return g, nil
}

// member finds a node in a Primary Component and the component's size.
func (c *Cluster) member(ctx context.Context) (*Node, int, error) {
	for _, n := range c.Nodes() {
		if !n.Running() {
			continue
		}
		status, err := n.Status(ctx, "wsrep_cluster_status", "wsrep_cluster_size")
		if err != nil || status["wsrep_cluster_status"] != "Primary" {
			continue
		}
		var size int
		if _, err := fmt.Sscan(status["wsrep_cluster_size"], &size); err != nil {
			return nil, 0, err
		}
		return n, size, nil
	}
	return nil, 0, fmt.Errorf("no node of %s is in a Primary Component", c.Name)
}

// Stop ends the arbitrator gracefully and waits.
func (g *Garbd) Stop(ctx context.Context) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	if err := g.process.signal(syscall.SIGTERM); err != nil {
		return nil // it has ended already, which is what was asked for
	}
	select {
	case <-g.process.done:
		return nil
	case <-ctx.Done():
		text, _ := os.ReadFile(g.Log)
		return fmt.Errorf("%s: stop: %w\n%s", g.Name, ctx.Err(), tail(string(text), 15))
	}
}

// Crash kills the arbitrator.
func (g *Garbd) Crash() { g.kill() }

func (g *Garbd) kill() {
	if g.process.signal(syscall.SIGKILL) == nil {
		<-g.process.done
	}
}
