package actions

import (
	"cmp"
	"context"
	"net"
	"sync"
	"time"

	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/model"
)

// Hosts is how the hosts of a cluster's nodes are reached. The zero value reaches
// none.
type Hosts struct {
	Way host.Way
	// Name is the host of the node at an address; nil: the address without its port.
	Name func(address string) string
	// Own are the configured commands, which replace the usual ones.
	Own map[host.Operation][]string
	// DefaultsFile is where the server at an address reads its options instead of
	// the usual files; nil: nowhere else.
	DefaultsFile func(address string) string
	// User is the operating system's user who runs the servers; mysql if "".
	User string
}

// Known reports whether commands can be run on hosts at all.
func (h *Hosts) Known() bool { return h != nil && h.Way.Known() }

// Of is the host of a node, and what its server said of itself when it last
// answered.
func (h *Hosts) Of(n *model.Node) (name string, facts host.Facts) {
	if h.Name != nil {
		name = h.Name(n.Address)
	} else if bare, _, err := net.SplitHostPort(n.Address); err == nil {
		name = bare
	} else {
		name = n.Address
	}
	facts.User = h.User
	if h.DefaultsFile != nil {
		facts.DefaultsFile = h.DefaultsFile(n.Address)
	}
	if n.Sample != nil {
		facts.Flavour = n.Sample.Server.Flavour
	}
	facts.DataDir, _ = model.Setting(n, "datadir")
	facts.LogError, _ = model.Setting(n, "log_error")
	return name, facts
}

// Reading is what a node's host told at one time.
type Reading struct {
	Node string // ID
	At   time.Time
	// State is never nil; all its parts are unknown when Err is set.
	State *host.State
	// Recovered is the position that the stopped server recovered; nil: nobody
	// asked for it, or it cannot be told.
	Recovered *host.Position
	Err       error // why the host could not be asked
	// Flavour is the server's, from the server or from the host; "" if neither tells.
	Flavour model.Flavour
	// Service is what starts and stops the server; as far as it is configured where
	// ServiceErr says why the rest is not known.
	Service    *host.Service
	ServiceErr error
	// Installed is the version that the next start runs, for the reason in
	// InstalledErr not known.
	Installed    host.Version
	InstalledErr error
}

// Position is where the node stands: as recovered, else as its grastate.dat says;
// the seqno is -1 where neither tells.
func (r *Reading) Position() host.Position {
	switch {
	case r.Recovered != nil:
		return *r.Recovered
	case r.State != nil && r.State.Grastate.Known() && r.State.Grastate.Value != nil:
		return r.State.Grastate.Value.Position
	}
	return host.Position{Seqno: -1}
}

// Look reads a node's host. What the server of a node that never answered is, is
// asked there as well.
func (h *Hosts) Look(ctx context.Context, n *model.Node, now func() time.Time) *Reading {
	name, facts := h.Of(n)
	r := &Reading{Node: n.ID}
	r.Installed, r.InstalledErr = host.Installed(ctx, h.Way, name)
	facts.Flavour = cmp.Or(facts.Flavour, r.Installed.Flavour)
	r.Flavour = facts.Flavour
	var both sync.WaitGroup
	both.Go(func() { r.State, r.Err = host.Look(ctx, h.Way, name, facts) })
	both.Go(func() { r.Service, r.ServiceErr = host.Detect(ctx, h.Way, name, facts.Flavour, h.Own) })
	both.Wait()
	r.At = now()
	return r
}

// LookAll reads the hosts of several nodes side by side; the readings are in the
// order of the nodes.
func (h *Hosts) LookAll(ctx context.Context, nodes []*model.Node, now func() time.Time) []*Reading {
	out := make([]*Reading, len(nodes))
	var all sync.WaitGroup
	for i, n := range nodes {
		all.Go(func() { out[i] = h.Look(ctx, n, now) })
	}
	all.Wait()
	return out
}
