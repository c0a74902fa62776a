package collector

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// planLimit bounds a plan in JSON, in bytes.
const planLimit = 256 << 10

// Bounds on how long the server itself may take: a thread that waits for a row
// lock does not answer SHOW EXPLAIN until it has it.
const (
	liveLimit = 1500 * time.Millisecond
	anewLimit = 3 * time.Second
)

// Codes with which servers refuse to explain.
const (
	errNotExplainable = 1933 // MariaDB: no query plan yet, or none any more
	errNotSupported   = 3012 // MySQL: not supported for this kind of statement
	errReadOnlyTrx    = 1792
	errTimeExceeded   = 1969
	errNoThread       = 1094
	errViewDenied     = 1345
	errSyntax         = 1064
)

// Explain says how the server runs the statement of p, without running it: the
// plan of the running statement where the server shows that, else that of its
// text, asked for in a read-only transaction, since EXPLAIN may evaluate
// subqueries and stored functions. ANALYZE is never used. The query of p is what
// to explain when the statement has ended; it must be all of it.
func (i *Inspector) Explain(ctx context.Context, address string, server *model.Server, p model.Process, json bool) (*model.Explanation, error) {
	out := &model.Explanation{}
	begin := time.Now()
	err := i.session(ctx, address, server, func(ctx context.Context, s *session) error {
		var seen model.Inspection
		raw, err := i.identify(ctx, s, address, &p, &seen)
		if err != nil {
			return err
		}
		x := &explainer{s: s, json: json, out: out, db: p.DB, text: p.Query}
		ended := seen.Gone != "" || seen.Changed || seen.Process.Idle()
		if !ended {
			x.db, x.text = seen.Process.DB, raw
			if done, err := x.live(ctx, &seen.Process); done || err != nil {
				return err
			}
		}
		return x.anew(ctx, ended)
	})
	if err != nil {
		return nil, err
	}
	out.At = time.Now()
	out.Took = out.At.Sub(begin)
	return out, nil
}

// explainer is one request for a plan.
type explainer struct {
	s        *session
	json     bool
	out      *model.Explanation
	db, text string
	tried    string // why the running statement did not tell its plan
}

// liveForms read the plan of a running statement.
var liveForms = []struct {
	form  Form
	json  bool
	noted bool // a note repeats the statement that was explained
}{
	{Form{Flavours: []model.Flavour{mariadbOnly}, SQL: "SHOW EXPLAIN FOR %d"}, false, true},
	{Form{Flavours: []model.Flavour{mariadbOnly}, Since: 100900, SQL: "SHOW EXPLAIN FORMAT=JSON FOR %d"}, true, true},
	{Form{Flavours: mysqlFamily, Since: 50700, SQL: "EXPLAIN FOR CONNECTION %d"}, false, false},
	{Form{Flavours: mysqlFamily, Since: 50700, SQL: "EXPLAIN FORMAT=JSON FOR CONNECTION %d"}, true, false},
}

// live asks for the plan of the running statement; done means that the plan, or
// a final refusal, is in.
func (x *explainer) live(ctx context.Context, p *model.Process) (done bool, err error) {
	for k := range liveForms {
		f := &liveForms[k]
		if f.json != x.json || !f.form.serves(&x.s.server) {
			continue
		}
		if err := x.limit(ctx, liveLimit); err != nil {
			return false, err
		}
		err := x.ask(ctx, fmt.Sprintf(f.form.SQL, p.ID))
		if err != nil {
			x.tried = unexplained(err)
			x.out.Columns, x.out.Rows, x.out.JSON = nil, nil, ""
			if broken(err) {
				return false, err
			}
			return false, nil
		}
		x.out.Live, x.out.Source = true, "of the running statement"
		return true, x.verify(ctx, p, f.noted)
	}
	return false, nil
}

// verify holds the statement that was explained against the one that was meant:
// by the note that repeats it, or by a second look at the thread.
func (x *explainer) verify(ctx context.Context, p *model.Process, noted bool) error {
	explained := ""
	look := "SHOW WARNINGS"
	column := 2
	if !noted {
		column = 8
		for k := range inspectedForms {
			if f := &inspectedForms[k]; f.serves(&x.s.server) {
				look = fmt.Sprintf(f.SQL, p.ID)
				break
			}
		}
	}
	err := x.s.each(ctx, look, 0, func(r Row) {
		if !noted || r.raw(1) == "1003" {
			explained = strings.Clone(r.raw(column))
		}
	})
	if err != nil {
		return err
	}
	if explained == "" || !alike(explained, x.text) {
		x.refuse("the thread went on to another statement while its plan was read; ask again")
		return nil
	}
	x.out.Statement = model.HideSecrets(model.PrintableLines(x.text, textLimit))
	return nil
}

// alike compares two texts of one statement, of which either may be cut.
func alike(a, b string) bool {
	a, b = model.Printable(strings.TrimSpace(a), 0), model.Printable(strings.TrimSpace(b), 0)
	n := min(len(a), len(b), listedText-8)
	return n > 0 && a[:n] == b[:n]
}

// anew explains the text.
func (x *explainer) anew(ctx context.Context, ended bool) error {
	if why := unexplainable(x.text); why != "" {
		x.refuse(x.besides(why))
		return nil
	}
	x.out.Statement, x.out.Source = model.HideSecrets(model.PrintableLines(x.text, textLimit)), "made from its text"
	if ended {
		x.out.Source = "made from its text, it has ended"
	}
	if err := x.limit(ctx, anewLimit); err != nil {
		return err
	}
	explain := "EXPLAIN "
	if x.json {
		explain = "EXPLAIN FORMAT=JSON "
	}
	before := []string{"START TRANSACTION READ ONLY"}
	if x.db != "" {
		before = append(before, "USE `"+strings.ReplaceAll(x.db, "`", "``")+"`")
	}
	var err error
	for _, sql := range before {
		if err = x.s.exec(ctx, sql); err != nil {
			break
		}
	}
	if err == nil {
		err = x.ask(ctx, explain+x.text)
	}
	if broken(err) {
		return err
	}
	if err != nil {
		x.refuse(x.besides(unexplained(err)))
		x.out.Grant = lacking(err, x.db)
	}
	return x.s.exec(ctx, "ROLLBACK")
}

// ask reads a plan.
func (x *explainer) ask(ctx context.Context, sql string) error {
	x.out.Columns, x.out.Rows = nil, nil
	names, err := x.s.eachNamed(ctx, sql, 0, func(r Row) {
		if x.json {
			x.out.JSON = hideInPlan(model.PrintableLines(strings.Clone(r.raw(0)), planLimit))
			return
		}
		cells := make([]string, len(r))
		for i := range r {
			cells[i] = model.HideSecrets(r.Text(i, 1024))
		}
		x.out.Rows = append(x.out.Rows, cells)
	})
	if !x.json {
		x.out.Columns = make([]string, len(names))
		for i, name := range names {
			x.out.Columns[i] = model.Printable(name, 64)
		}
	}
	return err
}

// planText is a text in a plan in JSON.
var planText = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// hideInPlan takes the secrets out of a plan: it repeats conditions of the
// statement. Not all servers escape what they quote: behind a secret the rest of
// its line goes as well.
func hideInPlan(plan string) string {
	lines := strings.Split(plan, "\n")
	for i, line := range lines {
		for _, at := range planText.FindAllStringIndex(line, -1) {
			text := line[at[0]+1 : at[1]-1]
			if hidden := model.HideSecrets(text); hidden != text {
				lines[i] = line[:at[0]+1] + hidden + `"`
				break
			}
		}
	}
	return strings.Join(lines, "\n")
}

func (x *explainer) limit(ctx context.Context, d time.Duration) error {
	limit := fmt.Sprintf("SET SESSION max_execution_time = %d", d.Milliseconds())
	if x.s.server.Flavour == mariadbOnly {
		limit = fmt.Sprintf("SET SESSION max_statement_time = %g", d.Seconds())
	}
	if err := x.s.exec(ctx, limit); err != nil && !unknownVariable(err) {
		return err
	}
	return nil
}

func (x *explainer) refuse(why string) {
	*x.out = model.Explanation{Refused: why, Statement: model.HideSecrets(model.PrintableLines(x.text, textLimit))}
}

// besides puts the reason why the running statement did not tell its plan before
// the one why its text does not give one.
func (x *explainer) besides(why string) string {
	if x.tried == "" {
		return why
	}
	return x.tried + "; as for its text: " + why
}

// unexplained says in words why a server gave no plan.
func unexplained(err error) string {
	switch {
	case serverError(err, errNotExplainable, errNotSupported):
		return "the running statement has no plan at this moment"
	case serverError(err, errTimeExceeded, 3024):
		return "the thread did not tell its plan in time: it waits for a lock, or hangs"
	case serverError(err, errReadOnlyTrx):
		return "the server plans statements that write, lock rows, or call functions that write, only outside of a read-only " +
			"transaction, where EXPLAIN may write; their plan is known only while they run"
	case serverError(err, errNoThread):
		return "the thread has ended"
	case serverError(err, 1047):
		return "the node refuses it: not in a Primary Component, or not ready"
	case serverError(err, 1046):
		return "the statement needs a default database, and the thread has none"
	case serverError(err, errSyntax):
		return "the server does not understand its text alone: a parameter of a prepared statement, or a kind that has no plan"
	}
	return "the server says: " + model.HideSecrets(model.Printable(message(err), 300))
}

var deniedTable = regexp.MustCompile("(?i)^([A-Z, ]+) command denied to user .* for table `?([^`' ]+)`?(\\.`?([^`' ]+)`?)?")

// lacking names the privilege that EXPLAIN was refused for: it needs those of
// the statement itself.
func lacking(err error, db string) string {
	if !serverError(err, append([]uint16{errViewDenied}, denied...)...) {
		return ""
	}
	m := deniedTable.FindStringSubmatch(message(err))
	switch {
	case m != nil && m[4] != "":
		return model.Printable(fmt.Sprintf("%s ON %s.%s", strings.ToUpper(m[1]), m[2], m[4]), 200)
	case m != nil && db != "":
		return model.Printable(fmt.Sprintf("%s ON %s.%s", strings.ToUpper(m[1]), db, strings.Trim(m[2], "'")), 200)
	case db != "":
		return model.Printable("SELECT ON "+db+".*", 200)
	}
	return "SELECT on the tables of the statement"
}

func message(err error) string {
	if text := mysqlMessage(err); text != "" {
		return text
	}
	return err.Error()
}
