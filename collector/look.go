package collector

import (
	"context"
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
