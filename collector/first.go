package collector

import (
	"slices"
	"time"

	"github.com/galeratop/galeratop/model"
)

// mostFirst bounds firstThreads: a server compares every thread with the list.
const mostFirst = 50

// firstThreads are the threads that a bound on the process list must not cut, at
// most so many, by the last reading of locks and transactions: those that others
// wait for, those that hold up a whole server or rows, those whose transactions
// are open, the oldest first, and those with metadata locks. A sleeper among them
// is what an incident is about. Threads that are gone meanwhile cost nothing.
func firstThreads(s *model.Slow, now time.Time, most int) []uint64 {
	var out []uint64
	add := func(id uint64) {
		if id != 0 && len(out) < min(most, mostFirst) && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	var locks model.Locks
	if s.Locks.Fresh(now) {
		locks = *s.Locks
	}
	for i := range locks.Waits {
		add(locks.Waits[i].Blocker)
	}
	holders := func(metadata bool) {
		for i := range locks.Known {
			if l := &locks.Known[i]; !l.Pending && (l.Kind == model.LockMetadata) == metadata {
				add(l.Thread)
			}
		}
	}
	holders(false)
	if s.Transactions != nil {
		for i := range s.Transactions.Rows {
			add(s.Transactions.Rows[i].Thread)
		}
	}
	holders(true)
	return out
}
