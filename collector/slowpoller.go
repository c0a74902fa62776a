package collector

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/galeratop/galeratop/model"
)

// slowLimit bounds one slow statement, and lull is how long its connection may
// be of no use before it is given back.
const (
	slowLimit = 10 * time.Second
	lull      = 20 * time.Second
)

// cadence is how often a slow subject is read: on its own, and while a pane
// shows it. 0 means not at all.
type cadence struct {
	statement       *Statement
	unseen, visible time.Duration
	rows            int
	// when narrows unseen to the time in which a sample shows that it is worth it;
	// nil: always.
	when func(*model.Sample) bool
	// hard says that the server searches its lock queues for the answer: what took
	// long is asked seldom.
	hard bool
}

var cadences = []cadence{
	{statement: variables, unseen: 30 * time.Second, visible: 5 * time.Second},
	{statement: settings, visible: 10 * time.Second},
	{statement: members, unseen: time.Minute, visible: time.Minute},
	{statement: transactions, unseen: 5 * time.Second, visible: 2 * time.Second, rows: 200, hard: true},
	{statement: digests, visible: 5 * time.Second, rows: 200},
	{statement: clock, unseen: 30 * time.Second, visible: 30 * time.Second},
	{statement: locks, unseen: 5 * time.Second, visible: 2 * time.Second, rows: lockRows, when: model.ShowsWaits, hard: true},
}

// costly is how many times as long as a hard reading took the next one waits:
// InnoDB lists the waits for one row in time that grows with the square of their
// number.
const (
	costly  = 20
	hardest = time.Minute
)

// last is when a subject was read, and how long that took.
type last struct {
	at   time.Time
	took time.Duration
}

// due reports whether it is time for the next reading, under a demand and with
// the newest sample.
func (c *cadence) due(demand model.Subject, sample *model.Sample, before last, now time.Time) bool {
	every := c.visible
	if demand&c.statement.Subject == 0 {
		every = c.unseen
		if c.when != nil && (sample == nil || !c.when(sample)) {
			return false
		}
	}
	if c.hard {
		every = max(every, min(costly*before.took, hardest))
	}
	return every > 0 && now.Sub(before.at) >= every
}

// slowPoller reads the slow subjects of one server over a connection of its own,
// so that a slow answer delays no tick.
type slowPoller struct {
	id      string
	address string
	config  func(address string) (*mysql.Config, error)
	demand  *atomic.Uint32
	// wake comes with each sample of the server, so that one which does not
	// answer is left alone; again names subjects to read regardless of their age.
	wake    chan *model.Sample
	again   chan model.Subject
	results chan<- slowResult
}

// slowResult is one subject, read or failed to be read.
type slowResult struct {
	id      string
	subject model.Subject
	sample  model.Sample // only its Slow part counts
}

// run reads what is due whenever it is woken, until the context ends.
func (p *slowPoller) run(ctx context.Context) {
	var (
		s    *session
		wait backoff
		read = make(map[model.Subject]last, len(cadences))
		used = time.Now()
	)
	defer func() { s.close() }()
	for {
		var sample *model.Sample
		select {
		case <-ctx.Done():
			return
		case subjects := <-p.again:
			for _, c := range cadences {
				if subjects&c.statement.Subject != 0 {
					delete(read, c.statement.Subject)
				}
			}
			continue
		case sample = <-p.wake:
		}
		if s != nil && time.Since(used) > lull {
			s.close()
			s = nil
		}
		for i := range cadences {
			c := &cadences[i]
			now := time.Now()
			if !c.due(model.Subject(p.demand.Load()), sample, read[c.statement.Subject], now) {
				continue
			}
			if used = now; !p.read(ctx, &s, c, &wait) {
				break
			}
			read[c.statement.Subject] = last{now, time.Since(now)}
		}
	}
}

// read reads one subject and reports it; false means that the connection is
// lost and the other subjects have to wait for the next look.
func (p *slowPoller) read(ctx context.Context, s **session, c *cadence, wait *backoff) bool {
	ctx, cancel := context.WithTimeout(ctx, slowLimit)
	defer cancel()
	r := slowResult{id: p.id, subject: c.statement.Subject}
	begin := time.Now()
	err := p.ask(ctx, s, c, &r.sample)
	if broken(err) {
		(*s).close()
		*s = nil
		select {
		case <-time.After(wait.next(kindOf(err))):
		case <-ctx.Done():
		}
		return false
	}
	wait.reset()
	describe(&r.sample, c.statement, begin, err)
	select {
	case p.results <- r:
	case <-ctx.Done():
	}
	return true
}

func (p *slowPoller) ask(ctx context.Context, s **session, c *cadence, sample *model.Sample) error {
	if *s == nil {
		cfg, err := p.config(p.address)
		if err != nil {
			return err
		}
		opened, err := open(ctx, cfg)
		if err != nil {
			return err
		}
		*s = opened
	}
	sample.Server = (*s).server
	return (*s).askAll(ctx, c.statement, sample, c.rows)
}

// Codes with which servers refuse for want of a privilege.
var denied = []uint16{1044, 1142, 1143, 1227}

// describe stamps a reading with its time, and with what went wrong in words.
func describe(sample *model.Sample, st *Statement, begin time.Time, err error) {
	if err != nil {
		st.Start(sample)
	}
	reading := sample.Slow.Reading(st.Subject)
	reading.At = time.Now()
	reading.Took = reading.At.Sub(begin)
	switch {
	case err == nil:
	case serverError(err, denied...):
		reading.Grant, reading.Error = st.Grant, "the account lacks "+st.Grant
	case serverError(err, notReady):
		reading.Error = "the node refuses it: not in a Primary Component, or not ready"
	default:
		reading.Error = model.Printable(err.Error(), 300)
	}
}
