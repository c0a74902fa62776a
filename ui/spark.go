package ui

import (
	"math"

	"github.com/galeratop/galeratop/model"
)

// spark appends a sparkline of the newest points, the newest at the right. The
// scale is from 0 to top; a point that is not known leaves a gap, and 0 has the
// lowest block, so that silence and nothing differ.
func (l *line) spark(st style, points []model.Real, width int, top float64) *line {
	width = min(width, l.left())
	if width <= 0 {
		return l
	}
	points = points[max(0, len(points)-width):]
	l.fill("", " ", width-len(points))
	l.begin(st)
	for _, p := range points {
		l.buf = append(l.buf, l.g.bar(p, top, 0)...)
	}
	l.end(st)
	l.at += len(points)
	return l
}

// bar is the block for one point; floor is how many eighths lie below it.
func (g *glyphs) bar(p model.Real, top float64, floor int) string {
	if !p.Known {
		return g.gap
	}
	steps := len(g.spark)
	h := 0
	if p.V > 0 && top > 0 {
		h = int(math.Ceil(p.V / top * float64(steps)))
	}
	h = max(1, h-floor)
	return g.spark[min(h, steps)-1]
}

// graph draws the points on several lines, the highest first.
func graph(g *glyphs, points []model.Real, top float64, row, rows int) func(int) string {
	steps := len(g.spark)
	floor := (rows - 1 - row) * steps
	return func(i int) string {
		p := points[i]
		if !p.Known {
			return " "
		}
		h := 0
		if p.V > 0 && top > 0 {
			h = min(int(math.Ceil(p.V/top*float64(steps*rows))), steps*rows)
		}
		if floor == 0 {
			h = max(h, 1)
		}
		if h <= floor {
			return " "
		}
		return g.spark[min(h-floor, steps)-1]
	}
}

// peak is the highest known point, at least least.
func peak(points []model.Real, least float64) float64 {
	top := least
	for _, p := range points {
		if p.Known {
			top = max(top, p.V)
		}
	}
	return top
}

// roundTop rounds a scale's top up to 1, 2 or 5 times a power of ten, so that it
// seldom changes.
func roundTop(v float64) float64 {
	if v <= 0 {
		return 1
	}
	unit := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5} {
		if v <= m*unit*(1+1e-9) {
			return m * unit
		}
	}
	return 10 * unit
}
