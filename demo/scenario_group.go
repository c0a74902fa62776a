package demo

import "time"

// groupScenarios are about who is in the group: partitions, lost quorum, split
// brains, second clusters.
var groupScenarios = []Scenario{
	{
		Name: "crash", About: "a server is killed and comes back by IST", Every: 60 * second, Supervised: 20 * second,
		Steps: []Step{
			{8 * second, Action{Do: Crash, Node: "db2"}, "db2: kill -9"},
			{25 * second, Action{Do: Launch, Node: "db2"}, "db2: is started again"},
		},
	},
	{
		Name: "hang", About: "a server stops answering with its ports open; later it goes on", Every: 110 * second,
		Supervised: 20 * second,
		Steps: []Step{
			{8 * second, Action{Do: Hang, Node: "db2"}, "db2: its process stands still (SIGSTOP)"},
			{55 * second, Action{Do: Resume, Node: "db2"}, "db2: its process goes on"},
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
		Name: "quorum-lost", About: "no node sees another: the whole cluster is non-Primary", Every: 95 * second,
		Nodes: 3, Supervised: 20 * second,
		Steps: []Step{
			{8 * second, Action{Do: Scatter}, "a switch fails, no node reaches another"},
			{65 * second, Action{Do: Heal}, "the switch is well again"},
		},
	},
	{
		Name: "last-survivor", About: "all nodes but one crash at once; the survivor has no quorum until it is bootstrapped",
		Every: 110 * second, Nodes: 3, Supervised: 100 * second, Steps: []Step{
			{8 * second, Action{Do: Crash, Node: "!db1"}, "the rack with all nodes but db1 loses its power"},
			{60 * second, Action{Do: Bootstrap, Node: "db1"}, "db1: an admin who knows that the others are down runs pc.bootstrap"},
			{66 * second, Action{Do: Launch, Node: "!db1"}, "the others are started again"},
		},
	},
	{
		Name: "even-split", About: "four nodes fall into two halves, and neither has a majority", Every: 95 * second,
		Supervised: 20 * second, Nodes: 4,
		Steps: []Step{
			{8 * second, Action{Do: Halve}, "the line between the two sites fails: two nodes here, two there"},
			{65 * second, Action{Do: Heal}, "the line is well again"},
		},
	},
	{
		Name: "second-cluster", About: "an emptied node restarts with gcomm:// and founds a cluster of its own", Every: 120 * second,
		Supervised: 60 * second,
		Steps: []Step{
			{8 * second, Action{Do: Stop, Node: "db3"}, "db3: configuration management restarts it on a new volume"},
			{9 * second, Action{Do: Wipe, Node: "db3"}, "db3: its data directory is empty"},
			{11 * second, Action{Do: StartAlone, Node: "db3"}, "db3: starts with gcomm:// and founds a second cluster"},
			{70 * second, Action{Do: Stop, Node: "db3"}, "db3: is stopped"},
			{72 * second, Action{Do: Wipe, Node: "db3"}, "db3: grastate.dat is removed"},
			{74 * second, Action{Do: Launch, Node: "db3"}, "db3: starts with the list of its peers"},
		},
	},
	{
		Name: "second-cluster-old-data", About: "a node restarts with gcomm:// on its old data: two clusters, one UUID", Every: 120 * second,
		Supervised: 60 * second,
		Steps: []Step{
			{8 * second, Action{Do: Stop, Node: "db3"}, "db3: is restarted by a script that sets safe_to_bootstrap to 1"},
			{10 * second, Action{Do: StartAlone, Node: "db3"}, "db3: starts with gcomm:// and continues the history alone"},
			{70 * second, Action{Do: Stop, Node: "db3"}, "db3: is stopped"},
			{72 * second, Action{Do: Wipe, Node: "db3"}, "db3: grastate.dat is removed"},
			{74 * second, Action{Do: Launch, Node: "db3"}, "db3: starts with the list of its peers"},
		},
	},
	{
		Name: "inconsistent", About: "a node whose data differ is voted out", Every: 110 * second, Supervised: 20 * second,
		Steps: []Step{
			{8 * second, Action{Do: Evict, Node: "db3"}, "db3: a write-set changes a row that is missing here"},
			{60 * second, Action{Do: Stop, Node: "db3"}, "db3: is stopped, its data are kept for comparison"},
			{63 * second, Action{Do: Launch, Node: "db3"}, "db3: is started and gets a full copy"},
		},
	},
	{
		Name: "garbd", About: "the arbitrator of four nodes is lost, an even number remains", Every: 90 * second,
		Supervised: 80 * second, Nodes: 4, Arbitrator: true,
		Steps: []Step{
			{8 * second, Action{Do: Crash, Node: "garb"}, "garb: the arbitrator's host fails"},
			{65 * second, Action{Do: Launch, Node: "garb"}, "garb: the arbitrator joins again"},
		},
	},
	{
		Name: "garbd-alone", About: "all servers are stopped and the arbitrator is forgotten: no server can join it",
		Every: 115 * second, Nodes: 3, Supervised: 110 * second, Arbitrator: true,
		Steps: []Step{
			{8 * second, Action{Do: Stop, Node: "!db1"}, "all servers but db1 are stopped"},
			{12 * second, Action{Do: Stop, Node: "db1"}, "db1: is stopped; garb is left alone, and is Primary"},
			{25 * second, Action{Do: Launch, Node: "db1"}, "db1: is started"},
			{60 * second, Action{Do: Crash, Node: "garb"}, "garb: somebody finds the arbitrator and stops it"},
			{62 * second, Action{Do: NewCluster, Node: "db1"}, "db1: galera_new_cluster"},
			{66 * second, Action{Do: Launch, Node: "!db1"}, "the others are started"},
			{85 * second, Action{Do: Launch, Node: "garb"}, "garb: the arbitrator is started last"},
		},
	},
	{
		Name: "flapping", About: "a node with a bad cable leaves and joins every few seconds", Every: 100 * second,
		Supervised: 20 * second, Steps: flaps("db3", 8, 12, 6),
	},
}

// flaps cuts a node off and lets it in again, every so many seconds.
func flaps(node string, from, every, times int) []Step {
	steps := make([]Step, 0, 2*times)
	for i := range times {
		at := time.Duration(from+i*every) * time.Second
		steps = append(
			steps,
			Step{at, Action{Do: Partition, Nodes: []string{node}}, node + ": its link goes down"},
			Step{at + 7*second, Action{Do: Heal}, node + ": its link is up"},
		)
	}
	return steps
}
