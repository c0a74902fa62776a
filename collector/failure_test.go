package collector

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/galeratop/galeratop/model"
)

func TestAFailureIsNamedByWhatAPersonWouldDo(t *testing.T) {
	server := func(code uint16, text string) error { return &mysql.MySQLError{Number: code, Message: text} }
	for _, c := range []struct {
		err  error
		kind model.FailureKind
		says string
	}{
		{server(1045, "Access denied for user 'x'@'h' (using password: YES)"), model.FailAccess, "db1:3306: Access denied for user 'x'@'h' (using password: YES) (check user, password and the account's host part)"},
		{server(1040, "Too many connections"), model.FailFull, "max_connections"},
		{server(1129, "Host 'h' is blocked because of many connection errors"), model.FailBlocked, "is blocked"},
		{server(1130, "Host 'h' is not allowed to connect"), model.FailAccess, "not allowed"},
		{server(3159, "Connections using insecure transport are prohibited"), model.FailTLS, "--ssl-mode=REQUIRED"},
		{server(1047, "WSREP has not yet prepared node for application use"), model.FailNotReady, "not yet prepared"},
		{server(1969, "Query execution was interrupted (max_statement_time exceeded)"), model.FailTimeout, "interrupted"},
		{server(1064, "You have an error"), model.FailOther, "You have an error"},
		{&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, model.FailRefused, "connection refused"},
		{&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ENOENT)}, model.FailRefused, "no such socket"},
		{&net.DNSError{Err: "no such host", Name: "db1", IsNotFound: true}, model.FailHost, "unknown host name"},
		{fmt.Errorf("dial: %w", context.DeadlineExceeded), model.FailTimeout, "no answer in time"},
		{os.ErrDeadlineExceeded, model.FailTimeout, "no answer in time"},
		{io.ErrUnexpectedEOF, model.FailLost, "connection lost"},
		{mysql.ErrInvalidConn, model.FailLost, "connection lost"},
		{mysql.ErrNoTLS, model.FailTLS, "offers no TLS"},
		{x509.UnknownAuthorityError{}, model.FailTLS, "--ssl-ca"},
		{x509.HostnameError{Certificate: &x509.Certificate{}, Host: "db1"}, model.FailTLS, "TLS"},
		{tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, model.FailTLS, "TLS"},
		{errors.New("something\x1b[31m else\nhappened"), model.FailOther, "something [31m else happened"},
	} {
		now := time.Unix(5, 0)
		f := failure("db1:3306", c.err, now)
		if f.Kind != c.kind || !strings.Contains(f.Text, c.says) || !strings.HasPrefix(f.Text, "db1:3306: ") {
			t.Errorf("%v is %s: %s", c.err, f.Kind, f.Text)
		}
		if strings.ContainsAny(f.Text, "\n\x1b") || f.Since != now {
			t.Errorf("%q is not one harmless line", f.Text)
		}
	}
}

func TestEveryKindThatBurdensAServerWaitsLonger(t *testing.T) {
	for kind, p := range pauses {
		var b backoff
		last := time.Duration(0)
		for range 50 {
			d := b.next(kind)
			if d < p.first*3/4 || d > p.last {
				t.Fatalf("%s waits %v, outside of %v to %v", kind, d, p.first*3/4, p.last)
			}
			last = d
		}
		if last < p.last*3/4 {
			t.Errorf("%s ends at %v, not near %v", kind, last, p.last)
		}
	}
	if pauses[model.FailRefused].last > time.Second {
		t.Error("a node that returns must be seen within two refreshes of a second")
	}
	if pauses[model.FailAccess].last < 10*time.Second {
		t.Error("a wrong password must not be tried every second: the server counts")
	}
}

func TestAnAttemptAtAHungServerGrowsMorePatient(t *testing.T) {
	var b backoff
	var got []time.Duration
	for range 4 {
		got = append(got, b.patience())
		b.next(model.FailTimeout)
	}
	if got[0] != 3*time.Second || got[1] != 6*time.Second || got[3] != 10*time.Second {
		t.Errorf("patience is %v", got)
	}
	b.reset()
	if b.patience() != 3*time.Second {
		t.Errorf("after success it is %v", b.patience())
	}
}

func TestTheSparePortIsTriedOnlyWhenTheOrdinaryOneIsFull(t *testing.T) {
	for _, c := range []struct {
		p    port
		want string
	}{
		{port{}, "db1:3306"},
		{port{number: 33062}, "db1:3306"},
		{port{number: 33062, use: true}, "db1:33062"},
		{port{number: 0, use: true}, "db1:3306"},
	} {
		if got := c.p.of("db1:3306"); got != c.want {
			t.Errorf("%+v dials %s, not %s", c.p, got, c.want)
		}
	}
	if got := (&port{number: 1, use: true}).of("/run/mysqld/mysqld.sock"); got != "/run/mysqld/mysqld.sock" {
		t.Errorf("a socket becomes %s", got)
	}
}
