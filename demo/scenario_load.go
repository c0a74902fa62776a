package demo

// loadScenarios are days of a healthy group, and what its clients and disks do
// to it.
var loadScenarios = []Scenario{
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
		Name: "runaway", About: "a runaway report and a forgotten transaction on one node", Every: 90 * second,
		Supervised: 20 * second,
		Steps: []Step{
			{6 * second, Action{Do: Runaway, Node: "db1"}, "db1: somebody starts a report"},
			{9 * second, Action{Do: LockRows, Node: "db1"}, "db1: an admin leaves a transaction open over lunch"},
			{75 * second, Action{Do: Calm, Node: "db1"}, "db1: the admin comes back, the report is given up"},
		},
	},
	{
		Name: "idle-transaction", About: "a forgotten transaction sleeps on row locks that others wait for", Every: 100 * second,
		Supervised: 20 * second,
		Steps: []Step{
			{8 * second, Action{Do: LockRows, Node: "db2"}, "db2: an admin changes much stock and goes to lunch without a COMMIT"},
			{85 * second, Action{Do: Calm, Node: "db2"}, "db2: the admin comes back and rolls back"},
		},
	},
	{
		Name: "conflict-storm", About: "all nodes write the same hot rows: certification failures, brute-force aborts", Every: 80 * second,
		Supervised: 20 * second,
		Steps: []Step{
			{8 * second, Action{Do: Contend, Value: 0.12}, "a flash sale: every node sells the same product"},
			{65 * second, Action{Do: Contend}, "the product is sold out"},
		},
	},
	{
		Name: "connections", About: "a leaking pool takes one node to the edge of max_connections", Every: 80 * second,
		Supervised: 20 * second, Config: map[string]string{"max_connections": "151"},
		Steps: []Step{
			{8 * second, Action{Do: Leak, Node: "db1", Value: 0.8}, "db1: a deployment forgets to give connections back"},
			{20 * second, Action{Do: Leak, Node: "db1", Value: 0.97}, "db1: nearly all of max_connections is taken"},
			{65 * second, Action{Do: Calm, Node: "db1"}, "db1: the deployment is rolled back"},
		},
	},
}
