package demo

import (
	"bufio"
	"net"
	"sync/atomic"
)

// wire is a server's end of a connection. What is written goes out when the
// server turns to reading, so that an answer costs one system call, not one a
// row. While the node hangs nothing moves.
type wire struct {
	net.Conn
	out  *bufio.Writer
	gate *gate
	shut atomic.Bool
}

func newWire(c net.Conn, g *gate) *wire {
	return &wire{Conn: c, out: bufio.NewWriterSize(c, 16<<10), gate: g}
}

// Write keeps the bytes; only the connection's own goroutine may call it.
func (w *wire) Write(b []byte) (int, error) { return w.out.Write(b) }

func (w *wire) Read(b []byte) (int, error) {
	w.gate.wait()
	if err := w.out.Flush(); err != nil {
		return 0, err
	}
	n, err := w.Conn.Read(b)
	w.gate.wait()
	return n, err
}

// Close sends what is left, then closes; the connection's own goroutine calls
// it.
func (w *wire) Close() error {
	w.gate.wait()
	_ = w.out.Flush()
	return w.cut(false)
}

// cut closes from any goroutine, at once; with a reset the client sees a
// connection that broke instead of one that ended.
func (w *wire) cut(reset bool) error {
	if w.shut.Swap(true) {
		return nil
	}
	if tcp, ok := w.Conn.(*net.TCPConn); ok && reset {
		_ = tcp.SetLinger(0)
	}
	return w.Conn.Close()
}

// gate stops the connections of a hung node.
type gate struct{ open atomic.Pointer[chan struct{}] }

func newGate() *gate {
	g := new(gate)
	open := make(chan struct{})
	close(open)
	g.open.Store(&open)
	return g
}

func (g *gate) wait() { <-*g.open.Load() }

// hold closes or opens the gate; only the cluster calls it, under its lock.
func (g *gate) hold(shut bool) {
	now := *g.open.Load()
	select {
	case <-now:
		if shut {
			fresh := make(chan struct{})
			g.open.Store(&fresh)
		}
	default:
		if !shut {
			close(now)
		}
	}
}
