package demo

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	onhost "github.com/galeratop/galeratop/actions/host"
)

// site is a simulated cluster and the way to its hosts; its clock moves only while
// something waits, and by after.
type site struct{ *cluster }

func newSite(t *testing.T, o Options) *site { return &site{start(t, o)} }

func (s *site) way() onhost.Way {
	return onhost.Way{Prefix: []string{"ssh", "{host}"}, Through: s.RunOnHost}
}

func (s *site) facts() onhost.Facts { return onhost.Facts{Flavour: s.engine.face.flavour} }

func (s *site) after(d time.Duration) *site {
	s.Advance(d)
	return s
}

// moving lets the clock run while something is done, by exactly as much as that
// waits for it.
func (s *site) moving(do func()) {
	done := make(chan struct{})
	go func() { defer close(done); do() }()
	for {
		select {
		case <-done:
			return
		default:
		}
		s.mu.Lock()
		waited := s.stepped != nil
		s.mu.Unlock()
		if waited {
			s.Advance(stepTime)
		} else {
			runtime.Gosched()
		}
	}
}

// look reads a host.
func (s *site) look(node string) *onhost.State {
	s.t.Helper()
	st, err := onhost.Look(s.t.Context(), s.way(), node, s.facts())
	if err != nil {
		s.t.Fatal(err)
	}
	return st
}

// run runs a command that has to work.
func (s *site) run(node string, argv ...string) string {
	s.t.Helper()
	out, err := s.tries(node, argv...)
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

func (s *site) tries(node string, argv ...string) (string, error) {
	var out *onhost.Output
	var err error
	s.moving(func() { out, err = s.way().Run(s.t.Context(), node, onhost.Command{Argv: argv, Limit: time.Minute}) })
	if out == nil {
		return "", err
	}
	return string(out.Stdout), err
}

// does carries an operation of the service out.
func (s *site) does(node string, op onhost.Operation) error {
	var err error
	s.moving(func() {
		var service *onhost.Service
		if service, err = onhost.Detect(s.t.Context(), s.way(), node, s.engine.face.flavour, nil); err == nil {
			_, err = service.Do(s.t.Context(), s.way(), node, op, s.facts(), nil)
		}
	})
	return err
}

func (s *site) recovered(node string) onhost.Position {
	s.t.Helper()
	var p onhost.Position
	var err error
	s.moving(func() { p, err = onhost.Recover(s.t.Context(), s.way(), node, s.facts(), nil) })
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// lab is the same cluster for the checks on the status of its nodes.
func (s *site) lab() *lab { return &lab{s.engine, s.t} }

func (s *site) whole() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lab().isWhole()
}

// agree checks that all nodes' rows are the same, or differ.
func (s *site) agree(want bool) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	first := s.engine.nodes[0]
	got := !slices.ContainsFunc(s.engine.nodes, func(n *node) bool { return !n.same(first) })
	if got != want {
		for _, n := range s.engine.nodes {
			s.t.Logf("%s: %v", n.name, n.rows)
		}
		s.t.Errorf("the rows agree: %v, want %v", got, want)
	}
}

func (s *site) logHas(node, text string) {
	s.t.Helper()
	if log := s.run(node, "tail", "-n", "400", s.engine.node(node).errorLog()); !strings.Contains(log, text) {
		s.t.Errorf("%s: no %q in\n%s", node, text, log)
	}
}

const setSafe = "s/^safe_to_bootstrap:.*/safe_to_bootstrap: 1/"

func TestAFullCrashIsRecoveredByHand(t *testing.T) {
	for _, o := range []Options{{Seed: 41}, {Seed: 42, Flavour: pxc}} {
		o.Scenario = "full-crash"
		t.Run(string(o.Flavour), func(t *testing.T) {
			s := newSite(t, o).after(20 * time.Second)
			positions := map[int64]string{}
			for _, n := range []string{"db1", "db2", "db3"} {
				st := s.look(n)
				if g := st.Grastate.Value; st.Server.Value.Running || g == nil || g.Seqno != -1 || g.SafeToBootstrap || !g.History() {
					t.Errorf("%s: %+v %+v", n, st.Server, g)
				}
				if v := st.Gvwstate.Value; v == nil || len(v.Members) != 3 {
					t.Errorf("%s: %+v", n, st.Gvwstate)
				}
				p := s.recovered(n)
				if !p.Exact() || p.UUID != st.Grastate.Value.UUID {
					t.Errorf("%s: %v", n, p)
				}
				positions[p.Seqno] = n
			}
			best := int64(0)
			for seqno := range positions {
				best = max(best, seqno)
			}
			if len(positions) != 3 || positions[best] != "db2" {
				t.Fatalf("%v", positions)
			}
			if err := s.does("db2", onhost.Bootstrap); err == nil {
				t.Error("a node that is not safe to bootstrap was bootstrapped")
			}
			s.logHas("db2", "It may not be safe to bootstrap")
			s.run("db2", "sed", "-i", setSafe, s.look("db2").DataDir.Value.Path+"/grastate.dat")
			for _, n := range []string{"db2", "db1", "db3"} {
				op := onhost.Start
				if n == "db2" {
					op = onhost.Bootstrap
				}
				if err := s.does(n, op); err != nil {
					t.Fatal(err)
				}
				s.after(5 * time.Second)
			}
			s.after(30 * time.Second)
			s.logHas("db1", "Receiving IST")
			s.whole()
			s.agree(true)
			if at := s.engine.node("db1").committed; at < best {
				t.Errorf("the cluster is at %d and lost writes up to %d", at, best)
			}
		})
	}
}

func TestAFullCrashLeavesNoServerOfMoreThanThree(t *testing.T) {
	s := newSite(t, Options{Seed: 57, Nodes: 5, Scenario: "full-crash"}).after(20 * time.Second)
	for _, n := range []string{"db1", "db2", "db3", "db4", "db5"} {
		if s.look(n).Server.Value.Running {
			t.Errorf("%s runs", n)
		}
		if s.recovered(n).Seqno > s.recovered("db2").Seqno {
			t.Errorf("%s is ahead of the last one that crashed", n)
		}
	}
	if lines := s.Narration(); lines[len(lines)-1].Text == "" {
		t.Errorf("%+v", lines)
	}
}

func TestToBootstrapTheWrongNodeLosesWrites(t *testing.T) {
	s := newSite(t, Options{Seed: 43, Scenario: "full-crash"}).after(20 * time.Second)
	s.run("db3", "sed", "-i", setSafe, "/var/lib/mysql-db3/grastate.dat")
	if err := s.does("db3", onhost.Bootstrap); err != nil {
		t.Fatal(err)
	}
	// Before the group has got as far again, the most advanced node cannot join.
	if err := s.does("db2", onhost.Start); err == nil {
		t.Error("a node that is ahead of the group joined")
	}
	s.logHas("db2", "Reversing history")
	// Afterwards it can, with rows that nobody else has.
	s.after(time.Minute)
	if err := s.does("db2", onhost.Start); err != nil {
		t.Fatal(err)
	}
	s.after(10 * time.Second)
	s.agree(false)
}

func TestALastViewThatComesBackWholeRecoversByItself(t *testing.T) {
	s := newSite(t, Options{Seed: 44, Scenario: "full-crash"}).after(20 * time.Second)
	for _, n := range []string{"db1", "db2"} {
		s.run(n, "systemctl", "--no-block", "start", "mariadb")
	}
	s.after(time.Minute)
	for _, n := range []string{"db1", "db2"} {
		if out, err := s.tries(n, "systemctl", "is-active", "mariadb"); err == nil || out != "activating\n" {
			t.Errorf("%s: %q %v", n, out, err)
		}
	}
	if err := s.does("db3", onhost.Start); err != nil {
		t.Fatal(err)
	}
	s.after(30 * time.Second).whole()
	s.agree(true)
}

func TestAServerWithoutAPeerAndWithoutASavedViewGivesUp(t *testing.T) {
	s := newSite(t, Options{Seed: 45}).after(time.Second)
	for _, n := range []string{"db1", "db2", "db3"} {
		if err := s.does(n, onhost.Stop); err != nil {
			t.Fatal(err)
		}
	}
	for n, safe := range map[string]bool{"db1": false, "db2": false, "db3": true} {
		g := s.look(n).Grastate.Value
		if !g.Exact() || g.SafeToBootstrap != safe || s.look(n).Gvwstate.Value != nil {
			t.Errorf("%s: %+v", n, g)
		}
	}
	if err := s.does("db3", onhost.Start); err == nil {
		t.Error("it started without a peer")
	}
	s.logHas("db3", "failed to reach primary view")
	// The failed start has cost the position in the file, not that of the tables.
	if g := s.look("db3").Grastate.Value; g.Seqno != -1 || !g.SafeToBootstrap || !s.recovered("db3").Exact() {
		t.Errorf("%+v", g)
	}
	for n, op := range map[string]onhost.Operation{"db3": onhost.Bootstrap} {
		if err := s.does(n, op); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range []string{"db1", "db2"} {
		if err := s.does(n, onhost.Start); err != nil {
			t.Fatal(err)
		}
	}
	s.after(10 * time.Second).whole()
	s.agree(true)
}

func TestNewClusterOnALivingMemberTakesItDown(t *testing.T) {
	s := newSite(t, Options{Seed: 46}).after(time.Second)
	if _, err := s.tries("db2", "galera_new_cluster"); err == nil {
		t.Error("it worked")
	}
	if st := s.look("db2"); st.Server.Value.Running {
		t.Error("the server still runs")
	}
	s.logHas("db2", "It may not be safe to bootstrap")
	if out, _ := s.tries("db2", "systemctl", "is-active", "mariadb"); out != "failed\n" {
		t.Errorf("the unit is %q", out)
	}
}

func TestABootstrapWithoutGrastateBeginsAnotherHistory(t *testing.T) {
	s := newSite(t, Options{Seed: 47, Scenario: "full-crash"}).after(20 * time.Second)
	before := s.recovered("db2").UUID
	s.run("db2", "rm", "-f", "/var/lib/mysql-db2/grastate.dat")
	if err := s.does("db2", onhost.Bootstrap); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	now := s.lab().status("db2", stateUUID)
	s.mu.Unlock()
	if now == before {
		t.Error("the history goes on")
	}
	if err := s.does("db1", onhost.Start); err != nil {
		t.Fatal(err)
	}
	s.logHas("db1", "SST received")
}

func TestASplitBrainHealsByAFullCopyOnly(t *testing.T) {
	restart := func(s *site, wipe bool) {
		if err := s.does("db3", onhost.Stop); err != nil {
			t.Fatal(err)
		}
		s.after(30 * time.Second) // the other side gets ahead
		if wipe {
			s.run("db3", "rm", "/var/lib/mysql-db3/grastate.dat")
		}
		if err := s.does("db3", onhost.Start); err != nil {
			t.Fatal(err)
		}
		s.after(30 * time.Second).whole()
	}
	wrong := newSite(t, Options{Seed: 48, Scenario: "split-brain"}).after(60 * time.Second)
	restart(wrong, false)
	wrong.logHas("db3", "Receiving IST")
	wrong.agree(false)
	sums := map[string]bool{}
	for i := range 3 {
		sums[wrong.conn(i).says("CHECKSUM TABLE shop.orders")] = true
	}
	if len(sums) != 2 {
		t.Errorf("%v, want two different ones", sums)
	}
	wrong.after(partedFor + 10*time.Second)
	wrong.mu.Lock()
	wrong.lab().says("db3", comment, "Inconsistent")
	wrong.mu.Unlock()

	right := newSite(t, Options{Seed: 48, Scenario: "split-brain"}).after(60 * time.Second)
	restart(right, true)
	right.logHas("db3", "SST received")
	right.agree(true)
}

func TestACopyOfTheDataKeepsWhatTheFullCopyReplaces(t *testing.T) {
	s := newSite(t, Options{Seed: 49, Scenario: "evicted"}).after(20 * time.Second)
	if err := s.does("db3", onhost.Stop); err != nil {
		t.Fatal(err)
	}
	if g := s.look("db3").Grastate.Value; g.History() || g.Seqno != -1 {
		t.Errorf("%+v", g)
	}
	p := s.recovered("db3")
	if !p.Exact() {
		t.Errorf("the tables have lost their position: %v", p)
	}
	before := s.look("db3").Disk.Value.Free
	s.run("db3", "cp", "-a", "/var/lib/mysql-db3", "/var/lib/mysql-db3.before")
	if now := s.look("db3").Disk.Value.Free; before-now < dataSize {
		t.Errorf("the copy took %d bytes", before-now)
	}
	if err := s.does("db3", onhost.Start); err != nil {
		t.Fatal(err)
	}
	s.after(10 * time.Second).whole()
	s.agree(true)
	if k := s.engine.node("db3").disk.files["/var/lib/mysql-db3.before/ibdata1"].kept; k == nil || k.committed != p.Seqno {
		t.Errorf("%+v", k)
	}
	s.run("db3", "cp", "-a", "/var/lib/mysql-db3", "/var/lib/second")
	if _, err := s.tries("db3", "cp", "-a", "/var/lib/mysql-db3", "/var/lib/third"); err == nil || !strings.Contains(err.Error(), "No space left") {
		t.Errorf("%v", err)
	}
}

func TestTheOtherPracticesEndWell(t *testing.T) {
	for name, heal := range map[string]func(s *site){
		"no-primary": func(s *site) {
			s.conn(0).do("SET GLOBAL wsrep_provider_options='pc.bootstrap=1'")
			s.starts("db2", "db3")
		},
		"crashed-node": func(s *site) { s.starts("db2"); s.logHas("db2", "Receiving IST") },
		"needs-sst":    func(s *site) { s.starts("db3"); s.logHas("db3", "SST received") },
		"evicted": func(s *site) {
			if err := s.does("db3", onhost.Restart); err != nil {
				t.Error(err)
			}
			s.logHas("db3", "SST received")
		},
		"stale-sst": func(s *site) {
			if err := s.does("db3", onhost.Start); err == nil {
				t.Error("it started over the leftovers")
			}
			if left := s.look("db3").Leftovers.Value; !slices.Contains(left, "sst_in_progress") {
				t.Errorf("%q", left)
			}
			s.run("db3", "rm", "-f", "/var/lib/mysql-db3/sst_in_progress")
			s.starts("db3")
		},
		"stuck-donor": func(s *site) {
			scripts := s.look("db2").Server.Value.Scripts
			if len(scripts) != 1 {
				t.Fatalf("%q", scripts)
			}
			s.run("db2", "kill", scripts[0])
			s.run("db3", "rm", "-f", "/var/lib/mysql-db3/sst_in_progress")
			s.starts("db3")
		},
		"stuck-joiner": func(s *site) {
			if out, _ := s.tries("db3", "systemctl", "is-active", "mariadb"); out != "activating\n" {
				t.Errorf("the joiner is %q", out)
			}
			if err := s.does("db3", onhost.Stop); err != nil {
				t.Error(err)
			}
			s.run("db3", "rm", "-f", "/var/lib/mysql-db3/sst_in_progress")
			s.starts("db3")
		},
		"accidental-bootstrap": func(s *site) {
			if why := s.look("db3").Founds.Value; why == "" {
				t.Error("its option file founds no cluster")
			}
			s.after(40 * time.Second)
			if err := s.does("db3", onhost.Stop); err != nil {
				t.Error(err)
			}
			if why := s.look("db3").Founds; why.Value != "" || !why.Known() {
				t.Errorf("%+v", why)
			}
			s.run("db3", "rm", "-f", "/var/lib/mysql-db3/grastate.dat")
			s.starts("db3")
			s.logHas("db3", "SST received")
		},
		"rolling-restart": func(s *site) {
			for _, n := range []string{"db1", "db2", "db3"} {
				if err := s.does(n, onhost.Restart); err != nil {
					t.Error(err)
				}
				s.logHas(n, "Receiving IST")
				s.after(10 * time.Second).whole()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, Options{Seed: 50, Scenario: name}).after(30 * time.Second)
			heal(s)
			s.after(20 * time.Second).whole()
			s.agree(true)
			if len(s.look("db3").Leftovers.Value) > 0 {
				t.Errorf("%+v", s.look("db3").Leftovers)
			}
		})
	}
}

func (s *site) starts(nodes ...string) {
	s.t.Helper()
	for _, n := range nodes {
		if err := s.does(n, onhost.Start); err != nil {
			s.t.Fatal(err)
		}
	}
}

func TestAHostThatIsLostCannotBeReached(t *testing.T) {
	s := newSite(t, Options{Seed: 51, Scenario: "full-crash-lost"}).after(20 * time.Second)
	_, err := onhost.Look(t.Context(), s.way(), "db3", s.facts())
	var e *onhost.Error
	if !errors.As(err, &e) || e.Kind != onhost.Reach || e.Begun {
		t.Errorf("%v", err)
	}
	if _, err := s.tries("db9", "true"); !errors.As(err, &e) || e.Kind != onhost.Reach {
		t.Errorf("%v", err)
	}
	if _, err := s.tries("db1", "reboot"); !errors.As(err, &e) || e.Kind != onhost.Missing {
		t.Errorf("%v", err)
	}
}

func TestAStartGoesOnWhenItsCommandIsGivenUp(t *testing.T) {
	s := newSite(t, Options{Seed: 52, Scenario: "crashed-node"}).after(20 * time.Second)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.way().Run(ctx, "db2", onhost.Command{Argv: []string{"systemctl", "start", "mariadb"}}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	s.after(20 * time.Second).whole()
}

func TestAHostCommandEndsWithTheSimulation(t *testing.T) {
	s := newSite(t, Options{Seed: 53, Scenario: "full-crash"}).after(20 * time.Second)
	done := make(chan error)
	go func() {
		_, err := s.way().Run(t.Context(), "db1", onhost.Command{Argv: []string{"systemctl", "start", "mariadb"}})
		done <- err
	}()
	s.after(time.Second)
	_ = s.Close()
	if err := <-done; err == nil {
		t.Error("it worked")
	}
}

func TestFilesAreChangedAsRecoveriesDoIt(t *testing.T) {
	s := newSite(t, Options{Seed: 54, Scenario: "stale-sst"}).after(30 * time.Second)
	const dir = "/var/lib/mysql-db3"
	if got := s.run("db3", "stat", "-c", "%U:%G %a", dir); got != "mysql:mysql 755\n" {
		t.Errorf("%q", got)
	}
	for name, want := range map[string]string{"": "directory\n", "/grastate.dat": "regular file\n", "/sst_in_progress": "regular empty file\n"} {
		if got := s.run("db3", "stat", "-c", "%F", dir+name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := s.run("db3", "find", dir, "(", "-type", "l", "-o", "-name", "*.isl", ")"); got != "" {
		t.Errorf("%q", got)
	}
	s.run("db3", "rm", "--", dir+"/sst_in_progress")
	s.run("db3", "sed", "-i", "-e", setSafe, dir+"/grastate.dat")
	if g := s.look("db3").Grastate.Value; !g.SafeToBootstrap {
		t.Errorf("%+v", g)
	}
	s.run("db3", "touch", dir+"/other")
	s.run("db3", "mv", "-n", "-T", dir+"/grastate.dat", dir+"/other")
	if g := s.look("db3").Grastate.Value; g == nil {
		t.Error("mv -n overwrote a file")
	}
	s.run("db3", "mv", "-n", "-T", dir+"/grastate.dat", dir+"/grastate.dat.old")
	if g := s.look("db3").Grastate; g.Value != nil || !g.Known() {
		t.Errorf("%+v", g)
	}
	if !strings.Contains(s.run("db3", "cat", dir+"/grastate.dat.old"), "safe_to_bootstrap: 1") {
		t.Error("the renamed file has lost its text")
	}
	s.run("db1", "cp", "-a", "--reflink=auto", "/var/lib/mysql-db1", "/var/lib/mysql-db1.copy")
	sizes := map[string]bool{}
	for _, at := range []string{"/var/lib/mysql-db1", "/var/lib/mysql-db1.copy"} {
		kib, _, _ := strings.Cut(s.run("db1", "du", "-sk", at), "\t")
		sizes[kib] = true
	}
	if len(sizes) != 1 {
		t.Errorf("the copy has another size: %v", sizes)
	}
	for _, argv := range [][]string{
		{"cp", "-a", "/var/lib/mysql-db1", "/var/lib/mysql-db1/inside"},
		{"cat", dir},
		{"cat", "/nowhere"},
		{"rm", dir},
		{"rm", "/nowhere"},
		{"mv", "/nowhere", "/tmp/x"},
		{"ls", "/nowhere"},
		{"sed", "-i", "s/[/x/", dir + "/other"},
		{"kill", "1"},
	} {
		if _, err := s.tries("db3", argv...); err == nil {
			t.Errorf("%q works", argv)
		}
	}
}

func TestDataThatAreMovedBackAreTheOldOnes(t *testing.T) {
	s := newSite(t, Options{Seed: 55}).after(time.Second)
	if err := s.does("db3", onhost.Stop); err != nil {
		t.Fatal(err)
	}
	const dir = "/var/lib/mysql-db3"
	before := s.recovered("db3")
	s.run("db3", "cp", "-a", dir, dir+".copy")
	s.run("db3", "rm", "-rf", dir+"/ibdata1")
	if p := s.recovered("db3"); p.History() {
		t.Errorf("%v without tables", p)
	}
	s.run("db3", "rm", "-rf", dir)
	s.run("db3", "mv", dir+".copy", dir)
	if p := s.recovered("db3"); p != before {
		t.Errorf("%v, want %v", p, before)
	}
	s.starts("db3")
	s.after(10 * time.Second).whole()
	s.agree(true)
}

func FuzzCommandsOnAHost(f *testing.F) {
	for _, line := range []string{
		"cat /var/lib/mysql-db1/grastate.dat", "sed -i -e s/a/b/ /var/lib/mysql-db1/grastate.dat", "mv -n -T /var/lib /tmp/x", "cp -a /var /tmp",
		"tail -n", "stat -c", "systemctl start", "systemctl restart mariadb --no-block", "kill -9 1200", "ls -1A /", "rm -rf /", "journalctl -n x",
		"galera_recovery", "mariadbd --wsrep-recover", "find", "readlink /proc/1200/cwd", "du -sk /", "galera_new_cluster mysqld",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		o := Options{Seed: 56, Threads: 2, Arbitrator: true}
		if err := o.defaults(); err != nil {
			t.Fatal(err)
		}
		e := newEngine(o, time.Unix(1_790_000_000, 0), func(*node) string { return "10.0.0.1:3306" })
		for _, name := range []string{"db1", "garb"} {
			sh := &shell{node: e.node(name)}
			_, more := sh.login(name, strings.Fields(line))
			for range 40 {
				e.step()
				if more != nil {
					_, more = more()
				}
			}
		}
	})
}
