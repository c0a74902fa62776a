package demo

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"
)

type kind uint8

const (
	kindNull kind = iota
	kindInt
	kindUint
	kindFloat
	kindText
	kindTime // i counts microseconds since 1970
)

// value is one SQL value; i holds the bits of a kindFloat.
type value struct {
	kind kind
	i    int64
	s    string
}

var null = value{}

func intValue(i int64) value     { return value{kind: kindInt, i: i} }
func uintValue(i uint64) value   { return value{kind: kindUint, i: int64(i)} }
func floatValue(f float64) value { return value{kind: kindFloat, i: int64(math.Float64bits(f))} }
func textValue(s string) value   { return value{kind: kindText, s: s} }
func timeValue(t time.Time) value {
	return value{kind: kindTime, i: t.UnixMicro()}
}

func boolValue(b bool) value {
	if b {
		return intValue(1)
	}
	return intValue(0)
}

// textOrNull is the empty text as NULL, as process lists print a missing schema.
func textOrNull(s string) value {
	if s == "" {
		return null
	}
	return textValue(s)
}

func (v value) isNull() bool { return v.kind == kindNull }

func (v value) number() float64 {
	switch v.kind {
	case kindInt, kindTime:
		return float64(v.i)
	case kindUint:
		return float64(uint64(v.i))
	case kindFloat:
		return math.Float64frombits(uint64(v.i))
	case kindText:
		return leadingNumber(v.s)
	case kindNull:
	}
	return 0
}

// leadingNumber converts a text as MySQL does: what it starts with, or 0.
func leadingNumber(s string) float64 {
	s = strings.TrimSpace(s)
	for end := len(s); end > 0; end-- {
		if f, err := strconv.ParseFloat(s[:end], 64); err == nil {
			return f
		}
	}
	return 0
}

func (v value) truth() bool { return !v.isNull() && v.number() != 0 }

func (v value) text() string {
	if v.kind == kindText {
		return v.s
	}
	return string(v.append(nil, 6))
}

// append prints the value; decimals count for fractions only.
func (v value) append(b []byte, decimals int) []byte {
	switch v.kind {
	case kindInt:
		return strconv.AppendInt(b, v.i, 10)
	case kindUint:
		return strconv.AppendUint(b, uint64(v.i), 10)
	case kindFloat:
		return strconv.AppendFloat(b, v.number(), 'f', decimals, 64)
	case kindTime:
		return time.UnixMicro(v.i).UTC().AppendFormat(b, time.DateTime)
	case kindText:
		return append(b, v.s...)
	case kindNull:
	}
	return b
}

// compare orders two values that are not NULL: texts without regard to case, as
// the servers' default collations do.
func compare(a, b value) int {
	if a.kind == kindText && b.kind == kindText {
		return compareFold(a.s, b.s)
	}
	if a.kind == kindInt && b.kind == kindInt {
		return order(a.i, b.i)
	}
	return order(a.number(), b.number())
}

// same is compare(a, b) == 0, quickly.
func same(a, b value) bool {
	if a.kind == kindText && b.kind == kindText {
		return len(a.s) == len(b.s) && (a.s == b.s || compareFold(a.s, b.s) == 0)
	}
	return compare(a, b) == 0
}

func order[T int64 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func compareFold(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		if x, y := lower(a[i]), lower(b[i]); x != y {
			return int(x) - int(y)
		}
	}
	return len(a) - len(b)
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// like matches a text against a LIKE pattern, without regard to case.
func like(s, pattern string) bool {
	for pattern != "" {
		switch c := pattern[0]; c {
		case '%':
			for pattern = strings.TrimLeft(pattern, "%"); ; s = s[1:] {
				if like(s, pattern) {
					return true
				}
				if s == "" {
					return false
				}
			}
		case '\\':
			if len(pattern) > 1 {
				pattern = pattern[1:]
				c = pattern[0]
			}
			if s == "" || lower(s[0]) != lower(c) {
				return false
			}
		default:
			if s == "" || (c != '_' && lower(s[0]) != lower(c)) {
				return false
			}
		}
		s, pattern = s[1:], pattern[1:]
	}
	return s == ""
}

// sqlType is the type of a column of an answer, as the protocol describes it.
type sqlType struct {
	code     uint8
	flags    uint16
	length   uint32
	decimals uint8
	charset  uint16
}

const (
	charsetBinary = 63
	charsetUTF8   = 45 // utf8mb4_general_ci
)

func textType(code uint8, length uint32, flags uint16) sqlType {
	return sqlType{code: code, flags: flags, length: length, charset: charsetUTF8}
}

func numberType(code uint8, length uint32, flags uint16) sqlType {
	return sqlType{code: code, flags: flags | mysql.BINARY_FLAG, length: length, charset: charsetBinary}
}

func decimalType(length uint32, decimals uint8) sqlType {
	return sqlType{
		code: mysql.MYSQL_TYPE_NEWDECIMAL, flags: mysql.BINARY_FLAG,
		length: length, decimals: decimals, charset: charsetBinary,
	}
}

const notNull = uint16(mysql.NOT_NULL_FLAG)

var (
	typeNull     = sqlType{code: mysql.MYSQL_TYPE_NULL, flags: mysql.BINARY_FLAG, charset: charsetBinary}
	typeVarchar  = textType(mysql.MYSQL_TYPE_VAR_STRING, 1024, 0)
	typeName     = textType(mysql.MYSQL_TYPE_VAR_STRING, 256, notNull)
	typeValue    = textType(mysql.MYSQL_TYPE_VAR_STRING, 8192, notNull)
	typeChar     = textType(mysql.MYSQL_TYPE_STRING, 144, notNull)
	typeText     = textType(mysql.MYSQL_TYPE_BLOB, 262140, 0)
	typeLongText = textType(mysql.MYSQL_TYPE_LONG_BLOB, 4294967295, 0)
	typeBlob     = sqlType{code: mysql.MYSQL_TYPE_BLOB, flags: mysql.BINARY_FLAG, length: 65535, charset: charsetBinary}
	typeEnum     = textType(mysql.MYSQL_TYPE_STRING, 64, notNull|mysql.ENUM_FLAG)
	typeTiny     = numberType(mysql.MYSQL_TYPE_TINY, 2, notNull)
	typeInt      = numberType(mysql.MYSQL_TYPE_LONG, 7, notNull)
	typeUint     = numberType(mysql.MYSQL_TYPE_LONG, 10, notNull|mysql.UNSIGNED_FLAG)
	typeBigint   = numberType(mysql.MYSQL_TYPE_LONGLONG, 21, notNull)
	typeUbigint  = numberType(mysql.MYSQL_TYPE_LONGLONG, 21, notNull|mysql.UNSIGNED_FLAG)
	typeDatetime = numberType(mysql.MYSQL_TYPE_DATETIME, 19, notNull)
	typeDouble   = sqlType{
		code: mysql.MYSQL_TYPE_DOUBLE, flags: notNull | mysql.BINARY_FLAG,
		length: 22, decimals: 6, charset: charsetBinary,
	}
)

func (t sqlType) nullable() sqlType {
	t.flags &^= mysql.NOT_NULL_FLAG
	return t
}

// field is the protocol's description of a column.
func (t sqlType) field(name string) *mysql.Field {
	f := &mysql.Field{
		Name: []byte(name), OrgName: []byte(name), Charset: t.charset, ColumnLength: t.length,
		Type: t.code, Flag: t.flags, Decimal: t.decimals,
	}
	f.Data = f.Dump()
	return f
}
