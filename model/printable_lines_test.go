package model

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestLineBreaksOfTextSurviveAndNothingElseDoes(t *testing.T) {
	for in, want := range map[string]string{
		"a\r\nb\n\nc":      "a\nb\n\nc",
		"a\tb":             "a    b",
		"a\x1b[31m\x00b\r": "a [31m b ",
		"\xffx\u202e":      "\uFFFDx",
		"":                 "",
	} {
		if got := PrintableLines(in, 0); got != want {
			t.Errorf("%q becomes %q, not %q", in, got, want)
		}
	}
}

func TestTextIsCutAtACharacter(t *testing.T) {
	text := "ab\näöü\ncd"
	for limit := 1; limit < len(text); limit++ {
		got := PrintableLines(text, limit)
		if !utf8.ValidString(got) || strings.Contains(got, "\uFFFD") || !strings.HasSuffix(got, "…") || len(got) > limit+len("…") {
			t.Errorf("cut at %d: %q", limit, got)
		}
	}
	if got := PrintableLines(text, len(text)); got != text {
		t.Errorf("not cut: %q", got)
	}
}
