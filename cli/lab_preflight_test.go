package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/galeratop/galeratop/actions/preflight"
	"github.com/galeratop/galeratop/internal/lab/cluster"
)

// trial asks preflight about a node of the lab, and then starts that node for real.
type trial struct {
	*testing.T
	c *cluster.Cluster
	n *cluster.Node
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// verdict runs the command for a node as it would start next. Other tests start and
// stop servers on this machine: one of those that cannot be told for a moment makes
// it unknown whether the node's own runs, so it is asked again.
func (t *trial) verdict(flags ...string) *preflight.Verdict {
	t.Helper()
	for {
		v := t.verdictNow(flags...)
		if !strings.Contains(v.Text+strings.Join(v.Unasked, " "), "is a server, ") {
			return v
		}
		pause(t.T)
	}
}

func (t *trial) verdictNow(flags ...string) *preflight.Verdict {
	t.Helper()
	must(t.T, t.n.WriteConfig())
	args := append([]string{"preflight", "--defaults-file", t.n.DefaultsFile, "--format", "json", "-u", "mon", "--password=mon"}, flags...)
	var out, errs bytes.Buffer
	code := run(t.Context(), args, streams{strings.NewReader(""), &out, &errs})
	var v preflight.Verdict
	if err := json.Unmarshal(out.Bytes(), &v); err != nil {
		t.Fatalf("%v: %d %s%s", err, code, out.String(), errs.String())
	}
	if code != int(v.Code) {
		t.Errorf("exit code %d, the verdict says %d", code, v.Code)
	}
	t.Logf("%s (%d): %s", v.Kind, v.Code, v.Text)
	return &v
}

// says asks and compares.
func (t *trial) says(kind preflight.Kind, code preflight.Code, text string, flags ...string) {
	t.Helper()
	v := t.verdict(flags...)
	if v.Kind != kind || v.Code != code || !strings.Contains(v.Text, text) {
		for _, e := range v.Evidence {
			t.Log(e)
		}
		t.Fatalf("%s (%d): %s\nwant %s (%d): ...%s...; not asked: %q", v.Kind, v.Code, v.Text, kind, code, text, v.Unasked)
	}
}

// impatient shortens the time for which a start without a Primary Component goes on;
// the usual 30 s would only be waited for.
func (t *trial) impatient() { t.n.SetOption("wsrep_provider_options", "pc.wait_prim_timeout=PT3S") }

// ends starts the node and waits until the server has ended by itself, with a text
// in its log.
func (t *trial) ends(text string, args ...string) {
	t.Helper()
	must(t.T, t.n.Launch(t.Context(), args...))
	for t.n.Running() {
		if _, err := t.n.Status(t.Context(), "wsrep_ready"); err == nil {
			t.Fatalf("%s has come up", t.n.Name)
		}
		pause(t.T)
	}
	if log := t.n.Log(); !strings.Contains(log, text) {
		t.Fatalf("%s ended without %q:\n%s", t.n.Name, text, log)
	}
}

func pause(t *testing.T) {
	t.Helper()
	select {
	case <-time.After(100 * time.Millisecond):
	case <-t.Context().Done():
		t.Fatal(t.Context().Err())
	}
}

// joins starts the node and looks how it got its state.
func (t *trial) joins(way string) {
	t.Helper()
	must(t.T, t.n.Start(t.Context()))
	if got := t.n.Transfer(); got != way {
		t.Fatalf("%s got its state by %q, not %q", t.n.Name, got, way)
	}
	must(t.T, t.n.WaitStatus(t.Context(), "wsrep_cluster_size", "3"))
}

// alone starts the node and finds it in a cluster of its own.
func (t *trial) alone() {
	t.Helper()
	must(t.T, t.n.Start(t.Context()))
	must(t.T, t.n.WaitStatus(t.Context(), "wsrep_cluster_size", "1", "wsrep_cluster_status", "Primary"))
	must(t.T, t.c.Node(1).WaitStatus(t.Context(), "wsrep_cluster_size", "2", "wsrep_cluster_status", "Primary"))
}

// usual gives the node its list of members and its provider options back, and its
// state from the others.
func (t *trial) usual() {
	t.Helper()
	must(t.T, t.n.Stop(t.Context()))
	must(t.T, t.n.Wipe(t.Context()))
	t.n.Unset("wsrep_cluster_address", "wsrep_cluster_name", "wsrep_provider_options")
	must(t.T, t.n.Start(t.Context()))
}

func TestPreflightSaysWhatARealNodeDoes(t *testing.T) {
	c := cluster.Start(t, 3)
	for _, part := range []struct {
		name string
		run  func(*trial)
	}{
		{"a node that runs", flightRunning},
		{"a short absence", flightIST},
		{"a long absence", flightSST},
		{"no grastate.dat", flightForced},
		{"another cluster's name", flightOtherName},
		{"an address that names only the node itself", flightOnlyItself},
		{"an empty gcomm:// on a full data directory", flightFounding},
		{"an empty gcomm:// on a new data directory", flightFoundingNew},
		{"an empty gcomm:// without a data directory's content", flightFoundingEmpty},
		{"members behind a firewall", flightFirewall},
		{"a view that waits", flightStale},
		{"too little room", flightNoRoom},
		{"all are down", flightAllDown},
		{"an unknown variable", flightUnknownVariable},
	} {
		if !t.Run(part.name, func(t *testing.T) { part.run(&trial{t, c, c.Node(3)}) }) {
			t.FailNow()
		}
	}
}

func (t *trial) writes(statements ...string) {
	t.Helper()
	must(t.T, t.c.Node(1).Exec(t.Context(), statements...))
}

func flightRunning(t *trial) {
	t.says(preflight.JoinIST, preflight.CodeSafe, "IST from db")
	must(t.T, t.n.Stop(t.Context()))
	t.joins("IST")
}

func flightIST(t *trial) {
	must(t.T, t.n.Stop(t.Context()))
	t.writes("CREATE DATABASE flight", "CREATE TABLE flight.t (i INT AUTO_INCREMENT PRIMARY KEY, b LONGBLOB)", "INSERT INTO flight.t (b) VALUES ('x')")
	t.says(preflight.JoinIST, preflight.CodeSafe, "IST from db")
	t.joins("IST")

	// After a crash grastate.dat has no seqno.
	t.n.Crash()
	t.says(preflight.Join, preflight.CodeUnknown, "--recover-position")
	t.says(preflight.JoinIST, preflight.CodeSafe, "IST from db", "--recover-position")
	t.joins("IST")
}

func flightSST(t *trial) {
	must(t.T, t.n.Stop(t.Context()))
	// Many small ones: the gcache lets go of what all have applied, which they tell
	// one another only now and then.
	t.writes(slices.Repeat([]string{"INSERT INTO flight.t (b) VALUES (REPEAT('x', 30000))"}, 1000)...)
	t.says(preflight.JoinSST, preflight.CodeConsent, "the group's gcache has moved past it by")
	t.says(preflight.JoinSST, preflight.CodeSafe, "to copy", "--accept-sst")
	t.joins("SST")
}

func flightForced(t *trial) {
	must(t.T, t.n.Stop(t.Context()))
	must(t.T, os.Remove(filepath.Join(t.n.DataDir, "grastate.dat")))
	t.says(preflight.JoinSST, preflight.CodeConsent, "it has no grastate.dat")
	t.joins("SST")
}

// flightNoRoom gives the node a file system that is smaller than the data.
func flightNoRoom(t *trial) {
	must(t.T, t.n.Stop(t.Context()))
	must(t.T, t.n.Wipe(t.Context()))
	defer t.usual()
	info, err := os.Stat(t.n.DataDir)
	must(t.T, err)
	owner := info.Sys().(*syscall.Stat_t) //nolint:forcetypeassert // on Linux it is one
	options := fmt.Sprintf("size=24m,uid=%d,gid=%d,mode=0700", owner.Uid, owner.Gid)
	if out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", options, "tmpfs", t.n.DataDir).CombinedOutput(); err != nil {
		t.Skipf("no small file system can be mounted here: %v: %s", err, out)
	}
	defer func() {
		if out, err := exec.CommandContext(context.WithoutCancel(t.Context()), "umount", t.n.DataDir).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	}()
	t.says(preflight.Fails, preflight.CodeDown, "its file system has room for")
	t.ends("Will never receive state")
}

// flightUnknownVariable comes last: the server joins the group before it reads on,
// and leaves it without a word.
func flightUnknownVariable(t *trial) {
	must(t.T, t.n.Stop(t.Context()))
	t.n.SetOption("no_such_thing", "3")
	t.says(preflight.Fails, preflight.CodeDown, "unknown variable 'no_such_thing=3'")
	t.ends("unknown variable 'no_such_thing=3'")
}

func flightOtherName(t *trial) {
	must(t.T, t.n.Stop(t.Context()))
	t.n.SetOption("wsrep_cluster_name", "other")
	t.says(preflight.Refused, preflight.CodeDown, "its wsrep_cluster_name is other, but db")
	t.impatient()
	t.ends("Failed to open channel 'other'")
	t.usual()
}

func flightOnlyItself(t *trial) {
	must(t.T, t.n.Stop(t.Context()))
	t.n.SetOption("wsrep_cluster_address", "gcomm://"+strings.TrimSuffix(t.n.Address, ":13306"))
	t.says(preflight.Fails, preflight.CodeDown, "nobody but the node itself")
	// Which error it gives depends on which of its threads comes first.
	t.ends("failed to open gcomm backend connection")
	t.usual()
}

// known names the others, as whoever writes an empty address has to.
func (t *trial) known() []string { return []string{t.c.Node(1).Address, t.c.Node(2).Address} }

func flightFounding(t *trial) {
	must(t.T, t.n.Stop(t.Context()))
	t.n.SetOption("wsrep_cluster_address", "gcomm://")
	t.says(preflight.Refused, preflight.CodeDown, "safe_to_bootstrap: 0", t.known()...)
	t.ends("It may not be safe to bootstrap the cluster from this node")

	must(t.T, t.n.SetSafeToBootstrap(true))
	t.says(preflight.SecondCluster, preflight.CodeHarm, "while others are alive (db1, db2)", t.known()...)
	t.says(preflight.Unknown, preflight.CodeUnknown, "no other member is known")
	t.alone()
	must(t.T, t.n.Stop(t.Context()))

	// This one does not even look at safe_to_bootstrap.
	must(t.T, t.n.SetSafeToBootstrap(false))
	t.n.SetOption("wsrep_cluster_address", "gcomm://0.0.0.0")
	t.says(preflight.SecondCluster, preflight.CodeHarm, "skips Galera's look", t.known()...)
	t.alone()
	t.usual()
}

func flightFoundingNew(t *trial) {
	must(t.T, t.n.Stop(t.Context()))
	must(t.T, t.n.Reinstall(t.Context()))
	t.n.SetOption("wsrep_cluster_address", "gcomm://")
	t.says(preflight.SecondCluster, preflight.CodeHarm, "others are alive (", t.known()...)
	t.alone()
	t.usual()
}

func flightFoundingEmpty(t *trial) {
	must(t.T, t.n.Stop(t.Context()))
	must(t.T, t.n.Wipe(t.Context()))
	t.n.SetOption("wsrep_cluster_address", "gcomm://")
	t.says(preflight.SecondCluster, preflight.CodeHarm, "others are alive (", t.known()...)
	// It founds, and only then misses its system tables.
	t.ends("bootstrapping new group")
	t.usual()
}

func flightFirewall(t *trial) {
	must(t.T, t.n.Stop(t.Context()))
	t.n.SetOption("wsrep_cluster_address", "gcomm://"+dropping(t.T))
	t.says(preflight.Unknown, preflight.CodeUnknown, "unreachable does not mean down")
	t.n.SetOption("wsrep_cluster_address", "gcomm://")
	must(t.T, t.n.SetSafeToBootstrap(true))
	t.says(preflight.SecondCluster, preflight.CodeHarm, "others are alive (", t.known()...)
	t.n.Unset("wsrep_cluster_address")
	t.n.SetOption("wsrep_cluster_address", "gcomm://"+dropping(t.T))
	t.says(preflight.Unknown, preflight.CodeUnknown, "if it is, this founds a second cluster", "--bootstrap")
	must(t.T, t.n.SetSafeToBootstrap(false))
	t.impatient()
	t.ends("failed to open gcomm backend connection: 110")
	t.usual()
}

// dropping is an address that takes no connection and refuses none, as behind a
// firewall that drops packets: a listener whose queue is full.
func dropping(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	must(t, err)
	t.Cleanup(func() { _ = syscall.Close(fd) })
	must(t, syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	must(t, syscall.Listen(fd, 0))
	name, err := syscall.Getsockname(fd)
	must(t, err)
	port := name.(*syscall.SockaddrInet4).Port //nolint:forcetypeassert // it was bound to one
	// One connection waits for a server that never takes it; the next ones get no
	// answer.
	filler, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	must(t, err)
	t.Cleanup(func() { _ = syscall.Close(filler) })
	must(t, syscall.Connect(filler, &syscall.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}))
	return fmt.Sprintf("127.0.0.1:%d", port)
}

// flightStale kills all three, each of which then remembers a view.
func flightStale(t *trial) {
	for _, n := range t.c.Nodes() {
		n.Crash()
	}
	t.says(preflight.Waits, preflight.CodeDown, "until all 3 members of its last view are back")
	t.impatient()
	must(t.T, t.n.Launch(t.Context()))
	// Longer than a node without a view waits.
	for end := time.Now().Add(6 * time.Second); time.Now().Before(end); pause(t.T) {
		if _, err := t.n.Status(t.Context(), "wsrep_ready"); err == nil || !t.n.Running() {
			t.Fatalf("it does not wait: running %v, %v\n%s", t.n.Running(), err, t.n.Log())
		}
	}
	t.n.Unset("wsrep_provider_options")
	for _, n := range t.c.Nodes()[:2] {
		must(t.T, n.Launch(t.Context()))
	}
	for _, n := range t.c.Nodes() {
		must(t.T, n.WaitStatus(t.Context(), "wsrep_cluster_size", "3", "wsrep_cluster_status", "Primary"))
	}
}

func flightAllDown(t *trial) {
	for i := 3; i >= 1; i-- {
		t.writes(fmt.Sprintf("INSERT INTO flight.t (b) VALUES ('%d')", i))
		must(t.T, t.c.Node(i).Stop(t.Context()))
	}
	// The one that left first.
	t.says(preflight.Fails, preflight.CodeDown, "nobody else is alive")
	t.impatient()
	t.ends("failed to open gcomm backend connection: 110")
	t.n.Unset("wsrep_provider_options")
	t.says(preflight.Refused, preflight.CodeDown, "did not leave last", "--bootstrap")
	t.ends("It may not be safe to bootstrap", "--wsrep-new-cluster")
	t.n.SetOption("wsrep_cluster_address", "gcomm://0.0.0.0")
	t.says(preflight.Unknown, preflight.CodeUnknown, "no other member is known")
	// A start that was refused has cost grastate.dat its seqno.
	t.says(preflight.Unknown, preflight.CodeUnknown, "has to be recovered", t.known()...)
	t.says(preflight.LosesWrites, preflight.CodeHarm, "did not leave last", append(t.known(), "--recover-position")...)
	t.n.Unset("wsrep_cluster_address")

	// The one that left last.
	t.n = t.c.Node(1)
	t.says(preflight.Fails, preflight.CodeDown, "nobody else is alive")
	t.n.SetOption("wsrep_cluster_address", "gcomm://")
	t.says(preflight.Bootstrap, preflight.CodeConsent, "nobody else is alive", t.c.Node(2).Address, t.c.Node(3).Address)
	t.n.Unset("wsrep_cluster_address")
	t.says(preflight.Bootstrap, preflight.CodeSafe, "nobody else is alive, and grastate.dat has safe_to_bootstrap: 1", "--bootstrap")
	must(t.T, t.n.Bootstrap(t.Context()))
	must(t.T, t.n.WaitStatus(t.Context(), "wsrep_cluster_size", "1", "wsrep_cluster_status", "Primary"))
	t.says(preflight.Fails, preflight.CodeDown, "nobody else is alive")
	t.n = t.c.Node(2)
	t.says(preflight.JoinIST, preflight.CodeSafe, "IST from db1")
	must(t.T, t.n.Start(t.Context()))
}
