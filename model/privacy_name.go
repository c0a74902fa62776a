package model

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"net/netip"
	"strings"
)

// knownUsers are accounts and threads that every server has: their names tell
// nothing about who uses it.
var knownUsers = map[string]bool{
	"": true, SystemUser: true, "event_scheduler": true, "unauthenticated user": true, "root": true,
	"mysql": true, "mariadb.sys": true, "mysql.sys": true, "mysql.session": true, "mysql.infoschema": true,
	"mysql.pxc.internal.session": true, "mysql.pxc.sst.user": true, "mysql.pxc.sst.role": true,
}

// knownHosts are places that every server has: on the node itself.
var knownHosts = map[string]bool{"": true, "localhost": true, "127.0.0.1": true, "::1": true, "%": true}

// User is the pseudonym of an account: user-4k7p2x. Accounts that every server
// has keep their names, and a pseudonym stays as it is.
func (r *Redactor) User(name string) string {
	if knownUsers[name] || r.issued[name] {
		return name
	}
	p, ok := r.users[name]
	if !ok {
		p = r.pseudonym("user", name)
		r.users[name], r.issued[p] = p, true
		if strings.ContainsAny(name, between) {
			r.odd = append(r.odd, name)
		}
	}
	return p
}

// Host is the pseudonym of the place that a client comes from, without its port:
// host-9d3m5w. Clients on the node itself stay "localhost" or as they are. A
// client on the host of another node gets a pseudonym like all others.
func (r *Redactor) Host(address string) string {
	host := withoutPort(address)
	if knownHosts[host] || r.issued[host] {
		return host
	}
	p, ok := r.hosts[host]
	if !ok {
		p = r.pseudonym("host", host)
		r.hosts[host], r.issued[p] = p, true
	}
	return p
}

// withoutPort is the host of an address; an IPv6 address is in brackets when it
// has a port; process lists do without them.
func withoutPort(address string) string {
	if strings.Count(address, ":") == 1 {
		host, _, _ := strings.Cut(address, ":")
		return host
	}
	last := strings.LastIndexByte(address, ':')
	if last <= 0 || strings.Trim(address[last+1:], "0123456789") != "" {
		return address
	}
	host := address[:last]
	if strings.Contains(host, ":") && !strings.HasPrefix(host, "[") {
		if _, err := netip.ParseAddr(host); err != nil {
			return address // an IPv6 address without a port
		}
	}
	return strings.Trim(host, "[]")
}

// letters make pseudonyms: none that are mistaken for one another, and no vowels,
// so that no words come out. There are 28 of them.
const letters = "23456789bcdfghjkmnpqrstvwxyz"

// pseudonymLength letters give 481 million pseudonyms: among 1,000 hosts two are
// the same with a likelihood of one in a thousand.
const pseudonymLength = 6

// pseudonym names something by a keyed hash (HMAC-SHA-256), so that it has the
// same pseudonym on every console and in every recording of the cluster, and
// another one in another cluster. "" stays "". Whoever knows the cluster's name
// can test a guess: pseudonyms keep names off the screen, they are no cipher.
func (r *Redactor) pseudonym(kind, name string) string {
	if name == "" {
		return ""
	}
	h := hmac.New(sha256.New, []byte("galeratop "+kind+" "+r.key))
	h.Write([]byte(name))
	n := binary.BigEndian.Uint64(h.Sum(nil))
	out := make([]byte, 0, len(kind)+1+pseudonymLength)
	out = append(append(out, kind...), '-')
	for range pseudonymLength {
		out = append(out, letters[n%uint64(len(letters))])
		n /= uint64(len(letters))
	}
	return string(out)
}
