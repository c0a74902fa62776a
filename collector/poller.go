package collector

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/galeratop/galeratop/model"
)

// pollLimit bounds one poll of a connected server, both round trips together.
const pollLimit = 5 * time.Second

// poller samples one server, at most one poll at a time. The assembler owns the
// rest of what is known of the node.
type poller struct {
	id      string
	address string
	config  func(address string) (*mysql.Config, error)
	demand  *atomic.Uint32
	// wake holds at most one request; a node that is slow to answer skips ticks
	// rather than queueing them.
	wake    chan request
	results chan<- result
}

// request asks for a sample with at most so many rows of the process list, and
// names threads that have to be there besides.
type request struct {
	rows  int
	first []uint64
}

// result is what one poll or attempt brought.
type result struct {
	poller  *poller
	sample  *model.Sample
	failure *model.Failure
}

// run polls whenever it is woken, until the context ends.
func (p *poller) run(ctx context.Context) {
	var (
		s     *session
		wait  backoff
		retry time.Time
		want  request
		spare port
	)
	defer func() { s.close() }()
	for {
		select {
		case <-ctx.Done():
			return
		case want = <-p.wake:
		}
		if time.Now().Before(retry) && !p.sleep(ctx, time.Until(retry)) {
			return
		}
		sample, err := p.poll(ctx, &s, &spare, wait.patience(), want)
		if ctx.Err() != nil {
			return
		}
		r := result{poller: p, sample: sample}
		if err == nil {
			wait.reset()
		} else {
			s.close()
			s = nil
			r.failure = failure(p.address, err, time.Now())
			spare.use = r.failure.Kind == model.FailFull && !spare.use
			retry = time.Now().Add(wait.next(r.failure.Kind))
		}
		select {
		case p.results <- r:
		case <-ctx.Done():
			return
		}
	}
}

func (p *poller) sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// poll takes one sample, connecting first if need be.
func (p *poller) poll(ctx context.Context, s **session, spare *port, patience time.Duration, want request) (*model.Sample, error) {
	if *s == nil {
		connected, err := p.connect(ctx, spare, patience)
		if err != nil {
			return nil, err
		}
		*s = connected
	}
	ctx, cancel := context.WithTimeout(ctx, pollLimit)
	defer cancel()
	sample := &model.Sample{Server: (*s).server}
	begin := time.Now()
	if err := (*s).ask(ctx, status, sample, 0); err != nil {
		return nil, err
	}
	sample.At = time.Now()
	settle(sample)
	(*s).server = sample.Server
	list, bound := p.list(sample, want)
	if err := (*s).ask(ctx, list, sample, bound, want.first...); err != nil {
		if broken(err) {
			return nil, err
		}
		sample.Processes.Error = model.Printable(err.Error(), 300)
	}
	sample.Processes.Arrange((*s).thread)
	sample.Processes.Own = own.list(sample.Server.UUID)
	sample.Processes.Count(bound, want.first, &sample.Status)
	sample.Took = time.Since(begin)
	return sample, nil
}

// list is the cheaper of the two process lists that serves, and how many of its
// rows are kept.
func (p *poller) list(s *model.Sample, want request) (*Statement, int) {
	_, can := glance.Form(&s.Server)
	connected := s.Status.ThreadsConnected
	if can && connected.Known && connected.V <= int64(glanceLimit(want.rows)) &&
		model.Subject(p.demand.Load())&model.SubjectProcesses == 0 {
		return glance, max(want.rows, glanceRows) + len(want.first)
	}
	return processes, want.rows + len(want.first)
}

func (p *poller) connect(ctx context.Context, spare *port, patience time.Duration) (*session, error) {
	cfg, err := p.config(spare.of(p.address))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	s, err := open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	spare.number = s.server.SparePort.Or(0)
	return s, nil
}
