package host

import (
	"context"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// Version is the server that is installed on a host, which its next start runs.
type Version struct {
	Flavour model.Flavour `json:"flavour"`
	Release model.Release `json:"release"`
	Text    string        `json:"text"` // as the program prints it
}

// versionPrinters tell the version; the first that exists is believed.
var versionPrinters = [][]string{{"mariadbd", "--version"}, {"mysqld", "--version"}}

// Installed asks a host for the version of the server that is installed there.
func Installed(ctx context.Context, w Way, name string) (Version, error) {
	var first error
	for _, argv := range versionPrinters {
		out, err := w.Run(ctx, name, Command{Argv: argv})
		if err == nil {
			return ParseVersion(string(out.Stdout))
		}
		if first == nil {
			first = err
		}
		if kindOf(err) != Missing {
			break
		}
	}
	return Version{}, first
}

// ParseVersion reads what a server prints for --version.
func ParseVersion(text string) (Version, error) {
	text = model.Printable(strings.TrimSpace(text), lineLimit)
	_, rest, found := strings.Cut(text, " Ver ")
	v := Version{Release: model.ParseRelease(strings.TrimSpace(rest)), Text: text, Flavour: model.FlavourPlain}
	if !found || v.Release == 0 {
		return Version{}, &Error{Kind: Failed, Text: "the server's --version printed no version: " + text}
	}
	for _, sign := range []struct {
		text    string
		flavour model.Flavour
	}{
		{"MariaDB", model.FlavourMariaDB},
		{"Percona XtraDB Cluster", model.FlavourPXC},
		{"wsrep", model.FlavourMySQL},
	} {
		if strings.Contains(text, sign.text) {
			v.Flavour = sign.flavour
			break
		}
	}
	return v, nil
}
