// Command measure runs the console against a real cluster under load and prints
// what it costs, beside the budget of each figure:
//
//	go run ./internal/measure [-seconds 30] [-load sysbench] [-only sources,server,first,console,hang,many]
//
// It needs what the lab needs. Figures of one run belong together; those of
// different machines do not compare.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/galeratop/galeratop/internal/lab/cluster"
)

// measurement is one part of the run.
type measurement struct {
	name string
	run  func(context.Context, *bench) error
	lab  bool // on real servers
	load bool // which are busy
}

var measurements = []measurement{
	{"sources", sources, false, false},
	{"server", server, true, false},
	{"first", firstFrame, true, true},
	{"console", console, true, true},
	{"hang", hang, true, true},
	{"many", many, false, false},
}

// bench is what the measurements share.
type bench struct {
	binary  string
	seconds int
	cluster *cluster.Cluster
	kind    string // of load: shop or sysbench
	stop    func() (string, error)
}

func main() {
	seconds := flag.Int("seconds", 30, "length of a measurement")
	only := flag.String("only", "", "comma-separated measurements: sources, server, first, console, hang, many")
	load := flag.String("load", "shop", "what keeps the nodes busy: shop, or sysbench where it is installed")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := measure(ctx, *seconds, *only, *load)
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

func measure(ctx context.Context, seconds int, only, load string) error {
	dir, err := os.MkdirTemp("", "measure")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	b := &bench{binary: filepath.Join(dir, "galeratop"), seconds: seconds, kind: load}
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", b.binary, ".").CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w: %s", err, out)
	}
	var chosen []measurement
	needLab := false
	for _, m := range measurements {
		if only == "" || strings.Contains(","+only+",", ","+m.name+",") {
			chosen = append(chosen, m)
			needLab = needLab || m.lab
		}
	}
	if needLab {
		if b.cluster, err = cluster.New(ctx, 3, cluster.WithOption("userstat", "1")); err != nil {
			return err
		}
		defer func() { _ = b.cluster.Close() }()
	}
	fmt.Printf("%-44s %12s %12s %8s\n", "what", "measured", "budget", "ratio")
	for _, m := range chosen {
		if err := b.loaded(ctx, m.load); err != nil {
			return err
		}
		if err := m.run(ctx, b); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return b.loaded(ctx, false)
}

// loaded sees to it that the cluster is busy, or is not.
func (b *bench) loaded(ctx context.Context, on bool) error {
	switch {
	case on && b.stop == nil && b.kind == "sysbench":
		s, err := startSysbench(ctx, b.cluster)
		if err != nil {
			return err
		}
		b.stop = s.stop
	case on && b.stop == nil:
		l, err := b.cluster.Load(ctx, cluster.LoadOptions{Threads: 6, Pause: 10 * time.Millisecond})
		if err != nil {
			return err
		}
		b.stop = func() (string, error) { return fmt.Sprintf("%+v", l.Stop()), nil }
	case !on && b.stop != nil:
		did, err := b.stop()
		b.stop = nil
		fmt.Println("the load did", did)
		return err
	}
	return nil
}

// row prints one figure beside its budget.
func row(what string, got, budget float64, unit string) {
	fmt.Printf("%-44s %9.2f %-2s %9.2f %-2s %7.2f\n", what, got, unit, budget, unit, got/budget)
}

func (b *bench) seed() []string {
	return []string{"-u", "mon", "--password=mon", b.cluster.Addresses()[0]}
}
