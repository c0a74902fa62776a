package config

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/model"
)

// lines are the commands as they were written, by operation.
func (s *service) lines() map[string]*string {
	return map[string]*string{"start": s.Start, "stop": s.Stop, "restart": s.Restart, "bootstrap": s.Bootstrap, "status": s.Status, "upgrade": s.Upgrade}
}

// words are the commands that are set, split; they were checked before.
func (s *service) words() map[string][]string {
	out := map[string][]string{}
	for operation, line := range s.lines() {
		if line == nil {
			continue
		}
		if words, err := serviceWords(*line); err == nil {
			out[operation] = words
		}
	}
	return out
}

// HostOf is what {host} is for the node with an address, as "host:port" or the path of a socket: what host_names says,
// or the host of the address. A socket is on this host.
func (t *Target) HostOf(address string) string {
	if filepath.IsAbs(address) {
		return "localhost"
	}
	name, _, err := net.SplitHostPort(address)
	if err != nil {
		name = address
	}
	for _, key := range []string{address, name} {
		if other := t.HostNames[key]; other != "" {
			return other
		}
	}
	return name
}

// What becomes an argument of a program on a host holds nothing that one could take for something else.
var (
	serverPath = regexp.MustCompile(`^/[A-Za-z0-9._/@+-]+$`)
	serverUser = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9._-]*$`)
)

// checkHost checks how commands get to the hosts of a cluster's nodes, and what they are.
func (d *document) checkHost(name string, c *clusterConfig) error {
	where := func(key ...string) string { return d.where(append([]string{"clusters", name}, key...)...) }
	if err := checkMarks(where("host_command"), c.HostCommand); err != nil {
		return err
	}
	if why := (host.Way{Prefix: c.HostCommand}).Check(); why != "" {
		return &Error{Where: where("host_command"), What: why}
	}
	for _, from := range slices.Sorted(maps.Keys(c.HostNames)) {
		if err := checkAddresses(where("host_names", from), []string{from}); err != nil {
			return err
		}
		if why := host.CheckName(c.HostNames[from]); why != "" {
			return &Error{Where: where("host_names", from), What: fmt.Sprintf("%q: %s", c.HostNames[from], why)}
		}
	}
	if file := c.Service.DefaultsFile; file != nil && !serverPath.MatchString(*file) {
		return &Error{Where: where("service", "defaults_file"), What: fmt.Sprintf("%q is no absolute path on the nodes' hosts", *file)}
	}
	if user := c.Service.User; user != nil && !serverUser.MatchString(*user) {
		return &Error{Where: where("service", "user"), What: fmt.Sprintf("%q is no name of a user", *user)}
	}
	lines := c.Service.lines()
	for _, operation := range slices.Sorted(maps.Keys(lines)) {
		if lines[operation] == nil {
			continue
		}
		words, err := serviceWords(*lines[operation])
		if err != nil {
			return &Error{Where: where("service", operation), What: err.Error()}
		}
		if err := checkMarks(where("service", operation), words); err != nil {
			return err
		}
	}
	return nil
}

// checkMarks refuses placeholders that there are not.
func checkMarks(where string, words []string) error {
	mark := host.UnknownMark(words)
	if mark == "" {
		return nil
	}
	var valid []string
	for _, p := range host.Placeholders {
		valid = append(valid, p.Mark)
	}
	return &Error{Where: where, What: mark + " is no placeholder", Hint: model.Hint(mark, valid)}
}

// serviceWords splits a command of the service section. What only a shell would understand is an error, since there is
// none: it would be passed on as it is.
func serviceWords(line string) ([]string, error) {
	words, err := splitWords(line)
	if err != nil {
		return nil, err
	}
	if len(words) == 0 || words[0] == "" {
		return nil, errors.New("names no program")
	}
	if r, found := shellOnly(line); found {
		return nil, fmt.Errorf("%c means something only to a shell, and there is none: quote it with '', or put the command into a script", r)
	}
	return words, nil
}

// shellOnly finds a character outside of quotes that a shell would not take as it is.
func shellOnly(line string) (found rune, is bool) {
	var quote rune
	escaped := false
	for _, r := range line {
		switch {
		case escaped:
			escaped = false
		case r == '\\' && quote != '\'':
			escaped = true
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote = r
		case quote == 0 && strings.ContainsRune("|;&<>()*?~#!\n", r), quote != '\'' && strings.ContainsRune("$`", r):
			return r, true
		}
	}
	return 0, false
}
