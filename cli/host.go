package cli

import (
	"fmt"
	"io"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/config"
	"github.com/galeratop/galeratop/model"
)

// wayOf is how commands get to the hosts of a target's nodes.
func wayOf(t *config.Target) host.Way { return host.Way{Prefix: t.HostCommand} }

// ownCommands are the configured commands that start and stop servers.
func ownCommands(t *config.Target) map[host.Operation][]string {
	own := map[host.Operation][]string{}
	for operation, words := range t.Service {
		own[host.Operation(operation)] = words
	}
	return own
}

// hostsOf is how the hosts of a target's nodes are reached.
func hostsOf(t *config.Target) actions.Hosts {
	return actions.Hosts{
		Way: wayOf(t), Name: t.HostOf, Own: ownCommands(t), User: t.ServerUser,
		DefaultsFile: func(string) string { return t.ServerDefaults },
	}
}

// printHostCommands shows what would be run for each node. The flavour and the init
// system are found out on the host; what is not configured is shown as it is for
// the most usual ones.
func printHostCommands(w io.Writer, t *config.Target) {
	way := wayOf(t)
	if !way.Known() {
		return
	}
	service := host.Service{Flavour: model.FlavourMariaDB, Init: host.Systemd, Own: ownCommands(t)}
	addresses := t.Expected
	if len(addresses) == 0 {
		addresses = t.Seeds
	}
	_, _ = fmt.Fprintf(w, "%s: commands on hosts; those that service does not set are for MariaDB with systemd, and others for other servers:\n", t.Cluster)
	for _, address := range addresses {
		name := t.HostOf(address)
		show := func(what string, way host.Way, c host.Command) {
			argv, err := way.Argv(name, c)
			text := host.Line(argv)
			if err != nil {
				text = "error: " + err.Error()
			}
			_, _ = fmt.Fprintf(w, "%s:   %-9s on %s: %s\n", t.Cluster, what, name, model.Printable(text, 2000))
		}
		show("read", way, host.Command{Argv: []string{"cat", "/var/lib/mysql/grastate.dat"}})
		for _, operation := range host.Operations {
			steps, err := service.Steps(operation)
			if err != nil {
				_, _ = fmt.Fprintf(w, "%s:   %-9s on %s: error: %v\n", t.Cluster, operation, name, err)
			}
			for _, step := range steps {
				through, c, err := step.Route(way, name)
				if err != nil {
					through, c = way, step.Command
				}
				show(string(operation), through, c)
			}
		}
	}
}
