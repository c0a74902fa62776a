package host

import (
	"context"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
)

// here reports whether a host is the one that this runs on: by its name, or by one
// of its addresses.
func here(ctx context.Context, name string) bool {
	if name == "" || name == "localhost" {
		return true
	}
	own, err := os.Hostname()
	if err == nil && (strings.EqualFold(name, own) || strings.EqualFold(name, firstLabel(own)) && !isAddress(name)) {
		return true
	}
	addresses := []string{name}
	if !isAddress(name) {
		if addresses, err = net.DefaultResolver.LookupHost(ctx, name); err != nil {
			return false
		}
	}
	return slices.ContainsFunc(addresses, Ours)
}

func isAddress(name string) bool {
	_, err := netip.ParseAddr(name)
	return err == nil
}

func firstLabel(name string) string {
	label, _, _ := strings.Cut(name, ".")
	return label
}

// Ours reports whether an interface of this host has the address.
func Ours(address string) bool {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	ip = ip.Unmap().WithZone("")
	if ip.IsLoopback() {
		return true
	}
	interfaces, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	for _, i := range interfaces {
		if prefix, err := netip.ParsePrefix(i.String()); err == nil && prefix.Addr().Unmap() == ip {
			return true
		}
	}
	return false
}
