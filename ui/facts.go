package ui

// fact is one line of a section: what it is about, what is known, and how that
// looks.
type fact struct {
	name, value string
	st          style
}

// section is a titled block of the Nodes pane. Narrow ones stand side by side.
type section struct {
	title, detail string
	note          string // at the right: age, failure
	noteStyle     style
	facts         []fact
	// wide draws the body over the full width instead of facts.
	wide func(width int) []string
}

// The room for the names of facts.
const (
	leastName = 20
	mostName  = 32
)

// wrapLimit is how many lines a long value may take.
const wrapLimit = 3

func (s *section) lines(e *env, width int) []string {
	lines := []string{rule(e, width, s.title, s.detail, s.note, s.noteStyle)}
	if s.wide != nil {
		return append(lines, s.wide(width)...)
	}
	name := leastName
	for _, f := range s.facts {
		name = max(name, cells(f.name))
	}
	name = min(name, mostName, width/2)
	for _, f := range s.facts {
		for i, part := range wrap(f.value, width-name-2, wrapLimit) {
			l := newLine(e.g, width).to(1)
			if i == 0 {
				l.field(e.st.dim, f.name, name, false)
			}
			lines = append(lines, l.to(name+2).put(f.st, part).String())
		}
	}
	return lines
}

// wrap cuts text into at most limit lines of width cells, at blanks where it
// can; limit 0 means as many as it takes.
func wrap(text string, width, limit int) []string {
	width = max(width, 1)
	var lines []string
	for wider(text, width) {
		if limit > 0 && len(lines) == limit-1 {
			break
		}
		cut, blank, at := 0, 0, 0
		for cut < len(text) {
			_, size, w := cell(text[cut:])
			if at+w > width {
				break
			}
			if text[cut] == ' ' || text[cut] == ',' || text[cut] == ';' {
				blank = cut + 1
			}
			cut, at = cut+size, at+w
		}
		if blank > cut/2 {
			cut = blank
		}
		cut = max(cut, 1)
		lines = append(lines, text[:cut])
		text = text[cut:]
	}
	return append(lines, text)
}

// wider reports whether text fills more than width cells; it looks no further
// than it must, so that a long text is wrapped in one go.
func wider(text string, width int) bool {
	for i, at := 0, 0; i < len(text); {
		_, size, w := cell(text[i:])
		if at += w; at > width {
			return true
		}
		i += size
	}
	return false
}

// arrange lays sections out: narrow ones in as many columns as the width has
// room for, filled evenly, wide ones below or between them.
func arrange(e *env, sections []section, width, _ int) []string {
	var out []string
	var narrow []section
	flush := func() {
		out = append(out, columns(e, narrow, width)...)
		narrow = nil
	}
	for _, s := range sections {
		if s.wide == nil {
			narrow = append(narrow, s)
			continue
		}
		flush()
		out = append(out, s.lines(e, width)...)
	}
	flush()
	return out
}

// columnGap is the space between two columns of sections.
const columnGap = 3

// columns draws narrow sections side by side, each in the column that is the
// shortest so far.
func columns(e *env, sections []section, width int) []string {
	n := max(1, min(3, (width+columnGap)/(56+columnGap)))
	each := (width - columnGap*(n-1)) / n
	cols := make([][]string, n)
	for i := range sections {
		shortest := 0
		for c := range cols {
			if len(cols[c]) < len(cols[shortest]) {
				shortest = c
			}
		}
		cols[shortest] = append(cols[shortest], sections[i].lines(e, each)...)
	}
	height := 0
	for _, c := range cols {
		height = max(height, len(c))
	}
	lines := make([]string, height)
	for i := range lines {
		l := newLine(e.g, width)
		for c := range cols {
			l.to(c * (each + columnGap))
			if i < len(cols[c]) {
				l.buf = append(l.buf, cols[c][i]...)
				l.at += each
			}
		}
		lines[i] = l.String()
	}
	return lines
}
