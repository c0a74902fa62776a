package host

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/galeratop/galeratop/internal/lab/cluster"
	"github.com/galeratop/galeratop/model"
)

// labService is the first argument of this program in the place of systemctl.
const labService = "lab-service"

// askLab asks the test that owns the cluster to start or stop a node, prints what
// it says, and ends as it ended: what systemctl does with systemd.
func askLab(args []string) int {
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(context.Background(), "unix", args[0])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = conn.Close() }()
	_, _ = fmt.Fprintln(conn, strings.Join(args[1:], " "))
	code := 1
	for scan := bufio.NewScanner(conn); scan.Scan(); {
		if exit, ok := strings.CutPrefix(scan.Text(), "exit "); ok {
			code, _ = strconv.Atoi(exit)
			continue
		}
		fmt.Println(scan.Text())
	}
	return code
}

// serveLab makes the lab's own start and stop into service commands.
func serveLab(t *testing.T, c *cluster.Cluster) *Service {
	t.Helper()
	socket := c.Dir + "/service"
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { _ = l.Close(); <-done })
	operations := map[string]func(*cluster.Node, context.Context) error{
		"start": (*cluster.Node).Start, "stop": (*cluster.Node).Stop, "bootstrap": (*cluster.Node).Bootstrap,
	}
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			line, _ := bufio.NewReader(conn).ReadString('\n')
			op, address, _ := strings.Cut(strings.TrimSpace(line), " ")
			code := 1
			for _, n := range c.Nodes() {
				if ip(n) != address {
					continue
				}
				_, _ = fmt.Fprintln(conn, op, n.Name)
				if err := operations[op](n, context.Background()); err != nil {
					_, _ = fmt.Fprintln(conn, err)
				} else {
					code = 0
				}
			}
			_, _ = fmt.Fprintf(conn, "exit %d\n", code)
			_ = conn.Close()
		}
	}()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := &Service{Flavour: model.FlavourMariaDB, Own: map[Operation][]string{}}
	for op := range operations {
		s.Own[Operation(op)] = []string{self, labService, socket, op, "{host}"}
	}
	return s
}

func ip(n *cluster.Node) string {
	address, _, _ := strings.Cut(n.Address, ":")
	return address
}

func factsOf(n *cluster.Node) Facts {
	return Facts{Flavour: model.FlavourMariaDB, DefaultsFile: n.DefaultsFile}
}

// see looks until the server is known to run or not: other tests start and stop
// servers beside it.
func see(t *testing.T, way Way, n *cluster.Node) *State {
	t.Helper()
	for range 30 {
		s, err := Look(t.Context(), way, ip(n), factsOf(n))
		if err != nil {
			t.Fatal(err)
		}
		if s.Server.Known() {
			return s
		}
		t.Logf("%s: %s", n.Name, s.Server.Unknown)
	}
	t.Fatalf("whether %s runs stays unknown", n.Name)
	return nil
}

func TestHostsOfARealCluster(t *testing.T) {
	c := cluster.Start(t, 3)
	service := serveLab(t, c)
	for _, part := range []struct {
		name string
		run  func(*testing.T, *cluster.Cluster, *Service)
	}{
		{"a running node", hostRunning},
		{"a stopped node", hostStopped},
		{"a crashed node", hostCrashed},
		{"a node that never started", hostFresh},
		{"an arbitrator", hostArbitrator},
		{"the last one stands alone, and is bootstrapped again", hostBootstrap},
	} {
		if !t.Run(part.name, func(t *testing.T) { part.run(t, c, service) }) {
			t.FailNow()
		}
	}
}

func hostRunning(t *testing.T, c *cluster.Cluster, service *Service) {
	n := c.Node(1)
	s := see(t, local, n)
	if !s.Server.Value.Running || s.Server.Value.PID != strconv.Itoa(n.PID()) {
		t.Errorf("%+v, want process %d", s.Server, n.PID())
	}
	for _, other := range c.Nodes()[1:] {
		if slices.Contains(s.Server.Value.Others, strconv.Itoa(other.PID())) && s.Server.Value.PID == strconv.Itoa(other.PID()) {
			t.Errorf("%+v takes %s for %s", s.Server, other.Name, n.Name)
		}
	}
	if g := s.Grastate.Value; !s.Grastate.Known() || g == nil || g.Seqno != -1 || !g.History() {
		t.Errorf("%+v", s.Grastate)
	}
	if s.DataDir.Value.Path != n.DataDir || s.Options.Value.Values["wsrep_cluster_address"] != c.GroupAddress() || s.Founds.Value != "" || !s.Founds.Known() {
		t.Errorf("%+v %+v %+v", s.DataDir, s.Options, s.Founds)
	}
	if s.Disk.Value.Free <= 0 || s.Disk.Value.Size < s.Disk.Value.Free || s.Log.Value.Source != n.ErrorLog || len(s.Log.Value.Lines) < 10 {
		t.Errorf("%+v %+v", s.Disk, s.Log)
	}
	if _, err := Recover(t.Context(), local, ip(n), factsOf(n), nil); err == nil || !strings.Contains(err.Error(), "the server is running") {
		t.Errorf("recovers a server that runs: %v", err)
	}
	if _, err := service.Do(t.Context(), local, ip(n), Bootstrap, factsOf(n), nil); err == nil || !strings.Contains(err.Error(), "the server is running") {
		t.Errorf("bootstraps a server that runs: %v", err)
	}
	t.Logf("looked in %v", s.Took.Round(time.Millisecond))
}

func hostStopped(t *testing.T, c *cluster.Cluster, service *Service) {
	n := c.Node(3)
	var said []string
	done, err := service.Do(t.Context(), local, ip(n), Stop, factsOf(n), func(l string) { said = append(said, l) })
	if err != nil || len(done) != 1 || !slices.Equal(said, []string{"stop db3"}) {
		t.Fatalf("%+v %q %v", done, said, err)
	}
	s := see(t, local, n)
	g, err := n.Grastate()
	if err != nil {
		t.Fatal(err)
	}
	if s.Server.Value.Running || s.Grastate.Value == nil || s.Grastate.Value.Seqno != g.Seqno || s.Grastate.Value.UUID != g.UUID ||
		s.Grastate.Value.SafeToBootstrap != g.SafeToBootstrap || g.Seqno < 0 || s.Gvwstate.Value != nil || !s.Gvwstate.Known() || len(s.Leftovers.Value) > 0 {
		t.Errorf("%+v %+v %+v, want %+v", s.Server, s.Grastate, s.Gvwstate, g)
	}
	p, err := Recover(t.Context(), local, ip(n), factsOf(n), nil)
	if err != nil || p.String() != g.String() {
		t.Errorf("recovered %v, %v; want %v", p, err, g.Position)
	}
}

func hostCrashed(t *testing.T, c *cluster.Cluster, service *Service) {
	n := c.Node(2)
	if err := c.Node(1).Exec(t.Context(), "CREATE DATABASE crashed", "CREATE TABLE crashed.t (i INT PRIMARY KEY)", "INSERT INTO crashed.t VALUES (1)"); err != nil {
		t.Fatal(err)
	}
	n.Crash()
	// Over a real ssh, as it is done in earnest.
	way := startSSHD(t).good()
	for i, word := range way.Prefix {
		way.Prefix[i] = strings.ReplaceAll(word, "{host}", loopback)
	}
	way.Prefix = append(way.Prefix, "env", "GALERATOP_NODE={host}")
	s := see(t, way, n)
	g, err := n.Grastate()
	if err != nil {
		t.Fatal(err)
	}
	if s.Server.Value.Running || s.Grastate.Value == nil || s.Grastate.Value.String() != g.String() || g.Seqno != -1 || s.Grastate.Value.SafeToBootstrap {
		t.Errorf("%+v %+v, want %+v", s.Server, s.Grastate.Value, g)
	}
	if v := s.Gvwstate.Value; v == nil || len(v.Members) != 2 || v.Alone() {
		t.Errorf("%+v", s.Gvwstate)
	}
	var said []string
	p, err := Recover(t.Context(), way, ip(n), factsOf(n), func(l string) { said = append(said, l) })
	if err != nil || len(said) == 0 {
		t.Fatalf("%v %q", err, said)
	}
	want, err := n.Position(t.Context())
	if err != nil || p.String() != want.String() || !p.Exact() {
		t.Errorf("recovered %v, want %v, %v", p, want, err)
	}
	t.Logf("%s at %v, looked in %v", n.Name, p, s.Took.Round(time.Millisecond))
	if _, err := service.Do(t.Context(), local, ip(n), Start, factsOf(n), nil); err != nil {
		t.Fatal(err)
	}
	if s := see(t, local, n); !s.Server.Value.Running {
		t.Errorf("%+v", s.Server)
	}
}

func hostFresh(t *testing.T, c *cluster.Cluster, _ *Service) {
	n := c.Node(3)
	if err := n.Reinstall(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := see(t, local, n)
	if s.Server.Value.Running || !s.Grastate.Known() || s.Grastate.Value != nil || !s.Gvwstate.Known() || s.Gvwstate.Value != nil {
		t.Errorf("%+v %+v", s.Grastate, s.Gvwstate)
	}
	p, err := Recover(t.Context(), local, ip(n), factsOf(n), nil)
	if err != nil || p.History() || p.Exact() {
		t.Errorf("%v %v", p, err)
	}
	want, err := n.Position(t.Context())
	if err != nil || want.String() != p.String() {
		t.Errorf("%v, want %v, %v", p, want, err)
	}
}

func hostArbitrator(t *testing.T, c *cluster.Cluster, _ *Service) {
	g, err := c.Garbd(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found := func() bool {
		s := see(t, local, c.Node(1))
		return s.Arbitrators.Known() && slices.ContainsFunc(s.Arbitrators.Value, func(a Arbitrator) bool { return a.Group == c.Name && a.Name == g.Name })
	}
	if !found() {
		t.Error("it is not seen")
	}
	if err := g.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if found() {
		t.Error("it is seen after its end")
	}
}

func hostBootstrap(t *testing.T, c *cluster.Cluster, service *Service) {
	for _, n := range []*cluster.Node{c.Node(2), c.Node(1)} {
		if _, err := service.Do(t.Context(), local, ip(n), Stop, factsOf(n), nil); err != nil {
			t.Fatal(err)
		}
	}
	first, second := c.Node(1), c.Node(2)
	if s := see(t, local, first); !s.Grastate.Value.SafeToBootstrap || !s.Grastate.Value.Exact() {
		t.Errorf("%+v", s.Grastate)
	}
	// What the server refuses is reported, with its words.
	_, err := service.Do(t.Context(), local, ip(second), Bootstrap, factsOf(second), nil)
	var e *Error
	if !errors.As(err, &e) || e.Kind != Failed || !e.Begun {
		t.Errorf("%v", err)
	}
	if _, err := service.Do(t.Context(), local, ip(first), Bootstrap, factsOf(first), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := service.Do(t.Context(), local, ip(second), Start, factsOf(second), nil); err != nil {
		t.Fatal(err)
	}
	status, err := first.Status(t.Context(), "wsrep_cluster_size")
	if err != nil || status["wsrep_cluster_size"] != "2" {
		t.Errorf("%v %v", status, err)
	}
}
