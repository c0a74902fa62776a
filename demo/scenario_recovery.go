package demo

import "slices"

// recoveryScenarios stay as they are until somebody recovers the cluster. Nothing
// starts a server again by itself, and nothing repeats.
var recoveryScenarios = []Scenario{
	{
		Name: "full-crash", About: "all servers crash under load within a second, at different positions",
		Practise: "find the most advanced node, bootstrap it, then start the others one by one",
		Nodes:    3, Steps: fullCrash,
	},
	{
		Name: "full-crash-lost", About: "the same, and the host of one node does not come back",
		Practise: "recover without the host that is lost, which has to be declared lost first",
		Nodes:    3, Steps: append(slices.Clip(fullCrash),
			Step{17 * second, Action{Do: Unplug, Node: "db3"}, "db3: its host does not come back"}),
	},
	{
		Name: "no-primary", About: "all servers but one crash; the survivor has no quorum and takes no statement",
		Practise: "prove that no Primary Component is left, make the survivor Primary, start the others",
		Nodes:    3, Steps: []Step{
			{8 * second, Action{Do: Crash, Node: "!db1"}, "all servers but db1: kill -9"},
		},
	},
	{
		// At night nobody writes, so that at first both sides agree in UUID, seqno
		// and, on a young group, conf_id as well: in nothing that SHOW STATUS counts
		// is there a difference.
		Name: "split-brain", About: "an isolated node is bootstrapped: two Primary Components that both look healthy",
		Practise: "choose the side to keep, stop the other, remove its grastate.dat and start it: full copy, never IST",
		Young:    true, Steps: []Step{
			{6 * second, Action{Do: Load, Value: 0}, "it is night, nobody writes"},
			{8 * second, Action{Do: Partition, Nodes: []string{"db3"}}, "the network between db3 and the others fails"},
			{18 * second, Action{Do: Bootstrap, Node: "db3"}, "db3: an admin who sees only this node runs pc.bootstrap: split brain"},
			{34 * second, Action{Do: Load, Value: 1}, "the morning comes: both sides take orders, and their data part"},
			{50 * second, Action{Do: Heal}, "the network is well again, which merges nothing"},
		},
	},
	{
		Name: "accidental-bootstrap", About: "configuration management restarts a node with an empty gcomm://: a second cluster on the same data",
		Practise: "stop it before it diverges further, have its my.cnf corrected, remove its grastate.dat, start it",
		Nodes:    3, Steps: []Step{
			{8 * second, Action{Do: Stop, Node: "db3"}, "db3: configuration management restarts it"},
			{9 * second, Action{Do: Configure, Node: "db3", Text: "wsrep_cluster_address=" + emptyAddress}, "db3: its my.cnf has an empty gcomm:// now"},
			{9 * second, Action{Do: MarkSafe, Node: "db3"}, "db3: a script that means well sets safe_to_bootstrap to 1"},
			{10 * second, Action{Do: Launch, Node: "db3"}, "db3: starts, and founds a cluster of its own"},
			{60 * second, Action{Do: Configure, Node: "db3", Text: "wsrep_cluster_address"}, "db3: its my.cnf lists its peers again; the server still runs with the old one"},
		},
	},
	{
		Name: "evicted", About: "a node whose data differ is voted out: its port is open, its state Inconsistent",
		Practise: "keep a copy of its data for comparison, stop it, start it: it gets a full copy",
		Nodes:    3, Steps: []Step{
			{8 * second, Action{Do: Evict, Node: "db3"}, "db3: a write-set changes a row that is missing here"},
		},
	},
	{
		Name: "crashed-node", About: "one server is killed and stays down",
		Practise: "start it: it gets the missing write-sets (IST)",
		Nodes:    3, Steps: []Step{
			{8 * second, Action{Do: Crash, Node: "db2"}, "db2: kill -9"},
		},
	},
	{
		Name: "needs-sst", About: "a server was down for longer than the gcaches of the others reach back",
		Practise: "see that only a full copy (SST) can bring it back, and which donor pays for it; start it",
		Nodes:    3, SST: 40 * second, Steps: []Step{
			{8 * second, Action{Do: Stop, Node: "db3"}, "db3: is stopped for a new kernel"},
			{10 * second, Action{Do: Age, Node: "db3", Value: 4_000_000}, "db3: while it is away, an import writes four million write-sets"},
		},
	},
	{
		Name: "stuck-joiner", About: "a joiner waits for a copy that never comes, its donor has forgotten it",
		Practise: "see that nothing arrives any more, stop the joiner, remove what it left, start it again",
		Nodes:    3, SST: 40 * second, Config: fromDB2, Steps: joining(Step{18 * second, Action{Do: Stall, Node: "db3"}, "db3: a firewall drops the connection of its SST"}),
	},
	{
		Name: "stuck-donor", About: "a joiner dies during its SST, its donor stays desynced for nobody",
		Practise: "end the state transfer script on the donor, then start the joiner again",
		Nodes:    3, SST: 30 * second, Config: fromDB2, Steps: joining(Step{16 * second, Action{Do: Strand, Node: "db3"}, "db3: kill -9 in the middle of its SST; db2's SST script hangs on"}),
	},
	{
		Name: "stale-sst", About: "a joiner died during its SST: what it left behind keeps it from starting",
		Practise: "see sst_in_progress beside a stopped server, remove it, start the server again",
		Nodes:    3, SST: 30 * second, Config: fromDB2, Steps: joining(Step{18 * second, Action{Do: Crash, Node: "db3"}, "db3: kill -9 in the middle of its SST"}),
	},
	{
		Name: "rolling-restart", About: "a healthy shop under load, where nothing is started by itself",
		Practise: "restart all nodes one by one without losing quorum, each back by IST",
		Nodes:    3, Steps: []Step{
			{8 * second, Action{Do: Load, Value: 1.3}, "the evening brings visitors"},
		},
	},
}

// fullCrash is a power cut. Nodes that lag behind when it comes end at other
// positions: the one with the slow disk by a few write-sets, the one that was
// desynced for a backup by many.
var fullCrash = []Step{
	{6 * second, Action{Do: Slow, Node: "db1", Value: 0.03}, "db1: its disk is slow today"},
	{6 * second, Action{Do: Desync, Node: "db3"}, "db3: is desynced for a backup"},
	{6 * second, Action{Do: Slow, Node: "db3", Value: 0.01}, "db3: applies slowly meanwhile"},
	{14 * second, Action{Do: Crash, Node: "db1"}, "the power goes: db1 is down"},
	{14*second + stepTime, Action{Do: Crash, Node: "db3"}, "db3 is down"},
	{14*second + 4*stepTime, Action{Do: Crash, Node: "!db2"}, ""}, // what there is besides
	{14*second + 6*stepTime, Action{Do: Crash, Node: "db2"}, "db2 is down: no server is left"},
	{16 * second, Action{Do: Slow, Node: "db1", Value: 1}, "the power is back, and the hosts are up; no server starts by itself"},
	{16 * second, Action{Do: Slow, Node: "db3", Value: 1}, "all wait for somebody who knows what to do"},
}

// fromDB2 makes db2 the donor.
var fromDB2 = map[string]string{"wsrep_sst_donor": "db2,db1,"}

// joining is an empty db3 that gets a full copy from db2, and what then happens.
func joining(then ...Step) []Step {
	return append([]Step{
		{6 * second, Action{Do: Stop, Node: "db3"}, "db3: is stopped for a new volume"},
		{7 * second, Action{Do: Wipe, Node: "db3"}, "db3: its data directory is empty"},
		{8 * second, Action{Do: Launch, Node: "db3"}, "db3: is started"},
	}, then...)
}
