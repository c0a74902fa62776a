package demo

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/galeratop/galeratop/collector"
	"github.com/galeratop/galeratop/model"
)

// watch collects from the first node on, as a console does.
func (s *site) watch() <-chan *model.Snapshot {
	s.t.Helper()
	c := collector.New(collector.Options{
		Seeds: s.Addresses()[:1], Interval: 100 * time.Millisecond,
		Driver: func(address string) (*mysql.Config, error) {
			cfg := mysql.NewConfig()
			cfg.Net, cfg.Addr, cfg.User, cfg.Passwd, cfg.Logger = "tcp", address, s.User(), s.Password(), &mysql.NopLogger{}
			return cfg, nil
		},
	})
	ctx, cancel := context.WithCancel(s.t.Context())
	done := make(chan struct{})
	go func() { defer close(done); c.Run(ctx) }()
	s.t.Cleanup(func() {
		cancel()
		for range c.Snapshots() { // what is left
		}
		<-done
	})
	return c.Snapshots()
}

// In each strait that is there to practise on, a console says what a real cluster's
// straits of that kind are called.
func TestTheCollectorFindsWhatThereIsToPractise(t *testing.T) {
	for scenario, want := range map[string]string{
		"full-crash": "nobody-answers", "no-primary": "primary-unknown", "split-brain": "split-brain",
		"accidental-bootstrap": "founded-alone", "evicted": "evicted",
		"crashed-node": "silent", "needs-sst": "silent", "stuck-joiner": "silent", "stale-sst": "silent",
	} {
		t.Run(scenario, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, Options{Seed: 60, Threads: 4, Scenario: scenario}).after(3 * time.Second)
			feed := s.watch()
			for snap := range feed {
				if len(snap.Nodes) == 3 && !slices.ContainsFunc(snap.Nodes, func(n *model.Node) bool { return !n.Up() }) {
					break
				}
			}
			s.after(29 * time.Second)
			for snap := range feed {
				s.after(100 * time.Millisecond)
				if slices.ContainsFunc(snap.Findings, func(f model.Finding) bool { return f.Rule == want }) {
					return
				}
			}
			t.Error("the feed has ended")
		})
	}
}
