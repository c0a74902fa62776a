package ui

import (
	"context"
	"errors"
	"image/color"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/galeratop/galeratop/model"
)

func TestTheConsoleSaysThatItConnectsUntilTheFirstSnapshot(t *testing.T) {
	watch(t, cluster(3), Options{Cluster: "shop-prod"}, 80, 24, func(s *screen) {
		s.Row(0).Has("shop-prod")
		s.Row(1).Has("NOTICE", "connecting")
		s.Tick(1).Row(1).Has("OK", "3 of 3 nodes Synced")
	})
}

func TestTheHeaderSaysHowTheConsoleIsSet(t *testing.T) {
	opt := Options{ReadOnly: true, Production: true, Privacy: true, Demo: "partition", Notice: "no database history yet"}
	watch(t, cluster(3), opt, 160, 30, func(s *screen) {
		s.Tick(1).Row(0).Has("PRODUCTION", "READ-ONLY", "PRIVACY", "DEMO partition", "every 1s", "12:00:01")
		s.Row(-1).Has("no database history yet")
		s.Press("j").Row(-1).Lacks("no database history yet")
		s.Lacks("b7c1").Has("token = ?")
	})
}

func TestPaneKeysAndTabGoThroughThePanes(t *testing.T) {
	watch(t, cluster(3), Options{}, 120, 30, func(s *screen) {
		s.Tick(1).Has("Busiest queries").Press("2").Lacks("Busiest queries").Has("── Flow control")
		s.Press("Tab").Has("── Writers paused").Press("Tab").Has("── Queries: 15 running on 3 nodes")
		s.Press("Tab").Has("── Top queries").Press("Tab").Has("── Locks").Press("Tab").Has("── Configuration").Press("Tab").Has("── Events").Press("Tab").Has("Busiest queries")
		s.Press("Shift-Tab").Has("── Events").Press("2").Has("── Flow control").Press("1").Has("Busiest queries")
		s.Press("0").Row(-1).Has("there is no pane 0", "7 Configuration").Has("Busiest queries")
		const settings = model.SubjectSettings | model.SubjectVariables
		want := []model.Subject{model.SubjectMembers, 15, 23, 84, 28, 84, settings, 0, model.SubjectMembers, 0, 15, model.SubjectMembers}
		for _, w := range want {
			if got := <-s.feed.demands; got != w {
				t.Errorf("demand %b, not %b", got, w)
			}
		}
	})
}

func TestEnterOnANodeOpensItAndEscComesBack(t *testing.T) {
	watch(t, cluster(3), Options{}, 120, 30, func(s *screen) {
		s.Tick(1).Press("Enter").Row(-1).Has("no row is selected")
		s.Press("Down", "Down", "Enter").Has("── db2").Press("Esc").Has("Busiest queries")
	})
}

func TestEnterOnAQueryShowsAllThatIsKnownOfItUntilItEnds(t *testing.T) {
	w := cluster(3)
	w.on("db1", 4, func(n *model.Node) { n.Sample.Processes.Rows = nil })
	watch(t, w, Options{}, 80, 24, func(s *screen) {
		s.Tick(1).Press("j", "j", "j", "j", "Enter")
		s.Has("Thread 1000 on db1", "runs for 7s", "Creating sort index", "GROUP BY customer_id", "ORDER BY 2 DESC")
		s.Tick(1).Has("runs for 8s")
		s.Tick(2).Has("the thread has ended")
		s.Press("Esc").Has("Busiest queries")
	})
}

func TestTheCursorFollowsItsRowWhenTheOrderChanges(t *testing.T) {
	w := cluster(3)
	w.threads = 30
	w.on("db2", 3, func(n *model.Node) {
		for i := range 20 {
			n.Sample.Processes.Rows[i+5].Time = time.Hour
		}
	})
	watch(t, w, Options{}, 120, 40, func(s *screen) {
		s.Tick(2).Press("j", "j", "j", "j", "j", "j")
		before := s.Selected()
		if !strings.Contains(before, "db3") || !strings.Contains(before, "1600") {
			t.Fatalf("the cursor is on %q", before)
		}
		s.Tick(1)
		if after := s.Selected(); !strings.Contains(after, "db3") || !strings.Contains(after, " 1600 ") {
			t.Errorf("the cursor went from %q to %q", before, after)
		}
	})
}

func TestACursorWhoseRowEndedStandsOnNothing(t *testing.T) {
	w := cluster(1)
	w.on("db1", 3, func(n *model.Node) { n.Sample.Processes.Rows = n.Sample.Processes.Rows[1:] })
	watch(t, w, Options{}, 120, 30, func(s *screen) {
		s.Tick(2).Press("j", "j")
		if !strings.Contains(s.Selected(), "report") {
			t.Fatalf("the cursor is on %q", s.Selected())
		}
		if s.Tick(1); s.Selected() != "" {
			t.Errorf("the cursor moved to %q, which nobody chose", s.Selected())
		}
		s.Press("Enter").Row(-1).Has("no row is selected")
	})
}

func TestTheFilterWorksWhileItIsTyped(t *testing.T) {
	watch(t, cluster(3), Options{}, 120, 30, func(s *screen) {
		s.Tick(1).Press("/", "r", "e", "p", "o").Has("3 of 15 match", "report").Lacks("shop_web")
		s.Press("(").Row(-1).Has("missing closing )")
		s.Has("report").Lacks("shop_web").Press("Enter").Row(-1).Has("missing closing )")
		s.Press("Backspace", "Enter").Row(2).Has("filter /repo/")
		s.Press("/").Press("Backspace", "Backspace", "Backspace", "Backspace", "!repo", "Enter").Has("shop_web").Lacks("report")
		s.Press("Esc").Has("report", "shop_web").Row(2).Lacks("filter")
		s.Press("/", "x", "y", "z", "Esc").Has("report")
	})
}

func TestSortingSaysByWhatAndCanBeReversed(t *testing.T) {
	watch(t, cluster(3), Options{}, 160, 30, func(s *screen) {
		s.Tick(1).Press("s").Row(-1).Has("queries sorted by state, smallest first")
		s.Press("S").Row(-1).Has("queries sorted by state, largest first")
		s.Press("Down", "S").Row(-1).Has("nodes sorted by node, largest first")
		s.Line("● db").Has("db1")
		if first := s.Row(8).text; !strings.Contains(first, "db3") {
			t.Errorf("the first node is in %q", first)
		}
	})
}

func TestPauseFreezesTheFrameAndSaysHowOldItIs(t *testing.T) {
	watch(t, cluster(3), Options{}, 120, 30, func(s *screen) {
		s.Tick(3).Press("z").Row(1).Has("PAUSED")
		s.Tick(5).Row(0).Has("12:00:03").Row(1).Has("PAUSED, 5s old")
		s.Press("2").Row(0).Has("12:00:03").Press("z").Row(0).Has("12:00:08").Row(1).Lacks("PAUSED")
	})
}

func TestSilenceOfTheFeedIsSaid(t *testing.T) {
	watch(t, cluster(3), Options{}, 120, 30, func(s *screen) {
		s.Tick(2).Row(1).Lacks("no news")
		time.Sleep(5 * time.Second)
		s.settle().Row(1).Has("no news for 5s")
		close(s.feed.ch)
		s.settle().Row(1).Has("END")
		s.Has("db1")
	})
}

func TestTheIntervalGoesUpAndDownInSteps(t *testing.T) {
	watch(t, cluster(3), Options{}, 120, 30, func(s *screen) {
		s.Tick(1).Press("+").Row(0).Has("every 2s")
		s.Press("-", "-").Row(0).Has("every 0.5s").Row(-1).Has("refresh every 0.5s")
		s.Press("-", "-").Row(-1).Has("0.2s is the limit")
		for _, want := range []time.Duration{2 * time.Second, time.Second, time.Second / 2, time.Second / 5} {
			if got := <-s.feed.interval; got != want {
				t.Errorf("interval %v, not %v", got, want)
			}
		}
	})
}

func TestHelpListsEveryKeyAndWhyADeadOneIsDead(t *testing.T) {
	watch(t, cluster(3), Options{}, 120, 80, func(s *screen) {
		s.Tick(1).Press("?").Line("Enter ").Has("no row is selected")
		s.Line("  /").Has("filter").Line("recvq").Has("write-sets").Has("Donor/Desynced:")
		s.Press("Esc", "Down", "?").Line("Enter ").Lacks("no row is selected").Press("Esc")
	})
}

func TestThePaletteRunsACommandByItsWords(t *testing.T) {
	watch(t, cluster(3), Options{}, 80, 24, func(s *screen) {
		s.Tick(1).Press(":", "e", "v", "e", "r", "y").Has("pane Nodes").Lacks("filter").Press("Enter").Has("── Flow control")
		s.Press(":", "zzz", "Enter").Row(-1).Has("no such command")
		s.Press(":", "pause", "Enter").Row(1).Has("PAUSED")
		s.Press(":", "Esc").Has("── Flow control")
	})
}

func TestThemesChangeWithoutARestart(t *testing.T) {
	watch(t, cluster(3), Options{Theme: "auto"}, 80, 24, func(s *screen) {
		s.Tick(1)
		before := s.term.Render()
		s.Press("T").Row(-1).Has("theme light")
		if s.term.Render() == before {
			t.Error("nothing changed its colour")
		}
	})
	s := still(t, cluster(3), Options{Theme: "auto"}, 1)
	s.handle(tea.BackgroundColorMsg{Color: color.White})
	if s.theme.Name != "light" {
		t.Errorf("on a light background the theme is %s", s.theme.Name)
	}
	if err := Run(t.Context(), newFakeFeed(), Options{Theme: "drak", Output: &strings.Builder{}}); err == nil || !strings.Contains(err.Error(), "did you mean dark?") {
		t.Errorf("got %v", err)
	}
}

func TestMissingPrivilegesAndUnreadListsAreNamed(t *testing.T) {
	w := cluster(2)
	w.on("db1", 0, func(n *model.Node) {
		n.Sample.Processes.OwnOnly, n.Sample.Processes.Grant, n.Sample.Processes.Left = true, "PROCESS", 7
		n.Sample.Slow.Transactions = &model.Transactions{Reading: model.Reading{Error: "Access denied", Grant: "PROCESS"}}
		n.Sample.Slow.Digests, n.Sample.Server.PerfSchema = nil, model.Off
	})
	watch(t, w, Options{}, 120, 60, func(s *screen) {
		s.Tick(1).Line("Busiest").Has("own threads only on db1: needs PROCESS", "7 more not read")
		s.Press("2").Has("The account lacks PROCESS", "performance_schema is off")
	})
}

func TestANodeThatNeverAnsweredHasNoValues(t *testing.T) {
	w := cluster(2)
	w.on("db2", 0, func(n *model.Node) {
		n.Sample, n.Link, n.Rates, n.Listed = nil, model.LinkDown, model.Rates{}, true
		n.Failure = &model.Failure{Kind: model.FailTimeout, Text: "dial tcp 10.0.0.12:3306: i/o timeout", Since: noon}
	})
	watch(t, w, Options{}, 120, 30, func(s *screen) {
		s.Tick(9).Line("? db2").Has("? db2 timeout for 9s")
		s.Line("i/o timeout").Has("db2", "no answer")
		s.Press("2", "j").Has("never answered", "in the group's view").Lacks("── Flow control")
	})
}

func TestQuitCtrlCAndCancellationEndTheConsole(t *testing.T) {
	for key, want := range map[string]error{"q": nil, "Ctrl-C": nil} {
		watch(t, cluster(3), Options{}, 80, 24, func(s *screen) {
			s.Tick(1).Press(key)
			if err := s.Wait(); !errors.Is(err, want) {
				t.Errorf("%s: %v", key, err)
			}
			if s.term.IsAltScreen() {
				t.Errorf("%s left the alternate screen on", key)
			}
		})
	}
	watch(t, cluster(3), Options{}, 80, 24, func(s *screen) {
		s.Tick(1)
		began := time.Now()
		s.cancel()
		if err := s.Wait(); !errors.Is(err, context.Canceled) || time.Since(began) > time.Second || s.term.IsAltScreen() {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

// broken is a pane with a bug.
type broken struct{ *overview }

func (broken) View(int, int) []string { panic("index out of range") }

func TestAPanicInAPaneRestoresTheTerminalAndIsOneLine(t *testing.T) {
	old := registry
	defer func() { registry = old }()
	registry = []entry{old[0], {"2", "Broken", "a bug", func(e *env) pane { return broken{newOverview(e)} }}}
	watch(t, cluster(3), Options{}, 80, 24, func(s *screen) {
		s.Tick(1).Press("2")
		err := s.Wait()
		if err == nil || err.Error() != "internal error in pane broken: index out of range" {
			t.Errorf("got %v", err)
		}
		if written := string(s.out.bytes); !strings.Contains(written, "\x1b[?1049l") || !strings.Contains(written, "\x1b[?25h") {
			t.Error("the terminal was not restored")
		}
	})
}

func TestASmallScreenSaysSoAndALargerOneGoesOn(t *testing.T) {
	watch(t, cluster(3), Options{}, 20, 5, func(s *screen) {
		s.Tick(1).Row(0).Has("too small")
	})
}

func TestWhoPausesTheGroupIsSaidInWords(t *testing.T) {
	watch(t, incident(), Options{}, 120, 40, func(s *screen) {
		s.Tick(25).Line("── Nodes").Has("writers paused by db1")
		s.Line("db1   ●").Has("◀ NOW").Line("db4   ◌").Has("stale 8s")
		s.Has("╱╱", "non-Primary · 1 member").Press("2").Has("PAUSES THE GROUP NOW").Press("j").Has("is paused now, by another node")
	})
}
