package ui

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// chooser is a pane or a mode in which threads can be chosen: the row under the
// cursor, or the tagged ones.
type chooser interface{ chosen() []model.Thread }

// matcher is a pane whose filter narrows threads: all that it shows can be
// chosen at once.
type matcher interface {
	chooser
	matching() []model.Thread
}

// killKeys are the keys that end what was chosen, wherever threads can be
// chosen.
func (s *shell) killKeys() []action {
	if s.chooser() == nil {
		return nil
	}
	keys := []action{
		do("kill the query of the chosen thread; it asks first", func(s *shell) { s.kill(s.chooser().chosen(), actions.KillQuery) }, "x").
			unless(s.unchosen),
		do("kill the connection of the chosen thread; it asks first", func(s *shell) { s.kill(s.chooser().chosen(), actions.KillConnection) }, "X").
			unless(s.unchosen),
	}
	if m, ok := s.pane().(matcher); ok && s.chooser() == chooser(m) {
		keys = append(
			keys,
			do("kill the queries of all threads that match the filter; it asks first", func(s *shell) { s.kill(m.matching(), actions.KillQuery) }, "ctrl+k").
				unless(func() string { return s.unmatched(m) }),
			do("kill the connections of all threads that match the filter; it asks first", func(s *shell) { s.kill(m.matching(), actions.KillConnection) }, "ctrl+x").
				unless(func() string { return s.unmatched(m) }),
		)
	}
	return keys
}

// chooser is what threads can be chosen in now; nil when in nothing.
func (s *shell) chooser() chooser {
	if c, ok := s.mode.(chooser); ok {
		return c
	}
	c, _ := s.pane().(chooser)
	return c
}

// powerless is why this console changes nothing; empty when it may.
func (s *shell) powerless() string {
	switch {
	case s.opt.ReadOnly:
		return "read-only mode"
	case s.runner == nil:
		return "there is no cluster behind this console to change"
	}
	return ""
}

// unchosen is why nothing can be killed; empty when something can.
func (s *shell) unchosen() string {
	if why := s.powerless(); why != "" {
		return why
	}
	chosen := s.chooser().chosen()
	switch len(chosen) {
	case 0:
		return "no thread is chosen"
	case 1:
		return model.Protected(chosen[0].Process, chosen[0].Node.Sample)
	}
	return ""
}

// killHints are the keys that kill in the footer, or in a few words why they are
// dead: all of the reason is said when one is pressed.
func (s *shell) killHints() []hint {
	if s.chooser() == nil {
		return nil
	}
	dead := func(why string) []hint { return []hint{{keys: "x X", word: "kill: " + why, dead: true}} }
	switch {
	case s.opt.ReadOnly:
		return dead("read-only mode")
	case s.powerless() != "":
		return dead("no cluster")
	}
	chosen := len(s.chooser().chosen())
	switch {
	case chosen == 0 && s.mode != nil:
		return dead("nothing to kill")
	case chosen == 0:
		return append(dead("choose a thread"), s.matchHints()...)
	case s.unchosen() != "":
		return dead("protected thread")
	case chosen > 1:
		return append([]hint{
			{keys: "x", word: fmt.Sprintf("kill %d queries", chosen)}, {keys: "X", word: fmt.Sprintf("kill %d connections", chosen)},
		}, s.matchHints()...)
	}
	return append([]hint{{keys: "x", word: "kill query"}, {keys: "X", word: "kill connection"}}, s.matchHints()...)
}

// matchHints are the keys that kill all that match a filter.
func (s *shell) matchHints() []hint {
	m, ok := s.chooser().(matcher)
	if !ok || s.unmatched(m) != "" {
		return nil
	}
	return []hint{{keys: "Ctrl-K Ctrl-X", word: fmt.Sprintf("kill all %d", len(m.matching())), rank: rankUsual}}
}

func (s *shell) unmatched(m matcher) string {
	switch why := s.powerless(); {
	case why != "":
		return why
	case m.(pane).filtered() == nil:
		return "no filter is set: it would be every thread"
	case len(m.matching()) == 0:
		return "no thread matches the filter"
	}
	return ""
}

// present is the newest snapshot, also while an older one is on the screen.
func (s *shell) present() *model.Snapshot {
	if s.latest != nil {
		return s.latest
	}
	return s.snap
}

// session is what actions need to know of this console.
func (s *shell) session() actions.Session {
	return actions.Session{Cluster: s.present().Cluster, Production: s.opt.Production, ReadOnly: s.opt.ReadOnly}
}

// kill asks whether the threads are to be killed.
func (s *shell) kill(chosen []model.Thread, kind actions.KillKind) {
	var keys []model.ThreadKey
	rows := rowsByKey(s.snap, chosen)
	for i := range chosen {
		// The screen may show what a thread was last seen at. What it is at now was
		// not chosen.
		key := chosen[i].Key()
		if is := rows[key]; is != nil && is.Continues(chosen[i].Process) {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		s.say("what was chosen has ended by itself")
		return
	}
	k := &killing{session: s.session()}
	if len(keys) <= fewShown {
		k.shown = slices.Clone(chosen)
	}
	k.first = actions.PlanKill(s.snap, k.session, keys, kind)
	s.propose(k)
}

// fewShown is of how many chosen threads the dialog shows the statement.
const fewShown = 2

// killing is a kill that waits to be confirmed. What was chosen stays what it
// was: no thread joins it later, and one that runs another statement by now is
// not the query that somebody wanted to kill.
type killing struct {
	first   *actions.Plan // against the snapshot in which it was chosen
	session actions.Session
	shown   []model.Thread
}

// demand is what a kill is planned with: whole statements, and what each
// transaction would have to roll back.
func (k *killing) demand() model.Subject {
	return model.SubjectProcesses | model.SubjectTransactions
}

func (k *killing) run(s *shell, p *actions.Plan) tea.Cmd { return s.start(p) }

func (k *killing) plan(now *model.Snapshot) (*actions.Plan, []string) {
	p := actions.Replan(now, k.session, k.first)
	if len(p.Steps) == 0 {
		p.Title = k.first.Title
	}
	var changes []string
	for _, x := range p.Excluded {
		before := func(y actions.Exclusion) bool { return y.What == x.What }
		if !slices.ContainsFunc(k.first.Excluded, before) {
			changes = append(changes, x.What+": "+x.Reason)
		}
	}
	return p, changes
}

// about is what the chosen threads run, as far as there are few of them.
func (k *killing) about(e *env) []string {
	var out []string
	for i := range k.shown {
		if t := &k.shown[i]; t.Query != "" {
			out = append(out, e.query(t.Query))
		}
	}
	return out
}

// rowsByKey are the process rows of the chosen threads in a snapshot.
func rowsByKey(s *model.Snapshot, chosen []model.Thread) map[model.ThreadKey]*model.Process {
	wanted := make(map[model.ThreadKey]bool, len(chosen))
	for i := range chosen {
		wanted[chosen[i].Key()] = true
	}
	rows := make(map[model.ThreadKey]*model.Process, len(chosen))
	for _, n := range s.Nodes {
		if !n.Up() {
			continue
		}
		for i := range n.Sample.Processes.Rows {
			key := model.ThreadKey{Node: n.ID, Thread: n.Sample.Processes.Rows[i].ID}
			if wanted[key] {
				rows[key] = &n.Sample.Processes.Rows[i]
			}
		}
	}
	return rows
}
