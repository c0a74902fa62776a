package host

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/galeratop/galeratop/model"
)

const savedState = "# GALERA saved state\nversion: 2.1\nuuid:    4a9c1f6e-0000-11f0-9b1e-8e0d5e3c1a77\nseqno:   -1\nsafe_to_bootstrap: 0\n"

// disk is a real data directory on a host whose process table is made up.
type disk struct {
	mutex     sync.Mutex
	t         *testing.T
	dir       string
	processes string
	datadir   string // as option files have it; dir if ""
	ran       []string
}

func newDisk(t *testing.T) *disk {
	t.Helper()
	parent, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d := &disk{t: t, dir: filepath.Join(parent, "data"), processes: "  1 S    init\n"}
	if err := os.MkdirAll(filepath.Join(d.dir, "mysql"), 0o750); err != nil {
		t.Fatal(err)
	}
	d.write("ibdata1", strings.Repeat("x", 300_000))
	d.write("grastate.dat", savedState)
	return d
}

func (d *disk) write(name, text string) {
	d.t.Helper()
	if err := os.WriteFile(filepath.Join(d.dir, name), []byte(text), 0o640); err != nil { //nolint:gosec // the mode that servers give
		d.t.Fatal(err)
	}
}

func (d *disk) read(name string) string {
	text, err := os.ReadFile(filepath.Join(d.dir, name))
	if err != nil {
		return ""
	}
	return string(text)
}

func (d *disk) way() Way {
	return Way{Prefix: []string{}, Through: func(ctx context.Context, _ string, argv []string, stdout, stderr io.Writer) (int, error) {
		d.mutex.Lock() // Look asks several things at once
		d.ran = append(d.ran, Line(argv))
		d.mutex.Unlock()
		switch argv[0] {
		case "ps":
			_, _ = io.WriteString(stdout, d.processes)
			return 0, nil
		case "my_print_defaults":
			if d.datadir != "" {
				_, _ = io.WriteString(stdout, "--datadir="+d.datadir+"\n")
			}
			return 0, nil
		case "systemctl":
			return 1, nil
		}
		cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
		cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), "LC_ALL=C"), stdout, stderr
		err := cmd.Run()
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			return exit.ExitCode(), nil
		}
		return 0, err
	}}
}

func (d *disk) facts() Facts {
	f := Facts{Flavour: model.FlavourMariaDB}
	if d.datadir == "" {
		f.DataDir = d.dir
	}
	return f
}

func (d *disk) look() *State {
	d.t.Helper()
	s, err := Look(d.t.Context(), d.way(), "localhost", d.facts())
	if err != nil {
		d.t.Fatal(err)
	}
	return s
}

func (d *disk) apply(c Change) error {
	return c.Apply(d.t.Context(), d.way(), "localhost", d.facts(), nil)
}

func TestTheDataIsLookedAtAsSomethingToCopy(t *testing.T) {
	d := newDisk(t)
	s := d.look()
	if got := s.Data.Value; !s.Data.Known() || got.Dir != d.dir || got.Size < 300_000 || got.Beside.Free <= 0 || len(got.Outside) > 0 || !strings.HasSuffix(got.Owner, " 750") {
		t.Errorf("%+v", s.Data)
	}
	if err := os.Symlink("/etc", filepath.Join(d.dir, "elsewhere")); err != nil {
		t.Fatal(err)
	}
	d.write("mysql/t.isl", "/data/t.ibd")
	if got := d.look().Data.Value.Outside; len(got) != 2 {
		t.Errorf("%q", got)
	}
}

func TestANodeIsMarkedSafeWithoutChangingAnythingElse(t *testing.T) {
	d := newDisk(t)
	if err := os.Chown(filepath.Join(d.dir, "grastate.dat"), os.Getuid(), os.Getgid()); err != nil {
		t.Fatal(err)
	}
	data := d.look().Data.Value
	if err := d.apply(data.MarkSafe()); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(d.dir, "grastate.dat"))
	if err != nil || info.Mode().Perm() != 0o640 || info.Sys().(*syscall.Stat_t).Uid != uint32(os.Getuid()) {
		t.Errorf("%v %v", info, err)
	}
	if got := d.read("grastate.dat"); got != strings.Replace(savedState, "bootstrap: 0", "bootstrap: 1", 1) {
		t.Errorf("%q", got)
	}
	if left, _ := os.ReadDir(d.dir); len(left) != 3 {
		t.Errorf("something is left over: %v", left)
	}
}

func TestTheStateIsSetAsideOnce(t *testing.T) {
	d := newDisk(t)
	data := d.look().Data.Value
	if err := d.apply(data.ForgetState("now")); err != nil {
		t.Fatal(err)
	}
	if d.read("grastate.dat.galeratop-now") != savedState || d.read("grastate.dat") != "" {
		t.Error("it was not renamed")
	}
	if err := d.apply(data.ForgetState("then")); err == nil || !strings.Contains(err.Error(), "grastate.dat is not there any more") {
		t.Error(err)
	}
	d.write("grastate.dat", "another")
	if err := d.apply(data.ForgetState("now")); err == nil || !strings.Contains(err.Error(), "exists already") || d.read("grastate.dat") != "another" {
		t.Error(err)
	}
}

func TestACopyIsLikeTheOriginal(t *testing.T) {
	d := newDisk(t)
	data := d.look().Data.Value
	copied := data.Copy("now")
	if err := d.apply(copied); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(data.CopyTo("now"), "ibdata1"))
	if err != nil || len(text) != 300_000 {
		t.Errorf("%d bytes, %v", len(text), err)
	}
	if err := d.apply(copied); err == nil || !strings.Contains(err.Error(), "exists already") {
		t.Error(err)
	}
	// A copy that lacks something is no copy.
	if err := os.Remove(filepath.Join(data.CopyTo("now"), "ibdata1")); err != nil {
		t.Fatal(err)
	}
	r := &reader{ctx: t.Context(), way: d.way(), host: "localhost"}
	if err := copied.alike(r); err == nil || !strings.Contains(err.Error(), "not to be relied on") {
		t.Error(err)
	}
	if err := os.Chmod(data.CopyTo("now"), 0o700); err != nil { //nolint:gosec // a directory
		t.Fatal(err)
	}
	if err := copied.alike(r); err == nil || !strings.Contains(err.Error(), "belongs to") {
		t.Error(err)
	}
}

func TestOnlyKnownLeftoversAreRemoved(t *testing.T) {
	d := newDisk(t)
	for _, name := range []string{"sst_in_progress", "rsync_sst.pid", "precious"} {
		d.write(name, "")
	}
	if err := os.Mkdir(filepath.Join(d.dir, ".sst"), 0o750); err != nil {
		t.Fatal(err)
	}
	s := d.look()
	cleared := s.Data.Value.Clear(append(s.Leftovers.Value, "precious", "../data/ibdata1"))
	if want := "rm -- " + d.dir + "/sst_in_progress " + d.dir + "/rsync_sst.pid"; cleared.Line() != want {
		t.Errorf("%s, want %s", cleared.Line(), want)
	}
	if err := d.apply(cleared); err != nil {
		t.Fatal(err)
	}
	if left := d.look().Leftovers.Value; len(left) != 1 || left[0] != ".sst" {
		t.Errorf("%q", left)
	}
	if _, err := os.Stat(filepath.Join(d.dir, "precious")); err != nil {
		t.Error(err)
	}
}

func TestNothingIsChangedWhereItIsNotCertain(t *testing.T) {
	mark := func(d *disk) Change { data := Data{Dir: d.dir}; return data.MarkSafe() }
	for name, c := range map[string]struct {
		spoil  func(d *disk)
		change func(d *disk) Change
		reason string
	}{
		"a server runs on it": {func(d *disk) { d.processes += "4711 S mariadbd\n" }, mark, "whether the server is stopped is not known"},
		"a transfer runs":     {func(d *disk) { d.processes += "4711 S wsrep_sst_rsync\n" }, mark, "a script of a state transfer runs, as process 4711"},
		"hidden processes":    {func(d *disk) { d.processes = "4711 S bash\n" }, mark, "the processes of other users are hidden"},
		"a link in its place": {func(d *disk) {
			must(d.t, os.Rename(filepath.Join(d.dir, "grastate.dat"), filepath.Join(d.dir, "real")))
			must(d.t, os.Symlink("real", filepath.Join(d.dir, "grastate.dat")))
		}, mark, "grastate.dat is a symbolic link, not a plain file"},
		"a directory in its place": {func(d *disk) {
			must(d.t, os.Remove(filepath.Join(d.dir, "grastate.dat")))
			must(d.t, os.Mkdir(filepath.Join(d.dir, "grastate.dat"), 0o700))
		}, mark, "is a directory, not a plain file"},
		"no server's data": {func(d *disk) {
			must(d.t, os.Remove(filepath.Join(d.dir, "ibdata1")))
			must(d.t, os.Remove(filepath.Join(d.dir, "mysql")))
		}, mark, "does not look like a server's data"},
		"another directory by now": {func(d *disk) { d.datadir = "/var/tmp/elsewhere" }, mark, "the data directory is /var/tmp/elsewhere now"},
		"a system directory":       {func(*disk) {}, func(*disk) Change { data := Data{Dir: "/var/lib"}; return data.MarkSafe() }, "/var/lib belongs to the system"},
		"a path with a way up":     {func(*disk) {}, func(*disk) Change { data := Data{Dir: "/var/lib/../mysql"}; return data.MarkSafe() }, "no plain absolute path"},
		"a path with a blank":      {func(*disk) {}, func(*disk) Change { data := Data{Dir: "/var/lib/my sql"}; return data.MarkSafe() }, "no plain absolute path"},
		"a path that is an option": {func(*disk) {}, func(*disk) Change { data := Data{Dir: "/srv/-rf"}; return data.MarkSafe() }, "no plain absolute path"},
		"the root":                 {func(*disk) {}, func(*disk) Change { data := Data{Dir: "/"}; return data.MarkSafe() }, "no plain absolute path"},
	} {
		d := newDisk(t)
		c.spoil(d)
		err := d.apply(c.change(d))
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Begun || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: %v, want %s", name, err, c.reason)
		}
		for _, line := range d.ran {
			if strings.HasPrefix(line, "sed") {
				t.Errorf("%s: it was run: %s", name, line)
			}
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func FuzzChangesStayInTheirDirectory(f *testing.F) {
	for _, dir := range []string{"/var/lib/mysql", "/", "/var/lib/..", "/a/$(b)", "/a/b c", "//x//y", "/a/b\n/c", "/data/-x", "/data/.x/y"} {
		f.Add(dir)
	}
	f.Fuzz(func(t *testing.T, dir string) {
		if oddDir(dir) != "" {
			return
		}
		d := Data{Dir: dir}
		for _, c := range []Change{d.MarkSafe(), d.ForgetState("s"), d.Clear(leftovers)} {
			for _, word := range c.Argv[1:] {
				if strings.HasPrefix(word, "/") && !strings.HasPrefix(word, dir+"/") || quote(word) != word && !strings.HasPrefix(word, "s/^safe") {
					t.Errorf("%q in %q", word, c.Argv)
				}
			}
		}
		if to := d.CopyTo("s"); filepath.Dir(to) != filepath.Dir(dir) || to == dir {
			t.Errorf("%q is copied to %q", dir, to)
		}
	})
}
