package actions

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/galeratop/galeratop/collector"
	"github.com/galeratop/galeratop/model"
)

// links are a run's own connections, one a node.
type links struct {
	driver func(address string) (*mysql.Config, error)

	mutex sync.Mutex // guards the map: several nodes may be asked at once, each by one goroutine
	of    map[string]*link
}

// link is the connection to one node. What was set in its session is set again
// when it had to be made anew.
type link struct {
	session *collector.Session
	setup   []string
	node    *model.Node
}

// Time limits of connecting and of one statement.
const (
	dialLimit      = 5 * time.Second
	statementLimit = 5 * time.Second
)

// to is the link to a node, connected. The server must be the one that was
// sampled, and must not have been restarted since: its ids begin anew with it.
func (l *links) to(ctx context.Context, n *model.Node) (*link, error) {
	out := l.get(n)
	if out.session != nil {
		return out, nil
	}
	ctx, cancel := context.WithTimeout(ctx, dialLimit)
	defer cancel()
	session, err := collector.Dial(ctx, l.driver, n.Address, n.Sample.Server.SparePort)
	if err != nil {
		return nil, fmt.Errorf("%s: %s", n.Name, model.Printable(err.Error(), 300))
	}
	if err = same(ctx, session, n); err == nil {
		for _, sql := range out.setup {
			if err = session.Exec(ctx, sql); err != nil {
				break
			}
		}
	}
	if err != nil {
		session.Close()
		return nil, fmt.Errorf("%s: %s", n.Name, model.Printable(err.Error(), 300))
	}
	out.session = session
	return out, nil
}

// get is the link to a node, connected or not.
func (l *links) get(n *model.Node) *link {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	out := l.of[n.ID]
	if out == nil {
		out = &link{node: n}
		l.of[n.ID] = out
	}
	return out
}

func same(ctx context.Context, s *collector.Session, n *model.Node) error {
	if s.Server().UUID != n.Sample.Server.UUID {
		return fmt.Errorf("another server answers at %s than the one on screen: is it a load balancer?", n.Address)
	}
	uptime, err := s.Uptime(ctx)
	if err != nil {
		return err
	}
	if seen := n.Status().Uptime; uptime.Known && seen.Known && uptime.V < seen.V {
		return fmt.Errorf("the server was restarted %d s ago: its threads are others now", uptime.V)
	}
	return nil
}

// exec runs one statement. A connection that broke is given up; the next step
// makes another one.
func (l *link) exec(ctx context.Context, sql string) error {
	return l.execWithin(ctx, statementLimit, sql)
}

func (l *link) execWithin(ctx context.Context, limit time.Duration, sql string) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return l.check(l.session.Exec(ctx, sql))
}

// look reads status and variables.
func (l *link) look(ctx context.Context) (*model.Sample, error) {
	ctx, cancel := context.WithTimeout(ctx, statementLimit)
	defer cancel()
	sample, err := l.session.Look(ctx)
	return sample, l.check(err)
}

// threads reads rows of the process list.
func (l *link) threads(ctx context.Context, ids ...uint64) ([]model.Process, error) {
	ctx, cancel := context.WithTimeout(ctx, statementLimit)
	defer cancel()
	rows, err := l.session.Threads(ctx, ids)
	return rows, l.check(err)
}

// transactions reads open transactions.
func (l *link) transactions(ctx context.Context, ids ...uint64) ([]model.Transaction, error) {
	ctx, cancel := context.WithTimeout(ctx, statementLimit)
	defer cancel()
	rows, err := l.session.Transactions(ctx, ids)
	return rows, l.check(err)
}

// check gives the connection up when the error is not the server's own answer.
func (l *link) check(err error) error {
	if err != nil {
		if _, _, own := collector.ServerError(err); !own {
			l.session.Close()
			l.session = nil
		}
	}
	return err
}

func (l *links) close() {
	for _, one := range l.of {
		if one.session != nil {
			one.session.Close()
		}
	}
}
