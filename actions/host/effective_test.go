package host

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/galeratop/galeratop/internal/lab/cluster"
	"github.com/galeratop/galeratop/model"
)

const printedByHelp = `mariadbd  Ver 10.11
  --wsrep-cluster-address=name
                      Address to initially connect to cluster

Variables (--variable-name=value)
and boolean options {FALSE|TRUE}                             Value (after reading options)
------------------------------------------------------------ -------------
port                                                         13306
wsrep-cluster-address                                        gcomm://a, b
wsrep-new-cluster                                            FALSE
wsrep-provider-options                                       gcache.size=16M;pc.recovery=true
wsrep-sst-auth                                               root:secret
wsrep-sst-donor                                              (No default value)

To see what variables a running MySQL server is using, type
wsrep-cluster-name                                           not a row of the table
`

func TestTheServersTableOfOptionsIsRead(t *testing.T) {
	got := parseEffective(printedByHelp)
	want := map[string]string{
		"port": "13306", "wsrep_cluster_address": "gcomm://a, b", "wsrep_new_cluster": "FALSE",
		"wsrep_provider_options": "gcache.size=16M;pc.recovery=true", "wsrep_sst_donor": "",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, not %v", got, want)
	}
}

func TestTheServersFaultsAreItsErrors(t *testing.T) {
	for text, want := range map[string][]string{
		"2026-11-24  2:49:47 0 [Note] Using unique option prefix\n2026-11-24  2:49:47 0 [ERROR] mariadbd: unknown variable 'x=3'\n2026-11-24  2:49:47 0 [ERROR] Aborting\n": {"mariadbd: unknown variable 'x=3'"},
		"Could not open required defaults file: /x.cnf\nFatal error in defaults handling. Program aborted\n":                                                                {"Could not open required defaults file: /x.cnf"},
		"2026-11-24  2:49:47 0 [Warning] Could not increase number of max_open_files\n":                                                                                     nil,
		"\x1b[31m[ERROR] red\n": {"red"},
	} {
		if got := faults(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// The server's own table and my_print_defaults read the same files alike: both are
// relied on.
func TestTheServerReadsItsFilesAsItsPrinterDoes(t *testing.T) {
	if missing := cluster.Missing(); missing != nil {
		if os.Getenv("GALERATOP_LAB") != "" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	if testing.Short() {
		t.Skip("it starts programs")
	}
	random := rand.New(rand.NewPCG(3, 4))
	for range 12 {
		facts := Facts{Flavour: model.FlavourMariaDB, DefaultsFile: randomFiles(t, random)}
		effective := ReadEffective(t.Context(), local, "", facts)
		if !effective.Known() || effective.Value.Faults != nil {
			t.Fatalf("%+v", effective)
		}
		text, err := exec.CommandContext(t.Context(), "my_print_defaults", "--defaults-file="+facts.DefaultsFile, "--mysqld").Output()
		if err != nil {
			t.Fatal(err)
		}
		printed := ParseOptions(string(text))
		for _, name := range []string{"wsrep_cluster_address", "wsrep_cluster_name", "wsrep_node_name"} {
			if want, set := printed[name]; set && effective.Value.Values[name] != want {
				t.Errorf("%s is %q for the server, %q for its printer:\n%s", name, effective.Value.Values[name], want, text)
			}
		}
	}
}

// randomFiles writes option files that the server takes.
func randomFiles(t *testing.T, random *rand.Rand) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, more ...string) string {
		var b strings.Builder
		for range 1 + random.IntN(3) {
			fmt.Fprintf(&b, "[%s]\n", []string{"mysqld", "mariadb", "server", "client", "galera", "mariadbd"}[random.IntN(6)])
			for range random.IntN(4) {
				key := []string{"wsrep_cluster_address", "wsrep-cluster-address", "loose-wsrep_cluster_name", "wsrep_node_name"}[random.IntN(4)]
				fmt.Fprintf(&b, "%s=%s\n", key, []string{"gcomm://", "gcomm://a,b", `"x # y"`, "z # comment"}[random.IntN(4)])
			}
			if len(more) > 0 {
				fmt.Fprintln(&b, more[0])
				more = more[1:]
			}
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("my.cnf", "!include "+write("other.cnf"))
}
