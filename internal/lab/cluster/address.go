package cluster

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
)

// Ports of every node. Nodes differ by address, so that the addresses look like a real cluster's.
const (
	sqlPort   = 13306
	groupPort = 4567
	istPort   = 4568
	sstPort   = 4444
)

// A block is 127.A.B.0/24, held by a listener on its first address.
//
// The listener is handed to the reaper as well, so that the block stays taken after a killed owner until the last
// server is gone. Unlike a lock file it leaves nothing behind.
type block struct {
	prefix string // "127.A.B."
	marker *os.File
}

// claimBlock takes a free block. 127.0.x.x is left alone: localhost, Debian's own name and local resolvers live there.
func claimBlock() (*block, error) {
	var last error
	for range 100 {
		prefix := fmt.Sprintf("127.%d.%d.", 1+rand.IntN(254), rand.IntN(256))
		b, err := tryBlock(prefix)
		if err == nil {
			return b, nil
		}
		last = err
	}
	return nil, fmt.Errorf("no free block of addresses in 127.0.0.0/8: %w", last)
}

func tryBlock(prefix string) (*block, error) {
	l, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.ParseIP(prefix + "1"), Port: sqlPort})
	if err != nil {
		return nil, err
	}
	marker, err := l.File()
	if err := errors.Join(err, l.Close()); err != nil {
		return nil, err
	}
	// A server on 0.0.0.0 elsewhere on this machine would take the same ports on every block: say so at once.
	for _, port := range []int{groupPort, istPort, sstPort} {
		probe, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.ParseIP(prefix + "1"), Port: port})
		if err != nil {
			_ = marker.Close()
			return nil, err
		}
		_ = probe.Close()
	}
	return &block{prefix: prefix, marker: marker}, nil
}

// ip is the address of node i, counted from 1.
func (b *block) ip(i int) string { return fmt.Sprintf("%s%d", b.prefix, 10+i) }
