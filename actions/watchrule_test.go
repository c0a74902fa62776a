package actions

import (
	"strings"
	"testing"
	"time"

	"github.com/galeratop/galeratop/model"
)

func TestAWatchRuleIsReadAsItIsTyped(t *testing.T) {
	for text, want := range map[string]WatchRule{
		"kill query after 60 s where user:report":            {Kind: KillQuery, After: time.Minute},
		"KILL Connection After 5min Where db:shop time>60":   {Kind: KillConnection, After: 5 * time.Minute},
		"  kill   query  after 1 hour where  user:a node:db": {Kind: KillQuery, After: time.Hour},
		"kill query after 1s where report":                   {Kind: KillQuery, After: time.Second},
		"kill query after 24 h where user:x":                 {Kind: KillQuery, After: 24 * time.Hour},
	} {
		r, err := ParseWatchRule(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if r.Kind != want.Kind || r.After != want.After {
			t.Errorf("%s: read as %v after %v", text, r.Kind, r.After)
		}
		again, err := ParseWatchRule(r.Text)
		if err != nil || again.Text != r.Text {
			t.Errorf("%s: its text %q reads as %+v, %v", text, r.Text, again, err)
		}
	}
}

func TestAWatchRuleThatDoesNotParseSaysWhatAndWhere(t *testing.T) {
	for text, want := range map[string]string{
		"":                                     "character 1: kill must follow",
		"drop query":                           `character 1: "drop" stands where kill must`,
		"kill":                                 "character 5: query or connection must follow",
		"kill all after 60 s where user:x":     `character 6: "all" stands where query or connection must`,
		"kill query where user:x":              `character 12: "where" stands where after must`,
		"kill query after soon where user:x":   `character 18: "soon" is no duration`,
		"kill query after -5 s where user:x":   `character 18: "-5" is no duration`,
		"kill query after 60 where user:x":     `character 21: "where" is no unit`,
		"kill query after 60 days where x":     `character 21: "days" is no unit`,
		"kill query after 0 s where user:x":    "character 18: 0 s is out of range",
		"kill query after 25 h where user:x":   "character 18: 25 h is out of range",
		"kill query after 99999999999 s":       "character 18",
		"kill query after 60 s":                "character 22: where must follow",
		"kill query after 60 s if user:x":      `character 23: "if" stands where where must`,
		"kill query after 60 s where":          "character 28: terms must follow",
		"kill query after 60 s where   ":       "terms must follow",
		"kill query after 60 s where time>abc": "character 3",
		"kill query after 60 s where user:(":   "character 3",
	} {
		if r, err := ParseWatchRule(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, %v, not %s", text, r, err, want)
		}
	}
}

func FuzzAWatchRuleEitherReadsBackOrSaysWhere(f *testing.F) {
	f.Add(WatchExample)
	f.Add("kill connection after 5min where !user:app time>\x1b[2J")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseWatchRule(text)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "character ") {
				t.Errorf("%q: %v says no place", text, err)
			}
			return
		}
		if r.After < leastAfter || r.After > mostAfter || model.Printable(r.Text, 0) != r.Text {
			t.Errorf("%q: read as %+v", text, r)
		}
	})
}
