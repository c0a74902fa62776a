package ui

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/model"
)

// settledCluster is a cluster whose nodes tell all settings that actions change.
func settledCluster() *world {
	return cluster(3).with(func(_ uint64, n *model.Node) {
		set(n, "wsrep_desync", "OFF")
		set(n, "wsrep_reject_queries", "NONE")
	})
}

// set gives a node another value of a setting.
func set(n *model.Node, name, value string) { n.Sample.Slow.Variables.Values[name] = value }

// desynced is a cluster whose db2 is desynced by hand from a tick on.
func desynced(from uint64) *world {
	return settledCluster().on("db2", from, func(n *model.Node) {
		set(n, "wsrep_desync", "ON")
		n.Sample.Status.LocalState, n.Sample.Status.StateComment, n.Sample.Status.DesyncCount = model.N(2), "Donor/Desynced", model.N(1)
	})
}

// quorumLost is a cluster without a Primary Component.
func quorumLost() *world {
	return settledCluster().with(func(_ uint64, n *model.Node) {
		s := &n.Sample.Status
		s.ClusterStatus, s.LocalState, s.Ready, s.StateComment = model.NonPrimary, model.N(0), model.Off, "Initialized"
		s.ConfID, s.ClusterSize, s.ClusterWeight = model.N(-1), model.N(1), model.N(0)
		s.IncomingAddrs, s.LastCommitted = n.Address, model.N(48_210_000)
	})
}

// acting watches a console that can change the cluster; db2 is chosen.
func acting(t *testing.T, w *world, opt Options, width, height int, test func(*screen, *fakeRunner)) {
	t.Helper()
	r := &fakeRunner{}
	if opt.runner == nil {
		opt.runner = r
	}
	watch(t, w, opt, width, height, func(s *screen) {
		s.Tick(2).Press("j", "j")
		test(s, r)
	})
}

// actionSizes are the sizes of the screens of actions.
var actionSizes = [][2]int{{160, 50}, {80, 24}}

func TestScreensOfActionsLookAsTheyDid(t *testing.T) {
	for name, c := range map[string]struct {
		world func() *world
		opt   Options
		keys  []string
	}{
		"menu":         {settledCluster, Options{}, []string{"a"}},
		"menu-ascii":   {settledCluster, Options{ASCII: true, NoColor: true}, []string{"a", "Down"}},
		"menu-reading": {settledCluster, Options{ReadOnly: true}, []string{"a"}},
		"menu-down":    {settledDown, Options{}, []string{"a", "End", "Up", "Up"}},
		"menu-typed":   {settledCluster, Options{}, []string{"a", "dra"}},
		"menu-end":     {settledCluster, Options{Production: true}, []string{"a", "End"}},
		"pick":         {incidentWithActions, Options{}, []string{"Esc", "a"}},
		"ask":          {settledCluster, Options{}, []string{"a", "limit", "Enter", "12x", "Enter"}},
		"plan-1":       {func() *world { return desynced(0) }, Options{}, []string{"a", "resync", "Enter"}},
		"plan-2":       {settledCluster, Options{}, []string{"a", "stop", "Enter"}},
		"plan-value":   {settledCluster, Options{}, []string{"a", "weight", "Enter", "3", "Enter"}},
		"plan-3":       {quorumLost, Options{}, []string{"a", "primary", "Enter"}},
		"plan-strict":  {settledCluster, Options{Production: true}, []string{"a", "desync", "Enter", "db2", "Enter"}},
		"plan-waive":   {quorumLostAndOneDown, Options{}, []string{"a", "primary", "Enter", "db3 is ded", "Enter"}},
		"plan-waived":  {quorumLostAndOneDown, Options{}, []string{"a", "primary", "Enter", "db3 is dead", "Enter"}},
		"plan-refused": {settledCluster, Options{}, []string{"a", "primary", "Enter"}},
		"palette":      {settledCluster, Options{}, []string{":", "sync db"}},
	} {
		for _, size := range actionSizes {
			t.Run(fmt.Sprintf("%s %dx%d", name, size[0], size[1]), func(t *testing.T) {
				acting(t, c.world(), c.opt, size[0], size[1], func(s *screen, _ *fakeRunner) {
					s.Press(c.keys...).Golden(fmt.Sprintf("action-%s-%dx%d", name, size[0], size[1]), size[0] == 80)
				})
			})
		}
	}
}

// settledDown is a cluster whose db2 does not answer but is still listed.
func settledDown() *world {
	return settledCluster().on("db2", 1, func(n *model.Node) {
		n.Link, n.Rates = model.LinkDown, model.Rates{}
		n.Failure = &model.Failure{Kind: model.FailTimeout, Text: "dial tcp 10.0.0.12:3306: i/o timeout", Since: noon}
	})
}

func incidentWithActions() *world {
	w := incident()
	w.tick = 25
	return w
}

func TestARunOfAnActionLooksAsItDid(t *testing.T) {
	for _, size := range actionSizes {
		acting(t, settledCluster(), Options{}, size[0], size[1], func(s *screen, r *fakeRunner) {
			look := func(name string) { s.Golden(fmt.Sprintf("action-%s-%dx%d", name, size[0], size[1]), size[0] == 80) }
			s.Press("a", "desync", "Enter", "db2", "Enter")
			news := r.jobs[0].news
			news <- actions.Progress{Step: 0, Stage: actions.Verifying, Text: "wsrep_desync is ON, the state is still Synced"}
			s.settle().Has("Running", "verifying")
			look("running")
			news <- actions.Progress{Step: 0, Stage: actions.Done, Text: "desynced: it takes no part in flow control any more"}
			news <- actions.Progress{Step: -1, Stage: actions.Done, Text: "desynced: it takes no part in flow control any more"}
			close(news)
			s.settle().Has("Finished").Row(-1).Has("u undo it", "Any key goes back")
			look("done")
			s.Press("Enter").Has("Busiest queries").Tick(1)
			s.Press("a", "stop", "Enter", "db2", "Enter")
			news = r.jobs[1].news
			failed := actions.Progress{Step: 0, Stage: actions.Wrong, Text: "not run: the account may not do this: GRANT SHUTDOWN ON *.* TO the account (error 1227: Access denied)"}
			news <- failed
			failed.Step = -1
			news <- failed
			close(news)
			s.settle().Has("FAILED", "GRANT SHUTDOWN").Row(-1).Lacks("undo")
			look("failed")
		})
	}
}

func TestAnActionIsRunAfterTheNodesNameWasTyped(t *testing.T) {
	acting(t, settledCluster(), Options{}, 80, 24, func(s *screen, r *fakeRunner) {
		s.Press("a").Has("Actions on db2").Press("Enter").Has("Desync db2", "SET GLOBAL wsrep_desync = ON", "Type db2 and Enter")
		s.Press("db1", "Enter").Has(`"db1" is not "db2": nothing was run`, "Type db2 and Enter").Press("y", "Enter").Has(`"y" is not "db2"`)
		if len(r.plans) > 0 {
			t.Fatalf("ran %v", r.ran())
		}
		s.Tick(1).Press("db2", "Enter").Has("Running")
		if got := r.ran(); !slices.Equal(got, []string{"db2: SET GLOBAL wsrep_desync = ON"}) {
			t.Errorf("ran %q", got)
		}
	})
}

func TestEscGoesFromThePlanToTheMenuToThePane(t *testing.T) {
	acting(t, settledCluster(), Options{}, 120, 30, func(s *screen, r *fakeRunner) {
		s.Press("a", "limit", "Enter").Has("gcs.fc_limit on db2: a whole number from 1 to 1000000, now 64").Press("128", "Enter").Has("gcs.fc_limit=128", "Type db2")
		s.Press("Esc").Has("New value:").Press("Esc").Has("Actions on db2", "limit").Press("Esc").Has("Desync").Press("Esc").Has("Busiest queries")
		if len(r.plans) > 0 {
			t.Errorf("ran %v", r.ran())
		}
	})
}

func TestAValueOutOfBoundsIsSaidAndNothingIsPlanned(t *testing.T) {
	acting(t, settledCluster(), Options{}, 120, 30, func(s *screen, _ *fakeRunner) {
		s.Press("a", "limit", "Enter", "0", "Enter").Has(`"0" is not what gcs.fc_limit takes: a whole number from 1 to 1000000`, "New value:  0")
		s.Press("Backspace", "64", "Enter").Has("REFUSED: gcs.fc_limit on db2 is 64 already")
	})
}

func TestTheWorldThatChangesUnderAnOpenPlanIsSaidAndStopsIt(t *testing.T) {
	for name, c := range map[string]struct {
		change func(n *model.Node)
		said   []string
	}{
		"the node dies": {func(n *model.Node) { n.Link = model.LinkDown }, []string{"no longer so: db2 answers", "REFUSED: db2 answers: it does not: unreachable means unknown"}},
		"it goes stale": {func(n *model.Node) { n.Age = 9 * time.Second }, []string{"REFUSED: db2 answers: what is known of it is 9s old"}},
		"somebody else": {func(n *model.Node) { set(n, "wsrep_desync", "ON") }, []string{"REFUSED: wsrep_desync on db2 is ON now, it was OFF when this was chosen: somebody else has"}},
		"it is a donor": {func(n *model.Node) { n.Sample.Status.LocalState = model.N(2) }, []string{"no longer so: db2 is a Synced member", "it is Primary, Donor/Desynced"}},
	} {
		t.Run(name, func(t *testing.T) {
			acting(t, settledCluster().on("db2", 5, c.change), Options{}, 120, 40, func(s *screen, r *fakeRunner) {
				s.Press("a", "Enter").Has("Type db2").Press("db").Tick(3).Has(c.said...).Lacks("Type db2").Press("2").Lacks("Running")
				if len(r.plans) > 0 {
					t.Errorf("ran %v", r.ran())
				}
			})
		})
	}
}

func TestAPlanThatWasRefusedCanBeRunOnceItMay(t *testing.T) {
	w := settledCluster().with(func(tick uint64, n *model.Node) {
		if tick < 5 {
			n.Sample.Slow.Variables = nil
		}
	})
	acting(t, w, Options{}, 120, 40, func(s *screen, r *fakeRunner) {
		s.Press("a", "Enter").Has("REFUSED: the present wsrep_desync is known: the settings of db2 have not been read yet").Tick(3)
		s.Has("meanwhile the present wsrep_desync is known: it is OFF", "Type db2 and Enter").Press("db2", "Enter").Has("Running")
		if got := r.ran(); !slices.Equal(got, []string{"db2: SET GLOBAL wsrep_desync = ON"}) {
			t.Errorf("ran %q", got)
		}
	})
}

func TestSilenceUnderAnOpenPlanRefusesIt(t *testing.T) {
	acting(t, settledCluster(), Options{}, 80, 24, func(s *screen, r *fakeRunner) {
		s.Press("a", "Enter", "db2")
		time.Sleep(6 * time.Second)
		s.settle().Press("Down").Has("REFUSED: no news from the cluster").Press("Enter").Row(-1).Has("not run: no news")
		if len(r.plans) > 0 {
			t.Errorf("ran %v", r.ran())
		}
	})
}

func TestAReadOnlyConsoleShowsTheActionsAndDoesNone(t *testing.T) {
	for name, opt := range map[string]Options{"read-only mode": {ReadOnly: true}, "there is no cluster behind this console": {}} {
		watch(t, settledCluster(), opt, 120, 40, func(s *screen) {
			s.Tick(2).Press("j", "j", "a").Line("── Actions on db2").Has(name)
			s.Line("   Desync").Has(name).Line("   Stop").Has(name)
			s.Press("Enter").Row(-1).Has("Desync: " + name).Lacks("Confirm")
			s.Press("Esc", ":", "desync db2", "Enter").Row(-1).Has(name)
		})
	}
}

func TestTheMenuFollowsTheClusterAndKeepsItsCursor(t *testing.T) {
	acting(t, desynced(5), Options{}, 120, 40, func(s *screen, _ *fakeRunner) {
		s.Press("a", "Down").Line("Resync").Has("wsrep_desync is OFF").Tick(3).Line("   Resync").Has("ON", "ends a desync")
		s.Line("   Desync").Has("✗")
		s.Press("Enter").Has("Resync db2: back into flow control", "Run this?")
	})
}

func TestTheCommandPaletteDoesAnActionOnANodeByItsName(t *testing.T) {
	acting(t, settledCluster(), Options{}, 120, 30, func(s *screen, r *fakeRunner) {
		s.Press("4", ":", "desync db3").Has("desync db3: lets it fall behind").Press("Enter").Has("Desync db3", "Type db3").Press("db3", "Enter").Has("Running")
		if got := r.ran(); !slices.Equal(got, []string{"db3: SET GLOBAL wsrep_desync = ON"}) {
			t.Errorf("ran %q", got)
		}
		s.Press("Esc").Tick(1).Press(":", "undrain db3", "Enter").Has("REFUSED: wsrep_reject_queries on db3 is NONE already")
	})
}

func TestTheActionsAreOnThePanesOfNodes(t *testing.T) {
	acting(t, settledCluster(), Options{}, 120, 30, func(s *screen, _ *fakeRunner) {
		s.Press("2", "j", "a").Has("Actions on db2").Press("Esc", "3", "j", "a").Has("Actions on db1").Press("Esc", "?").Line("  a ").Has("actions on the chosen node")
		s.Press("Esc", "4", "a").Lacks("Actions on").Press("1", "End", "a").Has("Actions on db")
	})
}

func TestWithoutAChosenNodeTheActionsAskForOne(t *testing.T) {
	acting(t, settledCluster(), Options{}, 120, 30, func(s *screen, _ *fakeRunner) {
		s.Press("Esc", "a").Has("on which node?", "Primary · 3 members").Press("Down", "Enter").Has("Actions on db2").Press("Esc").Has("on which node?")
		s.Press("3").Lacks("   db1").Press("Enter").Has("Actions on db3").Press("Esc", "Esc").Has("Busiest queries")
	})
}

func TestTheUndoOfAnActionWaitsUntilItsSettingsWereReadAgain(t *testing.T) {
	acting(t, desynced(5), Options{}, 120, 40, func(s *screen, r *fakeRunner) {
		s.Press("a", "Enter", "db2", "Enter")
		r.jobs[0].news <- actions.Progress{Step: 0, Stage: actions.Done, Text: "desynced"}
		close(r.jobs[0].news)
		s.settle().Press("u").Has("REFUSED: the settings of db2 have changed and are read again").Tick(7).Has("Resync db2", "Run this?").Lacks("REFUSED")
		s.Press("y").Has("Running")
		if got := r.ran(); !slices.Equal(got, []string{"db2: SET GLOBAL wsrep_desync = ON", "db2: SET GLOBAL wsrep_desync = OFF"}) {
			t.Errorf("ran %q", got)
		}
	})
}

// quorumLostAndOneDown is a cluster without a Primary Component, and without an
// answer from db3.
func quorumLostAndOneDown() *world {
	return quorumLost().on("db3", 0, func(n *model.Node) {
		n.Link, n.Rates = model.LinkDown, model.Rates{}
		n.Failure = &model.Failure{Kind: model.FailTimeout, Text: "dial tcp 10.0.0.13:3306: i/o timeout", Since: noon}
	})
}

func TestWhatNobodyCanProveIsDeclaredInWordsAndThenConfirmedAsEver(t *testing.T) {
	acting(t, quorumLostAndOneDown(), Options{}, 120, 40, func(s *screen, r *fakeRunner) {
		s.Press("a", "primary", "Enter").Has("REFUSED: every known member answers: db3 does not", "Only you can know. If it is not true: db3", "Type db3 is dead and Enter to declare it")
		s.Press("y", "Enter").Has(`"y" is not "db3 is dead": nothing is declared`).Tick(1).Press("shop-prod", "Enter").Has("nothing is declared").Tick(1)
		if s.Press("db3 is dead", "Enter").Has("waived", "Type shop-prod and Enter to run this").Lacks("REFUSED"); len(r.plans) > 0 {
			t.Fatal("a declaration ran the plan")
		}
		s.Tick(2).Has("waived", "Type shop-prod and Enter to run this").Press("shop-prod", "Enter").Has("Running")
		if got := r.ran(); !slices.Equal(got, []string{"db2: SET GLOBAL wsrep_provider_options = 'pc.bootstrap=1'"}) || !slices.Equal(r.plans[0].Declared, []string{"db3 is dead"}) {
			t.Errorf("ran %q with %q", got, r.plans[0].Declared)
		}
	})
}

func TestADeclarationThatTurnsOutWrongRefusesThePlan(t *testing.T) {
	w := quorumLost().with(func(tick uint64, n *model.Node) {
		if n.Name == "db3" && tick < 5 {
			n.Link = model.LinkDown
		}
	})
	acting(t, w, Options{}, 120, 40, func(s *screen, r *fakeRunner) {
		s.Press("a", "primary", "Enter", "db3 is dead", "Enter").Has("Type shop-prod").Tick(3).Has("REFUSED: nobody answers who was declared dead: db3 answers").Lacks("Type ")
		s.Press("Enter").Row(-1).Lacks("Running")
		if len(r.plans) > 0 {
			t.Errorf("ran %v", r.ran())
		}
	})
}

func TestAnUnsureMemberThatFallsSilentUnderAnOpenPlanMayStillBeDeclared(t *testing.T) {
	w := quorumLost().on("db3", 5, func(n *model.Node) { n.Link = model.LinkDown })
	acting(t, w, Options{}, 120, 40, func(s *screen, _ *fakeRunner) {
		s.Press("a", "primary", "Enter").Has("Type shop-prod and Enter to run this").Press("shop").Tick(3).Has("REFUSED", "Type db3 is dead and Enter to declare it")
		s.Press("Enter").Has(`"shop" is not "db3 is dead"`).Tick(1).Press("db3 is dead", "Enter").Has("Type shop-prod and Enter to run this")
	})
}
