package model

import "testing"

func TestStateTransfersAreToldAndWatched(t *testing.T) {
	joins := func(n *Node) {
		n.Sample.Status.LocalState, n.Sample.Status.LastCommitted = N(int64(StateJoining)), N(-1)
	}
	// full makes the gcache of all nodes one that has been filled and holds so many
	// write-sets of a kilobyte.
	full := func(writesets int64, nodes ...*Node) {
		for _, n := range nodes {
			st := &n.Sample.Status
			st.CachedDownto = N(st.LastCommitted.V - writesets)
			set(n, "wsrep_provider_options", "gcache.size = 16M")
		}
	}
	checkTroubles(t, []trouble{
		{
			rule: "transfer", title: "db3 receives its data from db1 by IST, for 11s", level: LevelNotice,
			bad: func(_ int, a, _, c *Node) {
				donate(a)
				joins(c)
			},
			near: func(_ int, a, _, _ *Node) { donate(a) },
		},
		{
			rule: "donor-stuck", title: "db1 has been a donor for 39s", level: LevelWarning, seconds: 40,
			bad: func(_ int, a, _, _ *Node) { donate(a) },
			near: func(_ int, a, _, _ *Node) {
				donate(a)
				set(a, "wsrep_desync", "ON")
			},
		},
		{
			rule: "donor-stuck", title: "db1 has been a donor for 39s", level: LevelWarning, seconds: 40,
			bad: func(_ int, a, _, _ *Node) { donate(a) },
			near: func(_ int, a, _, c *Node) {
				donate(a)
				down(c)
			},
		},
		{
			rule: "joiner-stuck", title: "db3 has been joining for 1m", level: LevelWarning, seconds: 70,
			bad: func(_ int, _, _, c *Node) { joins(c) },
			near: func(_ int, a, _, c *Node) {
				joins(c)
				donate(a)
			},
		},
		{
			rule: "ist-impossible", title: "db3 has been away too long for IST", level: LevelWarning,
			bad: func(_ int, a, b, c *Node) {
				down(c)
				c.Sample.Status.LastCommitted = N(1000)
				full(20_000, a, b)
			},
			near: func(_ int, a, b, c *Node) {
				down(c)
				c.Sample.Status.LastCommitted = N(99_990)
				full(20_000, a, b)
			},
		},
		{
			rule: "ist-window", title: "A node that stops for more than 3 minutes will need a full SST", level: LevelNotice, seconds: 50,
			bad:  func(_ int, a, b, c *Node) { full(20_000, a, b, c) },
			near: func(_ int, a, b, c *Node) { full(2_000, a, b, c) }, // not filled yet
		},
		{
			rule: "ist-window", title: "A node that stops for more than 1m", level: LevelWarning, seconds: 50,
			bad:  func(_ int, a, b, c *Node) { full(10_000, a, b, c) },
			near: func(_ int, a, b, c *Node) { full(90_000, a, b, c) },
		},
	})
}
