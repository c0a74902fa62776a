package host

import (
	"strings"
	"testing"

	"github.com/galeratop/galeratop/model"
)

func lines(t *testing.T, s *Service, op Operation) string {
	t.Helper()
	steps, err := s.Steps(op)
	if err != nil {
		return err.Error()
	}
	var out []string
	for _, step := range steps {
		if step.Limit <= 0 {
			t.Errorf("%s has no limit", op)
		}
		out = append(out, Line(step.Argv))
	}
	return strings.Join(out, "; ")
}

func TestCommandsFitTheFlavourAndTheInitSystem(t *testing.T) {
	maria, pxc, mysql := model.FlavourMariaDB, model.FlavourPXC, model.FlavourMySQL
	for _, c := range []struct {
		service Service
		op      Operation
		want    string
	}{
		{Service{Flavour: maria, Init: Systemd}, Start, "systemctl start mariadb"},
		{Service{Flavour: maria, Init: Systemd, Unit: "mysql"}, Stop, "systemctl stop mysql"},
		{Service{Flavour: maria, Init: Systemd}, Bootstrap, "galera_new_cluster"},
		{Service{Flavour: maria, Init: Systemd, Unit: "mysqld"}, Bootstrap, "galera_new_cluster mysqld"},
		{Service{Flavour: maria, Init: Systemd, Own: map[Operation][]string{Stop: {"halt-it"}}}, Restart, "halt-it; systemctl start mariadb"},
		{Service{Flavour: maria, Init: Systemd, Own: map[Operation][]string{Stop: {"halt-it"}, Restart: {"again"}}}, Restart, "again"},
		{Service{Flavour: maria, Init: Systemd}, Upgrade, "how to upgrade the server is not known; set upgrade under the cluster's service in config.toml"},
		{Service{Flavour: maria, Init: SysV}, Restart, "service mariadb restart"},
		{Service{Flavour: maria, Init: SysV}, Bootstrap, "service mariadb bootstrap"},
		{Service{Flavour: pxc, Init: Systemd}, Start, "systemctl start mysql"},
		{Service{Flavour: pxc, Init: Systemd}, Bootstrap, "systemctl start mysql@bootstrap.service"},
		{Service{Flavour: pxc, Init: Systemd, First: true}, Stop, "systemctl stop mysql@bootstrap.service"},
		{Service{Flavour: pxc, Init: Systemd, First: true}, Status, "systemctl is-active mysql@bootstrap.service"},
		{Service{Flavour: pxc, Init: Systemd, First: true}, Restart, "systemctl stop mysql@bootstrap.service; systemctl start mysql"},
		{Service{Flavour: pxc, Init: SysV}, Bootstrap, "service mysql bootstrap-pxc"},
		{Service{Flavour: mysql, Init: Systemd, Unit: "mysql"}, Bootstrap, "mysqld_bootstrap"},
		{Service{Flavour: mysql, Init: Systemd}, Status, "systemctl is-active mysqld"},
		{Service{Flavour: maria, Init: NoInit}, Start, "how to start the server is not known in a container; set start under the cluster's service in config.toml"},
		{Service{Init: Systemd}, Stop, "how to stop the server is not known before the server's flavour is; set stop under the cluster's service in config.toml"},
		{Service{Flavour: maria, Init: NoInit, Own: map[Operation][]string{Start: {"docker", "start", "{host}"}}}, Start, "docker start '{host}'"},
	} {
		if got := lines(t, &c.service, c.op); got != c.want {
			t.Errorf("%+v %s: %s, want %s", c.service, c.op, got, c.want)
		}
	}
}

func TestACommandThatNamesTheHostRunsHere(t *testing.T) {
	s := Service{Own: map[Operation][]string{Start: {"docker", "start", "{host}"}, Stop: {"systemctl", "stop", "mariadb"}}}
	for op, want := range map[Operation]string{Start: "docker start db1", Stop: "ssh db1 systemctl stop mariadb"} {
		steps, err := s.Steps(op)
		if err != nil {
			t.Fatal(err)
		}
		way, c, err := steps[0].Route(Way{Prefix: []string{"ssh", "{host}"}}, "db1")
		if err != nil {
			t.Fatal(err)
		}
		argv, err := way.Argv("db1", c)
		if err != nil || Line(argv) != want {
			t.Errorf("%q %v, want %s", argv, err, want)
		}
		if _, _, err := steps[0].Route(Way{Prefix: []string{"ssh", "{host}"}}, "-x"); op == Start && err == nil {
			t.Error("an option as a host is let through")
		}
	}
}

const systemctlShow = `[ "$1 $2" = "systemctl show" ] || exit 1
printf 'Id=mysql@bootstrap.service\nLoadState=loaded\nActiveState=%s\n\nId=mysqld.service\nLoadState=not-found\nActiveState=inactive\n\nId=mysql.service\nLoadState=loaded\nActiveState=inactive\n'
`

func host(t *testing.T, script string) Way {
	t.Helper()
	// Past the host's name, $* is the command as the login shell reads it.
	return imitation(t, "shift\neval \"set -- $*\"\n"+script)
}

func TestTheInitSystemAndTheUnitAreFound(t *testing.T) {
	const sysv = `case $1 in systemctl) echo "System has not been booted with systemd as init system (PID 1). Can't operate." >&2; exit 1;; ls) %s;; esac`
	for name, c := range map[string]struct {
		way     Way
		flavour model.Flavour
		init    Init
		unit    string
		first   bool
	}{
		"systemd":             {host(t, strings.Replace(systemctlShow, "%s", "inactive", 1)), model.FlavourPXC, Systemd, "mysql", false},
		"the first node":      {host(t, strings.Replace(systemctlShow, "%s", "active", 1)), model.FlavourPXC, Systemd, "mysql", true},
		"a unit of its own":   {host(t, strings.Replace(systemctlShow, "%s", "inactive", 1)), model.FlavourMySQL, Systemd, "mysql", false},
		"scripts":             {host(t, strings.Replace(sysv, "%s", "echo cron; echo mysql", 1)), model.FlavourMariaDB, SysV, "mysql", false},
		"a container":         {host(t, strings.Replace(sysv, "%s", "echo cron", 1)), model.FlavourMariaDB, NoInit, "", false},
		"without init.d":      {host(t, strings.Replace(sysv, "%s", "exit 2", 1)), model.FlavourMariaDB, NoInit, "", false},
		"without systemctl":   {host(t, `case $1 in systemctl) exit 127;; ls) exit 2;; esac`), model.FlavourMariaDB, NoInit, "", false},
		"first is only PXC's": {host(t, strings.Replace(systemctlShow, "%s", "active", 1)), model.FlavourMySQL, Systemd, "mysql", false},
	} {
		s, err := Detect(t.Context(), c.way, "db1", c.flavour, nil)
		if err != nil || s.Init != c.init || s.Unit != c.unit || s.First != c.first {
			t.Errorf("%s: %+v %v", name, s, err)
		}
	}
	if _, err := Detect(t.Context(), host(t, "echo 'Connection refused' >&2; exit 255"), "db1", model.FlavourMariaDB, nil); kindOf(err) != Reach {
		t.Errorf("%v", err)
	}
}

func TestTheStateOfAServiceIsAWord(t *testing.T) {
	s := &Service{Flavour: model.FlavourMariaDB, Init: Systemd}
	if word, err := s.Running(t.Context(), host(t, "echo activating; exit 3"), "db1"); word != "activating" || err != nil {
		t.Errorf("%q %v", word, err)
	}
	if word, err := s.Running(t.Context(), host(t, "echo 'Connection refused' >&2; exit 255"), "db1"); word != "" || kindOf(err) != Reach {
		t.Errorf("%q %v", word, err)
	}
}

func TestAFirstNodeIsStartedOnlyWhereNoServerRuns(t *testing.T) {
	mark := t.TempDir() + "/bootstrapped"
	s := &Service{Flavour: model.FlavourMariaDB, Init: Systemd}
	facts := Facts{Flavour: model.FlavourMariaDB, DataDir: "/data"}
	for name, c := range map[string]struct{ script, says string }{
		"it runs":           {`case "$*" in ps*) echo "1 Ss init"; echo "77 Ssl mariadbd";; "readlink /proc/77/cwd") echo /data;; galera_new*) touch ` + mark + `;; *) exit 1;; esac`, "the server is running, as process 77"},
		"hidden processes":  {`case "$*" in ps*) echo "77 Ss bash";; galera_new*) touch ` + mark + `;; *) exit 1;; esac`, "hidden"},
		"whose is unclear":  {`case "$*" in ps*) echo "1 Ss init"; echo "77 Ssl mariadbd";; galera_new*) touch ` + mark + `;; *) exit 1;; esac`, "on which data it runs cannot be read"},
		"a start that goes": {`case "$*" in ps*) echo "1 Ss init"; echo "77 Ssl mariadbd";; "readlink /proc/77/cwd") echo /;; galera_new*) touch ` + mark + `;; *) exit 2;; esac`, "on which data it runs cannot be read"},
	} {
		_, err := s.Do(t.Context(), host(t, c.script), "db1", Bootstrap, facts, nil)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if exists(mark) {
		t.Fatal("bootstrapped all the same")
	}
	stopped := host(t, `case "$*" in ps*) echo "1 Ss init"; echo "78 Z mariadbd";; galera_new*) echo founding; touch `+mark+`;; *) exit 1;; esac`)
	var said []string
	done, err := s.Do(t.Context(), stopped, "db1", Bootstrap, facts, func(l string) { said = append(said, l) })
	if err != nil || !exists(mark) || len(done) != 1 || !strings.HasSuffix(done[0].Line, "ssh db1 galera_new_cluster") || strings.Join(said, "") != "founding" {
		t.Errorf("%+v %q %v", done, said, err)
	}
}
