package ui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// unknown stands for what no server said.
const unknown = "-"

// short writes a quantity in at most five characters: 0, 0.3, 12, 1.2k, 123k.
func short(v float64) string {
	switch {
	case v < 0:
		return "-" + short(-v)
	case v == 0:
		return "0"
	case v < 0.05:
		return "<0.1"
	case v < 9.95:
		return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
	case v < 999.5:
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	for _, unit := range []string{"k", "M", "G", "T", "P"} {
		v /= 1000
		switch {
		case v < 9.95:
			return strconv.FormatFloat(v, 'f', 1, 64) + unit
		case v < 999.5:
			return strconv.FormatFloat(v, 'f', 0, 64) + unit
		}
	}
	return "huge"
}

// rate writes a rate, or that it is unknown.
func rate(r model.Real) string {
	if !r.Known {
		return unknown
	}
	return short(r.V)
}

// count writes an integer in full.
func count(n model.Num) string {
	if !n.Known {
		return unknown
	}
	return strconv.FormatInt(n.V, 10)
}

// countShort writes an integer in at most five characters.
func countShort(n model.Num) string {
	if !n.Known {
		return unknown
	}
	if n.V > -10000 && n.V < 10000 {
		return strconv.FormatInt(n.V, 10)
	}
	return short(float64(n.V))
}

// seqno writes a write-set's number in full; Galera's -1 is no number.
func seqno(n model.Num) string {
	if n.Undefined() {
		return "none"
	}
	return count(n)
}

// percent writes a share of 1.
func percent(r model.Real) string {
	switch {
	case !r.Known:
		return unknown
	case r.V <= 0:
		return "0%"
	case r.V < 0.01:
		return "<1%"
	}
	return strconv.Itoa(int(r.V*100+0.5)) + "%"
}

// bytes writes a size in binary units: 0, 812, 1.2K, 34M.
func bytes(v float64) string {
	if v < 1024 {
		return short(v)
	}
	for _, unit := range []string{"K", "M", "G", "T", "P"} {
		v /= 1024
		switch {
		case v < 9.95:
			return strconv.FormatFloat(v, 'f', 1, 64) + unit
		case v < 1023.5:
			return strconv.FormatFloat(v, 'f', 0, 64) + unit
		}
	}
	return "huge"
}

// bytesPerSecond writes a rate of bytes.
func bytesPerSecond(r model.Real) string {
	if !r.Known {
		return unknown
	}
	return bytes(r.V) + "B/s"
}

// duration writes a time span in two units at most, whole seconds, so that it
// changes once a second and no more: <1s, 7s, 2m03s, 1h04m, 3d04h.
func duration(d time.Duration) string {
	s := int64(d / time.Second)
	switch {
	case d < 0:
		return unknown
	case d == 0:
		return "0s"
	case s == 0:
		return "<1s"
	case s < 60:
		return fmt.Sprintf("%ds", s)
	case s < 3600:
		return fmt.Sprintf("%dm%02ds", s/60, s%60)
	case s < 86400:
		return fmt.Sprintf("%dh%02dm", s/3600, s/60%60)
	}
	return fmt.Sprintf("%dd%02dh", s/86400, s/3600%24)
}

// roughly writes how long something took: 340us, 12ms, 1.2s, then as duration.
func roughly(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return strconv.FormatInt(d.Microseconds(), 10) + "us"
	case d < time.Second:
		return strconv.FormatInt(d.Milliseconds(), 10) + "ms"
	case d < 10*time.Second:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + "s"
	}
	return duration(d)
}

// interval writes a refresh interval as people say it: 0.5s, 10s.
func interval(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + "s"
}

// seconds is a time span given in seconds.
func seconds(v float64) time.Duration { return time.Duration(v * float64(time.Second)) }

// uptime writes how long a server is up.
func uptime(n model.Num) string {
	if !n.Known {
		return ""
	}
	return duration(time.Duration(n.V) * time.Second)
}
