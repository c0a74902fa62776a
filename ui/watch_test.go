package ui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

const reportRule = "kill query after 10 s where user:report"

// typed opens the prompt for a watch rule and types one.
func typed(s *screen, rule string) *screen {
	return s.Press("W").Press("\x15").Press(rule, "Enter")
}

// onWatch watches a console with a runner; every kill succeeds.
func onWatch(t *testing.T, w *world, opt Options, test func(*screen, *fakeRunner)) {
	t.Helper()
	twoPanes(t)
	r := &fakeRunner{finish: true}
	opt.runner = r
	watch(t, w, opt, 80, 24, func(s *screen) { test(s, r) })
}

func TestARuleThatDoesNotParseStaysInThePromptAndSaysWhere(t *testing.T) {
	onWatch(t, cluster(3), Options{}, func(s *screen, _ *fakeRunner) {
		s.Tick(1).Press("W").Has("Watch rule", "nothing is armed", actions.WatchExample).Golden("watch-prompt-80x24", false)
		s.Press("\x15", "kill query after 60 days where user:report", "Enter").Has(`character 21: "days" is no unit`)
		s.Press("Esc").Has("Busiest queries").Lacks("WATCH")
	})
}

func TestAPreviewCountsAndKillsNothing(t *testing.T) {
	onWatch(t, cluster(3), Options{}, func(s *screen, r *fakeRunner) {
		typed(s.Tick(1), reportRule).Has("preview, kills nothing", "Nothing so far").Press("a").Row(-1).Has("0 of at least 10 refreshes watched")
		s.Tick(12).Has("it would have killed 3 in", "a arms it", "What it would have killed", "db2", "report").Golden("watch-preview-80x24", true)
		s.Line("WATCH").Has("WATCH preview: "+reportRule, "would kill 3")
		s.Press("Esc").Has("Busiest queries").Line("WATCH").Has("preview")
		s.Press("q")
		if len(r.plans) > 0 {
			t.Errorf("a preview ran %v", r.ran())
		}
	})
}

func TestARuleIsArmedByTypingAndKillsFromThenOn(t *testing.T) {
	onWatch(t, cluster(3), Options{}, func(s *screen, r *fakeRunner) {
		typed(s.Tick(1), reportRule).Tick(12).Press("a").Has("Arm the watch rule", "Type arm and Enter").Golden("watch-arm-80x24", false)
		s.Press("y", "Enter").Has(`"y" is not "arm"`).Tick(1)
		if len(r.plans) > 0 {
			t.Fatal("it kills before it is armed")
		}
		s.Press("arm", "Enter").Has("ARMED, kills without asking").Tick(2)
		s.Line("WATCH").Has("WATCH armed: "+reportRule, ", 3 killed")
		s.Has("3 killed of 3 that it applied to", "done, gone after 0.4 s").Golden("watch-armed-80x24", true)
		if n := len(r.plans); n != 3 || r.plans[0].By != "rule1" {
			t.Errorf("%d kills: %v, by %q", n, r.ran(), r.plans[0].By)
		}
		s.Press("Esc", "2").Line("WATCH").Has("armed", "3 killed")
		s.Press("W", "d").Has("Watch rule: disarmed").Line("WATCH").Has("disarmed", "3 killed")
		s.Press("r").Tick(12).Has("preview", "it would have killed 3")
		if n := len(r.plans); n != 3 {
			t.Errorf("%d kills once it was disarmed", n)
		}
		if want := []string{"armed", "disarmed: by hand, 3 ordered"}; !slices.Equal(r.logged, want) {
			t.Errorf("the audit log has %q", r.logged)
		}
	})
}

func TestARuleThatCannotBeWrittenDownIsNotArmed(t *testing.T) {
	onWatch(t, cluster(3), Options{}, func(s *screen, r *fakeRunner) {
		r.unwritable = errors.New("disk full")
		typed(s.Tick(1), reportRule).Tick(12).Press("a", "arm", "Enter").Row(-1).Has("not armed: the audit log cannot be written: disk full")
		if s.Tick(3).Has("preview, kills nothing"); len(r.plans) > 0 {
			t.Errorf("it killed %v", r.ran())
		}
	})
}

func TestTheEndOfTheConsoleDisarmsItsRule(t *testing.T) {
	onWatch(t, cluster(3), Options{}, func(s *screen, r *fakeRunner) {
		typed(s.Tick(1), reportRule).Tick(12).Press("a", "arm", "Enter").Tick(2).Press("Esc", "q")
		if err := s.Wait(); err != nil {
			t.Error(err)
		}
		if want := []string{"armed", "disarmed: the console ended, 3 ordered"}; !slices.Equal(r.logged, want) {
			t.Errorf("the audit log has %q", r.logged)
		}
	})
}

func TestInProductionArmingTakesTheClustersName(t *testing.T) {
	onWatch(t, cluster(3), Options{Production: true}, func(s *screen, r *fakeRunner) {
		typed(s.Tick(1), reportRule).Tick(12).Press("a", "arm", "Enter").Has(`"arm" is not "shop-prod"`).Tick(2)
		s.Press("shop-prod", "Enter").Has("ARMED").Tick(2)
		if len(r.plans) != 3 {
			t.Errorf("%d kills", len(r.plans))
		}
	})
}

func TestAFrozenFrameHoldsTheRule(t *testing.T) {
	onWatch(t, cluster(3), Options{}, func(s *screen, r *fakeRunner) {
		typed(s.Tick(1), reportRule).Tick(12).Press("a", "arm", "Enter", "Esc", "z").Tick(5).Line("WATCH").Has("armed, held: paused")
		if len(r.plans) > 0 {
			t.Error("it kills while nobody can see it")
		}
		if s.Press("z").Tick(3); len(r.plans) != 3 {
			t.Errorf("%d kills after the pause", len(r.plans))
		}
	})
}

func TestARuleThatKillsTooMuchDisarmsItselfAndSaysSo(t *testing.T) {
	w := cluster(3)
	w.threads = 8
	w.with(func(_ uint64, n *model.Node) {
		for i := range n.Sample.Processes.Rows[:8] {
			p := &n.Sample.Processes.Rows[i]
			p.User, p.QueryID, p.Time = "report", model.N(int64(i)), p.Time+20e9
		}
	})
	onWatch(t, w, Options{}, func(s *screen, r *fakeRunner) {
		typed(s.Tick(1), reportRule).Tick(12).Press("a", "arm", "Enter").Tick(2)
		s.Has("disarmed itself: more than 10 kills within a minute").Line("WATCH").Has("DISARMED ITSELF", "10 killed")
		if s.Tick(5); len(r.plans) != actions.KillsPerMinute {
			t.Errorf("%d kills", len(r.plans))
		}
		if n := len(r.logged); n != 2 || !strings.Contains(r.logged[1], "disarmed itself") {
			t.Errorf("the audit log has %q", r.logged)
		}
	})
}

func TestAPrivateScreenHidesTheTermsOfARule(t *testing.T) {
	onWatch(t, cluster(3), Options{Privacy: true}, func(s *screen, _ *fakeRunner) {
		typed(s.Tick(1), "kill query after 10 s where query:2026-01-01").Tick(12).Has("it would have killed 3").Lacks("2026-01-01")
	})
}

func TestNoWatchRuleWithoutAClusterToChange(t *testing.T) {
	watch(t, cluster(3), Options{}, 80, 24, func(s *screen) {
		s.Tick(1).Press("W").Row(-1).Has("W: there is no cluster behind this console")
	})
	watch(t, cluster(3), Options{ReadOnly: true, runner: &fakeRunner{}}, 80, 24, func(s *screen) {
		s.Tick(1).Press("W").Row(-1).Has("W: read-only mode")
	})
}

func TestTheScreensOfAWatchRuleFitEverySize(t *testing.T) {
	s := still(t, cluster(3), Options{runner: &fakeRunner{}}, 1)
	r, err := actions.ParseWatchRule(reportRule)
	if err != nil {
		t.Fatal(err)
	}
	w := cluster(3)
	s.watch = &watching{Watch: actions.NewWatch(r)}
	for range 15 {
		s.take(w.next())
	}
	var kills []ruleKill
	for i := range s.watch.Hits {
		kills = append(kills, ruleKill{hit: s.watch.Hits[i].Thread, why: fmt.Sprint("protected ", i)})
	}
	modes := []mode{&watchMode{}, newWatchPrompt(reportRule + " time>60 node:db2"), nil}
	for _, armed := range []bool{false, true} {
		if s.watch.Armed = armed; armed {
			s.watch.kills = slices.Clone(kills)
		}
		for _, m := range modes {
			s.mode = m
			for width := 1; width <= 200; width += 1 + width/5 {
				for height := 1; height <= 60; height += 1 + height/4 {
					s.width, s.height = width, height
					exact(t, s.lines(), width, height)
				}
			}
		}
	}
}
