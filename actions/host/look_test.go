package host

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/galeratop/galeratop/model"
)

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// crashedHost answers as the host of a node whose server was killed during an SST.
const crashedHost = `case "$*" in
"my_print_defaults --mysqld") printf -- '--datadir=/data/\n--log-error=/var/log/db.err\n--wsrep_sst_auth=sst:hunter2\n--wsrep-cluster-address=gcomm://a,b\n--loose-wsrep_on=ON\n';;
"ls -1A /data") printf 'grastate.dat\nsst_in_progress\nmysql\n';;
"cat /data/grastate.dat") printf '# GALERA saved state\nversion: 2.1\nuuid:    6d0a2a1e-e792-11f1-a0f5-824a4f6df442\nseqno:   -1\nsafe_to_bootstrap: 0\n';;
"ps -A -o pid,stat,comm") printf '  PID STAT COMMAND\n    1 Ss   systemd\n   40 S garbd\n   41 S wsrep_sst_rsync\n   42 Z mariadbd\n';;
"cat /proc/40/cmdline") printf -- 'garbd\0--group\0shop\0--name=arb\0';;
"df -Pk /data") printf 'Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 1000 400 600 40%% /data\n';;
"tail -n 80 /var/log/db.err") printf 'one\ntwo \033[31m\n';;
"ls -1 /run") printf 'lock\n';;
"systemctl show-environment") printf 'LANG=C\n';;
*) echo "unexpected: $*" >&2; exit 1;;
esac`

func TestAHostTellsTheStateOfItsNode(t *testing.T) {
	s, err := Look(t.Context(), host(t, crashedHost), "db1", Facts{Flavour: model.FlavourMariaDB})
	if err != nil {
		t.Fatal(err)
	}
	for what, why := range map[string]string{
		"options": s.Options.Unknown, "data": s.DataDir.Unknown, "server": s.Server.Unknown, "garbd": s.Arbitrators.Unknown, "grastate": s.Grastate.Unknown,
		"gvwstate": s.Gvwstate.Unknown, "leftovers": s.Leftovers.Unknown, "disk": s.Disk.Unknown, "log": s.Log.Unknown, "founds": s.Founds.Unknown,
	} {
		if why != "" {
			t.Errorf("%s: %s", what, why)
		}
	}
	if t.Failed() {
		t.FailNow()
	}
	if s.DataDir.Value.Path != "/data" || s.Options.Value.Values["wsrep_cluster_address"] != "gcomm://a,b" || s.Options.Value.Values["wsrep_on"] != "ON" {
		t.Errorf("%+v %+v", s.DataDir, s.Options)
	}
	for _, value := range s.Options.Value.Values {
		if strings.Contains(value, "hunter2") {
			t.Error("a password is kept")
		}
	}
	if s.Server.Value.Running || !slices.Equal(s.Server.Value.Scripts, []string{"41"}) {
		t.Errorf("%+v", s.Server)
	}
	if !slices.Equal(s.Arbitrators.Value, []Arbitrator{{"40", "shop", "arb"}}) {
		t.Errorf("%+v", s.Arbitrators)
	}
	if g := s.Grastate.Value; g == nil || g.Exact() || !g.History() || g.SafeToBootstrap || s.Gvwstate.Value != nil {
		t.Errorf("%+v %+v", g, s.Gvwstate)
	}
	if !slices.Equal(s.Leftovers.Value, []string{"sst_in_progress"}) || s.Disk.Value.Free != 600<<10 || s.Founds.Value != "" {
		t.Errorf("%+v %+v %+v", s.Leftovers, s.Disk, s.Founds)
	}
	if l := s.Log.Value.Lines; len(l) != 2 || l[0] != "one" || strings.Contains(l[1], "\x1b") {
		t.Errorf("%q", l)
	}
}

func TestWhatCannotBeReadIsUnknownAndTheRestIsNot(t *testing.T) {
	for name, c := range map[string]struct {
		answer, instead string
		unknown         func(*State) string
		says            string
	}{
		"grastate.dat":   {`"cat /data/grastate.dat")`, "echo 'cat: /data/grastate.dat: Permission denied' >&2; exit 1", func(s *State) string { return s.Grastate.Unknown }, "Permission denied"},
		"a broken one":   {`"cat /data/grastate.dat")`, "echo junk", func(s *State) string { return s.Grastate.Unknown }, "not a grastate.dat"},
		"the directory":  {`"ls -1A /data")`, "echo 'ls: no' >&2; exit 2", func(s *State) string { return s.Gvwstate.Unknown }, "ls: no"},
		"no ps":          {`"ps -A -o pid,stat,comm")`, "exit 127", func(s *State) string { return s.Server.Unknown }, "ps -A -o pid,stat,comm does not exist"},
		"hidden":         {`"ps -A -o pid,stat,comm")`, "echo 300 S ps", func(s *State) string { return s.Server.Unknown }, "hidden"},
		"no space known": {`"df -Pk /data")`, "echo x", func(s *State) string { return s.Disk.Unknown }, "no line with sizes"},
		"the log":        {`"tail -n 80 /var/log/db.err")`, "exit 1", func(s *State) string { return s.Log.Unknown }, "tail -n 80"},
		"option files":   {`"my_print_defaults --mysqld")`, "echo 'a password is required' >&2; exit 1", func(s *State) string { return s.DataDir.Unknown }, "option files cannot be read"},
	} {
		s, err := Look(t.Context(), host(t, strings.Replace(crashedHost, c.answer, c.answer+" "+c.instead+";;\n"+c.answer, 1)), "db1", Facts{Flavour: model.FlavourMariaDB})
		if err != nil || !strings.Contains(c.unknown(s), c.says) {
			t.Errorf("%s: %q %v", name, c.unknown(s), err)
		}
		if len(s.Arbitrators.Value) != 1 && s.Arbitrators.Known() {
			t.Errorf("%s: %+v", name, s.Arbitrators)
		}
	}
}

func TestTwoDataDirectoriesAreNone(t *testing.T) {
	s, err := Look(t.Context(), host(t, crashedHost), "db1", Facts{Flavour: model.FlavourMariaDB, DataDir: "/other"})
	if err != nil || !strings.Contains(s.DataDir.Unknown, "the server last said /other, its option files say /data") || s.Grastate.Known() {
		t.Errorf("%+v %v", s.DataDir, err)
	}
}

func TestAHostOutOfReachIsAskedOnce(t *testing.T) {
	count := t.TempDir() + "/asked"
	s, err := Look(t.Context(), imitation(t, "echo x >>"+count+"; echo 'ssh: connect to host db1 port 22: No route to host' >&2; exit 255"), "db1", Facts{Flavour: model.FlavourMariaDB})
	if kindOf(err) != Reach || s.Server.Known() || s.Grastate.Known() || s.Founds.Known() || !strings.Contains(s.Disk.Unknown, "No route to host") {
		t.Errorf("%+v %v", s, err)
	}
	if asked, err := os.ReadFile(count); err != nil || string(asked) != "x\n" {
		t.Errorf("%q %v", asked, err)
	}
	if _, err := Look(t.Context(), Way{}, "db1", Facts{Flavour: model.FlavourMariaDB}); kindOf(err) != NoWay {
		t.Errorf("%v", err)
	}
}

func TestWhatWouldFoundAClusterAtTheNextStartIsTold(t *testing.T) {
	for says, c := range map[string][2]string{
		"empty gcomm":       {"gcomm://a,b", "gcomm://"},
		"galera_new":        {`'lock\n'`, `'mariadb-wsrep-new-cluster\n'`},
		"_WSREP_NEW":        {`'LANG=C\n'`, `'_WSREP_NEW_CLUSTER=--wsrep-new-cluster\n'`},
		"MYSQLD_OPTS":       {`'LANG=C\n'`, `'MYSQLD_OPTS=--wsrep-new-cluster\n'`},
		"wsrep_new_cluster": {"--loose-wsrep_on=ON", "--wsrep-new-cluster"},
	} {
		s, err := Look(t.Context(), host(t, strings.Replace(crashedHost, c[0], c[1], 1)), "db1", Facts{Flavour: model.FlavourMariaDB})
		if err != nil || !s.Founds.Known() || !strings.Contains(s.Founds.Value, says) {
			t.Errorf("%s: %+v %v", says, s.Founds, err)
		}
	}
}

func TestAnEnabledBootstrapUnitIsTold(t *testing.T) {
	for answer, want := range map[string]bool{"echo enabled": true, "echo disabled; exit 1": false, "exit 1": false} {
		script := strings.Replace(crashedHost, `"my_print_defaults --mysqld")`, `"systemctl is-enabled mysql@bootstrap.service") `+answer+";;\n"+`"my_print_defaults mysqld server")`, 1)
		s, err := Look(t.Context(), host(t, script), "db1", Facts{Flavour: model.FlavourPXC})
		if err != nil || !s.Founds.Known() || strings.Contains(s.Founds.Value, "is enabled") != want {
			t.Errorf("%s: %+v %v", answer, s.Founds, err)
		}
	}
}

func TestProcessesAreReadFromWhateverLists(t *testing.T) {
	for name, text := range map[string]string{
		"procps":  "    PID STAT COMMAND\n      1 Ss   mariadbd\n     20 Z    mariadbd <defunct>\n     21 R+   ps\n",
		"busybox": "PID   STAT COMMAND\n    1 S    mariadbd\n   21 R    ps\n",
		"proc":    "/proc/1/comm:mariadbd\n/proc/21/comm:find\n",
	} {
		list, whole := parseProcesses(text)
		if !whole || len(list) != 2 || list[0] != (process{"1", "mariadbd"}) {
			t.Errorf("%s: %+v %v", name, list, whole)
		}
	}
	if _, whole := parseProcesses("PID STAT COMMAND\n 300 S bash\n"); whole {
		t.Error("a part is taken for the whole")
	}
}

func TestOptionsAreReadFromBothPrinters(t *testing.T) {
	for text, want := range map[string]string{
		"--datadir=/a\n--datadir=/b c\n--socket=/s\n":                                                               "/b c",
		"mariadbd would have been started with the following arguments:\n--port=1 --datadir=/a --datadir=/b --x=y ": "/b",
		"--init-connect=set x -- --datadir=/evil\n--loose-datadir=/b\n":                                             "/b",
	} {
		if got := ParseOptions(text)["datadir"]; got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
	got := ParseOptions("--wsrep-on\n--skip-wsrep-new-cluster\n--password=x\n--wsrep_sst_auth=a:b\n")
	if got["wsrep_on"] != "1" || got["wsrep_new_cluster"] != "0" || len(got) != 2 {
		t.Errorf("%q", got)
	}
}

func TestAPositionIsRecoveredByTheFirstProgramThatExists(t *testing.T) {
	const uuid = "6d0a2a1e-e792-11f1-a0f5-824a4f6df442"
	const none = `"ps "*) echo 1 S init;; "my_print"*) exit 1;; `
	for name, c := range map[string]struct {
		facts  Facts
		script string
		seqno  int64
		says   string
	}{
		"the script":        {Facts{Flavour: model.FlavourMariaDB}, none + `"galera_recovery") echo --wsrep_start_position=` + uuid + `:9;;`, 9, ""},
		"the server":        {Facts{Flavour: model.FlavourMariaDB, User: "my"}, none + `galera_recovery*) exit 127;; "mariadbd --user=my --wsrep-recover --disable-log-error") echo "WSREP: Recovered position: ` + uuid + `:8" >&2;;`, 8, ""},
		"PXC":               {Facts{Flavour: model.FlavourPXC}, none + `"mysql-systemd galera-recovery") echo --wsrep_start_position=` + uuid + `:7;;`, 7, ""},
		"PXC, its own file": {Facts{Flavour: model.FlavourPXC, DefaultsFile: "/x.cnf"}, none + `"mysqld --defaults-file=/x.cnf --user=mysql --wsrep-recover --log-error-verbosity=3 --disable-log-error") echo "[WSREP] Recovered position: ` + uuid + `:6";;`, 6, ""},
		"never to eval":     {Facts{Flavour: model.FlavourMariaDB, DefaultsFile: "/x;reboot"}, none + `galera_recovery*) exit 9;; "mariadbd --defaults-file=/x;reboot"*) echo "Recovered position: ` + uuid + `:5";;`, 5, ""},
		"without wsrep_on":  {Facts{Flavour: model.FlavourMariaDB}, none + `galera_recovery) echo;;`, -1, "without wsrep_on"},
		"it fails":          {Facts{Flavour: model.FlavourMariaDB}, none + `galera_recovery) echo corrupt >&2; exit 1;;`, -1, "corrupt"},
		"nobody can":        {Facts{Flavour: model.FlavourMariaDB}, none + `galera_recovery|mariadbd*) exit 127;;`, -1, "mariadbd"},
		"which server":      {Facts{}, none, -1, "not known"},
		"it runs":           {Facts{Flavour: model.FlavourMariaDB, DataDir: "/d"}, `"ps "*) echo 1 S init; echo 7 S mysqld;; "readlink /proc/7/cwd") echo /d;; "my_print"*) ;;`, -1, "is running, as process 7"},
	} {
		p, err := Recover(t.Context(), host(t, `case "$*" in `+c.script+` *) echo "unexpected $*" >&2; exit 5;; esac`), "db1", c.facts, nil)
		if p.Seqno != c.seqno || (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v %v", name, p, err)
		}
	}
}
