package demo

import (
	"strings"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/server"
)

// session is one real connection to a simulated server. It is the handler of
// its protocol commands, all of which run in the connection's own goroutine.
type session struct {
	c          *Cluster
	node       *node
	id         uint64
	user       string
	schema     string
	vars       map[string]string
	dirtyReads bool
	thread     *thread
	wire       *wire
	conn       *server.Conn
	quit       bool          // the connection ends after this answer
	stop       chan struct{} // KILL QUERY, while a statement takes time
	explain    explaining
}

func (c *Cluster) newSession(n *node, w *wire) *session {
	s := &session{c: c, node: n, wire: w, vars: make(map[string]string), stop: make(chan struct{}, 1)}
	s.thread = &thread{node: n, real: s, opened: noTransaction, memory: 90 << 10}
	return s
}

// end closes the connection from outside of its goroutine.
func (s *session) end() { _ = s.wire.cut(false) }

// interrupt is KILL QUERY.
func (s *session) interrupt() {
	if s.thread.running {
		select {
		case s.stop <- struct{}{}:
		default:
		}
	}
}

// HandleQuery answers COM_QUERY.
func (s *session) HandleQuery(sql string) (*mysql.Result, error) {
	if d, ok := sleeps(sql); ok {
		return s.sleep(sql, d)
	}
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.run(sql)
	defer s.rest()
	return s.query(sql)
}

// run shows the statement in the process list.
func (s *session) run(sql string) {
	n, t := s.node, s.thread
	n.nextQuery++
	t.running, t.text, t.state, t.query, t.since = true, sql, "executing", n.nextQuery, n.e.now
}

func (s *session) rest() {
	t := s.thread
	t.running, t.text, t.state, t.since = false, "", "", s.node.e.now
}

func (s *session) sleep(sql string, d time.Duration) (*mysql.Result, error) {
	s.c.mu.Lock()
	select {
	case <-s.stop: // a leftover of an earlier statement
	default:
	}
	s.run(strings.Clone(sql))
	s.thread.state = "User sleep"
	s.c.mu.Unlock()
	timer := time.NewTimer(d)
	defer timer.Stop()
	killed := false
	select {
	case <-timer.C:
	case <-s.stop:
		killed = true
	case <-s.c.done:
	}
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.rest()
	if killed {
		return nil, sqlError(errInterrupted, "Query execution was interrupted")
	}
	out := &plan{out: []expr{{typ: typeInt, eval: func(*row) value { return intValue(0) }}}, limit: noLimit}
	out.fields = append(out.fields, typeInt.field("SLEEP"))
	return out.run(s)
}

// UseDB answers COM_INIT_DB and the schema of the handshake.
func (s *session) UseDB(name string) error {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	return s.enter(name)
}

// HandleFieldList answers COM_FIELD_LIST: there are no columns to complete.
func (s *session) HandleFieldList(string, string) ([]*mysql.Field, error) { return nil, nil }

// HandleStmtPrepare refuses: galeratop never prepares.
func (s *session) HandleStmtPrepare(string) (params, columns int, context any, err error) {
	return 0, 0, nil, sqlError(1295, "This command is not supported in the prepared statement protocol yet")
}

// HandleStmtExecute is never reached.
func (s *session) HandleStmtExecute(any, string, []any) (*mysql.Result, error) {
	return nil, sqlError(1295, "This command is not supported in the prepared statement protocol yet")
}

// HandleStmtClose is never reached.
func (s *session) HandleStmtClose(any) error { return nil }

// HandleOtherCommand refuses all other commands.
func (s *session) HandleOtherCommand(byte, []byte) error {
	return sqlError(errNotReady, "Unknown command")
}
