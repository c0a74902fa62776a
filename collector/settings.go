package collector

import (
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// settings are all global variables and where each value comes from: about 700
// rows and 60 KB, so they are read only while somebody looks at them.
var settings = &Statement{
	Name: "settings", Subject: model.SubjectSettings,
	Start: func(s *model.Sample) {
		s.Slow.Settings = &model.Settings{Rows: make(map[string]model.Assignment, 800)}
	},
	Parts: []*Statement{values, origins, sources},
	Done:  func(*model.Sample) {},
}

// values are the settings that are in force, whatever they come from.
var values = &Statement{
	Name:  "settings' values",
	Forms: []Form{{SQL: "SHOW GLOBAL VARIABLES", Columns: []string{"Variable_name", "Value"}}},
	Start: func(*model.Sample) {},
	Row: func(s *model.Sample, r Row) {
		name := strings.ToLower(r.Text(0, 64))
		s.Slow.Settings.Rows[name] = model.Assignment{Value: secretless(name, r.Text(1, 8192))}
	},
}

// origins say on MariaDB where values come from, and what they are by default.
var origins = &Statement{
	Name: "settings' origins",
	Forms: []Form{
		{
			Flavours: []model.Flavour{model.FlavourMariaDB}, Since: 100500,
			SQL:     "SELECT VARIABLE_NAME, DEFAULT_VALUE, GLOBAL_VALUE_ORIGIN, READ_ONLY, GLOBAL_VALUE_PATH FROM information_schema.SYSTEM_VARIABLES",
			Columns: []string{"VARIABLE_NAME", "DEFAULT_VALUE", "GLOBAL_VALUE_ORIGIN", "READ_ONLY", "GLOBAL_VALUE_PATH"},
		},
		{
			Flavours: []model.Flavour{model.FlavourMariaDB},
			SQL:      "SELECT VARIABLE_NAME, DEFAULT_VALUE, GLOBAL_VALUE_ORIGIN, READ_ONLY FROM information_schema.SYSTEM_VARIABLES",
			Columns:  []string{"VARIABLE_NAME", "DEFAULT_VALUE", "GLOBAL_VALUE_ORIGIN", "READ_ONLY"},
		},
	},
	Start: func(s *model.Sample) { s.Slow.Settings.Traced = true },
	Row: func(s *model.Sample, r Row) {
		trace(s, r, func(name string, a *model.Assignment) {
			a.Default, a.Origin, a.Fixed = secretless(name, r.Text(1, 8192)), model.ParseOrigin(r.raw(2)), r.raw(3) == "YES"
			if len(r) > 4 {
				a.Path = r.Text(4, 512)
			}
		})
	},
	Refused: untraced,
}

const sourcesGrant = "SELECT ON performance_schema.*"

// sources say it on MySQL and PXC.
var sources = &Statement{
	Name: "settings' sources", Grant: sourcesGrant,
	Forms: []Form{{
		Flavours: mysqlFamily, Since: 80000, PerfS: true,
		SQL: `SELECT VARIABLE_NAME, VARIABLE_SOURCE, VARIABLE_PATH, SET_USER, UNIX_TIMESTAMP(SET_TIME) AS SET_AT
 FROM performance_schema.variables_info`,
		Columns: []string{"VARIABLE_NAME", "VARIABLE_SOURCE", "VARIABLE_PATH", "SET_USER", "SET_AT"},
	}},
	Start: func(s *model.Sample) { s.Slow.Settings.Traced = true },
	Row: func(s *model.Sample, r Row) {
		trace(s, r, func(_ string, a *model.Assignment) {
			a.Origin, a.Path, a.By = model.ParseOrigin(r.raw(1)), r.Text(2, 512), r.Text(3, 64)
			if at := r.Real(4); at.Known && at.V > 0 {
				a.Since = time.UnixMicro(int64(at.V * 1e6))
			}
		})
	},
	Refused: untraced,
}

// trace adds to a setting that has a global value.
func trace(s *model.Sample, r Row, with func(name string, a *model.Assignment)) {
	name := strings.ToLower(r.Text(0, 64))
	if a, ok := s.Slow.Settings.Rows[name]; ok {
		with(name, &a)
		s.Slow.Settings.Rows[name] = a
	}
}

// untraced notes that the server does not tell where values come from, and which
// privilege that takes.
func untraced(s *model.Sample, err error) {
	if serverError(err, denied...) {
		s.Slow.Settings.Grant = sourcesGrant
	}
}
