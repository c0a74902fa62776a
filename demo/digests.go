package demo

import (
	"slices"
	"time"

	"github.com/galeratop/galeratop/model"
)

// digestRow is one row of events_statements_summary_by_digest.
type digestRow struct {
	calls, examined, sent, affected int64
	total, longest                  time.Duration
	first, last                     time.Duration // when it was seen
	sample                          string
}

// advance adds statements that ended.
func (d *digestRow) advance(now time.Duration, t *template, calls int64, slower float64) {
	if calls <= 0 {
		return
	}
	each := time.Duration(t.took * slower * float64(time.Millisecond))
	d.note(now, t)
	d.calls += calls
	d.examined += calls * t.examined
	d.sent += calls * t.sent
	d.affected += calls * t.affected
	d.total += each * time.Duration(calls)
	d.longest = max(d.longest, each*7)
}

func (d *digestRow) note(now time.Duration, t *template) {
	if d.calls == 0 {
		d.first, d.sample = now, t.variants[0]
	}
	d.last = now
}

// endRunaway counts a runaway that ends: until then its digest knows nothing of
// it.
func (n *node) endRunaway(t *thread) {
	if t.role != roleRunaway || !t.running {
		return
	}
	last := len(templates) - 1
	d, took := &n.digests[last], time.Duration(t.seconds()*float64(time.Second))
	d.note(n.e.now, &templates[last])
	d.calls++
	d.examined += t.examined()
	d.total += took
	d.longest = max(d.longest, took)
}

func digestColumn(name string, typ sqlType, get func(*template, *digestRow) value) column {
	return column{name, typ, func(s *session, of any) value {
		i := of.(int)
		return get(&templates[i], &s.node.digests[i])
	}}
}

// picoseconds is the unit of performance_schema's timers.
func picoseconds(d time.Duration) value { return uintValue(uint64(d) * 1000) }

func digestTime(name string, of func(*digestRow) time.Duration) column {
	return column{name, typeDatetime, func(s *session, row any) value {
		return timeValue(s.node.e.birth.Add(of(&s.node.digests[row.(int)])))
	}}
}

var digestColumns = []column{
	digestColumn("SCHEMA_NAME", typeVarchar, func(t *template, _ *digestRow) value { return textValue(t.schema) }),
	digestColumn("DIGEST", typeVarchar, func(t *template, _ *digestRow) value { return textValue(t.id) }),
	digestColumn("DIGEST_TEXT", typeLongText, func(t *template, _ *digestRow) value { return textValue(t.digest) }),
	digestColumn("COUNT_STAR", typeUbigint, func(_ *template, d *digestRow) value { return intValue(d.calls) }),
	digestColumn("SUM_TIMER_WAIT", typeUbigint, func(_ *template, d *digestRow) value { return picoseconds(d.total) }),
	digestColumn("MAX_TIMER_WAIT", typeUbigint, func(_ *template, d *digestRow) value { return picoseconds(d.longest) }),
	digestColumn("SUM_ROWS_EXAMINED", typeUbigint, func(_ *template, d *digestRow) value { return intValue(d.examined) }),
	digestColumn("SUM_ROWS_SENT", typeUbigint, func(_ *template, d *digestRow) value { return intValue(d.sent) }),
	digestColumn("SUM_ROWS_AFFECTED", typeUbigint, func(_ *template, d *digestRow) value { return intValue(d.affected) }),
	digestTime("FIRST_SEEN", func(d *digestRow) time.Duration { return d.first }),
	digestTime("LAST_SEEN", func(d *digestRow) time.Duration { return d.last }),
}

// digestTable is what a flavour knows of its statements.
func digestTable(flavour model.Flavour, more ...column) *table {
	return &table{
		schema: "performance_schema", name: "events_statements_summary_by_digest", flavour: flavour,
		columns: append(slices.Clone(digestColumns), more...),
		rows: func(s *session) []any {
			var out []any
			for i := range s.node.digests {
				if s.node.digests[i].calls > 0 {
					out = append(out, i)
				}
			}
			return out
		},
	}
}

var digestTables = []*table{
	digestTable(mariadb),
	digestTable(
		pxc,
		digestColumn("QUANTILE_95", typeUbigint, func(_ *template, d *digestRow) value {
			return picoseconds(d.total / time.Duration(d.calls) * 3) // of an exponential distribution
		}),
		digestColumn("QUERY_SAMPLE_TEXT", typeLongText, func(_ *template, d *digestRow) value { return textValue(d.sample) }),
	),
}
