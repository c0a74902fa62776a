package ui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/galeratop/galeratop/model"
)

func TestPanesOfTheDiagnosisLookAsTheyDid(t *testing.T) {
	looks := map[string]Options{"colour": {}, "ascii": {NoColor: true, ASCII: true}}
	for look, opt := range looks {
		for _, size := range sizes {
			if look == "ascii" && size[0] != 80 {
				continue
			}
			name := fmt.Sprintf("%s-%dx%d", look, size[0], size[1])
			t.Run(name, func(t *testing.T) {
				watch(t, splitBrain(), opt, size[0], size[1], func(s *screen) {
					s.Tick(30).Golden("overview-split-"+name, look == "colour")
					s.Press("v").Golden("explain-split-"+name, look == "colour").uncoloured(look != "colour")
					s.Press("Esc", "8").Golden("events-split-"+name, look == "colour").uncoloured(look != "colour")
				})
				watch(t, stall(), opt, size[0], size[1], func(s *screen) {
					s.Tick(60).Press("3").Golden("flow-stall-"+name, look == "colour").uncoloured(look != "colour")
				})
				watch(t, joining(), opt, size[0], size[1], func(s *screen) {
					s.Tick(30).Golden("overview-joining-"+name, look == "colour").uncoloured(look != "colour")
				})
				watch(t, cluster(3), opt, size[0], size[1], func(s *screen) {
					s.Tick(30).Press("3").Golden("flow-calm-"+name, look == "colour")
				})
			})
		}
	}
}

func TestTheVerdictSaysForHowLongAndIsNotCutBeforeTheCounts(t *testing.T) {
	for _, width := range []int{80, 160} {
		watch(t, splitBrain(), Options{}, width, 24, func(s *screen) {
			s.Tick(17).Row(1).Lacks(" for ").Row(-1).Lacks("v why")
			s.Tick(13).Row(1).Has("✗ CRITICAL", "Split brain: db1, db2", "(+2 more)", "for 12s").Row(-1).Has("v why")
		})
	}
}

func TestEnterWithNothingSelectedExplainsTheVerdict(t *testing.T) {
	watch(t, splitBrain(), Options{}, 120, 50, func(s *screen) {
		s.Tick(10).Press("v").Row(-1).Has("no finding to explain")
		s.Tick(10).Press("Enter").Has("What it means", "Evidence", "What to do", "1. Decide which side", "1 critical, 1 warning, 1 notice")
		s.Press("Esc", "Down", "Enter").Lacks("What it means").Has("── db1")
	})
}

func TestTheExplanationGoesFromFindingToFinding(t *testing.T) {
	watch(t, splitBrain(), Options{}, 120, 50, func(s *screen) {
		s.Tick(30).Press("v").Has("Two Primary Components exist at once", "since 12:00:18, for 12s")
		s.Press("Down").Has("never looks for the others", "gcomm://").Lacks("Two Primary Components exist")
		s.Press("Up", "Up").Has("Two Primary Components exist").Press("v").Lacks("Two Primary Components exist")
	})
}

func TestTheExplanationStaysWhenItsFindingIsOver(t *testing.T) {
	watch(t, splitBrain(), Options{}, 120, 50, func(s *screen) {
		s.Tick(58).Press("v").Lacks("over since").Tick(7)
		s.Has("OVER", "over since 12:01:00, was there for 42s", "Two Primary Components exist")
		s.Row(1).Has("The next restart of db3")
		s.Press("Down").Has("never looks for the others").Lacks("over since", "Split brain")
		s.Press("Up", "Up").Lacks("Split brain").Press("Esc").Has("Busiest queries")
	})
}

func TestTheExplanationSaysThatSomethingWorseCameWhileItWasRead(t *testing.T) {
	w := splitBrain()
	w.tell = func(s *model.Snapshot) {
		all := splitFindings()
		if s.Findings = all; s.Tick < 18 {
			s.Findings = all[1:]
		}
	}
	watch(t, w, Options{}, 120, 50, func(s *screen) {
		s.Tick(10).Press("v").Has("never looks for the others").Row(-1).Lacks("worse")
		s.Tick(20).Has("never looks for the others").Row(-1).Has("v worse since you read: Split brain")
		s.Press("v").Has("Two Primary Components exist at once").Row(-1).Lacks("worse")
		s.Press("v").Lacks("Two Primary Components exist")
	})
}

func TestALongExplanationScrolls(t *testing.T) {
	watch(t, splitBrain(), Options{}, 60, 20, func(s *screen) {
		s.Tick(30).Press("v").Has("more lines, PgDn", "1. Decide").Lacks("at least 1,204")
		s.Press("PgDn", "PgDn", "PgDn", "PgDn").Has("at least 1,204").Lacks("more lines")
	})
}

func TestPrivacyHidesStatementsInFindingsAndEvents(t *testing.T) {
	watch(t, splitBrain(), Options{Privacy: true}, 160, 50, func(s *screen) {
		s.Tick(30).Press("v", "Down", "Down").Has("db1 runs SELECT * FROM cards WHERE number = ?").Lacks("4111")
	})
}

func TestEventsFollowTheNewestUnlessOneIsSelected(t *testing.T) {
	watch(t, busyLog(100), Options{}, 120, 30, func(s *screen) {
		s.Tick(1).Press("8").Row(3).Has("100, the newest at the bottom", "follows")
		last := func() string { return s.Row(-2).text }
		if !strings.Contains(last(), "12:01:39") {
			t.Errorf("the last is %q", last())
		}
		if s.Tick(5); !strings.Contains(last(), "12:01:44") {
			t.Errorf("it did not follow: %q", last())
		}
		s.Press("Up", "Up")
		before := s.Selected()
		s.Tick(5).Row(3).Has("newer, End")
		if before == "" || s.Selected() != before {
			t.Errorf("the cursor went from %q to %q", before, s.Selected())
		}
		if s.Press("End"); s.Selected() != "" || !strings.Contains(last(), "12:01:49") {
			t.Errorf("End does not follow: %q", last())
		}
		s.Press("Home").Has("12:00:00").Press("Esc").Lacks("12:00:00")
	})
}

func TestEventsAreFilteredAndOpenTheirNode(t *testing.T) {
	watch(t, splitBrain(), Options{}, 120, 40, func(s *screen) {
		s.Tick(30).Press("8", "/", "s", "p", "l", "i", "t", "Enter").Has("Split brain", "3 of 30 match").Lacks("conf_id 118")
		s.Press("Up", "Enter").Has("── db3").Press("Esc").Has("match /split/").Press("Esc", "Esc").Has("conf_id 118")
		s.Press("/", "!", "d", "b", "3", "Enter").Has("conf_id 118").Lacks("db3 sees").Press("Enter").Row(-1).Has("no row is selected")
	})
}

func TestThePastOfTheClusterIsLongerThanASnapshots(t *testing.T) {
	var g eventLog
	all := happened(8000)
	for i := 0; i+200 <= len(all); i += 100 {
		g.add(all[i : i+200])
	}
	s := &model.Snapshot{Events: all[7999:]}
	if got := g.until(s); len(got) != eventsKept || got[len(got)-1].Number != 8000 || g.missed != 0 || len(g.all) > eventsKept*2 {
		t.Errorf("%d kept, %d missed", len(got), g.missed)
	}
	if got := g.until(&model.Snapshot{Events: all[6999:7000]}); got[len(got)-1].Number != 7000 {
		t.Error("a frozen frame shows later events")
	}
	later := happened(9000)
	if g.add(later[8500:]); g.missed != 500 {
		t.Errorf("%d missed", g.missed)
	}
	other := happened(3)
	other[2].Text = "another feed"
	if g.add(other); len(g.all) != 3 || g.missed != 0 {
		t.Errorf("the events of two feeds are mixed: %d", len(g.all))
	}
}

func TestFlowControlNamesTheCulprit(t *testing.T) {
	watch(t, stall(), Options{}, 120, 40, func(s *screen) {
		s.Tick(30).Press("3").Has("Nobody").Lacks("◀ NOW").Line("◀ db3").Has("▂▂▂▂")
		s.Tick(30).Has("◀ db2", "wait for a lock", "thread 1301", "FLUSH TABLES WITH READ LOCK", "backup from 10.1.2.9:40112", "never empties")
		s.Line("db2   ●").Has("111", "+7.2", "never").Line("db1   ●").Has("empty")
		s.Press("Down", "Down", "Enter").Has("── db2").Press("Esc").Has("Writers paused")
	})
}

func TestFlowControlExplainsANodeThatFallsBehindAlone(t *testing.T) {
	w := stall()
	tell := w.tell
	w.tell = func(s *model.Snapshot) {
		tell(s)
		for i := range s.Flow.Nodes {
			s.Flow.Nodes[i].Brake = ""
		}
		s.Flow.Paused = model.R(0)
	}
	watch(t, w, Options{}, 120, 30, func(s *screen) {
		s.Tick(60).Press("3").Has("Nobody", "Who falls behind", "● db2 does not ask for a pause: 140 write-sets wait there", "FLUSH TABLES")
	})
}

func TestFlowControlWorksFromRatesAlone(t *testing.T) {
	w := stall()
	w.tell = func(s *model.Snapshot) { s.Flow = nil }
	watch(t, w, Options{}, 100, 30, func(s *screen) {
		s.Tick(60).Press("3").Has("◀ db2", "asks for a pause now: 140 write-sets wait there", "SELECT customer_id").Row(3).Has("writers paused now")
	})
	w = cluster(3)
	w.tell = func(s *model.Snapshot) { s.Flow = nil }
	w.with(func(_ uint64, n *model.Node) {
		n.Rates.Paused = model.R(1)
		if n.Name == "db3" {
			n.Link = model.LinkStale
		}
	})
	watch(t, w, Options{}, 100, 30, func(s *screen) {
		s.Tick(9).Press("3").Has("no node that answers is seen to ask", "db3 is a member and does not")
	})
}

func TestTheTopologyShowsSilentMembersAndTransfers(t *testing.T) {
	watch(t, joining(), Options{}, 160, 40, func(s *screen) {
		s.Tick(30).Has("◆ db3 ── SST ──▶ ◔ db4  for 28s  the gap", "◆ db6 ── IST ──▶ ◔ db9  41%", "segment 1:", "✗ db8 refused for 30s")
		s.Line("db4   ").Has("Joining SST").Line("db9   ").Has("Joining IST").Line("db3   ").Has("Donor SST")
	})
	watch(t, incident(), Options{}, 160, 40, func(s *screen) {
		s.Tick(30).Line("│").Has("? db4 stale 13s").Has("✗ db5 refused for 27s")
	})
}

func TestAVictimOfFlowControlIsNotShownAsItsCause(t *testing.T) {
	w := stall()
	w.tell = func(s *model.Snapshot) { s.Flow = flowFixture(s, true) }
	w.on("db2", 40, func(n *model.Node) { n.Sample.Processes.Rows[0].State = "Waiting for flow control" })
	watch(t, w, Options{}, 120, 40, func(s *screen) {
		s.Tick(60).Press("3").Has("likely holder: thread 1301").Lacks("thread 1300", "SUM(total)")
	})
}

func TestTwoPrimaryComponentsLookWrong(t *testing.T) {
	s := still(t, splitBrain(), Options{}, 30)
	s.width, s.height = 120, 30
	if line := s.lines()[3]; strings.Count(line, string(s.st.crit)+s.g.box[0]) != 2 {
		t.Errorf("both boxes should be in the colour of danger: %q", line)
	}
}
