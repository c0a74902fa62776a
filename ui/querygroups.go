package ui

import (
	"cmp"
	"math/bits"
	"strconv"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// grouping is a way to put threads together.
type grouping struct {
	name, plural string
	of           func(*model.Thread) string // nil: the normal form of its statement
	show         func(e *env, key string) string
	wide         bool // the name needs all the room there is
}

// groupings are the ways that the key goes through, after none.
var groupings = []grouping{
	{name: "user", plural: "users", of: func(t *model.Thread) string { return t.User }, show: (*env).user},
	{name: "host", plural: "hosts", of: func(t *model.Thread) string { return machine(t.Host) }, show: (*env).host},
	{name: "db", plural: "databases", of: func(t *model.Thread) string { return t.DB }, show: plainKey},
	{
		name: "digest", plural: "digests",
		show: (*env).digestText, wide: true,
	},
	{name: "node", plural: "nodes", of: func(t *model.Thread) string { return t.Node.Name }, show: plainKey},
}

func plainKey(_ *env, key string) string { return key }

// machine is a client's address without its port.
func machine(host string) string {
	if i := strings.LastIndexByte(host, ':'); i > 0 && strings.Trim(host[i+1:], "0123456789") == "" {
		return host[:i]
	}
	return host
}

// group is the threads that have something in common, added up.
type group struct {
	key                     string
	sum                     bool // of all groups
	threads, running, idle  int
	waiting, blocks         int
	nodes                   [2]uint64 // a bit for each place
	longest, trx            time.Duration
	examined, sent, changed model.Num
	memory                  model.Num
}

func (g *group) add(t *model.Thread) {
	g.threads++
	switch {
	case t.Active():
		g.running++
		g.longest = max(g.longest, t.Time)
	case t.Idle():
		g.idle++
	}
	if t.Wait != nil {
		g.waiting++
	}
	if t.Trx != nil {
		g.trx = max(g.trx, t.Trx.Age)
	}
	g.blocks += t.Blocks
	g.nodes[t.Place/64%2] |= 1 << (t.Place % 64)
	plus(&g.examined, t.Examined)
	plus(&g.sent, t.Sent)
	plus(&g.changed, t.Changed())
	plus(&g.memory, t.Memory)
}

// plus adds what is known.
func plus(sum *model.Num, n model.Num) {
	if n.Known {
		sum.V, sum.Known = sum.V+n.V, true
	}
}

// grouper adds threads up into groups; it keeps its memory from tick to tick.
type grouper struct {
	at   map[string]int
	rows []group
	all  group
}

func (g *grouper) begin() {
	if g.at == nil {
		g.at = make(map[string]int)
	}
	clear(g.at)
	g.rows, g.all = g.rows[:0], group{sum: true}
}

func (g *grouper) add(key string, t *model.Thread) {
	i, there := g.at[key]
	if !there {
		i = len(g.rows)
		g.at[key] = i
		g.rows = append(g.rows, group{key: key})
	}
	g.rows[i].add(t)
	g.all.add(t)
}

func newGroupTable(e *env, by *grouping) *table[group] {
	t := &table[group]{
		columns: groupColumns(e, by),
		key:     func(g *group) rowKey { return rowKey{node: g.key} },
		tie:     func(a, b *group) int { return cmp.Compare(a.key, b.key) },
		frozen:  1,
		holds:   true,
	}
	for i := range t.columns {
		if t.columns[i].title == "running" {
			t.sortBy = i
		}
	}
	return t
}

func groupColumns(e *env, by *grouping) []column[group] {
	name := column[group]{
		title: by.name, min: 12, max: 40,
		cell: func(g *group) (string, style) {
			switch {
			case g.sum:
				return "total", e.st.text
			case g.key == "":
				return "none", e.st.dim
			}
			return by.show(e, g.key), e.st.accent
		},
		word: func(g *group) string { return by.show(e, g.key) },
	}
	of := func(title, about string, priority int, get func(*group) int) column[group] {
		return groupNumber(e, title, about, priority, func(g *group) model.Num { return model.N(int64(get(g))) }, countShort)
	}
	numbers := []column[group]{
		of("threads", "its threads, those asleep included", 0, func(g *group) int { return g.threads }),
		of("running", "its threads with a statement", 0, func(g *group) int { return g.running }),
		of("idle", "its clients asleep", 4, func(g *group) int { return g.idle }),
		of("waiting", "its threads that wait for a lock of another", 1, func(g *group) int { return g.waiting }),
		of("blocks", "threads that wait for one of it", 2, func(g *group) int { return g.blocks }),
		of("nodes", "nodes that it works on", 5, func(g *group) int {
			return bits.OnesCount64(g.nodes[0]) + bits.OnesCount64(g.nodes[1])
		}),
		groupTime(e, "longest", "its longest running statement", 1, func(g *group) time.Duration { return g.longest }),
		groupTime(e, "oldest trx", "its oldest open transaction", 3, func(g *group) time.Duration { return g.trx }),
		groupNumber(e, "examined", "rows that its statements read", 6, func(g *group) model.Num { return g.examined }, countShort),
		groupNumber(e, "sent", "rows that its statements gave to their clients", 7, func(g *group) model.Num { return g.sent }, countShort),
		groupNumber(e, "changed", "rows that its open transactions changed", 3, func(g *group) model.Num { return g.changed }, countShort),
		groupNumber(e, "memory", "what its threads hold", 8, func(g *group) model.Num { return g.memory }, size),
	}
	if by.wide {
		name.min, name.max = 30, 0
		return append(numbers, name)
	}
	return append([]column[group]{name}, numbers...)
}

func groupNumber(e *env, title, about string, priority int, get func(*group) model.Num, write func(model.Num) string) column[group] {
	width := max(5, len(title))
	return column[group]{
		title: title, about: about, min: width, max: width, right: true, priority: priority,
		cell: func(g *group) (string, style) {
			switch n := get(g); {
			case !n.Known:
				return unknown, e.st.dim
			case n.V == 0:
				return "0", e.st.dim
			default:
				return write(n), e.st.text
			}
		},
		rank: func(g *group) float64 { return rankOf(get(g)) }, falling: true,
	}
}

func groupTime(e *env, title, about string, priority int, get func(*group) time.Duration) column[group] {
	width := max(6, len(title))
	return column[group]{
		title: title, about: about, min: width, max: width, right: true, priority: priority,
		cell: func(g *group) (string, style) {
			if d := get(g); d > 0 {
				return fine(d), e.patience(d)
			}
			return "", ""
		},
		rank: func(g *group) float64 { return float64(get(g) / time.Second) }, falling: true,
	}
}

// groupName is a group's name in a title.
func groupName(e *env, by *grouping, key string) string {
	if key == "" {
		return "no " + by.name
	}
	return by.name + " " + strconv.Quote(by.show(e, key))
}
