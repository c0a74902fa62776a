package ui

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// planLines are how the server runs the statement, or why it does not tell.
func (d *detail) planLines(e *env, width int) []string {
	title := "EXPLAIN"
	if d.json {
		title = "EXPLAIN FORMAT=JSON"
	}
	p := d.plan
	switch {
	case d.planning:
		asking := newLine(e.g, width).to(1).put(e.st.dim, "asking "+d.node.Name+e.g.ellipsis).String()
		return []string{rule(e, width, title, "", "", ""), asking}
	case d.planFailed != "":
		return append([]string{rule(e, width, title, "", "", "")}, remarks(e, d.planFailed, "", width)...)
	case p.Refused != "":
		lines := append([]string{rule(e, width, title, "no plan", "", "")}, remarks(e, e.reply(p.Refused), "", width)...)
		if p.Grant != "" {
			lines = append(lines, remarks(e, "", "EXPLAIN needs the rights of the statement itself: GRANT "+p.Grant+" TO this account", width)...)
		}
		return lines
	}
	note, look := p.At.Local().Format("15:04:05"), e.st.dim
	if !alikeText(p.Statement, d.text()) {
		note, look = "of an earlier statement", e.st.warn
	}
	lines := []string{rule(e, width, title, p.Source, note, look)}
	if p.JSON != "" {
		return append(lines, jsonLines(e, p.JSON, width)...)
	}
	return append(lines, planTable(e, p, width)...)
}

// reply is a sentence that may end in a server's own words, which may quote the
// statement.
func (e *env) reply(text string) string {
	ours, theirs, found := strings.Cut(text, serverSays)
	if !found {
		return text
	}
	return ours + serverSays + e.query(theirs)
}

const serverSays = "the server says: "

// alikeText compares two texts of a statement, either of which may be its start
// only, without regard to white space.
func alikeText(a, b string) bool {
	a = strings.Join(strings.Fields(strings.TrimSuffix(a, "…")), " ")
	b = strings.Join(strings.Fields(strings.TrimSuffix(b, "…")), " ")
	return strings.HasPrefix(a, b) || strings.HasPrefix(b, a)
}

// planColumns are the columns of EXPLAIN by their worth on a narrow screen; most
// is the room that one may take.
var planColumns = []struct {
	name string
	most int
}{
	{"table", 24},
	{"type", 11},
	{"key", 24},
	{"rows", 12},
	{"Extra", 60},
	{"id", 3},
	{"select_type", 12},
	{"ref", 28},
	{"possible_keys", 28},
	{"filtered", 8},
	{"key_len", 7},
	{"partitions", 16},
}

// leastExtra is the least room for what the server adds in words.
const leastExtra = 22

// planTable draws the rows of EXPLAIN in the server's order of columns; what has
// no room is left out, and long words go on in the next line.
func planTable(e *env, p *model.Explanation, width int) []string {
	widths := planWidths(p, width-1)
	head := newLine(e.g, width).to(1)
	for i, name := range p.Columns {
		if widths[i] > 0 {
			head.field(e.st.title, name, widths[i], name == "rows").fill("", " ", 2)
		}
	}
	lines := append(make([]string, 0, 1+len(p.Rows)), head.String())
	for _, row := range p.Rows {
		lines = append(lines, planRow(e, p.Columns, row, widths, width)...)
	}
	return lines
}

func planRow(e *env, names, row []string, widths []int, width int) []string {
	l := newLine(e.g, width).to(1)
	var more []string
	at := 0
	for i, value := range row {
		if i >= len(widths) || widths[i] == 0 {
			continue
		}
		st := e.st.text
		switch {
		case value == "":
			value, st = unknown, e.st.dim
		case names[i] == "type" && strings.EqualFold(value, "ALL"):
			st = e.st.warn
		case names[i] == "table" || names[i] == "key":
			st = e.st.accent
		}
		if names[i] == "Extra" {
			parts := wrap(e.query(value), widths[i], 0)
			value, more, at = parts[0], parts[1:], l.at
			if value == unknown {
				value = ""
			}
		}
		l.field(st, value, widths[i], names[i] == "rows").fill("", " ", 2)
	}
	lines := append(make([]string, 0, 1+len(more)), l.String())
	for _, part := range more {
		lines = append(lines, newLine(e.g, width).to(at).put(e.st.text, part).String())
	}
	return lines
}

// planWidths gives each column its room, 0 to those that are left out.
func planWidths(p *model.Explanation, width int) []int {
	widths := make([]int, len(p.Columns))
	left, extra, full := width, -1, false
	for _, c := range planColumns {
		for i, name := range p.Columns {
			if !strings.EqualFold(name, c.name) {
				continue
			}
			need := cells(name)
			for _, row := range p.Rows {
				if i < len(row) {
					need = max(need, cells(row[i]))
				}
			}
			need = min(need, c.most)
			if name == "Extra" {
				extra, need = i, min(need, leastExtra)
			}
			if need+2 > left {
				full = true
			}
			if !full {
				widths[i] = need
				left -= need + 2
			}
		}
	}
	if extra >= 0 && widths[extra] > 0 {
		widths[extra] += left
	}
	return widths
}

// jsonLines draws a plan in JSON; what the server copied out of the statement
// into it is shown as the statement itself may be.
func jsonLines(e *env, text string, width int) []string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		body := strings.TrimLeft(line, " ")
		indent := min(len(line)-len(body), width/3)
		key, value := jsonMember(body)
		key, value = e.jsonShown(key, value)
		l := newLine(e.g, width).to(1+indent).put(e.st.keyword, key)
		room := max(width-1-indent-2, 10)
		for i, part := range wrap(value, max(room-cells(key), 8), 1<<20) {
			if i > 0 {
				lines = append(lines, l.String())
				l = newLine(e.g, width).to(min(1+indent+cells(key), width/2))
			}
			l.put(e.st.text, part)
		}
		lines = append(lines, l.String())
	}
	return lines
}

// jsonMember splits a line of pretty-printed JSON after its key.
func jsonMember(line string) (key, value string) {
	if !strings.HasPrefix(line, `"`) {
		return "", line
	}
	end := jsonString(line)
	if end < len(line) && line[end] == ':' {
		return line[:end+1], line[end+1:]
	}
	return "", line
}

// jsonString is where the string at the start of text ends.
func jsonString(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

// What may be in a plan besides texts.
var (
	// jsonFrame is a line between members.
	jsonFrame = regexp.MustCompile(`^[\s\[\]{},]*$`)
	jsonName  = regexp.MustCompile(`^"[a-z_][a-z0-9_/-]*":$`)
	jsonPlain = regexp.MustCompile(`^\s*(?:true|false|null|-?[0-9][0-9.eE+-]*)[\s\]},]*$`)
	// jsonFigure are the members whose values are numbers, which MySQL quotes.
	jsonFigure = regexp.MustCompile(`^"(?:key_length|filtered|data_read_per_join|[a-z_]*cost|[a-z_]*size)":$`)
	jsonQuoted = regexp.MustCompile(`^\s*"[0-9][0-9.eE+-]*[KMGTP]?"[\s\]},]*$`)
)

// jsonShown is a line of a plan as it may be shown.
func (e *env) jsonShown(key, value string) (shownKey, shownValue string) {
	switch {
	case !e.privacy || jsonFrame.MatchString(key+value):
		return key, value
	case key != "" && !jsonName.MatchString(key):
		return "", e.query(key + value)
	case key != "" && (jsonPlain.MatchString(value) || jsonFrame.MatchString(value)),
		jsonFigure.MatchString(key) && jsonQuoted.MatchString(value):
		return key, value
	case key == "" && value[0] != '"', !json.Valid([]byte(strings.TrimRight(value, " ,"))):
		// Not all servers escape what they quote, so that nobody can tell where it
		// ends: all of it counts as one text.
		return key, " " + e.query(strings.Trim(value, ` ",`))
	}
	return key, e.jsonTexts(value)
}

// jsonTexts hides the literals within all strings of a value.
func (e *env) jsonTexts(value string) string {
	var b strings.Builder
	for value != "" {
		if value[0] != '"' {
			b.WriteByte(value[0])
			value = value[1:]
			continue
		}
		end := jsonString(value)
		inner := ""
		if err := json.Unmarshal([]byte(value[:end]), &inner); err != nil {
			return e.query(value)
		}
		inner = strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(e.query(model.Printable(inner, 0)))
		b.WriteString(`"` + inner + `"`)
		value = value[end:]
	}
	return b.String()
}
