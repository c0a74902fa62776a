package ui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// watching is the watch rule of this console: its preview, and once it is armed
// what it did. It lives no longer than the console.
type watching struct {
	*actions.Watch
	kills []ruleKill // since it was armed, the newest last
	log   watchLog   // while it is armed; nil else
}

// watchMsg is the answer of the audit log: whether the arming of a rule is
// written down, or, of none, that an end of one is not.
type watchMsg struct {
	of  *watching
	log watchLog
	err error
}

// ruleKill is one kill of an armed rule.
type ruleKill struct {
	hit model.Thread
	run *running // nil when it was not run
	why string   // why it was not run
}

// state is what became of the kill, in words.
func (k *ruleKill) state() (string, actions.Stage) {
	if k.run == nil {
		return "not run: " + k.why, actions.Stopped
	}
	if len(k.run.steps) == 0 {
		return stageWords[k.run.stage()], k.run.stage()
	}
	p := k.run.steps[0]
	if p.Text == "" {
		return stageWords[p.Stage], p.Stage
	}
	return stageWords[p.Stage] + ", " + p.Text, p.Stage
}

// killed is how many of its kills were seen to work.
func (w *watching) killed() int {
	n := 0
	for i := range w.kills {
		if r := w.kills[i].run; r != nil && r.over && r.stage() == actions.Done {
			n++
		}
	}
	return n
}

// watchDemand is what a rule's terms can be about.
const watchDemand = model.SubjectProcesses | model.SubjectTransactions | model.SubjectLocks

// openWatch shows the watch rule, or asks for one.
func (s *shell) openWatch() {
	if s.watch == nil {
		s.mode = newWatchPrompt(actions.WatchExample)
		return
	}
	s.mode = &watchMode{}
}

// held is why an armed rule does nothing now; empty when it works.
func (s *shell) held() string {
	switch {
	case s.paused:
		return "paused"
	case s.late() != "":
		return "no news"
	}
	return ""
}

// patrol lets the rule look at a snapshot and kills what it names. A frozen
// frame kills nothing: nobody sees it.
func (s *shell) patrol(snap *model.Snapshot) tea.Cmd {
	w := s.watch
	if w == nil || s.paused || s.runner == nil {
		return nil
	}
	armed := w.Armed
	due := w.Look(snap)
	if !armed {
		return nil
	}
	var cmds []tea.Cmd
	for i := range due {
		k := ruleKill{hit: due[i]}
		p := actions.PlanKill(snap, s.session(), []model.ThreadKey{due[i].Key()}, w.Rule.Kind)
		if k.why = p.Refuse(); k.why == "" && len(p.Steps) == 0 {
			k.why = "nothing is left to do"
			if len(p.Excluded) > 0 {
				k.why = p.Excluded[0].Reason
			}
		}
		if k.why == "" {
			if w.log != nil {
				p.By = w.log.Name()
			}
			r, cmd := s.launch(p)
			k.run = r
			cmds = append(cmds, cmd)
		}
		w.kills = append(w.kills, k)
	}
	if w.Over != "" {
		s.say("watch rule " + w.Over)
		cmds = append(cmds, w.disarm(w.Over))
	}
	return tea.Batch(cmds...)
}

// arming is a rule that waits to be armed.
type arming struct {
	watch   *watching
	session actions.Session
}

func (a *arming) demand() model.Subject { return watchDemand }

func (a *arming) plan(now *model.Snapshot) (*actions.Plan, []string) {
	return actions.PlanWatch(now, a.session, a.watch.Watch), nil
}

// title shows no more of the rule than its screen does.
func (a *arming) title(e *env) string { return "Arm the watch rule: " + e.ruleText(a.watch.Rule) }

// run has the arming written down first: what cannot be is not done.
func (a *arming) run(s *shell, p *actions.Plan) tea.Cmd {
	w, log := a.watch, s.runner.Watch(p, a.watch.Watch)
	s.say("arming the watch rule")
	return func() tea.Msg { return watchMsg{w, log, log.Armed()} }
}

// logged arms a rule that is written down, if it is still the one of this
// console.
func (s *shell) logged(msg watchMsg) tea.Cmd {
	w := msg.of
	switch {
	case w == nil:
		s.say("the audit log does not tell that the watch rule is disarmed: " + msg.err.Error())
		return nil
	case msg.err != nil:
		s.say("the watch rule is not armed: the audit log cannot be written: " + msg.err.Error())
		return nil
	case s.watch != w || w.Armed:
		return disarmed(msg.log, "it was dropped before it was armed", 0)
	}
	w.kills, w.log = nil, msg.log
	w.Arm()
	s.say("the watch rule is armed; W and then d disarms it")
	return nil
}

// disarm ends the rule's kills and has that written down.
func (w *watching) disarm(why string) tea.Cmd {
	w.Disarm()
	log := w.log
	w.log = nil
	return disarmed(log, why, len(w.kills))
}

func disarmed(log watchLog, why string, ordered int) tea.Cmd {
	if log == nil {
		return nil
	}
	return func() tea.Msg {
		if err := log.Disarmed(why, ordered); err != nil {
			return watchMsg{err: err}
		}
		return nil
	}
}

// unwatch has the end of an armed rule written down when the console ends.
func (s *shell) unwatch() error {
	w := s.watch
	if w == nil || w.log == nil {
		return nil
	}
	if err := w.log.Disarmed("the console ended", len(w.kills)); err != nil {
		return fmt.Errorf("the audit log does not tell that the watch rule ended with the console: %w", err)
	}
	return nil
}

// ruleText is the rule as it may be shown: its terms may name people.
func (e *env) ruleText(r *actions.WatchRule) string {
	if e.privacy {
		return r.Bare()
	}
	return r.Text
}

// watchBar is the line about the watch rule in the header; none without one.
func (s *shell) watchBar() []string {
	w := s.watch
	if w == nil {
		return nil
	}
	st, word, count := s.st.bar, "preview", fmt.Sprintf("would kill %d", w.Total)
	switch {
	case w.Over != "":
		st, word, count = s.st.alert, "DISARMED ITSELF", fmt.Sprintf("%d killed", w.killed())
	case w.Armed:
		st, word, count = s.st.alert, "armed", fmt.Sprintf("%d killed", w.killed())
		if why := s.held(); why != "" {
			word = "armed, held: " + why
		}
	case len(w.kills) > 0:
		word, count = "disarmed", fmt.Sprintf("%d killed", w.killed())
	}
	text, right := s.ruleText(w.Rule), ", "+count
	l := newLine(s.g, s.width).put(st, " WATCH "+word+": ")
	if hint := "  W shows "; l.left() >= cells(text+right+hint) {
		right += hint
	}
	l.clip(st, text, max(0, l.left()-cells(right)))
	return []string{l.put(st, right).done(st)}
}
