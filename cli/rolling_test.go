package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/config"
	"github.com/galeratop/galeratop/demo"
)

func TestRollingAsksForTheNameAtATerminal(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"no terminal":       {[]string{"rolling", closedPort(t)}, 2, "needs a terminal; --dry-run prints the first move without one"},
		"no yes in advance": {[]string{"rolling", "--yes", "h"}, 2, "--yes"},
		"an unknown host":   {[]string{"rolling", "--dry-run", "nosuchhost.invalid"}, 3, "nosuchhost.invalid"},
	} {
		if got := command(t, c.args...); got.code != c.code || !strings.Contains(got.err, c.says) || got.out != "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// shared is what is printed, for a test that reads it meanwhile.
type shared struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.text.Write(p)
}

func (s *shared) String() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.text.String()
}

// rolls leads a simulated cluster through a rolling restart at a terminal where the
// lines are typed.
func rolls(t *testing.T, sim *demo.Cluster, audit *actions.Audit, o rollingOptions, typed string) (string, error) {
	t.Helper()
	path := file(t, "config.toml", fmt.Sprintf("[clusters.shop]\nseeds = [%q]\nuser = %q\npassword = %q\n", sim.Addresses()[0], sim.User(), sim.Password()))
	out := &shared{}
	in, types := io.Pipe()
	go func() { _, _ = io.WriteString(types, typed) }()
	defer func() { _ = in.Close(); _ = types.Close() }()
	a := &app{streams: streams{in: in, out: out, err: io.Discard}}
	target, err := a.target(t.Context(), config.Flags{ConfigFile: path, Args: []string{"shop"}, NoDefaults: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	err = a.rollTarget(ctx, target, demoHosts(sim), o, audit)
	return out.String(), err
}

func TestARollingRestartIsLedFromATerminal(t *testing.T) {
	t.Parallel()
	sim, err := demo.Start(t.Context(), demo.Options{Threads: 4, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	audit := &actions.Audit{Path: filepath.Join(t.TempDir(), "audit.jsonl")}
	o := rollingOptions{drain: time.Second, settle: time.Second}
	dry := o
	dry.dry = true
	text, err := rolls(t, sim, audit, dry, "")
	if err != nil || !strings.Contains(text, "Drain db") || !strings.Contains(text, "to go: ") {
		t.Fatalf("%s%v", text, err)
	}
	if h, err := audit.History("shop"); err != nil || h.Procedures != nil || h.Runs != nil {
		t.Fatalf("a dry run is in the log: %+v, %v", h, err)
	}
	text, err = rolls(t, sim, audit, o, "shopp\nshop\n")
	if err != nil || !strings.Contains(text, "all nodes have been restarted") || strings.Count(text, "Synced; ") < 3 {
		t.Fatalf("%s%v", text, err)
	}
	t.Log(text)
	abort := o
	abort.abort = true
	if _, err := rolls(t, sim, audit, abort, ""); err == nil || !strings.Contains(err.Error(), "there is no rolling restart to abort") {
		t.Error(err)
	}
}
