package themes

import (
	"fmt"
	"image/color"
	"slices"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/galeratop/galeratop/model"
)

var attributes = map[string]func(*Style){
	"bold":      func(s *Style) { s.Bold = true },
	"dim":       func(s *Style) { s.Dim = true },
	"underline": func(s *Style) { s.Underline = true },
	"reverse":   func(s *Style) { s.Reverse = true },
}

var colourNames = []string{
	"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
	"bright-black", "bright-red", "bright-green", "bright-yellow",
	"bright-blue", "bright-magenta", "bright-cyan", "bright-white",
}

// parseStyle reads "COLOUR on COLOUR ATTRIBUTE...", every part of which may be
// absent.
func parseStyle(text string) (Style, error) {
	var s Style
	target := &s.Foreground
	for word := range strings.FieldsSeq(text) {
		if set, ok := attributes[word]; ok {
			set(&s)
			continue
		}
		if word == "on" {
			target = &s.Background
			continue
		}
		c, err := parseColour(word)
		if err != nil {
			return Style{}, err
		}
		*target = c
	}
	return s, nil
}

// parseColour returns nil for the terminal's own colour.
func parseColour(word string) (color.Color, error) {
	if word == "default" {
		return nil, nil //nolint:nilnil // nil is the terminal's own colour
	}
	if hex, ok := strings.CutPrefix(word, "#"); ok {
		v, err := strconv.ParseUint(hex, 16, 32)
		if err != nil || len(hex) != 6 {
			return nil, fmt.Errorf("%q is no colour, write #rrggbb", word)
		}
		return color.RGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 0xff}, nil
	}
	if v, err := strconv.ParseUint(word, 10, 8); err == nil {
		return ansi.IndexedColor(v), nil
	}
	for i, name := range colourNames {
		if name == word {
			return ansi.BasicColor(i), nil
		}
	}
	words := append([]string{"default", "on"}, colourNames...)
	for name := range attributes {
		words = append(words, name)
	}
	return nil, fmt.Errorf("%q is neither colour nor attribute; %s", word, model.Hint(word, slices.Sorted(slices.Values(words))))
}
