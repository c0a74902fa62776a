package gather

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/actions/preflight"
	"github.com/galeratop/galeratop/collector"
	"github.com/galeratop/galeratop/demo"
	"github.com/galeratop/galeratop/model"
)

// seen is a simulated cluster as a console sees it once everybody has told its
// variables.
func seen(t *testing.T, scenario string) (*model.Snapshot, *actions.Hosts) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	sim, err := demo.Start(ctx, demo.Options{Scenario: scenario})
	if err != nil {
		t.Fatal(err)
	}
	col := collector.New(collector.Options{Seeds: sim.Addresses(), Interval: 200 * time.Millisecond, Driver: func(address string) (*mysql.Config, error) {
		cfg := mysql.NewConfig()
		cfg.User, cfg.Passwd, cfg.Net, cfg.Addr = sim.User(), sim.Password(), "tcp", address
		return cfg, nil
	}})
	col.Demand(model.SubjectVariables | model.SubjectMembers)
	done := make(chan struct{})
	go func() {
		defer close(done)
		col.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		_ = sim.Close()
	})
	hosts := &actions.Hosts{Way: host.Way{Prefix: []string{"ssh", "{host}"}, Through: sim.RunOnHost}, Name: sim.HostOf}
	for s := range col.Snapshots() {
		if len(s.Nodes) == 3 && s.Node(s.Nodes[0].ID).Synced() && told(s) {
			return s, hosts
		}
	}
	t.Fatal("the cluster was never seen whole")
	return nil, nil
}

func told(s *model.Snapshot) bool {
	for _, n := range s.Nodes {
		if n.Up() && n.Sample.Slow.Variables == nil {
			return false
		}
	}
	return true
}

func TestAConsoleSaysWhatAStartOfANodeElsewhereWouldDo(t *testing.T) {
	t.Parallel()
	s, hosts := seen(t, "calm")
	for _, n := range s.Nodes {
		v := Node(t.Context(), hosts, s, n)
		if v.Kind != preflight.JoinIST || v.Code != preflight.CodeSafe {
			t.Errorf("%s: %s: %s", n.Name, v.Kind, v.Text)
		}
		for _, e := range v.Evidence {
			if e.Variable == "over SQL" && e.Node == n.Name {
				t.Errorf("%s counts as another member", n.Name)
			}
		}
	}
}

func TestAnEmptyGcommIsFoundInTheOptionFilesOfANodeElsewhere(t *testing.T) {
	t.Parallel()
	s, hosts := seen(t, "calm")
	through := hosts.Way.Through
	hosts.Way.Through = rendering(through)
	v := Node(t.Context(), hosts, s, s.Nodes[2])
	// A member that leaves while others stay is not safe to bootstrap, and says so.
	if v.Kind != preflight.Refused || v.Code != preflight.CodeDown || !strings.Contains(v.Text, "empty gcomm://") {
		t.Errorf("%s: %s", v.Kind, v.Text)
	}
}

// rendering is a host whose option file configuration management has rendered with
// an empty address.
func rendering(through host.Through) host.Through {
	return func(ctx context.Context, name string, argv []string, stdout, stderr io.Writer) (int, error) {
		var printed bytes.Buffer
		exit, err := through(ctx, name, argv, &printed, stderr)
		for line := range strings.Lines(printed.String()) {
			for _, option := range []string{"--wsrep-cluster-address=", "wsrep-cluster-address "} {
				if strings.HasPrefix(line, option) {
					line = option + "gcomm://\n"
				}
			}
			_, _ = io.WriteString(stdout, line)
		}
		return exit, err
	}
}
