package cluster

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// ownerVariable makes the test binary own a cluster until it is killed.
const ownerVariable = "GALERATOP_LAB_TEST_OWNER"

func beOwner() {
	c, err := New(context.Background(), 1)
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	// A second node in the middle of its state transfer: its scripts must go as well.
	n, err := c.newNode(context.Background())
	if err == nil {
		err = n.Launch(context.Background())
	}
	for err == nil && !strings.Contains(n.Log(), "rsync SST started on joiner") {
		time.Sleep(time.Millisecond)
	}
	fmt.Println("ready", c.Dir, c.Node(1).PID(), n.PID(), err)
	select {}
}

// TestKilledOwner kills the owner with SIGKILL and looks for what is left of the servers.
func TestKilledOwner(t *testing.T) {
	t.Parallel() // most of the time is spent waiting for timeouts of the group
	need(t)
	owner := exec.CommandContext(t.Context(), os.Args[0])
	owner.Env = append(os.Environ(), ownerVariable+"=1")
	out, err := owner.StdoutPipe()
	must(t, err)
	must(t, owner.Start())
	line, _ := bufio.NewReader(out).ReadString('\n')
	var state, dir string
	var pids [2]int
	if _, err := fmt.Sscan(line, &state, &dir, &pids[0], &pids[1]); err != nil {
		t.Fatalf("the owner said %q: %v", line, err)
	}
	for _, pid := range pids {
		if len(sessionMembers(pid)) == 0 {
			t.Fatalf("server %d does not run", pid)
		}
	}
	must(t, owner.Process.Kill())
	_ = owner.Wait()
	deadline := time.Now().Add(10 * time.Second)
	for _, err := os.Stat(dir); !os.IsNotExist(err); _, err = os.Stat(dir) {
		if time.Now().After(deadline) {
			t.Fatalf("%s is still there", filepath.Base(dir))
		}
		time.Sleep(10 * time.Millisecond)
	}
	for _, pid := range pids {
		if left := sessionMembers(pid); len(left) > 0 {
			t.Errorf("processes %v survived", left)
		}
	}
	if found := mentioning(dir); len(found) > 0 {
		t.Errorf("processes survived: %v", found)
	}
}

// mentioning finds processes whose arguments name the folder, whatever their session.
func mentioning(dir string) []string {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	var out []string
	for _, f := range files {
		if text, err := os.ReadFile(f); err == nil && strings.Contains(string(text), dir) {
			out = append(out, strings.ReplaceAll(string(text), "\x00", " "))
		}
	}
	return out
}
