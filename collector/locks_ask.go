package collector

import (
	"context"
	"errors"

	"github.com/galeratop/galeratop/model"
)

// askAll issues a statement, or all its parts.
func (s *session) askAll(ctx context.Context, st *Statement, sample *model.Sample, rows int) error {
	if len(st.Parts) == 0 {
		return s.ask(ctx, st, sample, rows)
	}
	st.Start(sample)
	for _, part := range st.Parts {
		if part.Unless != nil && part.Unless(sample) {
			continue
		}
		switch err := s.ask(ctx, part, sample, rows); {
		case err == nil:
		case broken(err):
			return err
		case part.Refused != nil:
			part.Refused(sample, err)
		case !errors.Is(err, errNoForm):
			return err
		}
	}
	if st.Done != nil {
		st.Done(sample)
	}
	return nil
}
