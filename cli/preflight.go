package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/actions/preflight"
	"github.com/galeratop/galeratop/actions/preflight/gather"
	"github.com/galeratop/galeratop/collector"
	"github.com/galeratop/galeratop/config"
	"github.com/galeratop/galeratop/model"
)

// preflightFlags are what preflight is told beside how to log in.
type preflightFlags struct {
	connect      config.Flags
	named        bool // the command line says where or how to connect
	defaultsFile string
	format       string
	recover      bool
	bootstrap    bool
	acceptSST    bool
	guard        bool
}

// preflight says what a start of the node on this host would do.
func (a *app) preflight() *cobra.Command {
	var f preflightFlags
	c := &cobra.Command{
		Use:   "preflight [flags] [HOST[:PORT]... | CLUSTER]",
		Short: "On a database host: say what a start or restart of this node would do; exit 0 only if that is safe",
		Long: "preflight reads what the next start of the server on this host would read, asks the other members, and says\n" +
			"what would happen. It changes nothing. Exit codes:\n\n" + exitCodes() +
			"\nThe members are those in wsrep_cluster_address and those that are named here.",
		Example: "galeratop preflight --defaults-file /etc/mysql/my.cnf\ngaleratop preflight -u monitor --accept-sst db2 db3",
		Args:    cobra.ArbitraryArgs,
	}
	c.RunE = a.command(func(ctx context.Context, args []string) error {
		settleFlags(c.Flags(), &f.connect, args)
		for _, name := range []string{"host", "user", "password", "client-defaults-file", "config", "login-path", "socket"} {
			f.named = f.named || c.Flags().Changed(name)
		}
		f.named = f.named || len(args) > 0
		return a.runPreflight(ctx, &f)
	})
	c.Flags().StringVar(&f.defaultsFile, "defaults-file", "", "the option `file` that the server is started with (default: those that it reads by itself)")
	c.Flags().StringVar(&f.format, "format", "text", "text or json")
	c.Flags().BoolVar(&f.recover, "recover-position", false, "after a crash, let the stopped server recover its position; this replays InnoDB's log")
	c.Flags().BoolVar(&f.bootstrap, "bootstrap", false, "the node is to be started as the first one")
	c.Flags().BoolVar(&f.acceptSST, "accept-sst", false, "a full copy of the data (SST) is acceptable")
	c.Flags().BoolVar(&f.guard, "guard", false, "exit 0 unless the start could split the cluster or lose data: one that fails or waits is let through")
	connectFlagsWith(c.Flags(), &f.connect, "client-defaults-file")
	return c
}

// exitCodes lists them for the help.
func exitCodes() string {
	var b strings.Builder
	for _, code := range preflight.Codes {
		_, _ = fmt.Fprintf(&b, "  %d  %s\n", code.Code, code.Meaning)
	}
	return b.String()
}

var preflightFormats = map[string]func(io.Writer, *preflight.Verdict) error{
	"text": writeVerdict,
	"json": func(w io.Writer, v *preflight.Verdict) error { return json.NewEncoder(w).Encode(v) },
}

func (a *app) runPreflight(ctx context.Context, f *preflightFlags) error {
	write, ok := preflightFormats[f.format]
	if !ok {
		return usage("--format %s: use text or json", f.format)
	}
	o := gather.Options{Way: host.Way{Prefix: []string{}}, Recover: f.recover, Founding: f.bootstrap, AcceptSST: f.acceptSST, Guard: f.guard}
	if f.defaultsFile != "" {
		file, err := filepath.Abs(f.defaultsFile)
		if err != nil {
			return usage("--defaults-file %s: %v", f.defaultsFile, err)
		}
		o.DefaultsFile = file
	}
	t, err := a.target(ctx, f.connect)
	switch {
	case err != nil && f.named:
		return err
	case err != nil:
		// The client reads files that are the server's as well: a mistake in one is what
		// this command is there to tell.
		o.Ask = func(context.Context, []string) (*model.Snapshot, string) { return nil, err.Error() }
	default:
		if f.named && len(f.connect.Args) > 0 {
			o.Known = slices.DeleteFunc(slices.Concat(t.Seeds, t.Expected), filepath.IsAbs)
		}
		o.Ask = askingWith(t)
		o.Read = readingWith(t)
	}
	facts := gather.Collect(ctx, o)
	v := preflight.Decide(facts)
	if t != nil && v.Kind == preflight.JoinSST {
		facts.Size = copySize(ctx, t, facts)
		v = preflight.Decide(facts)
	}
	if err := ctx.Err(); err != nil {
		return noAnswer("interrupted before everybody was asked")
	}
	if err := write(a.out, v); err != nil {
		return err
	}
	if v.Code != preflight.CodeSafe {
		return &exitError{int(v.Code), errSilent}
	}
	return nil
}

// askingWith asks the members over SQL with a target's account.
func askingWith(t *config.Target) func(context.Context, []string) (*model.Snapshot, string) {
	return func(ctx context.Context, seeds []string) (*model.Snapshot, string) {
		t.Seeds, t.Refresh = seeds, 500*time.Millisecond
		col := collectorOf(t)
		col.Demand(model.SubjectVariables | model.SubjectMembers)
		s, stop, err := start(ctx, col, t, true)
		if err != nil {
			return nil, err.Error()
		}
		defer stop()
		// A second look finds the members that the first one named, and gives the rates.
		for s.Tick < 4 && ctx.Err() == nil {
			select {
			case s = <-col.Snapshots():
			case <-ctx.Done():
			}
		}
		return s, ""
	}
}

// readingWith reads the hosts of other members where there is a way to them.
func readingWith(t *config.Target) func(context.Context, string, model.Flavour) *host.State {
	way := wayOf(t)
	if !way.Known() || !way.Names() {
		return nil
	}
	return func(ctx context.Context, address string, flavour model.Flavour) *host.State {
		name, _, _ := net.SplitHostPort(address)
		s, _ := host.Look(ctx, way, t.HostOf(name), host.Facts{Flavour: flavour})
		return s
	}
}

// copySize asks a Synced member how much a full copy brings.
func copySize(ctx context.Context, t *config.Target, f *preflight.Facts) model.Num {
	if f.Snapshot == nil {
		return model.Num{}
	}
	for _, n := range f.Snapshot.Nodes {
		if n.ID == f.Self || !n.Synced() {
			continue
		}
		s, err := collector.Dial(ctx, t.Driver, n.Address, n.Sample.Server.SparePort)
		if err != nil {
			continue
		}
		size, err := s.DataSize(ctx)
		s.Close()
		if err == nil {
			return size
		}
	}
	return model.Num{}
}

// writeVerdict prints a verdict for people.
func writeVerdict(w io.Writer, v *preflight.Verdict) error {
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, "%s (exit code %d)\n%s\n\n", v.Kind, v.Code, v.Text)
	for _, do := range v.Do {
		_, _ = fmt.Fprintln(&b, "do:        "+do)
	}
	for _, what := range v.Unasked {
		_, _ = fmt.Fprintln(&b, "not asked: "+what)
	}
	b.WriteString("\n")
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, e := range v.Evidence {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\n", cmp.Or(e.Node, "the group"), e.Variable, e.Value)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	// What servers and files say is in it: nothing of that may reach the terminal as
	// anything but text.
	var lines []string
	for line := range strings.SplitSeq(strings.TrimRight(b.String(), "\n"), "\n") {
		lines = append(lines, strings.TrimRight(model.Printable(line, 1000), " "))
	}
	_, err := fmt.Fprintln(w, strings.Join(lines, "\n"))
	return errors.Join(err)
}
