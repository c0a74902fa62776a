package demo

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// hostPrograms are what can be run on a simulated host; filled by init, since some
// start others.
var hostPrograms map[string]struct {
	flavour model.Flavour // "" for all
	run     program
}

func init() {
	type entry = struct {
		flavour model.Flavour
		run     program
	}
	hostPrograms = map[string]entry{
		"systemctl": {"", runSystemctl}, "galera_new_cluster": {mariadb, runNewCluster},
		"galera_recovery": {mariadb, runGaleraRecovery}, "mariadbd": {mariadb, runServer}, "mysqld": {pxc, runServer},
		"mysql-systemd": {pxc, runMysqlSystemd}, "my_print_defaults": {"", runPrintDefaults},
		"ps": {"", runPS}, "kill": {"", runKill}, "journalctl": {"", runJournal},
		"cat": {"", runCat}, "tail": {"", runTail}, "ls": {"", runLS}, "df": {"", runDF}, "du": {"", runDU},
		"rm": {"", runRM}, "cp": {"", runCP}, "mv": {"", runMV}, "sed": {"", runSed}, "mkdir": {"", runMkdir},
		"touch": {"", runTouch}, "test": {"", runTest}, "stat": {"", runStat}, "find": {"", runFind}, "readlink": {"", runReadlink},
		"true": {"", func(*shell, []string) (int, pending) { return 0, nil }}, "sync": {"", func(*shell, []string) (int, pending) { return 0, nil }},
		"hostname": {"", func(sh *shell, _ []string) (int, pending) { return sh.prints(sh.node.name + "\n"), nil }},
		"chown":    {"", runOwner}, "chmod": {"", runOwner},
	}
}

// defaults are the options as my_print_defaults prints them.
func (n *node) defaults(separator string) string {
	var b strings.Builder
	for _, o := range n.optionList() {
		name := o[0]
		if separator == "\n" {
			name = strings.ReplaceAll(name, "_", "-")
		}
		b.WriteString("--" + name + "=" + o[1] + separator)
	}
	return b.String()
}

func runPrintDefaults(sh *shell, _ []string) (int, pending) {
	if sh.node.arbitrator {
		return 0, nil
	}
	return sh.prints(sh.node.defaults("\n")), nil
}

// runServer is mariadbd or mysqld called by hand: only what ends by itself.
func runServer(sh *shell, args []string) (int, pending) {
	n := sh.node
	switch {
	case n.arbitrator:
		return sh.fails(exitNotFound, "sh: 1: "+n.e.face.program+": not found"), nil
	case slices.Contains(args, "--print-defaults"):
		return sh.prints(n.e.face.program + " would have been started with the following arguments:\n" + n.defaults(" ") + "\n"), nil
	case slices.Contains(args, "--version"):
		return sh.prints(fmt.Sprintf("%s  Ver %s for debian-linux-gnu on x86_64 (%s)\n", n.e.face.program, n.e.face.version, n.e.face.comment)), nil
	case slices.Contains(args, "--help"):
		return sh.prints(n.optionTable()), nil
	case slices.Contains(args, "--validate-config"):
		return 0, nil
	case slices.Contains(args, "--wsrep-recover") || slices.Contains(args, "--wsrep_recover"):
		return sh.recoverPosition(func(line string) string { return line }, &sh.err)
	}
	return sh.fails(exitFailure, n.e.face.program+": the simulated host starts its server through its service only"), nil
}

// optionTable is the end of what the server prints with --help --verbose.
func (n *node) optionTable() string {
	var b strings.Builder
	b.WriteString("Variables (--variable-name=value)\n" + strings.Repeat("-", 50) + " " + strings.Repeat("-", 30) + "\n")
	for _, o := range n.optionList() {
		fmt.Fprintf(&b, "%-50s %s\n", strings.ReplaceAll(o[0], "_", "-"), o[1])
	}
	return b.String() + "\n"
}

func runGaleraRecovery(sh *shell, _ []string) (int, pending) {
	return sh.recoverPosition(startPosition, &sh.out)
}

func runMysqlSystemd(sh *shell, args []string) (int, pending) {
	if !slices.Equal(args, []string{"galera-recovery"}) {
		return sh.fails(exitUsage, "mysql-systemd: unknown argument"), nil
	}
	return sh.recoverPosition(startPosition, &sh.out)
}

// startPosition is the recovered position as an argument of the server.
func startPosition(line string) string {
	_, position, _ := strings.Cut(line, "Recovered position: ")
	return "--wsrep_start_position=" + position
}

// recoverPosition lets the server recover its tables and tell their position. It
// needs them for itself, and whole.
func (sh *shell) recoverPosition(form func(string) string, to interface{ WriteString(string) (int, error) }) (int, pending) {
	n := sh.node
	stamp := func(level, text string) string {
		return n.e.face.logLine(logLine{n.e.clock(), level, text})
	}
	switch {
	case n.life != lifeStopped:
		sh.err.WriteString(stamp("ERROR", "InnoDB: Unable to lock ./ibdata1 error: 11"))
		return sh.fails(exitFailure, strings.TrimSuffix(stamp("ERROR", "Aborting"), "\n")), nil
	case n.disk.broken:
		sh.err.WriteString(stamp("ERROR", "InnoDB: File ./ibdata1: 'open' returned OS error 71"))
		return sh.fails(exitFailure, strings.TrimSuffix(stamp("ERROR", "Aborting"), "\n")), nil
	}
	return 0, sh.after(second, func() int {
		sh.err.WriteString(stamp("Note", "InnoDB: Starting crash recovery from checkpoint LSN"))
		line := "WSREP: Recovered position: " + n.position()
		text := form(line)
		if text == line {
			text = strings.TrimSuffix(stamp("Note", line), "\n")
		}
		_, _ = to.WriteString(text + "\n")
		return 0
	})
}

// process is a line of the process table.
type process struct {
	pid        int
	stat, comm string
}

// processes are what ps shows: a few of any host, the server, and the scripts of
// a state transfer.
func (n *node) processes() []process {
	list := []process{{1, "Ss", "systemd"}, {312, "Ss", "systemd-journal"}, {540, "Ss", "cron"}, {612, "Ss", "sshd"}}
	if n.life == lifeStopped {
		return list
	}
	if n.arbitrator {
		return append(list, process{n.pid(), "Ssl", model.ArbitratorName + "d"})
	}
	stat := "Ssl"
	if n.hung {
		stat = "Tsl"
	}
	_, name, _ := strings.Cut(n.e.face.program, "/usr/sbin/")
	list = append(list, process{n.pid(), stat, name})
	if n.copying() {
		list = append(list, process{n.script(), "S", n.sstScript()[:15]})
	}
	return list
}

// copying reports whether an SST script runs on the node's host.
func (n *node) copying() bool { return n.donating > 0 || n.join != nil && n.join.sst }

// script is the process of the SST script.
func (n *node) script() int { return n.pid() + 11 }

func runPS(sh *shell, _ []string) (int, pending) {
	sh.prints("    PID STAT COMMAND\n")
	for _, p := range sh.node.processes() {
		sh.prints(fmt.Sprintf("%7d %-4s %s\n", p.pid, p.stat, p.comm))
	}
	return 0, nil
}

// runKill ends the server, or the script of a state transfer.
func runKill(sh *shell, args []string) (int, pending) {
	n := sh.node
	options, pids := split(args)
	hard := slices.Contains(options, "-9") || slices.Contains(options, "-KILL")
	for _, text := range pids {
		pid, _ := strconv.Atoi(text)
		switch {
		case n.life != lifeStopped && pid == n.pid() && hard:
			n.crash()
		case n.life == lifeRunning && pid == n.pid():
			n.quitting = true
		case n.life == lifeStarting && pid == n.pid():
			n.quit(false)
		case n.copying() && pid == n.script():
			n.endScript()
		default:
			return sh.fails(exitFailure, "kill: ("+text+") - No such process"), nil
		}
	}
	return 0, nil
}

// endScript ends the script of a state transfer: a donor is free again, and a
// joiner without its copy ends.
func (n *node) endScript() {
	for _, m := range n.e.nodes {
		if m.join != nil && m.join.donor == n && m.join.sst {
			m.lostDonor()
			return
		}
	}
	switch {
	case n.donating > 0:
		n.release()
	case n.join != nil:
		n.fail("WSREP: SST script aborted with error 143 (Terminated)")
		n.failed = true
		n.quit(true)
	}
}

func runJournal(sh *shell, args []string) (int, pending) {
	return sh.prints(lastLines(sh.node.errorLogText(), countOf(args))), nil
}

// countOf is the number behind -n.
func countOf(args []string) int {
	if i := slices.Index(args, "-n"); i >= 0 && i+1 < len(args) {
		if n, err := strconv.Atoi(args[i+1]); err == nil {
			return n
		}
	}
	return 10
}

func lastLines(text string, count int) string {
	lines := strings.SplitAfter(text, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return strings.Join(lines[max(len(lines)-count, 0):], "")
}
