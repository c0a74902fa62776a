package config

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// serverGroups are what my_print_defaults reads for a server.
var serverGroups = []string{"mysqld", "server", "mariadb", "mariadbd", "galera"}

// optionTree writes option files that include one another, with groups and options
// in an order that the seed decides, and returns the first of them.
func optionTree(t *testing.T, seed1, seed2 uint64) string {
	t.Helper()
	random := rand.New(rand.NewPCG(seed1, seed2))
	dir := t.TempDir()
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.Mkdir(filepath.Join(dir, "conf.d"), 0o700))
	files := []string{"my.cnf", "a.cnf", "b.cnf", "conf.d/10.cnf", "conf.d/90.cnf", "conf.d/50.cnf", "conf.d/not-read.txt"}
	groups := append([]string{"client", "mysqldump", "sst", "MariaDB"}, serverGroups...)
	values := []string{
		"gcomm://", "gcomm://db1,db2", `"gcomm://db1, db2"`, `'a # b'`, "64M", `"gcache.size=1G;pc.weight=2"`, `x\ty`, "", `"`, "a=b", "1 # comment",
	}
	keys := []string{"wsrep_cluster_address", "wsrep-cluster-address", "wsrep_on", "skip-name-resolve", "port", "loose-x", "wsrep_provider_options"}
	pick := func(list []string) string { return list[random.IntN(len(list))] }
	for i, name := range files {
		var b strings.Builder
		fmt.Fprintf(&b, "[%s]\n", pick(groups))
		for range random.IntN(12) {
			switch random.IntN(6) {
			case 0:
				fmt.Fprintf(&b, "[%s]\n", pick(groups))
			case 1:
				fmt.Fprintf(&b, "%s\n", pick(keys))
			case 2:
				// Only forward, so that nothing includes itself.
				if i < 2 {
					fmt.Fprintf(&b, "!include %s\n", filepath.Join(dir, files[i+1]))
				} else if i == 2 {
					fmt.Fprintf(&b, "!includedir %s\n", filepath.Join(dir, "conf.d"))
				}
			default:
				fmt.Fprintf(&b, "%s%s=%s%s\n", strings.Repeat(" ", random.IntN(2)), pick(keys), strings.Repeat(" ", random.IntN(2)), pick(values))
			}
		}
		must(os.WriteFile(filepath.Join(dir, name), []byte(b.String()), 0o600))
	}
	return filepath.Join(dir, "my.cnf")
}

// FuzzOptionTree compares what is read of a server's option files, over groups,
// includes and their order, with what the server's own my_print_defaults reads.
func FuzzOptionTree(f *testing.F) {
	tool, err := exec.LookPath("my_print_defaults")
	if err != nil {
		f.Skip("my_print_defaults is not installed")
	}
	for seed := range uint64(80) {
		f.Add(seed, seed*7919)
	}
	f.Fuzz(func(t *testing.T, seed1, seed2 uint64) {
		path := optionTree(t, seed1, seed2)
		theirs, theirErr := exec.CommandContext(t.Context(), tool, append([]string{"--defaults-file=" + path}, serverGroups...)...).Output()
		var r fileReader
		err := r.readRequired("--defaults-file", path)
		if (err != nil) != (theirErr != nil) {
			t.Fatalf("our error: %v; theirs: %v", err, theirErr)
		}
		if ours := printed(r.lines, serverGroups...); err == nil && ours != string(theirs) {
			t.Errorf("ours:\n%s\ntheirs:\n%s", ours, theirs)
		}
	})
}
