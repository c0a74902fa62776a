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
