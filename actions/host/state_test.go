package host

import (
	"slices"
	"strings"
	"testing"
)

const (
	stopped = `# GALERA saved state
version: 2.1
uuid:    6d0a2a1e-e792-11f1-a0f5-824a4f6df442
seqno:   1204
safe_to_bootstrap: 1
`
	crashed = `# GALERA saved state
version: 2.1
uuid:    6d0a2a1e-e792-11f1-a0f5-824a4f6df442
seqno:   -1
safe_to_bootstrap: 0
`
	unborn = `# GALERA saved state
version: 2.1
uuid:    00000000-0000-0000-0000-000000000000
seqno:   -1
safe_to_bootstrap: 0
`
)

func TestGrastateTellsAStoppedNodeFromACrashedOneAndOneWithoutHistory(t *testing.T) {
	for name, c := range map[string]struct {
		text                 string
		history, exact, safe bool
	}{
		"stopped": {stopped, true, true, true}, "crashed": {crashed, true, false, false}, "unborn": {unborn, false, false, false},
	} {
		g, err := ParseGrastate(c.text)
		if err != nil || g.History() != c.history || g.Exact() != c.exact || g.SafeToBootstrap != c.safe {
			t.Errorf("%s: %+v %v", name, g, err)
		}
	}
}

func TestAFileThatIsNoGrastateIsRefused(t *testing.T) {
	for _, text := range []string{"", "hello", "# GALERA saved state\n", "# GALERA saved state\nuuid: x\n", strings.Replace(stopped, "1204", "12a", 1)} {
		if g, err := ParseGrastate(text); err == nil {
			t.Errorf("%q: %+v", text, g)
		}
	}
}

func TestGvwstateTellsWhoseViewItWas(t *testing.T) {
	const head = "my_uuid: 69f5c564-e792-11f1-b157-8f08d299cabd\n#vwbeg\nview_id: 3 69f5c564-e792-11f1-b157-8f08d299cabd 4\nbootstrap: 0\n"
	g, err := ParseGvwstate(head + "member: 69f5c564-e792-11f1-b157-8f08d299cabd 0\nmember: 6be20c1c-e792-11f1-9db6-f7c4c6809313 0\n#vwend\n")
	if err != nil || len(g.Members) != 2 || g.Alone() || g.ViewID != "3 69f5c564-e792-11f1-b157-8f08d299cabd 4" {
		t.Errorf("%+v %v", g, err)
	}
	g, err = ParseGvwstate(head + "member: 69f5c564-e792-11f1-b157-8f08d299cabd 0\n#vwend\n")
	if err != nil || !g.Alone() {
		t.Errorf("%+v %v", g, err)
	}
	if _, err := ParseGvwstate("my_uuid: x\n"); err == nil {
		t.Error("a file without members is read")
	}
}

func TestARecoveredPositionIsTheLastOneNamed(t *testing.T) {
	const uuid = "6d0a2a1e-e792-11f1-a0f5-824a4f6df442"
	for text, want := range map[string]int64{
		"2026-11-23 WSREP: Recovered position: " + uuid + ":77":                        77,
		"--wsrep_start_position=" + uuid + ":12\n":                                     12,
		"Recovered position: " + uuid + ":1\nRecovered position: " + uuid + ":9,0-1-2": 9,
	} {
		p, err := ParseRecovered(text)
		if err != nil || p.Seqno != want || p.UUID != uuid {
			t.Errorf("%q: %+v %v", text, p, err)
		}
	}
	for _, text := range []string{"", "WSREP: Skipping position recovery", "Recovered position: zz:1"} {
		if p, err := ParseRecovered(text); err == nil {
			t.Errorf("%q: %+v", text, p)
		}
	}
}

func TestDiskSpaceIsReadWhateverTheFileSystemIsCalled(t *testing.T) {
	for _, name := range []string{"/dev/sda1", "//nas/my share", "overlay"} {
		d, err := ParseDF("Filesystem     1024-blocks     Used Available Capacity Mounted on\n" + name + " 1000 400 600 40% /var/lib/mysql\n")
		if err != nil || d.Size != 1000<<10 || d.Free != 600<<10 {
			t.Errorf("%s: %+v %v", name, d, err)
		}
	}
	if _, err := ParseDF("df: /x: No such file or directory\n"); err == nil {
		t.Error("an error is read as space")
	}
}

func FuzzStateFilesNeverConfuse(f *testing.F) {
	for _, text := range []string{stopped, crashed, unborn, "my_uuid: a\nmember: a 0\n", "--wsrep_start_position=x:1", "a 1 2 3 4% /"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if g, err := ParseGrastate(text); err == nil && !uuidForm.MatchString(g.UUID) {
			t.Errorf("%+v", g)
		}
		if p, err := ParseRecovered(text); err == nil && !uuidForm.MatchString(p.UUID) {
			t.Errorf("%+v", p)
		}
		if d, err := ParseDF(text); err == nil && (d.Free < 0 || d.Size < 0) {
			t.Errorf("%+v", d)
		}
		_, _ = ParseGvwstate(text)
		for name := range ParseOptions(text) {
			if !slices.Contains(optionNames, name) {
				t.Errorf("%q is kept", name)
			}
		}
		list, _ := parseProcesses(text)
		for _, p := range list {
			if strings.Trim(p.pid, "0123456789") != "" || p.pid == "" {
				t.Errorf("%+v", p)
			}
		}
	})
}
