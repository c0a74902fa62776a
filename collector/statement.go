package collector

import (
	"fmt"
	"slices"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// Statement is one thing that is asked of a server, in the forms that different
// servers understand. Statements are data: a file a subject.
type Statement struct {
	Name    string        // for messages and tests
	Subject model.Subject // 0 for what every tick or every connection needs
	Grant   string        // the privilege that a refusal asks for
	Forms   []Form        // the first that serves the server is used
	// Dirty says that the answer is of use outside of a Primary Component, where a
	// server gives it only to a session that allows dirty reads.
	Dirty bool
	// Start and Row turn the answer into a part of the sample.
	Start func(*model.Sample)
	Row   func(*model.Sample, Row)
	// Parts are asked one after the other and make one reading together. A part
	// that has Refused may fail without the others; Unless says that it is not
	// needed after those before it. Done comes last.
	Parts   []*Statement
	Refused func(*model.Sample, error)
	Unless  func(*model.Sample) bool
	Done    func(*model.Sample)
}

// Form is one wording of a statement.
type Form struct {
	Flavours []model.Flavour // empty: all
	Since    model.Release   // the first release that understands it; 0: all
	Until    model.Release   // the first release that no longer does; 0: none
	PerfS    bool            // needs performance_schema to be on
	SQL      string          // %d stands for the bound on rows, where there is one
	Columns  []string        // what the answer holds, in order
}

// Form is the first form that serves the server; ok is false when the server has
// no way to answer.
func (s *Statement) Form(server *model.Server) (form *Form, ok bool) {
	for i := range s.Forms {
		if s.Forms[i].serves(server) {
			return &s.Forms[i], true
		}
	}
	return nil, false
}

func (f *Form) serves(server *model.Server) bool {
	if server.Release < f.Since || (f.Until > 0 && server.Release >= f.Until) || (f.PerfS && server.PerfSchema != model.On) {
		return false
	}
	return len(f.Flavours) == 0 || slices.Contains(f.Flavours, server.Flavour)
}

// Bounded is the form's SQL with its bound on rows filled in. In process lists
// the named threads come first, so that the bound does not cut them.
func (f *Form) Bounded(rows int, first ...uint64) string {
	sql := f.SQL
	if len(first) > 0 {
		sql = strings.Replace(sql, processRank, processRank+"WHEN ID IN "+idList(first)+" THEN -1 ", 1)
	}
	if strings.Contains(sql, "%d") {
		return fmt.Sprintf(sql, rows)
	}
	return sql
}

var mysqlFamily = []model.Flavour{model.FlavourPXC, model.FlavourMySQL, model.FlavourPlain}

// Statements lists all statements that the collector issues, for tests that hold
// one server's answers against another's.
func Statements() []*Statement {
	return append([]*Statement{identity, self, access, status, processes, glance}, slowStatements...)
}

// slowStatements are asked on their own cadence or on demand.
var slowStatements = append([]*Statement{variables, values, origins, sources, members, transactions, digests, clock}, locks.Parts...)

// in makes the list of an IN clause.
func in(names []string) string {
	return "('" + strings.Join(names, "','") + "')"
}
