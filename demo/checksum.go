package demo

import (
	"regexp"
	"slices"
	"strings"

	"github.com/go-mysql-org/go-mysql/mysql"
)

var checksumQuery = regexp.MustCompile("(?is)^checksum\\s+tables?\\s+([a-z0-9_`.,\\s]+?)(?:\\s+(?:quick|extended))?\\s*;?\\s*$")

// checksummed answers CHECKSUM TABLE: the only statement that tells two nodes apart
// whose rows differ at the same seqno.
func (s *session) checksummed(sql string) (r *mysql.Result, err error, ok bool) { //nolint:revive // as the answer reads
	if len(sql) < len("checksum") || !strings.EqualFold(sql[:len("checksum")], "checksum") {
		return nil, nil, false
	}
	m := checksumQuery.FindStringSubmatch(sql)
	if m == nil {
		return nil, nil, false
	}
	if !s.node.servesData(s) {
		return nil, notReady(), true
	}
	var rows []any
	for name := range strings.SplitSeq(strings.ReplaceAll(m[1], "`", ""), ",") {
		if name = strings.TrimSpace(name); !strings.Contains(name, ".") {
			name = s.schema + "." + name
		}
		rows = append(rows, name)
	}
	r, err = s.tabular([]column{
		{"Table", typeName, func(_ *session, of any) value { return textValue(of.(string)) }},
		{"Checksum", typeBigint.nullable(), func(s *session, of any) value { return s.checksum(of.(string)) }},
	}, rows)
	return r, err, true
}

// checksum is NULL for a table in no schema.
func (s *session) checksum(name string) value {
	schema, _, _ := strings.Cut(name, ".")
	if !slices.Contains(schemas, strings.ToLower(schema)) {
		return value{}
	}
	return intValue(int64(s.node.rows.sum(name, -1) & 0xffffffff))
}
