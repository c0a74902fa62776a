package model

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable reduces text from a server to characters that are safe and one line
// long on any terminal, in logs and in file names: escape sequences lose their
// escape, control characters and white space become one space each, characters
// that reorder text or have no glyph vanish, broken UTF-8 becomes U+FFFD. Of
// text longer than limit bytes the rest is cut at a character, with an ellipsis
// at the end; limit 0 means no limit.
func Printable(s string, limit int) string {
	cut := limit > 0 && len(s) > limit
	if cut {
		s = s[:limit]
		for n := 0; n < utf8.UTFMax && len(s) > 0; n++ {
			if r, size := utf8.DecodeLastRuneInString(s); r != utf8.RuneError || size != 1 {
				break
			}
			s = s[:len(s)-1]
		}
	}
	if plain(s) {
		if cut {
			return s + "…"
		}
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + len("…"))
	for _, r := range s {
		switch {
		case r == utf8.RuneError:
			b.WriteRune(utf8.RuneError)
		case unicode.IsControl(r) || unicode.Is(unicode.Z, r):
			b.WriteByte(' ')
		case unprintable(r):
		default:
			b.WriteRune(r)
		}
	}
	if cut {
		b.WriteString("…")
	}
	return b.String()
}

func plain(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// unprintable characters are dropped: format characters (bidirectional
// controls, zero-width joiners, tags), private use, surrogates, unassigned, and
// marks that stack onto the character before them without end.
func unprintable(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs, unicode.M, unicode.Variation_Selector) || !unicode.IsGraphic(r)
}
