package model

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// ConfigMatrix is the settings of all nodes side by side.
type ConfigMatrix struct {
	Nodes []*Node // the columns, in the order of the snapshot
	Rows  []ConfigRow
}

// ConfigRow is one variable, or one option of the provider (those have a dot in
// their name), on all nodes.
type ConfigRow struct {
	Name  string
	Class ConfigClass
	Cells []ConfigCell // as Nodes
	// Differs says that the values of members of the same component do not all mean
	// the same.
	Differs bool
	// Wrong is why the values must not be as they are; "" when they may.
	Wrong string
	// Findings are the findings about this setting, the worst first.
	Findings []*Finding
	// Usual says that all nodes have what was compiled in, as far as that is known.
	Usual bool
}

// ConfigCell is the value of a setting on one node.
type ConfigCell struct {
	Assignment
	Known bool // read from the server that runs now
	// Odd says that most other nodes have another value.
	Odd bool
}

// Level is how bad the row is.
func (r *ConfigRow) Level() Level {
	level := LevelOK
	if r.Wrong != "" {
		level = LevelNotice
	}
	for _, f := range r.Findings {
		level = max(level, f.Level)
	}
	return level
}

// Notable reports whether the row has to be seen by somebody who did not ask for
// it: a difference that does not lie in the nature of the setting, or a danger.
func (r *ConfigRow) Notable() bool {
	return r.Wrong != "" || len(r.Findings) > 0 || r.Differs && r.Class != ConfigLocal && r.Class != ConfigOwn
}

// Matrix puts the settings of all nodes side by side, those that are wrong or
// dangerous first, then by name.
func Matrix(s *Snapshot) ConfigMatrix {
	m := ConfigMatrix{Nodes: s.Nodes}
	names := make(map[string]bool, 800)
	columns := make([]map[string]Assignment, len(s.Nodes))
	for i, n := range s.Nodes {
		columns[i] = assignments(n)
		for name := range columns[i] {
			names[name] = true
		}
	}
	about := findingsBySetting(s)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		row := ConfigRow{Name: name, Cells: make([]ConfigCell, len(columns)), Findings: about[name]}
		for i := range columns {
			row.Cells[i].Assignment, row.Cells[i].Known = get(columns[i], name)
		}
		row.judge(s.Nodes)
		m.Rows = append(m.Rows, row)
	}
	slices.SortStableFunc(m.Rows, func(a, b ConfigRow) int { return cmp.Compare(b.Level(), a.Level()) })
	return m
}

func get(from map[string]Assignment, name string) (Assignment, bool) {
	a, ok := from[name]
	return a, ok
}

// assignments are a node's settings with the provider's options taken apart; what
// was read before the server's last restart says nothing about it now.
func assignments(n *Node) map[string]Assignment {
	if n.Sample == nil {
		return nil
	}
	var out map[string]Assignment
	slow := &n.Sample.Slow
	switch {
	case slow.Settings != nil && len(slow.Settings.Rows) > 0 && !slow.Settings.At.Before(n.Restart):
		out = maps.Clone(slow.Settings.Rows)
	case slow.Variables != nil && !slow.Variables.At.Before(n.Restart):
		out = make(map[string]Assignment, len(slow.Variables.Values))
		for name, value := range slow.Variables.Values {
			out[name] = Assignment{Value: value}
		}
	default:
		return nil
	}
	whole, ok := out["wsrep_provider_options"]
	if ok {
		delete(out, "wsrep_provider_options")
		for name, value := range ProviderOptions(whole.Value) {
			// Which of the options was set where is not told, only of all together.
			name = strings.ToLower(name)
			out[name] = Assignment{Value: value, Default: providerDefaults[name]}
		}
	}
	return out
}

// findingsBySetting are the snapshot's findings by the setting that they are
// about.
func findingsBySetting(s *Snapshot) map[string][]*Finding {
	out := make(map[string][]*Finding)
	for i := range s.Findings {
		f := &s.Findings[i]
		if !configRule[f.Rule] {
			continue
		}
		seen := make(map[string]bool, 2)
		for _, e := range f.Evidence {
			if name := strings.ToLower(e.Variable); !seen[name] {
				seen[name] = true
				out[name] = append(out[name], f)
			}
		}
	}
	return out
}

// configRule are the rules about settings.
var configRule = func() map[string]bool {
	out := make(map[string]bool, len(configRules))
	for i := range configRules {
		out[configRules[i].ID] = true
	}
	return out
}()

// automatic values leave it to the server, which finds one of its own.
var automatic = map[string]bool{"": true, "AUTO": true}

// judge compares the values.
func (r *ConfigRow) judge(nodes []*Node) {
	class, why := ClassOf(r.Name)
	r.Class = class
	count := make(map[string]int, 2)
	r.Usual = true
	for i := range r.Cells {
		c := &r.Cells[i]
		if !c.Known {
			continue
		}
		r.Usual = r.Usual && c.usual(r.Name)
		if nodes[i].Status().InPrimary() && (class != ConfigOwn || !automatic[c.Value]) {
			count[meaning(r.Name, c.Value)]++
		}
	}
	r.Differs = len(count) > 1
	switch most := mostOf(count); {
	case class == ConfigEqual && r.Differs:
		r.Wrong = why
	case class == ConfigOwn && most > 1:
		r.Wrong = why
	}
	if r.Differs && class != ConfigOwn && class != ConfigLocal {
		r.markOdd(nodes, count)
	}
}

func mostOf(count map[string]int) int {
	most := 0
	for _, n := range count {
		most = max(most, n)
	}
	return most
}

// markOdd marks the values of the minority; with a tie all are odd.
func (r *ConfigRow) markOdd(nodes []*Node, count map[string]int) {
	most, tie := mostOf(count), 0
	for _, n := range count {
		if n == most {
			tie++
		}
	}
	for i := range r.Cells {
		c := &r.Cells[i]
		n, in := count[meaning(r.Name, c.Value)]
		c.Odd = c.Known && nodes[i].Status().InPrimary() && in && (n < most || tie > 1)
	}
}

// usual reports whether a value is what was compiled in.
func (c *ConfigCell) usual(name string) bool {
	if c.Origin == OriginCompiled || c.Origin == OriginAuto {
		return true
	}
	standard, known := providerDefaults[name]
	return known && SameMeaning(name, standard, c.Value) || c.Default != "" && SameMeaning(name, c.Default, c.Value)
}

// Summary says who has which value, the most common first: "db1 and db2 have 16,
// db3 has 200".
func (r *ConfigRow) Summary(nodes []*Node) string {
	values, order := make(map[string][]*Node, 2), make([]string, 0, 2)
	first := make(map[string]string, 2) // of a meaning, as the first node writes it
	for i := range r.Cells {
		c := &r.Cells[i]
		if !c.Known {
			continue
		}
		m := meaning(r.Name, c.Value)
		if _, ok := first[m]; !ok {
			first[m] = quotedEmpty(c.Value)
			order = append(order, first[m])
		}
		values[first[m]] = append(values[first[m]], nodes[i])
	}
	slices.SortStableFunc(order, func(a, b string) int { return len(values[b]) - len(values[a]) })
	return odds(values, order)
}
