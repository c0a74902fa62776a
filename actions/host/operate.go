package host

import (
	"context"
	"errors"
	"strings"
)

// Done is one command of an operation that was carried out, with its output.
type Done struct {
	Line   string // as a person would type it, with the way
	Output *Output
}

// Do carries out an operation and waits for its end; line gets the output as it
// comes. To start a first node it is an error unless the server is proven stopped:
// galera_new_cluster restarts one that runs, which takes it out of its cluster.
//
// When an *Error has Begun, the service manager may go on with the work: what
// became of it has to be looked at.
func (s *Service) Do(ctx context.Context, w Way, name string, op Operation, facts Facts, line func(string)) ([]Done, error) {
	steps, err := s.Steps(op)
	if err != nil {
		return nil, err
	}
	if op == Bootstrap {
		if err := provenStopped(ctx, w, name, facts); err != nil {
			return nil, err
		}
	}
	var done []Done
	for _, step := range steps {
		way, c, err := step.Route(w, name)
		if err != nil {
			return done, err
		}
		c.Line = line
		d := Done{Line: Line(c.Argv)}
		if argv, err := way.Argv(name, c); err == nil {
			d.Line = Line(argv)
		}
		// A step that names the host leads there by itself.
		at := name
		if step.Here {
			at = ""
		}
		d.Output, err = way.Run(ctx, at, c)
		done = append(done, d)
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// Running asks the service manager for the service's state, in its own word, such
// as active, inactive, failed or activating.
func (s *Service) Running(ctx context.Context, w Way, name string) (string, error) {
	done, err := s.Do(ctx, w, name, Status, Facts{}, nil)
	var e *Error
	// is-active answers with its exit code too: 3 for anything but active.
	if len(done) == 1 && done[0].Output != nil && (err == nil || errors.As(err, &e) && e.Kind == Failed) {
		if word := strings.TrimSpace(string(done[0].Output.Stdout)); word != "" {
			return lastLine(&Output{Stdout: []byte(word)}), nil
		}
	}
	return "", err
}

// provenStopped is nil if no server runs on the node's data.
func provenStopped(ctx context.Context, w Way, name string, facts Facts) error {
	r := reader{ctx: ctx, way: w, host: name, facts: facts}
	dir := r.dataDir(r.options())
	server, _ := r.processes(dir)
	switch {
	case !server.Known():
		return &Error{Host: name, Kind: BadName, Text: "whether the server is stopped is not known: " + server.Unknown}
	case server.Value.Running:
		return &Error{Host: name, Kind: BadName, Text: "the server is running, as process " + server.Value.PID}
	}
	return nil
}
