package collector

import (
	"context"
	"errors"

	"github.com/galeratop/galeratop/model"
)

// askAll issues a statement, or all its parts.
func (s *session) askAll(ctx context.Context, st *Statement, sample *model.Sample, rows int) error {
	if len(st.Parts) == 0 {
		err := s.ask(ctx, st, sample, rows)
		if st.Dirty && serverError(err, notReady) {
			err = s.askDirty(ctx, st, sample, rows)
		}
		return err
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

// notReady is ER_UNKNOWN_COM_ERROR: "WSREP has not yet prepared node for
// application use".
const notReady = 1047

// askDirty issues a statement of a session that allows dirty reads for it.
func (s *session) askDirty(ctx context.Context, st *Statement, sample *model.Sample, rows int) error {
	if err := s.exec(ctx, "SET SESSION wsrep_dirty_reads = ON"); err != nil {
		return err
	}
	asked := s.ask(ctx, st, sample, rows)
	if broken(asked) {
		return asked
	}
	return errors.Join(asked, s.exec(ctx, "SET SESSION wsrep_dirty_reads = OFF"))
}
