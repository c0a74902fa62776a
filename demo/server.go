package demo

import (
	"math/rand/v2"
	"net"
	"slices"
	"strings"

	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/server"
)

// host is a node's place on the network. All fields but wires are the
// cluster's, under its lock.
type host struct {
	c        *Cluster
	node     *node
	port     int // 0 until the first time it listened
	listener net.Listener
	wires    map[*wire]bool
	gate     *gate
	crashes  int
}

// accounts lets one user in, by mysql_native_password.
type accounts struct{ user, password string }

// GetCredential knows every user, so that a wrong name is refused as a wrong
// password is.
func (a accounts) GetCredential(user string) (credential server.Credential, found bool, err error) {
	password := a.password
	if user != a.user {
		password = string(mysql.RandomBuf(20))
	}
	return server.Credential{Passwords: []string{password}, AuthPluginName: mysql.AUTH_NATIVE_PASSWORD}, true, nil
}

// OnAuthSuccess lets the client in.
func (a accounts) OnAuthSuccess(*server.Conn) error { return nil }

// OnAuthFailure takes the port out of the message, as servers do.
func (a accounts) OnAuthFailure(_ *server.Conn, err error) {
	if m, ok := err.(*mysql.MyError); ok { //nolint:errorlint // the library never wraps it
		if at := strings.Index(m.Message, "@'127.0.0.1"); at >= 0 {
			if end := strings.IndexByte(m.Message[at+2:], '\''); end >= 0 {
				m.Message = m.Message[:at+2] + "localhost" + m.Message[at+2+end:]
			}
		}
	}
}

// Ports are taken from below what systems use for outgoing connections: a node
// that is down must not lose its port to one, nor may a client that dials it be
// connected to itself.
const firstPort, ports = 20_000, 12_000

func listenOn(port int) (*net.TCPListener, error) {
	if port == 0 {
		port = firstPort + rand.IntN(ports)
	}
	return net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
}

// listen opens the node's port, on its old address if it has one.
func (h *host) listen() error {
	l, err := listenOn(h.port)
	for try := 0; err != nil && h.port == 0 && try < 100; try++ {
		l, err = listenOn(0)
	}
	if err != nil {
		return err
	}
	h.listener, h.port = l, l.Addr().(*net.TCPAddr).Port
	h.c.group.Go(func() { h.accept(l) })
	return nil
}

func (h *host) accept(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		w := newWire(conn, h.gate)
		h.c.mu.Lock()
		if h.listener != l {
			h.c.mu.Unlock()
			_ = w.cut(true)
			continue
		}
		h.wires[w] = true
		h.c.mu.Unlock()
		h.c.group.Go(func() { h.serve(w) })
	}
}

// serve speaks the protocol on one connection until it ends.
func (h *host) serve(w *wire) {
	defer h.forget(w)
	s := h.c.newSession(h.node, w)
	defer func() { _ = recover() }() // a client's broken packet must not end the demo
	conn, err := h.c.protocol.NewCustomizedConn(w, h.c.accounts, s)
	if err != nil || !h.admit(s, conn) {
		return
	}
	for !s.quit && !conn.Closed() {
		if conn.HandleCommand() != nil {
			return
		}
	}
}

// admit puts the session into the node's process list.
func (h *host) admit(s *session, conn *server.Conn) bool {
	h.c.mu.Lock()
	defer h.c.mu.Unlock()
	if !h.wires[s.wire] {
		return false
	}
	conn.SetStatus(mysql.SERVER_STATUS_AUTOCOMMIT)
	s.conn, s.id, s.user = conn, uint64(conn.ConnectionID()), conn.GetUser()
	s.thread.id, s.thread.user, s.thread.host = s.id, s.user, s.wire.RemoteAddr().String()
	s.thread.since = h.node.e.now
	h.node.reals = append(h.node.reals, s.thread)
	h.node.count.connections++
	return true
}

func (h *host) forget(w *wire) {
	_ = w.Close()
	h.c.mu.Lock()
	defer h.c.mu.Unlock()
	delete(h.wires, w)
	h.node.reals = slices.DeleteFunc(h.node.reals, func(t *thread) bool { return t.real.wire == w })
}

// close ends the port and all connections.
func (h *host) close(reset bool) {
	if h.listener != nil {
		_ = h.listener.Close()
		h.listener = nil
	}
	for w := range h.wires {
		_ = w.cut(reset)
	}
	clear(h.wires)
	h.gate.hold(false)
}

// follow brings the network in line with what the engine says of the node.
func (h *host) follow() {
	crashed := h.crashes != h.node.crashes
	h.crashes = h.node.crashes
	switch open := h.node.listening(); {
	case !open || crashed:
		if h.listener != nil {
			h.close(crashed)
		}
	case h.listener == nil:
		// The port may be taken for a moment; the next step tries again.
		_ = h.listen()
	}
	h.gate.hold(h.node.hung && h.node.listening())
}
