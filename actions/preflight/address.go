package preflight

import (
	"net"
	"slices"
	"strings"
)

// groupPort is where members listen for one another unless told otherwise.
const groupPort = "4567"

// GroupAddress is wsrep_cluster_address: who is to be joined.
type GroupAddress struct {
	Text    string
	Members []string // host:port
	Options string   // what follows the question mark
}

// ParseGroupAddress reads gcomm://host[:port],...[?options]. Members without a port
// get the given one, or 4567.
func ParseGroupAddress(text, port string) GroupAddress {
	text = strings.TrimSpace(strings.Trim(strings.TrimSpace(text), `"'`))
	a := GroupAddress{Text: text}
	list, options, _ := strings.Cut(strings.TrimPrefix(text, scheme), "?")
	a.Options = options
	if port == "" {
		port = groupPort
	}
	for member := range strings.SplitSeq(list, ",") {
		if member = strings.TrimSpace(member); member == "" {
			continue
		}
		a.Members = append(a.Members, withPort(member, port))
	}
	return a
}

const scheme = "gcomm://"

// withPort completes host, host:port, an IPv6 address with or without brackets, and
// tcp://host:port.
func withPort(member, port string) string {
	if _, rest, ok := strings.Cut(member, "://"); ok {
		member = rest
	}
	if host, p, err := net.SplitHostPort(member); err == nil {
		return net.JoinHostPort(host, p)
	}
	return net.JoinHostPort(strings.Trim(member, "[]"), port)
}

// Checked reports whether the address is the one that founds a cluster with Galera's
// look at safe_to_bootstrap: exactly gcomm://.
func (a *GroupAddress) Checked() bool { return a.Text == scheme }

// Founds reports whether a node with this address founds a cluster: it names
// nobody, or nobody but every address at once.
func (a *GroupAddress) Founds() bool {
	return strings.HasPrefix(a.Text, scheme) && !slices.ContainsFunc(a.Members, func(m string) bool {
		host, _, err := net.SplitHostPort(m)
		ip := net.ParseIP(host)
		return err != nil || ip == nil || !ip.IsUnspecified()
	})
}
