package ui

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode"
)

// filter is what the user typed after "/": a regular expression that a row must
// match, or with a leading "!" must not. Without a capital letter it ignores
// case.
type filter struct {
	typed  string
	re     *regexp.Regexp
	invert bool
}

// newFilter reads a filter; empty text is none, which is nil.
func newFilter(typed string) (*filter, error) {
	pattern, invert := strings.CutPrefix(typed, "!")
	if pattern == "" {
		return nil, nil //nolint:nilnil // no filter is a valid one
	}
	if strings.IndexFunc(pattern, unicode.IsUpper) < 0 {
		pattern = "(?i)" + pattern
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		if bad := (*syntax.Error)(nil); errors.As(err, &bad) {
			return nil, errors.New(bad.Code.String())
		}
		return nil, err
	}
	return &filter{typed: typed, re: re, invert: invert}, nil
}

// String is what was typed.
func (f *filter) String() string {
	if f == nil {
		return ""
	}
	return f.typed
}

// pass reports whether a text passes.
func (f *filter) pass(text string) bool {
	return f == nil || f.re.MatchString(text) != f.invert
}
