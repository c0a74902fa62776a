package ui

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode"

	"github.com/galeratop/galeratop/model"
)

// filter is what the user typed after "/": a regular expression that a row must
// match, or with a leading "!" must not. Without a capital letter it ignores
// case.
type filter struct {
	typed  string
	re     *regexp.Regexp
	invert bool
	terms  *model.Terms // of threads; then there is no re
}

// newTermFilter reads a filter of threads, in the language of model.ParseTerms;
// nothing but blanks is none.
func newTermFilter(typed string) (*filter, error) {
	terms, err := model.ParseTerms(typed)
	if err != nil || terms.Empty() {
		return nil, err
	}
	return &filter{typed: typed, terms: terms}, nil
}

// readFilter reads a filter in the language of the pane.
func (s *shell) readFilter(typed string) (*filter, error) {
	if _, ok := s.pane().(termReader); ok {
		return newTermFilter(typed)
	}
	return newFilter(typed)
}

// termReader is a pane whose main list are threads.
type termReader interface{ readsTerms() }

// passThread reports whether a thread passes. What is hidden on the screen is
// hidden from filters too: otherwise literals could be found out by guessing.
func (e *env) passThread(f *filter, t *model.Thread, seen *model.Lens) bool {
	switch {
	case f == nil || f.terms == nil:
		return true
	case e.privacy:
		return f.terms.MatchSeen(t, seen)
	}
	return f.terms.Match(t)
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
	return f == nil || f.re == nil || f.re.MatchString(text) != f.invert
}
