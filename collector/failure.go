package collector

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/galeratop/galeratop/model"
)

// codeKinds sorts the codes that servers answer a connection or a poll with.
var codeKinds = []struct {
	kind  model.FailureKind
	codes []uint16
}{
	{model.FailAccess, []uint16{1044, 1045, 1130, 1227, 1251, 1524, 1698, 1820, 1862, 3118, 4151}},
	{model.FailFull, []uint16{1040, 1203, 1226}},
	{model.FailBlocked, []uint16{1129}},
	{model.FailTLS, []uint16{3159, 2026}},
	{model.FailNotReady, []uint16{1047}},
	{model.FailTimeout, []uint16{1969, 3024}},
	{model.FailLost, []uint16{1053, 1927}},
}

// failure puts an error into one line that says what, where and what to do.
func failure(address string, err error, now time.Time) *model.Failure {
	kind := kindOf(err)
	text := address + ": " + model.Printable(words(kind, err), 300)
	return &model.Failure{Kind: kind, Text: text, Since: now}
}

func kindOf(err error) model.FailureKind {
	if e, ok := errors.AsType[*mysql.MySQLError](err); ok {
		for _, k := range codeKinds {
			if slices.Contains(k.codes, e.Number) {
				return k.kind
			}
		}
		return model.FailOther
	}
	var (
		dns    *net.DNSError
		auth   x509.UnknownAuthorityError
		name   x509.HostnameError
		cert   *tls.CertificateVerificationError
		rec    tls.RecordHeaderError
		neterr net.Error
	)
	switch {
	case errors.As(err, &dns) && !dns.IsTimeout:
		return model.FailHost
	case errors.Is(err, mysql.ErrNoTLS), errors.As(err, &auth), errors.As(err, &name), errors.As(err, &cert),
		errors.As(err, &rec), strings.Contains(err.Error(), "tls: "):
		return model.FailTLS
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ENOENT):
		return model.FailRefused
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &neterr) && neterr.Timeout():
		return model.FailTimeout
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, mysql.ErrInvalidConn),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, net.ErrClosed):
		return model.FailLost
	}
	return model.FailOther
}

// advice says what a kind of failure means and what to do about it.
var advice = map[model.FailureKind]string{
	model.FailRefused: "connection refused: the server is down, starting or receiving a state transfer, or the port is wrong",
	model.FailTimeout: "no answer in time: the server hangs or the network drops packets",
	model.FailLost:    "connection lost: the server stopped, or ended the connection",
	model.FailHost:    "unknown host name",
}

func words(kind model.FailureKind, err error) string {
	var e *mysql.MySQLError
	switch {
	case errors.As(err, &e) && kind == model.FailAccess:
		return e.Message + " (check user, password and the account's host part)"
	case errors.As(err, &e) && kind == model.FailFull:
		return e.Message + " (raise max_connections, or give the server an extra_port or admin_port)"
	case errors.As(err, &e) && kind == model.FailTLS:
		return e.Message + " (the server wants TLS: use --ssl-mode=REQUIRED)"
	case errors.As(err, &e):
		return e.Message
	case errors.Is(err, mysql.ErrNoTLS):
		return "the server offers no TLS, but --ssl-mode asks for it"
	case kind == model.FailTLS:
		return "TLS: " + strings.TrimPrefix(err.Error(), "tls: ") + " (check --ssl-mode and --ssl-ca)"
	case errors.Is(err, syscall.ENOENT):
		return "no such socket: is the server running?"
	}
	if text, ok := advice[kind]; ok {
		return text
	}
	return err.Error()
}
