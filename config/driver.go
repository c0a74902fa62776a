package config

import (
	"context"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// maxPacket bounds what the driver sends. Being set, it saves the query for the server's max_allowed_packet on connect.
const maxPacket = 16 << 20

// Driver returns the driver's configuration for one address: a seed, or an address that a server announced, which is
// mapped by AddressMap first. Timeouts are left to the caller. Certificates are verified for the host that was asked for,
// not for the end of a tunnel that it is mapped to.
func (t *Target) Driver(addr string) (*mysql.Config, error) {
	asked, err := parseAddress(addr)
	if err != nil {
		return nil, &Error{What: err.Error()}
	}
	dial := asked.join(t.port)
	if mapped, ok := t.AddressMap[dial]; ok {
		dial = mapped
	}
	c := mysql.NewConfig()
	c.Net, c.Addr = "tcp", dial
	if strings.HasPrefix(dial, "/") {
		c.Net = "unix"
	}
	c.User, c.Passwd = t.User, t.password()
	c.MaxAllowedPacket = maxPacket
	c.InterpolateParams = true
	c.AllowCleartextPasswords = t.cleartext
	c.ConnectionAttributes = "program_name:galeratop"
	c.Logger = &mysql.NopLogger{} // its default writes to the terminal that the console draws on
	return c, t.encrypt(c, asked)
}

// encrypt sets TLS up. PREFERRED leaves sockets plain, as the clients do.
func (t *Target) encrypt(c *mysql.Config, asked address) error {
	if t.SSLMode == SSLPreferred && c.Net == "unix" {
		return nil
	}
	host := asked.host
	if host == "" {
		host = "localhost"
	}
	c.TLS = t.tls.config(host)
	if t.SSLMode != SSLPreferred {
		return nil
	}
	c.AllowFallbackToPlaintext = true
	// The driver falls back by clearing TLS in the configuration that all connections share. A hook before the connection
	// makes it work on a copy: no data race, and the next connection tries TLS again.
	return c.Apply(mysql.BeforeConnect(func(context.Context, *mysql.Config) error { return nil }))
}
