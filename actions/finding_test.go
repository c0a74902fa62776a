package actions

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/galeratop/galeratop/model"
)

// TestEveryActionThatAFindingNamesExistsAndIsAboutANodeInItsEvidence goes through
// one finding of every rule.
func TestEveryActionThatAFindingNamesExistsAndIsAboutANodeInItsEvidence(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "testdata", "findings.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []model.Finding
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, f := range all {
		if f.Action == "" {
			continue
		}
		named++
		if actionOf(f.Action) == nil {
			t.Errorf("%s names %q, which is no action", f.Rule, f.Action)
		}
		if kills := strings.HasPrefix(f.Action, "kill"); kills != (f.Thread != 0) {
			t.Errorf("%s: %s of thread %d", f.Rule, f.Action, f.Thread)
		}
		if len(f.Nodes) == 0 {
			t.Errorf("%s: %s of no node", f.Rule, f.Action)
			continue
		}
		// IDs are addresses there, and names their first part.
		node, _, _ := strings.Cut(f.Nodes[0], ":")
		if f.About != "" {
			node, _, _ = strings.Cut(f.About, ":")
		}
		if !slices.ContainsFunc(f.Evidence, func(e model.Evidence) bool { return e.Node == node }) {
			t.Errorf("%s: %s of %s, which its evidence does not name", f.Rule, f.Action, node)
		}
	}
	if named == 0 {
		t.Error("no finding names an action")
	}
}
