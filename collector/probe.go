package collector

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/galeratop/galeratop/model"
)

// probe is one question about one thread, in the forms that different servers
// understand: a Form's %d stands for the number that is asked about, and a
// server that lacks one form's table or a column is asked in the next. Probes are data, as
// statements are.
type probe struct {
	name  string
	grant string
	forms []Form
	// about is the number that is asked about; not known means that there is
	// nothing to ask.
	about func(*model.Inspection) model.Num
	part  func(*model.Inspection) *model.Part
	row   func(*model.Inspection, Row)
	// absent says why there is nothing to read on a server that no form serves.
	absent string
}

// Codes with which servers say that they have no such table: a plugin that is
// not installed.
var noSuchTable = []uint16{1109, 1146}

// run asks and fills in the probe's part of the inspection. An error means that
// the connection is of no more use; everything else is noted in the part.
func (p *probe) run(ctx context.Context, s *session, into *model.Inspection) error {
	about := p.about(into)
	if !about.Known {
		return nil
	}
	err := errNoForm
	for i := range p.forms {
		f := &p.forms[i]
		if !f.serves(&s.server) {
			continue
		}
		err = s.each(ctx, fmt.Sprintf(f.SQL, about.V), len(f.Columns), func(r Row) { p.row(into, r) })
		if !serverError(err, notThere...) {
			break
		}
	}
	if broken(err) {
		return err
	}
	*p.part(into) = p.outcome(err)
	return nil
}

// outcome puts what went wrong into words.
func (p *probe) outcome(err error) model.Part {
	switch {
	case err == nil:
		return model.Part{}
	case serverError(err, denied...):
		return model.Part{Grant: p.grant, Error: "the account lacks " + p.grant}
	case errors.Is(err, errNoForm), serverError(err, noSuchTable...):
		return model.Part{Error: p.absent}
	case serverError(err, 1047):
		return model.Part{Error: "the node refuses it: not in a Primary Component, or not ready"}
	}
	return model.Part{Error: model.Printable(err.Error(), 300)}
}

// each hands every row of an answer to a function; columns is how many it must
// have, 0 for any number.
func (s *session) each(ctx context.Context, sql string, columns int, row func(Row)) error {
	_, err := s.eachNamed(ctx, sql, columns, row)
	return err
}

// eachNamed also gives the names of the columns.
func (s *session) eachNamed(ctx context.Context, sql string, columns int, row func(Row)) ([]string, error) {
	queryer, ok := s.conn.(driver.QueryerContext)
	if !ok {
		return nil, driver.ErrSkip
	}
	answer, err := queryer.QueryContext(ctx, sql, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Close() }()
	names := slices.Clone(answer.Columns())
	if columns > 0 && len(names) != columns {
		return nil, fmt.Errorf("the answer has %d columns (%v), not %d", len(names), names, columns)
	}
	for r := make(Row, len(names)); ; {
		switch err := answer.Next(r); {
		case errors.Is(err, io.EOF):
			return names, nil
		case err != nil:
			return names, err
		}
		row(r)
	}
}
