package gather

import (
	"cmp"
	"context"
	"net"
	"net/netip"
	"slices"

	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/model"
)

// identity is how the node's own addresses are told from those of others.
type identity struct {
	flavour  model.Flavour
	listener string // host:port where it listens for the group; 0.0.0.0 is everywhere
	sqlPort  string
	// names are host names and addresses under which a node elsewhere is known; nil
	// for one on this host.
	names []string
}

// listens reports whether a member's address is the node's own group address.
func (me *identity) listens(ctx context.Context, member string) bool {
	bare, port, err := net.SplitHostPort(member)
	_, own, _ := net.SplitHostPort(me.listener)
	return err == nil && port == own && me.at(ctx, bare)
}

// serves reports whether an address for clients is the node's own.
func (me *identity) serves(ctx context.Context, address string) bool {
	bare, port, err := net.SplitHostPort(address)
	return err == nil && port == me.sqlPort && me.at(ctx, bare)
}

// at reports whether a host name leads to where the node listens.
func (me *identity) at(ctx context.Context, name string) bool {
	own, _, _ := net.SplitHostPort(me.listener)
	if name == own || slices.Contains(me.names, name) {
		return true
	}
	ips, err := net.DefaultResolver.LookupHost(ctx, name)
	if err != nil {
		return false
	}
	if ip, err := netip.ParseAddr(own); err == nil && !ip.IsUnspecified() {
		return slices.Contains(ips, own)
	}
	if me.names != nil {
		return slices.ContainsFunc(ips, func(ip string) bool { return slices.Contains(me.names, ip) })
	}
	return slices.ContainsFunc(ips, host.Ours)
}

// client is where the node itself answers clients.
func (me *identity) client(values map[string]string) string {
	if bare, port, err := net.SplitHostPort(values["wsrep_node_incoming_address"]); err == nil {
		return net.JoinHostPort(bare, cmp.Or(port, me.sqlPort))
	}
	own, _, _ := net.SplitHostPort(me.listener)
	if ip, err := netip.ParseAddr(own); err != nil || ip.IsUnspecified() {
		own = "127.0.0.1"
	}
	return net.JoinHostPort(own, me.sqlPort)
}
