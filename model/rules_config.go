package model

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

var configRules = slices.Concat(
	[]Rule{{
		ID: "desync-left", Level: LevelNotice, Confirm: 2, Clear: 2,
		Source: "documentation of wsrep_desync", Find: desyncLeft,
	}},
	settingRules(),
	[]Rule{
		{
			ID: "settings-differ", Level: LevelNotice, Confirm: 3, Clear: 2,
			Source: "documentation of the variables", Find: differing,
		},
		{
			ID: "versions-differ", Level: LevelNotice, Confirm: 3, Clear: 2,
			Source: "PXC 8.0.41 release notes: GCS protocol 5", Find: versionsDiffer,
		},
	},
)

// variable is a global variable of a node; ok is false where it was not read or
// the server has none of that name.
func variable(n *Node, name string) (value string, ok bool) {
	if n == nil || n.Sample == nil || n.Sample.Slow.Variables == nil {
		return "", false
	}
	value, ok = n.Sample.Slow.Variables.Values[name]
	return strings.TrimSpace(value), ok
}

// providerOption is one of a node's provider options. With the provider plugin
// (MariaDB 11) each is a variable of its own, and wsrep_provider_options stays as
// it was when the server started.
func providerOption(n *Node, name string) (value string, ok bool) {
	if _, plugin := variable(n, "wsrep_provider_pc_bootstrap"); plugin {
		return variable(n, PluginVariable(name))
	}
	v, _ := variable(n, "wsrep_provider_options")
	return ProviderOption(v, name)
}

// running is a variable of a node, or an option of its provider (those have a dot
// in their name), as it is now: not one that was read before a restart.
func running(n *Node, name string) (value string, ok bool) {
	if !n.Up() || n.Sample.Slow.Variables == nil || n.Sample.Slow.Variables.At.Before(n.Restart) {
		return "", false
	}
	if strings.Contains(name, ".") {
		return providerOption(n, name)
	}
	return variable(n, name)
}

// setting is a variable whose value on a running node is dangerous or left over.
type setting struct {
	rule  string
	names []string // variables or provider options that mean the same
	level Level
	// bad says whether a value is; the node tells whether it matters there.
	bad    func(n *Node, value string) bool
	title  string // {node}, {value} and {name} are filled in
	why    string
	do     []string // as title
	action string   // that sets it right; empty: none does
	source string
}

// not makes a test for values other than the given ones.
func not(good ...string) func(*Node, string) bool {
	return func(_ *Node, value string) bool {
		return !slices.ContainsFunc(good, func(g string) bool { return strings.EqualFold(g, value) })
	}
}

// on tests for a switch that is on, off for one that is off.
func on(_ *Node, value string) bool {
	yes, known := ParseBool(value)
	return known && yes
}

func off(_ *Node, value string) bool {
	yes, known := ParseBool(value)
	return known && !yes
}

// founds reports whether an address founds a cluster instead of joining one, on a
// node that is not alone in its own.
func founds(n *Node, value string) bool {
	return foundsAlone(value) && n.Status().ClusterSize.Or(0) > 1
}

// settingRules makes a rule of every setting.
func settingRules() []Rule {
	rules := make([]Rule, len(settings))
	for i := range settings {
		s := &settings[i]
		rules[i] = Rule{ID: s.rule, Level: s.level, Confirm: 2, Clear: 2, Source: s.source, Find: s.find}
	}
	return rules
}

func (s *setting) find(v *View) []Finding {
	var out []Finding
	for _, n := range v.Nodes {
		if !n.Up() || !n.Status().Galera() {
			continue
		}
		for _, name := range s.names {
			value, ok := running(n, name)
			if !ok || value == "" || !s.bad(n, value) {
				continue
			}
			out = append(out, s.finding(n, name, value))
			break
		}
	}
	return out
}

// finding is what the value of one of the names leads to.
func (s *setting) finding(n *Node, name, value string) Finding {
	f := Finding{
		About: n.ID, Title: filled(s.title, n.Name, value, name), Why: s.why, Nodes: []string{n.ID}, Action: s.action,
		Evidence: []Evidence{{n.Name, name, value}},
	}
	for _, step := range s.do {
		f.Do = append(f.Do, filled(step, n.Name, value, name))
	}
	return f
}

// filled puts the node, the value and the variable's name into a text.
func filled(text, node, value, name string) string {
	return strings.NewReplacer("{node}", node, "{value}", value, "{name}", name).Replace(text)
}

// desyncWarns is how long a desync by hand may last before it looks forgotten.
const desyncWarns = 5 * time.Minute

func desyncLeft(v *View) []Finding {
	var out []Finding
	for _, n := range v.Nodes {
		value, ok := running(n, "wsrep_desync")
		if !ok || !on(n, value) || n.Status().DesyncCount.Or(1) < 1 {
			continue
		}
		from := v.Past.Node(n.ID).Desynced
		lasted, level := time.Duration(0), LevelNotice
		if !from.IsZero() {
			lasted = v.At.Sub(from)
		}
		if lasted >= desyncWarns {
			level = LevelWarning
		}
		title := n.Name + " is desynced by hand"
		if lasted >= time.Second {
			title += ", for " + Span(lasted)
		}
		out = append(out, Finding{
			About: n.ID, Level: level, Title: title, Nodes: []string{n.ID}, Action: "resync",
			Why: "A desynced node takes no part in flow control: it may fall behind without limit, its readers see old data, " +
				"and if its seqno leaves the gcache of the others it cannot be brought back by IST.",
			Do: []string{
				"Ask whether somebody works on it: a backup, a schema change node by node, an SST that was planned.",
				fmt.Sprintf("When its queue is short (now %s), set wsrep_desync to OFF; with a long queue that would hold all writers until it has caught up.", numWord(n.Status().RecvQueue)),
			},
			Evidence: []Evidence{
				{n.Name, "wsrep_desync", value},
				{n.Name, "wsrep_desync_count", numWord(n.Status().DesyncCount)},
				{n.Name, "wsrep_local_recv_queue", numWord(n.Status().RecvQueue)},
			},
		})
	}
	return out
}

// equal names what should not differ between nodes, and what happens if it does.
var equal = []struct {
	name  string
	level Level
	why   string
}{
	{"wsrep_max_ws_size", LevelWarning, "A write-set that one node accepts and another refuses can throw the other out of the cluster."},
	{"wsrep_max_ws_rows", LevelWarning, "A write-set that one node accepts and another refuses can throw the other out of the cluster."},
	{"wsrep_sst_method", LevelWarning, "Donor and joiner must use the same method, or the SST fails when it is needed most."},
	{"wsrep_osu_method", LevelNotice, "A schema change goes to all nodes or stays on one, depending on where it is run."},
	{"wsrep_ignore_apply_errors", LevelNotice, "An error that one node ignores makes another leave the cluster as inconsistent."},
	{"wsrep_certification_rules", LevelNotice, "Nodes that certify by different rules come to different verdicts on the same write-set."},
	{"wsrep_certify_nonpk", LevelNotice, "Writes to tables without a primary key are accepted on one node and refused on another."},
	{"wsrep_mode", LevelNotice, "Statements are replicated or refused, depending on where they are run."},
	{"sql_mode", LevelNotice, "The same statement is accepted on one node and refused on another, or stores another value."},
	{"gcs.fc_limit", LevelNotice, "The node with the lower limit brakes the whole group earlier than was meant."},
	{"gcs.fc_factor", LevelNotice, "Nodes let the group go on at different queue lengths."},
	{"gcs.fc_single_primary", LevelNotice, "Nodes reckon their limits in different ways."},
	{"gcs.vote_policy", LevelNotice, "Nodes count a vote on an inconsistency in different ways."},
	{"pc.ignore_sb", LevelWarning, "After a loss of quorum nodes decide differently whether they may go on."},
	{"pc.ignore_quorum", LevelWarning, "After a loss of quorum nodes decide differently whether they may go on."},
}

// differing finds settings that are not the same on all nodes of the group.
func differing(v *View) []Finding {
	var out []Finding
	for _, e := range equal {
		values, order := valuesOf(v, e.name)
		if len(order) < 2 {
			continue
		}
		f := Finding{
			About: e.name, Level: e.level, Why: e.why,
			Title: e.name + " differs: " + odds(values, order),
			Do: []string{
				"Decide which value is meant; ask the configuration management before you change it by hand.",
				"Set it on the nodes that differ, in their configuration files too, or the next restart brings the difference back.",
			},
		}
		for _, value := range order {
			for _, n := range values[value] {
				f.Nodes = append(f.Nodes, n.ID)
				f.Evidence = append(f.Evidence, Evidence{n.Name, e.name, cutValue(value)})
			}
		}
		out = append(out, f)
	}
	return out
}

// valuesOf groups the members of Primary Components by their value of a setting,
// the most common value first, in the order of the nodes.
func valuesOf(v *View, name string) (values map[string][]*Node, order []string) {
	return grouped(v, func(n *Node) string {
		value, _ := running(n, name)
		return strings.ToUpper(value)
	})
}

func grouped(v *View, of func(*Node) string) (values map[string][]*Node, order []string) {
	values = make(map[string][]*Node)
	for _, n := range v.Nodes {
		if !n.Up() || !n.Status().InPrimary() {
			continue
		}
		value := of(n)
		if value == "" {
			continue
		}
		if values[value] == nil {
			order = append(order, value)
		}
		values[value] = append(values[value], n)
	}
	slices.SortStableFunc(order, func(a, b string) int { return len(values[b]) - len(values[a]) })
	return values, order
}

// odds writes who has which value: "db1 and db2 30, db3 20".
func odds(values map[string][]*Node, order []string) string {
	parts := make([]string, len(order))
	for i, value := range order {
		names := make([]string, len(values[value]))
		for j, n := range values[value] {
			names[j] = n.Name
		}
		parts[i] = listed(names) + " has " + cutValue(value)
		if len(names) > 1 {
			parts[i] = listed(names) + " have " + cutValue(value)
		}
	}
	return strings.Join(parts, ", ")
}

func cutValue(value string) string { return Printable(value, 60) }

// listed joins names as people do; of many it counts the rest.
func listed(names []string) string {
	const most = 4
	switch {
	case len(names) == 1:
		return names[0]
	case len(names) > most:
		return strings.Join(names[:most-1], ", ") + fmt.Sprintf(" and %d more", len(names)-most+1)
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// versionsDiffer finds a mixed group: an upgrade under way, or one that was never
// finished.
func versionsDiffer(v *View) []Finding {
	servers, kinds := grouped(v, func(n *Node) string { return n.Sample.Server.Version })
	providers, builds := grouped(v, func(n *Node) string { return n.Status().ProviderVersion })
	what, values, order := "server version", servers, kinds
	if len(kinds) < 2 {
		what, values, order = "Galera library", providers, builds
	}
	if len(order) < 2 {
		return nil
	}
	f := Finding{
		Title: "Mixed versions, " + what + ": " + odds(values, order) + oldest(servers, kinds),
		Why: "A mixed group runs, but new features stay off and an old node may be unable to come back once the last old one has left. " +
			"There is no way down again.",
		Do: []string{
			"If an upgrade is under way, go on with it, one node at a time, and end it soon.",
			"Until then start no schema changes and do not restart an old node: with a new group protocol an old Galera library cannot join again.",
			"If nobody is upgrading, find out who installed the other version.",
		},
	}
	for _, value := range order {
		for _, n := range values[value] {
			f.Nodes = append(f.Nodes, n.ID)
			f.Evidence = append(f.Evidence, Evidence{n.Name, "version", n.Sample.Server.Version}, Evidence{n.Name, "wsrep_provider_version", n.Status().ProviderVersion})
		}
	}
	return []Finding{f}
}

// oldest says which nodes run the oldest release, where releases tell.
func oldest(servers map[string][]*Node, kinds []string) string {
	if len(kinds) < 2 {
		return ""
	}
	low := slices.MinFunc(kinds, func(a, b string) int { return int(ParseRelease(a) - ParseRelease(b)) })
	if r := ParseRelease(low); r == 0 || !slices.ContainsFunc(kinds, func(k string) bool { return ParseRelease(k) > r }) {
		return ""
	}
	var names []string
	for _, n := range servers[low] {
		names = append(names, n.Name)
	}
	if len(names) == 1 {
		return "; " + names[0] + " is old"
	}
	return "; " + listed(names) + " are old"
}
