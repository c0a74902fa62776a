package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

// simulated is a way by ssh whose far side is a function.
func simulated(answer func(argv []string, stdout, stderr io.Writer) int) Way {
	return Way{Prefix: []string{"ssh", "{host}"}, Through: func(_ context.Context, _ string, argv []string, stdout, stderr io.Writer) (int, error) {
		return answer(argv, stdout, stderr), nil
	}}
}

func TestWhatTakesThePlaceOfAProcessGetsTheBareWordsOfTheCommand(t *testing.T) {
	var at string
	var words, lines []string
	way := Way{Prefix: []string{"ssh", "{host}", "sudo"}, Through: func(_ context.Context, name string, argv []string, stdout, _ io.Writer) (int, error) {
		at, words = name, slices.Clone(argv)
		argv[0] = "changed"
		_, err := fmt.Fprint(stdout, "one\ntwo\x1b[31m\nthree")
		return 0, err
	}}
	command := Command{Argv: []string{"cat", "a b"}, Line: func(s string) { lines = append(lines, s) }}
	out, err := way.Run(t.Context(), "db1", command)
	if err != nil || at != "db1" || strings.Join(words, "|") != "cat|a b" || command.Argv[0] != "cat" {
		t.Errorf("%q %q %v", at, words, err)
	}
	if string(out.Stdout) != "one\ntwo\x1b[31m\nthree" || len(lines) != 3 || strings.Contains(lines[1], "\x1b") {
		t.Errorf("%q %q", out.Stdout, lines)
	}
}

func TestNothingThatAWayRefusesGetsThroughIt(t *testing.T) {
	way := simulated(func([]string, io.Writer, io.Writer) int { t.Error("it did"); return 0 })
	for name, c := range map[string]struct {
		way  Way
		host string
		argv []string
	}{
		"a host that is an option": {way, "-oProxyCommand=x", []string{"true"}},
		"no command":               {way, "db1", nil},
		"a NUL":                    {way, "db1", []string{"cat", "a\x00b"}},
		"no way":                   {Way{Through: way.Through}, "db1", []string{"true"}},
		"another host from here":   {Way{Prefix: []string{}, Through: way.Through}, "db1.invalid", []string{"true"}},
	} {
		if _, err := c.way.Run(t.Context(), c.host, Command{Argv: c.argv}); kindOf(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestExitCodesMeanTheSameWithoutAProcess(t *testing.T) {
	for _, c := range []struct {
		exit  int
		says  string
		kind  Kind
		begun bool
	}{
		{3, "inactive", Failed, true},
		{127, "sh: nonesuch: not found", Missing, false},
		{255, "ssh: connect to host db1 port 22: Connection refused", Reach, false},
		{255, "client_loop: send disconnect: Broken pipe", Reach, true},
	} {
		_, err := simulated(func(_ []string, _, stderr io.Writer) int {
			_, _ = fmt.Fprintln(stderr, c.says)
			return c.exit
		}).Run(t.Context(), "db1", Command{Argv: []string{"true"}})
		var e *Error
		if !errors.As(err, &e) || e.Kind != c.kind || e.Begun != c.begun || e.Text[:len(c.says)] != c.says {
			t.Errorf("%d %q: %+v", c.exit, c.says, err)
		}
	}
	broken := errors.New("the simulation is over")
	way := Way{Prefix: []string{"ssh", "{host}"}, Through: func(context.Context, string, []string, io.Writer, io.Writer) (int, error) { return 0, broken }}
	if _, err := way.Run(t.Context(), "db1", Command{Argv: []string{"true"}}); kindOf(err) != Failed || !strings.Contains(err.Error(), broken.Error()) {
		t.Errorf("%v", err)
	}
}

func TestALateCommandMayGoOnInASimulationToo(t *testing.T) {
	way := Way{Prefix: []string{"ssh", "{host}"}, Through: func(ctx context.Context, _ string, _ []string, _, _ io.Writer) (int, error) {
		<-ctx.Done()
		return 0, ctx.Err()
	}}
	_, err := way.Run(t.Context(), "db1", Command{Argv: []string{"systemctl", "start", "mariadb"}, Limit: time.Millisecond})
	var e *Error
	if !errors.As(err, &e) || e.Kind != TimeOut || !e.Remains || !e.Begun {
		t.Errorf("%+v", err)
	}
}

func TestACommandThatNamesTheHostStaysInTheSimulation(t *testing.T) {
	way := simulated(func([]string, io.Writer, io.Writer) int { return 0 })
	step := Step{Command: Command{Argv: []string{"docker", "start", "{host}"}}, Here: true}
	got, c, err := step.Route(way, "db1")
	if err != nil || got.Through == nil || Line(c.Argv) != "docker start db1" {
		t.Errorf("%+v %+v %v", got, c, err)
	}
}
