package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// Bounds and default of the refresh interval. Faster than the minimum costs the servers more than it shows; slower than
// the maximum is no longer live.
const (
	MinRefresh     = 200 * time.Millisecond
	MaxRefresh     = 60 * time.Second
	DefaultRefresh = time.Second
)

// DefaultPort is the TCP port of a server when nothing names another.
const DefaultPort = 3306

// option is one row of the option table: all that the readers of files, environment and flags need to know about it.
type option struct {
	name    string   // canonical, with dashes
	aliases []string // other spellings
	isFlag  bool     // boolean: may stand without a value, and with skip-, disable- and enable- before it
	own     bool     // belongs to galeratop: known in [galeratop] only
	secret  bool     // never shown
	env     string   // environment variable
	check   func(value string) error
	// unsupported says why a known option of the client has no effect, as a warning: what a user relies on for security
	// must not vanish silently.
	unsupported string
}

var options = []option{
	{name: "host", env: "MYSQL_HOST"},
	{name: "port", env: "MYSQL_TCP_PORT", check: checkPort},
	{name: "user"},
	{name: "password", aliases: []string{"pass"}, env: "MYSQL_PWD", secret: true},
	{name: "socket", env: "MYSQL_UNIX_PORT"},
	{name: "protocol", check: checkWord(protocols)},
	{name: "ssl", isFlag: true},
	{name: "ssl-mode", check: checkWord(sslModes)},
	{name: "ssl-ca"},
	{name: "ssl-cert"},
	{name: "ssl-key"},
	{name: "ssl-verify-server-cert", isFlag: true},
	{name: "ssl-capath", unsupported: "use ssl-ca with one file"},
	{name: "ssl-crl", unsupported: "revoked certificates are not recognised"},
	{name: "ssl-crlpath", unsupported: "revoked certificates are not recognised"},
	{name: "enable-cleartext-plugin", isFlag: true},
	{name: "refresh", own: true, check: checkRefresh},
	{name: "theme", own: true},
	{name: "read-only", own: true, isFlag: true},
	{name: "privacy", own: true, isFlag: true},
	{name: "ascii", own: true, isFlag: true},
	{name: "no-color", own: true, isFlag: true, env: "NO_COLOR"},
}

var protocols = []string{"TCP", "SOCKET"}

// setting is the value of an option in one source.
type setting struct {
	value string
	bare  bool   // stood without a value: for a password that means to ask
	where string // for messages: "--port", "/etc/my.cnf:12", "MYSQL_HOST"
	named bool   // where names the option already
}

// layer holds the options that one source sets, by canonical name.
type layer map[string]setting

// findOption looks a key of an option file up: case-sensitive, dashes and underscores alike, loose- dropped. For a
// negated flag (skip-ssl) it returns the value to set, otherwise "".
func findOption(key string) (o *option, forced string) {
	name := strings.ReplaceAll(strings.TrimPrefix(strings.ReplaceAll(key, "_", "-"), "loose-"), "_", "-")
	if o := optionNamed(name); o != nil {
		return o, ""
	}
	for prefix, value := range map[string]string{"skip-": "0", "disable-": "0", "enable-": "1"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			if o := optionNamed(rest); o != nil && o.isFlag {
				return o, value
			}
		}
	}
	return nil, ""
}

func optionNamed(name string) *option {
	i := slices.IndexFunc(options, func(o option) bool { return o.name == name || slices.Contains(o.aliases, name) })
	if i < 0 {
		return nil
	}
	return &options[i]
}

// optionNames are the keys that [galeratop] knows.
func optionNames() []string {
	names := make([]string, len(options))
	for i, o := range options {
		names[i] = o.name
	}
	return names
}

// envLayer reads the environment variables of the option table.
func envLayer(env Env) layer {
	l := layer{}
	for _, o := range options {
		if o.env == "" {
			continue
		}
		if v := env.get(o.env); v != "" {
			if o.isFlag {
				v = "1" // NO_COLOR: any value counts (no-color.org)
			}
			l[o.name] = setting{value: v, where: o.env, named: true}
		}
	}
	return l
}

// validate checks every value of a layer; nothing is said about a value that is hidden by a stronger one elsewhere, so it
// is called on merged layers and on those that must be right as a whole.
func (l layer) validate() error {
	for _, o := range options {
		s, ok := l[o.name]
		if !ok {
			continue
		}
		if err := o.validate(s); err != nil {
			return err
		}
	}
	return nil
}

func (o *option) validate(s setting) error {
	var err error
	switch {
	case o.isFlag:
		_, err = parseBool(s.value)
	case o.check != nil && s.value != "":
		err = o.check(s.value)
	}
	switch {
	case err == nil:
		return nil
	case s.named:
		return &Error{Where: s.where, What: err.Error()}
	}
	return &Error{Where: s.where, What: o.name + ": " + err.Error()}
}

// flag returns a boolean option: its value and whether it is set at all. The value has been validated.
func (l layer) flag(name string) (value, set bool) {
	s, ok := l[name]
	if !ok {
		return false, false
	}
	value, err := parseBool(s.value)
	return value && err == nil, true
}

// merge lays weaker layers under stronger ones; the first has the strongest.
func merge(layers ...layer) layer {
	out := layer{}
	for _, l := range layers {
		for name, s := range l {
			if _, ok := out[name]; !ok {
				out[name] = s
			}
		}
	}
	return out
}

// parseBool reads what the client's option parser takes for a boolean; a flag without a value is on.
func parseBool(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "", "1", "on", "true":
		return true, nil
	case "0", "off", "false":
		return false, nil
	}
	return false, fmt.Errorf("%q is not a boolean: 1, 0, on, off, true or false", s)
}

func checkPort(s string) error {
	if n, err := strconv.ParseUint(s, 10, 32); err != nil || n > 65535 {
		return fmt.Errorf("%q is not a port: a number from 1 to 65535", s)
	}
	return nil
}

func checkRefresh(s string) error {
	d, err := time.ParseDuration(s)
	if err != nil {
		return fmt.Errorf("%q is not a duration: a number with a unit, such as 500ms, 1s or 1m", s)
	}
	if d < MinRefresh || d > MaxRefresh {
		return fmt.Errorf("%s is out of range: %v to %v", s, MinRefresh, MaxRefresh)
	}
	return nil
}

// checkWord accepts one of some words, in any case.
func checkWord(words []string) func(string) error {
	return func(s string) error {
		if slices.Contains(words, strings.ToUpper(s)) {
			return nil
		}
		err := fmt.Sprintf("%q is not one of %s", s, joinWords(words))
		if n := model.Nearest(strings.ToUpper(s), words); n != "" {
			err += "; did you mean " + n + "?"
		}
		return fmt.Errorf("%s", err)
	}
}

func joinWords(words []string) string { return strings.Join(words, ", ") }
