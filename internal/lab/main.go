// Lab starts a real Galera cluster on loopback to try things on by hand:
//
//	go run ./internal/lab up 3
//
// It prints how to connect, takes commands on its input (help lists them), and removes everything on Ctrl-C, end of
// input, SIGTERM or SIGHUP.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/galeratop/galeratop/internal/lab/cluster"
)

const usage = "usage: lab up NODES [--load] [--garbd] [--partitions] [--tls] [--performance-schema] [--for DURATION]"

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "lab:", err)
		if _, wrong := errors.AsType[usageError](err); wrong {
			os.Exit(2)
		}
		os.Exit(1)
	}
}

type usageError struct{ error }

// request is the parsed command line.
type request struct {
	nodes           int
	load, garbd     bool
	partitions      bool
	tls, statistics bool
	lifetime        time.Duration
}

// parse takes flags before and after the number.
func parse(args []string) (request, error) {
	var r request
	if len(args) == 0 || args[0] != "up" {
		return r, usageError{errors.New(usage)}
	}
	flags := flag.NewFlagSet("up", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolVar(&r.load, "load", false, "")
	flags.BoolVar(&r.garbd, "garbd", false, "")
	flags.BoolVar(&r.partitions, "partitions", false, "")
	flags.BoolVar(&r.tls, "tls", false, "")
	flags.BoolVar(&r.statistics, "performance-schema", false, "")
	flags.DurationVar(&r.lifetime, "for", 12*time.Hour, "")
	var numbers []string
	for rest := args[1:]; len(rest) > 0; {
		if err := flags.Parse(rest); err != nil {
			return r, usageError{fmt.Errorf("%s; %s", strings.ReplaceAll(err.Error(), "\n", " "), usage)}
		}
		if rest = flags.Args(); len(rest) > 0 {
			numbers, rest = append(numbers, rest[0]), rest[1:]
		}
	}
	if len(numbers) != 1 {
		return r, usageError{errors.New(usage)}
	}
	n, err := strconv.Atoi(numbers[0])
	if err != nil || n < 1 || n > 20 {
		return r, usageError{fmt.Errorf("NODES is 1 to 20, not %q; %s", numbers[0], usage)}
	}
	r.nodes = n
	return r, nil
}

func (r request) options() []cluster.Option {
	opts := []cluster.Option{cluster.WithLifetime(r.lifetime)}
	if r.partitions {
		opts = append(opts, cluster.WithPartitions())
	}
	if r.tls {
		opts = append(opts, cluster.WithTLS())
	}
	if r.statistics {
		opts = append(opts, cluster.WithPerformanceSchema())
	}
	return opts
}

func run(args []string, in *os.File, out io.Writer) (err error) {
	r, err := parse(args)
	if err != nil {
		return err
	}
	if err := cluster.Missing(); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, r.lifetime)
	defer cancel()
	go followParent(ctx, cancel)

	start := time.Now()
	c, err := cluster.New(ctx, r.nodes, r.options()...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	s := session{cluster: c, out: out, life: ctx}
	s.printf("%d nodes up in %.1f s\n", r.nodes, time.Since(start).Seconds())

	for _, command := range r.commands() {
		if err := s.do(ctx, command); err != nil {
			return err
		}
	}
	s.connections()
	s.loop(ctx, in)
	return nil
}

// commands are those that the flags stand for.
func (r request) commands() []string {
	var out []string
	if r.garbd {
		out = append(out, "garbd")
	}
	if r.load {
		out = append(out, "load")
	}
	return out
}

// followParent ends the lab with its parent: "go run" does not pass SIGTERM on, and killed it would leave us behind.
// Only under "go run", whose programs live in a go-build folder: a shell may end while its background jobs go on.
func followParent(ctx context.Context, cancel context.CancelFunc) {
	self, err := os.Executable()
	if err != nil || !strings.Contains(self, "go-build") {
		return
	}
	parent := os.Getppid()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if os.Getppid() != parent {
				cancel()
				return
			}
		}
	}
}
