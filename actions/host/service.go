package host

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// Operation is what is done to the server as a service.
type Operation string

// The operations. Bootstrap starts the first node of a new Primary Component, and
// Upgrade replaces the program of a stopped server, which only a configured command
// knows how to.
const (
	Start     Operation = "start"
	Stop      Operation = "stop"
	Restart   Operation = "restart"
	Bootstrap Operation = "bootstrap"
	Status    Operation = "status"
	Upgrade   Operation = "upgrade"
)

// Operations are those that every server has, in the order in which people think of them.
var Operations = []Operation{Status, Start, Stop, Restart, Bootstrap}

// limits bound the operations. A start waits for the server to be ready, which can
// take as long as an SST of all data; the service manager has a limit of its own,
// which the server extends while it makes progress. A stop writes the dirty pages.
var limits = map[Operation]time.Duration{
	Start: 6 * time.Hour, Restart: 6 * time.Hour, Bootstrap: 6 * time.Hour, Stop: time.Hour, Upgrade: time.Hour, Status: DefaultLimit,
}

// Init is what starts and stops services on a host.
type Init string

// The init systems.
const (
	Systemd Init = "systemd"
	SysV    Init = "service" // scripts in /etc/init.d
	NoInit  Init = "none"    // a container
)

// units are the names under which the packages of a flavour install the server,
// the usual one first.
var units = map[model.Flavour][]string{
	model.FlavourMariaDB: {"mariadb", "mysql", "mysqld"},
	model.FlavourPXC:     {"mysql", "mysqld"},
	model.FlavourMySQL:   {"mysqld", "mysql"},
}

// firstUnit is the unit of PXC that holds the first node of a cluster. It stays
// the server's unit until that is stopped: to start or restart it is to found the
// cluster again, and to stop the ordinary one does nothing.
const firstUnit = "mysql@bootstrap.service"

// founding are the commands that start the first node, by flavour and init system;
// {unit} is the server's.
var founding = map[model.Flavour]map[Init][]string{
	model.FlavourMariaDB: {Systemd: {"galera_new_cluster"}, SysV: {"service", "{unit}", "bootstrap"}},
	model.FlavourPXC:     {Systemd: {"systemctl", "start", firstUnit}, SysV: {"service", "{unit}", "bootstrap-pxc"}},
	model.FlavourMySQL:   {Systemd: {"mysqld_bootstrap"}, SysV: {"service", "{unit}", "start", "--wsrep-new-cluster"}},
}

// ordinary are the other commands by init system.
var ordinary = map[Init]map[Operation][]string{
	Systemd: {
		Start: {"systemctl", "start", "{unit}"}, Stop: {"systemctl", "stop", "{unit}"},
		Restart: {"systemctl", "restart", "{unit}"}, Status: {"systemctl", "is-active", "{unit}"},
	},
	SysV: {
		Start: {"service", "{unit}", "start"}, Stop: {"service", "{unit}", "stop"},
		Restart: {"service", "{unit}", "restart"}, Status: {"service", "{unit}", "status"},
	},
}

// Service is what starts and stops the server on one host: what was configured,
// and for the rest what fits its flavour and init system.
type Service struct {
	Flavour model.Flavour
	Init    Init
	Unit    string // "" for the usual one of the flavour
	// First: the server runs as PXC's bootstrap unit.
	First bool
	// Own are configured commands, which replace the others. One that names {host}
	// runs on this host, not through the way.
	Own map[Operation][]string
}

// Steps are the commands of an operation, one after the other. Elsewhere is false
// for those that run on this host although the node is on another.
func (s *Service) Steps(op Operation) ([]Step, error) {
	if own := s.Own[op]; len(own) > 0 {
		return []Step{{Command: Command{Argv: own, Limit: limits[op]}, Here: slices.ContainsFunc(own, hasHost)}}, nil
	}
	if op == Restart && (len(s.Own[Stop]) > 0 || len(s.Own[Start]) > 0) {
		return s.stopAndStart()
	}
	words, unit := s.usual(op), s.unit()
	if words == nil || unit == "" {
		return nil, &Error{Kind: NoWay, Text: fmt.Sprintf("how to %s the server is not known%s; set %s under the cluster's service in config.toml", op, s.why(), op)}
	}
	if s.First && s.Init == Systemd {
		switch op {
		case Restart:
			return []Step{step(Stop, "systemctl", "stop", firstUnit), step(Start, "systemctl", "start", unit)}, nil
		case Stop, Status:
			unit = firstUnit
		}
	}
	argv := make([]string, len(words))
	for i, word := range words {
		argv[i] = strings.ReplaceAll(word, "{unit}", unit)
	}
	if op == Bootstrap && s.Flavour == model.FlavourMariaDB && s.Init == Systemd && unit != usualUnit(s.Flavour) {
		argv = append(argv, unit)
	}
	return []Step{step(op, argv...)}, nil
}

// usual are the words of an operation that was not configured; nil where there are
// none.
func (s *Service) usual(op Operation) []string {
	if op == Bootstrap {
		return founding[s.Flavour][s.Init]
	}
	return ordinary[s.Init][op]
}

// stopAndStart is a restart where a stop or a start of its own is configured: the
// usual restart would be of another service.
func (s *Service) stopAndStart() ([]Step, error) {
	stop, err := s.Steps(Stop)
	if err != nil {
		return nil, err
	}
	start, err := s.Steps(Start)
	return append(stop, start...), err
}

// Step is one command of an operation.
type Step struct {
	Command
	Here bool // it names {host} itself and runs on this host
}

func step(op Operation, argv ...string) Step {
	return Step{Command: Command{Argv: argv, Limit: limits[op]}}
}

func hasHost(word string) bool { return strings.Contains(word, hostMark) }

func (s *Service) unit() string { return cmp.Or(s.Unit, usualUnit(s.Flavour)) }

// usualUnit is the name under which most packages install the server, "" for an
// unknown flavour.
func usualUnit(f model.Flavour) string {
	if known := units[f]; known != nil {
		return known[0]
	}
	return ""
}

// why says what keeps a default from being known.
func (s *Service) why() string {
	switch {
	case s.Init == NoInit:
		return " in a container"
	case units[s.Flavour] == nil:
		return " before the server's flavour is"
	case s.Init == "":
		return " before the host's init system is"
	}
	return ""
}

// Route is the way and the words of a step for a host.
func (s *Step) Route(w Way, name string) (Way, Command, error) {
	if !s.Here {
		return w, s.Command, nil
	}
	if why := badName(name); why != "" {
		return Way{}, s.Command, &Error{Host: name, Kind: BadName, Text: why}
	}
	c := s.Command
	c.Argv = slices.Clone(c.Argv)
	for i, word := range c.Argv {
		c.Argv[i] = fill(word, name, c.limit())
	}
	return Way{Prefix: []string{}, Through: w.Through}, c, nil
}
