package host

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/galeratop/galeratop/model"
)

func TestTheServersOwnReaderReadsBackTheLinesThatMakeSettingsLast(t *testing.T) {
	reader, err := exec.LookPath("my_print_defaults")
	if err != nil {
		if os.Getenv("GALERATOP_LAB") != "" {
			t.Fatal("my_print_defaults is not installed, and GALERATOP_LAB is set")
		}
		t.Skip("my_print_defaults is not installed")
	}
	values := []string{
		"", "ON", "200", "a b", " led and trailed ", "#", "a#b", "it's", `"`, `'"'`, `'quoted'`, `"quoted"`, `\`, `\n`, `a\`, `\"`, `'#"`, "gcache.size=1G; gcs.fc_limit=100", ";",
		"größe", "=", "[mysqld]", "!include /etc/x",
	}
	random, letters := rand.New(rand.NewPCG(1, 2)), []rune(`ab #'"\;=[]!-é`)
	for range 500 {
		var b strings.Builder
		for range random.IntN(12) {
			b.WriteRune(letters[random.IntN(len(letters))])
		}
		values = append(values, b.String())
	}
	var file strings.Builder
	for i, value := range values {
		fmt.Fprintln(&file, strings.Join(model.LastingOf(fmt.Sprintf("name_%d", i), value, nil).OptionFile, "\n"))
	}
	path := filepath.Join(t.TempDir(), "my.cnf")
	if err := os.WriteFile(path, []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), reader, "--defaults-file="+path, "mysqld").Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(out), "\n")
	for i, value := range values {
		if want := fmt.Sprintf("--name_%d=%s", i, value); i >= len(lines) || lines[i] != want {
			t.Errorf("%q was written as %s and read as %q", value, model.OptionFileValue(value), lines[min(i, len(lines)-1)])
		}
	}
}
