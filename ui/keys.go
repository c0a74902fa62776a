package ui

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/galeratop/galeratop/themes"
)

// press gives a key to the mode, or to the pane's and the shell's actions.
func (s *shell) press(k tea.KeyPressMsg) tea.Cmd {
	s.said = ""
	if k.String() == "ctrl+c" {
		return tea.Quit
	}
	if s.mode != nil {
		return s.pressMode(k)
	}
	s.settled()
	s.doing = "pane " + strings.ToLower(s.names[s.current])
	if cmd, found := s.pressAction(k, s.actions()); found {
		return cmd
	}
	if c := k.String(); len(c) == 1 && c[0] >= '0' && c[0] <= '9' {
		s.say("there is no pane " + c + ": " + s.paneNames())
	}
	return nil
}

// pressMode gives a key to the mode; where threads can be chosen in it, they can
// be killed from it.
func (s *shell) pressMode(k tea.KeyPressMsg) tea.Cmd {
	if _, ok := s.mode.(chooser); ok {
		if cmd, found := s.pressAction(k, s.killKeys()); found {
			return cmd
		}
	}
	return s.mode.press(s, k)
}

// pressAction does what the key is for among the actions, or says why not.
func (s *shell) pressAction(k tea.KeyPressMsg, among []action) (cmd tea.Cmd, found bool) {
	for _, a := range among {
		if !key.Matches(k, a.binding) {
			continue
		}
		if why := a.reason(); why != "" {
			s.say(a.binding.Help().Key + ": " + why)
			return nil, true
		}
		return a.run(s), true
	}
	return nil, false
}

// paneNames lists the panes with their keys.
func (s *shell) paneNames() string {
	names := make([]string, len(s.panes))
	for i := range s.panes {
		names[i] = registry[i].key + " " + s.names[i]
	}
	return strings.Join(names, ", ")
}

// actions is everything that a key can do now, the pane's own first.
func (s *shell) actions() []action {
	return slices.Concat(s.pane().keys(), s.settingKeys(), s.nodeKeys(), s.recoverKeys(), s.killKeys(), s.shellKeys())
}

func (s *shell) shellKeys() []action {
	keys := make([]action, 0, 20)
	keys = append(
		keys,
		do("explain the verdict: what it means, the proof, what to do", (*shell).explain, "v").footed("why").unless(s.unexplained),
		do("filter the list", func(s *shell) { s.mode = newFilterMode(s.pane().filtered()) }, "/").footed("filter"),
		do("pause: freeze the frame", (*shell).pause, "z").spare("pause"),
		do("help: all keys of this pane", func(s *shell) { s.mode = &helpMode{} }, "?").always("help"),
		do("commands by name", func(s *shell) { s.mode = &paletteMode{} }, ":").spare("commands"),
		act("quit", func(*shell) tea.Cmd { return tea.Quit }, "q").spare("quit"),
		do("back", (*shell).back, "esc"),
		do("show the action that runs, or how the last one ended", (*shell).reopen, "J").unless(s.nothingRan),
		do("watch rule: kill by itself what runs too long; it previews first", (*shell).openWatch, "W").unless(s.powerless),
		do("refresh more often", func(s *shell) { s.pace(-1) }, "-"),
		do("refresh less often", func(s *shell) { s.pace(1) }, "+", "="),
		do("privacy: hide literals, users and hosts", (*shell).hide, "P"),
		do("next theme", (*shell).nextTheme, "T"),
		do("next pane", func(s *shell) { s.visit((s.current + 1) % len(s.panes)) }, "tab"),
		do("previous pane", func(s *shell) { s.visit((s.current + len(s.panes) - 1) % len(s.panes)) }, "shift+tab"),
		act("suspend, fg comes back", func(*shell) tea.Cmd { return tea.Suspend }, "ctrl+z"),
	)
	for i := range s.panes {
		r := registry[i]
		keys = append(keys, do("pane "+r.name+": "+r.about, func(s *shell) { s.visit(i) }, r.key))
	}
	return keys
}

// visit goes to a pane by its key: there is no way back to undo.
func (s *shell) visit(i int) {
	s.previous = nil
	s.show(i)
}

// pause freezes the frame, or shows the newest again.
func (s *shell) pause() {
	if s.paused = !s.paused; !s.paused {
		s.thaw()
	}
}

// back undoes one thing: a cursor, a filter, a way into a pane.
func (s *shell) back() {
	shower, _ := s.pane().(digestShower)
	switch {
	case s.pane().back():
	case shower != nil && shower.leave():
		s.comeBack()
	case s.pane().filtered() != nil:
		s.pane().setFilter(nil)
	default:
		s.comeBack()
	}
}

// comeBack shows the pane that led to this one, if one did.
func (s *shell) comeBack() {
	if len(s.previous) == 0 {
		return
	}
	last := len(s.previous) - 1
	i := s.previous[last]
	s.previous = s.previous[:last]
	s.show(i)
}

func (s *shell) pace(by int) {
	next := step(s.interval, by)
	if next == s.interval {
		s.say("every " + interval(next) + " is the limit")
		return
	}
	s.interval = next
	s.feed.SetInterval(next)
	s.say("refresh every " + interval(next))
}

func (s *shell) hide() {
	s.privacy = !s.privacy
	if s.snap.Private {
		s.say("what is shown was recorded with privacy on: there is nothing to reveal")
	}
	s.refresh()
}

// nextTheme goes through the built-in themes.
func (s *shell) nextTheme() {
	names := themes.Names()
	next := names[0]
	for i, n := range names {
		if n == s.theme.Name {
			next = names[(i+1)%len(names)]
		}
	}
	s.auto = false
	s.wear(next)
	s.say("theme " + next)
}
