package ui

import (
	"strings"
	"testing"

	"github.com/galeratop/galeratop/model"
)

func TestFiltersIgnoreCaseUnlessTheyHaveSome(t *testing.T) {
	for _, c := range []struct {
		typed, text string
		want        bool
	}{
		{"update", "UPDATE stock", true},
		{"Update", "UPDATE stock", false},
		{"!update", "UPDATE stock", false},
		{"!update", "SELECT 1", true},
		{"^sel.*k$", "select from stock", true},
		{"", "anything", true},
		{"!", "anything", true},
	} {
		f, err := newFilter(c.typed)
		if err != nil || f.pass(c.text) != c.want {
			t.Errorf("%q on %q: %v, %v", c.typed, c.text, !c.want, err)
		}
	}
	if _, err := newFilter("a["); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v", err)
	}
}

func TestLongTextIsWrappedAtBlanks(t *testing.T) {
	got := wrap("the quick brown fox jumps over it", 12, 0)
	if strings.Join(got, "|") != "the quick |brown fox |jumps over |it" {
		t.Errorf("got %q", got)
	}
	if got = wrap(strings.Repeat("x", 30), 10, 2); len(got) != 2 {
		t.Errorf("got %q", got)
	}
	if got = wrap("漢字漢字", 5, 0); strings.Join(got, "|") != "漢字|漢字" {
		t.Errorf("got %q", got)
	}
}

func TestTextIsCutWithAnEllipsisOnlyWhenItMustBe(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  string
	}{
		{"abc", 3, "abc"},
		{"abcd", 3, "ab…"},
		{"漢字", 4, "漢字"},
		{"漢字", 3, "漢…"},
		{"漢字漢", 4, "漢… "},
		{"ab\u0301", 2, "ab"},
		{"abc", 0, ""},
		{"abc", 1, "…"},
	} {
		if got := newLine(unicodeGlyphs, c.width).put("", c.text).String(); got != c.want {
			t.Errorf("%q in %d: %q, not %q", c.text, c.width, got, c.want)
		}
	}
}

func TestSparklinesShowWhatIsUnknownAsAGap(t *testing.T) {
	points := []model.Real{model.R(0), {}, model.R(4), model.R(8), model.R(99)}
	if got := newLine(unicodeGlyphs, 7).spark("", points, 7, 8).String(); got != "  ▁ ▄██" {
		t.Errorf("got %q", got)
	}
	if got := newLine(asciiGlyphs, 3).spark("", points, 3, 8).String(); got != "-##" {
		t.Errorf("got %q", got)
	}
}

func TestScalesEndAtRoundNumbers(t *testing.T) {
	for v, want := range map[float64]float64{0: 1, 1: 1, 3: 5, 10: 10, 11: 20, 480: 500, 0.3: 0.5, 7: 10} {
		if got := roundTop(v); got < want*0.999 || got > want*1.001 {
			t.Errorf("roundTop(%v) = %v, not %v", v, got, want)
		}
	}
}
