package demo

import "time"

// Scenario is a script of incidents that repeats itself.
type Scenario struct {
	Name  string
	About string
	Every time.Duration // the script begins again
	// Supervised is how long after its end a server is started again, as a
	// service manager would; 0: never. A Launch in the script comes first.
	Supervised time.Duration
	Steps      []Step
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

var scenarios = []Scenario{
	{
		Name: "calm", About: "a healthy shop with its daily waves", Every: 120 * second, Supervised: 20 * second,
		Steps: []Step{
			{40 * second, Action{Do: Load, Value: 1.6}, "a newsletter brings visitors"},
			{80 * second, Action{Do: Load, Value: 1}, "the visitors leave"},
		},
	},
	{
		Name: "flow-control", About: "one node's slow disk pauses all writes, again and again", Every: 75 * second,
		Supervised: 20 * second,
		Steps: []Step{
			{8 * second, Action{Do: Slow, Node: "db3", Value: 0.036}, "db3: its disk becomes slow, its queue grows"},
			{25 * second, Action{Do: Slow, Node: "db3", Value: 0.014}, "db3: its disk becomes slower still"},
			{45 * second, Action{Do: Slow, Node: "db3", Value: 1}, "db3: its disk is well again"},
		},
	},
	{
		Name: "crash", About: "a server is killed and comes back by IST", Every: 60 * second, Supervised: 20 * second,
		Steps: []Step{
			{8 * second, Action{Do: Crash, Node: "db2"}, "db2: kill -9"},
			{25 * second, Action{Do: Launch, Node: "db2"}, "db2: is started again"},
		},
	},
	{
		Name: "partition", About: "one node is cut off from the others; later the network heals", Every: 60 * second,
		Supervised: 20 * second,
		Steps: []Step{
			{8 * second, Action{Do: Partition, Nodes: []string{"db3"}}, "the network between db3 and the others fails"},
			{32 * second, Action{Do: Heal}, "the network is well again"},
		},
	},
	{
		Name: "runaway", About: "a runaway report and a forgotten transaction on one node", Every: 90 * second,
		Supervised: 20 * second,
		Steps: []Step{
			{6 * second, Action{Do: Runaway, Node: "db1"}, "db1: somebody starts a report"},
			{9 * second, Action{Do: LockRows, Node: "db1"}, "db1: an admin leaves a transaction open over lunch"},
			{75 * second, Action{Do: Calm, Node: "db1"}, "db1: the admin comes back, the report is given up"},
		},
	},
}

// Scenarios lists all scenarios; the first is the calm one.
func Scenarios() []Scenario { return append([]Scenario(nil), scenarios...) }

// player plays a scenario. A nil player does nothing.
type player struct {
	scenario *Scenario
	next     int
	began    time.Duration
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
	if at >= p.scenario.Every {
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
