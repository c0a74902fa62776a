package model

import (
	"math/rand/v2"
	"testing"
	"time"
)

func sampleAt(second float64, uptime int64, set func(*Status)) *Sample {
	s := &Sample{At: time.Unix(1000, 0).Add(time.Duration(second * float64(time.Second)))}
	s.Server.UUID = "one"
	s.Status.Uptime = N(uptime)
	set(&s.Status)
	return s
}

func TestARateIsTheDifferenceOverTheSamplesOwnInterval(t *testing.T) {
	older := sampleAt(0, 100, func(s *Status) { s.Replicated, s.PausedNS, s.Questions = N(1000), N(5e9), N(10) })
	newer := sampleAt(2, 102, func(s *Status) { s.Replicated, s.PausedNS, s.Questions = N(1500), N(5.5e9), N(10) })
	r := RatesBetween(older, newer)
	if r.Interval != 2*time.Second || r.Replicated != R(250) || r.Paused != R(0.25) || r.Questions != R(0) {
		t.Errorf("got %+v", r)
	}
	if r.Received.Known {
		t.Error("a counter that the server does not have must give no rate")
	}
}

func TestNoRateIsReckonedFromLessThanTwoSamples(t *testing.T) {
	s := sampleAt(0, 1, func(s *Status) { s.Replicated = N(1) })
	for name, pair := range map[string][2]*Sample{"none": {}, "only one": {nil, s}, "the same twice": {s, s}} {
		if r := RatesBetween(pair[0], pair[1]); r.Replicated.Known || r.Paused.Known {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestARestartGivesNoRateAtAll(t *testing.T) {
	older := sampleAt(0, 1000, func(s *Status) { s.Replicated, s.Received = N(10), N(9000) })
	for name, newer := range map[string]*Sample{
		"uptime fell":    sampleAt(1, 3, func(s *Status) { s.Replicated, s.Received = N(500), N(9500) }),
		"a counter fell": sampleAt(1, 1001, func(s *Status) { s.Replicated, s.Received = N(500), N(2) }),
		"another server": func() *Sample {
			s := sampleAt(1, 1001, func(s *Status) { s.Replicated = N(500) })
			s.Server.UUID = "two"
			return s
		}(),
	} {
		if r := RatesBetween(older, newer); r.Replicated.Known || r.Received.Known {
			t.Errorf("%s: %+v", name, r)
		}
		if !Restarted(older, newer) {
			t.Errorf("%s: not noticed", name)
		}
	}
}

func TestFlushStatusDropsOnlyTheCountersThatItResets(t *testing.T) {
	older := sampleAt(0, 100, func(s *Status) { s.FCSent, s.Questions, s.PausedNS = N(50), N(900), N(1e9) })
	newer := sampleAt(1, 101, func(s *Status) { s.FCSent, s.Questions, s.PausedNS = N(0), N(1), N(15e8) })
	r := RatesBetween(older, newer)
	if r.FCSent.Known || r.Questions.Known || r.Paused != R(0.5) || Restarted(older, newer) {
		t.Errorf("got %+v", r)
	}
}

func TestAnEvictedNodesSeqnoIsNoRestart(t *testing.T) {
	older := sampleAt(0, 100, func(s *Status) { s.LastCommitted, s.Received = N(500), N(7) })
	newer := sampleAt(1, 101, func(s *Status) { s.LastCommitted, s.Received = N(-1), N(7) })
	if r := RatesBetween(older, newer); r.Committed.Known || r.Received != R(0) {
		t.Errorf("got %+v", r)
	}
}

func TestThePausedShareNeverExceedsOne(t *testing.T) {
	older := sampleAt(0, 100, func(s *Status) { s.PausedNS = N(0) })
	newer := sampleAt(1, 101, func(s *Status) { s.PausedNS = N(1_050_000_000) })
	if r := RatesBetween(older, newer); r.Paused != R(1) {
		t.Errorf("got %+v", r.Paused)
	}
}

// However counters run and whenever samples are taken, the rates add up to the
// difference of the counters.
func TestRatesAddUpToTheCounter(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var sum float64
		first := sampleAt(0, 1, func(s *Status) { s.Received = N(rng.Int64N(1e12)) })
		last := first
		for i := range 20 {
			at := float64(i+1) + rng.Float64()*0.9
			next := sampleAt(at, int64(at)+1, func(s *Status) { s.Received = N(last.Status.Received.V + rng.Int64N(1e6)) })
			r := RatesBetween(last, next)
			sum += r.Received.V * r.Interval.Seconds()
			last = next
		}
		want := float64(last.Status.Received.V - first.Status.Received.V)
		if sum < want-0.01 || sum > want+0.01 {
			t.Fatalf("rates add up to %v, the counter to %v", sum, want)
		}
	}
}
