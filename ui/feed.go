// Package ui is the live console: a Bubble Tea shell with panes that draw
// snapshots. It asks a feed for snapshots and knows nothing of where they come
// from.
package ui

import (
	"time"

	"github.com/galeratop/galeratop/model"
)

// Feed delivers snapshots; the live collector and the recording player
// implement it. Its methods must not block.
type Feed interface {
	// Snapshots delivers the newest snapshot; one that nobody took is replaced
	// by the next. It is closed when the feed ends.
	Snapshots() <-chan *model.Snapshot
	// Demand names the slow subjects that the visible pane shows, as a bit mask.
	Demand(model.Subject)
	// SetInterval changes the time between snapshots.
	SetInterval(time.Duration)
}
