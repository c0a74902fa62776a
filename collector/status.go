package collector

import "github.com/galeratop/galeratop/model"

// status is the first of a tick's two round trips. Naming the variables keeps
// the answer at a third of SHOW STATUS LIKE 'wsrep%' and adds the few others
// without another trip.
var status = &Statement{
	Name: "status",
	Forms: []Form{{
		SQL:     "SHOW GLOBAL STATUS WHERE Variable_name IN " + in(statusNames()),
		Columns: []string{"Variable_name", "Value"},
	}},
	Start: func(s *model.Sample) { s.Status = model.Status{} },
	Row:   func(s *model.Sample, r Row) { s.Status.Set(r.raw(0), r.Text(1, 4096)) },
}

func statusNames() []string {
	names := make([]string, len(model.StatusVariables))
	for i, v := range model.StatusVariables {
		names[i] = v.Name
	}
	return names
}
