package demo

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// disk is what a node's host keeps, besides the rows of its running server.
type disk struct {
	files   map[string]file // by absolute path
	options map[string]string
	log     []logLine
	broken  bool // an SST was interrupted in the middle of copying
}

// file is a file or a directory.
type file struct {
	text string
	dir  bool
	size int64
	// kept are the rows in a copy of the data: of its tables' file.
	kept *kept
}

// kept are the rows of a node at one time.
type kept struct {
	history   string
	committed int64
	rows      lineage
}

const (
	diskSize  = 200 << 30
	dataSize  = 48 << 30
	optionDir = "/etc/mysql"

	grastateFile = "grastate.dat"
	gvwstateFile = "gvwstate.dat"
	tablesFile   = "ibdata1"
	sstMark      = "sst_in_progress"
	sstDir       = ".sst"
)

// dataDir is @@datadir without its last slash.
func (n *node) dataDir() string { return "/var/lib/mysql-" + n.name }

// errorLog is @@log_error.
func (n *node) errorLog() string { return "/var/log/mysql-" + n.name + ".err" }

func (n *node) inData(name string) string { return path.Join(n.dataDir(), name) }

// newDisk is the disk of a host that was set up a while ago.
func newDisk(n *node) *disk {
	d := &disk{files: make(map[string]file), options: make(map[string]string)}
	for _, dir := range []string{"/", "/etc", "/run", "/var", "/var/lib", "/var/log", "/root", "/tmp", optionDir, "/etc/init.d", n.dataDir()} {
		d.files[dir] = file{dir: true}
	}
	return d
}

// fillData puts a server's usual files into the data directory.
func (n *node) fillData() {
	for _, dir := range append([]string{"performance_schema", "sys"}, schemas...) {
		if dir != "information_schema" {
			n.disk.files[n.inData(dir)] = file{dir: true}
		}
	}
	for name, size := range map[string]int64{
		tablesFile: dataSize, "ib_logfile0": 2 << 30, "galera.cache": gcacheBytes, "aria_log_control": 52, "ib_buffer_pool": 910,
	} {
		n.disk.files[n.inData(name)] = file{size: size}
	}
	n.disk.broken = false
}

// emptyData removes everything in the data directory.
func (n *node) emptyData() {
	for name := range n.disk.files {
		if strings.HasPrefix(name, n.dataDir()+"/") {
			delete(n.disk.files, name)
		}
	}
	n.disk.broken = false
	n.forget()
}

// forget is what the loss of the tables does.
func (n *node) forget() { n.history, n.committed, n.rows = "", -1, nil }

// keep is a copy of the node's rows.
func (n *node) keep() *kept {
	return &kept{n.history, n.committed, slices.Clone(n.rows)}
}

func (n *node) restore(k *kept) {
	if k == nil {
		n.forget()
		return
	}
	n.history, n.committed, n.rows = k.history, k.committed, slices.Clone(k.rows)
}

// grastate is the provider's saved state.
type grastate struct {
	uuid  string
	seqno int64
	safe  bool
}

func (n *node) writeGrastate(g grastate) {
	safe := 0
	if g.safe {
		safe = 1
	}
	uuid := g.uuid
	if uuid == "" {
		uuid = nilUUID
	}
	n.write(grastateFile, fmt.Sprintf("# GALERA saved state\nversion: 2.1\nuuid:    %s\nseqno:   %d\nsafe_to_bootstrap: %d\n", uuid, g.seqno, safe))
}

func (n *node) write(name, text string) {
	n.disk.files[n.inData(name)] = file{text: text, size: int64(len(text))}
}

func (n *node) remove(name string) { delete(n.disk.files, n.inData(name)) }

func (n *node) has(name string) bool {
	_, is := n.disk.files[n.inData(name)]
	return is
}

// readGrastate is the file as the provider reads it: without one, the state is
// undefined and it is safe to bootstrap.
func (n *node) readGrastate() grastate {
	g := grastate{seqno: -1, safe: true}
	for line := range strings.Lines(n.disk.files[n.inData(grastateFile)].text) {
		key, value, _ := strings.Cut(line, ":")
		switch value = strings.TrimSpace(value); key {
		case "uuid":
			if value != nilUUID {
				g.uuid = value
			}
		case "seqno":
			if seqno, err := strconv.ParseInt(value, 10, 64); err == nil {
				g.seqno = seqno
			}
		case "safe_to_bootstrap":
			g.safe = value != "0"
		}
	}
	return g
}

// saveView writes what a Primary view leaves on the disk of a member: the members,
// for pc.recovery, and whether it is alone.
func (n *node) saveView(v *view) {
	if n.arbitrator {
		return
	}
	alone := len(v.members) == 1
	if n.state == model.StateJoining {
		g := n.readGrastate()
		g.safe, g.seqno = false, -1
		n.writeGrastate(g)
	} else {
		n.writeGrastate(grastate{n.history, -1, alone})
	}
	var b strings.Builder
	b.WriteString("my_uuid: " + n.uuid + "\n#vwbeg\nview_id: 3 " + v.members[0].uuid + " " + strconv.FormatInt(v.conf, 10) + "\nbootstrap: 0\n")
	for _, m := range v.members {
		b.WriteString("member: " + m.uuid + " 0\n")
	}
	b.WriteString("#vwend\n")
	n.write(gvwstateFile, b.String())
}

// savedView is the last Primary view as gvwstate.dat has it; nil without one.
func (n *node) savedView() (conf int64, last []vote) {
	for line := range strings.Lines(n.disk.files[n.inData(gvwstateFile)].text) {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 4 && fields[0] == "view_id:":
			conf, _ = strconv.ParseInt(fields[3], 10, 64)
		case len(fields) == 3 && fields[0] == "member:":
			if m := n.e.known[fields[1]]; m != nil {
				last = append(last, vote{m, m.weight})
			}
		}
	}
	return conf, last
}

// leaveOnDisk writes what the end of a process leaves. A graceful one knows its
// position and takes the view's file with it.
func (n *node) leaveOnDisk(graceful bool) {
	if n.arbitrator {
		return
	}
	g := n.readGrastate()
	g.seqno = -1
	if graceful && g.uuid != "" && g.uuid == n.history && !n.blank {
		g.seqno = n.committed
	}
	n.writeGrastate(g)
	n.remove(gvwstateFile)
}

// optionList is what my_print_defaults prints: the settings that come from the
// option file, and those that only a server's process has.
func (n *node) optionList() [][2]string {
	list := [][2]string{
		{"user", "mysql"},
		{"socket", "/run/mysqld/mysqld.sock"},
		{"pid_file", n.e.face.variable("pid_file").initial(n)},
		{"log_error", n.errorLog()},
		{"port", n.e.face.variable("port").initial(n)},
		{"bind_address", "0.0.0.0"},
	}
	for _, name := range slices.Sorted(maps.Keys(fileVariables)) {
		if v := n.e.face.variable(name); v != nil {
			list = append(list, [2]string{name, fileVariables[name](n, v)})
		}
	}
	for i := range list {
		if value, set := n.disk.options[list[i][0]]; set {
			list[i][1] = value
		}
	}
	return list
}

// peers is wsrep_cluster_address as the next start reads it.
func (n *node) peers() string {
	if own, set := n.disk.options["wsrep_cluster_address"]; set {
		return own
	}
	return clusterAddress(n)
}

// used is how much of the disk is taken.
func (n *node) used() int64 {
	var sum int64
	for _, f := range n.disk.files {
		sum += f.size
	}
	if j := n.join; j != nil && j.sst && j.donor != nil {
		sum += int64(float64(dataSize) * min(float64(n.e.now-j.began)/float64(n.e.sst), 1))
	}
	return sum + 9<<30
}

// pid of the server's process; every start has its own.
func (n *node) pid() int { return 1200 + n.index*211 + n.starts*37 }

// bumped is a gcomm UUID after a restart that restored its view: the provider
// counts its fourth group up.
func bumped(uuid string) string {
	groups := strings.Split(uuid, "-")
	number, err := strconv.ParseUint(groups[3], 16, 16)
	if err != nil {
		return uuid
	}
	groups[3] = fmt.Sprintf("%04x", (number+1)&0xffff)
	return strings.Join(groups, "-")
}

const waitPrimary = 30 * time.Second // pc.wait_prim_timeout
