package ui

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/galeratop/galeratop/model"
)

// scenes are the situations that the golden screens show.
var scenes = map[string]func() *world{
	"calm": func() *world { return cluster(3) },
	"nine": func() *world {
		w := cluster(9)
		w.garbd = 1
		for _, n := range w.nodes[5:] {
			w.on(n.Name, 0, func(n *model.Node) { n.Sample.Status.Segment = model.N(1) })
		}
		return w.on("db6", 0, func(n *model.Node) {
			n.Sample.Status.LocalState, n.Sample.Status.DesyncCount = model.N(2), model.N(1)
		})
	},
	"incident": incident,
}

var sizes = [][2]int{{160, 50}, {120, 30}, {80, 24}}

func TestScreensLookAsTheyDid(t *testing.T) {
	looks := map[string]Options{"colour": {}, "plain": {NoColor: true}, "ascii": {NoColor: true, ASCII: true}}
	for scene, build := range scenes {
		for look, opt := range looks {
			for _, size := range sizes {
				if look != "colour" && size[0] == 120 || look == "ascii" && size[0] != 80 {
					continue
				}
				name := fmt.Sprintf("%s-%s-%dx%d", scene, look, size[0], size[1])
				t.Run(name, func(t *testing.T) {
					watch(t, build(), opt, size[0], size[1], func(s *screen) {
						s.Tick(30).Golden("overview-"+name, look == "colour").uncoloured(look != "colour")
						s.Press("2").Golden("nodes-"+name, look == "colour").uncoloured(look != "colour")
					})
				})
			}
		}
	}
}

var colours = regexp.MustCompile(`\x1b\[[0-9;:]*(3|4|9|10)[0-9][0-9;:]*m`)

// uncoloured expects no colour at all, only bold, faint and reverse.
func (s *screen) uncoloured(really bool) {
	s.t.Helper()
	if found := colours.FindString(s.term.Render()); really && found != "" {
		s.t.Errorf("a screen without colours has %q", found)
	}
}
