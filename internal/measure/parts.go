package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// firstFrame is the time from the start to the first screen with all nodes.
func firstFrame(ctx context.Context, b *bench) error {
	var times []float64
	for range 10 {
		begin := time.Now()
		t, err := open(ctx, "3 of 3 nodes", b.binary, b.seed()...)
		if err != nil {
			return err
		}
		at, err := t.shown()
		t.quit()
		if err != nil {
			return err
		}
		times = append(times, float64(at.Sub(begin).Milliseconds()))
	}
	slices.Sort(times)
	row("first useful frame, median of 10", times[len(times)/2], 300, "ms")
	return nil
}

// console is what the console costs, here and on the servers.
func console(ctx context.Context, b *bench) error {
	t, err := open(ctx, "3 of 3 nodes", b.binary, b.seed()...)
	if err != nil {
		return err
	}
	defer t.quit()
	if _, err := t.shown(); err != nil {
		return err
	}
	time.Sleep(5 * time.Second) // past the first full screens
	u, err := t.usage(ctx, b.seconds)
	if err != nil {
		return err
	}
	row("bytes to the terminal a second", u.bytesPerSecond/1000, 2.5, "KB")
	row("CPU of the console, of a core", u.cpuPercent, 1.2, "%")
	row("peak RSS", u.peakMB, 40, "MB")
	return nil
}

// server is what the console costs a server that has nothing else to do, so that
// all its counters are the console's.
func server(ctx context.Context, b *bench) error {
	t, err := open(ctx, "3 of 3 nodes", b.binary, b.seed()...)
	if err != nil {
		return err
	}
	defer t.quit()
	if _, err := t.shown(); err != nil {
		return err
	}
	time.Sleep(5 * time.Second)
	before, err := b.served(ctx)
	if err != nil {
		return err
	}
	m, err := newMeter(ctx, b.cluster.Node(3), "monitor")
	if err != nil {
		return err
	}
	defer m.close()
	begin := time.Now()
	alone, err := m.paced(ctx, plain, time.Duration(b.seconds)*time.Second, time.Second)
	if err != nil {
		return err
	}
	n := time.Since(begin).Seconds()
	after, err := b.served(ctx)
	if err != nil {
		return err
	}
	row("statements a tick on a node", (after.questions-before.questions)/n, 2, "")
	row("bytes a tick with a node, few processes", (after.bytes-before.bytes)/n/1000, 4, "KB")
	row("server CPU a tick on a node", (after.cpu-before.cpu)/n*1000, 0.6, "ms")
	fmt.Printf("%-44s %9.2f ms, of which the tick is %.2f times\n", "  SHOW GLOBAL STATUS LIKE 'wsrep%' as often",
		alone.server, (after.cpu-before.cpu)/n*1000/alone.server)
	return nil
}

// served is what a server did. The reading itself adds two statements over the
// whole measurement.
type served struct{ questions, bytes, cpu float64 }

func (b *bench) served(ctx context.Context) (s served, err error) {
	n := b.cluster.Node(2)
	values, err := n.Status(ctx, "Questions", "Bytes_received", "Bytes_sent")
	if err != nil {
		return s, err
	}
	for name, target := range map[string]*float64{"Questions": &s.questions, "Bytes_received": &s.bytes, "Bytes_sent": &s.bytes} {
		v, err := strconv.ParseFloat(values[name], 64)
		if err != nil {
			return s, err
		}
		*target += v
	}
	err = n.DB().QueryRowContext(ctx,
		"SELECT CPU_TIME FROM information_schema.USER_STATISTICS WHERE USER = 'mon'").Scan(&s.cpu)
	return s, err
}

// hang stops one node and looks at how the others fare.
func hang(ctx context.Context, b *bench) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := exec.CommandContext(ctx, b.binary, append([]string{"record"}, b.seed()...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	defer func() { cancel(); _ = cmd.Wait() }()
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 16<<20)
	for range 5 {
		lines.Scan()
	}
	victim := b.cluster.Node(3)
	if err := victim.Hang(); err != nil {
		return err
	}
	defer func() { _ = victim.Resume() }()
	begin := time.Now()
	var stale time.Duration
	gaps := newGaps()
	for time.Since(begin) < 15*time.Second && lines.Scan() {
		s, err := model.ReadSnapshot(lines.Bytes())
		if err != nil {
			return err
		}
		for _, n := range s.Nodes {
			if n.Name == victim.Name && n.Link != model.LinkUp && stale == 0 {
				stale = s.At.Sub(begin)
			} else if n.Name != victim.Name && n.Sample != nil {
				gaps.add(n.Name, n.Sample.At)
			}
		}
	}
	if stale == 0 {
		return errors.Join(fmt.Errorf("%s was never shown stale", victim.Name), lines.Err())
	}
	row("a hung node is stale after", stale.Seconds(), 2, "s")
	row("longest interval of the other nodes", gaps.longest.Seconds(), 1, "s")
	return nil
}

// gaps is the longest time between two samples of a node.
type gaps struct {
	last    map[string]time.Time
	longest time.Duration
}

func newGaps() *gaps { return &gaps{last: make(map[string]time.Time)} }

func (g *gaps) add(node string, at time.Time) {
	if last, ok := g.last[node]; ok {
		g.longest = max(g.longest, at.Sub(last))
	}
	g.last[node] = at
}

// many is the console on 100 simulated nodes in another process.
func many(ctx context.Context, b *bench) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	serve := exec.CommandContext(ctx, b.binary, "demo", "--serve", "--nodes", "100", "--threads", "1000")
	out, err := serve.StdoutPipe()
	if err != nil {
		return err
	}
	if err := serve.Start(); err != nil {
		return err
	}
	defer func() { cancel(); _ = serve.Wait() }()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return err
	}
	words := strings.Fields(line) // MYSQL_PWD=... galeratop -u USER ADDRESS
	password := strings.TrimPrefix(words[0], "MYSQL_PWD=")
	t, err := open(ctx, "of 100 nodes", b.binary, words[2], words[3], "--password="+password, words[4])
	if err != nil {
		return err
	}
	defer t.quit()
	if _, err := t.shown(); err != nil {
		return err
	}
	time.Sleep(5 * time.Second)
	u, err := t.usage(ctx, b.seconds)
	if err != nil {
		return err
	}
	row("100 nodes: CPU of the console, of a core", u.cpuPercent, 25, "%")
	row("100 nodes: peak RSS", u.peakMB, 150, "MB")
	fmt.Printf("%-44s %9.2f KB\n", "100 nodes: bytes to the terminal a second", u.bytesPerSecond/1000)
	return nil
}
