package host

import (
	"path"
	"slices"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// Server is the server's process.
type Server struct {
	Running bool     `json:"running"`
	PID     string   `json:"pid,omitempty"`
	Others  []string `json:"others,omitempty"`  // processes of servers on other data
	Scripts []string `json:"scripts,omitempty"` // processes of state transfers, of whichever server
}

// Arbitrator is a garbd process.
type Arbitrator struct {
	PID   string `json:"pid"`
	Group string `json:"group"` // the cluster's name; "" if its arguments do not say
	Name  string `json:"name"`
}

// serverNames are the servers' names in the process table.
var serverNames = []string{"mariadbd", "mysqld", "mysqld-debug"}

const arbitratorName = "garbd"

// processLists print the process table: of procps, of busybox, which always lists
// all, and without either, as in the images of servers. The last one ends badly if
// a process goes meanwhile.
var processLists = [][]string{
	{"ps", "-A", "-o", "pid,stat,comm"},
	{"ps", "-o", "pid,stat,comm"},
	{"find", "/proc", "-maxdepth", "2", "-name", "comm", "-exec", "grep", "-sH", ".", "{}", "+"},
}

// process is a line of the process table.
type process struct{ pid, name string }

// parseProcesses reads the process table without zombies. Without process 1 it is
// not the whole table: the host hides the processes of others.
func parseProcesses(text string) (list []process, whole bool) {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "/proc/"); ok {
			line = strings.Replace(rest, "/comm:", " ? ", 1)
		}
		fields := strings.Fields(line)
		if len(fields) < 3 || strings.Trim(fields[0], "0123456789") != "" {
			continue
		}
		whole = whole || fields[0] == "1"
		if !strings.HasPrefix(fields[1], "Z") {
			list = append(list, process{fields[0], path.Base(fields[2])})
		}
	}
	return list, whole
}

// A server that is just starting or ending cannot be told for a moment.
const (
	looks     = 3
	lookPause = 300 * time.Millisecond
)

// processes looks for the server on the data directory, and for arbitrators.
func (r *reader) processes(dir Part[DataDir]) (s Part[Server], garbds Part[[]Arbitrator]) {
	for i := range looks {
		if s, garbds = r.processesNow(dir); s.Known() || r.gone() != nil || !dir.Known() || i == looks-1 {
			break
		}
		select {
		case <-time.After(lookPause):
		case <-r.ctx.Done():
		}
	}
	return s, garbds
}

func (r *reader) processesNow(dir Part[DataDir]) (Part[Server], Part[[]Arbitrator]) {
	list, err := r.processList()
	if kindOf(err) == Asleep {
		return known(Server{}), known([]Arbitrator(nil))
	}
	if err != nil {
		return because[Server](err), because[[]Arbitrator](err)
	}
	s := Server{}
	var servers []process
	garbds := Part[[]Arbitrator]{}
	for _, p := range list {
		switch {
		case slices.Contains(serverNames, p.name):
			servers = append(servers, p)
		case strings.HasPrefix(p.name, "wsrep_sst_"):
			s.Scripts = append(s.Scripts, p.pid)
		case p.name == arbitratorName:
			garbds.Value = append(garbds.Value, r.arbitrator(p.pid))
		}
	}
	return r.whose(s, servers, dir), garbds
}

func (r *reader) processList() ([]process, error) {
	var text string
	var err error
	var first error
	for _, argv := range processLists {
		text, err = r.run(argv...)
		if kind := kindOf(err); kind != Failed && kind != Missing {
			break
		}
		if first == nil {
			first = err
		}
	}
	switch kind := kindOf(err); {
	case kind == Failed, kind == Missing:
		return nil, first
	case err != nil:
		return nil, err
	}
	list, whole := parseProcesses(text)
	if !whole {
		return nil, &Error{Host: r.host, Kind: Denied, Command: Line(processLists[0]), Text: "the processes of other users are hidden; put sudo -n at the end of host_command"}
	}
	return list, nil
}

// whose tells the node's server from others: a server's working directory is its
// data directory once it has started, and somewhere else for a moment before.
func (r *reader) whose(s Server, servers []process, dir Part[DataDir]) Part[Server] {
	if len(servers) == 0 {
		return known(s)
	}
	if !dir.Known() {
		return unknown[Server]("process " + servers[0].pid + " is a server, perhaps of other data: " + dir.Unknown)
	}
	ours := []string{dir.Value.Path}
	if resolved, err := r.run("readlink", "-f", dir.Value.Path); err == nil {
		ours = append(ours, strings.TrimSpace(resolved))
	}
	for _, p := range servers {
		at, err := r.run("readlink", "/proc/"+p.pid+"/cwd")
		at = strings.TrimSpace(at)
		if err == nil && slices.Contains(ours, at) {
			s.Running, s.PID = true, p.pid
			return known(s)
		}
		if err == nil {
			_, err = r.run("ls", "-d", path.Join(at, "mysql"))
		}
		if err != nil {
			return unknown[Server]("process " + p.pid + " is a server, and on which data it runs cannot be read: " + err.Error())
		}
		s.Others = append(s.Others, p.pid)
	}
	return known(s)
}

// arbitrator reads a garbd's cluster and name from its arguments.
func (r *reader) arbitrator(pid string) Arbitrator {
	a := Arbitrator{PID: pid}
	text, err := r.run("cat", "/proc/"+pid+"/cmdline")
	if err != nil {
		return a
	}
	words := strings.Split(text, "\x00")
	for i, word := range words {
		name, value, attached := strings.Cut(word, "=")
		if !attached && i+1 < len(words) {
			value = words[i+1]
		}
		switch value = model.Printable(value, lineLimit); name {
		case "--group", "-g":
			a.Group = value
		case "--name", "-n":
			a.Name = value
		}
	}
	return a
}
