package gather

import (
	"context"
	"errors"
	"net"
	"syscall"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/actions/preflight"
	"github.com/galeratop/galeratop/model"
)

// Node says what a start, or a restart, of a node on another host would do, from
// what a console knows of the cluster and what the node's host tells. It changes
// nothing and takes some seconds.
func Node(ctx context.Context, hosts *actions.Hosts, s *model.Snapshot, n *model.Node) *preflight.Verdict {
	name, facts := hosts.Of(n)
	bare, _, err := net.SplitHostPort(n.Address)
	if err != nil {
		bare = n.Address
	}
	o := Options{
		Way: hosts.Way, Host: name, DefaultsFile: facts.DefaultsFile, Names: []string{bare, name}, Dial: dialElsewhere,
		Ask: func(context.Context, []string) (*model.Snapshot, string) { return s, "" },
	}
	for _, other := range s.Nodes {
		if other.ID != n.ID {
			o.Known = append(o.Known, other.Address)
		}
	}
	return preflight.Decide(Collect(ctx, o))
}

// dialElsewhere asks for a node on another host. What refuses this host may listen
// for that one, so that a refusal proves nothing here.
func dialElsewhere(ctx context.Context, address string) error {
	err := dialHere(ctx, address)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return errors.New("it refuses this host; what it would answer the node is not known")
	}
	return err
}
