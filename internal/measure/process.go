package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/creack/pty"
)

// terminal is the program in a terminal of 160x50; what it prints is
// counted and thrown away.
type terminal struct {
	cmd    *exec.Cmd
	screen *os.File
	bytes  atomic.Int64
	found  chan time.Time // when the awaited text was first printed
}

func open(ctx context.Context, await, binary string, args ...string) (*terminal, error) {
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color")
	screen, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 160, Rows: 50})
	if err != nil {
		return nil, err
	}
	t := &terminal{cmd: cmd, screen: screen, found: make(chan time.Time, 1)}
	go t.read(await)
	return t, nil
}

func (t *terminal) read(await string) {
	var early strings.Builder
	buffer := make([]byte, 32<<10)
	seen := false
	for {
		n, err := t.screen.Read(buffer)
		t.bytes.Add(int64(n))
		if !seen {
			early.Write(buffer[:n])
			if seen = strings.Contains(early.String(), await); seen {
				t.found <- time.Now()
			}
		}
		if err != nil {
			return
		}
	}
}

// shown waits for the awaited text.
func (t *terminal) shown() (time.Time, error) {
	select {
	case at := <-t.found:
		return at, nil
	case <-time.After(30 * time.Second):
		return time.Time{}, fmt.Errorf("%v: nothing to see after 30 s", t.cmd.Args)
	}
}

func (t *terminal) quit() {
	_, _ = t.screen.WriteString("q")
	_ = t.cmd.Wait()
	_ = t.screen.Close()
}

// ticks is the processor time that a process has used, in clock ticks of 10 ms.
func ticks(pid int) (int64, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	user, err := strconv.ParseInt(fields[11], 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseInt(fields[12], 10, 64)
	return user + system, err
}

// peakMB is the most memory that a process ever held, in MB.
func peakMB(pid int) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	_, rest, ok := strings.Cut(string(status), "VmHWM:")
	if !ok {
		return 0, fmt.Errorf("/proc/%d/status says no VmHWM", pid)
	}
	kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	return kb / 1024, err
}

// usage is what a running program costs over some seconds.
type usage struct {
	bytesPerSecond, cpuPercent, peakMB float64
}

func (t *terminal) usage(ctx context.Context, seconds int) (usage, error) {
	pid := t.cmd.Process.Pid
	before, err := ticks(pid)
	if err != nil {
		return usage{}, err
	}
	bytes, begin := t.bytes.Load(), time.Now()
	select {
	case <-time.After(time.Duration(seconds) * time.Second):
	case <-ctx.Done():
		return usage{}, ctx.Err()
	}
	span := time.Since(begin).Seconds()
	after, err := ticks(pid)
	if err != nil {
		return usage{}, err
	}
	peak, err := peakMB(pid)
	return usage{
		bytesPerSecond: float64(t.bytes.Load()-bytes) / span,
		cpuPercent:     float64(after-before) / span, // a tick is a hundredth of a second
		peakMB:         peak,
	}, err
}
