package demo

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// rng is the engine's only source of chance: the same seed and the same actions
// at the same steps give the same cluster.
type rng struct{ *rand.Rand }

func newRNG(seed uint64) rng { return rng{rand.New(rand.NewPCG(seed, 0x67616c657261))} }

// poisson draws how many independent events happen where mean are expected.
func (r rng) poisson(mean float64) int64 {
	switch {
	case mean <= 0:
		return 0
	case mean > 30:
		return max(int64(mean+math.Sqrt(mean)*r.NormFloat64()+0.5), 0)
	}
	limit, product, n := math.Exp(-mean), r.Float64(), int64(0)
	for product > limit {
		n++
		product *= r.Float64()
	}
	return n
}

// exp draws an exponentially distributed quantity.
func (r rng) exp(mean float64) float64 { return r.ExpFloat64() * mean }

// uuid draws one that looks like those that Galera makes from time and host.
func (r rng) uuid() string {
	return fmt.Sprintf("%08x-%04x-11f1-%04x-%012x",
		r.Uint32(), r.Uint32()&0xffff, r.Uint32()&0x3fff|0x8000, r.Uint64()&0xffffffffffff)
}
