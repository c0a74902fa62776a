package host

import (
	"context"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// Written is all that a server's option files set, secrets left out: what the next
// start reads, whatever runs now.
type Written struct {
	// Values are by name with underscores; the last of several counts, as for the
	// server.
	Values map[string]string `json:"values"`
	Source string            `json:"source"` // the command that read them
}

// ReadWritten reads the option files through the server's own reader, which knows
// the groups, the includes and their order. Arguments of the service unit are not
// in them.
func ReadWritten(ctx context.Context, w Way, name string, facts Facts) Part[Written] {
	readers := optionReaders[facts.Flavour]
	if readers == nil {
		return unknown[Written]("which server it is, is not known")
	}
	var last error
	for _, argv := range readers {
		argv = withDefaults(argv, facts.DefaultsFile)
		out, err := w.Run(ctx, name, Command{Argv: argv})
		switch {
		case err == nil && out.Cut:
			return because[Written](&Error{Host: name, Kind: Failed, Command: Line(argv), Text: "it printed too much"})
		case err == nil:
			return known(Written{Values: ParseWritten(string(out.Stdout)), Source: Line(argv)})
		case kindOf(err) != Missing:
			return because[Written](err)
		}
		last = err
	}
	return because[Written](last)
}

// ParseWritten reads what my_print_defaults prints, or mariadbd --print-defaults.
func ParseWritten(text string) map[string]string {
	values := map[string]string{}
	eachOption(text, func(name, value string) {
		if !secretOption(name) {
			values[name] = model.Printable(value, valueLimit)
		}
	})
	return values
}

// secretOption reports whether an option's value may not be kept.
func secretOption(name string) bool {
	return name == "wsrep_sst_auth" || strings.HasSuffix(name, "password") || strings.Contains(name, "keyring") || strings.Contains(name, "_key_data")
}
