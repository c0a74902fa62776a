package model

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// capture reads a SHOW GLOBAL STATUS that a real server printed.
func capture(t *testing.T, state string) Status {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "testdata", "captures", "mariadb-10.11.19-galera-26.4.23-"+state+".tsv"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	var s Status
	for lines := bufio.NewScanner(f); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), "\t")
		s.Set(name, value)
	}
	return s
}

func TestRealServersAreReadInEveryState(t *testing.T) {
	for name, want := range map[string]struct {
		status  string
		state   State
		primary bool
		galera  bool
		ready   Flag
		size    Num
		confID  Num
		seqno   Num
		members int
	}{
		"synced":          {Primary, StateSynced, true, true, On, N(3), N(3), N(15), 3},
		"desynced":        {Primary, StateDonor, true, true, On, N(3), N(3), N(15), 3},
		"nonprimary":      {NonPrimary, StateInitialized, false, true, Off, N(1), N(-1), N(17), 1},
		"nonprimary-peer": {NonPrimary, StateInitialized, false, true, Off, N(1), N(-1), N(17), 1},
		"evicted":         {Disconnected, StateInconsistent, false, true, Off, N(0), N(-1), N(-1), 0},
		"off":             {Disconnected, StateUnknown, false, true, Off, N(0), N(-1), Num{}, 0},
	} {
		s := capture(t, name)
		members, empty := s.Members()
		switch {
		case s.ClusterStatus != want.status, s.State() != want.state, s.InPrimary() != want.primary:
			t.Errorf("%s: %q, %v, primary %v", name, s.ClusterStatus, s.State(), s.InPrimary())
		case s.Galera() != want.galera, s.Ready != want.ready, s.ClusterSize != want.size, s.ConfID != want.confID:
			t.Errorf("%s: galera %v, ready %v, size %+v, conf_id %+v", name, s.Galera(), s.Ready, s.ClusterSize, s.ConfID)
		case s.LastCommitted != want.seqno:
			t.Errorf("%s: seqno %+v", name, s.LastCommitted)
		case len(members) != want.members || empty != 0:
			t.Errorf("%s: members %v, %d without address", name, members, empty)
		}
	}
}

func TestEveryStatusVariableFindsItsPlace(t *testing.T) {
	var blank Status
	full := capture(t, "synced")
	for _, v := range StatusVariables {
		one := blank
		one.Set(v.Name, "1")
		if one == blank {
			t.Errorf("%s has no place", v.Name)
		}
	}
	if full.Uptime.V == 0 || full.ReceivedBytes.V == 0 || full.GcommUUID == "" {
		t.Errorf("not read: %+v", full)
	}
}

func TestMembersLeaveOutTheArbitratorsEmptyAddress(t *testing.T) {
	for text, want := range map[string]struct {
		addresses []string
		empty     int
	}{
		"":                            {nil, 0},
		"10.0.0.1:3306":               {[]string{"10.0.0.1:3306"}, 0},
		"a:1,b:2,c:3,":                {[]string{"a:1", "b:2", "c:3"}, 1},
		",a:1,,b:2":                   {[]string{"a:1", "b:2"}, 2},
		"a:1,unspecified,AUTO":        {[]string{"a:1"}, 2},
		"[fd00::1]:3306, [fd00::2]:1": {[]string{"[fd00::1]:3306", "[fd00::2]:1"}, 0},
	} {
		s := Status{IncomingAddrs: text}
		if got, empty := s.Members(); !slices.Equal(got, want.addresses) || empty != want.empty {
			t.Errorf("%q names %v and %d without address", text, got, empty)
		}
	}
}

func TestAStateOutOfRangeIsUnknown(t *testing.T) {
	for _, n := range []Num{{}, N(-1), N(6), N(99)} {
		if s := (&Status{LocalState: n}).State(); s != StateUnknown {
			t.Errorf("%+v is %v", n, s)
		}
	}
}

func TestPXCSaysOfItselfThatItPausesInAnotherVariable(t *testing.T) {
	if !(&Status{FCStatus: On}).Pausing() || !(&Status{FCRequested: On}).Pausing() || (&Status{FCActive: On}).Pausing() {
		t.Error("active is true on every node while someone pauses; requested and status only on the one that does")
	}
}
