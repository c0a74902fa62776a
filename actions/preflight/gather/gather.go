// Package gather collects the facts of a preflight: from the node's own host, over
// TCP from the other members' group ports, and over SQL where somebody can log in.
// It changes nothing anywhere.
package gather

import (
	"cmp"
	"context"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/actions/preflight"
	"github.com/galeratop/galeratop/model"
)

// Options say what to look at and how.
type Options struct {
	Way          host.Way
	Host         string // where Way leads; "" is here
	DefaultsFile string // where the server reads its options instead of the usual files
	// Names are host names and addresses under which a node on another host is known;
	// nil for one on this host.
	Names []string
	// Known are addresses of other members for clients, host:port, that are known
	// besides those in wsrep_cluster_address.
	Known     []string
	Recover   bool // start the stopped server's recovery of its position
	Founding  bool
	AcceptSST bool
	Guard     bool
	// Ask asks the members over SQL, beginning with the seeds; the snapshot is nil for
	// the reason that it gives. Nil: nobody is asked.
	Ask func(ctx context.Context, seeds []string) (s *model.Snapshot, unasked string)
	// Read reads the host of another member, by its group address, while nobody there
	// answers; nil where there is no way.
	Read func(ctx context.Context, address string, flavour model.Flavour) *host.State
	// Dial connects to an IP address and port over TCP; nil: from this host.
	Dial func(ctx context.Context, address string) error
}

// Collect gathers all facts.
func Collect(ctx context.Context, o Options) *preflight.Facts {
	f := &preflight.Facts{Founding: o.Founding, AcceptSST: o.AcceptSST, Guard: o.Guard}
	facts := host.Facts{DefaultsFile: o.DefaultsFile}
	if installed, err := host.Installed(ctx, o.Way, o.Host); err != nil {
		f.Options.Unknown = err.Error()
	} else {
		facts.Flavour = installed.Flavour
		f.Options = host.ReadEffective(ctx, o.Way, o.Host, facts)
	}
	// What cannot be read is unknown for the reason that each part gives.
	f.State, _ = host.Look(ctx, o.Way, o.Host, facts)
	values := f.Options.Value.Values
	f.Name = cmp.Or(values["wsrep_node_name"], o.Host, "this node")
	o.dataDir(ctx, f)
	f.Provider = exists(ctx, o, values["wsrep_provider"])

	me := identity{flavour: facts.Flavour, listener: preflight.Listener(values), sqlPort: cmp.Or(values["port"], "3306"), names: o.Names}
	o.peers(ctx, f, &me)
	if o.Recover {
		o.recover(ctx, f, facts)
	}
	return f
}

// dataDir looks at the data directory.
func (o *Options) dataDir(ctx context.Context, f *preflight.Facts) {
	if !f.State.DataDir.Known() {
		f.Empty.Unknown, f.OwnSize.Unknown = f.State.DataDir.Unknown, f.State.DataDir.Unknown
		return
	}
	dir := f.State.DataDir.Value.Path
	entries := host.Entries(ctx, o.Way, o.Host, dir)
	f.Empty.Unknown = entries.Unknown
	f.Empty.Value = entries.Known() && !slices.ContainsFunc(entries.Value, func(name string) bool { return name != "lost+found" })
	f.OwnSize = host.SizeOf(ctx, o.Way, o.Host, dir)
}

// exists looks for a file.
func exists(ctx context.Context, o Options, path string) (p host.Part[bool]) {
	if path == "" || path == "none" {
		p.Unknown = "no provider is set"
		return p
	}
	return host.Exists(ctx, o.Way, o.Host, path)
}

// recover asks the stopped server for its position if grastate.dat lacks it.
func (o *Options) recover(ctx context.Context, f *preflight.Facts, facts host.Facts) {
	g := f.State.Grastate
	if !g.Known() || g.Value == nil || g.Value.Exact() || f.State.Server.Value.Running {
		return
	}
	at, err := host.Recover(ctx, o.Way, o.Host, facts, nil)
	if err != nil {
		f.NotRecovered = err.Error()
		return
	}
	f.Recovered = &at
}

// peers finds out who else belongs to the cluster, and asks them.
func (o *Options) peers(ctx context.Context, f *preflight.Facts, me *identity) {
	values := f.Options.Value.Values
	_, port, _ := net.SplitHostPort(me.listener)
	seeds := o.seeds(ctx, f, me, port)
	switch {
	case o.Ask == nil:
		f.Unasked = "it was not wanted"
	case len(seeds) == 0:
		f.Unasked = "no member is known"
	default:
		f.Snapshot, f.Unasked = o.Ask(ctx, seeds)
	}
	for _, n := range nodesOf(f.Snapshot) {
		if me.serves(ctx, n.Address) || n.Sample != nil && n.Sample.Server.NodeName == values["wsrep_node_name"] && n.Sample.Server.NodeName != "" {
			f.Self = n.ID
			continue
		}
		seeds = append(seeds, n.Address)
	}
	// Where a member listens for the group is not told over SQL.
	for _, seed := range seeds {
		if bare, _, err := net.SplitHostPort(seed); err == nil && !me.serves(ctx, seed) {
			f.Peers = add(f.Peers, preflight.Peer{Address: net.JoinHostPort(bare, port), From: "its address for clients"})
		}
	}
	o.probe(ctx, f.Peers)
	o.positions(ctx, f.Peers, me.flavour)
}

// seeds are where the members answer clients, as far as they are known before
// anybody was asked, and the node itself if it runs. The members that the group's
// address names become peers.
func (o *Options) seeds(ctx context.Context, f *preflight.Facts, me *identity, port string) []string {
	values := f.Options.Value.Values
	address := preflight.ParseGroupAddress(values["wsrep_cluster_address"], port)
	var seeds []string
	for _, member := range address.Members {
		if address.Founds() || me.listens(ctx, member) {
			continue
		}
		f.Peers = add(f.Peers, preflight.Peer{Address: member, From: preflight.FromAddress})
		bare, _, _ := net.SplitHostPort(member)
		seeds = append(seeds, net.JoinHostPort(bare, me.sqlPort))
	}
	for _, known := range o.Known {
		if seed := withPort(known, me.sqlPort); !slices.Contains(seeds, seed) && !me.serves(ctx, seed) {
			seeds = append(seeds, seed)
		}
	}
	if f.State.Server.Known() && f.State.Server.Value.Running {
		seeds = append(seeds, me.client(values))
	}
	return seeds
}

func withPort(address, port string) string {
	if _, _, err := net.SplitHostPort(address); err == nil {
		return address
	}
	return net.JoinHostPort(address, port)
}

// positions reads where the data of members stands that are down.
func (o *Options) positions(ctx context.Context, peers []preflight.Peer, flavour model.Flavour) {
	if o.Read == nil {
		return
	}
	var all sync.WaitGroup
	for i := range peers {
		if peers[i].Answer != preflight.Closed {
			continue
		}
		all.Go(func() {
			if g := o.Read(ctx, peers[i].Address, flavour).Grastate; g.Known() && g.Value != nil {
				peers[i].Position = &g.Value.Position
			}
		})
	}
	all.Wait()
}

func nodesOf(s *model.Snapshot) []*model.Node {
	if s == nil {
		return nil
	}
	return s.Nodes
}

func add(peers []preflight.Peer, p preflight.Peer) []preflight.Peer {
	if slices.ContainsFunc(peers, func(q preflight.Peer) bool { return q.Address == p.Address }) {
		return peers
	}
	return append(peers, p)
}

// probeLimit bounds one connection.
const probeLimit = 3 * time.Second

// probe asks all peers at once.
func (o *Options) probe(ctx context.Context, peers []preflight.Peer) {
	dial := o.Dial
	if dial == nil {
		dial = dialHere
	}
	var all sync.WaitGroup
	for i := range peers {
		all.Go(func() { peers[i].Answer, peers[i].Text = probeOne(ctx, dial, peers[i].Address) })
	}
	all.Wait()
}
