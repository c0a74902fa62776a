package collector

import (
	"context"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/galeratop/galeratop/internal/lab/cluster"
	"github.com/galeratop/galeratop/model"
)

// mixSeconds is how long sysbench runs, in seconds.
const mixSeconds = 45

// mixOrder is sysbench's oltp_read_write as it is run here: how often a
// transaction has each statement, the costly ones first. All read a thousand
// rows, but for the last one; each kind takes at least twice the time of the
// next. What writes is left out: the disk decides what that costs.
var mixOrder = []struct {
	statement, option string
	each              int64
}{
	{"SELECT DISTINCT c FROM sbtest1 WHERE id BETWEEN 1 AND 2 ORDER BY c", "--distinct-ranges=", 14},
	{"SELECT c FROM sbtest1 WHERE id BETWEEN 1 AND 2 ORDER BY c", "--order-ranges=", 5},
	{"SELECT SUM(k) FROM sbtest1 WHERE id BETWEEN 1 AND 2", "--sum-ranges=", 3},
	{"SELECT c FROM sbtest1 WHERE id = 1", "--point-selects=", 1},
}

func needsSysbench(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("sysbench"); err != nil {
		if os.Getenv("GALERATOP_LAB") != "" {
			t.Fatal("sysbench is not installed")
		}
		t.Skip("sysbench is not installed")
	}
}

// sysbench is a run of it.
type sysbench struct {
	done <-chan struct{}
	out  *strings.Builder
	err  error
}

// sysbenchOn is a command for a node. The schema is that of the clients of one
// node: clients of several would run into conflicts and try again.
func sysbenchOn(ctx context.Context, n *cluster.Node, schema string, args ...string) *exec.Cmd {
	host, port, _ := strings.Cut(n.Address, ":")
	args = append([]string{
		"oltp_read_write", "--db-driver=mysql", "--mysql-host=" + host, "--mysql-port=" + port, "--mysql-user=lab", "--mysql-password=lab",
		"--mysql-db=" + schema, "--tables=1", "--table-size=10000", "--threads=1",
	}, args...)
	return exec.CommandContext(ctx, "sysbench", args...)
}

func prepareMix(ctx context.Context, t *testing.T, n *cluster.Node) {
	t.Helper()
	must(t, n.Exec(ctx, "CREATE DATABASE mix_"+n.Name))
	if out, err := sysbenchOn(ctx, n, "mix_"+n.Name, "prepare").CombinedOutput(); err != nil {
		t.Fatalf("sysbench prepare: %v: %s", err, out)
	}
}

// runMix starts ten transactions a second, well below what the bad query takes.
func runMix(ctx context.Context, t *testing.T, n *cluster.Node, mode string) *sysbench {
	t.Helper()
	args := []string{
		mode, "--rate=10", "--time=" + strconv.Itoa(mixSeconds), "--range-size=1000", "--simple-ranges=0", "--rand-type=uniform",
	}
	for _, m := range mixOrder {
		args = append(args, m.option+strconv.FormatInt(m.each, 10))
	}
	s, done := &sysbench{out: &strings.Builder{}}, make(chan struct{})
	cmd := sysbenchOn(ctx, n, "mix_"+n.Name, append(args, "run")...)
	cmd.Stdout, cmd.Stderr = s.out, s.out
	s.done = done
	must(t, cmd.Start())
	go func() {
		defer close(done)
		s.err = cmd.Wait()
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-done
	})
	return s
}

// writeMix keeps a node busy with oltp_read_write as it comes until the test ends.
func writeMix(ctx context.Context, t *testing.T, n *cluster.Node) {
	t.Helper()
	prepareMix(ctx, t, n)
	cmd := sysbenchOn(ctx, n, "mix_"+n.Name, "--rate=50", "--time=0", "--db-ps-mode=disable", "run")
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

var transactionsLine = regexp.MustCompile(`transactions:\s+(\d+)`)

// transactions waits for the end of the run; it is how many sysbench counted.
func (s *sysbench) transactions(t *testing.T) int64 {
	t.Helper()
	<-s.done
	found := transactionsLine.FindStringSubmatch(s.out.String())
	if s.err != nil || found == nil {
		t.Fatalf("sysbench: %v: %s", s.err, s.out)
	}
	n, err := strconv.ParseInt(found[1], 10, 64)
	must(t, err)
	return n
}

// of is what is known of a statement on a node; nil when nothing.
func (x *scene) of(t *testing.T, statement, node string, since bool) *model.TopNumbers {
	t.Helper()
	rows := x.top.Rows(since)
	for i := range rows {
		if rows[i].Text == model.Normalise(statement) {
			return onNode(&rows[i], x.w.last, node)
		}
	}
	return nil
}

// mixInOrder expects the first kinds of the mix on a node in their order by the
// time they took. A kind that no look met has the last place.
func (x *scene) mixInOrder(t *testing.T, node string, kinds int) {
	t.Helper()
	last := 2.0
	for _, m := range mixOrder[:kinds] {
		share := 0.0
		if n := x.of(t, m.statement, node, true); n != nil {
			share = n.Share.V
		}
		t.Logf("%s: %.3f of the time: %s", node, share, m.statement)
		if share >= last {
			t.Errorf("%s: %s has %.3f of the time, the one before it, which is dearer, %.3f", node, m.statement, share, last)
		}
		last = share
	}
}
