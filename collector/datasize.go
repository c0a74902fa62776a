package collector

import (
	"context"

	"github.com/galeratop/galeratop/model"
)

// dataSize is how many bytes the tables of a server take on its disk, about what a
// full copy brings. The sizes are those of the files, which INFORMATION_SCHEMA.TABLES
// would have to open every table for.
func dataSize(to *model.Num) *Statement {
	return &Statement{
		Name: "data size", Grant: "PROCESS",
		Forms: []Form{
			{
				Flavours: []model.Flavour{model.FlavourMariaDB},
				SQL:      "SELECT SUM(FILE_SIZE) AS SIZE FROM information_schema.INNODB_SYS_TABLESPACES",
				Columns:  []string{"SIZE"},
			},
			{SQL: "SELECT SUM(FILE_SIZE) AS SIZE FROM information_schema.INNODB_TABLESPACES", Columns: []string{"SIZE"}},
		},
		Start: func(*model.Sample) {},
		Row:   func(_ *model.Sample, r Row) { *to = r.Num(0) },
	}
}

// DataSize is how many bytes the server's InnoDB tables take.
func (s *Session) DataSize(ctx context.Context) (size model.Num, err error) {
	var sample model.Sample
	sample.Server = s.s.server
	err = s.s.ask(ctx, dataSize(&size), &sample, 0)
	return size, err
}
