package collector

import (
	"cmp"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// add starts to follow the server at an address, unless it is known already.
func (a *assembler) add(address string) *node {
	for _, n := range a.nodes {
		if n.known(address) {
			return n
		}
	}
	n := &node{id: address, address: address, link: model.LinkConnecting, since: time.Now()}
	a.follow(n)
	a.nodes = append(a.nodes, n)
	return n
}

// follow starts the node's two pollers.
func (a *assembler) follow(n *node) {
	n.poller = &poller{
		id: n.id, address: n.address, config: a.c.options.Driver, demand: &a.c.demand,
		wake: make(chan request, 1), results: a.results,
	}
	n.slowly = &slowPoller{
		id: n.id, address: n.address, config: a.c.options.Driver, demand: &a.c.demand,
		wake: make(chan *model.Sample, 1), again: make(chan model.Subject, 1), results: a.slow,
	}
	stopFast, stopSlow := a.spawn(n.poller.run), a.spawn(n.slowly.run)
	n.stop = func() { stopFast(); stopSlow() }
}

// known reports whether the address leads to this node's server, as far as is
// known.
func (n *node) known(address string) bool {
	return address == n.address || slices.Contains(n.aliases, address) ||
		(n.sample != nil && n.sample.Server.Incoming == address)
}

// withPort completes the address of a member that came without a port.
func withPort(address string) string {
	if strings.HasPrefix(address, "/") {
		return address
	}
	if _, _, err := net.SplitHostPort(address); err != nil {
		return net.JoinHostPort(strings.Trim(address, "[]"), "3306")
	}
	return address
}

// discover follows the members that a node names and nobody asked yet.
func (a *assembler) discover(n *node) {
	addresses, _ := n.sample.Status.Members()
	for _, address := range addresses {
		if !a.knows(address) {
			a.add(withPort(address)).ask(time.Now(), a.rows())
		}
	}
}

func (a *assembler) knows(address string) bool {
	complete := withPort(address)
	return slices.ContainsFunc(a.nodes, func(n *node) bool { return n.known(address) || n.known(complete) })
}

// duplicate notices that an address reached a server which another node stands
// for already, and drops the sample. Two names of one server become one node.
// An address that used to reach a different server is a load balancer: its node
// goes on at the server's own address.
func (a *assembler) duplicate(n *node, s *model.Sample) bool {
	moved := n.sample != nil && n.sample.Server.UUID != s.Server.UUID
	if moved {
		n.elsewhere++
	}
	i := slices.IndexFunc(a.nodes, func(o *node) bool {
		return o != n && o.sample != nil && o.sample.Server.UUID == s.Server.UUID
	})
	if i < 0 {
		return false
	}
	other := a.nodes[i]
	if own := n.ownAddress(); moved && own != "" && own != n.address {
		a.rehome(n, withPort(own))
		return true
	}
	if !moved && n.sample == nil {
		n.stop()
		other.aliases = append(other.aliases, n.address)
		other.aliases = append(other.aliases, n.aliases...)
		other.seed, other.expected = other.seed || n.seed, other.expected || n.expected
		a.nodes = slices.DeleteFunc(a.nodes, func(o *node) bool { return o == n })
		return true
	}
	return false
}

// ownAddress is how the group knew the server that the node stands for.
func (n *node) ownAddress() string {
	if n.sample == nil {
		return ""
	}
	return n.sample.Server.Incoming
}

// rehome follows the node's server at another address; the one it had stays on
// as an alias.
func (a *assembler) rehome(n *node, address string) {
	n.stop()
	n.aliases = append(n.aliases, n.address)
	n.address = address
	n.failure = nil
	n.setLink(model.LinkConnecting, time.Now())
	a.follow(n)
	n.ask(time.Now(), a.rows())
}

// snapshot puts the newest of every node together.
func (a *assembler) snapshot(now time.Time) *model.Snapshot {
	a.nameSilent()
	s := &model.Snapshot{Tick: a.tick, At: now, Interval: a.interval, Cluster: a.c.options.Cluster}
	for _, n := range a.nodes {
		s.Nodes = append(s.Nodes, n.view(now))
	}
	slices.SortStableFunc(s.Nodes, func(x, y *model.Node) int {
		return cmp.Or(model.CompareNatural(x.Name, y.Name), cmp.Compare(x.ID, y.ID))
	})
	for _, n := range s.Nodes {
		n.Listed = listed(n, s.Nodes)
		if s.Cluster == "" && n.Sample != nil {
			s.Cluster = n.Sample.Server.ClusterName
		}
	}
	s.Complete()
	a.doctor.Next(s)
	return s
}

// listed reports whether a reachable Primary member's view names the node.
func listed(n *model.Node, nodes []*model.Node) bool {
	for _, o := range nodes {
		if !o.Up() || !o.Sample.Status.InPrimary() {
			continue
		}
		members, _ := o.Sample.Status.Members()
		if slices.ContainsFunc(members, n.Has) {
			return true
		}
	}
	return false
}

// nameSilent gives nodes that never answered the name that the membership table
// of another has for them: a joiner that receives an SST has no port open.
func (a *assembler) nameSilent() {
	for _, n := range a.nodes {
		if n.sample != nil {
			continue
		}
		for _, o := range a.nodes {
			if o.slow.Members == nil {
				continue
			}
			for _, m := range o.slow.Members.Rows {
				if m.Name != "" && m.Address != "" && (n.known(m.Address) || n.known(withPort(m.Address))) {
					n.name = m.Name
				}
			}
		}
	}
}
