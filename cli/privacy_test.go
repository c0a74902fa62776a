package cli

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql" // to be a client of the simulated cluster

	"github.com/galeratop/galeratop/demo"
)

// literal marks a client's statement.
const literal = "740119283"

// gossiping is a simulated cluster with a client that runs a marked statement for as
// long as the test lasts.
func gossiping(t *testing.T) *demo.Cluster {
	t.Helper()
	sim, err := demo.Start(t.Context(), demo.Options{Threads: 6, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	db, err := sql.Open("mysql", sim.DSN(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	ctx := t.Context()
	go func() { _, _ = db.ExecContext(ctx, "SELECT SLEEP("+literal+")") }()
	return sim
}

func TestNothingThatIsWrittenInPrivateNamesALiteralOrAClient(t *testing.T) {
	sim := gossiping(t)
	at := []string{"-u", sim.User(), "--password=" + sim.Password(), sim.Addresses()[0]}
	open := command(t, append([]string{"record", "--for", "4s"}, at...)...)
	for _, text := range []string{literal, `"user":"shop_app"`, `"host":"10.4.`} {
		if !strings.Contains(open.out, text) {
			t.Fatalf("without privacy %s is not recorded either: nothing is tested", text)
		}
	}
	for _, args := range [][]string{
		{"record", "--privacy", "--for", "4s"},
		{"check", "--privacy"},
		{"check", "--privacy", "--format", "nagios"},
		{"check", "--privacy", "--format", "json"},
	} {
		begin := time.Now()
		got := command(t, append(args, at...)...)
		if got.out == "" || got.code == exitUnknown {
			t.Errorf("%v printed %q, %q, exit %d after %v", args, got.out, got.err, got.code, time.Since(begin))
		}
		for _, mark := range []string{literal, "shop_app", `"host":"10.4.`} {
			if strings.Contains(got.out+got.err, mark) {
				t.Errorf("%v prints %s", args, mark)
			}
		}
	}
}
