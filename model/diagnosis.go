package model

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Diagnosis follows a cluster from snapshot to snapshot and says what is wrong.
// It is pure: the same snapshots give the same findings. Not for concurrent use.
type Diagnosis struct {
	rules  []Rule
	past   *Past
	seen   map[findingKey]*sighting
	before *Snapshot
	events []Event
	number uint64

	episodes episodes
}

// sighting is a finding on its way from suspected through confirmed to cleared.
type sighting struct {
	Finding
	shown   int // snapshots in a row that showed it
	missing int // snapshots in a row that did not, since it was confirmed
	said    bool
}

// NewDiagnosis follows a cluster by all rules.
func NewDiagnosis() *Diagnosis { return newDiagnosis(Rules()) }

func newDiagnosis(rules []Rule) *Diagnosis {
	return &Diagnosis{rules: rules, past: newPast(), seen: make(map[findingKey]*sighting)}
}

// Rules are all rules, the tables of every subject together.
func Rules() []Rule {
	return slices.Concat(groupRules, flowRules, transferRules, configRules, loadRules)
}

// Next takes the next snapshot, which must be complete and not published yet, and
// writes its findings, its verdict and its events into it.
func (d *Diagnosis) Next(s *Snapshot) {
	d.past.learn(s)
	view := &View{Snapshot: s, Past: d.past}
	found := make(map[findingKey]bool)
	for i := range d.rules {
		rule := &d.rules[i]
		for _, f := range rule.Find(view) {
			f.Rule = rule.ID
			if f.Level == LevelOK {
				f.Level = rule.Level
			}
			found[f.key()] = true
			d.sight(rule, f, s.At)
		}
	}
	d.forget(found, s.At)
	s.Findings = d.confirmed()
	s.Headline = verdict(s)
	d.watch(d.before, s)
	s.Events = slices.Clip(d.events)
	d.before = s
}

// sight counts one more snapshot that shows a finding.
func (d *Diagnosis) sight(rule *Rule, f Finding, now time.Time) {
	x := d.seen[f.key()]
	if x == nil {
		x = &sighting{}
		x.Since = now
		d.seen[f.key()] = x
	}
	f.Since = x.Since
	x.Finding = f
	x.shown++
	x.missing = 0
	if !x.said && x.shown >= max(rule.Confirm, 1) {
		x.said = true
		d.tell(Event{At: now, Kind: EventFinding, Level: f.Level, Text: f.Title, Nodes: f.Nodes})
	}
}

// forget clears what is no longer found, as slowly as the rule wants.
func (d *Diagnosis) forget(found map[findingKey]bool, now time.Time) {
	for key, x := range d.seen {
		if found[key] {
			continue
		}
		x.missing++
		if x.said && x.missing < max(d.rule(key.rule).Clear, 1) {
			continue
		}
		delete(d.seen, key)
		if x.said {
			d.tell(Event{
				At: now, Kind: EventCleared, Level: LevelOK, Nodes: x.Nodes,
				Text: "over after " + Span(now.Sub(x.Since)) + ": " + x.Title, Lasted: now.Sub(x.Since),
			})
		}
	}
}

func (d *Diagnosis) rule(id string) *Rule {
	i := slices.IndexFunc(d.rules, func(r Rule) bool { return r.ID == id })
	return &d.rules[i]
}

// confirmed lists what is said now, the worst and then the oldest first.
func (d *Diagnosis) confirmed() []Finding {
	var out []Finding
	for _, x := range d.seen {
		if x.said {
			out = append(out, x.Finding)
		}
	}
	slices.SortFunc(out, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(b.Level, a.Level), cmp.Compare(d.rank(a.Rule), d.rank(b.Rule)),
			a.Since.Compare(b.Since), cmp.Compare(a.About, b.About))
	})
	return out
}

// rank is a rule's place in the tables: within a level the weightier come first.
func (d *Diagnosis) rank(id string) int {
	return slices.IndexFunc(d.rules, func(r Rule) bool { return r.ID == id })
}

// verdict is the worst finding in words, with counts of the rest; without any,
// what the nodes say of themselves.
func verdict(s *Snapshot) Headline {
	if len(s.Findings) == 0 {
		// What is not confirmed yet is no alarm, but it is not calm either.
		h := headline(s)
		h.Level = min(h.Level, LevelWarning)
		return h
	}
	worst := s.Findings[0]
	h := Headline{Level: worst.Level, Text: worst.Title}
	if rest := len(s.Findings) - 1; rest > 0 {
		h.Text += fmt.Sprintf(" (+%d more)", rest)
	}
	return h
}

// Span writes a duration for people: 4s, 3m20s, 2h5m, 3d4h.
func Span(d time.Duration) string {
	d = d.Round(time.Second)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm%ds", int(d.Minutes()), int(d.Seconds())%60)
	case d < 24*time.Hour:
		return fmt.Sprintf("%dh%dm", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%dd%dh", int(d.Hours())/24, int(d.Hours())%24)
}
