package collector

import (
	"net"
	"strconv"
)

// port is a server's reserved way in for when all its connections are taken:
// MariaDB's extra_port, MySQL's admin_port. It is known from an earlier
// connection, and tried only after the ordinary port was full.
type port struct {
	number int64
	use    bool
}

// of is the address to dial.
func (p *port) of(address string) string {
	host, _, err := net.SplitHostPort(address)
	if !p.use || p.number <= 0 || err != nil {
		return address
	}
	return net.JoinHostPort(host, strconv.FormatInt(p.number, 10))
}
