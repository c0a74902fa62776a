package model

import (
	"regexp"
	"strconv"
	"strings"
)

// Lasting are the lines that make a setting last over a restart. Nothing here
// writes a file: configuration management owns them.
type Lasting struct {
	OptionFile []string // of an option file, with the section
	Hiera      []string // YAML for the module puppetlabs-mysql
	Ansible    []string // YAML for a role that writes the section [mysqld] from variables
	// Partial says that only this one option of the provider is in the lines, since
	// the others in the file are not known: the lines must be added to those, not
	// put in their place.
	Partial bool
}

const providerOptionsName = "wsrep_provider_options"

// LastingOf are the lines for a value of a setting, or of an option of the
// provider (those have a dot in their name). written is what the node's option
// files set now, by name with underscores: the other options of the provider stay
// as they are there, and a setting keeps the name that the file has for it. nil:
// they were not read.
func LastingOf(name, value string, written map[string]string) Lasting {
	var out Lasting
	key := name
	if strings.Contains(name, ".") {
		key, out.Partial = providerOptionsName, written == nil
		value = MergeProviderOption(strings.Trim(written[key], `"'`), name, value)
	} else {
		for _, alias := range aliases(name) {
			if _, ok := written[alias]; ok {
				key = alias
			}
		}
	}
	value = OptionFileValue(value)
	out.OptionFile = []string{"[mysqld]", key + " = " + value}
	out.Hiera = []string{"mysql::server::override_options:", "  mysqld:", "    " + key + ": " + YAMLValue(value)}
	out.Ansible = []string{"mysqld:", "  " + key + ": " + YAMLValue(value)}
	return out
}

// MergeProviderOption gives one option of wsrep_provider_options a value and
// leaves the others as they are. Of an option that is there twice, where the last
// one counts, one is left.
func MergeProviderOption(whole, name, value string) string {
	var parts []string
	done := false
	for part := range strings.SplitSeq(whole, ";") {
		part = strings.TrimSpace(part)
		key, _, _ := strings.Cut(part, "=")
		switch {
		case part == "":
			continue
		case strings.TrimSpace(key) != name:
			parts = append(parts, part)
		case !done:
			parts, done = append(parts, name+"="+value), true
		}
	}
	if !done {
		parts = append(parts, name+"="+value)
	}
	return strings.Join(parts, "; ")
}

// optionEscapes are what a server's reader of option files turns back.
var optionEscapes = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`, "\r", `\r`, "\b", `\b`)

// OptionFileValue writes a value as an option file has it. A # would begin a
// comment, blanks at the ends would be lost and a pair of quotes around it taken
// off, so that such a value is put into quotes.
func OptionFileValue(value string) string {
	text := optionEscapes.Replace(value)
	if !strings.ContainsAny(text, `#'"`) && strings.TrimSpace(text) == text {
		return text
	}
	return `"` + strings.ReplaceAll(text, `"`, `\"`) + `"`
}

var yamlNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,17})$`)

// YAMLValue writes a value as YAML has it: whole numbers bare, everything else in
// quotes, since ON, 1.10 or 0777 bare would become something else.
func YAMLValue(value string) string {
	switch {
	case yamlNumber.MatchString(value) && value != "-0":
		return value
	case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f || r > 0x7e && !strconv.IsPrint(r) }):
		return strconv.Quote(value)
	}
	return "'" + strings.ReplaceAll(value, "'", "''") + "'"
}
