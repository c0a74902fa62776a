package themes

import "slices"

// nearest is the word with the fewest edits to the one that was meant.
func nearest(meant string, words []string) string {
	best, cost := "", len(meant)+100
	sorted := slices.Sorted(slices.Values(words))
	for _, w := range sorted {
		if d := edits(meant, w); d < cost {
			best, cost = w, d
		}
	}
	return best
}

func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
