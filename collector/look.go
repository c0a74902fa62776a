package collector

import (
	"context"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// Look reads the status and the variables of the server as they are now.
func (s *Session) Look(ctx context.Context) (*model.Sample, error) {
	begin := time.Now()
	sample := &model.Sample{Server: s.s.server}
	if err := s.s.ask(ctx, status, sample, 0); err != nil {
		return nil, err
	}
	sample.At, sample.Took = time.Now(), time.Since(begin)
	if err := s.s.ask(ctx, variables, sample, 0); err != nil {
		return nil, err
	}
	describe(sample, variables, begin, nil)
	return sample, nil
}

// KeepsMembers reports whether a server has a membership table.
func KeepsMembers(server *model.Server) bool {
	_, ok := members.Form(server)
	return ok
}

// LastMembers reads the membership table, which outside of a Primary Component
// lists the members of the last one.
func (s *Session) LastMembers(ctx context.Context) ([]model.Member, error) {
	sample := model.Sample{Server: s.s.server}
	if err := s.s.askAll(ctx, members, &sample, 0); err != nil {
		return nil, err
	}
	return sample.Slow.Members.Rows, nil
}

// Globals are the global values of variables as they are now, by lower-case name;
// those that the server does not have are missing. Names must be of letters,
// digits and underscores.
func (s *Session) Globals(ctx context.Context, names ...string) (map[string]string, error) {
	out := make(map[string]string, len(names))
	err := s.s.ask(ctx, &Statement{
		Name: "some settings",
		Forms: []Form{{
			SQL:     "SHOW GLOBAL VARIABLES WHERE Variable_name IN " + in(names),
			Columns: []string{"Variable_name", "Value"},
		}},
		Start: func(*model.Sample) {},
		Row: func(_ *model.Sample, r Row) {
			name := strings.ToLower(r.Text(0, 64))
			out[name] = secretless(name, r.Text(1, 8192))
		},
	}, &model.Sample{Server: s.s.server}, 0)
	return out, err
}
