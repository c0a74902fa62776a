package demo

// settingScenarios are about settings that somebody left behind.
var settingScenarios = []Scenario{
	{
		Name: "gcomm", About: "a healthy cluster in which one node runs with gcomm://: its restart would found a second one",
		Every: 110 * second, Nodes: 3, Supervised: 60 * second,
		Steps: []Step{
			{6 * second, Action{Do: Stop, Node: "!db1"}, "all nodes but db1 are stopped for maintenance"},
			// With an arbitrator in its view db1 would not be safe to bootstrap.
			{7 * second, Action{Do: Stop, Node: "garb"}, "garb: the arbitrator is stopped as well"},
			{8 * second, Action{Do: Set, Node: "db1", Text: "wsrep_cluster_address=gcomm://"}, "db1: the cluster is founded anew with gcomm://"},
			{11 * second, Action{Do: Launch, Node: "!db1"}, "the others are started and join"},
			{20 * second, Action{Do: Launch, Node: "garb"}, "garb: the arbitrator is started"},
			{80 * second, Action{Do: Stop, Node: "db1"}, "db1: gets the list of its peers into its configuration"},
			{82 * second, Action{Do: Launch, Node: "db1"}, "db1: is started and joins"},
		},
	},
	{
		Name: "rejecting", About: "wsrep_reject_queries was left on: a Synced node that turns everyone away", Every: 80 * second,
		Supervised: 20 * second,
		Steps: []Step{
			{8 * second, Action{Do: Set, Node: "db2", Text: "wsrep_reject_queries=ALL"}, "db2: is drained for maintenance"},
			{65 * second, Action{Do: Set, Node: "db2", Text: "wsrep_reject_queries=NONE"}, "db2: somebody remembers to open it again"},
		},
	},
	{
		Name: "drift", About: "settings were changed by hand on one node: they differ, some are dangerous, a restart would lose them",
		Every: 120 * second, Supervised: 20 * second,
		Steps: []Step{
			{2 * second, Action{Do: Set, Node: "db3", Text: "wsrep_provider_options=gcs.fc_limit=200"}, "db3: its flow-control limit is raised by hand"},
			{3 * second, Action{Do: Set, Node: "db3", Text: "wsrep_max_ws_size=1073741824"}, "db3: its largest write-set is halved"},
			{3 * second, Action{Do: Set, Node: "db2", Text: "sql_mode=NO_ENGINE_SUBSTITUTION"}, "db2: strict mode is taken out of sql_mode"},
			{4 * second, Action{Do: Set, Node: "db2", Text: "max_connections=3000"}, "db2: gets more connections"},
			{4 * second, Action{Do: Set, Node: "db1", Text: "wsrep_provider_options=pc.ignore_sb=true"}, "db1: is told to ignore split brains"},
			{100 * second, Action{Do: Set, Node: "db1", Text: "wsrep_provider_options=pc.ignore_sb=false"}, "db1: no longer ignores split brains"},
		},
	},
	{
		Name: "flush-status", About: "somebody's FLUSH STATUS zeroes averages and counters on all nodes at once", Every: 60 * second,
		Supervised: 20 * second,
		Steps: []Step{
			{6 * second, Action{Do: Slow, Node: "db3", Value: 0.03}, "db3: its disk becomes slow"},
			{10 * second, Action{Do: Flush, Node: "db2"}, "db2: a monitoring script runs FLUSH STATUS, which is replicated"},
			{25 * second, Action{Do: Flush, Node: "db2"}, "db2: and again"},
			{40 * second, Action{Do: Flush, Node: "db2"}, "db2: and again"},
			{50 * second, Action{Do: Slow, Node: "db3", Value: 1}, "db3: its disk is well again"},
		},
	},
}
