package gather

import (
	"context"
	"errors"
	"net"
	"syscall"

	"github.com/galeratop/galeratop/actions/preflight"
	"github.com/galeratop/galeratop/model"
)

// dialHere connects from this host and hangs up.
func dialHere(ctx context.Context, address string) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return conn.Close()
}

// probeOne asks every IP address of a peer. The best answer counts, except that
// nothing listens only where all of them say so.
func probeOne(ctx context.Context, dial func(context.Context, string) error, address string) (preflight.Answer, string) {
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	name, port, err := net.SplitHostPort(address)
	if err != nil {
		return preflight.NoName, err.Error()
	}
	ips, err := net.DefaultResolver.LookupHost(ctx, name)
	if err != nil {
		if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
			return preflight.NoName, model.Printable(err.Error(), 200)
		}
		return preflight.Silent, model.Printable(err.Error(), 200)
	}
	type reply struct {
		answer preflight.Answer
		text   string
	}
	replies := make(chan reply, len(ips))
	for _, ip := range ips {
		go func() {
			answer, text := answerOf(dial(ctx, net.JoinHostPort(ip, port)))
			replies <- reply{answer, text}
		}()
	}
	worst := reply{answer: preflight.Closed}
	for range ips {
		switch r := <-replies; r.answer {
		case preflight.Listens:
			return r.answer, r.text
		case preflight.Closed:
			if worst.answer == preflight.Closed {
				worst = r
			}
		default:
			worst = r
		}
	}
	return worst.answer, worst.text
}

// answerOf sorts what became of a connection. What is none of the known errors
// proves nothing.
func answerOf(err error) (preflight.Answer, string) {
	if err == nil {
		return preflight.Listens, ""
	}
	text := model.Printable(err.Error(), 200)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return preflight.Closed, text
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		return preflight.Nowhere, text
	}
	return preflight.Silent, text
}
