package model

import (
	"strings"
	"time"
)

// AssignmentOf is a setting of a node that answers, or an option of its provider
// (those have a dot in their name), as it was read last and when that was; ok is
// false where it was not read since the server's start, or there is none of that
// name. What only a full reading tells, such as whether it can be changed at
// runtime, may be missing.
func AssignmentOf(n *Node, name string) (a Assignment, at time.Time, ok bool) {
	if !n.Up() {
		return a, at, false
	}
	if s := n.Sample.Slow.Settings; s != nil && len(s.Rows) > 0 && !s.At.Before(n.Restart) {
		if a, ok = assigned(s.Rows, name); ok {
			at = s.At
		}
	}
	if v := n.Sample.Slow.Variables; v != nil && (!ok || v.At.After(at)) {
		if value, told := running(n, name); told {
			a.Value, at, ok = value, v.At, true
		}
	}
	return a, at, ok
}

// assigned finds a setting among all of a server.
func assigned(rows map[string]Assignment, name string) (a Assignment, ok bool) {
	if !strings.Contains(name, ".") {
		a, ok = rows[name]
		return a, ok
	}
	if a, ok = rows[PluginVariable(name)]; ok {
		return a, true
	}
	a.Value, ok = ProviderOption(rows["wsrep_provider_options"].Value, name)
	a.Default = providerDefaults[name]
	return a, ok
}

// Dangers are the findings that a value of a setting would lead to on a node, as
// the rules about settings judge those that run.
func Dangers(n *Node, name, value string) []Finding {
	var out []Finding
	for i := range settings {
		s := &settings[i]
		for _, watched := range s.names {
			if watched == name && value != "" && s.bad(n, value) {
				f := s.finding(n, name, value)
				f.Rule, f.Level = s.rule, s.level
				out = append(out, f)
			}
		}
	}
	return out
}
