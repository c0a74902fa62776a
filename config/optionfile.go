package config

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// The reader of my.cnf files. It is our own because the syntax only looks like INI: a # starts a comment anywhere outside
// quotes, backslash escapes hold outside quotes too, keys stand without a value, files include files and directories, and
// a message needs the line. The rules below were compared with my_print_defaults, which the tests do again wherever it is
// installed (MySQL 8.4 Reference Manual 6.2.2.2, "Using Option Files").

// maxInclude is the depth of nested includes after which the client skips them.
const maxInclude = 10

// line is one option as it stands in a file.
type line struct {
	file       string
	num        int // 1-based
	group      string
	key, value string
	bare       bool // no "=": the value is "" because there is none
}

// fileReader reads option files in order and keeps their lines.
type fileReader struct {
	lines    []line
	warnings []string
}

// readOptional reads a file of the standard list: one that is not there, or not ours to read, is passed over.
func (r *fileReader) readOptional(path string) error {
	return r.pass(path, r.read(path, 0))
}

// pass makes little of a file that could not be opened. Mistakes inside it, of type *Error, stay errors.
func (r *fileReader) pass(what string, err error) error {
	if _, inside := errors.AsType[*Error](err); inside {
		return err
	}
	if errors.Is(err, fs.ErrPermission) {
		r.warnings = append(r.warnings, what+": not read: permission denied")
		return nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// readRequired reads a file that the user named.
func (r *fileReader) readRequired(where, path string) error {
	err := r.read(path, 0)
	if _, inside := errors.AsType[*Error](err); inside || err == nil {
		return err
	}
	return &Error{Where: where, What: "cannot read the option file", Err: err}
}

func (r *fileReader) read(path string, depth int) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Mode().IsRegular() && info.Mode().Perm()&0o002 != 0 {
		r.warnings = append(r.warnings, path+": ignored, because everyone may write it; chmod o-w "+path)
		return nil
	}
	if info.IsDir() {
		return &Error{Where: path, What: "is a directory, not an option file"}
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read from
	return r.parse(path, f, depth)
}

// parse reads the lines of one file; what it includes is read in place.
func (r *fileReader) parse(path string, in io.Reader, depth int) error {
	scan := bufio.NewScanner(in)
	scan.Buffer(nil, 1<<20)
	group := ""
	for num := 1; scan.Scan(); num++ {
		text := strings.TrimFunc(scan.Text(), isSpace)
		var err error
		switch {
		case text == "" || text[0] == '#' || text[0] == ';':
		case text[0] == '!':
			err = r.directive(path, num, text[1:], depth)
		case text[0] == '[':
			group, err = parseGroup(path, num, text)
		default:
			l := parseLine(text)
			l.file, l.num, l.group = path, num, group
			if group == "" {
				err = &Error{
					Where: at(path, num), What: "option " + l.key + " stands before any group",
					Hint: "put a line such as [client] above it",
				}
			}
			r.lines = append(r.lines, l)
		}
		if err != nil {
			return err
		}
	}
	if err := scan.Err(); err != nil {
		return &Error{Where: path, What: "cannot read the option file", Err: err}
	}
	return nil
}

// parseGroup reads "[name]". What follows the bracket is ignored, as the client does; so is the case of the name.
func parseGroup(path string, num int, text string) (string, error) {
	name, _, closed := strings.Cut(text[1:], "]")
	if !closed {
		return "", &Error{Where: at(path, num), What: "group " + text + " lacks its closing ]"}
	}
	name = strings.ToLower(strings.TrimRightFunc(name, isSpace))
	if name == "" {
		return "", &Error{Where: at(path, num), What: "a group has no name", Hint: "write one such as [client]"}
	}
	return name, nil
}

// parseLine splits a line into key and value. The line is trimmed and not empty.
func parseLine(text string) line {
	text = strings.TrimRightFunc(stripComment(text), isSpace)
	key, value, assigned := strings.Cut(text, "=")
	key = strings.TrimRightFunc(key, isSpace)
	if !assigned {
		return line{key: key, bare: true}
	}
	value = strings.TrimLeftFunc(value, isSpace)
	if n := len(value); n > 1 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
		value = value[1 : n-1]
	}
	return line{key: key, value: unescape(value)}
}

// stripComment cuts a line at the first # outside quotes. A backslash protects a quote only inside quotes.
func stripComment(s string) string {
	var quote byte
	escaped := false
	for i := range len(s) {
		c := s[i]
		if (c == '"' || c == '\'') && !escaped {
			switch quote {
			case 0:
				quote = c
			case c:
				quote = 0
			}
		}
		if c == '#' && quote == 0 {
			return s[:i]
		}
		escaped = quote != 0 && c == '\\' && !escaped
	}
	return s
}

// escapes are the characters that mean another one after a backslash. Before any other, the backslash stands for itself.
var escapes = map[byte]byte{
	'n': '\n', 't': '\t', 'r': '\r', 'b': '\b', 's': ' ', '"': '"', '\'': '\'', '\\': '\\',
}

func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			if c, ok := escapes[s[i+1]]; ok {
				b.WriteByte(c)
				i++
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// isSpace is C's isspace: the client knows no other blanks.
func isSpace(r rune) bool { return r == ' ' || r >= '\t' && r <= '\r' }

// directive runs !include and !includedir; others are skipped, and so is a file that cannot be opened, as the client
// does. An included file starts without a group, and the file that includes it goes on in its own.
func (r *fileReader) directive(path string, num int, text string, depth int) error {
	text = strings.TrimLeftFunc(text, isSpace)
	word := text
	if i := strings.IndexFunc(text, isSpace); i >= 0 {
		word = text[:i]
	}
	arg := strings.TrimLeftFunc(text[len(word):], isSpace)
	if word != "include" && word != "includedir" {
		r.warnings = append(r.warnings, at(path, num)+": unknown directive !"+word+" skipped")
		return nil
	}
	if arg == "" {
		return &Error{Where: at(path, num), What: "!" + word + " names no file or directory"}
	}
	if depth >= maxInclude {
		r.warnings = append(r.warnings, at(path, num)+": !"+word+" skipped: nested too deeply")
		return nil
	}
	if word == "include" {
		return r.pass(at(path, num)+": "+arg, r.read(arg, depth+1))
	}
	return r.includeDir(path, num, arg, depth)
}

// includeDir reads all *.cnf of a directory in the order of their names.
func (r *fileReader) includeDir(path string, num int, dir string, depth int) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return &Error{Where: at(path, num), What: "cannot read the included directory", Err: err}
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".cnf") {
			continue
		}
		file := filepath.Join(dir, e.Name())
		if err := r.pass(at(path, num)+": "+file, r.read(file, depth+1)); err != nil {
			return err
		}
	}
	return nil
}

// layer picks the options of some groups: a later line hides an earlier one.
func (r *fileReader) layer(groups []string) (layer, error) {
	l := layer{}
	for _, ln := range r.lines {
		if !slices.Contains(groups, ln.group) {
			continue
		}
		if err := r.apply(l, ln); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// apply puts one line into a layer, if it is one of ours. Keys that belong to other programs are passed over.
func (r *fileReader) apply(l layer, ln line) error {
	ours := strings.HasPrefix(ln.group, ownGroup)
	o, forced := findOption(ln.key)
	if o == nil || o.own && !ours {
		if !ours || isLoose(ln.key) {
			return nil
		}
		return &Error{
			Where: at(ln.file, ln.num), What: "unknown key " + ln.key + " in [" + ln.group + "]",
			Hint: model.Hint(strings.ReplaceAll(ln.key, "_", "-"), optionNames()),
		}
	}
	if o.unsupported != "" {
		r.warnings = append(r.warnings, at(ln.file, ln.num)+": "+o.name+" has no effect here: "+o.unsupported)
		return nil
	}
	s := setting{value: ln.value, bare: ln.bare, where: at(ln.file, ln.num)}
	if forced != "" {
		s.value = forced
	}
	l[o.name] = s
	return nil
}

// isLoose tells whether a key asks to be passed over where it is unknown.
func isLoose(key string) bool {
	return strings.HasPrefix(strings.ReplaceAll(key, "_", "-"), "loose-")
}

// withSuffix returns the groups and their variants with a suffix; names are compared in lower case.
func withSuffix(groups []string, suffix string) []string {
	out := slices.Clone(groups)
	if suffix != "" {
		for _, g := range groups {
			out = append(out, strings.ToLower(g+suffix))
		}
	}
	return out
}
