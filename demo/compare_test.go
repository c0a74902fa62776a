package demo

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// differences asks a real server and a simulated one the same questions and says
// where the names or types of the answers' columns differ.
func differences(ctx context.Context, realDSN, simulatedDSN string, queries []string) ([]string, error) {
	var shapes [2][][]string
	for i, dsn := range []string{realDSN, simulatedDSN} {
		var err error
		if shapes[i], err = columnsOf(ctx, dsn, queries); err != nil {
			return nil, err
		}
	}
	var out []string
	for q, query := range queries {
		want, got := shapes[0][q], shapes[1][q]
		for i := range max(len(want), len(got)) {
			switch {
			case i >= len(got):
				out = append(out, fmt.Sprintf("%s: column %d is missing, the server has %s", query, i, want[i]))
			case i >= len(want):
				out = append(out, fmt.Sprintf("%s: column %d is too many: %s", query, i, got[i]))
			case want[i] != got[i]:
				out = append(out, fmt.Sprintf("%s: column %d is %s, the server has %s", query, i, got[i], want[i]))
			}
		}
	}
	return out, nil
}

// columnsOf is the name and type of every column of every answer.
func columnsOf(ctx context.Context, dsn string, queries []string) (shapes [][]string, err error) {
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, query := range queries {
		shape, err := shapeOf(ctx, db, query)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", query, err)
		}
		shapes = append(shapes, shape)
	}
	return shapes, nil
}

func shapeOf(ctx context.Context, db *sql.DB, query string) ([]string, error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	shape := make([]string, len(types))
	for i, t := range types {
		nullable, _ := t.Nullable()
		shape[i] = fmt.Sprintf("%s %s nullable=%t", t.Name(), t.DatabaseTypeName(), nullable)
	}
	return shape, rows.Err()
}
