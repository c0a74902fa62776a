package model

import (
	"bytes"
	"math"
	"strconv"
	"strings"
)

// Num is an integer that a server reported, or nothing. Unknown is never shown
// or reckoned as zero. Its JSON form is the number, or null when unknown.
type Num struct {
	V     int64
	Known bool
}

// N makes a known Num.
func N(v int64) Num { return Num{V: v, Known: true} }

// Undefined reports whether the server said "no value" in Galera's way: -1,
// which some flavours print unsigned.
func (n Num) Undefined() bool { return n.Known && n.V == -1 }

// Or returns the value, or other when it is unknown.
func (n Num) Or(other int64) int64 {
	if n.Known {
		return n.V
	}
	return other
}

// ParseNum reads a number as servers print it: decimal, signed or unsigned,
// with 18446744073709551615 meaning -1, and booleans as 0 and 1. Anything else,
// the empty text included, is unknown.
func ParseNum(text string) Num {
	text = strings.TrimSpace(text)
	if v, err := strconv.ParseInt(text, 10, 64); err == nil {
		return N(v)
	}
	if v, err := strconv.ParseUint(text, 10, 64); err == nil {
		if v == math.MaxUint64 {
			return N(-1)
		}
		return N(math.MaxInt64)
	}
	if on, known := ParseBool(text); known {
		if on {
			return N(1)
		}
		return N(0)
	}
	// Some provider values are floats where others are integers.
	if f, err := strconv.ParseFloat(text, 64); err == nil && math.Abs(f) < math.MaxInt64 {
		return N(int64(f))
	}
	return Num{}
}

// MarshalJSON writes the number, or null when it is unknown.
func (n Num) MarshalJSON() ([]byte, error) {
	if !n.Known {
		return []byte("null"), nil
	}
	return strconv.AppendInt(nil, n.V, 10), nil
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (n *Num) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		*n = Num{}
		return nil
	}
	v, err := strconv.ParseInt(string(data), 10, 64)
	*n = N(v)
	return err
}

// Real is a measured quantity, or nothing; its JSON form is the number or null.
type Real struct {
	V     float64
	Known bool
}

// R makes a known Real; NaN and infinities are unknown.
func R(v float64) Real {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return Real{}
	}
	return Real{V: v, Known: true}
}

// Or returns the value, or other when it is unknown.
func (r Real) Or(other float64) float64 {
	if r.Known {
		return r.V
	}
	return other
}

// ParseReal reads a decimal fraction as servers print it.
func ParseReal(text string) Real {
	f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil {
		return Real{}
	}
	return R(f)
}

// MarshalJSON writes the number, or null when it is unknown.
func (r Real) MarshalJSON() ([]byte, error) {
	if !r.Known {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, r.V, 'g', -1, 64), nil
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (r *Real) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		*r = Real{}
		return nil
	}
	f, err := strconv.ParseFloat(string(data), 64)
	*r = R(f)
	return err
}

// Flag is a switch that a server reported, or nothing; JSON true, false or null.
type Flag uint8

// The three things that can be known of a switch.
const (
	Unknown Flag = iota
	Off
	On
)

// ParseFlag reads ON/OFF, true/false, YES/NO, 1/0 in any case.
func ParseFlag(text string) Flag {
	on, known := ParseBool(text)
	switch {
	case !known:
		return Unknown
	case on:
		return On
	}
	return Off
}

// ParseBool reads the spellings of a switch that servers use; known is false
// for any other text.
func ParseBool(text string) (on, known bool) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "on", "true", "yes", "1":
		return true, true
	case "off", "false", "no", "0":
		return false, true
	}
	return false, false
}

// MarshalJSON writes true, false or null.
func (f Flag) MarshalJSON() ([]byte, error) {
	return []byte([...]string{"null", "false", "true"}[f]), nil
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (f *Flag) UnmarshalJSON(data []byte) error {
	*f = ParseFlag(string(data))
	return nil
}

// String is the word that servers print, or "unknown".
func (f Flag) String() string {
	return [...]string{"unknown", "OFF", "ON"}[f]
}

// ByteWords writes a number of bytes for a sentence: 812 bytes, 1.2 GiB, 34 GiB.
func ByteWords(n int64) string {
	if n < 1024 {
		return count(int(n), "byte")
	}
	v, unit := float64(n)/1024, 0
	for v >= 1023.5 && unit < 4 {
		v, unit = v/1024, unit+1
	}
	digits := 0
	if v < 9.95 {
		digits = 1
	}
	return strconv.FormatFloat(v, 'f', digits, 64) + " " + "KMGTP"[unit:unit+1] + "iB"
}
