package config

import (
	"fmt"
	"strings"
)

// Report is what Check found in a configuration file that is valid as such.
type Report struct {
	Path     string
	Exists   bool
	Clusters []ClusterReport // in alphabetical order
}

// ClusterReport is what became of one cluster.
type ClusterReport struct {
	Name     string
	Summary  string   // one line; "" when there is an error
	Warnings []string // one line each
	Target   *Target  // nil when there is an error
	Err      error    // why a connection cannot even be tried
}

// Check reads config.toml (the one named, or "" for the usual one) and resolves each cluster as a start would, but
// neither connects nor runs a password_command. A mistake in the file itself is the error; one in what a cluster refers
// to is in its report.
func Check(env Env, named string) (*Report, error) {
	d, err := loadDocument(env, named)
	if err != nil {
		return nil, err
	}
	r := &Report{Path: d.path, Exists: d.path != ""}
	if !r.Exists {
		r.Path = Path(env)
	}
	for _, name := range d.clusterNames() {
		c := ClusterReport{Name: name}
		t, err := resolve(&Flags{Args: []string{name}}, env, d, nil)
		if err != nil {
			c.Err = err
		} else {
			c.Summary, c.Warnings, c.Target = t.summary(), t.Warnings, t
		}
		r.Clusters = append(r.Clusters, c)
	}
	return r, nil
}

// summary is a target in one line.
func (t *Target) summary() string {
	parts := []string{strings.Join(t.Seeds, " "), "user " + t.User, "ssl " + t.SSLMode}
	switch from := t.Origin("password"); {
	case t.ask:
		parts = append(parts, "password asked for")
	case from == "":
		parts = append(parts, "no password")
	default:
		parts = append(parts, "password from "+from)
	}
	if n := len(t.Expected); n > 0 {
		parts = append(parts, fmt.Sprintf("%d members expected", n))
	}
	for _, mark := range []struct {
		on   bool
		word string
	}{{t.Production, "production"}, {t.ReadOnly, "read-only"}, {t.HostCommand == nil, "SQL only"}} {
		if mark.on {
			parts = append(parts, mark.word)
		}
	}
	return strings.Join(parts, ", ")
}
