package model

import (
	"bytes"
	"cmp"
	"encoding/json"
	cmdline "flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var update = cmdline.Bool("update", false, "write testdata/findings.json anew")

// examples is one finding of every rule, out of all that the tests make them
// find: what the screen's tests explain, and what a person can read over.
var examples = filepath.Join("..", "testdata", "findings.json")

// TestMain listens to the rules while the tests run. When all of them ran, every
// rule must have found something, and the examples must be those in the file.
func TestMain(m *testing.M) {
	heard := listen()
	code := m.Run()
	if code == 0 && allRan() {
		if err := heard.check(); err != nil {
			fmt.Println(err)
			code = 1
		}
	}
	os.Exit(code)
}

func allRan() bool {
	for _, name := range []string{"test.run", "test.skip", "test.fuzz", "test.bench", "test.list"} {
		if f := cmdline.Lookup(name); f != nil && f.Value.String() != "" {
			return false
		}
	}
	return true
}

// listener keeps the finding of every rule whose JSON form sorts first, so that
// neither the order of tests nor of nodes decides.
type listener struct {
	mutex sync.Mutex
	found map[string]string
}

func listen() *listener {
	l := &listener{found: make(map[string]string)}
	for _, table := range [][]Rule{groupRules, flowRules, transferRules, configRules, loadRules} {
		for i := range table {
			find, rule := table[i].Find, &table[i]
			table[i].Find = func(v *View) []Finding {
				out := find(v)
				for _, f := range out {
					l.hear(rule, f)
				}
				return out
			}
		}
	}
	return l
}

func (l *listener) hear(rule *Rule, f Finding) {
	f.Rule, f.Since = rule.ID, time.Time{}
	f.Level = max(f.Level, LevelOK)
	if f.Level == LevelOK {
		f.Level = rule.Level
	}
	text, err := json.Marshal(f)
	if err != nil {
		panic(err)
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if old, ok := l.found[rule.ID]; !ok || string(text) < old {
		l.found[rule.ID] = string(text)
	}
}

func (l *listener) check() error {
	var all []json.RawMessage
	for _, r := range Rules() {
		text, ok := l.found[r.ID]
		if !ok {
			return fmt.Errorf("no test makes the rule %s find anything", r.ID)
		}
		all = append(all, json.RawMessage(text))
	}
	slices.SortFunc(all, func(a, b json.RawMessage) int { return cmp.Compare(ruleOf(a), ruleOf(b)) })
	text, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	if *update {
		return os.WriteFile(examples, text, 0o600)
	}
	old, err := os.ReadFile(examples)
	if err != nil {
		return err
	}
	if !bytes.Equal(old, text) {
		return fmt.Errorf("%s is not what the rules find now; go test ./model -update writes it: %s", examples, firstDifference(string(old), string(text)))
	}
	return nil
}

func ruleOf(text json.RawMessage) string {
	var f Finding
	_ = json.Unmarshal(text, &f)
	return f.Rule
}

func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return fmt.Sprintf("line %d: %q, now %q", i+1, x[i], y[i])
		}
	}
	return "one is longer"
}
