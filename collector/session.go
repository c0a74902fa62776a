package collector

import (
	"context"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/galeratop/galeratop/model"
)

// session is one connection to one server. It is used by one goroutine.
type session struct {
	conn   driver.Conn
	server model.Server
	thread uint64 // CONNECTION_ID()
	// refused is the SQL of forms that the server did not understand, and that
	// another took the place of.
	refused map[string]bool
}

// serverLimit bounds every statement on the server itself, should this end of
// the connection vanish.
const serverLimit = 10 * time.Second

// open connects and prepares a session: causality waits off, since a stalled
// node would hang even SHOW for wsrep_sync_wait's 30 s, then who answers, then a
// limit on the time of statements.
func open(ctx context.Context, cfg *mysql.Config) (*session, error) {
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, err
	}
	conn, err := connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	s := &session{conn: conn}
	if err := s.prepare(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *session) prepare(ctx context.Context) error {
	if err := s.exec(ctx, "SET SESSION wsrep_sync_wait = 0"); err != nil && !unknownVariable(err) {
		return err
	}
	var sample model.Sample
	if err := s.ask(ctx, identity, &sample, 0); err != nil {
		return err
	}
	s.server = sample.Server
	settleFlavour(&s.server, provided(&s.server))
	s.server.UUID = digest(s.server.UUID)
	if err := s.ask(ctx, self, &sample, 0); err != nil {
		return err
	}
	s.thread = sample.Processes.Rows[0].ID
	own.add(s.server.UUID, s.thread)
	limit := fmt.Sprintf("SET SESSION max_execution_time = %d", serverLimit.Milliseconds())
	if s.server.Flavour == model.FlavourMariaDB {
		limit = fmt.Sprintf("SET SESSION max_statement_time = %d", int(serverLimit.Seconds()))
	}
	if err := s.exec(ctx, limit); err != nil && !unknownVariable(err) {
		return err
	}
	switch err := s.ask(ctx, access, &sample, 0); {
	case err == nil:
		s.server.CanSeeAll = true
	case broken(err):
		return err
	}
	return nil
}

// digest shortens the marks that tell a server from others.
func digest(marks string) string {
	sum := sha256.Sum256([]byte(marks))
	return hex.EncodeToString(sum[:8])
}

func (s *session) exec(ctx context.Context, sql string) error {
	execer, ok := s.conn.(driver.ExecerContext)
	if !ok {
		return driver.ErrSkip
	}
	_, err := execer.ExecContext(ctx, sql, nil)
	return err
}

// errNoForm says that the server has no way to answer a statement.
var errNoForm = errors.New("this server has no such information")

// ask issues a statement and reads its answer into the sample; rows is the bound
// for those that have one, first are threads that come before all others in a
// process list.
//
// A server that does not know a form's table or columns, whatever its release
// promises, is asked in the next form, and from then on at once. When no form is
// left the error is the server's last, and the next time all are tried anew: a
// plugin may have been installed.
func (s *session) ask(ctx context.Context, st *Statement, sample *model.Sample, rows int, first ...uint64) error {
	err := errNoForm
	var strange []string
	for i := range st.Forms {
		form := &st.Forms[i]
		if !form.serves(&s.server) || s.refused[form.SQL] {
			continue
		}
		if err = s.askIn(ctx, form, st, sample, form.Bounded(rows, first...)); !serverError(err, notThere...) {
			s.skip(strange)
			return err
		}
		strange = append(strange, form.SQL)
	}
	return err
}

// notThere are the codes with which servers say that they have no such column or
// no such table: ER_BAD_FIELD_ERROR, ER_UNKNOWN_TABLE, ER_NO_SUCH_TABLE.
var notThere = []uint16{1054, errUnknownTable, 1146}

// skip remembers forms that the server did not understand.
func (s *session) skip(forms []string) {
	for _, sql := range forms {
		if s.refused == nil {
			s.refused = make(map[string]bool)
		}
		s.refused[sql] = true
	}
}

func (s *session) askIn(ctx context.Context, form *Form, st *Statement, sample *model.Sample, sql string) error {
	queryer, ok := s.conn.(driver.QueryerContext)
	if !ok {
		return driver.ErrSkip
	}
	answer, err := queryer.QueryContext(ctx, sql, nil)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Close() }()
	if got := answer.Columns(); len(got) != len(form.Columns) {
		return fmt.Errorf("%s: the answer has %d columns (%v), not %d", st.Name, len(got), got, len(form.Columns))
	}
	st.Start(sample)
	for row := make(Row, len(form.Columns)); ; {
		switch err := answer.Next(row); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		st.Row(sample, row)
	}
}

// close says goodbye to the server; a hung one is not waited for.
func (s *session) close() {
	if s != nil && s.conn != nil {
		_ = s.conn.Close()
		own.remove(s.server.UUID, s.thread)
	}
}

// errUnknownVariable is the server's ER_UNKNOWN_SYSTEM_VARIABLE.
const errUnknownVariable = 1193

func unknownVariable(err error) bool { return serverError(err, errUnknownVariable) }

// serverError reports whether the server itself answered with one of the codes.
func serverError(err error, codes ...uint16) bool {
	var e *mysql.MySQLError
	return errors.As(err, &e) && slices.Contains(codes, e.Number)
}

// broken reports whether the connection is of no more use: anything that is not
// the server's own answer.
func broken(err error) bool {
	var e *mysql.MySQLError
	return err != nil && !errors.As(err, &e) && !errors.Is(err, errNoForm)
}
