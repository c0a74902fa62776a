package actions

import (
	"fmt"
	"strings"
)

// summary says in words what of a plan was done and what was not.
func summary(p *Plan, steps []Progress, stopped string) string {
	var count [Wrong + 1]int
	total, last := 0, ""
	for i, s := range steps {
		if p.Steps[i].target < 0 && s.Stage != Wrong {
			continue
		}
		total++
		count[s.Stage]++
		last = s.Text
	}
	if total == 1 {
		return last
	}
	var parts []string
	for _, part := range []struct {
		stage Stage
		words string
	}{
		{Done, "%d done"},
		{NotYet, "%d not seen to end yet"},
		{Stopped, "%d not run"},
		{Wrong, "%d failed"},
	} {
		if n := count[part.stage]; n > 0 {
			parts = append(parts, fmt.Sprintf(part.words, n))
		}
	}
	text := strings.Join(parts, ", ") + fmt.Sprintf(" of %d", total)
	if stopped != "" {
		text += ": " + stopped
	}
	return text
}
