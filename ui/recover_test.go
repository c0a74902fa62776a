package ui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/actions/recovery"
	"github.com/galeratop/galeratop/model"
)

// fakeGuide knows the steps that a test gives it, and notes what it was told.
type fakeGuide struct {
	mu     sync.Mutex
	move   *recovery.Move
	then   *recovery.Move // follows from a reading, an answer, or a run
	prints []string       // what a reading prints
	slow   time.Duration  // what a reading, or a start, takes
	told   []string
	run    *fakeGuided
}

func (g *fakeGuide) tell(format string, a ...any) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.told = append(g.told, fmt.Sprintf(format, a...))
}

func (g *fakeGuide) set(m *recovery.Move) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.move = m
}

func (g *fakeGuide) Next() *recovery.Move {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.move
}

func (g *fakeGuide) Read(_ context.Context, q *recovery.Question, line func(node, text string)) {
	g.tell("read %s %v", q.Need, q.Nodes)
	for _, text := range g.prints {
		line("db1", text)
	}
	time.Sleep(g.slow)
	g.set(g.then)
}

func (g *fakeGuide) Answer(m *recovery.Move, text string) error {
	g.tell("answer %s", text)
	if text != m.Question.Words && !slices.Contains(m.Question.Answers, text) {
		return errors.New("that is not what has to be typed here")
	}
	g.set(g.then)
	return nil
}

func (g *fakeGuide) Again(*recovery.Move) { g.tell("again") }

func (g *fakeGuide) Start(_ context.Context, m *recovery.Move) (guided, *recovery.Move) {
	time.Sleep(g.slow)
	g.mu.Lock()
	defer g.mu.Unlock()
	if stepOf(g.move) != stepOf(m) {
		return nil, g.move
	}
	g.told = append(g.told, "start "+m.Title)
	g.run = &fakeGuided{fakeJob{news: make(chan actions.Progress, 100)}}
	return g.run, nil
}

func (g *fakeGuide) Ended(m *recovery.Move, r actions.Result) {
	g.tell("ended %s: %s", m.Title, r.Stage)
	g.set(g.then)
}

func (g *fakeGuide) log() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.told)
}

type fakeGuided struct{ fakeJob }

func (*fakeGuided) Result() actions.Result { return actions.Result{Stage: actions.Done} }

// crashed is what is found of three nodes that crashed.
func crashed() []model.Evidence {
	var out []model.Evidence
	for i, seqno := range []int{48210, 48377, 48302} {
		name := fmt.Sprintf("db%d", i+1)
		out = append(out, model.Evidence{Node: name, Variable: "host", Value: fmt.Sprintf("the server is stopped, position 4a9c1f6e-0000-11f0-9b1e-8e0d5e3c1a77:%d", seqno)},
			model.Evidence{Node: name, Variable: "grastate.dat", Value: "4a9c1f6e-0000-11f0-9b1e-8e0d5e3c1a77:-1, safe_to_bootstrap 0"})
	}
	return out
}

const crashMeans = "No node is in a group. The one that has every committed write must be started first, so all of them have to be looked at: " +
	"unreachable means unknown, never dead."

func readMove() *recovery.Move {
	var found []model.Evidence
	for i := range 3 {
		found = append(found, model.Evidence{Node: fmt.Sprintf("db%d", i+1), Variable: "connection", Value: fmt.Sprintf("10.0.0.%d:3306: connection refused", i+11)})
	}
	return &recovery.Move{
		Situation: "full-crash", Kind: recovery.Ask, Title: "Read the hosts of db1, db2 and db3", Found: found, Means: crashMeans,
		Will:     []string{"nothing is changed there: what the servers left on their disks, their processes and their option files are looked at"},
		Question: &recovery.Question{Need: recovery.NeedRead, Nodes: []string{"db1", "db2", "db3"}, Text: "read the hosts of db1, db2 and db3"},
	}
}

func positionMove() *recovery.Move {
	m := readMove()
	m.Title, m.Found, m.Means = "Recover the positions of db1, db2 and db3", crashed(), "A server that crashed leaves no position in grastate.dat. InnoDB knows it."
	m.Question = &recovery.Question{Need: recovery.NeedPosition, Nodes: []string{"db1", "db2", "db3"}, Answers: []string{"y"}, Text: "recover the positions of db1, db2 and db3"}
	return m
}

func wordsMove() *recovery.Move {
	risk := "if it is not, there will be two clusters, or writes that only db3 has are lost; they are lost for this cluster in any case"
	return &recovery.Move{
		Situation: "full-crash", Kind: recovery.Ask, Node: "db3", Title: "Is db3 lost for good?",
		Found: append(crashed()[:4], model.Evidence{Node: "db3", Variable: "host", Value: "cannot be read: ssh: connect to host db3 port 22: No route to host"}),
		Means: "Whether the server of db3 runs cannot be found out: no route to host. " + crashMeans,
		Will: []string{
			"make its host readable, or start it, and it is found out here; nothing need be typed then",
			"or, if you know that its server is stopped and stays so, say it by typing: db3 is dead",
		},
		Lost:     []string{risk},
		Question: &recovery.Question{Need: recovery.NeedWords, Nodes: []string{"db3"}, Words: "db3 is dead", Risk: risk, Text: "declare db3 lost"},
	}
}

func sideMove() *recovery.Move {
	const history = "4a9c1f6e-0000-11f0-9b1e-8e0d5e3c1a77"
	return &recovery.Move{
		Situation: "split-brain", Kind: recovery.Ask, Title: "Which side is kept?",
		Found: []model.Evidence{
			{Node: "db1", Variable: "says", Value: "Primary, Synced, seqno 48210"},
			{Node: "db2", Variable: "says", Value: "Primary, Synced, seqno 48210"},
			{Node: "db3", Variable: "says", Value: "Primary, Synced, seqno 48199"},
		},
		Sides: []recovery.Side{
			{Nodes: []string{"db1", "db2"}, Names: "db1 and db2", History: history, Seqno: model.N(48210), Writes: model.R(41.5), Clients: model.N(64)},
			{Nodes: []string{"db3"}, Names: "db3", History: history, Seqno: model.N(48199), Clients: model.N(31)},
		},
		Means: "Every side takes writes that the others never see. Galera does not merge them again, not even when the network is whole. " +
			"The sides share a history, so a node of the wrong side that merely restarts may get IST and report Synced with rows that differ: it has to come back by SST.",
		Will: []string{"stop the applications' writes to the side that you do not keep, now, at the load balancer"},
		Lost: []string{"for this cluster, everything that was written to the other side since they parted"},
		Question: &recovery.Question{
			Need: recovery.NeedSide, Text: "type the name of a node of the side to keep", Nodes: []string{"db1", "db2", "db3"}, Answers: []string{"db1", "db2", "db3"},
		},
	}
}

func actMove() *recovery.Move {
	return &recovery.Move{
		Situation: "full-crash", Kind: recovery.Act, Node: "db2", Title: "Bootstrap the cluster from db2", Found: crashed(),
		Means: "db2 is the most advanced: it has every write that any of the others has.",
		Will:  []string{"its service is started as the first node of the cluster", "the others are started one by one after that"},
		Lost:  []string{"nothing that any of the nodes that were read has committed"}, Order: &recovery.Order{Node: "db2", Action: actions.BootstrapService},
		Plan: &actions.Plan{
			Action: actions.BootstrapService, Title: "Bootstrap the cluster from db2", Cluster: "shop-prod", Level: actions.LevelCluster, Word: "shop-prod",
			Checks: []actions.Check{
				{Text: "no Primary Component exists anywhere", Evidence: "db1, db2 and db3 are stopped", Verdict: actions.Met},
				{Text: "db2 is the most advanced", Evidence: "48377; db3 48302, db1 48210", Verdict: actions.Met},
			},
			Steps:   []actions.Step{{Node: "db2", Name: "db2", Text: "galera_new_cluster", About: "starts the service as the first node"}},
			Effects: []string{"db2 is Primary alone and takes clients"}, Verify: "samples show db2 Primary and Synced", Undo: "stop it",
		},
	}
}

func watchMove() *recovery.Move {
	m := &recovery.Move{
		Situation: "joining", Kind: recovery.Watch, Node: "db1", Title: "Waiting for db1, which receives its data from db2 by SST, 41 % done, for 3 min",
		Found: sideMove().Found, Means: "One node comes back at a time: a second joiner would take a second donor out of service. An SST of much data takes hours.",
	}
	m.Instead = actMove()
	m.Instead.Situation, m.Instead.Title, m.Instead.Lost = "joining", "Stop the server of db1", nil
	m.Instead.Order, m.Instead.Node = &recovery.Order{Node: "db1", Action: actions.StopService}, "db1"
	return m
}

func doneMove() *recovery.Move {
	return &recovery.Move{Situation: "well", Kind: recovery.Done, Title: "The cluster is whole: db1, db2 and db3 are Synced in one Primary Component", Found: sideMove().Found}
}

func refusedMove() *recovery.Move {
	return &recovery.Move{
		Situation: "full-crash", Kind: recovery.Refused, Title: "The histories differ: db3 is of another cluster", Found: crashed(),
		Means: "Nodes of different histories are never joined: one of them was founded anew, and which one has the data is for a person to find out.",
		Will:  []string{"compare the data of db3 with that of the others; keep a copy"},
	}
}

func handMove() *recovery.Move {
	m := &recovery.Move{
		Situation: "full-crash", Kind: recovery.Watch, Title: "Bring the cluster back by hand: no command reaches the hosts", Found: readMove().Found, Means: crashMeans,
		Will: []string{"this is watched for, and the next step follows when it is seen; with host_command for the cluster in config.toml it is done from here"},
		Lost: []string{"every write beyond the seqno of the node that you bootstrap: look at all nodes before"},
	}
	for i := range 3 {
		m.ByHand = append(m.ByHand, recovery.HandCommand{Node: fmt.Sprintf("db%d", i+1), Line: "cat /var/lib/mysql/grastate.dat", Why: "note uuid, seqno and safe_to_bootstrap"})
	}
	m.ByHand = append(m.ByHand, recovery.HandCommand{Node: "the node with the highest seqno", Line: "galera_new_cluster", Why: "on this node only, and only once"})
	return m
}

// led watches a console whose recovery begins with a step, and opens it.
func led(t *testing.T, m *recovery.Move, opt Options, width, height int, test func(*screen, *fakeGuide)) {
	t.Helper()
	twoPanes(t)
	g := &fakeGuide{move: m, then: doneMove()}
	opt.guide, opt.runner = g, &fakeRunner{}
	watch(t, cluster(3), opt, width, height, func(s *screen) {
		s.Tick(2).Press("R")
		test(s, g)
	})
}

func TestStepsOfARecoveryLookAsTheyDid(t *testing.T) {
	for name, c := range map[string]struct {
		move *recovery.Move
		opt  Options
		keys []string
	}{
		"read":       {readMove(), Options{}, nil},
		"position":   {positionMove(), Options{}, nil},
		"words":      {wordsMove(), Options{}, []string{"db3 is alive", "Enter", "db3 is"}},
		"side":       {sideMove(), Options{}, []string{"db1"}},
		"act":        {actMove(), Options{Production: true}, nil},
		"plan":       {actMove(), Options{}, []string{"Enter", "shop"}},
		"watch":      {watchMove(), Options{}, nil},
		"instead":    {watchMove(), Options{}, []string{"i"}},
		"done":       {doneMove(), Options{}, nil},
		"refused":    {refusedMove(), Options{}, nil},
		"hand":       {handMove(), Options{}, []string{"Tab", "Tab", "Tab"}},
		"read-only":  {wordsMove(), Options{ReadOnly: true}, nil},
		"side-ascii": {sideMove(), Options{ASCII: true, NoColor: true}, nil},
	} {
		for _, size := range [][2]int{{160, 50}, {80, 24}} {
			t.Run(fmt.Sprintf("%s %dx%d", name, size[0], size[1]), func(t *testing.T) {
				led(t, c.move, c.opt, size[0], size[1], func(s *screen, _ *fakeGuide) {
					s.Press(c.keys...).Golden(fmt.Sprintf("recover-%s-%dx%d", name, size[0], size[1]), size[0] == 80 && !c.opt.ASCII)
				})
			})
		}
	}
}

func TestAStepThatRunsLooksAsItDid(t *testing.T) {
	for _, size := range [][2]int{{160, 50}, {80, 24}} {
		led(t, actMove(), Options{}, size[0], size[1], func(s *screen, g *fakeGuide) {
			s.Press("Enter", "shop-prod", "Enter")
			for _, text := range []string{"galera_new_cluster", "the service is starting", "InnoDB: starting crash recovery", "db2 answers: Primary, Joined"} {
				g.run.news <- actions.Progress{Step: 0, Stage: actions.Running, Text: text}
				s.settle()
			}
			s.Golden(fmt.Sprintf("recover-running-%dx%d", size[0], size[1]), size[0] == 80)
		})
	}
}

func TestThePromptIsAlwaysInSight(t *testing.T) {
	for name, c := range map[string]struct {
		move *recovery.Move
		says string
	}{
		"read": {readMove(), "Enter: read the hosts"}, "position": {positionMove(), "y: recover the positions"}, "words": {wordsMove(), "Type db3 is dead and Enter:"},
		"side": {sideMove(), "Type the name of a node of the side to keep"}, "act": {actMove(), "Enter: show the plan"}, "watch": {watchMove(), "Watching, for "},
		"done": {doneMove(), "Nothing is left to do"}, "refused": {refusedMove(), "Enter looks again"}, "hand": {handMove(), "y: copy the command for db1"},
	} {
		for _, size := range [][2]int{{160, 50}, {120, 30}, {80, 24}, {60, 16}} {
			t.Run(fmt.Sprintf("%s %dx%d", name, size[0], size[1]), func(t *testing.T) {
				led(t, c.move, Options{}, size[0], size[1], func(s *screen, _ *fakeGuide) {
					s.Has(c.says).Press("PgDn").Has(c.says).Press("End").Has(c.says).Press("Home").Has(c.says, "── Recovery")
				})
			})
		}
	}
}

func (g *fakeGuide) wants(t *testing.T, want ...string) {
	t.Helper()
	if got := g.log(); !slices.Equal(got, want) {
		t.Errorf("the guide was told %q, not %q", got, want)
	}
}

func TestHostsAreReadByEnterAndPositionsRecoveredByYOnly(t *testing.T) {
	led(t, readMove(), Options{}, 80, 24, func(s *screen, g *fakeGuide) {
		g.then, g.slow = positionMove(), 3*time.Second
		s.Press("y", "i", "x")
		g.wants(t)
		s.Press("Enter").Has("reading hosts, for").Press("Enter", "y")
		g.wants(t, "read read [db1 db2 db3]")
		s.Tick(3).Has("y: recover the positions of db1, db2 and db3").Press("Enter", "n", "Y", "x")
		g.wants(t, "read read [db1 db2 db3]")
		g.then, g.prints = actMove(), []string{"InnoDB: log sequence number 51966", "WSREP: Recovered position: 4a9c:48210"}
		s.Press("y").Has("recovering positions, for", "── Output", "db1: WSREP: Recovered position: 4a9c:48210").Tick(4).Has("Next step: Bootstrap the cluster from db2")
		g.wants(t, "read read [db1 db2 db3]", "read position [db1 db2 db3]")
	})
}

func TestPositionsInProductionAreRecoveredByTheClustersNameOnly(t *testing.T) {
	m := positionMove()
	m.Question.Answers = []string{"shop-prod"}
	led(t, m, Options{Production: true}, 80, 24, func(s *screen, g *fakeGuide) {
		s.Has("To recover the positions of db1, db2 and db3, type shop-prod and Enter:").Press("y", "Enter").Has(`"y" is not "shop-prod": nothing was run`)
		s.Press("Enter").Press("shop", "Enter").Has(`"shop" is not "shop-prod"`)
		g.wants(t, "again")
		s.Press("shop-prod", "Enter").Has("Done: The cluster is whole")
		g.wants(t, "again", "read position [db1 db2 db3]")
	})
}

func TestAnswersAreTypedAndWrongOnesAskedForAgain(t *testing.T) {
	led(t, wordsMove(), Options{}, 80, 24, func(s *screen, g *fakeGuide) {
		g.then = actMove()
		s.Press("db3 is Dead", "Enter").Has("that is not what has to be typed here", "Type db3 is dead").Lacks("db3 is Dead")
		s.Press("db3 is dead").Tick(2).Has("> db3 is dead").Press("Enter").Has("Next step: Bootstrap the cluster from db2")
		g.wants(t, "answer db3 is Dead", "answer db3 is dead")
	})
	led(t, sideMove(), Options{}, 80, 24, func(s *screen, g *fakeGuide) {
		s.Press("db9", "Enter").Has("that is not what").Press("db1", "Enter").Has("Done: The cluster is whole")
		g.wants(t, "answer db9", "answer db1")
	})
	led(t, sideMove(), Options{}, 80, 24, func(s *screen, g *fakeGuide) {
		s.Press("Enter").Has("Which side is kept?")
		g.wants(t, "again")
	})
}

func TestAStepIsConfirmedByItsWordRunAndFollowedByTheNext(t *testing.T) {
	led(t, actMove(), Options{}, 80, 24, func(s *screen, g *fakeGuide) {
		s.Press("Enter").Has("Lost: nothing that any", "no Primary Component exists anywhere", "Type shop-prod and Enter").Press("y", "Enter").Has(`"y" is not "shop-prod"`)
		s.Press("Esc").Has("Enter: show the plan").Press("Enter", "db2", "Enter").Has(`"db2" is not`)
		g.wants(t)
		s.Tick(1).Press("shop-prod", "Enter").Has("Running", "galera_new_cluster")
		g.wants(t, "start Bootstrap the cluster from db2")
		s.Press("Esc").Has("A step is being run. Enter shows it").Tick(2).Has("A step is being run").Press("Enter").Has("Running")
		g.run.news <- actions.Progress{Step: 0, Stage: actions.Done, Text: "Primary and Synced"}
		close(g.run.news)
		s.settle().Has("Finished", "1 done").Lacks("u undo").Press("Esc").Has("looking at the cluster").Tick(1).Has("Done: The cluster is whole")
		g.wants(t, "start Bootstrap the cluster from db2", "ended Bootstrap the cluster from db2: done")
	})
}

func TestAChangedWorldChangesTheStepUnderAnOpenPlanAndRunsNothing(t *testing.T) {
	led(t, actMove(), Options{}, 80, 24, func(s *screen, g *fakeGuide) {
		s.Press("Enter", "shop-pro")
		g.set(positionMove())
		s.Tick(1).Lacks("Type shop-prod").Has("It has changed: the step before was: Bootstrap the cluster from db2", "Enter: go on with this step")
		s.Press("d", "y", "y").Has("Enter: go on with this step").Press("Enter").Has("y: recover the positions").Lacks("It has changed")
		g.wants(t)
	})
	// The same key copies a command here, and runs servers there.
	led(t, handMove(), Options{}, 80, 24, func(s *screen, g *fakeGuide) {
		s.Press("y")
		g.set(positionMove())
		s.Tick(1).Press("y", "y").Has("It has changed", "Enter: go on with this step")
		g.wants(t)
	})
	// It changes between the word and the run.
	led(t, actMove(), Options{}, 80, 24, func(s *screen, g *fakeGuide) {
		s.Press("Enter", "shop-prod")
		g.set(wordsMove())
		s.Press("Enter").Has("It has changed", "(nothing was run)", "Enter: go on with this step").Press("Enter").Has("Type db3 is dead")
		g.wants(t)
	})
}

func TestWhatIsTypedForOneQuestionIsNoAnswerToTheNext(t *testing.T) {
	led(t, wordsMove(), Options{}, 80, 24, func(s *screen, g *fakeGuide) {
		s.Press("db3 is de")
		g.set(sideMove())
		s.Tick(1).Has("It has changed: the step before was: Is db3 lost for good?").Press("a", "d", "Enter").Has("the side to keep: db1 or db2").Lacks("> db3").Press("Enter")
		g.wants(t, "again")
	})
}

func TestHostsAreReadAgainBehindAnOpenPlanWhenTheirReadingsAreTooOld(t *testing.T) {
	led(t, readMove(), Options{}, 80, 24, func(s *screen, g *fakeGuide) {
		g.then = actMove()
		s.Press("Enter").Has("Enter: show the plan").Press("Enter", "shop-")
		g.set(readMove())
		s.Tick(2).Has("Type shop-prod and Enter to run this:  shop-").Press("prod", "Enter").Has("Running")
		g.wants(t, "read read [db1 db2 db3]", "read read [db1 db2 db3]", "start Bootstrap the cluster from db2")
	})
}

func TestARecoveryIsLeftWithoutHarmAndTakenUpWhereItIs(t *testing.T) {
	led(t, wordsMove(), Options{}, 80, 24, func(s *screen, g *fakeGuide) {
		s.Press("db3 is d", "Esc").Row(-1).Has("nothing was changed by leaving; R takes the recovery up again")
		s.Tick(1).Press("R").Has("Type db3 is dead").Lacks("> db3").Press("Esc")
		g.set(actMove())
		s.Tick(1).Press("R").Has("Next step: Bootstrap the cluster from db2").Lacks("It has changed")
		g.wants(t)
	})
	// What was begun goes on.
	led(t, readMove(), Options{}, 80, 24, func(s *screen, g *fakeGuide) {
		g.slow, g.then = 5*time.Second, actMove()
		s.Press("Enter", "Esc").Row(-1).Has("reading hosts goes on; R takes the recovery up again")
		s.Press("R").Has("reading hosts, for").Tick(6).Has("Next step: Bootstrap")
	})
	led(t, actMove(), Options{}, 80, 24, func(s *screen, g *fakeGuide) {
		s.Press("Enter", "shop-prod", "Enter", "Esc", "Esc").Row(-1).Has("the step that was begun goes on")
		s.Press("1").Row(-1).Has("running: Bootstrap the cluster from db2", "J shows it")
		close(g.run.news)
		s.settle().Press("R").Tick(1).Has("Done: The cluster is whole")
		g.wants(t, "start Bootstrap the cluster from db2", "ended Bootstrap the cluster from db2: done")
	})
}

func TestWaitingIsFollowedAndItsAlternativeOffered(t *testing.T) {
	led(t, watchMove(), Options{}, 80, 24, func(s *screen, g *fakeGuide) {
		next := watchMove()
		next.Title = "Waiting for db1, which receives its data from db2 by SST, 97 % done, for 9 min"
		g.set(next)
		s.Tick(1).Has("97 % done", "Watching, for ").Press("i").Has("Next step: Stop the server of db1", "Enter: show the plan").Tick(1).Has("Stop the server of db1")
		s.Press("Esc").Has("Watching, for ").Press("i", "Enter").Has("Type shop-prod")
		g.set(doneMove())
		s.Tick(1).Has("It has changed", "Done: The cluster is whole")
		g.wants(t)
	})
}

func TestCommandsForAPersonAreCopied(t *testing.T) {
	led(t, handMove(), Options{}, 80, 24, func(s *screen, _ *fakeGuide) {
		before := s.out.count()
		s.Press("y").Row(-1).Has("copied the command for db1")
		if got := clipboard(t, s.out.bytes[before:]); got != "cat /var/lib/mysql/grastate.dat" {
			t.Errorf("copied %q", got)
		}
		before = s.out.count()
		s.Press("Shift-Tab").Has("▶ on the node with the highest seqno", "galera_new_cluster").Press("y")
		if got := clipboard(t, s.out.bytes[before:]); got != "galera_new_cluster" {
			t.Errorf("copied %q", got)
		}
	})
}

func TestAReadOnlyConsoleShowsTheStepAndDecidesNothing(t *testing.T) {
	for _, m := range []*recovery.Move{wordsMove(), sideMove(), positionMove()} {
		led(t, m, Options{ReadOnly: true}, 80, 24, func(s *screen, g *fakeGuide) {
			s.Has("Refused: read-only mode", m.Title).Press("y", "db1", "db3 is dead")
			g.wants(t)
		})
	}
	led(t, readMove(), Options{ReadOnly: true}, 80, 24, func(s *screen, g *fakeGuide) {
		s.Press("Enter")
		g.wants(t, "read read [db1 db2 db3]")
	})
}

func TestWithoutAClusterToChangeThereIsNoRecovery(t *testing.T) {
	watch(t, cluster(3), Options{}, 160, 50, func(s *screen) {
		s.Tick(2).Press("R").Row(-1).Has("R: there is no cluster behind this console to change")
		s.Press("?").Line("recovery: leads out").Has("(there is no cluster behind this console to change)")
	})
}

func TestFindingsThatTheRecoveryLeadsOutOfNameItsKey(t *testing.T) {
	twoPanes(t)
	w := cluster(3)
	opt := Options{guide: &fakeGuide{move: doneMove()}, runner: &fakeRunner{}}
	watch(t, w, opt, 80, 24, func(s *screen) {
		s.Tick(2).Row(-1).Lacks("recovery")
		w.tell = func(s *model.Snapshot) {
			s.Findings = []model.Finding{{Rule: "no-primary", Level: model.LevelCritical, Title: "No Primary Component", Why: "Nobody takes writes.", Do: []string{"look at all nodes"}}}
		}
		s.Tick(1).Row(-1).Has("R recovery").Press("v").Has("R  recovery: leads out of this").Press("R").Has("── Recovery")
	})
}

func TestASilentFeedIsAskedAboutOnce(t *testing.T) {
	led(t, actMove(), Options{}, 80, 24, func(s *screen, g *fakeGuide) {
		g.set(&recovery.Move{Situation: "blind", Kind: recovery.Refused, Title: "What is known is too old", Means: "the view of the cluster is 10 s old"})
		time.Sleep(10 * time.Second)
		s.settle().Has("It has changed", "Refused: What is known is too old")
	})
}
