package ui

// rule draws a section's head: its title, what belongs to it, and at the right
// a note.
func rule(e *env, width int, title, detail, note string, noteStyle style) string {
	l := newLine(e.g, width)
	l.fill(e.st.border, e.g.rule, 2).fill("", " ", 1).put(e.st.title, title).fill("", " ", 1)
	room := l.left()
	if note != "" {
		room -= cells(note) + 4
	}
	if detail != "" && room > 8 {
		l.fill("", " ", 1).clip(e.st.dim, detail, room-2).fill("", " ", 1)
	}
	if note != "" && l.left() > 8 {
		l.fill(e.st.border, e.g.rule, l.left()-cells(note)-3)
		l.fill("", " ", 1).clip(noteStyle, note, l.left()-2).fill("", " ", 1)
	}
	l.fill(e.st.border, e.g.rule, l.left())
	return l.String()
}

// fit cuts or fills lines to exactly height.
func fit(e *env, lines []string, width, height int) []string {
	height = max(height, 0)
	if len(lines) > height {
		return lines[:height]
	}
	for len(lines) < height {
		lines = append(lines, newLine(e.g, width).String())
	}
	return lines
}
