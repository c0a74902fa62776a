package collector

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/galeratop/galeratop/model"
)

// A stream is what the nodes of a real cluster showed, tick by tick; see
// TestRecordStreams.
type stream []moment

// moment is one tick.
type moment struct {
	At    time.Time       `json:"at"`
	Faces map[string]face `json:"faces"` // by address
}

// face is what one node showed at one tick.
type face struct {
	Link    model.Link     `json:"link"`
	Failure *model.Failure `json:"failure,omitempty"`
	Sample  *model.Sample  `json:"sample,omitempty"` // nil when it is the one before; of its slow parts what is new
}

func streamFile(name string) string {
	return filepath.Join("..", "testdata", "streams", name+".jsonl.gz")
}

func readStream(t *testing.T, name string) stream {
	t.Helper()
	f, err := os.Open(streamFile(name))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	unzip, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var out stream
	values := map[string]map[string]string{}
	lines := bufio.NewScanner(unzip)
	for lines.Buffer(nil, 1<<20); lines.Scan(); {
		var m moment
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			t.Fatalf("%s, line %d: %v", name, len(out)+1, err)
		}
		for address, f := range m.Faces {
			// Variables that were read anew and are the same come without values.
			if f.Sample != nil && f.Sample.Slow.Variables != nil {
				if v := f.Sample.Slow.Variables; v.Values == nil {
					v.Values = values[address]
				} else {
					values[address] = v.Values
				}
			}
		}
		out = append(out, m)
	}
	if err := lines.Err(); err != nil || len(out) < 10 {
		t.Fatalf("%s has %d moments: %v", name, len(out), err)
	}
	return out
}

// skewed replays a stream through an assembler. Every node is seen up to two
// ticks late, now more and now less, so that samples are delayed and dropped and
// neighbours are seen at different times.
type skewed struct {
	rng    *rand.Rand
	stream stream
	a      *assembler
	shown  map[string]int // the moment that each node shows, by address
	late   map[string]int
}

func newSkewed(s stream, rng *rand.Rand) *skewed {
	a := newAssembler(context.Background(), New(Options{}))
	a.spawn = func(func(context.Context)) context.CancelFunc { return func() {} }
	return &skewed{rng: rng, stream: s, a: a, shown: map[string]int{}, late: map[string]int{}}
}

// tick makes the snapshot of a moment.
func (k *skewed) tick(i int) *model.Snapshot {
	m := k.stream[i]
	for _, address := range slices.Sorted(maps.Keys(m.Faces)) {
		if _, known := k.shown[address]; !known {
			n := k.a.add(address)
			n.expected, n.since = true, m.At
			k.shown[address] = i - 1
		}
		if k.rng.IntN(3) == 0 {
			k.late[address] = k.rng.IntN(3)
		}
		k.advance(address, i-k.late[address])
	}
	k.a.tick++
	return k.a.snapshot(m.At)
}

// advance lets a node show a moment, unless it shows a later one already.
func (k *skewed) advance(address string, to int) {
	n := k.a.add(address)
	var last face
	var sample *model.Sample
	for k.shown[address] < to {
		k.shown[address]++
		last = k.stream[k.shown[address]].Faces[address]
		if s := last.Sample; s != nil {
			sample = s
			newer(&n.slow.Variables, s.Slow.Variables)
			newer(&n.slow.Members, s.Slow.Members)
			newer(&n.slow.Transactions, s.Slow.Transactions)
			newer(&n.slow.Clock, s.Slow.Clock)
		}
	}
	switch {
	case last.Link == model.LinkUp && sample != nil:
		n.answered(sample)
	case last.Failure != nil:
		f := *last.Failure
		n.failed(&f)
	case last.Link != "":
		n.setLink(last.Link, k.stream[k.shown[address]].At)
	}
}

func newer[T any](known **T, read *T) {
	if read != nil {
		*known = read
	}
}

func criticals(s *model.Snapshot) []string {
	var out []string
	for i := range s.Findings {
		if s.Findings[i].Level == model.LevelCritical {
			out = append(out, s.Findings[i].Rule+": "+s.Findings[i].Title)
		}
	}
	if s.Headline.Level == model.LevelCritical && len(out) == 0 {
		out = append(out, "verdict: "+s.Headline.Text)
	}
	return out
}

// In none of these streams was a cluster ever in danger of more than the node
// that was stopped or killed.
func TestRecordedDailyLifeRaisesNoFalseAlarm(t *testing.T) {
	names := []string{"rolling-restart", "join-leave", "desync", "crash"}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := readStream(t, name)
			said := map[string]int{}
			for round := range 200 / len(names) {
				k := newSkewed(s, rand.New(rand.NewPCG(uint64(round), 31)))
				for i := range s {
					snapshot := k.tick(i)
					if bad := criticals(snapshot); len(bad) > 0 {
						t.Fatalf("round %d, tick %d: %q\n%s", round, i, bad, describeNodes(snapshot))
					}
					for _, f := range snapshot.Findings {
						said[f.Level.String()+" "+f.Rule]++
					}
				}
			}
			t.Log(len(s), "ticks;", said)
		})
	}
}

// The same skew hides no split brain, and makes none before there is one.
func TestARecordedSplitBrainIsFoundThroughTheSkew(t *testing.T) {
	s := readStream(t, "split-brain")
	cut := slices.IndexFunc(s, moment.parted)
	if cut < 0 {
		t.Fatal("nobody was cut off")
	}
	split := cut + slices.IndexFunc(s[cut:], func(m moment) bool { return !m.parted() })
	if cut < 5 || split <= cut || len(s)-split < 9 {
		t.Fatalf("cut at %d, split at %d of %d", cut, split, len(s))
	}
	worst := 0
	for round := range 100 {
		k := newSkewed(s, rand.New(rand.NewPCG(uint64(round), 32)))
		found := -1
		for i := 0; i < len(s) && found < 0; i++ {
			snapshot := k.tick(i)
			if bad := criticals(snapshot); i < cut && len(bad) > 0 {
				t.Fatalf("round %d, tick %d of %d before the cut: %q", round, i, cut, bad)
			}
			for _, f := range snapshot.Findings {
				if f.Rule == "split-brain" {
					found = i
				}
			}
		}
		if found < split || found > split+6 {
			t.Fatalf("round %d: split at tick %d, found at %d", round, split, found)
		}
		worst = max(worst, found-split)
	}
	t.Logf("found at most %d ticks after the split", worst)
}

// parted reports whether a node says at this tick that it is not Primary.
func (m moment) parted() bool {
	for _, f := range m.Faces {
		if f.Sample != nil && !f.Sample.Status.InPrimary() {
			return true
		}
	}
	return false
}
