package collector

import (
	"database/sql/driver"
	"strconv"
	"time"
	"unsafe"

	"github.com/galeratop/galeratop/model"
)

// Row is one row of an answer. Its texts are only valid until the next row is
// read, so what is kept is copied, and reduced to printable characters.
type Row []driver.Value

// raw is the value's text without a copy; it must not be kept.
func (r Row) raw(i int) string {
	switch v := r[i].(type) {
	case []byte:
		return unsafe.String(unsafe.SliceData(v), len(v))
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case uint64:
		return strconv.FormatUint(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case float32:
		return strconv.FormatFloat(float64(v), 'f', -1, 32)
	}
	return ""
}

// Text is the value as printable text of at most limit bytes (0: no limit),
// owned by the caller.
func (r Row) Text(i, limit int) string {
	return model.Printable(string([]byte(r.raw(i))), limit)
}

// Num is the value as an integer; NULL is unknown.
func (r Row) Num(i int) model.Num {
	switch v := r[i].(type) {
	case nil:
		return model.Num{}
	case int64:
		return model.N(v)
	}
	return model.ParseNum(r.raw(i))
}

// Real is the value as a fraction; NULL is unknown.
func (r Row) Real(i int) model.Real {
	switch v := r[i].(type) {
	case float64:
		return model.R(v)
	case float32:
		return model.R(float64(v))
	}
	return model.ParseReal(r.raw(i))
}

// Duration is the value, counted in the unit; NULL is 0.
func (r Row) Duration(i int, unit time.Duration) time.Duration {
	return time.Duration(r.Real(i).V * float64(unit))
}
