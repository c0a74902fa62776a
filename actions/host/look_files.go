package host

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// leftovers are files of state transfers in the data directory. Beside a server
// that is stopped they are stale: sst_in_progress makes the next transfer fail, or
// the server's start script empty the directory.
var leftovers = []string{"sst_in_progress", "rsync_sst_complete", "rsync_sst.conf", "rsync_sst.pid", "wsrep_sst.pid", "wsrep_sst_binlog.tar", transferDir}

// transferDir is where the tools for backups receive a copy. The next transfer
// removes it by itself.
const transferDir = ".sst"

// files reads what the provider keeps in the data directory. What is there is
// asked with one listing, which tells a missing file from an unreadable one in
// every language that the host may speak.
func (r *reader) files(s *State) {
	names, err := []string(nil), error(nil)
	if s.DataDir.Known() {
		var text string
		text, err = r.run("ls", "-1A", s.DataDir.Value.Path)
		names = strings.Split(text, "\n")
	}
	if why := s.DataDir.Unknown; why != "" || err != nil {
		if err != nil {
			why = err.Error()
		}
		s.Grastate, s.Gvwstate, s.Leftovers = unknown[*Grastate](why), unknown[*Gvwstate](why), unknown[[]string](why)
		return
	}
	s.Grastate = readFile(r, s.DataDir.Value.Path, "grastate.dat", names, ParseGrastate)
	s.Gvwstate = readFile(r, s.DataDir.Value.Path, "gvwstate.dat", names, ParseGvwstate)
	s.Leftovers = known(slices.DeleteFunc(slices.Clone(leftovers), func(name string) bool { return !slices.Contains(names, name) }))
}

// readFile reads and parses a file; nil if it is not there.
func readFile[T any](r *reader, dir, name string, names []string, parse func(string) (T, error)) Part[*T] {
	if !slices.Contains(names, name) {
		return known[*T](nil)
	}
	text, err := r.run("cat", path.Join(dir, name))
	if err != nil {
		return because[*T](err)
	}
	value, err := parse(text)
	if err != nil {
		return because[*T](err)
	}
	return known(&value)
}

// logLines is how much of the error log is read.
const logLines = 80

// log reads the end of the error log, from its file or from the journal.
func (r *reader) log(options Part[Options], dir Part[DataDir]) Part[Log] {
	file := r.facts.LogError
	if file == "" && options.Known() {
		if file = options.Value.Values["log_error"]; file != "" && path.Ext(file) == "" {
			file += ".err" // the server's rule for a name without an extension
		}
	}
	count := strconv.Itoa(logLines)
	var argv []string
	source := "journal of " + usualUnit(r.facts.Flavour)
	switch {
	case file != "" && file != "stderr":
		if !path.IsAbs(file) {
			if !dir.Known() {
				return unknown[Log](dir.Unknown)
			}
			file = path.Join(dir.Value.Path, file)
		}
		if source = cleanPath(file); source == "" {
			return unknown[Log]("the name of the error log is no path")
		}
		argv = []string{"tail", "-n", count, source}
	case usualUnit(r.facts.Flavour) == "":
		return unknown[Log]("which server it is, is not known")
	default:
		argv = []string{"journalctl", "--no-pager", "-o", "short-iso", "-n", count, "-u", usualUnit(r.facts.Flavour)}
	}
	text, err := r.run(argv...)
	if err != nil {
		return because[Log](err)
	}
	l := Log{Source: source}
	for line := range strings.Lines(text) {
		l.Lines = append(l.Lines, model.Printable(strings.TrimRight(line, "\r\n"), lineLimit))
	}
	return known(l)
}

// newClusterFile is where MariaDB's galera_new_cluster leaves the argument of the
// first node for the service unit, and forgets it if it is killed.
const newClusterFile = "mariadb-wsrep-new-cluster"

// founds looks for what makes an ordinary start found a cluster: the option files,
// and what an interrupted galera_new_cluster or mysqld_bootstrap left behind.
func (r *reader) founds(options Part[Options]) Part[string] {
	if options.Known() {
		if why := options.Value.Founds(); why != "" {
			return known(why)
		}
	}
	names, err := r.run("ls", "-1", "/run")
	if err != nil {
		return because[string](err)
	}
	if slices.Contains(strings.Split(names, "\n"), newClusterFile) {
		return known("/run/" + newClusterFile + " is there: galera_new_cluster runs or was interrupted")
	}
	variables, err := r.run("systemctl", "show-environment")
	if k := kindOf(err); err != nil && k != Missing && k != Failed {
		return because[string](err)
	}
	for line := range strings.Lines(variables) {
		if name, value, _ := strings.Cut(line, "="); strings.Contains(strings.ReplaceAll(value, "_", "-"), "wsrep-new-cluster") {
			return known("systemd's environment has wsrep-new-cluster in " + model.Printable(name, lineLimit) + ": a bootstrap script was interrupted")
		}
	}
	if r.facts.Flavour == model.FlavourPXC {
		word, err := r.run("systemctl", "is-enabled", firstUnit)
		if err == nil && strings.TrimSpace(word) == "enabled" {
			return known(firstUnit + " is enabled, and founds a cluster whenever the host starts")
		}
	}
	if !options.Known() {
		return unknown[string](options.Unknown)
	}
	return known("")
}
