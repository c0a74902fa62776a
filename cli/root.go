package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/galeratop/galeratop/collector"
	"github.com/galeratop/galeratop/config"
)

// root is the live console, and holds the other commands.
func (a *app) root() *cobra.Command {
	var f config.Flags
	var wait bool
	root := &cobra.Command{
		Use:   "galeratop [flags] [HOST[:PORT]... | CLUSTER]",
		Short: "The live console for Galera Cluster",
		Long: "galeratop shows a whole Galera cluster live: point it at one node and it finds the others.\n" +
			"It reads the option files of the mysql client, and clusters by name from its own configuration file.",
		Example: "galeratop -u monitor -p db1.shop\n" +
			"galeratop shop-prod\n" +
			"galeratop demo",
		Args: cobra.ArbitraryArgs,
	}
	root.RunE = a.command(func(ctx context.Context, args []string) error {
		settleFlags(root.Flags(), &f, args)
		return a.live(ctx, f, wait)
	})
	// -h is the mysql client's --host, so help goes without it.
	root.PersistentFlags().BoolP("help", "?", false, "show this help")
	connectFlags(root.Flags(), &f)
	screenFlags(root.Flags(), &f)
	root.Flags().BoolVar(&wait, "wait", false, "start the console even if no server answers yet")
	root.AddCommand(a.demo(), a.check(), a.record(), a.preflight(), a.recover(), a.rolling(), a.config())
	return root
}

func (a *app) live(ctx context.Context, f config.Flags, wait bool) error {
	if err := a.needTerminal(); err != nil {
		return err
	}
	t, err := a.target(ctx, f)
	if err != nil {
		return err
	}
	c := collectorOf(t)
	first, stop, err := start(ctx, c, t, wait)
	if err != nil {
		return err
	}
	defer stop()
	return a.console(ctx, c, screen{
		cluster: clusterName(t, first), interval: t.Refresh, theme: t.Theme, noColor: t.NoColor, ascii: t.ASCII,
		readOnly: t.ReadOnly, privacy: t.Privacy, production: t.Production, inspector: collector.NewInspector(t.Driver), driver: t.Driver,
		hosts: hostsOf(t),
	})
}
