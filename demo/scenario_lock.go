package demo

// lockScenarios are about locks that hold up the group.
var lockScenarios = []Scenario{
	{
		Name: "backup-lock", About: "a backup's global read lock stops one node's clients and appliers", Every: 90 * second,
		Supervised: 20 * second,
		Steps: []Step{
			{8 * second, Action{Do: Freeze, Node: "db2"}, "db2: a backup runs FLUSH TABLES WITH READ LOCK and reads on"},
			{65 * second, Action{Do: Calm, Node: "db2"}, "db2: the backup is done"},
		},
	},
	{
		Name: "ddl-stall", About: "an ALTER TABLE waits for LOCK TABLES on one node, all nodes wait for the ALTER", Every: 100 * second,
		Supervised: 20 * second,
		Steps: []Step{
			{6 * second, Action{Do: LockTables, Node: "db2"}, "db2: a report runs LOCK TABLES and sleeps"},
			{9 * second, Action{Do: Alter, Node: "db1"}, "db1: an admin adds a column to shop.orders"},
			{65 * second, Action{Do: Calm, Node: "db2"}, "db2: the report unlocks its tables"},
		},
	},
	{
		Name: "lock-chain", About: "a forgotten row lock in one schema holds up a job, and that the sales in another", Every: 90 * second,
		Supervised: 20 * second,
		Steps: []Step{
			{6 * second, Action{Do: ChainRows, Node: "db1"}, "db1: an admin corrects an order and leaves the transaction open"},
			{70 * second, Action{Do: Calm, Node: "db1"}, "db1: the admin commits"},
		},
	},
	{
		Name: "metadata-lock", About: "an idle transaction holds up an ALTER TABLE on one node, and that all who need the table", Every: 90 * second,
		Supervised: 20 * second,
		Steps: []Step{
			{4 * second, Action{Do: ReadIdle, Node: "db2"}, "db2: a report reads shop.orders in a transaction and stays idle"},
			{8 * second, Action{Do: AlterHere, Node: "db2"}, "db2: an admin adds an index to shop.orders, with wsrep_OSU_method=RSU"},
			{65 * second, Action{Do: Calm, Node: "db2"}, "db2: the report ends its transaction"},
		},
	},
}
