// Package service takes the place of the hosts of a lab cluster's nodes and of what
// starts and stops their servers, for tests of what is done on hosts.
package service

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/internal/lab/cluster"
)

// command begins the commands that the lab itself carries out, in the place of
// a service manager.
const command = "lab-service"

// operations are what the lab does with a node. A restart is its own, as with
// systemd.
var operations = map[host.Operation]func(context.Context, *cluster.Node) error{
	host.Start:     func(ctx context.Context, n *cluster.Node) error { return n.Start(ctx) },
	host.Stop:      func(ctx context.Context, n *cluster.Node) error { return n.Stop(ctx) },
	host.Bootstrap: func(ctx context.Context, n *cluster.Node) error { return n.Bootstrap(ctx) },
	host.Restart: func(ctx context.Context, n *cluster.Node) error {
		if err := n.Stop(ctx); err != nil {
			return err
		}
		return n.Start(ctx)
	},
	// There is nothing to upgrade to: it is enough that it is run.
	host.Upgrade: func(_ context.Context, n *cluster.Node) error {
		if n.Running() {
			return errors.New("the server runs")
		}
		return nil
	},
	host.Status: func(_ context.Context, n *cluster.Node) error {
		if !n.Running() {
			return errors.New("inactive")
		}
		return nil
	},
}

// Hosts are the hosts of a real cluster's nodes, all of which are this one.
type Hosts struct {
	Way host.Way
	Own map[host.Operation][]string // commands that the lab carries out
	// DefaultsFile is where the server at an address reads its options.
	DefaultsFile func(address string) string
}

// Of makes the nodes of a cluster look like servers on hosts of their own: commands
// run here, processes of other nodes are not seen, and what starts and stops servers
// is the lab.
func Of(c *cluster.Cluster) *Hosts {
	own := map[host.Operation][]string{}
	for op := range operations {
		own[op] = []string{command, string(op), "{host}"}
	}
	through := func(ctx context.Context, name string, argv []string, stdout, stderr io.Writer) (int, error) {
		switch argv[0] {
		case command:
			return operate(ctx, c, argv[1:], stdout, stderr)
		case "ps":
			return ownProcesses(ctx, c, nodeAt(c, name), argv, stdout, stderr)
		}
		return runHere(ctx, argv, stdout, stderr)
	}
	return &Hosts{
		Way: host.Way{Prefix: []string{}, Through: through}, Own: own,
		DefaultsFile: func(address string) string {
			ip, _, _ := strings.Cut(address, ":")
			if n := nodeAt(c, ip); n != nil {
				return n.DefaultsFile
			}
			return ""
		},
	}
}

func nodeAt(c *cluster.Cluster, ip string) *cluster.Node {
	i := slices.IndexFunc(c.Nodes(), func(n *cluster.Node) bool { return strings.HasPrefix(n.Address, ip+":") })
	if i < 0 {
		return nil
	}
	return c.Nodes()[i]
}

// operate carries an operation out, prints what it does, and ends as it ended.
func operate(ctx context.Context, c *cluster.Cluster, words []string, stdout, stderr io.Writer) (int, error) {
	n := nodeAt(c, words[1])
	if n == nil {
		_, _ = io.WriteString(stderr, "no node at "+words[1]+"\n")
		return 1, nil
	}
	_, _ = io.WriteString(stdout, words[0]+" "+n.Name+"\n")
	if err := operations[host.Operation(words[0])](ctx, n); err != nil {
		_, _ = io.WriteString(stderr, strings.ReplaceAll(err.Error(), "\n", "; ")+"\n")
		return 1, nil
	}
	return 0, nil
}

// ownProcesses is the process table as it would be on the node's host: without the
// servers of other nodes, which come and go beside it.
func ownProcesses(ctx context.Context, c *cluster.Cluster, n *cluster.Node, argv []string, stdout, stderr io.Writer) (int, error) {
	var table strings.Builder
	code, err := runHere(ctx, argv, &table, stderr)
	for line := range strings.Lines(table.String()) {
		fields := strings.Fields(line)
		if len(fields) == 3 && n != nil && !onHost(c, n, fields[0], fields[2]) {
			continue
		}
		_, _ = io.WriteString(stdout, line)
	}
	return code, err
}

// onHost reports whether a process would run on the node's host: its own server and
// state transfers, any arbitrator of the cluster, and whatever else there is.
func onHost(c *cluster.Cluster, n *cluster.Node, pid, name string) bool {
	mark := filepath.Dir(n.DefaultsFile) + "/"
	switch {
	case name == "garbd":
		mark = c.Name
	case name != "mariadbd" && !strings.HasPrefix(name, "wsrep_sst_"):
		return true
	}
	words, err := os.ReadFile("/proc/" + pid + "/cmdline")
	return err == nil && (len(words) == 0 || strings.Contains(string(words), mark))
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
