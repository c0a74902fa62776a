package demo

import (
	"strconv"
	"time"
)

// kill answers KILL [HARD|SOFT] [CONNECTION|QUERY [ID]] n.
func (s *session) kill(p *parser) error {
	maria := s.node.e.face.flavour == mariadb
	if maria {
		p.takeOne("hard", "soft")
	}
	query := p.takeOne("connection", "query") == "query"
	byQuery := maria && query && p.take("id")
	t := p.next()
	id, err := strconv.ParseUint(t.text, 10, 64)
	if t.kind == tokenWord {
		return sqlError(errBadColumn, "Unknown column '%s' in 'KILL'", t.text)
	}
	if err != nil || !p.end() {
		return syntaxError(p.sql[t.start:])
	}
	if !s.node.servesData(s) {
		return notReady()
	}
	victim := s.node.find(id, byQuery)
	switch {
	case victim == nil && byQuery:
		return sqlError(errNoQuery, "Unknown query id: %d", id)
	case victim == nil:
		return sqlError(errNoThread, "Unknown thread id: %d", id)
	case victim.system && maria:
		return sqlError(errKillDenied, "This is a high priority thread/query and cannot be killed without compromising "+
			"the consistency of the cluster")
	case victim.system:
		return sqlError(errKillDenied, "You are not owner of thread %d", id)
	case victim.real != nil:
		return s.killReal(victim.real, query)
	}
	s.node.killClient(victim, query)
	return nil
}

// find looks a thread up by its id, or by the id of what it runs now.
func (n *node) find(id uint64, byQuery bool) *thread {
	for _, list := range [][]*thread{n.clients, n.reals, n.system} {
		for _, t := range list {
			if (!byQuery && t.id == id) || (byQuery && t.query == id && t.running) {
				return t
			}
		}
	}
	return nil
}

func (s *session) killReal(other *session, query bool) error {
	switch {
	case query:
		other.interrupt()
	case other == s:
		s.quit = true
		return sqlError(errInterrupted, "Query execution was interrupted")
	default:
		other.interrupt()
		other.end()
	}
	return nil
}

// rollbackRate is how many changed rows a second are rolled back.
const rollbackRate = 4000

// killClient ends a simulated client's statement or connection. KILL QUERY
// leaves the transaction open; a commit that is on its way is finished first; a
// connection's transaction is rolled back, which takes its time.
func (n *node) killClient(t *thread, query bool) {
	switch {
	case query && !t.running:
	case t.role == roleDDL: // it ends when it is done, on all nodes
	case t.hold != "":
		t.killed = !query
	case query:
		keep := t.role == roleLocker || t.role == roleFreezer || t.role == roleTables
		n.rest(t, n.e.rng.exp(4))
		if !keep {
			t.role = ""
		}
		n.hot = n.burning()
	case t.modified > rollbackRate/4:
		if !t.killed {
			t.killed, t.running, t.state, t.role = true, true, "Rollback", ""
			t.since, t.tmpl = n.e.now, nil
			t.until = n.e.now + time.Duration(float64(t.modified)/rollbackRate*float64(time.Second))
		}
	default:
		n.count.aborted++
		n.drop(t)
		n.hot = n.burning()
	}
}
