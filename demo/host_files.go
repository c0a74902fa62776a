package demo

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// missing is how programs say that a file is not there.
func (sh *shell) missing(who, name string) int {
	return sh.fails(exitFailure, who+": "+name+": No such file or directory")
}

// fileAt is a file of the host; some are made when they are read.
func (n *node) fileAt(name string) (file, bool) {
	name = path.Clean(name)
	switch {
	case name == n.errorLog() && !n.arbitrator:
		text := n.errorLogText()
		return file{text: text, size: int64(len(text))}, true
	case strings.HasPrefix(name, "/proc/"):
		return n.procFile(name)
	}
	f, ok := n.disk.files[name]
	return f, ok
}

// procFile is what /proc tells of the processes.
func (n *node) procFile(name string) (file, bool) {
	fields := strings.Split(name, "/")
	if len(fields) != 4 || n.life == lifeStopped || fields[2] != strconv.Itoa(n.pid()) {
		return file{}, false
	}
	switch {
	case fields[3] == "cwd" && !n.arbitrator:
		return file{text: n.dataDir()}, true
	case fields[3] == "cmdline" && n.arbitrator:
		return file{text: "/usr/bin/garbd\x00--address\x00" + clusterAddress(n) + "\x00--group\x00" + clusterName + "\x00--name\x00" + n.name + "\x00"}, true
	case fields[3] == "cmdline":
		return file{text: n.e.face.program + "\x00"}, true
	}
	return file{}, false
}

func runCat(sh *shell, args []string) (int, pending) {
	_, names := split(args)
	for _, name := range names {
		f, ok := sh.node.fileAt(name)
		switch {
		case !ok:
			return sh.missing("cat", name), nil
		case f.dir:
			return sh.fails(exitFailure, "cat: "+name+": Is a directory"), nil
		}
		sh.prints(f.text)
	}
	return 0, nil
}

func runTail(sh *shell, args []string) (int, pending) {
	name := args[max(len(args)-1, 0):]
	if len(name) == 0 {
		return exitUsage, nil
	}
	f, ok := sh.node.fileAt(name[0])
	if !ok {
		return sh.missing("tail: cannot open", name[0]), nil
	}
	return sh.prints(lastLines(f.text, countOf(args))), nil
}

func runLS(sh *shell, args []string) (int, pending) {
	options, names := split(args)
	flags := strings.Join(options, "")
	for _, name := range names {
		f, ok := sh.node.fileAt(name)
		switch {
		case !ok:
			sh.missing("ls: cannot access", "'"+name+"'")
			return exitUsage, nil
		case !f.dir || strings.Contains(flags, "d"):
			sh.prints(name + "\n")
			continue
		}
		for _, entry := range sh.node.entries(path.Clean(name)) {
			if !strings.HasPrefix(entry, ".") || strings.ContainsAny(flags, "aA") {
				sh.prints(entry + "\n")
			}
		}
	}
	return 0, nil
}

// entries are the names in a directory.
func (n *node) entries(dir string) []string {
	var out []string
	for name := range n.disk.files {
		if path.Dir(name) == dir && name != "/" {
			out = append(out, path.Base(name))
		}
	}
	if dir == path.Dir(n.errorLog()) && !n.arbitrator {
		out = append(out, path.Base(n.errorLog()))
	}
	slices.Sort(out)
	return out
}

// under are the files at and below a name.
func (n *node) under(name string) []string {
	var out []string
	for f := range n.disk.files {
		if f == name || strings.HasPrefix(f, name+"/") {
			out = append(out, f)
		}
	}
	slices.Sort(out)
	return out
}

func runDF(sh *shell, args []string) (int, pending) {
	options, _ := split(args)
	unit, header := int64(1<<10), "1024-blocks"
	if slices.ContainsFunc(options, func(o string) bool { return o == "-B1" || o == "--block-size=1" || strings.HasSuffix(o, "PB1") }) {
		unit, header = 1, "1-blocks"
	}
	used := sh.node.used()
	return sh.prints(fmt.Sprintf("Filesystem     %s Used Available Capacity Mounted on\n/dev/nvme1n1 %d %d %d %d%% /var\n",
		header, diskSize/unit, used/unit, max(diskSize-used, 0)/unit, used*100/diskSize)), nil
}

func runDU(sh *shell, args []string) (int, pending) {
	options, names := split(args)
	unit := int64(1 << 10)
	if slices.ContainsFunc(options, func(o string) bool { return strings.Contains(o, "b") }) {
		unit = 1
	}
	for _, name := range names {
		if _, ok := sh.node.fileAt(name); !ok {
			return sh.missing("du: cannot access", "'"+name+"'"), nil
		}
		sh.prints(fmt.Sprintf("%d\t%s\n", sh.node.size(path.Clean(name))/unit, name))
	}
	return 0, nil
}

func (n *node) size(name string) (sum int64) {
	for _, f := range n.under(name) {
		sum += n.disk.files[f].size
	}
	return sum
}

// dropFile removes a file; with the tables' file go the rows, of a server that is
// stopped. One that runs keeps what it has open.
func (n *node) dropFile(name string) {
	delete(n.disk.files, name)
	if name == n.inData(tablesFile) && n.life == lifeStopped {
		n.forget()
	}
	if (name == n.inData(sstMark) || name == n.inData(tablesFile)) && n.life == lifeStopped {
		n.disk.broken = false
	}
}

func runRM(sh *shell, args []string) (int, pending) {
	options, names := split(args)
	flags := strings.Join(options, "")
	for _, name := range names {
		f, ok := sh.node.fileAt(name)
		switch {
		case !ok && strings.Contains(flags, "f"):
		case !ok:
			return sh.missing("rm: cannot remove", "'"+name+"'"), nil
		case f.dir && !strings.ContainsAny(flags, "rR"):
			return sh.fails(exitFailure, "rm: cannot remove '"+name+"': Is a directory"), nil
		default:
			for _, each := range sh.node.under(path.Clean(name)) {
				sh.node.dropFile(each)
			}
		}
	}
	return 0, nil
}

// copyRate is how much of the data a copy moves in a second.
const copyRate = 4 << 30

// target is where a source ends up: in a directory under its own name.
func (n *node) target(from, to string, into bool) string {
	if f, ok := n.fileAt(to); ok && f.dir && into {
		return path.Join(to, path.Base(from))
	}
	return path.Clean(to)
}

func runCP(sh *shell, args []string) (int, pending) {
	n := sh.node
	options, names := split(args)
	if len(names) != 2 {
		return sh.fails(exitUsage, "cp: the simulated host copies one thing at a time"), nil
	}
	from := path.Clean(names[0])
	f, ok := n.fileAt(from)
	flags := strings.Join(options, " ")
	switch {
	case !ok:
		return sh.missing("cp: cannot stat", "'"+names[0]+"'"), nil
	case f.dir && !strings.ContainsAny(flags, "rRa"):
		return sh.fails(exitFailure, "cp: -r not specified; omitting directory '"+names[0]+"'"), nil
	}
	to := n.target(from, names[1], !strings.Contains(flags, "T"))
	if _, ok := n.fileAt(path.Dir(to)); !ok {
		return sh.missing("cp: cannot create", "'"+names[1]+"'"), nil
	}
	if to == from || strings.HasPrefix(to, from+"/") {
		return sh.fails(exitFailure, "cp: cannot copy '"+names[0]+"' into itself, '"+to+"'"), nil
	}
	size := n.size(from)
	if n.used()+size > diskSize {
		return sh.fails(exitFailure, "cp: error writing '"+to+"': No space left on device"), nil
	}
	return 0, sh.after(time.Duration(size/(copyRate/1000))*time.Millisecond, func() int {
		n.copyFiles(from, to)
		return 0
	})
}

// copyFiles copies what is at and below a name. A copy of the tables keeps their
// rows; where it takes the place of the tables, they become what it kept.
func (n *node) copyFiles(from, to string) {
	for _, name := range n.under(from) {
		f := n.disk.files[name]
		at := to + strings.TrimPrefix(name, from)
		if name == n.inData(tablesFile) {
			f.kept = n.keep()
		}
		if at == n.inData(tablesFile) && n.life == lifeStopped {
			n.restore(f.kept)
			n.disk.broken, f.kept = false, nil
		}
		n.disk.files[at] = f
	}
}

func runMV(sh *shell, args []string) (int, pending) {
	n := sh.node
	options, names := split(args)
	if len(names) != 2 {
		return sh.fails(exitUsage, "mv: the simulated host moves one thing at a time"), nil
	}
	from := path.Clean(names[0])
	if _, ok := n.fileAt(from); !ok {
		return sh.missing("mv: cannot stat", "'"+names[0]+"'"), nil
	}
	to := n.target(from, names[1], !strings.Contains(strings.Join(options, " "), "T"))
	if _, ok := n.fileAt(path.Dir(to)); !ok {
		return sh.missing("mv: cannot move", "'"+names[0]+"' to '"+to+"'"), nil
	}
	if _, exists := n.fileAt(to); to == from || exists && slices.Contains(options, "-n") {
		return 0, nil
	}
	moved := n.under(from)
	n.copyFiles(from, to)
	for _, name := range moved {
		n.dropFile(name)
	}
	return 0, nil
}

var substitution = regexp.MustCompile(`^s([/|#])(.*)([/|#])(.*)([/|#])g?$`)

// runSed is sed -i with one substitution.
func runSed(sh *shell, args []string) (int, pending) {
	options, words := split(slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == "-e" }))
	if len(words) != 2 || !slices.ContainsFunc(options, func(o string) bool { return strings.HasPrefix(o, "-") && strings.Contains(o, "i") }) {
		return sh.fails(exitUsage, "sed: the simulated host knows only -i with one substitution and one file"), nil
	}
	m := substitution.FindStringSubmatch(words[0])
	if m == nil {
		return sh.fails(exitUsage, "sed: -e expression #1, char 1: unknown command"), nil
	}
	pattern := strings.NewReplacer(`\(`, "(", `\)`, ")", `\+`, "+", `\?`, "?").Replace(m[2])
	re, err := regexp.Compile("(?m)" + pattern)
	if err != nil {
		return sh.fails(exitFailure, "sed: -e expression #1: "+err.Error()), nil
	}
	f, ok := sh.node.fileAt(words[1])
	if !ok {
		return sh.missing("sed: can't read", words[1]), nil
	}
	f.text = re.ReplaceAllString(f.text, strings.NewReplacer(`\1`, "${1}", `\2`, "${2}").Replace(m[4]))
	f.size = int64(len(f.text))
	sh.node.disk.files[path.Clean(words[1])] = f
	return 0, nil
}

func runMkdir(sh *shell, args []string) (int, pending) {
	options, names := split(args)
	for _, name := range names {
		if _, ok := sh.node.fileAt(name); ok && !slices.Contains(options, "-p") {
			return sh.fails(exitFailure, "mkdir: cannot create directory '"+name+"': File exists"), nil
		}
		sh.node.disk.files[path.Clean(name)] = file{dir: true}
	}
	return 0, nil
}

func runTouch(sh *shell, args []string) (int, pending) {
	_, names := split(args)
	for _, name := range names {
		if _, ok := sh.node.fileAt(name); !ok {
			sh.node.disk.files[path.Clean(name)] = file{}
		}
	}
	return 0, nil
}

func runTest(sh *shell, args []string) (int, pending) {
	if len(args) == 0 {
		return exitFailure, nil
	}
	name := args[len(args)-1]
	if name == sh.node.e.face.variable("wsrep_provider").initial(sh.node) && !slices.Contains(args, "-d") {
		return 0, nil // it was installed with the server
	}
	f, ok := sh.node.fileAt(name)
	if !ok || slices.Contains(args, "-d") && !f.dir || slices.Contains(args, "-f") && f.dir {
		return exitFailure, nil
	}
	return 0, nil
}

// runStat prints what a format of %F, %U, %G, %a and %s asks for.
func runStat(sh *shell, args []string) (int, pending) {
	format := "%s"
	if i := slices.Index(args, "-c"); i >= 0 && i+1 < len(args) {
		format = args[i+1]
		args = slices.Delete(slices.Clone(args), i, i+2)
	}
	_, names := split(args)
	for _, name := range names {
		f, ok := sh.node.fileAt(name)
		if !ok {
			return sh.missing("stat: cannot statx", "'"+name+"'"), nil
		}
		owner, mode := "root", "755"
		if at := path.Clean(name); strings.HasPrefix(at, path.Dir(sh.node.dataDir())+"/") {
			owner = "mysql"
		}
		if !f.dir {
			mode = "660"
		}
		sh.prints(strings.NewReplacer("%F", f.kind(), "%U", owner, "%G", owner, "%a", mode, "%s", strconv.FormatInt(f.size, 10)).Replace(format) + "\n")
	}
	return 0, nil
}

func (f *file) kind() string {
	switch {
	case f.dir:
		return "directory"
	case f.size == 0:
		return "regular empty file"
	}
	return "regular file"
}

// runFind finds nothing: the simulated hosts have no links, and their processes are
// listed by ps.
func runFind(sh *shell, args []string) (int, pending) {
	if len(args) > 0 {
		if _, ok := sh.node.fileAt(args[0]); !ok {
			return sh.missing("find:", "'"+args[0]+"'"), nil
		}
	}
	return 0, nil
}

func runReadlink(sh *shell, args []string) (int, pending) {
	options, names := split(args)
	for _, name := range names {
		switch f, ok := sh.node.fileAt(name); {
		case slices.Contains(options, "-f"):
			sh.prints(path.Clean(name) + "\n")
		case ok && strings.HasPrefix(name, "/proc/"):
			sh.prints(f.text + "\n")
		default:
			return exitFailure, nil
		}
	}
	return 0, nil
}

// runOwner is chown and chmod, which change nothing here.
func runOwner(sh *shell, args []string) (int, pending) {
	_, names := split(args)
	for _, name := range names[min(1, len(names)):] {
		if _, ok := sh.node.fileAt(name); !ok {
			return sh.missing("chown: cannot access", "'"+name+"'"), nil
		}
	}
	return 0, nil
}
