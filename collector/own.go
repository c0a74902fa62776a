package collector

import (
	"slices"
	"sync"
)

// ownThreads are the connections of this process, by the server's UUID: nobody
// may end them by mistake, and only who made them knows which they are.
type ownThreads struct {
	mutex sync.Mutex
	of    map[string][]uint64
}

var own = ownThreads{of: make(map[string][]uint64)}

func (o *ownThreads) add(server string, thread uint64) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.of[server] = append(o.of[server], thread)
}

func (o *ownThreads) remove(server string, thread uint64) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	kept := o.of[server]
	if i := slices.Index(kept, thread); i >= 0 {
		kept = slices.Delete(kept, i, i+1)
	}
	if o.of[server] = kept; len(kept) == 0 {
		delete(o.of, server)
	}
}

func (o *ownThreads) list(server string) []uint64 {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return slices.Clone(o.of[server])
}
