package demo

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Scenario is a script of incidents. Those that repeat themselves heal by
// themselves; those to practise on stay as they are until somebody acts.
type Scenario struct {
	Name     string
	About    string
	Practise string        // what to do about it; "" for those that only show
	Every    time.Duration // the script begins again then; 0: never
	// Supervised is how long after its end a server is started again, as a
	// service manager would; 0: never. A Launch in the script comes first.
	Supervised time.Duration
	Nodes      int               // at least so many take part, besides those that the steps name
	Arbitrator bool              // needs one
	Config     map[string]string // in every my.cnf
	SST        time.Duration     // how long a full copy takes; 0: the usual
	// Young means that the group was re-formed by gvwstate.dat lately: its
	// wsrep_cluster_conf_id counts from 0.
	Young bool
	Steps []Step
}

// Step is one thing that happens; its line is told when it did.
type Step struct {
	At time.Duration
	Action
	Say string
}

// Line is one line of narration.
type Line struct {
	At   time.Duration // simulated time since the start
	Text string
}

const second = time.Second

// scenarios are all scenarios by subject; the first is the calm one.
var scenarios = slices.Concat(loadScenarios, groupScenarios, transferScenarios, lockScenarios, settingScenarios, recoveryScenarios)

// Scenarios lists all scenarios; the first is the calm one.
func Scenarios() []Scenario { return append([]Scenario(nil), scenarios...) }

// player plays a scenario. A nil player does nothing.
type player struct {
	scenario *Scenario
	next     int
	began    time.Duration
}

// needs is how many nodes have to take part: those that are named, at least.
func (s *Scenario) needs() int {
	least := s.Nodes
	for _, step := range s.Steps {
		for _, name := range append([]string{step.Node}, step.Nodes...) {
			if number, ok := strings.CutPrefix(name, "db"); ok {
				n, _ := strconv.Atoi(number)
				least = max(least, n)
			}
		}
	}
	return least
}

func newPlayer(name string) *player {
	if s := findScenario(name); s != nil {
		return &player{scenario: s}
	}
	return nil
}

// prepare gives a new engine what the scenario needs.
func (p *player) prepare(e *engine) (young bool) {
	if p == nil {
		return false
	}
	e.config = p.scenario.Config
	if p.scenario.SST > 0 {
		e.sst = p.scenario.SST
	}
	return p.scenario.Young
}

func findScenario(name string) *Scenario {
	for i := range scenarios {
		if scenarios[i].Name == name {
			return &scenarios[i]
		}
	}
	return nil
}

// play carries out what is due. What makes no sense any more (somebody stopped
// the node by hand) is skipped in silence.
func (p *player) play(e *engine) {
	if p == nil {
		return
	}
	at := e.now - p.began
	for p.next < len(p.scenario.Steps) && p.scenario.Steps[p.next].At <= at {
		step := p.scenario.Steps[p.next]
		p.next++
		if e.act(step.Action) == nil {
			e.say(step.Say)
		}
	}
	if p.scenario.Every > 0 && at >= p.scenario.Every {
		p.next, p.began = 0, e.now
	}
}

// revives is when a supervisor starts a server again that ended now.
func (p *player) revives(now time.Duration) time.Duration {
	if p.scenario.Supervised == 0 {
		return 0
	}
	return now + p.scenario.Supervised
}
