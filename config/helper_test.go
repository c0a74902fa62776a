package config

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// world is an environment of its own: a home directory, variables, and no way to run commands.
type world struct {
	Env
	t    *testing.T
	vars map[string]string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, vars: map[string]string{}}
	w.Env = Env{
		Get:  func(name string) string { return w.vars[name] },
		Home: t.TempDir(),
		User: "me",
		Run: func(context.Context, []string) ([]byte, error) {
			return nil, errors.New("no command was expected")
		},
	}
	return w
}

// file writes a file below the home directory, for its owner only.
func (w *world) file(name, text string) string {
	w.t.Helper()
	path := filepath.Join(w.Home, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return path
}

func (w *world) config(text string) string { return w.file(".config/galeratop/config.toml", text) }

func (w *world) resolve(f Flags) *Target {
	w.t.Helper()
	target, err := Resolve(w.t.Context(), f, w.Env)
	if err != nil {
		w.t.Fatalf("Resolve: %v", err)
	}
	return target
}

// refuses checks that Resolve fails with a usage error of one line that contains all the parts.
func (w *world) refuses(f Flags, parts ...string) {
	w.t.Helper()
	_, err := Resolve(w.t.Context(), f, w.Env)
	var usage *Error
	if !errors.As(err, &usage) {
		w.t.Fatalf("got error %v, want a usage error with %q", err, parts)
	}
	if usage.ExitCode() != 2 {
		w.t.Errorf("exit code %d", usage.ExitCode())
	}
	contains(w.t, err.Error(), parts...)
}

func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	if strings.Contains(text, "\n") {
		t.Errorf("more than one line: %q", text)
	}
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q lacks %q", text, part)
		}
	}
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func seeds(t *testing.T, target *Target, want ...string) {
	t.Helper()
	equal(t, "seeds", strings.Join(target.Seeds, " "), strings.Join(want, " "))
}

// password is what a connection would send.
func password(t *testing.T, target *Target) string {
	t.Helper()
	c, err := target.Driver("db")
	if err != nil {
		t.Fatal(err)
	}
	return c.Passwd
}
