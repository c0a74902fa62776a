package host

import (
	"path"
	"slices"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// Options are the server's options as its option files have them: what the next
// start reads, whatever runs now. Arguments of the service unit are not in them.
type Options struct {
	Values map[string]string `json:"values"` // by name with underscores; only those of optionNames
	Source string            `json:"source"` // the command that read them
}

// optionNames are the options that are kept. Others are not looked at, since there
// are passwords among them.
var optionNames = []string{
	"basedir", "bind_address", "datadir", "log_error", "pid_file", "port", "socket", "user",
	"innodb_data_home_dir", "innodb_log_group_home_dir", "innodb_undo_directory",
	"wsrep_cluster_address", "wsrep_cluster_name", "wsrep_new_cluster", "wsrep_node_address", "wsrep_node_name",
	"wsrep_on", "wsrep_provider", "wsrep_sst_method",
}

// optionReaders print the options, one a line, by flavour; the first that exists
// is believed. {defaults} becomes --defaults-file=..., or goes.
var optionReaders = map[model.Flavour][][]string{
	model.FlavourMariaDB: {{"my_print_defaults", "{defaults}", "--mysqld"}, {"mariadbd", "{defaults}", "--print-defaults"}},
	model.FlavourPXC:     mysqlReaders,
	model.FlavourMySQL:   mysqlReaders,
}

var mysqlReaders = [][]string{
	{"my_print_defaults", "{defaults}", "mysqld", "server"}, {"mysqld", "{defaults}", "--print-defaults"},
}

// withDefaults puts the option file into a command.
func withDefaults(argv []string, file string) []string {
	out := make([]string, 0, len(argv))
	for _, word := range argv {
		switch {
		case word != "{defaults}":
			out = append(out, word)
		case file != "":
			out = append(out, "--defaults-file="+file)
		}
	}
	return out
}

// ParseOptions reads what my_print_defaults prints, or mariadbd --print-defaults.
// The last of several counts, as for the server.
func ParseOptions(text string) map[string]string {
	values := map[string]string{}
	eachOption(text, func(name, value string) {
		if slices.Contains(optionNames, name) {
			values[name] = model.Printable(value, lineLimit)
		}
	})
	return values
}

// eachOption calls keep for each option that is printed, in their order.
func eachOption(text string, keep func(name, value string)) {
	// The server prints all on one line: a value with a blank in it can be told from
	// the next option only by how that begins.
	together := strings.Contains(text, "would have been started with the following arguments")
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if !strings.HasPrefix(line, "--") {
			continue
		}
		if !together {
			keep(readOption(strings.TrimPrefix(line, "--")))
			continue
		}
		for part := range strings.SplitSeq(" "+line, " --") {
			if part = strings.TrimSpace(part); part != "" {
				keep(readOption(part))
			}
		}
	}
}

// readOption is one option as the server understands it: a switch without a value
// is on, and skip- or disable- before its name turn it off.
func readOption(part string) (name, value string) {
	name, value, given := strings.Cut(part, "=")
	name = strings.TrimPrefix(strings.ReplaceAll(name, "-", "_"), "loose_")
	if given {
		return name, value
	}
	for _, off := range []string{"skip_", "disable_"} {
		if rest, ok := strings.CutPrefix(name, off); ok {
			return rest, "0"
		}
	}
	return name, "1"
}

// Founds says why an ordinary start with these options would found a cluster of its
// own, "" if it would not. Exactly "gcomm://" does (wsrep_cluster_address), as does
// the option that is meant for the first node only.
func (o *Options) Founds() string {
	address, set := o.Values["wsrep_cluster_address"]
	switch {
	case set && strings.Trim(address, `"' `) == "gcomm://":
		return "wsrep_cluster_address in the option files is an empty gcomm://"
	case o.Values["wsrep_new_cluster"] == "1":
		return "wsrep_new_cluster is in the option files"
	}
	return ""
}

// cleanPath is an absolute path in its shortest form, "" if it is none.
func cleanPath(p string) string {
	if !path.IsAbs(p) || strings.ContainsFunc(p, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return ""
	}
	return path.Clean(p)
}
