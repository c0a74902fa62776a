package demo

import (
	"slices"
	"strings"
	"time"
)

// bootUnit is PXC's unit for the first node of a cluster.
const bootUnit = "mysql@bootstrap"

// unitLimit is how long systemd waits for a start, or a stop (TimeoutStartSec).
const unitLimit = 15 * time.Minute

// unitsOf are the names of the server's unit: its own one and its aliases.
func (n *node) unitsOf() []string {
	switch {
	case n.arbitrator:
		return []string{"garb", "garbd"}
	case n.e.face.flavour == pxc:
		return []string{"mysql"}
	}
	return []string{"mariadb", "mysql", "mysqld"}
}

// unitState is what systemctl says of a unit.
func (n *node) unitState(unit string) string {
	if ours := !n.bootUnit; ours != (unit != bootUnit) {
		return "inactive"
	}
	switch {
	case n.life == lifeStopped && n.failed:
		return "failed"
	case n.life == lifeStopped:
		return "inactive"
	case n.quitting:
		return "deactivating"
	case n.life == lifeStarting:
		return "activating"
	}
	return "active"
}

// unit is the own name of a unit, and whether the host has it.
func (n *node) unit(name string) (own string, known bool) {
	name = strings.TrimSuffix(name, ".service")
	if name == bootUnit && n.e.face.flavour == pxc && !n.arbitrator {
		return bootUnit, true
	}
	names := n.unitsOf()
	return names[0], slices.Contains(names, name)
}

func runSystemctl(sh *shell, args []string) (int, pending) {
	options, words := split(args)
	if len(words) == 0 {
		return sh.fails(exitUsage, "systemctl: the simulated host needs a command"), nil
	}
	switch verb, units := words[0], words[1:]; verb {
	case "show-environment":
		return sh.prints("LANG=C.UTF-8\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"), nil
	case "show":
		return sh.showUnits(units), nil
	case "daemon-reload", "reset-failed":
		return 0, nil
	case "is-active", "is-enabled", "start", "stop", "restart", "kill":
		if len(units) != 1 {
			return sh.fails(exitFailure, "Too few arguments."), nil
		}
		return sh.unitVerb(verb, units[0], options)
	default:
		return sh.fails(exitFailure, "Unknown command verb "+verb+"."), nil
	}
}

func (sh *shell) unitVerb(verb, name string, options []string) (int, pending) {
	n := sh.node
	unit, known := n.unit(name)
	switch {
	case verb == "is-active" && !known:
		sh.prints("inactive\n")
		return 4, nil
	case !known:
		return sh.fails(5, "Unit "+strings.TrimSuffix(name, ".service")+".service not found."), nil
	}
	switch verb {
	case "is-active":
		state := n.unitState(unit)
		sh.prints(state + "\n")
		if state != "active" {
			return 3, nil
		}
		return 0, nil
	case "is-enabled":
		sh.prints("disabled\n")
		return exitFailure, nil
	case "start":
		return sh.startUnit(unit, unit == bootUnit, options)
	case "stop":
		return sh.stopUnit(unit, func() (int, pending) { return 0, nil })
	case "restart":
		return sh.stopUnit(unit, func() (int, pending) { return sh.startUnit(unit, unit == bootUnit, options) })
	}
	if n.life != lifeStopped { // kill
		n.crash()
	}
	return 0, nil
}

func (sh *shell) showUnits(units []string) int {
	n := sh.node
	for i, name := range units {
		if i > 0 {
			sh.prints("\n")
		}
		own, known := n.unit(name)
		load, state := "not-found", "inactive"
		if known {
			load, state = "loaded", n.unitState(own)
		} else {
			own = strings.TrimSuffix(name, ".service")
		}
		sh.prints("Id=" + own + ".service\nLoadState=" + load + "\nActiveState=" + state + "\n")
	}
	return 0
}

// startUnit starts the server and waits until it is ready, or has ended. One that
// runs is left alone.
func (sh *shell) startUnit(unit string, first bool, options []string) (int, pending) {
	n := sh.node
	if n.life == lifeStopped {
		if why := n.refusesStart(); why != "" {
			n.failed, n.bootUnit = true, unit == bootUnit
			n.fail("%s", why)
			return sh.jobFailed(unit), nil
		}
		n.start()
		n.first, n.bootUnit = first, unit == bootUnit
	} else if n.bootUnit != (unit == bootUnit) {
		return sh.jobFailed(unit), nil // two servers cannot share their data
	}
	if slices.Contains(options, "--no-block") {
		return 0, nil
	}
	began, process := n.e.now, n.starts
	var wait pending
	wait = func() (int, pending) {
		switch {
		case n.starts != process || n.quitting:
			return sh.fails(exitFailure, "Job for "+unit+".service canceled."), nil
		case n.life == lifeRunning || n.arbitrator && n.life == lifeStarting:
			return 0, nil
		case n.life == lifeStopped:
			return sh.jobFailed(unit), nil
		case n.e.now-began >= unitLimit:
			n.failed = true
			n.quit(true)
			n.failed = true
			return sh.fails(exitFailure, "Job for "+unit+".service failed because a timeout was exceeded."), nil
		}
		return 0, wait
	}
	return 0, wait
}

func (sh *shell) jobFailed(unit string) int {
	return sh.fails(exitFailure, "Job for "+unit+".service failed because the control process exited with error code.\n"+
		"See \"systemctl status "+unit+".service\" and \"journalctl -xeu "+unit+".service\" for details.")
}

// stopUnit stops the server and goes on when it has ended. systemd kills one that
// does not heed it.
func (sh *shell) stopUnit(unit string, then func() (int, pending)) (int, pending) {
	n := sh.node
	if n.life == lifeStopped || n.bootUnit != (unit == bootUnit) {
		if n.bootUnit == (unit == bootUnit) {
			n.failed = false
		}
		return then()
	}
	if n.life == lifeStarting {
		n.quit(false)
		n.failed = false
		return then()
	}
	n.quitting = true
	began := n.e.now
	var wait pending
	wait = func() (int, pending) {
		if n.life == lifeStopped {
			return then()
		}
		if n.e.now-began >= unitLimit {
			n.crash()
			n.failed = true
			return then()
		}
		return 0, wait
	}
	return 0, wait
}

// runNewCluster is galera_new_cluster: it restarts the server, a living one too, to
// found a cluster.
func runNewCluster(sh *shell, args []string) (int, pending) {
	name := "mariadb"
	if len(args) > 0 {
		name = args[0]
	}
	unit, known := sh.node.unit(name)
	if !known || sh.node.arbitrator {
		return sh.fails(5, "Failed to restart "+name+".service: Unit "+name+".service not found."), nil
	}
	return sh.stopUnit(unit, func() (int, pending) { return sh.startUnit(unit, true, nil) })
}

// refusesStart is why the unit's own checks do not let the server start.
func (n *node) refusesStart() string {
	switch {
	case n.arbitrator:
		return ""
	case n.has(sstMark):
		return "wsrep_sst_check: " + n.inData(sstMark) + " is there: a state transfer was interrupted. Remove it once no transfer runs, and start again"
	}
	return ""
}
