package model

import "strings"

// ProviderOptions splits wsrep_provider_options ("a = b; c = d;") into option
// and value; a value may itself hold "=".
func ProviderOptions(text string) map[string]string {
	options := make(map[string]string)
	for part := range strings.SplitSeq(text, ";") {
		name, value, ok := strings.Cut(part, "=")
		if name = strings.TrimSpace(name); ok && name != "" {
			options[name] = strings.TrimSpace(value)
		}
	}
	return options
}

// ProviderOption cuts one option out of wsrep_provider_options. The text is long
// and rules look at it at every tick, where ProviderOptions would cost the most of
// all that is done.
func ProviderOption(text, name string) (value string, ok bool) {
	for part := range strings.SplitSeq(text, ";") {
		if key, v, found := strings.Cut(part, "="); found && strings.TrimSpace(key) == name {
			value, ok = strings.TrimSpace(v), true
		}
	}
	return value, ok
}
