package collector

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/go-sql-driver/mysql"

	"github.com/galeratop/galeratop/model"
)

// Session is a connection for what is done to a server rather than watched on
// it, prepared like those of the pollers: causality waits off, the time of
// statements limited. One goroutine uses it.
type Session struct{ s *session }

// Dial connects to the server of an address. When all its connections are taken,
// it is tried at the port that the server keeps in reserve, where it has one.
func Dial(ctx context.Context, driver func(address string) (*mysql.Config, error), address string, reserve model.Num) (*Session, error) {
	way := port{number: reserve.Or(0)}
	for {
		cfg, err := driver(way.of(address))
		if err != nil {
			return nil, err
		}
		s, err := open(ctx, cfg)
		if err == nil {
			return &Session{s}, nil
		}
		if way.use || way.number <= 0 || kindOf(err) != model.FailFull {
			return nil, err
		}
		way.use = true
	}
}

// Server is who answered.
func (s *Session) Server() model.Server { return s.s.server }

// Own are the threads of the server that are this process's own connections,
// this one among them.
func (s *Session) Own() []uint64 { return own.list(s.s.server.UUID) }

// Exec runs a statement that answers with no rows.
func (s *Session) Exec(ctx context.Context, sql string) error { return s.s.exec(ctx, sql) }

// Close ends the connection.
func (s *Session) Close() { s.s.close() }

// Uptime is for how many seconds the server has been running; thread and query
// ids begin anew with it.
func (s *Session) Uptime(ctx context.Context) (model.Num, error) {
	var sample model.Sample
	sample.Server = s.s.server
	err := s.s.ask(ctx, status, &sample, 0)
	return sample.Status.Uptime, err
}

// Threads reads the process list's rows of the threads; those that are gone are
// missing. When it fails for want of privileges, only the account's own threads
// are there.
func (s *Session) Threads(ctx context.Context, ids []uint64) ([]model.Process, error) {
	sample := model.Sample{Server: s.s.server}
	err := s.s.ask(ctx, threadsOf(ids), &sample, len(ids))
	return sample.Processes.Rows, err
}

// Transactions reads the open InnoDB transactions of the threads.
func (s *Session) Transactions(ctx context.Context, ids []uint64) ([]model.Transaction, error) {
	sample := model.Sample{Server: s.s.server}
	if err := s.s.ask(ctx, transactionsOf(ids), &sample, len(ids)); err != nil {
		return nil, err
	}
	return sample.Slow.Transactions.Rows, nil
}

// threadsOf is the process list narrowed down to some threads.
func threadsOf(ids []uint64) *Statement {
	return narrowed(processes, processOrder, " WHERE ID IN "+idList(ids)+" ORDER BY ")
}

// transactionsOf are the open transactions narrowed down to some threads.
func transactionsOf(ids []uint64) *Statement {
	return narrowed(transactions, "trx_mysql_thread_id <> 0", "trx_mysql_thread_id IN "+idList(ids))
}

// narrowed is a statement with a part of all its forms replaced.
func narrowed(st *Statement, old, by string) *Statement {
	out := *st
	out.Forms = make([]Form, len(st.Forms))
	for i, f := range st.Forms {
		f.SQL = strings.Replace(f.SQL, old, by, 1)
		out.Forms[i] = f
	}
	return &out
}

func idList(ids []uint64) string {
	var b strings.Builder
	b.WriteByte('(')
	for i, id := range ids {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.FormatUint(id, 10))
	}
	b.WriteByte(')')
	return b.String()
}

// ServerError is the code and the text with which the server itself refused a
// statement; ok is false for anything else, after which the connection is of no
// more use.
func ServerError(err error) (code uint16, text string, ok bool) {
	if e, found := errors.AsType[*mysql.MySQLError](err); found {
		return e.Number, model.Printable(e.Message, 300), true
	}
	return 0, "", false
}
