package config

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
)

func TestTheDriverIsConfiguredForOneAddress(t *testing.T) {
	w := newWorld(t)
	w.config("[clusters.c]\nseeds = ['db1']\nport = 3310\naddress_map = { 'db1' = 'localhost:13306', '10.0.0.2:3306' = '/tunnel.sock' }\n")
	target := w.resolve(Flags{User: "u", Password: "p"})
	for asked, want := range map[string]string{
		"db1": "tcp localhost:13306", "db1:3310": "tcp localhost:13306", "db1:3306": "tcp db1:3306", "db2": "tcp db2:3310",
		"/s.sock": "unix /s.sock", "10.0.0.2:3306": "unix /tunnel.sock", "fd00::1": "tcp [fd00::1]:3310",
	} {
		c, err := target.Driver(asked)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, asked, c.Net+" "+c.Addr, want)
		equal(t, "user", c.User, "u")
		equal(t, "password", c.Passwd, "p")
		if c.MaxAllowedPacket <= 0 || !c.InterpolateParams || !c.AllowNativePasswords || c.ParseTime || c.AllowOldPasswords {
			t.Errorf("%s: options of the driver: %+v", asked, c)
		}
		if c.Timeout != 0 || c.ReadTimeout != 0 || c.WriteTimeout != 0 {
			t.Errorf("%s: timeouts are the caller's", asked)
		}
	}
	_, err := target.Driver("a:b")
	if _, ok := errors.AsType[*Error](err); !ok {
		t.Errorf("a bad address gave %v", err)
	}
}

func TestEncryptionOfAConnection(t *testing.T) {
	w := newWorld(t)
	w.config("[clusters.c]\nseeds = ['db1']\naddress_map = { 'db1' = 'localhost:13306' }\n")
	config := func(mode, addr string) *mysql.Config {
		t.Helper()
		c, err := w.resolve(Flags{Args: []string{"c"}, SSLMode: mode}).Driver(addr)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	equal(t, "disabled", config(SSLDisabled, "db1").TLS == nil, true)
	equal(t, "preferred may fall back", config(SSLPreferred, "db1").AllowFallbackToPlaintext, true)
	equal(t, "preferred leaves a socket plain", config(SSLPreferred, "/s").TLS == nil, true)
	for _, mode := range []string{SSLRequired, SSLVerifyCA, SSLVerifyIdentity} {
		for _, addr := range []string{"db1", "/s"} {
			c := config(mode, addr)
			equal(t, mode+" falls back", c.AllowFallbackToPlaintext, false)
			equal(t, mode+" encrypts", c.TLS != nil, true)
		}
	}
	c := config(SSLVerifyIdentity, "db1")
	equal(t, "the name checked behind a tunnel", c.TLS.ServerName, "db1")
	equal(t, "TLS versions", c.TLS.MinVersion, uint16(tls.VersionTLS12))
}

// TestPreferredTriesTLSOnEveryConnection meets a server that offers TLS only from the second connection on: the driver
// must not carry the fallback of the first over.
func TestPreferredTriesTLSOnEveryConnection(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // the end of the test
	asked := make(chan bool, 2)
	go greet(l, asked)
	c, err := newWorld(t).resolve(Flags{}).Driver(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c.Timeout = 5 * time.Second
	connector, err := mysql.NewConnector(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []bool{false, true} {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		if _, err := connector.Connect(ctx); err == nil {
			t.Error("connected to a server that refuses")
		}
		cancel()
		select {
		case got := <-asked:
			equal(t, "asked for TLS", got, want)
		case <-time.After(5 * time.Second):
			t.Fatal("the server saw no login")
		}
	}
}

// greet greets as a server that offers TLS from the second connection on, tells whether the client asks for it, and
// hangs up.
func greet(l net.Listener, asked chan<- bool) {
	const sslRequestSize = 32 // the short packet that asks for TLS; a login is longer
	for capabilities := "\x01\x82"; ; capabilities = "\x01\x8a" {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		greeting := "\x0a5.5.5\x00\x01\x00\x00\x0012345678\x00" + capabilities + "\x08\x02\x00\x08\x00\x15" +
			string(make([]byte, 10)) + "901234567890\x00mysql_native_password\x00"
		_, _ = conn.Write(append([]byte{byte(len(greeting)), 0, 0, 0}, greeting...))
		if head, err := bufio.NewReader(conn).Peek(4); err == nil {
			asked <- head[0] == sslRequestSize
		}
		_ = conn.Close()
	}
}
