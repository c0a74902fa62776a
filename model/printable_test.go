package model

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestTextFromAServerBecomesHarmless(t *testing.T) {
	for in, want := range map[string]string{
		"SELECT 1":                       "SELECT 1",
		"a\x1b[31mred\x1b[0m":            "a [31mred [0m",
		"a\x1b]0;title\x07b":             "a ]0;title b",
		"one\ntwo\tthree\r":              "one two three ",
		"nul\x00byte":                    "nul byte",
		"c1 \u009b31m":                   "c1  31m",
		"\u202eevil\u202c\u2066x\u2069":  "evilx",
		"zero\u200bwidth\ufeff":          "zerowidth",
		"bad \xff\xfe utf":               "bad \ufffd\ufffd utf",
		"e\u0301 stacked\u0327\u0328":    "e stacked",
		"日本語 ok":                         "日本語 ok",
		"line\u2028sep":                  "line sep",
		"private \ue000 tag \U000e0041.": "private  tag .",
	} {
		if got := Printable(in, 0); got != want {
			t.Errorf("%q becomes %q, not %q", in, got, want)
		}
	}
}

func TestLongTextIsCutAtACharacter(t *testing.T) {
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{
		{"abcdef", 3, "abc…"},
		{"abc", 3, "abc"},
		{"日本語", 4, "日…"},
		{"日本語", 2, "…"},
		{strings.Repeat("x", 1<<20), 4, "xxxx…"},
	} {
		if got := Printable(c.in, c.limit); got != c.want {
			t.Errorf("%.20q cut at %d is %q, not %q", c.in, c.limit, got, c.want)
		}
	}
}

func FuzzPrintable(f *testing.F) {
	for _, seed := range []string{"", "\x1b[2J", "\xff", "日本", "\u202e", "a\u0301"} {
		f.Add(seed, 5)
	}
	f.Fuzz(func(t *testing.T, s string, limit int) {
		if limit < 0 {
			limit = 0
		}
		out := Printable(s, limit)
		if !utf8.ValidString(out) {
			t.Fatalf("%q is not UTF-8", out)
		}
		for _, r := range out {
			if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.M) {
				t.Fatalf("%q holds %U", out, r)
			}
		}
		if Printable(out, 0) != out {
			t.Fatalf("%q is not stable", out)
		}
	})
}

func BenchmarkPrintablePlainStatement(b *testing.B) {
	s := strings.Repeat("SELECT * FROM orders WHERE id = 17 ", 20)
	b.ReportAllocs()
	for b.Loop() {
		_ = Printable(s, 1024)
	}
}
