package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/spf13/cobra"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/collector"
	"github.com/galeratop/galeratop/config"
	"github.com/galeratop/galeratop/demo"
	"github.com/galeratop/galeratop/model"
)

// demoFlags are what the simulated cluster can be told.
type demoFlags struct {
	scenario, flavour string
	nodes, threads    int
	list, serve       bool
}

// demo is the console on a simulated cluster inside this process.
func (a *app) demo() *cobra.Command {
	var f config.Flags
	d := demoFlags{scenario: "calm", flavour: "mariadb", nodes: 3}
	c := &cobra.Command{
		Use:   "demo",
		Short: "Show the console on a simulated cluster; needs nothing installed",
		Args:  cobra.NoArgs,
	}
	c.RunE = a.command(func(ctx context.Context, _ []string) error { return a.runDemo(ctx, d, f) })
	fs := c.Flags()
	fs.SortFlags = false
	fs.StringVar(&d.scenario, "scenario", d.scenario, "what happens; see --list")
	fs.BoolVar(&d.list, "list", false, "list the scenarios")
	fs.IntVar(&d.nodes, "nodes", d.nodes, "number of nodes, 1 to 100")
	fs.IntVar(&d.threads, "threads", 0, "client threads a node (default 40)")
	fs.StringVar(&d.flavour, "flavour", d.flavour, "mariadb or pxc")
	fs.BoolVar(&d.serve, "serve", false, "only serve the simulated cluster and print how to connect")
	screenFlags(fs, &f)
	return c
}

func (a *app) runDemo(ctx context.Context, d demoFlags, f config.Flags) error {
	if d.list {
		return a.listScenarios()
	}
	if err := d.valid(); err != nil {
		return err
	}
	if !d.serve {
		if err := a.needTerminal(); err != nil {
			return err
		}
	}
	look, err := config.Resolve(ctx, demoLook(f), config.OSEnv())
	if err != nil {
		return err
	}
	sim, err := demo.Start(ctx, demo.Options{
		Nodes: d.nodes, Scenario: d.scenario, Flavour: model.Flavour(d.flavour), Threads: d.threads,
	})
	if err != nil {
		return err
	}
	defer func() { _ = sim.Close() }()
	if d.serve {
		return a.serveDemo(ctx, sim)
	}
	return a.watchDemo(ctx, d, sim, look)
}

// listScenarios prints every scenario, and under those that wait to be recovered
// what there is to do.
func (a *app) listScenarios() error {
	for _, s := range demo.Scenarios() {
		text := fmt.Sprintf("%-24s %s\n", s.Name, s.About)
		if s.Practise != "" {
			text += fmt.Sprintf("%-24s   practise: %s\n", "", s.Practise)
		}
		if _, err := io.WriteString(a.out, text); err != nil {
			return err
		}
	}
	return nil
}

// demoHosts are the simulated hosts, which no process is ever run for.
func demoHosts(sim *demo.Cluster) actions.Hosts {
	return actions.Hosts{Way: host.Way{Prefix: []string{"ssh", "{host}"}, Through: sim.RunOnHost}, Name: sim.HostOf}
}

// demoLook keeps of the flags what has nothing to do with a real cluster.
func demoLook(f config.Flags) config.Flags {
	f.NoDefaults, f.Host, f.Port = true, "127.0.0.1", config.DefaultPort
	return f
}

func (d *demoFlags) valid() error {
	names := make([]string, 0, 8)
	for _, s := range demo.Scenarios() {
		names = append(names, s.Name)
	}
	switch {
	case !slices.Contains(names, d.scenario):
		return usage("--scenario %s: use %s", d.scenario, strings.Join(names, ", "))
	case d.nodes < 1 || d.nodes > 100:
		return usage("--nodes %d: use 1 to 100", d.nodes)
	case d.threads < 0 || d.threads > 10000:
		return usage("--threads %d: use 1 to 10000", d.threads)
	case d.flavour != string(model.FlavourMariaDB) && d.flavour != string(model.FlavourPXC):
		return usage("--flavour %s: use mariadb or pxc", d.flavour)
	}
	return nil
}

func (a *app) watchDemo(ctx context.Context, d demoFlags, sim *demo.Cluster, look *config.Target) error {
	driver := func(address string) (*mysql.Config, error) {
		cfg := mysql.NewConfig()
		cfg.Net, cfg.Addr, cfg.User, cfg.Passwd = "tcp", address, sim.User(), sim.Password()
		cfg.MaxAllowedPacket = 1 << 24
		cfg.Logger = &mysql.NopLogger{} // its default writes to the terminal that the console draws on
		return cfg, nil
	}
	c := collector.New(collector.Options{Seeds: sim.Addresses()[:1], Interval: look.Refresh, Driver: driver})
	first, stop, err := start(ctx, c, look, true)
	if err != nil {
		return err
	}
	defer stop()
	return a.console(ctx, c, screen{
		cluster: first.Cluster, interval: look.Refresh, theme: look.Theme, noColor: look.NoColor, ascii: look.ASCII,
		readOnly: look.ReadOnly, privacy: look.Privacy, demo: d.scenario, inspector: collector.NewInspector(driver), driver: driver,
		hosts: demoHosts(sim),
	})
}

func (a *app) serveDemo(ctx context.Context, sim *demo.Cluster) error {
	_, err := fmt.Fprintf(a.out, "MYSQL_PWD=%s galeratop -u %s %s\n", sim.Password(), sim.User(), sim.Addresses()[0])
	if err != nil {
		return err
	}
	const longest = 24 * time.Hour
	select {
	case <-ctx.Done():
	case <-time.After(longest):
	}
	return nil
}
