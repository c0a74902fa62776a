package collector

import (
	"time"

	"github.com/galeratop/galeratop/model"
)

// digestText bounds a digest's text and its example, in bytes.
const digestText = 1024

var digestColumns = []string{
	"DIGEST", "SCHEMA_NAME", "DIGEST_TEXT", "COUNT_STAR", "SUM_TIMER_WAIT", "MAX_TIMER_WAIT", "SUM_ROWS_EXAMINED",
	"SUM_ROWS_SENT", "SUM_ROWS_AFFECTED", "AGE", "QUANTILE_95", "QUERY_SAMPLE_TEXT",
}

// digestsSQL reads the digests with a bound on their number: first those that
// were in use in the last minute, by the load they make since they are known, so
// that a new bad statement comes before old ones with large sums; then the
// largest sums.
func digestsSQL(more string) string {
	return `SELECT DIGEST, SCHEMA_NAME, LEFT(DIGEST_TEXT, 1024) AS DIGEST_TEXT, COUNT_STAR, SUM_TIMER_WAIT, MAX_TIMER_WAIT,
 SUM_ROWS_EXAMINED, SUM_ROWS_SENT, SUM_ROWS_AFFECTED, TIMESTAMPDIFF(SECOND, FIRST_SEEN, NOW()) AS AGE, ` + more + `
 FROM performance_schema.events_statements_summary_by_digest
 ORDER BY TIMESTAMPDIFF(SECOND, LAST_SEEN, NOW()) < 60 DESC,
 CASE WHEN TIMESTAMPDIFF(SECOND, LAST_SEEN, NOW()) < 60
 THEN SUM_TIMER_WAIT / (TIMESTAMPDIFF(SECOND, FIRST_SEEN, NOW()) + 10) ELSE SUM_TIMER_WAIT END DESC LIMIT %d`
}

// digests is what statements cost, added up by the server itself.
var digests = &Statement{
	Name: "digests", Subject: model.SubjectDigests, Grant: "SELECT ON performance_schema.*",
	Forms: []Form{
		{
			Flavours: mysqlFamily, Since: 80000, PerfS: true, Columns: digestColumns,
			SQL: digestsSQL("QUANTILE_95, LEFT(QUERY_SAMPLE_TEXT, 1024) AS QUERY_SAMPLE_TEXT"),
		},
		{PerfS: true, Columns: digestColumns, SQL: digestsSQL("NULL AS QUANTILE_95, NULL AS QUERY_SAMPLE_TEXT")},
	},
	Start: func(s *model.Sample) { s.Slow.Digests = &model.Digests{} },
	Row: func(s *model.Sample, r Row) {
		s.Slow.Digests.Rows = append(s.Slow.Digests.Rows, model.Digest{
			ID: r.Text(0, 64), Schema: r.Text(1, 64), Text: r.Text(2, digestText), Calls: r.Num(3).V,
			Total: timer(r.Real(4)), Max: timer(r.Real(5)),
			Examined: r.Num(6).V, Sent: r.Num(7).V, Affected: r.Num(8).V,
			Age: max(r.Duration(9, time.Second), 0), P95: timer(r.Real(10)), Sample: model.HideSecrets(r.Text(11, digestText)),
		})
	},
}

// timer converts picoseconds.
func timer(v model.Real) time.Duration { return time.Duration(v.V / 1000) }
