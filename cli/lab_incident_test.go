package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/galeratop/galeratop/collector"
	"github.com/galeratop/galeratop/config"
	"github.com/galeratop/galeratop/internal/lab/cluster"
	"github.com/galeratop/galeratop/model"
)

// managedRun is what configuration management does to a node: it renders the option file,
// asks preflight, and starts the server only if that says so.
const managedRun = `set -eu
"$GALERATOP" preflight --defaults-file "$1" -u mon --password=mon "$2" "$3"
touch "$4"
`

// manage makes such a run and reports whether it came to the start.
func manage(t *testing.T, c *cluster.Cluster, n *cluster.Node) (started bool, said string) {
	t.Helper()
	must(t, n.WriteConfig())
	self, err := os.Executable()
	must(t, err)
	mark := filepath.Join(t.TempDir(), "started")
	cmd := exec.CommandContext(t.Context(), "sh", "-c", managedRun, "run", n.DefaultsFile, c.Node(1).Address, c.Node(2).Address, mark)
	cmd.Env = append(os.Environ(), "GALERATOP_TEST_RUN=1", "GALERATOP="+self, "HOME="+t.TempDir())
	out, err := cmd.Output()
	_, missing := os.Stat(mark)
	if (err == nil) != (missing == nil) {
		t.Fatalf("%v, %v: %s", err, missing, out)
	}
	return missing == nil, string(out)
}

// The incident that this program was made after: configuration management renders
// an empty gcomm:// into the option file of one node and restarts it.
func TestTheIncidentOfTheEmptyAddress(t *testing.T) {
	c := cluster.Start(t, 3)
	ctx := t.Context()
	n := c.Node(3)

	if started, said := manage(t, c, n); !started || !strings.HasPrefix(said, "JOIN BY IST (exit code 0)") {
		t.Fatalf("a good file is stopped: %s", said)
	}
	n.SetOption("wsrep_cluster_address", "gcomm://")
	// The node runs: preflight looks at what a restart would do.
	started, said := manage(t, c, n)
	if started || !strings.Contains(said, "safe_to_bootstrap: 0") {
		t.Fatalf("the run is not stopped: %s", said)
	}
	must(t, n.WaitStatus(ctx, "wsrep_cluster_size", "3", "wsrep_local_state_comment", "Synced"))
	// Its host is set up anew: nothing that Galera itself would refuse.
	must(t, n.Stop(ctx))
	must(t, n.Reinstall(ctx))
	started, said = manage(t, c, n)
	t.Log(said)
	if started || !strings.HasPrefix(said, "BOOTSTRAP A SECOND CLUSTER (exit code 5)") {
		t.Fatalf("the run is not stopped: %s", said)
	}

	// Without preflight.
	w := consoleOf(t, c)
	must(t, n.Start(ctx))
	refreshes := 0
	for refreshes < 2 {
		s := w()
		if slices.ContainsFunc(s.Nodes, func(n *model.Node) bool { return n.Name == "db3" && n.Up() && n.Status().InPrimary() }) {
			refreshes++
		}
		t.Logf("refresh %d: %s", refreshes, s.Headline.Text)
		// First what is seen, then, when it has been seen twice, what it means.
		if strings.Contains(s.Headline.Text, "2 Primary Components at once") || strings.Contains(s.Headline.Text, "ACCIDENTAL BOOTSTRAP: db3") {
			return
		}
	}
	t.Error("the console does not tell of the split within two refreshes")
}

// consoleOf is what the console of an ordinary user shows, snapshot by snapshot.
func consoleOf(t *testing.T, c *cluster.Cluster) func() *model.Snapshot {
	t.Helper()
	target, err := config.Resolve(t.Context(), config.Flags{Args: c.Addresses(), NoDefaults: true, User: "mon", Password: "mon", PasswordSet: true}, config.Env{Home: t.TempDir()})
	must(t, err)
	target.Refresh = time.Second
	col := collector.New(collector.Options{Seeds: target.Seeds, Interval: target.Refresh, Driver: target.Driver})
	_, stop, err := start(t.Context(), col, target, true)
	must(t, err)
	t.Cleanup(stop)
	return func() *model.Snapshot {
		t.Helper()
		select {
		case s := <-col.Snapshots():
			return s
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		}
		return nil
	}
}
