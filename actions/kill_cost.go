package actions

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// cost adds up what killing a target means.
func (k *killPlanner) cost(t *killTarget, n *model.Node) {
	trx := k.transaction(n, t.key.Thread)
	if trx == nil {
		return
	}
	if k.subject.kind == KillConnection {
		k.rollback += trx.Modified
		k.longest = max(k.longest, trx.Age)
		return
	}
	// A transaction that is older than its statement was begun by another one. Ages
	// are whole seconds.
	if trx.Age > t.seen.Time+time.Second {
		k.open = append(k.open, fmt.Sprintf("%s: open for %s, %s changed, %s locked",
			t.what(), span(trx.Age), rows(trx.Modified), rows(trx.Locked)))
		return
	}
	k.unsure = true
	k.rollback += trx.Modified
	k.longest = max(k.longest, trx.Age)
}

// finish puts everything that concerns the plan as a whole into it.
func (k *killPlanner) finish() *Plan {
	p := k.plan
	p.Title = k.title()
	k.confirm()
	switch {
	case p.session.ReadOnly:
		p.Refused = readOnly
	case k.count == 0 && len(p.Excluded) == 1:
		p.Refused = p.Excluded[0].What + ": " + p.Excluded[0].Reason
	case k.count == 0 && len(p.Excluded) > 1:
		p.Refused = fmt.Sprintf("none of the %d chosen threads can be killed, the first of them %s: %s",
			len(p.Excluded), p.Excluded[0].What, p.Excluded[0].Reason)
	case k.count == 0:
		p.Refused = "no thread was chosen"
	}
	switch {
	case k.count == 0:
	case k.subject.kind == KillConnection:
		k.connectionEffects()
	default:
		k.queryEffects()
	}
	p.Verify = "the server is asked for each thread again until it is gone, its rollback included, for up to 10 s"
	if k.subject.kind == KillQuery {
		p.Verify = "the server is asked for each thread again until its statement has ended, for up to 10 s"
	}
	return p
}

func (k *killPlanner) title() string {
	words := killWords[k.subject.kind]
	if k.count == 1 {
		for _, s := range k.plan.Steps {
			if s.target < 0 {
				continue
			}
			what := k.subject.targets[s.target].what()
			if k.subject.kind == KillConnection {
				return "Kill the connection of " + what
			}
			return "Kill the query of " + what
		}
	}
	where := strconv.Itoa(len(k.nodes)) + " nodes"
	if len(k.nodes) == 1 {
		where = k.nodes[0].Name
	}
	if len(k.nodes) == 0 {
		return "Kill no " + words.one
	}
	return fmt.Sprintf("Kill %d %s on %s", k.count, words.many, where)
}

// confirm sets how strictly the plan has to be confirmed.
func (k *killPlanner) confirm() {
	p := k.plan
	p.Level = LevelYes
	if k.count > 1 {
		p.Level = LevelNode
	}
	p.Level = p.session.raise(p.Level)
	switch {
	case p.Level == LevelNode && len(k.nodes) == 1:
		p.Word = k.nodes[0].Name
	case p.Level >= LevelNode:
		p.Word = p.Cluster
	}
}

func (k *killPlanner) connectionEffects() {
	p := k.plan
	p.Effects = append(p.Effects, counted(k.count, "connection is closed; its client sees it as lost and may connect again",
		"connections are closed; their clients see them as lost and may connect again"))
	switch {
	case k.rollback > 0:
		p.Effects = append(p.Effects, fmt.Sprintf("%s rolled back, on %s only; undoing takes about as long as it took to change them, here at most %s",
			areRows(k.rollback), k.where(), span(k.longest)))
	case !k.blind:
		p.Effects = append(p.Effects, "nothing to roll back was seen")
	}
	if k.blind {
		p.Unknowns = append(p.Unknowns, "how many changed rows have to be rolled back: the open transactions could not be read")
	}
	k.commonUnknowns()
}

func (k *killPlanner) queryEffects() {
	p := k.plan
	p.Effects = append(p.Effects, counted(k.count, "statement ends with error 1317, its connection stays",
		"statements end with error 1317, their connections stay"))
	if k.rollback > 0 {
		p.Effects = append(p.Effects, fmt.Sprintf("%s rolled back, on %s only; undoing takes about as long as it took to change them, here at most %s",
			areRows(k.rollback), k.where(), span(k.longest)))
	}
	if n := len(k.open); n > 0 {
		text := "its transaction stays open and keeps its locks; X ends it"
		if n > 1 {
			text = strconv.Itoa(n) + " transactions stay open and keep their locks; X ends them"
		}
		p.Effects = append(p.Effects, text+" ("+strings.Join(k.open[:min(n, 3)], "; ")+more(n-3)+")")
	}
	switch {
	case k.blind:
		p.Unknowns = append(p.Unknowns, "whether a transaction stays open and keeps its locks: the open transactions could not be read")
	case k.unsure:
		p.Unknowns = append(p.Unknowns, "whether the statement began a transaction that then stays open and keeps its locks; X would end it")
	}
	for _, n := range k.nodes {
		if n.Sample.Server.Flavour != model.FlavourMariaDB {
			p.Unknowns = append(p.Unknowns, "this server has no query ids: if the statement ends between the last look and KILL, "+
				"within about a millisecond, the next statement of the same session is ended instead")
			break
		}
	}
	k.commonUnknowns()
}

func (k *killPlanner) commonUnknowns() {
	for _, n := range k.nodes {
		if n.Sample.Processes.OwnOnly {
			k.plan.Unknowns = append(k.plan.Unknowns, "the account sees only its own threads on "+n.Name+": it lacks "+n.Sample.Processes.Grant)
		}
	}
	k.plan.Unknowns = append(k.plan.Unknowns, "whether the application runs the same again")
}

func (k *killPlanner) where() string {
	names := make([]string, len(k.nodes))
	for i, n := range k.nodes {
		names[i] = n.Name
	}
	return strings.Join(names, ", ")
}

func rows(n int64) string {
	if n == 1 {
		return "1 row"
	}
	return grouped(n) + " rows"
}

func areRows(n int64) string {
	if n == 1 {
		return "1 changed row is"
	}
	return grouped(n) + " changed rows are"
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(int64(n)) + " " + many
}

func more(n int) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf("; and %d more", n)
}

// grouped is a number with its thousands apart.
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
