package cluster

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// A Node is one server. Its methods may be called from several goroutines.
type Node struct {
	Name         string // db1, db2, ...
	Address      string // IP:port for clients
	Socket       string
	DataDir      string
	ErrorLog     string // appended to over restarts; see Log for this run's part
	DefaultsFile string

	cluster *Cluster
	dir, ip string

	mu      sync.Mutex
	process *process
	logFrom int64 // where this run's part of the error log begins
	options []setting
	db      *sql.DB
}

// newNode gives out an address and makes the data directory.
func (c *Cluster) newNode(ctx context.Context) (*Node, error) {
	c.mu.Lock()
	c.hosts++
	number, ip := len(c.nodes)+1, c.block.ip(c.hosts)
	dir := filepath.Join(c.Dir, fmt.Sprintf("db%d", number))
	n := &Node{
		Name: fmt.Sprintf("db%d", number), Address: fmt.Sprintf("%s:%d", ip, sqlPort),
		Socket: dir + "/sock", DataDir: dir + "/data", ErrorLog: dir + "/error.log", DefaultsFile: dir + "/my.cnf",
		cluster: c, dir: dir, ip: ip,
	}
	c.nodes = append(c.nodes, n)
	c.mu.Unlock()

	for _, d := range []string{dir, n.tmpDir()} {
		if err := c.software.mkdir(d); err != nil {
			return nil, err
		}
	}
	if c.authority != nil {
		if err := c.authority.issue(n.dir+"/", n.Name, n.ip, c.software); err != nil {
			return nil, err
		}
	}
	if c.trust != nil {
		if err := c.trust.secure(n.groupPrefix(), n.Name, n.ip, c.software); err != nil {
			return nil, err
		}
	}
	return n, copyTemplate(ctx, filepath.Join(c.Dir, "template"), n.DataDir)
}

// tmpDir is the server's own: one that starts removes the temporary tables of all others in the directory for
// temporary files, whose statements then fail with error 1017.
func (n *Node) tmpDir() string { return n.dir + "/tmp" }

// SetOption sets key=value in this node's my.cnf from its next start on; wsrep_provider_options are added to.
func (n *Node) SetOption(key, value string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.options = append(n.options, setting{key, value})
}

// Unset takes back what SetOption set.
func (n *Node) Unset(keys ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.options = slices.DeleteFunc(n.options, func(s setting) bool { return slices.Contains(keys, s.key) })
}

// WriteConfig writes my.cnf as the next start will, for programs that read it before.
func (n *Node) WriteConfig() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.writeConfig()
}

// Start starts the server and returns when it is Synced. Like a service unit, it recovers the position first after a
// crash, without which the node could not get an IST.
func (n *Node) Start(ctx context.Context) error {
	return n.launchSynced(ctx)
}

// Bootstrap starts the server as the first of a new Primary Component, keeping its history. As the server does, it
// fails when grastate.dat says safe_to_bootstrap: 0; see SetSafeToBootstrap.
func (n *Node) Bootstrap(ctx context.Context) error {
	return n.launchSynced(ctx, "--wsrep-new-cluster")
}

func (n *Node) launchSynced(ctx context.Context, args ...string) error {
	if err := n.Launch(ctx, args...); err != nil {
		return err
	}
	return n.WaitSynced(ctx)
}

// Launch starts the server with more arguments and does not wait for it: to watch it join, or fail.
func (n *Node) Launch(ctx context.Context, args ...string) error {
	if n.Running() {
		return fmt.Errorf("%s is running already", n.Name)
	}
	if n.crashed() {
		p, err := n.Position(ctx)
		if err != nil {
			return err
		}
		if p.Seqno >= 0 {
			args = append(args, "--wsrep_start_position="+p.String())
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.writeConfig(); err != nil {
		return err
	}
	n.logFrom = 0
	if info, err := os.Stat(n.ErrorLog); err == nil {
		n.logFrom = info.Size()
	}
	argv := append([]string{n.cluster.software.server, "--defaults-file=" + n.DefaultsFile}, args...)
	p, err := launch(n.cluster.Dir, n.dir+"/out", argv...)
	if err != nil {
		return err
	}
	n.process = p
	return nil
}

func (n *Node) current() *process {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.process
}

// Running says whether the server process exists; a hung one does.
func (n *Node) Running() bool {
	p := n.current()
	return p != nil && p.running()
}

// PID of the server, 0 when it does not run.
func (n *Node) PID() int {
	if p := n.current(); p != nil && p.running() {
		return p.cmd.Process.Pid
	}
	return 0
}

// Stop shuts the server down gracefully (SIGTERM) and waits; a hung one is resumed first.
func (n *Node) Stop(ctx context.Context) error {
	p := n.current()
	if p == nil || !p.running() {
		return nil
	}
	if err := errors.Join(p.signal(syscall.SIGTERM), p.signal(syscall.SIGCONT)); err != nil && p.running() {
		return err
	}
	return n.await(ctx, p.done, "stop")
}

// Crash kills the server (SIGKILL) and everything that it started, and waits until they are gone.
func (n *Node) Crash() {
	if p := n.current(); p != nil && p.running() {
		_ = p.signal(syscall.SIGKILL)
		<-p.done
	}
}

// Hang stops the server's execution (SIGSTOP): its connections stay open and nothing answers. It returns when all of
// its threads have stopped.
func (n *Node) Hang() error { return n.signal((*process).freeze) }

// Resume continues a hung server.
func (n *Node) Resume() error {
	return n.signal(func(p *process) error { return p.signal(syscall.SIGCONT) })
}

func (n *Node) signal(send func(*process) error) error {
	p := n.current()
	if p == nil {
		return fmt.Errorf("%s is not running", n.Name)
	}
	if err := send(p); err != nil {
		return fmt.Errorf("%s: %w", n.Name, err)
	}
	return nil
}

// Isolate cuts the node from the group (gmcast.isolate); clients still reach it. It returns at once: the loss shows
// when the timeouts have run out, see WaitStatus.
func (n *Node) Isolate(ctx context.Context) error {
	return n.Exec(ctx, "SET GLOBAL wsrep_provider_options='gmcast.isolate=1'")
}

// Heal ends an isolation.
func (n *Node) Heal(ctx context.Context) error {
	return n.Exec(ctx, "SET GLOBAL wsrep_provider_options='gmcast.isolate=0'")
}

// Reinstall gives a stopped node the data directory of a fresh installation, as a package does: started as the first
// node it founds a cluster with a history of its own.
func (n *Node) Reinstall(ctx context.Context) error {
	if err := n.Wipe(ctx); err != nil {
		return err
	}
	if err := os.Remove(n.DataDir); err != nil {
		return err
	}
	return copyTemplate(ctx, filepath.Join(n.cluster.Dir, "template"), n.DataDir)
}

// Wipe empties the data directory of a stopped node, so that its next start gets an SST.
func (n *Node) Wipe(ctx context.Context) error {
	if n.Running() {
		return fmt.Errorf("%s is running: stop it before its data goes", n.Name)
	}
	// The server's user removes and makes the entries, not the folder.
	rm := exec.CommandContext(ctx, "find", n.DataDir, "-mindepth", "1", "-delete")
	if out, err := rm.CombinedOutput(); err != nil {
		return fmt.Errorf("empty %s: %w: %s", n.DataDir, err, out)
	}
	return nil
}

// Log is the error log since the last launch.
func (n *Node) Log() string {
	n.mu.Lock()
	from := n.logFrom
	n.mu.Unlock()
	text, err := os.ReadFile(n.ErrorLog)
	if err != nil || int64(len(text)) < from {
		return ""
	}
	return string(text[from:])
}

// Transfer says how the node got its state since the last launch: "SST", "IST", or "" for none.
func (n *Node) Transfer() string {
	log := n.Log()
	switch {
	case strings.Contains(log, "rsync SST completed on joiner"):
		return "SST"
	case strings.Contains(log, "Receiving IST"):
		return "IST"
	}
	return ""
}

// tail is the last lines of a text, for errors.
func tail(text string, lines int) string {
	all := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
