package collector

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/galeratop/galeratop/model"
)

// inspectLimit bounds one closer look, connecting included.
const inspectLimit = 5 * time.Second

// Inspector looks closely at single threads, on request. Each request opens a
// connection of its own and closes it; a node is asked one thing at a time.
type Inspector struct {
	driver func(address string) (*mysql.Config, error)
	mu     sync.Mutex
	turns  map[string]chan struct{} // by address; holds one token while a request runs
	long   map[string]longText      // by address; under its turn
}

// longText is the last long statement that was read on a node, so that looking
// again does not transfer it again.
type longText struct {
	thread  uint64
	queryID model.Num
	start   string
	text    model.StatementText
	raw     string
}

// NewInspector makes an inspector; driver is that of the collector's options.
func NewInspector(driver func(address string) (*mysql.Config, error)) *Inspector {
	return &Inspector{driver: driver, turns: make(map[string]chan struct{}), long: make(map[string]longText)}
}

// session runs a function with a connection to the server that is known to be
// at the address, when it is the node's turn.
func (i *Inspector) session(ctx context.Context, address string, server *model.Server, use func(context.Context, *session) error) error {
	ctx, cancel := context.WithTimeout(ctx, inspectLimit)
	defer cancel()
	turn := i.turn(address)
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-ctx.Done():
		return errors.New(address + ": no answer in time to the request before this one")
	}
	cfg, err := i.driver(address)
	if err != nil {
		return err
	}
	s, err := open(ctx, cfg)
	if err != nil {
		return errors.New(failure(address, err, time.Now()).Text)
	}
	defer s.close()
	if server != nil && server.UUID != "" && s.server.UUID != server.UUID {
		return errors.New(address + ": another server than before answers here, a load balancer?")
	}
	if err := use(ctx, s); err != nil {
		return errors.New(failure(address, err, time.Now()).Text)
	}
	return nil
}

func (i *Inspector) turn(address string) chan struct{} {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.turns[address] == nil {
		i.turns[address] = make(chan struct{}, 1)
	}
	return i.turns[address]
}

// Inspect looks at the thread of p, whatever it does by now. The error is one
// line, for when nothing could be read at all.
func (i *Inspector) Inspect(ctx context.Context, address string, server *model.Server, p model.Process) (*model.Inspection, error) {
	out := &model.Inspection{Thread: p.ID}
	begin := time.Now()
	err := i.session(ctx, address, server, func(ctx context.Context, s *session) error {
		if _, err := i.identify(ctx, s, address, &p, out); err != nil || out.Gone != "" {
			return err
		}
		for _, probe := range inspectProbes {
			if err := probe.run(ctx, s, out); err != nil {
				return err
			}
		}
		remark(out, &s.server)
		return nil
	})
	if err != nil {
		return nil, err
	}
	out.At = time.Now()
	out.Took = out.At.Sub(begin)
	out.Settle()
	return out, nil
}

// remark says what to know about parts that were read.
func remark(i *model.Inspection, server *model.Server) {
	if locked := i.Trx.RowsLocked; i.Trx.Open && locked.Or(0) > tooManyLocks {
		i.Locks.Note = fmt.Sprintf("not listed: %d row locks would cost the server too much", locked.V)
	} else if i.Trx.Open && i.Locks.Error == "" && (server.Flavour == mariadbOnly || server.Release < 80000) {
		i.Locks.Note = contended
	}
	if i.Metadata.Error != "" && i.History.Grant != "" {
		i.Metadata.Error, i.Metadata.Grant = i.History.Error, i.History.Grant
	}
	if i.Metadata.Error == "" && len(i.Metadata.Rows) == 0 && i.Trx.Open {
		i.Metadata.Note = "none seen; locks taken while the instrument wait/lock/metadata/sql/mdl was off do not show"
	}
	if i.History.Error == "" && len(i.History.Rows) == 0 {
		i.History.Note = "none kept: nothing has run yet, or the consumer events_statements_history is off"
	}
}

// InspectorQueries are the statements that an inspection asks such a server
// about a number, for tests that hold one server's answers against another's.
func InspectorQueries(server *model.Server, about int64) []string {
	var out []string
	for _, forms := range append([][]Form{inspectedForms}, formsOf(inspectProbes)...) {
		for i := range forms {
			if forms[i].serves(server) {
				out = append(out, fmt.Sprintf(forms[i].SQL, about))
			}
		}
	}
	return out
}

func formsOf(probes []*probe) (out [][]Form) {
	for _, p := range probes {
		out = append(out, p.forms)
	}
	return out
}
