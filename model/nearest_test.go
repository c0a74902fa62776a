package model

import "testing"

func TestDistanceCountsTheEditsBetweenTwoWords(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"seeds", "seed", 1}, {"refersh", "refresh", 1}, {"kitten", "sitting", 3}, {"ü", "u", 1}} {
		if there, back := distance(c.a, c.b), distance(c.b, c.a); there != c.want || back != c.want {
			t.Errorf("%q and %q: %d and %d, want %d", c.a, c.b, there, back, c.want)
		}
	}
}

func TestOnlyANearWordIsSuggested(t *testing.T) {
	words := []string{"start", "stop", "status"}
	for word, want := range map[string]string{
		"staart": "did you mean start?", "statsu": "did you mean status?", "upgrade": "valid here: start, stop, status",
	} {
		if got := Hint(word, words); got != want {
			t.Errorf("%s: %s, want %s", word, got, want)
		}
	}
}
