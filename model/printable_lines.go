package model

import "strings"

// PrintableLines is Printable for text whose line breaks matter: statements that
// are read, plans in JSON. Tabs become blanks; of text longer than limit bytes
// the rest is cut, with an ellipsis at the end; limit 0 means no limit.
func PrintableLines(s string, limit int) string {
	cut := limit > 0 && len(s) > limit
	if cut {
		s = s[:limit]
	}
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i, line := range lines {
		last := cut && i == len(lines)-1
		switch line = strings.ReplaceAll(line, "\t", "    "); {
		case last && line != "":
			// One byte more than the limit, so that Printable cuts at a character.
			lines[i] = Printable(line+" ", len(line))
		case last:
			lines[i] = "…"
		default:
			lines[i] = Printable(line, 0)
		}
	}
	return strings.Join(lines, "\n")
}
