package ui

import (
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// splitFindings are what a diagnosis says of a split brain.
func splitFindings() []model.Finding {
	return []model.Finding{
		{
			Rule: "split-brain", Level: model.LevelCritical, Since: noon.Add(18 * time.Second),
			Title: "Split brain: db1, db2 and db3 accept writes without knowing of each other",
			Why: "Two Primary Components exist at once and share one history. Clients of either side commit, and the other side never " +
				"hears of it. Every write makes the two data sets differ more, and no later merge is possible: one side will lose what " +
				"was written to it since the split.",
			Evidence: []model.Evidence{
				{Node: "db1", Variable: "wsrep_cluster_status", Value: "Primary"},
				{Node: "db1", Variable: "wsrep_incoming_addresses", Value: "10.0.0.11:3306,10.0.0.12:3306"},
				{Node: "db2", Variable: "wsrep_cluster_status", Value: "Primary"},
				{Node: "db3", Variable: "wsrep_cluster_status", Value: "Primary"},
				{Node: "db3", Variable: "wsrep_incoming_addresses", Value: "10.0.0.13:3306"},
				{Node: "db3", Variable: "wsrep_cluster_conf_id", Value: "118, as on db1 and db2: it proves nothing"},
				{Variable: "write-sets that only one side has", Value: "at least 1,204"},
			},
			Do: []string{
				"Decide which side is to stay: the one with more members and the later writes, db1 and db2 as it looks from here.",
				"Stop all writes to the other side now: point its clients elsewhere, or set wsrep_reject_queries=ALL on db3.",
				"Save what was written to db3 since 12:00:18: dump the tables that its clients changed.",
				"Stop db3, remove its grastate.dat and start it again, so that it takes a full copy (SST). Never let it rejoin with its data.",
			},
			Nodes: []string{"db3", "db1", "db2"},
		},
		{
			Rule: "next-start", About: "db3", Level: model.LevelWarning, Since: noon.Add(20 * time.Second),
			Title: "The next restart of db3 founds another cluster: it runs with an empty gcomm://",
			Why:   "A node with an empty address list never looks for the others.",
			Evidence: []model.Evidence{
				{Node: "db3", Variable: "wsrep_cluster_address", Value: "gcomm://"},
			},
			Do:    []string{"Give db3 the full list of members in its option file before anybody restarts it."},
			Nodes: []string{"db3"},
		},
		{
			Rule: "statement", About: "db1", Level: model.LevelNotice, Since: noon.Add(-40 * time.Minute),
			Title: "db1 runs SELECT * FROM cards WHERE number = '4111-1111' for 40 minutes",
			Why:   "It keeps old row versions alive.", Nodes: []string{"db1"},
			Evidence: []model.Evidence{{Node: "db1", Variable: "statement", Value: "SELECT * FROM cards WHERE number = '4111-1111'"}},
			Do:       []string{"Ask its owner whether it may end."},
		},
	}
}

// happened is the first n events of a cluster with a split brain.
func happened(n int) []model.Event {
	f := splitFindings()
	all := []model.Event{
		{Kind: model.EventFlow, Level: model.LevelWarning, Text: "writers were paused by db2, 34% on average", Nodes: []string{"db2"}, Lasted: 12 * time.Second},
		{Kind: model.EventView, Level: model.LevelNotice, Text: "db1 sees a Primary component of 2, conf_id 118", Nodes: []string{"db1"}},
		{Kind: model.EventView, Level: model.LevelWarning, Text: "db3 sees a non-Primary component of 1, conf_id none", Nodes: []string{"db3"}},
		{Kind: model.EventState, Level: model.LevelOK, Text: "db3 is Synced, was Initialized", Nodes: []string{"db3"}},
		{Kind: model.EventFinding, Level: f[0].Level, Text: f[0].Title, Nodes: f[0].Nodes},
		{Kind: model.EventFinding, Level: f[1].Level, Text: f[1].Title, Nodes: f[1].Nodes},
		{Kind: model.EventConfig, Level: model.LevelNotice, Text: "db3 wsrep_reject_queries is now ALL, was NONE", Nodes: []string{"db3"}},
		{Kind: model.EventLink, Level: model.LevelWarning, Text: "db2 does not answer: timeout", Nodes: []string{"db2"}},
		{Kind: model.EventCleared, Text: "over after 4s: " + f[1].Title, Nodes: f[1].Nodes, Lasted: 4 * time.Second},
	}
	out := make([]model.Event, n)
	for i := range out {
		out[i] = all[i%len(all)]
		out[i].Number, out[i].At = uint64(i+1), noon.Add(time.Duration(i)*time.Second)
	}
	return out
}

// splitBrain is two Primary Components with the same history, from tick 18 on,
// until tick 60.
func splitBrain() *world {
	w := cluster(3)
	split := func(tick uint64) bool { return tick >= 18 && tick < 60 }
	w.with(func(tick uint64, n *model.Node) {
		if !split(tick) {
			return
		}
		s := &n.Sample.Status
		s.ConfID, s.ClusterSize, s.IncomingAddrs = model.N(118), model.N(2), "10.0.0.11:3306,10.0.0.12:3306"
		if n.Name == "db3" {
			s.ClusterSize, s.IncomingAddrs = model.N(1), n.Address
		}
		n.Sample.Slow.Members = nil
	})
	w.tell = func(s *model.Snapshot) {
		s.Events = happened(int(s.Tick))
		s.Findings = nil
		switch {
		case split(s.Tick):
			s.Findings = splitFindings()
			s.Headline = model.Headline{Level: model.LevelCritical, Text: s.Findings[0].Title + " (+2 more)"}
		case s.Tick >= 60:
			s.Findings = splitFindings()[1:]
			s.Headline = model.Headline{Level: model.LevelWarning, Text: s.Findings[0].Title + " (+1 more)"}
		}
	}
	return w
}

// busyLog is a cluster with many events.
func busyLog(n int) *world {
	w := cluster(3)
	all := happened(n + 1000)
	w.tell = func(s *model.Snapshot) { s.Events = all[max(0, n+int(s.Tick)-300-1) : n+int(s.Tick)-1] }
	if n <= 300 {
		w.tell = func(s *model.Snapshot) { s.Events = all[:n+int(s.Tick)-1] }
	}
	return w
}

// stall is a cluster that db2 stalls, because a client holds a lock there.
func stall() *world {
	w := cluster(3)
	const from = 40
	w.with(func(tick uint64, n *model.Node) {
		wavy := 0.02 * wave(tick, 3)
		if tick >= from {
			wavy = min(1, 0.1+0.04*float64(tick-from)*wave(tick, 5))
		}
		if tick >= 15 && tick < 30 { // before db2, db3 did
			wavy = 0.4 * wave(tick, 4)
			if n.Name == "db3" {
				n.Rates.FCSent = model.R(2)
			}
		}
		n.Rates.Paused = model.R(wavy)
	})
	w.on("db2", from, func(n *model.Node) {
		n.Sample.Status.FCRequested, n.Sample.Status.RecvQueue = model.On, model.N(int64(7*(w.tick-from)))
		n.Rates.FCSent = model.R(4)
		rows := n.Sample.Processes.Rows
		rows[1].Query, rows[1].User, rows[1].Host = "FLUSH TABLES WITH READ LOCK", "backup", "10.1.2.9:40112"
		rows[1].Time, rows[1].State = time.Duration(w.tick-from)*time.Second, "init"
	})
	w.tell = func(s *model.Snapshot) {
		s.Events = happened(int(s.Tick))
		s.Flow = flowFixture(s, s.Tick >= from)
	}
	return w
}

// flowFixture is flow control as the model reckons it.
func flowFixture(s *model.Snapshot, stalled bool) *model.Flow {
	f := &model.Flow{}
	for _, n := range s.Nodes {
		f.Paused = n.Rates.Paused
		x := model.FlowNode{
			ID: n.ID, Paused: n.Rates.Paused, Queue: n.Status().RecvQueue, Limit: model.R(111), Appliers: model.N(8), Parallel: model.R(41.7),
			Trend: model.Trend{Growth: model.R(0), Applied: model.R(1260), Empty: model.R(0)},
		}
		if n.Name == "db2" && stalled {
			x.Brake, x.Reason, x.Holder, x.Runs = model.BrakeAsks, model.BecauseLock, 1301, 1300
			x.Trend = model.Trend{Growth: model.R(7.2), Applied: model.R(0), Frozen: 14 * time.Second}
		}
		f.Nodes = append(f.Nodes, x)
	}
	return f
}

// joining is nine nodes in two segments: db4 receives an SST behind a closed
// port from db3, db9 an IST from db6, and db8 is gone.
func joining() *world {
	w := cluster(9)
	for _, n := range w.nodes[5:] {
		w.on(n.Name, 0, func(n *model.Node) { n.Sample.Status.Segment = model.N(1) })
	}
	w.with(func(_ uint64, n *model.Node) {
		s := &n.Sample.Status
		s.ClusterSize, s.IncomingAddrs = model.N(8), strings.ReplaceAll(s.IncomingAddrs, ",10.0.0.18:3306", "")
		n.Sample.Slow.Members = nil
		switch n.Name {
		case "db3", "db6":
			s.LocalState = model.N(2)
		case "db9":
			s.LocalState, s.ClusterStatus, s.Ready = model.N(1), model.NonPrimary, model.Off
		case "db4", "db8":
			n.Link, n.Since, n.Rates, n.Listed = model.LinkDown, noon, model.Rates{}, n.Name == "db4"
			n.Failure = &model.Failure{Kind: model.FailRefused, Text: "dial tcp " + n.Address + ": connect: connection refused", Since: noon}
		}
	})
	w.tell = func(s *model.Snapshot) {
		s.Transfers = []model.Transfer{
			{Donor: "db3", DonorID: "db3", Joiner: "db4", JoinerID: "db4", Kind: model.SST, Since: noon.Add(2 * time.Second), Why: "the gap is larger than any gcache"},
			{Donor: "db6", DonorID: "db6", Joiner: "db9", JoinerID: "db9", Kind: model.IST, Since: noon.Add(20 * time.Second), Progress: model.R(41)},
		}
	}
	return w
}
