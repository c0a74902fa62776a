package preflight

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestTheDocumentationListsEveryVerdictAndCode(t *testing.T) {
	text, err := os.ReadFile("../../docs/preflight.md")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, k := range Kinds {
		want = append(want, fmt.Sprintf("| %s | %d | %s |\n", k.Kind, k.Code, k.Meaning))
	}
	for _, c := range Codes {
		want = append(want, fmt.Sprintf("| %d | %s |\n", c.Code, c.Meaning))
	}
	for _, line := range want {
		if !strings.Contains(string(text), line) {
			t.Errorf("missing: %s", line)
		}
	}
}
