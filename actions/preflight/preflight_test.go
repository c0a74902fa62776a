package preflight

import (
	"slices"
	"strings"
	"testing"

	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/model"
)

const (
	history = "11111111-1111-1111-1111-111111111111"
	nothing = "00000000-0000-0000-0000-000000000000"
)

// change makes the case out of a node that was stopped gracefully, with two members
// that listen and cannot be asked over SQL.
type change func(*Facts)

func stopped(changes ...change) *Facts {
	f := &Facts{
		Name: "db3",
		State: &host.State{
			DataDir:  host.Part[host.DataDir]{Value: host.DataDir{Path: "/var/lib/mysql"}},
			Grastate: host.Part[*host.Grastate]{Value: &host.Grastate{Position: host.Position{UUID: history, Seqno: 500}}},
			Disk:     host.Part[host.Disk]{Value: host.Disk{Free: 10 << 30}},
		},
		Options: host.Part[host.Effective]{Value: host.Effective{Values: map[string]string{
			"wsrep_on": "TRUE", "wsrep_provider": "/usr/lib/libgalera_smm.so", "wsrep_cluster_name": "shop",
			"wsrep_cluster_address": "gcomm://db1,db2,db3",
		}}},
		Provider: host.Part[bool]{Value: true},
		OwnSize:  host.Part[int64]{Value: 1 << 30},
		Peers:    []Peer{{Address: "db1:4567", From: FromAddress, Answer: Listens}, {Address: "db2:4567", From: FromAddress, Answer: Listens}},
		Unasked:  "access denied",
	}
	for _, c := range changes {
		c(f)
	}
	return f
}

func option(name, value string) change {
	return func(f *Facts) { f.Options.Value.Values[name] = value }
}

func grastate(uuid string, seqno int64, safe bool) change {
	return func(f *Facts) {
		f.State.Grastate.Value = &host.Grastate{Position: host.Position{UUID: uuid, Seqno: seqno}, SafeToBootstrap: safe}
	}
}

func noGrastate(f *Facts) { f.State.Grastate.Value = nil }

func empty(f *Facts) { f.Empty.Value, f.State.Grastate.Value = true, nil }

func peers(answers ...Answer) change {
	return func(f *Facts) {
		for i := range f.Peers {
			f.Peers[i].Answer = answers[i]
		}
	}
}

func noPeers(f *Facts) { f.Peers = nil }

func founding(f *Facts) { f.Founding = true }

func acceptSST(f *Facts) { f.AcceptSST = true }

func runs(f *Facts) { f.State.Server.Value.Running = true }

func view(members ...string) change {
	return func(f *Facts) { f.State.Gvwstate.Value = &host.Gvwstate{Me: "a", Members: members} }
}

func size(bytes int64) change { return func(f *Facts) { f.Size = model.N(bytes) } }

func at(peer int, uuid string, seqno int64) change {
	return func(f *Facts) { f.Peers[peer].Position = &host.Position{UUID: uuid, Seqno: seqno} }
}

// node is a member that answers over SQL and holds the write-sets 100 to 1000.
func node(name, status string, state model.State, members string) *model.Node {
	s := &model.Sample{}
	s.Server.NodeName, s.Server.Incoming, s.Server.ClusterName = name, name+":3306", "shop"
	s.Status = model.Status{
		ClusterStatus: status, ClusterSize: model.N(int64(len(strings.Split(members, ",")))), LocalState: model.N(int64(state)), ConfID: model.N(7),
		IncomingAddrs: members, Ready: model.On, ClusterStateUUID: history, LocalStateUUID: history,
		LastCommitted: model.N(1000), CachedDownto: model.N(100), Segment: model.N(0),
	}
	if status != model.Primary {
		s.Status.ConfID = model.N(-1)
	}
	return &model.Node{ID: name + ":3306", Name: name, Address: name + ":3306", Link: model.LinkUp, Sample: s}
}

func answering(nodes ...*model.Node) change {
	return func(f *Facts) {
		f.Unasked = ""
		f.Snapshot = &model.Snapshot{Nodes: nodes}
		for _, n := range nodes {
			n.Rates.Committed = model.R(10)
		}
		f.Snapshot.Complete()
	}
}

// group is db1 and db2 as a healthy cluster.
func group() change {
	const members = "db1:3306,db2:3306"
	return answering(node("db1", model.Primary, model.StateSynced, members), node("db2", model.Primary, model.StateSynced, members))
}

func as(self *model.Node, others ...*model.Node) change {
	return func(f *Facts) {
		answering(append(others, self)...)(f)
		f.Self = self.ID
	}
}

func TestWhatAStartWouldDo(t *testing.T) {
	const emptyAddress, down = "gcomm://", Closed
	for _, c := range []struct {
		name string
		f    *Facts
		kind Kind
		code Code
		text string
	}{
		{"inside the window", stopped(group()), JoinIST, CodeSafe, "IST from db"},
		{"outside of it", stopped(group(), grastate(history, 50, false)), JoinSST, CodeConsent, "the group's gcache has moved past it by 57 write-sets"},
		{"outside of it, agreed", stopped(group(), grastate(history, 50, false), acceptSST, size(5<<30)), JoinSST, CodeSafe, "5.0 GiB to copy"},
		{"no grastate.dat", stopped(group(), noGrastate), JoinSST, CodeConsent, "it has no grastate.dat"},
		{"an empty directory", stopped(group(), empty), JoinSST, CodeConsent, "its data directory is empty"},
		{"no history", stopped(group(), grastate(nothing, -1, false)), JoinSST, CodeConsent, "its grastate.dat names no history"},
		{"another history", stopped(group(), grastate("22222222-2222-2222-2222-222222222222", 5, false)), JoinSST, CodeConsent, "another history"},
		{"a transfer broke off", stopped(group(), func(f *Facts) { f.State.Leftovers.Value = []string{"sst_in_progress"} }), JoinSST, CodeConsent, "broke off"},
		{"too little room", stopped(group(), noGrastate, size(20<<30), acceptSST), Fails, CodeDown, "needs a full copy of 20 GiB and 128 MiB for the gcache and the redo log, but its file system has room for 11 GiB"},
		{"just enough room", stopped(group(), noGrastate, size(10<<30)), JoinSST, CodeConsent, "more than nine tenths"},
		{"crashed", stopped(group(), grastate(history, -1, false)), Join, CodeUnknown, "--recover-position"},
		{"crashed and recovered", stopped(group(), grastate(history, -1, false), func(f *Facts) { f.Recovered = &host.Position{UUID: history, Seqno: 600} }), JoinIST, CodeSafe, "IST from"},
		{"recovered something else", stopped(group(), grastate(history, -1, false), func(f *Facts) { f.Recovered = &host.Position{UUID: nothing, Seqno: -1} }), JoinSST, CodeConsent, "no position in the history"},
		{"ahead of the group", stopped(group(), grastate(history, 1005, false)), Refused, CodeDown, "ahead of the group by 5 write-sets"},
		{"no donor", stopped(answering(node("db1", model.Primary, model.StateDonor, "db1:3306")), noGrastate), Waits, CodeDown, "Synced"},
		{"another name", stopped(group(), option("wsrep_cluster_name", "store")), Refused, CodeDown, "its wsrep_cluster_name is store, but db1 belongs to shop"},
		{"no Primary Component", stopped(answering(node("db1", model.NonPrimary, model.StateInitialized, "db1:3306"))), Waits, CodeDown, "no member that answers is in a Primary Component"},
		{
			"a split cluster", stopped(answering(node("db1", model.Primary, model.StateSynced, "db1:3306"), node("db2", model.Primary, model.StateSynced, "db2:3306"))),
			Unknown, CodeUnknown, "2 Primary Components",
		},
		{"a restart of one that runs", stopped(runs, as(node("db3", model.Primary, model.StateSynced, "db1:3306,db3:3306"), node("db1", model.Primary, model.StateSynced, "db1:3306,db3:3306"))), JoinIST, CodeSafe, "IST from db1"},
		{"a restart of the last that runs", stopped(runs, view("a"), peers(down, down), as(node("db3", model.Primary, model.StateSynced, "db3:3306"))), Fails, CodeDown, "nobody else is alive"},

		{"nobody can log in", stopped(), Join, CodeUnknown, "db1:4567, db2:4567 listens"},
		{"nobody can log in, a copy is agreed to", stopped(acceptSST), Join, CodeSafe, "listens"},
		{"nobody can log in, no data", stopped(empty), JoinSST, CodeConsent, "its data directory is empty; whether the copy fits on its disk is not known"},
		{"silence", stopped(peers(Silent, Silent)), Unknown, CodeUnknown, "unreachable does not mean down"},
		{"half silence", stopped(peers(down, Nowhere)), Unknown, CodeUnknown, "db2:4567 could not be asked"},
		{"an unknown name", stopped(peers(down, NoName)), Unknown, CodeUnknown, "db2:4567"},
		{"nobody alive", stopped(peers(down, down)), Fails, CodeDown, "gives up"},
		{"a view that waits", stopped(peers(down, down), view("a", "b", "c")), Waits, CodeDown, "all 3 members"},
		{"a view that is not used", stopped(peers(down, down), view("a", "b", "c"), option("wsrep_provider_options", "pc.recovery = false;")), Fails, CodeDown, "gives up"},
		{"a view of its own", stopped(peers(down, down), view("a"), grastate(history, 5, true)), Bootstrap, CodeSafe, "lists nobody but itself"},
		{"a view of its own beside others", stopped(view("a"), group()), JoinIST, CodeSafe, "IST"},

		{"empty address, others alive, left first", stopped(option("wsrep_cluster_address", emptyAddress)), Refused, CodeDown, "safe_to_bootstrap: 0"},
		{"empty address, others alive, left last", stopped(option("wsrep_cluster_address", emptyAddress), grastate(history, 500, true)), SecondCluster, CodeHarm, "others are alive (db1:4567, db2:4567)"},
		{"empty address, others alive, new directory", stopped(option("wsrep_cluster_address", emptyAddress), noGrastate, group()), SecondCluster, CodeHarm, "others are alive (db1, db2)"},
		{"empty address, others alive, empty directory", stopped(option("wsrep_cluster_address", emptyAddress), empty), SecondCluster, CodeHarm, "others are alive ("},
		{"empty address, others without quorum", stopped(option("wsrep_cluster_address", emptyAddress), noGrastate, peers(Silent, Silent), answering(node("db1", model.NonPrimary, model.StateInitialized, "db1:3306"))), SecondCluster, CodeHarm, "others are alive (db1)"},
		{"empty address, grastate.dat unreadable", stopped(option("wsrep_cluster_address", emptyAddress), func(f *Facts) { f.State.Grastate.Unknown = "denied" }), SecondCluster, CodeHarm, "unless Galera refuses: denied"},
		{"empty address, silence", stopped(option("wsrep_cluster_address", emptyAddress), grastate(history, 500, true), peers(Silent, down)), Unknown, CodeUnknown, "db1:4567 is alive could not be asked"},
		{"empty address, nobody known", stopped(option("wsrep_cluster_address", emptyAddress), grastate(history, 500, true), noPeers), Unknown, CodeUnknown, "no other member is known"},
		{"empty address, nobody alive, left last", stopped(option("wsrep_cluster_address", emptyAddress), grastate(history, 500, true), peers(down, down)), Bootstrap, CodeConsent, "nobody else is alive"},
		{"empty address, nobody alive, new directory", stopped(option("wsrep_cluster_address", emptyAddress), noGrastate, peers(down, down)), Unknown, CodeUnknown, "a new, empty cluster"},
		{"empty address, runs in a group", stopped(option("wsrep_cluster_address", emptyAddress), runs, as(node("db3", model.Primary, model.StateSynced, "db1:3306,db3:3306"), node("db1", model.Primary, model.StateSynced, "db1:3306,db3:3306"))), Refused, CodeDown, "safe_to_bootstrap: 0"},
		{"empty address, runs, not asked", stopped(option("wsrep_cluster_address", emptyAddress), runs), SecondCluster, CodeHarm, "unless Galera refuses: the server runs"},
		{"wildcard address, left first", stopped(option("wsrep_cluster_address", "gcomm://0.0.0.0")), SecondCluster, CodeHarm, "skips Galera's look"},
		{"only options in the address", stopped(option("wsrep_cluster_address", "gcomm://?pc.wait_prim=yes")), SecondCluster, CodeHarm, "skips Galera's look"},
		{"wildcard address, nobody alive, left first", stopped(option("wsrep_cluster_address", "gcomm://0.0.0.0"), peers(down, down)), LosesWrites, CodeHarm, "did not leave last"},
		{"wsrep_new_cluster in a file", stopped(option("wsrep_new_cluster", "TRUE"), grastate(history, 500, true)), SecondCluster, CodeHarm, "wsrep_new_cluster is in the option files"},
		{"left behind by a script", stopped(func(f *Facts) { f.State.Founds.Value = "/run/x is there" }, grastate(history, 500, true)), SecondCluster, CodeHarm, "/run/x is there"},

		{"as the first, others alive", stopped(founding, grastate(history, 500, true)), SecondCluster, CodeHarm, "to be started as the first node, while"},
		{"as the first, nobody alive, left last", stopped(founding, grastate(history, 500, true), peers(down, down)), Bootstrap, CodeSafe, "safe_to_bootstrap: 1"},
		{"as the first, nobody alive, left first", stopped(founding, peers(down, down)), Refused, CodeDown, "did not leave last"},
		{"as the first, another is newer", stopped(founding, grastate(history, 500, true), peers(down, down), at(1, history, 501)), LosesWrites, CodeHarm, "db2:4567 is at " + history + ":501"},
		{"as the first, another is older", stopped(founding, grastate(history, 500, true), peers(down, down), at(1, history, 499)), Bootstrap, CodeSafe, "nobody else"},
		{"as the first, another has data", stopped(founding, empty, peers(down, down), at(0, history, 1)), LosesWrites, CodeHarm, "would be lost"},
		{"as the first, crashed", stopped(founding, grastate(history, -1, true), peers(down, down)), Unknown, CodeUnknown, "recovered"},
		{"as the first, without an address", stopped(founding, option("wsrep_cluster_address", ""), grastate(history, 500, true), peers(down, down)), Bootstrap, CodeSafe, "first node"},

		{"an unknown variable", stopped(func(f *Facts) { f.Options.Value.Faults = []string{"mariadbd: unknown variable 'x=1'"} }, option("wsrep_cluster_address", emptyAddress)), Fails, CodeDown, "unknown variable 'x=1'"},
		{"no server", stopped(func(f *Facts) { f.Options.Unknown = "mariadbd does not exist on this host" }), Unknown, CodeUnknown, "mariadbd does not exist"},
		{"wsrep_on is OFF", stopped(option("wsrep_on", "FALSE")), WithoutGalera, CodeHarm, "wsrep_on is OFF"},
		{"no provider", stopped(option("wsrep_provider", "none")), WithoutGalera, CodeHarm, "no wsrep_provider"},
		{"no library", stopped(func(f *Facts) { f.Provider.Value = false }), Fails, CodeDown, "does not exist"},
		{"no address", stopped(option("wsrep_cluster_address", "")), Fails, CodeDown, "is not set"},
		{"no gcomm", stopped(option("wsrep_cluster_address", "db1,db2")), Fails, CodeDown, "does not begin with gcomm://"},
		{"only itself", stopped(option("wsrep_cluster_address", "gcomm://db3"), noPeers), Fails, CodeDown, "nobody but the node itself"},
	} {
		v := Decide(c.f)
		if v.Kind != c.kind || v.Code != c.code || !strings.Contains(v.Text, c.text) {
			t.Errorf("%s: %s (%d): %s", c.name, v.Kind, v.Code, v.Text)
		}
		if len(v.Do) == 0 || v.Do[0] == "" || len(v.Evidence) == 0 {
			t.Errorf("%s: nothing to do, or no evidence: %+v", c.name, v)
		}
	}
}

func TestAGuardStopsOnlyWhatCouldDoHarm(t *testing.T) {
	const emptyAddress = "gcomm://"
	guard := func(f *Facts) { f.Guard = true }
	primary := func(name string) *model.Node { return node(name, model.Primary, model.StateSynced, name+":3306") }
	for name, c := range map[string]struct {
		f    *Facts
		code Code
	}{
		"nobody alive":           {stopped(guard, peers(Closed, Closed)), CodeSafe},
		"a view that waits":      {stopped(guard, peers(Closed, Closed), view("a", "b")), CodeSafe},
		"silence":                {stopped(guard, peers(Silent, Silent)), CodeSafe},
		"a full copy":            {stopped(guard, group(), noGrastate), CodeSafe},
		"refused":                {stopped(guard, option("wsrep_cluster_address", emptyAddress)), CodeSafe},
		"the right first one":    {stopped(guard, founding, grastate(history, 500, true), peers(Closed, Closed)), CodeSafe},
		"a second cluster":       {stopped(guard, option("wsrep_cluster_address", emptyAddress), noGrastate), CodeHarm},
		"founding in silence":    {stopped(guard, founding, grastate(history, 500, true), peers(Closed, Silent)), CodeUnknown},
		"founding for the first": {stopped(guard, option("wsrep_cluster_address", emptyAddress), empty, peers(Closed, Closed)), CodeUnknown},
		"no Galera":              {stopped(guard, option("wsrep_on", "FALSE")), CodeHarm},
		"no options":             {stopped(guard, func(f *Facts) { f.Options.Unknown = "x" }), CodeUnknown},
		"a split cluster":        {stopped(guard, answering(primary("db1"), primary("db2"))), CodeUnknown},
		"one side of a split":    {stopped(guard, runs, as(primary("db3"), primary("db1"))), CodeHarm},
		"what founds is unknown": {stopped(guard, peers(Silent, Silent), func(f *Facts) { f.State.Founds.Unknown = "x" }), CodeUnknown},
	} {
		if v := Decide(c.f); v.Code != c.code || v.Harm != (c.code != CodeSafe) {
			t.Errorf("%s: %s (%d), harm %v: %s", name, v.Kind, v.Code, v.Harm, v.Text)
		}
	}
}

// Whatever else is true, nothing that could not be asked makes a start safe.
func TestSilenceIsNeverSafe(t *testing.T) {
	for _, silence := range []Answer{Silent, Nowhere, NoName} {
		for name, changes := range map[string][]change{
			"ordinary": nil, "as the first": {founding}, "empty address": {option("wsrep_cluster_address", "gcomm://")},
			"a view of its own": {view("a")}, "a copy is agreed to": {acceptSST}, "empty": {empty},
		} {
			for _, answers := range [][]Answer{{silence, silence}, {silence, Closed}, {Closed, silence}} {
				f := stopped(append([]change{grastate(history, 500, true), peers(answers...)}, changes...)...)
				if v := Decide(f); v.Code == CodeSafe || v.Unasked == nil {
					t.Errorf("%s, %v: %+v", name, answers, v)
				}
			}
		}
	}
}

func TestWhatCouldNotBeAskedIsSaid(t *testing.T) {
	f := stopped(peers(Listens, Silent), func(f *Facts) { f.State.Disk.Unknown, f.State.Server.Unknown = "df failed", "ps failed" })
	want := []string{
		"the members over SQL: access denied", "db2:4567: no answer: down, cut off, or behind a firewall",
		"whether the server runs: ps failed", "the room on its disk: df failed",
	}
	if got := Decide(f).Unasked; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestEveryVerdictHasACodeAndAMeaning(t *testing.T) {
	for _, k := range Kinds {
		if k.Meaning == "" || codeOf(k.Kind) != k.Code || !slices.ContainsFunc(Codes, func(c struct {
			Code    Code
			Meaning string
		},
		) bool {
			return c.Code == k.Code
		}) {
			t.Errorf("%+v", k)
		}
	}
}

func TestGroupAddressesAreReadAsGaleraDoes(t *testing.T) {
	for text, c := range map[string]struct {
		members         string
		founds, checked bool
	}{
		"gcomm://":                          {"", true, true},
		" gcomm:// ":                        {"", true, true},
		`"gcomm://"`:                        {"", true, true},
		"gcomm://?pc.wait_prim=no":          {"", true, false},
		"gcomm://0.0.0.0":                   {"0.0.0.0:4567", true, false},
		"gcomm://[::]:4567":                 {"[::]:4567", true, false},
		"gcomm://,":                         {"", true, false},
		"gcomm://db1":                       {"db1:4567", false, false},
		"gcomm://db1:5000, 10.0.0.2?a=b":    {"db1:5000 10.0.0.2:4567", false, false},
		"gcomm://[fe80::1]:4567,2001:db8::": {"[fe80::1]:4567 [2001:db8::]:4567", false, false},
		"gcomm://tcp://db1:4567":            {"db1:4567", false, false},
		"gcomm://0.0.0.0,db1":               {"0.0.0.0:4567 db1:4567", false, false},
		"":                                  {"", false, false},
		"db1":                               {"db1:4567", false, false},
	} {
		a := ParseGroupAddress(text, "")
		if got := strings.Join(a.Members, " "); got != c.members || a.Founds() != c.founds || a.Checked() != c.checked {
			t.Errorf("%q: %q founds %v checked %v", text, got, a.Founds(), a.Checked())
		}
	}
}

func TestTheNodesOwnListenerIsRead(t *testing.T) {
	for want, values := range map[string]map[string]string{
		"0.0.0.0:4567":   {},
		"0.0.0.0:5000":   {"wsrep_node_address": "10.0.0.1:5000"},
		"0.0.0.0:6000":   {"wsrep_provider_options": "base_port=6000"},
		"127.0.0.2:4567": {"wsrep_provider_options": "gcache.size=1G; gmcast.listen_addr = tcp://127.0.0.2:4567"},
		"[::]:4567":      {"wsrep_provider_options": "gmcast.listen_addr=tcp://[::]:4567"},
	} {
		if got := Listener(values); got != want {
			t.Errorf("%v: %q, not %q", values, got, want)
		}
	}
}

func FuzzGroupAddress(f *testing.F) {
	for _, s := range []string{"gcomm://a,b?c", "gcomm://[::1", "gcomm://", "://,:,:"} {
		f.Add(s, "4567")
	}
	f.Fuzz(func(t *testing.T, text, port string) {
		a := ParseGroupAddress(text, port)
		if a.Checked() && !a.Founds() {
			t.Errorf("%q is checked and does not found", text)
		}
	})
}
