package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"slices"
	"strings"
	"syscall"

	"github.com/galeratop/galeratop/internal/lab/cluster"
)

// sysbench is a running sysbench oltp_read_write on all nodes of a cluster, at a
// rate that leaves the processors room for what is measured.
type sysbench struct {
	cmd *exec.Cmd
	out bytes.Buffer
}

const sysbenchRate = 100 // transactions a second

func startSysbench(ctx context.Context, c *cluster.Cluster) (*sysbench, error) {
	hosts, port := make([]string, 0, len(c.Nodes())), ""
	for _, address := range c.Addresses() {
		host, p, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		hosts, port = append(hosts, host), p
	}
	if err := c.Node(1).Exec(ctx, "CREATE DATABASE IF NOT EXISTS shop"); err != nil {
		return nil, err
	}
	args := func(host, command string, more ...string) []string {
		return append([]string{
			"oltp_read_write", "--mysql-host=" + host, "--mysql-port=" + port, "--mysql-user=shop", "--mysql-password=shop",
			"--mysql-db=shop", "--tables=4", "--table-size=10000", "--threads=6",
		}, append(more, command)...)
	}
	prepare := exec.CommandContext(ctx, "sysbench", args(hosts[0], "prepare")...)
	if out, err := prepare.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("sysbench prepare: %w: %s", err, out)
	}
	s := &sysbench{}
	//nolint:gosec // the lab's own addresses
	s.cmd = exec.CommandContext(ctx, "sysbench", args(strings.Join(hosts, ","), "run", "--time=0", "--events=0",
		fmt.Sprintf("--rate=%d", sysbenchRate), "--mysql-ignore-errors=1213,1205,1020,1180", "--report-interval=10")...)
	s.cmd.Stdout, s.cmd.Stderr = &s.out, &s.out
	return s, s.cmd.Start()
}

// stop ends it and returns the last line that it said of its work.
func (s *sysbench) stop() (string, error) {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return "", errors.Join(err, errors.New(s.out.String()))
	}
	_ = s.cmd.Wait()
	lines := strings.Split(s.out.String(), "\n")
	for _, line := range slices.Backward(lines) {
		if strings.Contains(line, "tps:") {
			return line, nil
		}
	}
	return "", fmt.Errorf("sysbench did nothing: %s", s.out.String())
}
