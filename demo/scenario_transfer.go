package demo

// transferScenarios are about state transfers and what comes close to them.
var transferScenarios = []Scenario{
	{
		Name: "sst", About: "a node without a position gets a full copy, its port shut meanwhile", Every: 100 * second,
		Supervised: 60 * second, SST: 50 * second, Config: map[string]string{"wsrep_sst_donor": "db2,db1,"},
		Steps: []Step{
			{6 * second, Action{Do: Stop, Node: "db3"}, "db3: is stopped for a new volume"},
			{7 * second, Action{Do: Wipe, Node: "db3"}, "db3: its data directory is empty"},
			{8 * second, Action{Do: Launch, Node: "db3"}, "db3: is started"},
		},
	},
	{
		Name: "desync-left", About: "wsrep_desync was left on: a node falls behind without slowing anyone", Every: 100 * second,
		Supervised: 20 * second,
		Steps: []Step{
			{8 * second, Action{Do: Desync, Node: "db3"}, "db3: is desynced for a backup, which reads all of its disk"},
			{8 * second, Action{Do: Slow, Node: "db3", Value: 0.02}, "db3: applies slowly meanwhile; nobody puts wsrep_desync off"},
			{75 * second, Action{Do: Slow, Node: "db3", Value: 1}, "db3: the backup is over"},
			{82 * second, Action{Do: Resync, Node: "db3"}, "db3: wsrep_desync is put off, now that the queue is short"},
		},
	},
	{
		Name: "slow-network", About: "one node's slow network delays the whole group's writes", Every: 90 * second,
		Supervised: 20 * second,
		Steps: []Step{
			{8 * second, Action{Do: Lag, Node: "db3", Value: 1.1}, "db3: its switch drops packets, messages take a second"},
			{65 * second, Action{Do: Lag, Node: "db3"}, "db3: its switch is replaced"},
		},
	},
}
