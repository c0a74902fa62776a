package config

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// commandTimeout bounds a password_command. It leaves time to touch a security key, not to hang a start.
const commandTimeout = 10 * time.Second

// runPasswordCommand returns the first line of a command's output.
func runPasswordCommand(ctx context.Context, env Env, where string, argv []string) (string, error) {
	fail := func(err error) (string, error) {
		return "", &Error{Where: where, What: argv[0] + " failed", Err: err}
	}
	if env.Run == nil {
		return fail(errors.New("commands cannot be run here"))
	}
	if strings.HasPrefix(argv[0], "~/") {
		argv = append([]string{env.expand(argv[0], "")}, argv[1:]...)
	}
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	out, err := env.Run(ctx, argv)
	if ctx.Err() != nil {
		return fail(fmt.Errorf("no answer within %v", commandTimeout))
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return fail(errors.New(exit.String()))
	}
	if err != nil {
		return fail(err)
	}
	first, _, _ := strings.Cut(string(out), "\n")
	first = strings.TrimSuffix(first, "\r")
	if first == "" {
		return fail(errors.New("it printed no password on its first line"))
	}
	return first, nil
}
