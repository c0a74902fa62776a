package ui

import (
	"fmt"
	"strconv"

	"github.com/galeratop/galeratop/model"
)

// lockLines lists the locks of the thread.
func (d *detail) lockLines(e *env, width int) []string {
	if d.found == nil {
		return nil
	}
	var lines []string
	for _, part := range []struct {
		title string
		locks *model.InspectedLocks
	}{{"Row and table locks", &d.found.Locks}, {"Metadata locks", &d.found.Metadata}} {
		k := part.locks
		why := trouble(&k.Part)
		if len(k.Rows) == 0 && why == "" && k.Note == "" {
			continue
		}
		detail := strconv.Itoa(len(k.Rows))
		if k.More {
			detail += " shown, there are more"
		}
		if why != "" {
			detail = ""
		}
		lines = append(lines, rule(e, width, part.title, detail, "", ""))
		for i := range k.Rows {
			lines = append(lines, lockLine(e, &k.Rows[i], width))
		}
		lines = append(lines, remarks(e, why, k.Note, width)...)
	}
	return lines
}

func lockLine(e *env, k *model.InspectedLock, width int) string {
	word, look := "holds", e.st.text
	if k.Waiting {
		word, look = "waits for", e.st.warn
	}
	l := newLine(e.g, width).to(1).field(look, word, 10, false).field(e.st.text, k.Mode, 20, false).fill("", " ", 1)
	l.field(e.st.dim, k.Type, 10, false).fill("", " ", 1).put(e.st.text, e.object(k.Object))
	if k.Data != "" {
		l.put(e.st.dim, "  key "+e.query(k.Data))
	}
	return l.String()
}

// remarks are what to know about a part: why it is missing, what it lacks.
func remarks(e *env, why, note string, width int) []string {
	look, text := e.st.dim, note
	if why != "" {
		look, text = e.st.warn, e.failed(why)
	}
	if text == "" {
		return nil
	}
	var lines []string
	for _, part := range prose(text, width-2) {
		lines = append(lines, newLine(e.g, width).to(1).put(look, part).String())
	}
	return lines
}

// historyLines are the statements that performance_schema keeps of the thread;
// those of the open transaction are marked.
func (d *detail) historyLines(e *env, width int) []string {
	if d.found == nil {
		return nil
	}
	h := &d.found.History
	lines := []string{rule(e, width, "Statements before", "as performance_schema keeps them", "", "")}
	if len(h.Rows) > 0 {
		l := newLine(e.g, width).to(1).field(e.st.title, "took", 6, true).field(e.st.title, "rows", 7, true)
		lines = append(lines, l.fill("", " ", 2).field(e.st.title, "in", 4, false).put(e.st.title, "statement").String())
	}
	for i := range h.Rows {
		r := &h.Rows[i]
		in := ""
		if r.InTrx {
			in = "trx"
		}
		rows := r.Affected
		if rows.Or(0) == 0 {
			rows = r.Examined
		}
		l := newLine(e.g, width).to(1).field(e.st.dim, roughly(r.Took), 6, true).field(e.st.dim, countShort(rows), 7, true)
		l.fill("", " ", 2).field(e.st.accent, in, 4, false)
		if r.Errno.Or(0) != 0 {
			l.put(e.st.warn, "error "+count(r.Errno)+" ")
		}
		lines = append(lines, l.put(e.st.text, e.query(r.Text)).String())
	}
	return append(lines, remarks(e, trouble(&h.Part), h.Note, width)...)
}

// seenLines are the statements that the thread was seen with since it was
// opened here, the newest first.
func (d *detail) seenLines(e *env, width int) []string {
	if len(d.seen) < 2 {
		return nil
	}
	lines := []string{rule(e, width, "Seen here", fmt.Sprintf("%d statements since it was opened", len(d.seen)), "", "")}
	for i := len(d.seen) - 1; i >= 0; i-- {
		p := &d.seen[i]
		l := newLine(e.g, width).to(1).field(e.st.dim, p.last.Local().Format("15:04:05"), 8, false).fill("", " ", 1)
		l.field(e.patience(p.process.Time), duration(p.process.Time), 6, true).fill("", " ", 2)
		lines = append(lines, l.put(e.st.text, e.query(p.process.Query)).String())
	}
	return lines
}
