package ui

import (
	"fmt"
	"strconv"

	tea "charm.land/bubbletea/v2"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// watchMode shows what the watch rule would kill, or what it killed.
type watchMode struct{ scroller }

func (m *watchMode) demand() model.Subject { return watchDemand }

// commands are what the screen offers besides scrolling.
func (m *watchMode) commands(s *shell) []action {
	w := s.watch
	armed := func() string {
		if w.Armed {
			return "it is armed: d disarms it first"
		}
		return ""
	}
	return []action{
		do("arm", func(s *shell) { s.propose(&arming{w, s.session()}) }, "a").unless(func() string {
			if why := armed(); why != "" {
				return why
			}
			return w.Early()
		}),
		act("disarm", func(s *shell) tea.Cmd {
			s.say("the watch rule is disarmed")
			return w.disarm("by hand")
		}, "d", "W").unless(func() string {
			if !w.Armed {
				return "it is not armed"
			}
			return ""
		}),
		do("edit", func(s *shell) { s.mode = newWatchPrompt(w.Rule.Text) }, "e").unless(armed),
		do("preview anew", func(s *shell) { s.watch = &watching{Watch: actions.NewWatch(w.Rule)} }, "r").unless(armed),
		do("drop the rule", func(s *shell) { s.watch, s.mode = nil, nil }, "D").unless(armed),
	}
}

func (m *watchMode) press(s *shell, k tea.KeyPressMsg) tea.Cmd {
	if s.watch == nil {
		s.mode = nil
		return nil
	}
	if cmd, found := s.pressAction(k, m.commands(s)); found {
		return cmd
	}
	m.scroller.press(s, k)
	return nil
}

func (m *watchMode) body(s *shell, width, height int) []string {
	w, e := s.watch, &s.env
	if w == nil {
		return nil
	}
	title, st := "Watch rule: preview, kills nothing", e.st.notice
	switch {
	case w.Over != "":
		title, st = "Watch rule: "+w.Over, e.st.crit
	case w.Armed:
		title, st = "Watch rule: ARMED, kills without asking", e.st.warn
	case len(w.kills) > 0:
		title = "Watch rule: disarmed"
	}
	note := "watching for " + duration(w.Watched())
	if why := s.held(); why != "" {
		note, st = "holds still: "+why, e.st.warn
	}
	lines := []string{rule(e, width, title, "", note, st)}
	for _, part := range wrap(e.ruleText(w.Rule), width-2, 0) {
		lines = append(lines, newLine(e.g, width).to(1).put(e.st.accent, part).String())
	}
	lines = append(lines, newLine(e.g, width).to(1).put(e.st.text, m.story(w)).String())
	lines = append(lines, newLine(e.g, width).String())
	var text []string
	if w.Armed || len(w.kills) > 0 {
		text = m.kills(e, w, width)
	} else {
		text = m.hits(e, w, width)
	}
	return append(lines, m.window(text, max(1, height-len(lines)))...)
}

// story is where the rule stands, in words.
func (m *watchMode) story(w *watching) string {
	if w.Armed || len(w.kills) > 0 {
		return fmt.Sprintf("%d killed of %d that it applied to; at most %d a minute", w.killed(), len(w.kills), actions.KillsPerMinute)
	}
	would := fmt.Sprintf("it would have killed %d", w.Total)
	if early := w.Early(); early != "" {
		return would + "; too early to arm it: " + early
	}
	return would + fmt.Sprintf(" in %s, %d refreshes; a arms it", duration(w.Watched()), w.Looks)
}

// hits is what a preview found, the newest first.
func (m *watchMode) hits(e *env, w *watching, width int) []string {
	lines := []string{rule(e, width, "What it would have killed", "the newest first", strconv.Itoa(w.Total), e.st.dim)}
	if len(w.Hits) == 0 {
		return append(lines, newLine(e.g, width).to(1).put(e.st.dim, "Nothing so far.").String())
	}
	for i := len(w.Hits) - 1; i >= 0; i-- {
		h := &w.Hits[i]
		l := newLine(e.g, width).to(1).put(e.st.dim, h.At.Local().Format("15:04:05")+"  ")
		lines = append(lines, m.thread(e, l, &h.Thread).String())
	}
	return lines
}

// kills is what an armed rule did, the newest first.
func (m *watchMode) kills(e *env, w *watching, width int) []string {
	lines := []string{rule(e, width, "What it did", "the newest first", strconv.Itoa(len(w.kills)), e.st.dim)}
	if len(w.kills) == 0 {
		return append(lines, newLine(e.g, width).to(1).put(e.st.dim, "Nothing so far.").String())
	}
	for i := len(w.kills) - 1; i >= 0; i-- {
		k := &w.kills[i]
		text, stage := k.state()
		lines = append(lines, m.thread(e, newLine(e.g, width).to(1), &k.hit).String())
		lines = append(lines, newLine(e.g, width).to(4).put(e.stageStyle(stage), e.planned(text)).String())
	}
	return lines
}

// thread draws who a thread is and what it runs.
func (m *watchMode) thread(e *env, l *line, t *model.Thread) *line {
	l.field(e.st.accent, t.Node.Name, 10, false).fill("", " ", 1)
	l.field(e.st.dim, strconv.FormatUint(t.ID, 10), 8, true).fill("", " ", 2)
	l.field(e.st.text, e.user(t.User), 14, false).fill("", " ", 1)
	l.field(e.patience(t.Time), duration(t.Time), 6, true).fill("", " ", 2)
	if t.Query == "" {
		return l.put(e.st.dim, t.Command)
	}
	return l.put(e.st.text, e.query(t.Query))
}

func (m *watchMode) footer(s *shell, l *line) {
	l.to(1)
	if s.said != "" {
		l.put(s.st.notice, s.said)
		return
	}
	l.put(s.st.key, "Esc").put(s.st.dim, " back")
	if s.watch == nil {
		return
	}
	for _, a := range m.commands(s) {
		if a.reason() == "" {
			h := a.binding.Help()
			l.put(s.st.key, "  "+h.Key).put(s.st.dim, " "+h.Desc)
		}
	}
}
