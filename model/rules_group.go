package model

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// groupRules are about who is a member of what: the worst first.
var groupRules = slices.Concat(splitRules, primaryRules, memberRules, quorumRules, linkRules)

// silence is how long a node may be gone before it counts as more than a restart.
const silence = time.Minute

// named writes nodes for a sentence, in the order in which people count them:
// "db1, db2 and db3".
func (v *View) named(ids []string) string { return sentence(v.sortedNames(ids)) }

func (v *View) sortedNames(ids []string) []string {
	names := v.Names(ids)
	slices.SortFunc(names, CompareNatural)
	return names
}

func sentence(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// agree picks the form of a verb for so many subjects.
func agree(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// sole is the only Primary Component that answers, nil when there is none or more
// than one.
func (s *Snapshot) sole() *Component {
	var found *Component
	for i := range s.Components {
		if c := &s.Components[i]; c.Primary {
			if found != nil {
				return nil
			}
			found = c
		}
	}
	return found
}

// anyPrimary reports whether a Primary Component answers.
func (v *View) anyPrimary() bool {
	return slices.ContainsFunc(v.Components, func(c Component) bool { return c.Primary })
}

// nodesOf are the nodes with the IDs, by name.
func (v *View) nodesOf(ids []string) []*Node {
	out := make([]*Node, 0, len(ids))
	for _, id := range ids {
		if n := v.Node(id); n != nil {
			out = append(out, n)
		}
	}
	slices.SortFunc(out, func(a, b *Node) int {
		if c := CompareNatural(a.Name, b.Name); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out
}

// nodesWhere are the IDs of the nodes that meet a condition, by name.
func (v *View) nodesWhere(is func(*Node) bool) []string {
	var ids []string
	for _, n := range v.Nodes {
		if is(n) {
			ids = append(ids, n.ID)
		}
	}
	nodes := v.nodesOf(ids)
	for i, n := range nodes {
		ids[i] = n.ID
	}
	return ids
}

// said is what a node said of a status variable, as evidence.
func said(n *Node, variable, value string) Evidence { return Evidence{n.Name, variable, value} }

// decimal writes a whole number.
func decimal(n int64) string { return strconv.FormatInt(n, 10) }

// setting is a global variable of the node, "" when it was not read.
func (n *Node) setting(name string) string {
	if n.Sample == nil || n.Sample.Slow.Variables == nil {
		return ""
	}
	return n.Sample.Slow.Variables.Values[name]
}
