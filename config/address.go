package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// address is where a server listens: a host and perhaps a port, or a Unix socket.
type address struct {
	host   string
	port   int // 0: none was given
	socket string
}

// parseAddress reads HOST, HOST:PORT, IPv6 with or without brackets, or the absolute path of a socket.
func parseAddress(raw string) (address, error) {
	switch {
	case raw == "":
		return address{}, errors.New("an address is empty")
	case filepath.IsAbs(raw):
		return address{socket: raw}, nil
	case strings.ContainsFunc(raw, func(r rune) bool { return r <= ' ' || r == '/' || r == '@' || r == 0x7f }):
		return address{}, fmt.Errorf("%q is not an address: write HOST, HOST:PORT, [IPv6]:PORT or /path/of/socket", raw)
	}
	if ip, err := netip.ParseAddr(raw); err == nil {
		return address{host: ip.String()}, nil
	}
	host, port, hasPort := raw, "", false
	if i := strings.LastIndexByte(raw, ':'); i >= 0 && !strings.HasSuffix(raw, "]") {
		host, port, hasPort = raw[:i], raw[i+1:], true
	}
	host, err := parseHost(raw, host)
	if err != nil || !hasPort {
		return address{host: host}, err
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return address{}, fmt.Errorf("%q is not an address: its port must be a number from 1 to 65535", raw)
	}
	return address{host: host, port: int(n)}, nil
}

// parseHost checks the part before the port.
func parseHost(raw, host string) (string, error) {
	if inner, ok := strings.CutPrefix(host, "["); ok {
		ip, err := netip.ParseAddr(strings.TrimSuffix(inner, "]"))
		if err != nil || !strings.HasSuffix(host, "]") || !ip.Is6() {
			return "", fmt.Errorf("%q is not an address: no IPv6 address in its brackets", raw)
		}
		return ip.String(), nil
	}
	if host == "" || strings.ContainsAny(host, ":[]") {
		return "", fmt.Errorf("%q is not an address: write HOST, HOST:PORT or [IPv6]:PORT", raw)
	}
	return host, nil
}

// join fills a port in.
func (a address) join(port int) string {
	if a.socket != "" {
		return a.socket
	}
	if a.port != 0 {
		port = a.port
	}
	return net.JoinHostPort(a.host, strconv.Itoa(port))
}

// joinAll parses addresses that were checked before, or returns the first error.
func joinAll(list []string, port int) ([]string, error) {
	var out []string
	for _, raw := range list {
		a, err := parseAddress(raw)
		if err != nil {
			return nil, err
		}
		out = append(out, a.join(port))
	}
	return out, nil
}

// localSocket returns the first of the usual places where there is a socket.
func localSocket(env Env) string {
	for _, path := range env.Sockets {
		if info, err := os.Stat(path); err == nil && info.Mode()&os.ModeSocket != 0 {
			return path
		}
	}
	return ""
}
