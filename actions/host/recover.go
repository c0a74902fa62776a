package host

import (
	"cmp"
	"context"
	"time"

	"github.com/galeratop/galeratop/model"
)

// recoverLimit bounds the recovery of a position: InnoDB replays its whole log.
const recoverLimit = time.Hour

// recovery is a command that prints the position that InnoDB knows.
type recovery struct {
	argv []string
	// evaluates: it is a script that hands its arguments to eval.
	evaluates bool
	// files: it reads an option file that is named.
	files bool
}

// recoveries are by flavour; the first that exists is believed. --disable-log-error
// sends the server's words here instead of into its error log.
var recoveries = map[model.Flavour][]recovery{
	model.FlavourMariaDB: {
		{argv: []string{"galera_recovery", "{defaults}"}, evaluates: true, files: true},
		{argv: []string{"mariadbd", "{defaults}", "--user={user}", "--wsrep-recover", "--disable-log-error"}, files: true},
	},
	model.FlavourPXC: {
		{argv: []string{"mysql-systemd", "galera-recovery"}},
		mysqlRecovery,
	},
	model.FlavourMySQL: {mysqlRecovery},
}

var mysqlRecovery = recovery{
	argv:  []string{"mysqld", "{defaults}", "--user={user}", "--wsrep-recover", "--log-error-verbosity=3", "--disable-log-error"},
	files: true,
}

// RecoverLines are the commands with which Recover tries it, as a person would type
// them; the first that exists on the host is used.
func RecoverLines(facts Facts) []string {
	all := recoverArgs(facts)
	out := make([]string, len(all))
	for i, argv := range all {
		out[i] = Line(argv)
	}
	return out
}

// recoverArgs are the recoveries that can be used with what is known of the node.
func recoverArgs(facts Facts) [][]string {
	var out [][]string
	for _, r := range recoveries[facts.Flavour] {
		file := facts.DefaultsFile
		if file != "" && (!r.files || r.evaluates && !plainWord(file)) {
			continue
		}
		argv := withDefaults(r.argv, file)
		for i, word := range argv {
			if word == "--user={user}" {
				argv[i] = "--user=" + cmp.Or(facts.User, "mysql")
			}
		}
		out = append(out, argv)
	}
	return out
}

// Recover finds the position of a node whose grastate.dat does not tell it. It
// starts the server in a mode in which it recovers InnoDB, prints the position and
// ends; so it is an error unless the server is proven stopped. line gets what is
// printed meanwhile.
func Recover(ctx context.Context, w Way, name string, facts Facts, line func(string)) (Position, error) {
	none := Position{Seqno: -1}
	if err := provenStopped(ctx, w, name, facts); err != nil {
		return none, err
	}
	var last error = &Error{Host: name, Kind: NoWay, Text: "which server it is, is not known"}
	for _, argv := range recoverArgs(facts) {
		out, err := w.Run(ctx, name, Command{Argv: argv, Limit: recoverLimit, Line: line})
		if kindOf(err) == Missing {
			last = err
			continue
		}
		if err != nil {
			return none, err
		}
		p, err := ParseRecovered(string(out.Stderr) + "\n" + string(out.Stdout))
		if err != nil {
			return none, &Error{Host: name, Kind: Failed, Command: Line(argv), Begun: true, Text: err.Error() + "; without wsrep_on in its option files the server recovers none"}
		}
		return p, nil
	}
	return none, last
}
