package model

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// SameMeaning reports whether two values of a setting mean the same to a server:
// PT5S is 5 s, 64M is 67108864, ON is 1, and the order of a list of modes or of
// members makes no difference.
func SameMeaning(name, a, b string) bool {
	if a == b {
		return true
	}
	return meaning(name, a) == meaning(name, b)
}

// meaning is a value in one form of many.
func meaning(name, value string) string {
	value = strings.TrimSpace(value)
	switch {
	case orderless[name]:
		return orderedList(value)
	case verbatim[name]:
		// Servers write a slash behind a directory.
		return strings.TrimRight(value, "/")
	}
	folded := strings.ToLower(value)
	if word, ok := switches[folded]; ok {
		return word
	}
	if d, ok := ParsePeriod(value); ok {
		return number(d.Seconds())
	}
	if n, ok := quantity(value); ok {
		return number(n)
	}
	return folded
}

// switches are the words for on and off; servers say 1 and 0 as well, and those
// are numbers for other settings, so that all become the number.
var switches = map[string]string{"on": "1", "yes": "1", "true": "1", "off": "0", "no": "0", "false": "0"}

// orderless are lists whose order means nothing.
var orderless = map[string]bool{
	"sql_mode": true, "wsrep_cluster_address": true, "wsrep_mode": true, "optimizer_switch": true, "old_mode": true,
	"ssl_cipher": true, "tls_version": true,
}

// verbatim are values in which letters of different case differ.
var verbatim = map[string]bool{
	"datadir": true, "wsrep_cluster_name": true, "wsrep_node_name": true, "wsrep_provider": true, "init_connect": true,
	"wsrep_sst_auth": true, "plugin_dir": true, "tmpdir": true, "socket": true,
}

// orderedList sorts a list, without what may stand before and behind it in an
// address of a group.
func orderedList(value string) string {
	value, options, _ := strings.Cut(strings.TrimPrefix(strings.ToLower(value), "gcomm://"), "?")
	items := strings.Split(value, ",")
	for i := range items {
		items[i] = strings.TrimSpace(items[i])
	}
	slices.Sort(items)
	return strings.Join(items, ",") + "?" + options
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

var periodForm = regexp.MustCompile(`^P(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$`)

// ParsePeriod reads a duration as the provider writes it: PT5S, PT0.5S, P1DT2H.
func ParsePeriod(text string) (d time.Duration, ok bool) {
	parts := periodForm.FindStringSubmatch(strings.ToUpper(text))
	if parts == nil || strings.Join(parts[1:], "") == "" {
		return 0, false
	}
	total := 0.0
	for i, unit := range []time.Duration{24 * time.Hour, time.Hour, time.Minute, time.Second} {
		if parts[i+1] == "" {
			continue
		}
		v, err := strconv.ParseFloat(parts[i+1], 64)
		if err != nil {
			return 0, false
		}
		total += v * float64(unit)
	}
	if total > math.MaxInt64/2 {
		return 0, false
	}
	return time.Duration(total), true
}

var sizeUnits = map[byte]float64{'k': 1 << 10, 'm': 1 << 20, 'g': 1 << 30, 't': 1 << 40}

// quantity reads a number with an optional unit: 64M is 67108864.
func quantity(text string) (n float64, ok bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" {
		return 0, false
	}
	scale := 1.0
	if unit, known := sizeUnits[text[len(text)-1]]; known {
		scale, text = unit, text[:len(text)-1]
	}
	// Only plain numbers: ParseFloat takes "inf" and "0x1p4" as well.
	if text == "" || strings.Trim(text, "+-.0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(text, 64)
	return n * scale, err == nil
}
