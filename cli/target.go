package cli

import (
	"context"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/galeratop/galeratop/collector"
	"github.com/galeratop/galeratop/config"
	"github.com/galeratop/galeratop/model"
)

// target resolves the flags, prints what was ignored, and asks for the password
// if it is to be typed.
func (a *app) target(ctx context.Context, f config.Flags) (*config.Target, error) {
	t, err := config.Resolve(ctx, f, config.OSEnv())
	if err != nil {
		return nil, err
	}
	for _, w := range t.Warnings {
		_, _ = fmt.Fprintln(a.streams.err, "galeratop: warning: "+model.Printable(w, 500))
	}
	if t.NeedsPassword() {
		password, err := a.askPassword()
		if err != nil {
			return nil, err
		}
		t.SetPassword(password)
	}
	return t, nil
}

func (a *app) askPassword() (string, error) {
	in, ok := a.in.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return "", usage("-p asks for a password, but there is no terminal to ask on; use an option file, MYSQL_PWD or --password=...")
	}
	defer silence(int(in.Fd()))()
	_, _ = fmt.Fprint(a.streams.err, "Enter password: ")
	password, err := term.ReadPassword(int(in.Fd()))
	_, _ = fmt.Fprintln(a.streams.err)
	if err != nil {
		return "", usage("no password was read: %v", err)
	}
	return string(password), nil
}

// collectorOf makes the collector for a target.
func collectorOf(t *config.Target) *collector.Collector {
	return collector.New(collector.Options{
		Cluster: t.Cluster, Seeds: t.Seeds, Expected: t.Expected, Interval: t.Refresh, Driver: t.Driver,
	})
}

// start runs the collector until stop is called, and returns once the seeds have
// answered or failed. It is an error if the console would have nothing to show
// for it: see verdictOnStart.
func start(ctx context.Context, c *collector.Collector, t *config.Target, wait bool) (first *model.Snapshot, stop func(), err error) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.Run(ctx)
	}()
	stop = func() {
		cancel()
		<-done
	}
	waiting, enough := context.WithTimeout(ctx, startLimit)
	defer enough()
	first = c.Await(waiting)
	if err := verdictOnStart(first, t, wait); err != nil {
		stop()
		return nil, nil, err
	}
	return first, stop, nil
}

// verdictOnStart decides whether the console is worth starting. A cluster from
// the configuration, or several seeds, may be down altogether: that is when the
// console is needed. A single address that was typed is more likely mistyped.
func verdictOnStart(s *model.Snapshot, t *config.Target, wait bool) error {
	if s == nil {
		return noAnswer("no answer from %s within %v", strings.Join(t.Seeds, ", "), startLimit)
	}
	for _, n := range s.Nodes {
		if n.Up() && isGalera(n.Sample) {
			return nil
		}
	}
	for _, n := range s.Nodes {
		if n.Up() {
			return noAnswer("%s answers, but is no Galera node: %s %s runs without a wsrep provider",
				n.Address, n.Sample.Server.Flavour.Word(), n.Sample.Server.Version)
		}
	}
	if n := refusing(s.Nodes); n != nil {
		return noAnswer("%s%s", n.Failure.Text, hint(t, n))
	}
	if wait || t.Cluster != "" || len(t.Seeds) > 1 {
		return nil
	}
	text := strings.Join(t.Seeds, ", ") + fmt.Sprintf(": no answer within %v", startLimit)
	if f := s.Nodes[0].Failure; f != nil {
		text = f.Text
	}
	return noAnswer("%s (--wait starts the console all the same)", text)
}

// refusing is a node whose failure does not mend itself while the console waits:
// one that refuses the account or the encryption, or, if all are like that, one
// with an unknown name.
func refusing(nodes []*model.Node) *model.Node {
	hopeless := 0
	for _, n := range nodes {
		switch {
		case n.Failure == nil:
		case n.Failure.Kind == model.FailAccess, n.Failure.Kind == model.FailTLS:
			return n
		case n.Failure.Kind == model.FailHost, n.Failure.Kind == model.FailBlocked:
			hopeless++
		}
	}
	if hopeless == len(nodes) && hopeless > 0 {
		return nodes[0]
	}
	return nil
}

// hint asks whether an unknown host was meant to be a configured cluster.
func hint(t *config.Target, n *model.Node) string {
	if n.Failure.Kind != model.FailHost {
		return ""
	}
	name := strings.TrimSuffix(n.Address, ":3306")
	if near := t.NearestCluster(name); near != "" {
		return fmt.Sprintf("; did you mean the cluster %q?", near)
	}
	return ""
}

// isGalera reports whether a server is, or is set up to be, a Galera node; one
// whose provider was switched off is an incident, not a mistake.
func isGalera(s *model.Sample) bool {
	provider := s.Server.Provider
	return s.Status.State() != model.StateUnknown || (provider != "" && provider != "none")
}
