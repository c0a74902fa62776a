package host

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// Effective are the options as the server itself understands them: after its option
// files, groups and includes, abbreviated names written out, defaults filled in.
type Effective struct {
	Values map[string]string `json:"values"` // by name with underscores; only those of effectiveNames
	// Faults are the server's own words on what keeps it from starting with these
	// options; none if it takes them.
	Faults []string `json:"faults,omitempty"`
	Source string   `json:"source"` // the command that printed them
}

// effectiveNames are the options that are kept; there are passwords among others.
var effectiveNames = []string{
	"binlog_format", "innodb_log_file_size", "log_error", "port", "wsrep_cluster_address", "wsrep_cluster_name", "wsrep_data_home_dir",
	"wsrep_new_cluster", "wsrep_node_address", "wsrep_node_incoming_address", "wsrep_node_name", "wsrep_on",
	"wsrep_provider", "wsrep_provider_options", "wsrep_sst_donor", "wsrep_sst_method",
}

// noDataDir is a data directory that cannot exist. The server is kept from the real
// one while it prints its options: it would open the log of Aria there, which a
// running server holds.
const noDataDir = "--datadir=/dev/null/none"

// printers make the server check and print its options, by flavour. The second
// one, where there is one, only checks them.
var printers = map[model.Flavour][][]string{
	model.FlavourMariaDB: {{"mariadbd", "{defaults}", noDataDir, "--help", "--verbose"}, {"mysqld", "{defaults}", noDataDir, "--help", "--verbose"}},
	model.FlavourPXC:     mysqlPrinters,
	model.FlavourMySQL:   mysqlPrinters,
}

var mysqlPrinters = [][]string{{"mysqld", "{defaults}", noDataDir, "--verbose", "--help"}}

// mysqlCheck lets MySQL 8 check more than --help does.
var mysqlCheck = []string{"mysqld", "{defaults}", "--validate-config"}

// ReadEffective asks the server's program what it makes of its options. Nothing is
// started, and the data directory is not touched.
func ReadEffective(ctx context.Context, w Way, name string, facts Facts) Part[Effective] {
	r := reader{ctx: ctx, way: w, host: name, facts: facts}
	var last error = &Error{Host: name, Kind: NoWay, Text: "which server it is, is not known"}
	for _, words := range printers[facts.Flavour] {
		argv := withDefaults(words, facts.DefaultsFile)
		out, err := w.Run(ctx, name, Command{Argv: argv})
		if kindOf(err) == Missing {
			last = err
			continue
		}
		if err != nil && (out == nil || kindOf(err) != Failed) {
			return because[Effective](err)
		}
		e := Effective{Values: parseEffective(string(out.Stdout)), Source: Line(argv)}
		if err != nil {
			e.Faults = faults(string(out.Stderr))
		}
		if e.Faults == nil && facts.Flavour != model.FlavourMariaDB {
			e.Faults = r.validate()
		}
		if err != nil && e.Faults == nil || len(e.Values) == 0 && e.Faults == nil {
			return because[Effective](&Error{Host: name, Kind: Failed, Command: Line(argv), Text: "the server printed neither its options nor what is wrong with them"})
		}
		return known(e)
	}
	return because[Effective](last)
}

// validate asks MySQL 8 for a check of its options; releases without one say
// nothing.
func (r *reader) validate() []string {
	out, err := r.way.Run(r.ctx, r.host, Command{Argv: withDefaults(mysqlCheck, r.facts.DefaultsFile)})
	if kindOf(err) != Failed || out == nil {
		return nil
	}
	return faults(string(out.Stderr))
}

// parseEffective reads the table at the end of what --help --verbose prints.
func parseEffective(text string) map[string]string {
	values := map[string]string{}
	table := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.HasPrefix(line, "-------"):
			table = true
		case line == "":
			table = false
		case table:
			name, value, _ := strings.Cut(line, " ")
			if name = strings.ReplaceAll(name, "-", "_"); slices.Contains(effectiveNames, name) {
				if value = strings.TrimSpace(value); value == "(No default value)" {
					value = ""
				}
				values[name] = model.Printable(value, valueLimit)
			}
		}
	}
	return values
}

// valueLimit is for values that are read on; wsrep_provider_options are long.
const valueLimit = 8000

// faults are the errors among what a server prints.
func faults(text string) []string {
	var marked, plain []string
	for line := range strings.Lines(text) {
		line = model.Printable(strings.TrimSpace(line), lineLimit)
		_, said, ok := strings.Cut(line, "[ERROR] ")
		switch {
		case ok && !strings.HasSuffix(said, "Aborting"):
			marked = append(marked, said)
		case line == "", strings.Contains(line, "[Note]"), strings.Contains(line, "[Warning]"), strings.Contains(line, "Program aborted"), ok:
		default:
			plain = append(plain, line)
		}
	}
	if marked != nil {
		return marked
	}
	return plain
}

// SizeOf is how many bytes a directory holds, as du counts them.
func SizeOf(ctx context.Context, w Way, name, dir string) Part[int64] {
	out, err := w.Run(ctx, name, Command{Argv: []string{"du", "-sk", dir}})
	if err != nil {
		return because[int64](err)
	}
	fields := strings.Fields(string(out.Stdout))
	size := model.Num{}
	if len(fields) > 0 {
		size = model.ParseNum(fields[0])
	}
	if !size.Known {
		return unknown[int64]("du printed no size")
	}
	return known(size.V << 10)
}

// Entries are the names in a directory on a host.
func Entries(ctx context.Context, w Way, name, dir string) Part[[]string] {
	out, err := w.Run(ctx, name, Command{Argv: []string{"ls", "-1A", dir}})
	if err != nil {
		return because[[]string](err)
	}
	return known(strings.FieldsFunc(string(out.Stdout), func(r rune) bool { return r == '\n' }))
}

// Exists tells whether there is a file on a host.
func Exists(ctx context.Context, w Way, name, path string) Part[bool] {
	_, err := w.Run(ctx, name, Command{Argv: []string{"test", "-e", path}})
	if e, ok := errors.AsType[*Error](err); ok && e.Kind == Failed && e.Exit == 1 {
		return known(false)
	}
	if err != nil {
		return because[bool](err)
	}
	return known(true)
}
