package model

import (
	"testing"
	"time"
)

func TestClocksThatDifferAreFoundBeyondTheDoubt(t *testing.T) {
	at := time.Unix(1_700_000_000, 0)
	for name, c := range map[string]struct {
		second, took time.Duration
		age          time.Duration
		level        Level
	}{
		"in step":                  {time.Second, 0, 0, LevelOK},
		"three seconds":            {3 * time.Second, 0, 0, LevelNotice},
		"behind":                   {-3 * time.Second, 0, 0, LevelNotice},
		"a minute":                 {time.Minute, 0, 0, LevelWarning},
		"within the doubt":         {3 * time.Second, 2 * time.Second, 0, LevelOK},
		"read too long ago to say": {time.Minute, 0, 3 * time.Minute, LevelOK},
	} {
		a, b := answering("db1", Primary, StateSynced, "db1", "db2"), answering("db2", Primary, StateSynced, "db1", "db2")
		for n, ahead := range map[*Node]time.Duration{a: 7 * time.Second, b: 7*time.Second + c.second} {
			read := at.Add(-c.age)
			n.Sample.Slow.Clock = &Clock{Reading: Reading{At: read, Took: c.took}, Server: read.Add(-c.took / 2).Add(ahead)}
		}
		s := &Snapshot{At: at, Nodes: []*Node{a, b}}
		s.Complete()
		found := findBy("clock-skew", s)
		level := LevelOK
		if len(found) > 0 {
			level = found[0].Level
		}
		if level != c.level {
			t.Errorf("%s: %v, not %v: %+v", name, level, c.level, found)
		}
	}
}

// findBy is what one rule finds in a snapshot, without waiting to be sure.
func findBy(id string, s *Snapshot) []Finding {
	for _, r := range Rules() {
		if r.ID == id {
			return r.Find(&View{Snapshot: s, Past: newPast()})
		}
	}
	return nil
}
