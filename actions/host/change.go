package host

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
)

// Change is one command that changes files of a stopped server: one that is named,
// or a new copy of all of them.
type Change struct {
	Argv []string
	// dir is the data directory that the change was made for.
	dir string
	// files are the files in it that the command changes or takes away.
	files []string
	// makes is what must not exist yet; "" if the command makes nothing.
	makes string
	limit time.Duration
	// copies: what it makes has to be like the data directory.
	copies bool
}

// changeLimit bounds changes of single files, copyLimit a copy of all data.
const (
	changeLimit = 30 * time.Second
	copyLimit   = 12 * time.Hour
)

const grastateFile = "grastate.dat"

// MarkSafe sets safe_to_bootstrap to 1. sed writes a new file beside the old one,
// gives it the same owner and mode, and renames it: there is never half of one.
func (d *Data) MarkSafe() Change {
	return Change{
		Argv: []string{"sed", "-i", "-e", "s/^safe_to_bootstrap:.*/safe_to_bootstrap: 1/", path.Join(d.Dir, grastateFile)},
		dir:  d.Dir, files: []string{grastateFile}, limit: changeLimit,
	}
}

// ForgetState renames grastate.dat, so that the next start gets an SST; the stamp
// becomes a part of its new name.
func (d *Data) ForgetState(stamp string) Change {
	aside := path.Join(d.Dir, grastateFile+".galeratop-"+stamp)
	return Change{
		Argv: []string{"mv", "-n", "-T", path.Join(d.Dir, grastateFile), aside},
		dir:  d.Dir, files: []string{grastateFile}, makes: aside, limit: changeLimit,
	}
}

// CopyTo is the path of a copy with a stamp in its name.
func (d *Data) CopyTo(stamp string) string { return d.Dir + ".galeratop-" + stamp }

// Copy makes a copy of all data beside it, with the same owners and modes.
func (d *Data) Copy(stamp string) Change {
	to := d.CopyTo(stamp)
	return Change{Argv: []string{"cp", "-a", "--reflink=auto", d.Dir, to}, dir: d.Dir, makes: to, limit: copyLimit, copies: true}
}

// Clear removes leftovers of state transfers; names that are none are left out.
func (d *Data) Clear(names []string) Change {
	c := Change{dir: d.Dir, limit: changeLimit}
	for _, name := range leftovers {
		if slices.Contains(names, name) && name != transferDir {
			c.files = append(c.files, name)
			c.Argv = append(c.Argv, path.Join(d.Dir, name))
		}
	}
	if len(c.Argv) > 0 {
		c.Argv = append([]string{"rm", "--"}, c.Argv...)
	}
	return c
}

// Files are the names in the data directory that the command changes or takes away.
func (c *Change) Files() []string { return c.files }

// Line is the command as a person would type it.
func (c *Change) Line() string { return Line(c.Argv) }

// Apply makes a change. Just before, all that it rests on is looked up again: the
// server is proven stopped, no transfer runs, the directory is the one that was
// meant and looks like a server's data, the files are regular ones, and what is to
// be made does not exist. An *Error without Begun has changed nothing.
func (c *Change) Apply(ctx context.Context, w Way, name string, facts Facts, line func(string)) error {
	r := &reader{ctx: ctx, way: w, host: name, facts: facts}
	if why, err := c.unsafe(r); err != nil {
		return err
	} else if why != "" {
		return &Error{Host: name, Kind: BadName, Text: why}
	}
	if _, err := w.Run(ctx, name, Command{Argv: c.Argv, Limit: c.limit, Line: line}); err != nil {
		return err
	}
	if c.copies {
		return c.alike(r)
	}
	return nil
}

// unsafe says why the change must not be made; an error is for what cannot be
// looked up.
func (c *Change) unsafe(r *reader) (why string, err error) {
	if why := oddDir(c.dir); why != "" {
		return why, nil
	}
	dir := r.dataDir(r.options())
	if !dir.Known() {
		return dir.Unknown, nil
	}
	resolved, err := r.run("readlink", "-f", dir.Value.Path)
	if err != nil {
		return "", err
	}
	if strings.TrimSpace(resolved) != c.dir {
		return fmt.Sprintf("the data directory is %s now, it was %s when this was decided", strings.TrimSpace(resolved), c.dir), nil
	}
	server, _ := r.processes(dir)
	switch {
	case !server.Known():
		return "whether the server is stopped is not known: " + server.Unknown, nil
	case server.Value.Running:
		return "the server is running, as process " + server.Value.PID, nil
	case len(server.Value.Scripts) > 0:
		return "a script of a state transfer runs, as process " + server.Value.Scripts[0], nil
	}
	if why, err := c.wrongFiles(r); why != "" || err != nil {
		return why, err
	}
	return c.exists(r)
}

// wrongFiles says which file is not there, or is none that may be changed.
func (c *Change) wrongFiles(r *reader) (why string, err error) {
	names, err := r.names(c.dir)
	if err != nil {
		return "", err
	}
	// A file that is itself to be changed proves nothing about where it is.
	if !slices.ContainsFunc(dataMarks, func(mark string) bool { return slices.Contains(names, mark) && !slices.Contains(c.files, mark) }) {
		return c.dir + " does not look like a server's data: none of " + strings.Join(dataMarks, ", ") + " is there", nil
	}
	for _, file := range c.files {
		if !slices.Contains(names, file) {
			return path.Join(c.dir, file) + " is not there any more", nil
		}
		kind, err := r.run("stat", "-c", "%F", path.Join(c.dir, file))
		if err != nil {
			return "", err
		}
		if kind = strings.TrimSpace(kind); kind != "regular file" && kind != "regular empty file" {
			return path.Join(c.dir, file) + " is a " + kind + ", not a plain file", nil
		}
	}
	return "", nil
}

// dataMarks are what servers keep in their data directories. One that was killed
// early in an SST has only what its provider made.
var dataMarks = []string{"ibdata1", "mysql", "aria_log_control", "mysql.ibd", grastateFile, "galera.cache"}

// exists says that what is to be made is there already.
func (c *Change) exists(r *reader) (why string, err error) {
	if c.makes == "" {
		return "", nil
	}
	names, err := r.names(path.Dir(c.makes))
	if err == nil && slices.Contains(names, path.Base(c.makes)) {
		return c.makes + " exists already", nil
	}
	return "", err
}

// names lists a directory.
func (r *reader) names(dir string) ([]string, error) {
	text, err := r.run("ls", "-1A", dir)
	return strings.Split(text, "\n"), err
}

// alike is an error unless the copy is like the data directory.
func (c *Change) alike(r *reader) error {
	bad := func(text string) error {
		return &Error{Host: r.host, Kind: Failed, Command: c.Line(), Begun: true, Text: text + "; the copy is not to be relied on"}
	}
	was, err := r.owner(c.dir)
	if err != nil {
		return err
	}
	now, err := r.owner(c.makes)
	if err != nil {
		return err
	}
	if was != now {
		return bad(fmt.Sprintf("%s belongs to %s, its copy to %s", c.dir, was, now))
	}
	whole, err := r.size(c.dir)
	if err != nil {
		return bad("its size cannot be compared: " + err.Error())
	}
	got, err := r.size(c.makes)
	if err != nil {
		return bad("its size cannot be compared: " + err.Error())
	}
	if got < whole/10*9 {
		return bad(fmt.Sprintf("%s takes %d KiB, its copy %d", c.dir, whole>>10, got>>10))
	}
	return nil
}
