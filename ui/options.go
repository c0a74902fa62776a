package ui

import (
	"io"
	"slices"
	"time"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/actions/recovery"
)

// Options is how the console shows itself.
type Options struct {
	Cluster    string        // shown until a snapshot names the cluster
	Interval   time.Duration // between snapshots, as the feed was started
	Theme      string        // a built-in name, a path, or "auto": by the terminal's background
	NoColor    bool
	ASCII      bool
	ReadOnly   bool
	Production bool
	Privacy    bool   // literals in statements are hidden from the start
	Demo       string // the scenario that is played, shown in the header
	Notice     string // one line shown at the start until a key is pressed
	// Inspector looks closely at single threads; nil where there is no server to
	// ask, as in a recording.
	Inspector Inspector
	// Files reads option files on hosts; nil where no command can be run there.
	Files Files
	// Preflight says what a start of a node would do; nil where no command can be run
	// on its host.
	Preflight Preflight
	// Runner runs what changes the cluster; nil where there is none to change.
	Runner *actions.Runner
	runner runner // in its place, for tests
	// Assistant leads out of incidents; nil where there is no cluster to change.
	Assistant *recovery.Assistant
	guide     guide // in its place, for tests
	// Input and Output replace the terminal, for tests; nil is the terminal.
	Input  io.Reader
	Output io.Writer
}

// intervals are the steps of the keys + and -.
var intervals = []time.Duration{
	200 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second,
	5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute,
}

// step is the next interval above (by > 0) or below the present one.
func step(now time.Duration, by int) time.Duration {
	if by > 0 {
		for _, d := range intervals {
			if d > now {
				return d
			}
		}
		return intervals[len(intervals)-1]
	}
	for _, d := range slices.Backward(intervals) {
		if d < now {
			return d
		}
	}
	return intervals[0]
}
