package gather

import (
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/actions/preflight"
	"github.com/galeratop/galeratop/model"
)

const state = `# GALERA saved state
version: 2.1
uuid:    11111111-1111-1111-1111-111111111111
seqno:   %d
safe_to_bootstrap: %d
`

// machine is a database host: what its commands print, by their first words, the
// longest that fits. Every other command does not exist.
type machine map[string]string

func stoppedMachine() machine {
	return machine{
		"mariadbd --version":         "mariadbd  Ver 10.11.6-MariaDB for Linux",
		"mariadbd --datadir":         table("gcomm://127.9.0.1,127.9.0.2,127.9.0.3"),
		"my_print_defaults":          "--datadir=/data\n",
		"ls -1A /data":               "grastate.dat\nibdata1\n",
		"ls -1 /run":                 "",
		"cat /data/grastate.dat":     fmt.Sprintf(state, 500, 1),
		"ps -A":                      "PID STAT COMMAND\n1 Ss init\n",
		"df -Pk":                     "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/x 1000 100 900 10% /data\n",
		"du -sk":                     "100\t/data\n",
		"test -e":                    "",
		"journalctl":                 "",
		"systemctl show-environment": "",
	}
}

func table(address string) string {
	return "--- ---\n------------------------------------------------------------ -------------\n" +
		"port 3306\nwsrep-cluster-address " + address + "\nwsrep-node-name db3\nwsrep-on TRUE\nwsrep-provider /lib/galera.so\n" +
		"wsrep-provider-options gmcast.listen_addr=tcp://127.9.0.3:4567\n\n"
}

func (m machine) way() host.Way {
	return host.Way{Prefix: []string{}, Through: func(_ context.Context, _ string, argv []string, out, _ io.Writer) (int, error) {
		line, found := strings.Join(argv, " "), ""
		for words := range m {
			if strings.HasPrefix(line, words) && len(words) > len(found) {
				found = words
			}
		}
		if found == "" {
			return 127, nil
		}
		_, err := io.WriteString(out, m[found])
		return 0, err
	}}
}

// network answers by address; nothing listens elsewhere.
func network(answers map[string]error) func(context.Context, string) error {
	return func(_ context.Context, address string) error {
		if err, ok := answers[address]; ok {
			return err
		}
		return syscall.ECONNREFUSED
	}
}

func answersOf(f *preflight.Facts) string {
	var out []string
	for _, p := range f.Peers {
		out = append(out, p.Address+" "+string(p.Answer))
	}
	return strings.Join(out, ", ")
}

func TestTheOtherMembersAreAskedAndTheNodeItselfIsNot(t *testing.T) {
	var seeds []string
	f := Collect(t.Context(), Options{
		Way: stoppedMachine().way(), Known: []string{"127.9.0.4:3307", "127.9.0.3:3306", "127.9.0.1:3306"},
		Ask:  func(_ context.Context, list []string) (*model.Snapshot, string) { seeds = list; return nil, "denied" },
		Dial: network(map[string]error{"127.9.0.1:4567": nil, "127.9.0.2:4567": context.DeadlineExceeded, "127.9.0.4:4567": &net.OpError{Err: syscall.EHOSTUNREACH}}),
	})
	if want := []string{"127.9.0.1:3306", "127.9.0.2:3306", "127.9.0.4:3307"}; !slices.Equal(seeds, want) {
		t.Errorf("asked over SQL: %q", seeds)
	}
	if got := answersOf(f); got != "127.9.0.1:4567 listens, 127.9.0.2:4567 no answer, 127.9.0.4:4567 unreachable" {
		t.Errorf("%s", got)
	}
	if f.Name != "db3" || f.Unasked != "denied" || f.State.Grastate.Value.Seqno != 500 || !f.Provider.Value || f.Empty.Value || f.OwnSize.Value != 100<<10 || f.State.Disk.Value.Free != 900<<10 {
		t.Errorf("%+v %+v", f, f.State)
	}
	if v := preflight.Decide(f); v.Kind != preflight.Join {
		t.Errorf("%+v", v)
	}
}

func TestAnEmptyAddressLeavesTheNamedMembersToAsk(t *testing.T) {
	m := stoppedMachine()
	m["mariadbd --datadir"] = table("gcomm://")
	f := Collect(t.Context(), Options{Way: m.way(), Known: []string{"127.9.0.1"}, Dial: network(map[string]error{"127.9.0.1:4567": nil})})
	if v := preflight.Decide(f); v.Kind != preflight.SecondCluster || v.Code != preflight.CodeHarm {
		t.Errorf("%+v", v)
	}
	f = Collect(t.Context(), Options{Way: m.way(), Dial: network(nil)})
	if v := preflight.Decide(f); v.Kind != preflight.Unknown || len(f.Peers) != 0 {
		t.Errorf("%+v", v)
	}
}

func TestMembersThatAreSeenOverSQLAreProbedToo(t *testing.T) {
	self := &model.Node{ID: "s", Name: "db3", Address: "127.9.0.3:3306", Link: model.LinkDown}
	other := &model.Node{ID: "o", Name: "db9", Address: "127.9.0.9:3306", Link: model.LinkDown}
	f := Collect(t.Context(), Options{
		Way: stoppedMachine().way(), Dial: network(map[string]error{"127.9.0.9:4567": context.DeadlineExceeded}),
		Ask: func(context.Context, []string) (*model.Snapshot, string) {
			return &model.Snapshot{Nodes: []*model.Node{self, other}}, ""
		},
	})
	if got := answersOf(f); f.Self != "s" || got != "127.9.0.1:4567 refused, 127.9.0.2:4567 refused, 127.9.0.9:4567 no answer" {
		t.Errorf("%q: %s", f.Self, got)
	}
}

func TestHostsOfMembersThatAreDownTellTheirPositions(t *testing.T) {
	read := func(_ context.Context, address string, flavour model.Flavour) *host.State {
		if flavour != model.FlavourMariaDB {
			t.Errorf("%s", flavour)
		}
		s := &host.State{Grastate: host.Part[*host.Grastate]{Unknown: "no way"}}
		if address == "127.9.0.2:4567" {
			g, err := host.ParseGrastate(fmt.Sprintf(state, 501, 0))
			if err != nil {
				t.Fatal(err)
			}
			s.Grastate = host.Part[*host.Grastate]{Value: &g}
		}
		return s
	}
	o := Options{Way: stoppedMachine().way(), Dial: network(nil), Read: read, Founding: true}
	if v := preflight.Decide(Collect(t.Context(), o)); v.Kind != preflight.LosesWrites || !strings.Contains(v.Text, "127.9.0.2:4567 is at") {
		t.Errorf("%+v", v)
	}
	o.Read = nil
	if v := preflight.Decide(Collect(t.Context(), o)); v.Kind != preflight.Bootstrap || v.Code != preflight.CodeSafe {
		t.Errorf("%+v", v)
	}
}

func TestAHostWithoutAServerIsUnknown(t *testing.T) {
	f := Collect(t.Context(), Options{Way: machine{}.way(), Dial: network(nil)})
	if v := preflight.Decide(f); v.Kind != preflight.Unknown || v.Code != preflight.CodeUnknown || !strings.Contains(v.Text, "does not exist") {
		t.Errorf("%+v", v)
	}
}

// Several addresses of one name: nothing listens only where all of them say so.
func TestAnAnswerIsSortedByWhatItProves(t *testing.T) {
	for err, want := range map[error]preflight.Answer{
		nil: preflight.Listens, syscall.ECONNREFUSED: preflight.Closed, syscall.EHOSTUNREACH: preflight.Nowhere, syscall.ENETUNREACH: preflight.Nowhere,
		syscall.EPERM: preflight.Nowhere, context.DeadlineExceeded: preflight.Silent, io.ErrUnexpectedEOF: preflight.Silent, syscall.ETIMEDOUT: preflight.Silent,
	} {
		if got, _ := answerOf(err); got != want {
			t.Errorf("%v: %s", err, got)
		}
	}
	if got, _ := probeOne(t.Context(), network(nil), "no.such.host.invalid:4567"); got != preflight.NoName && got != preflight.Silent {
		t.Errorf("%s", got)
	}
}

func TestARealConnectionIsToldFromARefusedOne(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if got, text := probeOne(t.Context(), dialHere, l.Addr().String()); got != preflight.Listens {
		t.Errorf("%s %s", got, text)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if got, text := probeOne(t.Context(), dialHere, l.Addr().String()); got != preflight.Closed {
		t.Errorf("%s %s", got, text)
	}
}
