package cli

import (
	"context"
	"encoding/json"
	"time"

	"github.com/spf13/cobra"

	"github.com/galeratop/galeratop/config"
	"github.com/galeratop/galeratop/model"
)

// record prints every snapshot as a line of JSON, without a screen.
func (a *app) record() *cobra.Command {
	var f config.Flags
	var period time.Duration
	c := &cobra.Command{
		Use:   "record [flags] [HOST[:PORT]... | CLUSTER]",
		Short: "Print one JSON snapshot a line until interrupted",
		Args:  cobra.ArbitraryArgs,
	}
	c.RunE = a.command(func(ctx context.Context, args []string) error {
		settleFlags(c.Flags(), &f, args)
		return a.runRecord(ctx, f, period)
	})
	connectFlags(c.Flags(), &f)
	c.Flags().DurationVar(&f.Refresh, "refresh", 0, "time between samples, 200ms to 60s (default 1s)")
	c.Flags().DurationVar(&period, "for", 0, "stop after this time")
	privacyFlag(c.Flags(), &f)
	return c
}

// shownBy is what may be written of snapshots: all, or with privacy what
// strangers may see.
func shownBy(t *config.Target) func(*model.Snapshot) *model.Snapshot {
	if t.Privacy {
		return model.NewRedactor().Snapshot
	}
	return func(s *model.Snapshot) *model.Snapshot { return s }
}

func (a *app) runRecord(ctx context.Context, f config.Flags, period time.Duration) error {
	t, err := a.target(ctx, f)
	if err != nil {
		return err
	}
	col := collectorOf(t)
	_, stop, err := start(ctx, col, t, true)
	if err != nil {
		return err
	}
	defer stop()
	var end <-chan time.Time
	if period > 0 {
		end = time.After(period)
	}
	lines := json.NewEncoder(a.out)
	shown := shownBy(t)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-end:
			return nil
		case s := <-col.Snapshots():
			if s == nil {
				return nil
			}
			if err := lines.Encode(shown(s)); err != nil {
				return err
			}
		}
	}
}
