package collector

import (
	"math/rand/v2"
	"time"

	"github.com/galeratop/galeratop/model"
)

// pause bounds the wait between two attempts to connect.
type pause struct{ first, last time.Duration }

// pauses are short where an attempt costs the server nothing, so that a node is
// seen as soon as it returns, and long where each attempt burdens it or counts
// towards max_connect_errors.
var pauses = map[model.FailureKind]pause{
	model.FailRefused: {200 * time.Millisecond, 800 * time.Millisecond},
	model.FailLost:    {100 * time.Millisecond, 800 * time.Millisecond},
	model.FailTimeout: {100 * time.Millisecond, 800 * time.Millisecond},
	model.FailHost:    {time.Second, 15 * time.Second},
	model.FailAccess:  {2 * time.Second, 30 * time.Second},
	model.FailTLS:     {2 * time.Second, 30 * time.Second},
	model.FailFull:    {time.Second, 10 * time.Second},
	model.FailBlocked: {10 * time.Second, 60 * time.Second},
}

var otherPause = pause{500 * time.Millisecond, 5 * time.Second}

// backoff says when to try again and how long an attempt may take.
type backoff struct{ failures int }

// next is the wait after one more failure of the kind: doubling from the first
// to the last, of which up to a quarter is left out at random so that consoles
// do not come back in step.
func (b *backoff) next(kind model.FailureKind) time.Duration {
	p, ok := pauses[kind]
	if !ok {
		p = otherPause
	}
	wait := min(p.first<<min(b.failures, 16), p.last)
	b.failures++
	return wait - time.Duration(rand.Int64N(int64(wait)/4+1))
}

// patience is how long the next attempt may take. It grows: a hung server
// answers a waiting attempt at once when it resumes, while each new attempt
// leaves one more dead connection in its backlog.
func (b *backoff) patience() time.Duration {
	return min(3*time.Second<<min(b.failures, 2), 10*time.Second)
}

func (b *backoff) reset() { b.failures = 0 }
