package ui

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/galeratop/galeratop/model"
)

// TestEveryFindingIsExplainedOnOneScreen draws the explanation of one finding of
// every rule, as the tests of the rules found it, on a small terminal.
func TestEveryFindingIsExplainedOnOneScreen(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "testdata", "findings.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []model.Finding
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if want := len(model.Rules()); len(all) != want {
		t.Fatalf("%d findings for %d rules", len(all), want)
	}
	for _, f := range all {
		t.Run(f.Rule, func(t *testing.T) {
			f.Since = noon.Add(3 * time.Second)
			w := cluster(3)
			w.tell = func(s *model.Snapshot) {
				s.Findings = []model.Finding{f}
				s.Headline = model.Headline{Level: f.Level, Text: f.Title}
			}
			watch(t, w, Options{NoColor: true}, 80, 24, func(s *screen) {
				s.Tick(10).Press("v").Golden("finding-"+f.Rule, false)
			})
		})
	}
}
