package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/galeratop/galeratop/internal/lab/cluster"
)

const help = `crash N      kill node N (SIGKILL)       start N      start it again
hang N       stop its execution          resume N     let it go on
isolate N    cut it from the group       heal N       reconnect it
partition 1,2 3,4   cut the network between sides (with --partitions); heal ends it
stop N       shut it down gracefully     wipe N       empty a stopped node: an SST at its next start
add          one more node               garbd        an arbitrator; garbd stop ends it
load [T]     T clients, default 4; 0 ends them        bootstrap    recover after a full crash
sysbench     print how to run it         status       all nodes
connect      how to connect              help, quit`

// A session runs commands on a cluster.
type session struct {
	cluster *cluster.Cluster
	out     io.Writer
	life    context.Context // the lab's, not one command's: what goes on after the command uses it
	load    *cluster.Load
	garbd   *cluster.Garbd
}

// printf writes for the person at the terminal; when that is gone there is nobody to tell.
func (s *session) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(s.out, format, args...)
}

// loop runs commands until the end of input or of ctx. Started with /dev/null as input it waits for a signal: that is
// how a service or a script in the background starts it.
func (s *session) loop(ctx context.Context, in *os.File) {
	lines := make(chan string)
	if !isNull(in) {
		go func() {
			defer close(lines)
			for scan := bufio.NewScanner(in); scan.Scan(); {
				select {
				case lines <- scan.Text():
				case <-ctx.Done():
					return
				}
			}
		}()
	}
	for {
		s.printf("lab> ")
		select {
		case <-ctx.Done():
			s.printf("\n")
			return
		case line, more := <-lines:
			if !more || line == "quit" || line == "exit" {
				return
			}
			if err := s.do(ctx, line); err != nil {
				s.printf("%v\n", err)
			}
		}
	}
}

func isNull(f *os.File) bool {
	a, err := f.Stat()
	if err != nil {
		return false
	}
	b, err := os.Stat(os.DevNull)
	return err == nil && os.SameFile(a, b)
}

// nodeCommands are the ones with a node's number.
var nodeCommands = map[string]func(context.Context, *cluster.Node) error{
	"crash":   func(_ context.Context, n *cluster.Node) error { n.Crash(); return nil },
	"hang":    func(_ context.Context, n *cluster.Node) error { return n.Hang() },
	"resume":  func(_ context.Context, n *cluster.Node) error { return n.Resume() },
	"isolate": func(ctx context.Context, n *cluster.Node) error { return n.Isolate(ctx) },
	"heal":    func(ctx context.Context, n *cluster.Node) error { return n.Heal(ctx) },
	"stop":    func(ctx context.Context, n *cluster.Node) error { return n.Stop(ctx) },
	"start":   func(ctx context.Context, n *cluster.Node) error { return n.Start(ctx) },
	"wipe":    func(ctx context.Context, n *cluster.Node) error { return n.Wipe(ctx) },
}

// do runs one line.
func (s *session) do(ctx context.Context, line string) error {
	words := strings.Fields(line)
	if len(words) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	begin := time.Now()
	var err error
	if command, ok := nodeCommands[words[0]]; ok && (words[0] != "heal" || len(words) > 1) {
		var n *cluster.Node
		if n, err = s.node(words[1:]); err == nil {
			err = command(ctx, n)
		}
	} else {
		err = s.other(ctx, words)
	}
	if err == nil {
		s.printf("%s: done in %.1f s\n", line, time.Since(begin).Seconds())
	}
	return err
}

func (s *session) node(args []string) (*cluster.Node, error) {
	nodes := s.cluster.Nodes()
	if len(args) == 1 {
		i, err := strconv.Atoi(strings.TrimPrefix(args[0], "db"))
		if err == nil && i >= 1 && i <= len(nodes) {
			return nodes[i-1], nil
		}
	}
	return nil, fmt.Errorf("which node, 1 to %d?", len(nodes))
}

// other runs the commands without a node.
func (s *session) other(ctx context.Context, words []string) error {
	switch words[0] {
	case "add":
		n, err := s.cluster.Add(ctx)
		if err == nil {
			s.printf("%s %s\n", n.Name, n.Address)
		}
		return err
	case "bootstrap":
		return s.cluster.Bootstrap(ctx)
	case "partition":
		return s.partition(ctx, words[1:])
	case "heal":
		return s.cluster.Heal(ctx)
	case "garbd":
		return s.arbitrate(ctx, len(words) > 1 && words[1] == "stop")
	case "load":
		return s.setLoad(words[1:])
	case "status":
		s.status(ctx)
	case "connect":
		s.connections()
	case "sysbench":
		host, port, _ := strings.Cut(s.cluster.Node(1).Address, ":")
		s.printf("sysbench oltp_read_write --mysql-host=%s --mysql-port=%s --mysql-user=shop --mysql-password=shop "+
			"--mysql-db=shop --mysql-ignore-errors=all --tables=4 --table-size=10000 --threads=4 --time=0 prepare|run\n"+
			"(the schema shop is made by: load)\n", host, port)
	case "help":
		s.printf("%s\n", help)
	default:
		return fmt.Errorf("unknown command %q; try help", words[0])
	}
	return nil
}

// partition takes the sides, each the numbers of its nodes with commas between them.
func (s *session) partition(ctx context.Context, args []string) error {
	sides := make([][]*cluster.Node, len(args))
	for i, side := range args {
		for number := range strings.SplitSeq(side, ",") {
			n, err := s.node([]string{number})
			if err != nil {
				return err
			}
			sides[i] = append(sides[i], n)
		}
	}
	return s.cluster.Partition(ctx, sides...)
}

func (s *session) arbitrate(ctx context.Context, stop bool) error {
	if stop {
		if s.garbd == nil {
			return errors.New("no garbd runs")
		}
		g := s.garbd
		s.garbd = nil
		return g.Stop(ctx)
	}
	if s.garbd != nil {
		return errors.New("a garbd runs already")
	}
	g, err := s.cluster.Garbd(ctx)
	if err == nil {
		s.garbd = g
	}
	return err
}

func (s *session) setLoad(args []string) error {
	threads := 4
	if len(args) > 0 {
		n, err := strconv.Atoi(args[0])
		if err != nil || n < 0 || n > 1000 {
			return errors.New("load takes a number of clients, 0 to 1000")
		}
		threads = n
	}
	if s.load != nil {
		s.printf("%+v\n", s.load.Stop())
		s.load = nil
	}
	if threads == 0 {
		return nil
	}
	l, err := s.cluster.Load(s.life, cluster.LoadOptions{Threads: threads, Pause: 5 * time.Millisecond})
	if err == nil {
		s.load = l
	}
	return err
}

// status prints a line a node.
func (s *session) status(ctx context.Context) {
	for _, n := range s.cluster.Nodes() {
		s.printf("%-5s %-20s ", n.Name, n.Address)
		if !n.Running() {
			s.printf("down\n")
			continue
		}
		one, cancel := context.WithTimeout(ctx, time.Second)
		v, err := n.Status(one)
		cancel()
		if err != nil {
			s.printf("does not answer: %v\n", err)
			continue
		}
		s.printf("%s, %s, size %s, seqno %s, queue %s\n", v["wsrep_cluster_status"], v["wsrep_local_state_comment"],
			v["wsrep_cluster_size"], v["wsrep_last_committed"], v["wsrep_local_recv_queue"])
	}
	if s.load != nil {
		s.printf("load  %+v\n", s.load.Counts())
	}
}

// connections prints how to reach the cluster.
func (s *session) connections() {
	first := s.cluster.Node(1)
	host, port, _ := strings.Cut(first.Address, ":")
	tls := ""
	if ca := s.cluster.CA(); ca != "" {
		tls = " --ssl-ca=" + ca
	}
	s.printf("galeratop   MYSQL_PWD=lab galeratop -u lab%s %s\n", tls, first.Address)
	s.printf("client      mariadb -h %s -P %s -u lab -plab%s\n", host, port, tls)
	s.printf("root        mariadb -S %s -u root\n", first.Socket)
	s.printf("nodes       %s\n", strings.Join(s.cluster.Addresses(), " "))
	s.printf("files       %s\n", s.cluster.Dir)
	s.printf("accounts    lab (all), ops (operator), mon (monitor), monitor (no rights), shop (the load); password = name\n")
	s.printf("help lists the commands; Ctrl-C removes everything\n")
}
