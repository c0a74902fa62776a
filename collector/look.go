package collector

import (
	"context"
	"errors"
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

// LastMembers reads the membership table, which outside of a Primary Component
// lists the members of the last one. There the session must allow dirty reads.
// Known is false on a server without such a table.
func (s *Session) LastMembers(ctx context.Context) (rows []model.Member, known bool, err error) {
	sample := model.Sample{Server: s.s.server}
	err = s.s.ask(ctx, members, &sample, 0)
	switch {
	case errors.Is(err, errNoForm):
		return nil, false, nil
	case err != nil:
		return nil, false, err
	}
	return sample.Slow.Members.Rows, true, nil
}
