package host

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Data is the data directory as something to copy, or to change files in.
type Data struct {
	Dir   string `json:"dir"`   // without symbolic links
	Owner string `json:"owner"` // user, group and mode: "mysql:mysql 755"
	// Size is what its files take on the disk, in bytes; -1 where nobody counted them
	// in time.
	Size int64 `json:"size"`
	// Beside is the file system of the directory that it is in, where a copy goes.
	Beside Disk `json:"beside"`
	// Outside are links in it that lead out of it: a copy would lack what is there.
	Outside []string `json:"outside,omitempty"`
}

// Parent is the directory that it is in.
func (d *Data) Parent() string { return path.Dir(d.Dir) }

// data looks at the data directory itself.
func (r *reader) data(dir Part[DataDir]) Part[Data] {
	if !dir.Known() {
		return unknown[Data](dir.Unknown)
	}
	resolved, err := r.run("readlink", "-f", dir.Value.Path)
	if err != nil {
		return because[Data](err)
	}
	d := Data{Dir: strings.TrimSpace(resolved), Size: -1}
	if why := oddDir(d.Dir); why != "" {
		return unknown[Data](why)
	}
	if d.Owner, err = r.owner(d.Dir); err != nil {
		return because[Data](err)
	}
	text, err := r.run("df", "-Pk", d.Parent())
	if err != nil {
		return because[Data](err)
	}
	if d.Beside, err = ParseDF(text); err != nil {
		return because[Data](err)
	}
	if d.Outside, err = r.outside(d.Dir); err != nil {
		return because[Data](err)
	}
	if size, err := r.size(d.Dir); err == nil {
		d.Size = size
	}
	return known(d)
}

// owner is the user, the group and the mode of a path.
func (r *reader) owner(at string) (string, error) {
	text, err := r.run("stat", "-c", "%U:%G %a", at)
	return strings.TrimSpace(text), err
}

// outside lists symbolic links, and the link files of tablespaces elsewhere.
func (r *reader) outside(dir string) ([]string, error) {
	text, err := r.run("find", dir, "(", "-type", "l", "-o", "-name", "*.isl", ")")
	return strings.FieldsFunc(text, func(r rune) bool { return r == '\n' }), err
}

// size is what the files of a directory take, in bytes.
func (r *reader) size(dir string) (int64, error) {
	text, err := r.run("du", "-sk", dir)
	if err != nil {
		return 0, err
	}
	count, _, _ := strings.Cut(text, "\t")
	kib, err := strconv.ParseInt(strings.TrimSpace(count), 10, 64)
	return kib << 10, err
}

// dirForm are the paths that become arguments of commands which change something.
var dirForm = regexp.MustCompile(`^(/[A-Za-z0-9_+@][A-Za-z0-9._+@-]*){2,}$`)

// systemDirs are never a data directory, whatever an option says.
var systemDirs = []string{
	"/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib64", "/media", "/mnt", "/opt", "/proc", "/root", "/run", "/sbin", "/srv", "/sys", "/tmp",
	"/usr", "/usr/bin", "/usr/lib", "/usr/local", "/usr/sbin", "/usr/share", "/var", "/var/cache", "/var/lib", "/var/log", "/var/run", "/var/spool", "/var/tmp",
}

// oddDir says why nothing is changed in a directory, "" if it may be one with data.
func oddDir(dir string) string {
	switch {
	case !dirForm.MatchString(dir) || path.Clean(dir) != dir:
		return quote(dir) + " is no plain absolute path below a directory of its own: nothing is changed there"
	case slices.Contains(systemDirs, dir):
		return dir + " belongs to the system: nothing is changed there"
	}
	return ""
}
