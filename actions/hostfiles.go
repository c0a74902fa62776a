package actions

import (
	"context"
	"sync"
	"time"

	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/model"
)

// Written is what the option files on a node's host say at one time.
type Written struct {
	Node    string // ID
	At      time.Time
	Written host.Part[host.Written]
}

// Files reads the option files on the hosts of several nodes side by side, in the
// order of the nodes.
func (h *Hosts) Files(ctx context.Context, nodes []*model.Node) []Written {
	out := make([]Written, len(nodes))
	var all sync.WaitGroup
	for i, n := range nodes {
		all.Go(func() {
			name, facts := h.Of(n)
			written := host.ReadWritten(ctx, h.Way, name, facts)
			out[i] = Written{Node: n.ID, At: time.Now(), Written: written}
		})
	}
	all.Wait()
	return out
}

// Setting is what the files say of a setting, or of an option of the provider
// (those have a dot in their name).
func (w *Written) Setting(name string) model.FileSetting {
	if w == nil || !w.Written.Known() {
		return model.FileSetting{}
	}
	return model.FileSettingOf(w.Written.Value.Values, name)
}
