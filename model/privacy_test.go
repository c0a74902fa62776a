package model

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// public are the texts of a snapshot that strangers may see, by the names of the
// types and fields that hold them. A field that is not here must not survive
// Redact: whoever adds one decides, and this test asks.
var public = []string{
	"Snapshot.Cluster", "Node.ID", "Node.Name", "Node.Address", "Node.Link", "Node.Aliases", "Failure.Kind",
	"Server.", "Status.", "Component.", "Site.", "Quorum.", "QuorumVote.", "Vote.", "Transfer.", "Flow.", "FlowNode.", "Member.",
	"Process.DB", "Process.Command", "Processes.Grant", "Reading.Grant", "Variables.Values", "Settings.Rows",
	"Assignment.Value", "Assignment.Default", "Assignment.Origin", "Assignment.Path",
	"Transaction.State", "Digest.ID", "Digest.Schema", "LockWait.Kind", "LockWait.Mode", "Lock.Kind", "Lock.Mode", "Locks.Blind",
	"Finding.Rule", "Finding.About", "Finding.Action", "Finding.Nodes", "Evidence.Node", "Evidence.Variable",
	"Event.Kind", "Event.Nodes",
}

// marked fills every text of a value with a statement that has a marker of its
// own, and tells which marker is where.
func marked(v reflect.Value, place string, markers map[string]string) {
	switch v.Kind() {
	case reflect.String:
		marker := strconv.Itoa(700000000 + len(markers))
		markers[marker] = place
		v.SetString("SELECT '" + marker + "'")
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		marked(v.Elem(), place, markers)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			marked(v.Index(i), place, markers)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		marked(key, place, markers)
		marked(value, place, markers)
		v.SetMapIndex(key, value)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Name != "SysVar" {
				name := v.Type().Name() + "." + f.Name
				if f.Anonymous {
					name = f.Name
				}
				marked(v.Field(i), name, markers)
			}
		}
	}
}

func TestNoTextOfASnapshotSurvivesRedactionUnlessItIsPublic(t *testing.T) {
	var s Snapshot
	markers := make(map[string]string)
	marked(reflect.ValueOf(&s).Elem(), "Snapshot", markers)
	s.Private = false
	before, err := json.Marshal(&s)
	if err != nil {
		t.Fatal(err)
	}
	private := Redact(&s)
	left := fmt.Sprintf("%s %+v", asJSON(t, private), private.Events)
	for marker, place := range markers {
		isPublic := slices.ContainsFunc(public, func(p string) bool { return place == p || strings.HasSuffix(p, ".") && strings.HasPrefix(place, p) })
		if survives := strings.Contains(left, marker); survives && !isPublic {
			t.Errorf("%s survives", place)
		}
	}
	if after, _ := json.Marshal(&s); string(after) != string(before) {
		t.Error("Redact changed the snapshot that it was given")
	}
	if Redact(private) != private {
		t.Error("a private snapshot was redacted again")
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func clients(n int) *Snapshot {
	node := &Node{ID: "db1", Name: "db1", Address: "10.0.0.11:3306", Link: LinkUp, Sample: &Sample{Server: Server{ClusterName: "shop"}}}
	for i := range n {
		node.Sample.Processes.Rows = append(node.Sample.Processes.Rows, Process{
			ID: uint64(i), User: fmt.Sprintf("app%d", i%200), Host: fmt.Sprintf("10.1.%d.%d:%d", i/250%250, i%250, 30000+i), Command: "Query",
			Query: fmt.Sprintf("SELECT o.id, c.name, SUM(total) FROM orders o JOIN customers c USING (id) WHERE o.state = 'x%d' AND o.id > %d GROUP BY 1, 2 LIMIT 10", i, i),
		})
	}
	return &Snapshot{Cluster: "shop-prod", Nodes: []*Node{node}}
}

func TestAPseudonymIsTheSameOnEveryConsoleOfACluster(t *testing.T) {
	a, b, c := NewRedactor(), NewRedactor(), NewRedactor()
	one, other := clients(3), clients(3)
	one.Cluster = "as another console calls it"
	other.Nodes[0].Sample.Server.ClusterName = "bank"
	a.Learn(one)
	b.Learn(clients(9))
	c.Learn(other)
	user, host := a.User("app1"), a.Host("10.1.0.1:30001")
	if !strings.HasPrefix(user, "user-") || !strings.HasPrefix(host, "host-") || len(user) != 11 || user[5:] == host[5:] {
		t.Errorf("%s at %s", user, host)
	}
	if b.User("app1") != user || b.Host("10.1.0.1:45678") != host || a.Host("10.1.0.1") != host {
		t.Error("another console, or another port, gives another pseudonym")
	}
	if c.User("app1") == user || c.Host("10.1.0.1") == host {
		t.Error("another cluster has the same pseudonyms")
	}
	if a.User(user) != user || a.Host(host) != host {
		t.Error("a pseudonym got a pseudonym")
	}
	for _, name := range []string{"", "root", "system user", "event_scheduler"} {
		if a.User(name) != name {
			t.Errorf("%q became %q", name, a.User(name))
		}
	}
	for address, want := range map[string]string{"localhost": "localhost", "127.0.0.1:4000": "127.0.0.1", "": "", "::1": "::1", "[::1]:4000": "::1"} {
		if got := a.Host(address); got != want {
			t.Errorf("%q became %q", address, got)
		}
	}
	if a.Host("10.0.0.11:40112") == "10.0.0.11" {
		t.Error("a client on a node's host keeps its address")
	}
	if a.Host("2001:db8::7:40112") != a.Host("[2001:db8::7]:40113") {
		t.Error("the port of an IPv6 address counts")
	}
}

func TestPseudonymsDoNotCollide(t *testing.T) {
	r, seen := NewRedactor(), make(map[string]string)
	for i := range 3000 {
		for _, p := range []string{r.User(fmt.Sprintf("user%d", i)), r.Host(fmt.Sprintf("10.%d.%d.9", i/256, i%256))} {
			if before, taken := seen[p]; taken {
				t.Errorf("%d: %s is taken by %s", i, p, before)
			}
			seen[p] = strconv.Itoa(i)
		}
	}
}

func TestSentencesNameNoClient(t *testing.T) {
	r := NewRedactor()
	s := clients(2)
	s.Nodes[0].Sample.Processes.Rows[0].User = "odd name"
	r.Learn(s)
	app, odd, host, gone := r.User("app1"), r.User("odd name"), r.Host("10.1.0.1:1"), r.User("left")
	for text, want := range map[string]string{
		"thread 5 of app1, Query 3s, Sending data: HANDLER x OPEN 'a' 5": "thread 5 of " + app + ", Query 3s, Sending data: HANDLER x OPEN ? ?",
		"thread 5 of odd name, Sleep 3s":                                 "thread 5 of " + odd + ", Sleep 3s",
		"thread 5 of left, Query 3s: KILL 7":                             "thread 5 of " + gone + ", Query 3s: KILL ?",
		"Find the program behind app1@10.1.0.1:30001 and have it commit": "Find the program behind " + app + "@" + host + " and have it commit",
		"written most now: shop.orders by app1":                          "written most now: shop.orders by " + app,
		"db1 at 10.0.0.11:3306 has 4 of 5 connections in use.":           "db1 at 10.0.0.11:3306 has 4 of 5 connections in use.",
		"db1 runs SELECT * FROM cards WHERE number = 4111":               "db1 runs SELECT * FROM cards WHERE number = ?",
		"app1: waits": app + ": waits",
	} {
		if got := r.Sentence(text); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"Error 1045 (28000): Access denied for user 'app1'@'10.9.9.9' (using password: YES)": "Error 1045 (28000): Access denied for user ?@? (using password: YES)",
		"dial tcp 10.0.0.11:3306: can't connect":                                             "dial tcp 10.0.0.11:3306: can't connect",
		"near 'SELECT 1":                                                                     "near ?",
	} {
		if got := r.Error(text); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

func BenchmarkRedact5000Threads(b *testing.B) {
	s, r := clients(5000), NewRedactor()
	for b.Loop() {
		sample := *s.Nodes[0].Sample // as the next tick brings it
		s.Nodes[0].Sample = &sample
		r.Snapshot(s)
	}
}
