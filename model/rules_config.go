package model

import "strings"

var configRules = []Rule{}

// variable is a global variable of a node; ok is false where it was not read or
// the server has none of that name.
func variable(n *Node, name string) (value string, ok bool) {
	if n == nil || n.Sample == nil || n.Sample.Slow.Variables == nil {
		return "", false
	}
	value, ok = n.Sample.Slow.Variables.Values[name]
	return strings.TrimSpace(value), ok
}

// providerOptions are a node's wsrep_provider_options; empty where not read.
func providerOptions(n *Node) map[string]string {
	v, _ := variable(n, "wsrep_provider_options")
	return ProviderOptions(v)
}
