package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Cluster is a set of real nodes that go when it is closed or when the owning process ends.
type Cluster struct {
	Name string // wsrep_cluster_name, unique per cluster
	Dir  string // everything of the cluster; removed by Close

	settings  settings
	software  software
	block     *block
	reaper    *reaper
	lifetime  *time.Timer
	authority *authority
	trust     *authority // of the whole group's connections, nil without WithPartitions

	mu     sync.Mutex
	nodes  []*Node
	garbds []*Garbd
	loads  []*Load
	hosts  int // addresses given out
}

// Missing says in one line what the lab lacks on this machine, or nil.
func Missing() error {
	_, err := findSoftware()
	return err
}

// New starts n nodes, db1 to dbn, and returns when all are Synced. ctx bounds the start only; Close ends the cluster.
func New(ctx context.Context, n int, opts ...Option) (*Cluster, error) {
	if n < 1 || n > 20 {
		return nil, fmt.Errorf("a lab cluster has 1 to 20 nodes, not %d", n)
	}
	c, err := prepare(ctx, newSettings(opts))
	if err != nil {
		return nil, err
	}
	// All are known before the first starts, so that every my.cnf lists every member.
	for range n {
		if _, err := c.newNode(ctx); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	// One after the other: a node that joins while another receives its state waits longer than both take in turn.
	for i, node := range c.Nodes() {
		start := node.Start
		if i == 0 {
			start = node.Bootstrap
		}
		if err := start(ctx); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	return c, nil
}

// prepare makes everything but the nodes.
func prepare(ctx context.Context, s settings) (*Cluster, error) {
	sw, err := findSoftware()
	if err != nil {
		return nil, err
	}
	dir, err := makeDir()
	if err != nil {
		return nil, err
	}
	b, err := claimBlock()
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	r, err := startReaper(dir, b.marker)
	if err != nil {
		return nil, errors.Join(err, b.marker.Close(), os.RemoveAll(dir))
	}
	c := &Cluster{Name: strings.ReplaceAll(filepath.Base(dir), "-", "_"), Dir: dir, settings: s, software: sw, block: b, reaper: r}
	c.lifetime = time.AfterFunc(s.lifetime, func() { _ = c.reaper.reap() })
	if err := makeTemplate(ctx, sw, filepath.Join(dir, "template"), s.users); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	if s.tls {
		if c.authority, err = newAuthority(filepath.Join(dir, "ca.pem")); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	if s.partitions {
		if c.trust, err = newAuthority(filepath.Join(dir, "trust.pem")); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	return c, nil
}

// makeDir makes a folder that the servers' user reaches. Sockets live in it and their paths are short (about 100
// bytes), so a long TMPDIR is not used.
func makeDir() (string, error) {
	parent := os.TempDir()
	if len(parent) > 60 {
		parent = "/tmp"
	}
	dir, err := os.MkdirTemp(parent, "galera-lab-")
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o755) //nolint:gosec // the servers may run as another user
}

// Nodes returns all nodes, started or not, in the order of their names.
func (c *Cluster) Nodes() []*Node {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.nodes)
}

// Node returns node i, counted from 1 like the names; it panics when there is none.
func (c *Cluster) Node(i int) *Node { return c.Nodes()[i-1] }

// Addresses returns the nodes' client addresses.
func (c *Cluster) Addresses() []string {
	nodes := c.Nodes()
	out := make([]string, 0, len(nodes))
	for _, n := range nodes {
		out = append(out, n.Address)
	}
	return out
}

// GroupAddress is the value of wsrep_cluster_address: all nodes known now.
func (c *Cluster) GroupAddress() string {
	nodes := c.Nodes()
	ips := make([]string, 0, len(nodes))
	for _, n := range nodes {
		ips = append(ips, n.ip)
	}
	return "gcomm://" + strings.Join(ips, ",")
}

// Add starts one more node, which joins through the others. Theirs learn its address from the group at once, and list
// it in my.cnf from their next start.
func (c *Cluster) Add(ctx context.Context) (*Node, error) {
	n, err := c.newNode(ctx)
	if err != nil {
		return nil, err
	}
	return n, n.Start(ctx)
}

// Bootstrap brings the cluster back after all nodes went down: it recovers every position, marks the most advanced
// node safe to bootstrap, bootstraps it and starts the others one by one. It refuses while a node or a garbd runs.
func (c *Cluster) Bootstrap(ctx context.Context) error {
	for _, g := range c.running() {
		return fmt.Errorf("%s is running: a full-cluster recovery needs everything stopped", g)
	}
	var best *Node
	var top Position
	for _, n := range c.Nodes() {
		p, err := n.Position(ctx)
		if err != nil {
			return err
		}
		if best == nil || p.Seqno > top.Seqno {
			best, top = n, p
		}
	}
	if best == nil {
		return errors.New("the cluster has no nodes")
	}
	if err := best.SetSafeToBootstrap(true); err != nil {
		return err
	}
	if err := best.Bootstrap(ctx); err != nil {
		return err
	}
	for _, n := range c.Nodes() {
		if n == best {
			continue
		}
		if err := n.Start(ctx); err != nil {
			return err
		}
	}
	return nil
}

// running names what runs.
func (c *Cluster) running() []string {
	var out []string
	for _, n := range c.Nodes() {
		if n.Running() {
			out = append(out, n.Name)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, g := range c.garbds {
		if g.process.running() {
			out = append(out, g.Name)
		}
	}
	return out
}

// Close kills everything and removes the cluster's files. It may be called more than once.
func (c *Cluster) Close() error {
	c.lifetime.Stop()
	c.mu.Lock()
	loads := c.loads
	c.loads = nil
	c.mu.Unlock()
	// The servers go first: a worker that waits for a hung server is freed by its death.
	for _, l := range loads {
		l.cancel()
	}
	for _, n := range c.Nodes() {
		n.Crash()
	}
	for _, l := range loads {
		l.Stop()
	}
	for _, n := range c.Nodes() {
		n.closeDB()
	}
	c.mu.Lock()
	for _, g := range c.garbds {
		g.kill()
	}
	c.mu.Unlock()
	err := c.reaper.reap()
	_ = c.block.marker.Close()
	return err
}
