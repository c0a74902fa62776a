package model

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// watchFor lets a diagnosis by the group's rules look at the same nodes for so
// many rounds, and returns the last snapshot.
func watchFor(rounds int, nodes ...*Node) *Snapshot {
	d := newDiagnosis(groupRules)
	var s *Snapshot
	for i := range rounds {
		s = &Snapshot{At: noon.Add(time.Duration(i) * time.Second), Nodes: nodes}
		list(s)
		s.Complete()
		d.Next(s)
	}
	return s
}

// list marks the nodes that a Primary view names, as the collector does.
func list(s *Snapshot) {
	for _, n := range s.Nodes {
		n.Listed = slices.ContainsFunc(s.Nodes, func(o *Node) bool {
			members, _ := o.Status().Members()
			return o.Up() && o.Status().InPrimary() && slices.ContainsFunc(members, n.Has)
		})
	}
}

// in gives the node a history and its place in it.
func in(n *Node, uuid string, seqno int64) *Node {
	n.Sample.Status.ClusterStateUUID, n.Sample.Status.LastCommitted = uuid, N(seqno)
	return n
}

// with gives the node global variables.
func with(n *Node, pairs ...string) *Node {
	v := &Variables{Values: make(map[string]string)}
	for i := 0; i < len(pairs); i += 2 {
		v.Values[pairs[i]] = pairs[i+1]
	}
	n.Sample.Slow.Variables = v
	return n
}

func failing(name string, link Link, kind FailureKind, since time.Duration) *Node {
	n := silent(name)
	n.Link, n.Since = link, noon.Add(-since)
	n.Failure = &Failure{Kind: kind, Text: name + ":3306: " + string(kind), Since: n.Since}
	return n
}

func synced(name string, members ...string) *Node {
	return in(answering(name, Primary, StateSynced, slices.Clone(members)...), "u1", 10)
}

func cut(name string, members ...string) *Node {
	return in(answering(name, NonPrimary, StateInitialized, slices.Clone(members)...), "u1", 10)
}

// fromCapture is a node that says what a real server said.
func fromCapture(t *testing.T, state, name, address string) *Node {
	t.Helper()
	s := &Sample{Status: capture(t, state)}
	s.Server.NodeName, s.Server.Incoming = name, address
	return &Node{ID: address, Name: name, Address: address, Link: LinkUp, Sample: s}
}

// ids writes findings as "critical split-brain, notice even-split".
func ids(s *Snapshot) string {
	parts := make([]string, len(s.Findings))
	for i, f := range s.Findings {
		parts[i] = f.Level.String() + " " + f.Rule
	}
	return strings.Join(parts, ", ")
}

type situation struct {
	name  string
	nodes []*Node
	want  string // the findings
	title string // of the worst
}

func joinerOf(name string, members ...string) *Node {
	n := answering(name, NonPrimary, StateJoining, slices.Clone(members)...)
	n.Sample.Status.ConfID = N(7)
	return n
}

func splits() []situation {
	lone := synced("db3", "db3")
	founder := with(synced("db3", "db3"), "wsrep_cluster_address", "gcomm://")
	restarted := synced("db3", "db3")
	restarted.Restart = noon.Add(-time.Minute)
	fresh := with(in(synced("db3", "db3"), "u2", 1), "wsrep_cluster_address", "gcomm://db1,db2,db3")
	named := func(n *Node, cluster string) *Node {
		n.Sample.Server.ClusterName = cluster
		return n
	}
	seeded := func(n *Node, uuid, hosts string) *Node {
		return with(in(n, uuid, 10), "wsrep_cluster_address", "gcomm://"+hosts)
	}
	pair := func() []*Node { return []*Node{synced("db1", "db1", "db2"), synced("db2", "db1", "db2")} }
	return []situation{
		{
			"split with nothing else to tell the sides apart", append(pair(), lone),
			"critical split-brain", "SPLIT BRAIN: db1+db2 and db3 both accept writes as two separate clusters",
		},
		{
			"2+2", append(pair(), synced("db3", "db3", "db4"), synced("db4", "db3", "db4")),
			"critical split-brain", "SPLIT BRAIN: db1+db2 and db3+db4 both accept writes as two separate clusters",
		},
		{
			"1+1+1",
			[]*Node{synced("db1", "db1"), synced("db2", "db2"), synced("db3", "db3")},
			"critical split-brain", "SPLIT BRAIN: db1 and db2 and db3 all accept writes as three separate clusters",
		},
		{
			"different histories, one cluster", append(pair(), in(synced("db3", "db3", "db4"), "u2", 3), in(synced("db4", "db3", "db4"), "u2", 3)),
			"critical split-brain", "SPLIT BRAIN: db1+db2 and db3+db4 both accept writes as two separate clusters",
		},
		{
			"founded with an empty address", append(pair(), founder),
			"critical founded-alone", "ACCIDENTAL BOOTSTRAP: db3 started as a cluster of its own, both it and db1, db2 accept writes",
		},
		{
			"founded in a restart that was seen", append(pair(), restarted),
			"critical founded-alone", "ACCIDENTAL BOOTSTRAP: db3 started as a cluster of its own, both it and db1, db2 accept writes",
		},
		{
			"founded with an empty data directory", append(pair(), fresh),
			"critical founded-alone", "ACCIDENTAL BOOTSTRAP: db3 started as a cluster of its own, both it and db1, db2 accept writes",
		},
		{
			"two names",
			[]*Node{named(synced("db1", "db1"), "shop"), named(synced("x1", "x1"), "crm")},
			"warning two-clusters", "Not one cluster: db1 and x1 belong to two different clusters",
		},
		{
			"two histories that ignore one another", []*Node{
				seeded(synced("db1", "db1", "db2"), "u1", "db1,db2"), seeded(synced("db2", "db1", "db2"), "u1", "db1,db2"),
				seeded(synced("x1", "x1"), "u2", "x1:4567,x2"),
			}, "warning two-clusters", "Not one cluster: db1+db2 and x1 belong to two different clusters",
		},
		{
			"a split beside a stranger",
			[]*Node{named(synced("db1", "db1"), "shop"), named(synced("db2", "db2"), "shop"), named(synced("x1", "x1"), "crm")},
			"critical split-brain", "SPLIT BRAIN: db1 and db2 and x1 all accept writes as three separate clusters",
		},
	}
}

func losses() []situation {
	three := []string{"db1", "db2", "db3"}
	return []situation{
		{
			"a partition",
			[]*Node{synced("db1", "db1", "db2"), synced("db2", "db1", "db2"), cut("db3", "db3")},
			"critical partition, warning no-crash-survived", "PARTITION: db3 is cut off from db1 and db2 and refuses all queries",
		},
		{
			"all non-Primary",
			[]*Node{cut("db1", "db1"), in(cut("db2", "db2"), "u1", 12), cut("db3", "db3")},
			"critical no-primary", "NO WRITES ANYWHERE: db1, db2 and db3 are all non-Primary; db2 is the most advanced",
		},
		{
			"all non-Primary, of two histories",
			[]*Node{cut("db1", "db1"), in(cut("db2", "db2"), "u2", 12)},
			"critical no-primary", "NO WRITES ANYWHERE: db1 and db2 are all non-Primary",
		},
		{
			"a minority, the rest unknown",
			[]*Node{cut("db1", "db1"), failing("db2", LinkDown, FailTimeout, 0), failing("db3", LinkDown, FailTimeout, 0)},
			"critical primary-unknown", "db1 is non-Primary and refuses all queries; db2 and db3 do not answer and may still be Primary",
		},
		{
			"nobody",
			[]*Node{failing("db1", LinkDown, FailTimeout, 0), failing("db2", LinkDown, FailRefused, 0)},
			"critical nobody-answers", "No answer from db1 and db2: the state of the cluster is unknown",
		},
		{
			"a wrong password everywhere",
			[]*Node{failing("db1", LinkDown, FailAccess, 0)},
			"warning nobody-answers, notice unreadable", "No node lets galeratop in: the state of the cluster is unknown",
		},
		{
			"a joiner alone answers", []*Node{joinerOf("db3", three...), failing("db1", LinkDown, FailTimeout, 0)}, "", "",
		},
		{
			"a joiner", []*Node{synced("db1", three...), synced("db2", three...), joinerOf("db3", three...)}, "", "",
		},
		{"not yet connected", []*Node{{ID: "a", Name: "a", Link: LinkConnecting}}, "", ""},
	}
}

func members() []situation {
	three := []string{"db1", "db2", "db3"}
	donor := synced("db1", three...)
	donor.Sample.Status.LocalState = N(int64(StateDonor))
	feeding := synced("db1", three...)
	feeding.Sample.Status.LocalState, feeding.Sample.Status.DesyncCount = N(int64(StateDonor)), N(1)
	expected := silent("db4")
	expected.Expected = true
	expected.Failure = &Failure{Kind: FailTimeout}
	full := []*Node{synced("db1", three...), synced("db2", three...), synced("db3", three...)}
	off := &Node{ID: "db4", Name: "db4", Address: "db4:3306", Link: LinkUp, Sample: &Sample{Server: Server{WsrepOn: Off, Provider: "none"}}}
	quietOff := &Node{ID: "db4", Name: "db4", Address: "db4:3306", Link: LinkUp, Sample: &Sample{Server: Server{WsrepOn: Off}}}
	with(quietOff, "read_only", "ON")
	left := answering("db4", Disconnected, StateInitialized)
	left.Sample.Server.WsrepOn, left.Sample.Server.Provider = On, "/usr/lib/galera/libgalera_smm.so"
	balanced := synced("db3", three...)
	balanced.Elsewhere = 2
	return []situation{
		{"hung", append(full[:2:2], failing("db3", LinkStale, FailTimeout, 0)), "warning silent", "db3 does not answer here, but the group still lists it: hung, or cut off only from here"},
		{"an SST", []*Node{donor, full[1], failing("db3", LinkDown, FailRefused, 0)}, "notice silent", "db3 has its port closed but is in the group: most likely it receives an SST from db1"},
		{"an SST that the transfers show", []*Node{feeding, full[1], failing("db3", LinkDown, FailRefused, 0)}, "", ""},
		{"refused but listed", append(full[:2:2], failing("db3", LinkDown, FailRefused, 0)), "warning silent", "db3 has its port closed but the group still lists it: starting, receiving a transfer, or just crashed"},
		{
			"restarting",
			[]*Node{synced("db1", "db1", "db2"), synced("db2", "db1", "db2"), failing("db3", LinkDown, FailRefused, 5*time.Second)},
			"warning silent, warning no-crash-survived", "db3 never answered and is no member of the cluster",
		},
		{
			"gone for long",
			[]*Node{synced("db1", "db1", "db2"), synced("db2", "db1", "db2"), failing("db3", LinkDown, FailRefused, time.Hour)},
			"critical silent, warning no-crash-survived", "db3 never answered and is no member of the cluster, and the rest survives no further crash",
		},
		{"expected", append(full[:3:3], expected), "warning silent", "Expected member db4 is missing: it never answered and the cluster does not know it"},
		{"off", append(full[:3:3], off), "critical unreplicated", "db4 runs without Galera: what is written to it reaches no other node"},
		{"off, read-only", append(full[:3:3], quietOff), "warning unreplicated", "db4 runs without Galera, read-only: it falls behind the cluster"},
		{"left", append(full[:3:3], left), "warning disconnected", "db4 is not connected to any group: it answers, but refuses queries"},
		{"balancer", append(full[:2:2], balanced), "warning many-servers", "db3:3306 leads to different servers: most likely a load balancer"},
		{"access", append(full[:2:2], failing("db3", LinkDown, FailAccess, 0)), "notice unreadable", "db3 cannot be judged: access denied"},
		{"well", full, "", ""},
		{
			"last",
			[]*Node{synced("db1", "db1"), failing("db2", LinkDown, FailTimeout, 0)},
			"warning silent, warning last-survivor", "db2 never answered and is no member of the cluster",
		},
	}
}

func margins() []situation {
	two, four := []string{"db1", "db2"}, []string{"db1", "db2", "db3", "db4"}
	heavy := func(name, weight, total string) *Node {
		n := weighing(synced(name, "db1", "db2", "db3"), weight)
		n.Sample.Status.ClusterWeight = ParseNum(total)
		return n
	}
	sited := func(name string, segment int64, members ...string) *Node {
		n := synced(name, members...)
		n.Sample.Status.Segment = N(segment)
		return n
	}
	late := synced("db1", "db1", "db2", "db3")
	late.Sample.Status.EVSDelayed = "bbb:tcp://10.0.0.2:4567:3"
	third := synced("db3", "db1", "db2", "db3")
	third.Sample.Status.EVSDelayed = "bbb:tcp://10.0.0.2:4567:1,ccc:tcp://10.0.0.1:4567:1"
	peer := synced("db2", "db1", "db2", "db3")
	peer.Sample.Status.GcommUUID = "bbb"
	return []situation{
		{"two", []*Node{synced("db1", two...), synced("db2", two...)}, "notice no-crash-survived", "The crash of db1 or db2 would stop all writes"},
		{"two and garbd", []*Node{synced("db1", "db1", "db2", ""), synced("db2", "db1", "db2", "")}, "", ""},
		{"four", []*Node{synced("db1", four...), synced("db2", four...), synced("db3", four...), synced("db4", four...)}, "notice even-split", "4 members and no arbitrator: a network cut in half would stop all writes on both sides"},
		{"one heavy", []*Node{heavy("db1", "2", "4"), heavy("db2", "1", "4"), heavy("db3", "1", "4")}, "notice no-crash-survived", "The crash of db1 would stop all writes"},
		{
			"one has it all",
			[]*Node{heavy("db1", "1", "1"), heavy("db2", "0", "1"), heavy("db3", "0", "1")},
			"warning stop-loses-quorum, notice no-crash-survived", "Even a clean stop of db1 would stop all writes: it holds all the weight",
		},
		{
			"two sites",
			[]*Node{sited("db1", 0, "db1", "db2", "db3"), sited("db2", 0, "db1", "db2", "db3"), sited("db3", 1, "db1", "db2", "db3")},
			"notice site-loss", "The loss of segment 0 (db1 and db2) would stop writes at all other sites",
		},
		{"late", []*Node{late, peer, third}, "notice delayed", "db2 answers the group late"},
	}
}

func situations() []situation { return slices.Concat(splits(), losses(), members(), margins()) }

func TestTheGroupsTroublesAreFoundAndNamed(t *testing.T) {
	for _, c := range situations() {
		s := watchFor(4, c.nodes...)
		title := ""
		if len(s.Findings) > 0 {
			title = s.Findings[0].Title
		}
		if ids(s) != c.want || title != c.title {
			t.Errorf("%s: %s %q, not %s %q", c.name, ids(s), title, c.want, c.title)
		}
		for _, f := range s.Findings {
			if f.Why == "" || len(f.Do) == 0 || len(f.Evidence) == 0 || len(f.Nodes) == 0 {
				t.Errorf("%s: %s lacks proof or advice: %+v", c.name, f.Rule, f)
			}
		}
	}
}

func TestOneRoundAlarmsNobodyAboutASplit(t *testing.T) {
	for _, c := range splits() {
		if s := watchFor(1, c.nodes...); len(s.Findings) > 0 {
			t.Errorf("%s: %s", c.name, ids(s))
		}
	}
}

func TestNoAdviceLeadsTheLoserOfASplitBackByIST(t *testing.T) {
	for _, c := range splits()[:7] {
		f := watchFor(4, c.nodes...).Findings[0]
		text := strings.Join(f.Do, "\n")
		if !strings.Contains(text, "BY SST ONLY") || !strings.Contains(text, "grastate.dat") || !strings.Contains(f.Do[0]+f.Do[1], "Stop application writes") {
			t.Errorf("%s: %s", c.name, text)
		}
	}
}

func TestRealServersThatLostTheirGroupAreJudged(t *testing.T) {
	first, second := "127.0.0.11:13306", "127.0.0.12:13306"
	evictedNode := fromCapture(t, "evicted", "db2", second)
	offNode := fromCapture(t, "off", "db2", second)
	offNode.Sample.Server.Provider = "none"
	healthy := fromCapture(t, "synced", "db1", first)
	third := fromCapture(t, "synced", "db3", "127.0.0.13:13306")
	for name, c := range map[string]struct {
		nodes []*Node
		want  string
	}{
		"both non-Primary": {[]*Node{fromCapture(t, "nonprimary-peer", "db1", first), fromCapture(t, "nonprimary", "db2", second)}, "critical no-primary"},
		"evicted":          {[]*Node{healthy, evictedNode, third}, "critical evicted"},
		"off":              {[]*Node{healthy, offNode, third}, "critical unreplicated"},
		"a desync":         {[]*Node{healthy, fromCapture(t, "desynced", "db2", second), third}, ""},
	} {
		if s := watchFor(4, c.nodes...); ids(s) != c.want {
			t.Errorf("%s: %s, not %s", name, ids(s), c.want)
		}
	}
}

func TestTheVerdictDoesNotDependOnTheOrderOfNodes(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for _, c := range situations() {
		want := watchFor(4, c.nodes...)
		for range 20 {
			nodes := slices.Clone(c.nodes)
			rng.Shuffle(len(nodes), func(i, j int) { nodes[i], nodes[j] = nodes[j], nodes[i] })
			got := watchFor(4, nodes...)
			if got.Headline.Text != want.Headline.Text && len(want.Findings) > 0 {
				t.Fatalf("%s: %q, not %q", c.name, got.Headline.Text, want.Headline.Text)
			}
			for i := range want.Findings {
				a, b := want.Findings[i], got.Findings[i]
				slices.Sort(a.Nodes)
				slices.Sort(b.Nodes)
				if fmt.Sprint(a) != fmt.Sprint(b) {
					t.Fatalf("%s:\n%v\n%v", c.name, a, b)
				}
			}
		}
	}
}

func TestFlappingIsManyViewChangesInMinutes(t *testing.T) {
	d := newDiagnosis(groupRules)
	look := func(i int, conf int64) *Snapshot {
		nodes := []*Node{synced("a", "a", "b", "c"), synced("b", "a", "b", "c"), synced("c", "a", "b", "c")}
		for _, n := range nodes {
			n.Sample.Status.ConfID = N(conf)
		}
		s := &Snapshot{At: noon.Add(time.Duration(i) * 10 * time.Second), Nodes: nodes}
		s.Complete()
		d.Next(s)
		return s
	}
	for i := range 8 {
		if s := look(i, int64(i)); len(s.Findings) > 0 {
			t.Fatalf("after %d changes: %s", i, ids(s))
		}
	}
	var s *Snapshot
	for i := 8; i < 14; i++ {
		s = look(i, int64(i))
	}
	if ids(s) != "warning flapping" {
		t.Errorf("found %q", ids(s))
	}
	for i := 100; i < 106; i++ {
		s = look(i, 13)
	}
	if ids(s) != "" {
		t.Errorf("after a quarter of an hour: %q", ids(s))
	}
}

// A server that starts is non-Primary for a while; one that was Primary in this
// life, or is up for long, was cut off.
func TestAServerThatStartsIsNotCutOff(t *testing.T) {
	look := func(d *Diagnosis, i int, third *Node) *Snapshot {
		s := &Snapshot{At: noon.Add(time.Duration(i) * time.Second), Nodes: []*Node{synced("db1", "db1", "db2"), synced("db2", "db1", "db2"), third}}
		s.Complete()
		d.Next(s)
		return s
	}
	young := cut("db3", "db3")
	young.Sample.Status.Uptime, young.Restart = N(5), noon
	d := newDiagnosis(groupRules[:slices.IndexFunc(groupRules, func(r Rule) bool { return r.ID == "no-crash-survived" })])
	var s *Snapshot
	for i := range 4 {
		s = look(d, i, young)
	}
	if ids(s) != "warning not-joined" {
		t.Errorf("a new server: %q", ids(s))
	}
	look(d, 4, synced("db3", "db1", "db2", "db3"))
	for i := range 4 {
		s = look(d, 5+i, young)
	}
	if ids(s) != "critical partition" {
		t.Errorf("after it was a member: %q", ids(s))
	}
}

func BenchmarkComplete(b *testing.B) {
	names := make([]string, 100)
	for i := range names {
		names[i] = fmt.Sprint("db", i)
	}
	var nodes []*Node
	for _, name := range names {
		nodes = append(nodes, weighing(synced(name, names...), "1"))
	}
	for b.Loop() {
		s := &Snapshot{Nodes: nodes}
		s.Complete()
	}
}

func TestClusterAddressesThatFound(t *testing.T) {
	for address, want := range map[string]bool{
		"gcomm://": true, "gcomm://?pc.wait_prim=no": true, "gcomm://0.0.0.0": true, " ": false, "": false,
		"gcomm://a,b": false, "gcomm://10.0.0.1:4567": false, "gcomm://,": true,
		"GCOMM://": true, "gcomm://0.0.0.0:4567": true, "gcomm://0.0.0.0,10.0.0.1": false,
	} {
		if foundsAlone(address) != want {
			t.Errorf("%q: %v", address, !want)
		}
	}
	n := with(synced("a", "a"), "wsrep_cluster_address", "gcomm://db1:4567, [fe80::1]:4567,10.0.0.3?x=y")
	if got := n.peers(); !slices.Equal(got, []string{"db1", "fe80::1", "10.0.0.3"}) {
		t.Errorf("peers %v", got)
	}
}

func FuzzParseDelayed(f *testing.F) {
	f.Add("190eb44c-e77c:tcp://127.0.0.12:4567:3,x:y:1")
	f.Add(",::,a:1,a:b:-1")
	f.Fuzz(func(t *testing.T, text string) {
		for _, d := range parseDelayed(text) {
			if d.times <= 0 || strings.Contains(d.uuid, ",") {
				t.Errorf("%q: %+v", text, d)
			}
		}
	})
}
