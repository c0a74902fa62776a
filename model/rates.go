package model

import "time"

// Rates are what happened on one node between its last two samples, by their
// own interval. All are unknown after a restart, a flush, a change of server, or
// while there is only one sample.
type Rates struct {
	Interval      time.Duration `json:"interval_ns"`
	Replicated    Real          `json:"replicated_per_s"` // write-sets sent to the group
	Received      Real          `json:"received_per_s"`   // write-sets from the group
	ReplicatedBps Real          `json:"replicated_bytes_per_s"`
	ReceivedBps   Real          `json:"received_bytes_per_s"`
	Committed     Real          `json:"committed_per_s"` // seqnos of the whole group, as seen here
	LocalCommits  Real          `json:"local_commits_per_s"`
	CertFailures  Real          `json:"cert_failures_per_s"`
	BFAborts      Real          `json:"bf_aborts_per_s"`
	Questions     Real          `json:"questions_per_s"`
	SlowQueries   Real          `json:"slow_queries_per_s"`
	FCSent        Real          `json:"fc_sent_per_s"`
	Paused        Real          `json:"paused_share"` // 0..1 of the interval that flow control held writers
}

// rate ties a counter of Status to its place in Rates.
type rate struct {
	counter func(*Status) Num
	target  func(*Rates) *Real
	scale   float64
	// flushed counters fall to 0 on FLUSH STATUS, without a restart.
	flushed bool
}

var rates = []rate{
	{counter: func(s *Status) Num { return s.Replicated }, target: func(r *Rates) *Real { return &r.Replicated }, scale: 1},
	{counter: func(s *Status) Num { return s.Received }, target: func(r *Rates) *Real { return &r.Received }, scale: 1},
	{counter: func(s *Status) Num { return s.ReplicatedBytes }, target: func(r *Rates) *Real { return &r.ReplicatedBps }, scale: 1},
	{counter: func(s *Status) Num { return s.ReceivedBytes }, target: func(r *Rates) *Real { return &r.ReceivedBps }, scale: 1},
	{counter: func(s *Status) Num { return seqno(s.LastCommitted) }, target: func(r *Rates) *Real { return &r.Committed }, scale: 1},
	{counter: func(s *Status) Num { return s.LocalCommits }, target: func(r *Rates) *Real { return &r.LocalCommits }, scale: 1},
	{counter: func(s *Status) Num { return s.CertFailures }, target: func(r *Rates) *Real { return &r.CertFailures }, scale: 1},
	{counter: func(s *Status) Num { return s.BFAborts }, target: func(r *Rates) *Real { return &r.BFAborts }, scale: 1},
	{counter: func(s *Status) Num { return s.Questions }, target: func(r *Rates) *Real { return &r.Questions }, scale: 1, flushed: true},
	{counter: func(s *Status) Num { return s.SlowQueries }, target: func(r *Rates) *Real { return &r.SlowQueries }, scale: 1, flushed: true},
	{counter: func(s *Status) Num { return s.FCSent }, target: func(r *Rates) *Real { return &r.FCSent }, scale: 1, flushed: true},
	{counter: func(s *Status) Num { return s.PausedNS }, target: func(r *Rates) *Real { return &r.Paused }, scale: 1e-9},
}

// RatesBetween reckons the rates from an older and a newer sample of one node.
// A counter that fell or that either sample lacks gives no rate; where a counter
// that only a restart can reset fell, or another server answered, no counter
// gives one: after a restart the others may have overtaken their old values.
func RatesBetween(older, newer *Sample) Rates {
	var r Rates
	if older == nil || newer == nil {
		return r
	}
	r.Interval = newer.At.Sub(older.At)
	if r.Interval <= 0 || Restarted(older, newer) {
		return r
	}
	seconds := r.Interval.Seconds()
	for _, c := range rates {
		before, after := c.counter(&older.Status), c.counter(&newer.Status)
		if before.Known && after.Known && after.V >= before.V {
			*c.target(&r) = R(float64(after.V-before.V) / seconds * c.scale)
		}
	}
	// The server's clock and this one differ by a little, never by more than the
	// whole interval.
	r.Paused.V = min(r.Paused.V, 1)
	return r
}

// Restarted reports whether the counters of the newer sample began anew: the
// server restarted, another server answered, or a counter that FLUSH STATUS
// leaves alone fell.
func Restarted(older, newer *Sample) bool {
	if older.Server.UUID != newer.Server.UUID || older.Status.Uptime.Or(0) > newer.Status.Uptime.Or(0) {
		return true
	}
	for _, c := range rates {
		before, after := c.counter(&older.Status), c.counter(&newer.Status)
		if !c.flushed && before.Known && after.Known && after.V < before.V {
			return true
		}
	}
	return false
}

// seqno is a seqno that counts, unknown while the node has none.
func seqno(n Num) Num {
	if n.Undefined() {
		return Num{}
	}
	return n
}
