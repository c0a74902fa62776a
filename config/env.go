package config

import (
	"context"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"time"
)

// Env is what Resolve takes from the world around the process. Tests fill in their own; programs use OSEnv.
type Env struct {
	Get  func(string) string // value of an environment variable, "" when unset; nil: all unset
	Home string              // home directory; "" means none, so that no file below it is read
	User string              // login name, the user when no option names one

	GlobalFiles []string // option files read first, in this order
	Sockets     []string // where a local server's socket usually is, the likeliest first

	// Run runs a command and returns its standard output. It must give up when the context ends.
	Run func(ctx context.Context, argv []string) ([]byte, error)
}

// OSEnv returns the environment of this process.
func OSEnv() Env {
	home, _ := os.UserHomeDir() // none is a valid state: nothing is read from it
	return Env{
		Get:         os.Getenv,
		Home:        home,
		User:        loginName(),
		GlobalFiles: []string{"/etc/my.cnf", "/etc/mysql/my.cnf"},
		Sockets:     []string{"/run/mysqld/mysqld.sock", "/var/run/mysqld/mysqld.sock", "/tmp/mysql.sock"},
		Run:         run,
	}
}

// loginName follows the mysql client: root for the superuser, whoever logged in, else what the environment says.
func loginName() string {
	if os.Geteuid() == 0 {
		return "root"
	}
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return os.Getenv("USER")
}

// run is the Env.Run of real life. Standard error goes to the terminal: password managers ask and explain there.
func run(ctx context.Context, argv []string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Stdin, cmd.Stderr = os.Stdin, os.Stderr
	cmd.WaitDelay = time.Second // a grandchild that keeps the pipe open must not keep us
	return cmd.Output()
}

// get reads an environment variable.
func (e Env) get(name string) string {
	if e.Get == nil {
		return ""
	}
	return e.Get(name)
}

// expand replaces a leading ~ by the home directory and makes a relative path relative to dir ("" leaves it alone).
func (e Env) expand(path, dir string) string {
	switch {
	case path == "":
		return ""
	case path == "~":
		return e.Home
	case strings.HasPrefix(path, "~/") && e.Home != "":
		return filepath.Join(e.Home, path[2:])
	case dir != "" && !filepath.IsAbs(path):
		return filepath.Join(dir, path)
	}
	return path
}

// Path returns where config.toml is expected: below $XDG_CONFIG_HOME, or ~/.config when that is unset or relative (which
// the XDG base directory specification tells to ignore). "" when there is no home directory either.
func Path(env Env) string {
	dir := env.get("XDG_CONFIG_HOME")
	if !filepath.IsAbs(dir) {
		if env.Home == "" {
			return ""
		}
		dir = filepath.Join(env.Home, ".config")
	}
	return filepath.Join(dir, "galeratop", "config.toml")
}
