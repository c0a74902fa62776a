package collector

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/galeratop/galeratop/internal/lab/cluster"
	"github.com/galeratop/galeratop/model"
)

// balancer forwards connections to one server at a time.
type balancer struct {
	net.Listener
	to    atomic.Pointer[string]
	mutex sync.Mutex
	open  []net.Conn
	// change alters what the server says; nil: nothing.
	change func([]byte) []byte
}

func balance(t *testing.T, to string) *balancer {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	b := &balancer{Listener: l}
	b.to.Store(&to)
	b.start(t)
	return b
}

func (b *balancer) start(t *testing.T) {
	go b.serve()
	t.Cleanup(func() {
		_ = b.Close()
		b.cut()
	})
}

func (b *balancer) serve() {
	for {
		in, err := b.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", *b.to.Load())
		if err != nil {
			_ = in.Close()
			continue
		}
		b.mutex.Lock()
		b.open = append(b.open, in, out)
		b.mutex.Unlock()
		go func() { _, _ = io.Copy(out, in); _ = out.Close() }()
		go func() { b.answer(in, out); _ = in.Close() }()
	}
}

// answer forwards what the server says.
func (b *balancer) answer(to io.Writer, from io.Reader) {
	if b.change == nil {
		_, _ = io.Copy(to, from)
		return
	}
	for buffer := make([]byte, 64<<10); ; {
		n, err := from.Read(buffer)
		if _, failed := to.Write(b.change(buffer[:n])); err != nil || failed != nil {
			return
		}
	}
}

// cut ends what is open, as a balancer does when it moves on.
func (b *balancer) cut() {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for _, c := range b.open {
		_ = c.Close()
	}
	b.open = nil
}

func loadBalancer(t *testing.T, c *cluster.Cluster) {
	b := balance(t, c.Node(1).Address)
	vip := b.Addr().String()
	w := watch(t, Options{Seeds: []string{vip}, Driver: credentials("mon")})
	w.shows("three nodes behind one address, each once", synced(3))
	other := c.Node(2).Address
	b.to.Store(&other)
	b.cut()
	w.within(4, "still three nodes, each by its own name", func(s *model.Snapshot) bool {
		n := named(s, "db1")
		return synced(3)(s) && n.Has(vip) && n.Elsewhere > 0 && n.Address == c.Node(1).Address
	})
	// The same server under two names is one node.
	again := watch(t, Options{Seeds: []string{vip, c.Node(2).Address, c.Node(3).Address}, Driver: credentials("mon")})
	again.within(3, "two names of one server are one node", synced(3))
}
