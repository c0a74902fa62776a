package ui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// proposal is an action that waits to be confirmed. Its plan is made anew
// against every snapshot, so that what is confirmed is what is run.
type proposal interface {
	// plan also says what became of that which was chosen: "thread 42 on db1 has
	// ended meanwhile".
	plan(*model.Snapshot) (p *actions.Plan, changes []string)
	demand() model.Subject
	// run is what a yes does.
	run(*shell, *actions.Plan) tea.Cmd
}

// reader is a proposal that reads hosts before its plan can be worked out.
type reader interface {
	proposal
	// pending is what the plan waits for; "" once it is worked out.
	pending() string
	// next reads what is not known yet, or not any more.
	next(*shell) tea.Cmd
}

// dialogMode asks whether a plan is to be run. No is the default: one key, or a
// typed word, runs it, and everything else leaves the cluster as it is.
type dialogMode struct {
	scroller
	of      proposal
	under   mode // where it was opened
	plan    *actions.Plan
	changes []string
	opened  int // steps when it was opened
	// level and word never get weaker while the dialog is open: letters that are
	// being typed must not become a yes.
	level actions.Level
	word  string
	typed input
	wrong string // what was typed instead of the word
	all   bool   // every statement is listed
	late  string // for how long the feed is silent
	waits string // what the plan still waits for; empty once it is worked out
}

// propose opens the dialog for an action.
func (s *shell) propose(of proposal) {
	m := &dialogMode{of: of, under: s.mode}
	m.take(s)
	m.opened = len(m.plan.Steps)
	s.mode = m
}

// take makes the plan anew. Also while the frame is frozen: an action knows no
// past.
func (m *dialogMode) take(s *shell) {
	m.plan, m.changes = m.of.plan(s.present())
	if m.waits != "" {
		m.opened = len(m.plan.Steps)
	}
	m.waits = ""
	if p, ok := m.of.(reader); ok {
		m.waits = p.pending()
	}
	if m.plan.Level >= m.level {
		m.level, m.word = m.plan.Level, m.plan.Word
	}
	if m.waiver() != nil && m.level < actions.LevelNode {
		m.level, m.word = actions.LevelNode, m.plan.Word
	}
}

func (m *dialogMode) demand() model.Subject { return m.of.demand() }

// next reads what the plan needs and does not know yet.
func (m *dialogMode) next(s *shell) tea.Cmd {
	if p, ok := m.of.(reader); ok {
		return p.next(s)
	}
	return nil
}

// refused is why the plan may not be run now; empty when it may.
func (m *dialogMode) refused() string {
	switch why := m.plan.Refuse(); {
	case why != "":
		return why
	case m.late != "":
		return "no news from the cluster for " + m.late + ", so nobody knows whether this still holds"
	case len(m.plan.Steps) == 0:
		return "nothing is left to do"
	case m.level > actions.LevelYes && m.word == "":
		return "there is no name to confirm it with"
	}
	return ""
}

func (m *dialogMode) press(s *shell, k tea.KeyPressMsg) tea.Cmd {
	m.late = s.silence()
	switch k.String() {
	case "up", "down", "pgup", "pgdown", "home", "end":
		m.scroller.press(s, k)
		return nil
	case "tab":
		m.all = !m.all
		return nil
	}
	switch why := m.refused(); {
	case m.waits != "" && k.String() != "esc":
	case m.waits != "":
		m.leave(s, "nothing was done")
	case why != "" && m.waiver() != nil && k.String() != "esc":
		m.waive(s, k)
	case why != "":
		m.leave(s, "not run: "+s.planned(why))
	case k.String() == "esc":
		m.leave(s, "nothing was done")
	case m.level > actions.LevelYes:
		return m.spell(s, k)
	case k.String() == "y":
		return m.run(s)
	default:
		m.leave(s, "nothing was done")
	}
	return nil
}

// spell takes a key of the word that has to be typed.
func (m *dialogMode) spell(s *shell, k tea.KeyPressMsg) tea.Cmd {
	if k.String() != "enter" {
		m.wrong = ""
		m.typed.press(k)
		return nil
	}
	if text := string(m.typed.text); text != m.word {
		m.wrong, m.typed.text = text, nil
		return nil
	}
	return m.run(s)
}

func (m *dialogMode) run(s *shell) tea.Cmd {
	s.mode = m.under
	return m.of.run(s, m.plan)
}

func (m *dialogMode) leave(s *shell, say string) {
	s.mode = m.under
	s.say(say)
}
