package actions

import (
	"fmt"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// Watch is a rule at work over the snapshots of one console. It begins as a
// preview, which only counts what it would have killed, and is told when it is
// armed. It is pure: who has it kills what it names.
type Watch struct {
	Rule  *WatchRule
	Began time.Time // of the first snapshot it saw, by the snapshots' clock
	Looks int       // snapshots that it saw
	Hits  []Hit     // what it applied to, the newest last, at most hitsKept
	Total int       // of hits, also those no longer kept
	Armed bool
	// Over says why it disarmed itself; "" while it did not.
	Over string

	at    time.Time // of the newest snapshot
	last  map[model.ThreadKey]*model.Process
	told  map[model.ThreadKey]*model.Process
	spent []time.Time // when the kills of the last minute were named
}

// Hit is a statement to which a rule applied.
type Hit struct {
	Thread model.Thread
	At     time.Time // of the snapshot that showed it
}

// The bounds of a watch.
const (
	// KillsPerMinute is how many threads a rule may kill within a minute. One
	// more disarms it: either the rule is wrong or its kills do not help.
	KillsPerMinute = 10
	hitsKept       = 200
	// A preview is long enough after one of the rule's own durations, and in any
	// case after so many snapshots; never after fewer than so few.
	previewMost  = 300
	previewLeast = 10
)

// NewWatch begins the preview of a rule.
func NewWatch(r *WatchRule) *Watch {
	return &Watch{Rule: r, last: make(map[model.ThreadKey]*model.Process), told: make(map[model.ThreadKey]*model.Process)}
}

// Look takes over a snapshot and returns the threads to which the rule applies
// and that it has not named before: in the preview what it would kill, armed
// what it kills. A thread must match in two snapshots in a row, so that no
// single odd reading kills anything; a silence between them begins anew.
func (w *Watch) Look(s *model.Snapshot) []model.Thread {
	if w.Looks++; w.Looks == 1 {
		w.Began = s.At
	}
	gap := s.At.Sub(w.at) > patience(s)
	w.at = s.At
	now := make(map[model.ThreadKey]*model.Process)
	var due []model.Thread
	threads := model.Threads(s)
	for i := range threads {
		t := &threads[i]
		if t.Node.Age > patience(s) || !w.Rule.Match(t) {
			continue
		}
		key := t.Key()
		now[key] = t.Process
		if was := w.last[key]; gap || was == nil || !t.Continues(was) {
			continue
		}
		if told := w.told[key]; told != nil && t.Continues(told) {
			w.told[key] = t.Process
			continue
		}
		w.told[key] = t.Process
		due = append(due, *t)
	}
	for key := range w.told {
		if now[key] == nil {
			delete(w.told, key)
		}
	}
	w.last = now
	return w.name(s, due)
}

// name counts what is due. Armed, it names no more than the limit allows.
func (w *Watch) name(s *model.Snapshot, due []model.Thread) []model.Thread {
	for len(w.spent) > 0 && s.At.Sub(w.spent[0]) >= time.Minute {
		w.spent = w.spent[1:]
	}
	for i := range due {
		if w.Armed && len(w.spent) == KillsPerMinute {
			w.Armed = false
			w.Over = fmt.Sprintf("disarmed itself: more than %d kills within a minute", KillsPerMinute)
			return due[:i]
		}
		if w.Armed {
			w.spent = append(w.spent, s.At)
		}
		w.Total++
		w.Hits = append(w.Hits, Hit{due[i], s.At})
		if len(w.Hits) > hitsKept {
			w.Hits = w.Hits[len(w.Hits)-hitsKept:]
		}
	}
	return due
}

// patience is for how long a reading counts as current.
func patience(s *model.Snapshot) time.Duration { return 2*s.Interval + 2*time.Second }

// Watched is for how long it has been watching.
func (w *Watch) Watched() time.Duration { return w.at.Sub(w.Began) }

// Early is what the preview still lacks; "" when it was long enough.
func (w *Watch) Early() string {
	switch left := w.Rule.After - w.Watched(); {
	case w.Looks < previewLeast:
		return fmt.Sprintf("%d of at least %d refreshes watched", w.Looks, previewLeast)
	case left > 0 && w.Looks < previewMost:
		return fmt.Sprintf("watched for %s of %s, or for %d of %d refreshes", whole(w.Watched()), whole(w.Rule.After), w.Looks, previewMost)
	}
	return ""
}

func whole(d time.Duration) string { return d.Truncate(time.Second).String() }

// Arm lets the rule kill from the next snapshot on, also what the preview
// already named and still runs.
func (w *Watch) Arm() {
	w.Armed, w.Over = true, ""
	w.Hits, w.Total, w.spent = nil, 0, nil
	clear(w.told)
}

// Disarm ends the rule's kills.
func (w *Watch) Disarm() { w.Armed = false }

// PlanWatch plans to arm a rule after its preview.
func PlanWatch(s *model.Snapshot, sess Session, w *Watch) *Plan {
	seen := Check{
		Text:     "its preview was long enough",
		Evidence: fmt.Sprintf("%s and %d refreshes watched, it would have killed %d", whole(w.Watched()), w.Looks, w.Total),
		Verdict:  Met,
	}
	if early := w.Early(); early != "" {
		seen.Evidence, seen.Verdict = early, Failed
	}
	p := &Plan{
		Action: "arm-watch-rule", Title: "Arm the watch rule: " + w.Rule.Text, Cluster: s.Cluster,
		Level: sess.raise(LevelNode), Word: "arm", Checks: []Check{seen},
		Effects: []string{
			"While it is armed, this console kills what the rule applies to without asking.",
			fmt.Sprintf("At most %d kills a minute: at one more it disarms itself and says so.", KillsPerMinute),
			"Every kill goes through the same checks as one by hand and is in the audit log, as is the arming; protected threads are never killed.",
			"It kills nothing while the frame is frozen, while a node does not answer, or without news.",
		},
		Unknowns: []string{"who runs into the rule from now on: the preview only knows what was"},
		Verify:   "the line at the top of the screen shows that it is armed and counts its kills",
		Undo:     "W and then d disarms it; so does the end of this console. What it killed stays killed.",
	}
	p.Steps = []Step{{Name: "any node", Text: "KILL " + strings.ToUpper(killWords[w.Rule.Kind].one) + " for each thread that the rule applies to"}}
	p.tick = s.Tick
	if p.Level == LevelCluster {
		p.Word = s.Cluster
	}
	if sess.ReadOnly {
		p.Refused = readOnly
	}
	return p
}
