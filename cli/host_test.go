package cli

import (
	"strings"
	"testing"
)

func TestConfigCheckShowsWhatWouldBeRunForEachNode(t *testing.T) {
	toml := file(t, "config.toml", `[clusters.shop]
seeds = ["db1.shop", "10.0.0.12:3307"]
host_names = { "10.0.0.12" = "galera-1" }
host_command = ["ssh", "{host}", "sudo", "-n"]
[clusters.shop.service]
start = "docker start {host}"
stop = "service db 'now or never'"
[clusters.plain]
seeds = ["a"]
`)
	got := command(t, "config", "check", "--config", toml)
	if got.code != 0 {
		t.Fatalf("%+v", got)
	}
	for _, line := range []string{
		"shop:   read      on db1.shop: ssh db1.shop sudo -n cat /var/lib/mysql/grastate.dat\n",
		"shop:   start     on db1.shop: docker start db1.shop\n",
		"shop:   start     on galera-1: docker start galera-1\n",
		"shop:   bootstrap on galera-1: ssh galera-1 sudo -n galera_new_cluster\n",
		"shop:   restart   on galera-1: ssh galera-1 sudo -n service db ",
		"shop:   restart   on galera-1: docker start galera-1\n",
	} {
		if !strings.Contains(got.out, line) {
			t.Errorf("%s\nlacks %s", got.out, line)
		}
	}
	if strings.Contains(got.out, "plain:   ") {
		t.Errorf("commands for a cluster without a way: %s", got.out)
	}
}
