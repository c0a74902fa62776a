package collector

import (
	"database/sql/driver"
	"encoding/json"
	"strings"
	"testing"

	"github.com/galeratop/galeratop/model"
)

// answered reads a row in which every column that holds a statement has this one.
func answered(columns []string, statement string) Row {
	row := make(Row, len(columns))
	for i, name := range columns {
		row[i] = driver.Value([]byte("1"))
		switch strings.ToUpper(name) {
		case "INFO", "SQL_TEXT", "QUERY_SAMPLE_TEXT":
			row[i] = []byte(statement)
		}
	}
	return row
}

func TestNoSecretOfAStatementReachesASampleOrAnInspection(t *testing.T) {
	for _, statement := range []string{
		"CREATE USER app IDENTIFIED BY 'hunter2'", "SET PASSWORD FOR app = PASSWORD('hunter2')",
		"ALTER USER app\nIDENTIFIED\n/* new */ BY 'hunter2'", "SELECT * FROM users WHERE password = 'hunter2' AND id = 3",
	} {
		for _, st := range []*Statement{processes, glance, digests} {
			for i := range st.Forms {
				s := &model.Sample{}
				st.Start(s)
				st.Row(s, answered(st.Forms[i].Columns, statement))
				spared(t, st.Name, s)
			}
		}
		for i := range inspectedForms {
			row := answered(inspectedForms[i].Columns, statement)
			spared(t, "inspected thread", inspected(row))
			spared(t, "whole statement", statementText(row.raw(8)))
		}
		for _, p := range inspectProbes {
			for i := range p.forms {
				found := &model.Inspection{}
				p.row(found, answered(p.forms[i].Columns, statement))
				if p == historyProbe {
					spared(t, p.name, found)
				}
			}
		}
		x := &explainer{out: &model.Explanation{}, text: statement}
		x.refuse("no plan")
		spared(t, "explanation", x.out)
	}
}

// spared expects the start of the statement and not its secret.
func spared(t *testing.T, what string, v any) {
	t.Helper()
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if text := string(out); strings.Contains(text, "hunter2") {
		t.Errorf("%s has the secret: %s", what, text)
	} else if !strings.Contains(text, "********") && what != digests.Name {
		t.Errorf("%s has no statement: %s", what, text)
	}
}

func TestAPlanRepeatsNoSecret(t *testing.T) {
	plan := "{\n  \"possible_keys\": [\"password\", \"id\"],\n  \"attached_condition\": \"u.password = 'hun\"ter2' and u.id = 3\",\n  \"rows\": 12\n}"
	want := "{\n  \"possible_keys\": [\"password\", \"id\"],\n  \"attached_condition\": \"u.password = ********\"\n  \"rows\": 12\n}"
	if got := hideInPlan(plan); got != want {
		t.Errorf("shown as %s", got)
	}
}

func TestALockThatAClientNamedIsNoSchema(t *testing.T) {
	for _, c := range [][3]string{
		{"User lock", "import of Meier's", "GET_LOCK('import of Meier''s')"},
		{"USER LEVEL LOCK", ".job", "GET_LOCK('job')"},
		{"TABLE", "shop.orders", "shop.orders"},
		{"Schema metadata lock", "shop", "shop"},
	} {
		if got := lockedObject(c[0], c[1]); got != c[2] {
			t.Errorf("%s %s is called %s", c[0], c[1], got)
		}
		if shown := model.MaskLiterals(lockedObject(c[0], c[1])); strings.HasPrefix(strings.ToLower(c[0]), "user") && shown != "GET_LOCK(?)" {
			t.Errorf("in private it is called %s", shown)
		}
	}
}
