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
}
