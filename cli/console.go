package cli

import (
	"context"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/galeratop/galeratop/ui"
)

// screen is how the console looks.
type screen struct {
	cluster, theme, demo                          string
	interval                                      time.Duration
	noColor, ascii, readOnly, privacy, production bool
}

func (a *app) console(ctx context.Context, feed ui.Feed, s screen) error {
	return ui.Run(ctx, feed, ui.Options{
		Cluster: s.cluster, Interval: s.interval, Theme: s.theme, NoColor: s.noColor, ASCII: s.ascii,
		ReadOnly: s.readOnly, Privacy: s.privacy, Production: s.production, Demo: s.demo,
		Input: a.in, Output: a.out,
	})
}

// needTerminal refuses to draw where nobody can see it.
func (a *app) needTerminal() error {
	in, inOK := a.in.(*os.File)
	out, outOK := a.out.(*os.File)
	if !inOK || !outOK || !term.IsTerminal(int(in.Fd())) || !term.IsTerminal(int(out.Fd())) {
		return usage("the console needs a terminal; without one use galeratop check, or galeratop record")
	}
	if os.Getenv("TERM") == "dumb" {
		return usage("TERM=dumb cannot show the console; use galeratop check, or galeratop record")
	}
	return nil
}
