package model

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Term is a column that a condition of a filter may name.
type Term struct {
	Name, About string
	// text or value is what the condition is about; wants is for values what to
	// write behind the comparison, and read reads it.
	text  func(*Thread, *Lens) string
	value func(*Thread) Real
	wants string
	read  func(string) (float64, bool)
}

// Numeric reports whether the column is compared rather than searched.
func (t *Term) Numeric() bool { return t.value != nil }

// Termed are the columns that filters know.
func Termed() []Term { return termed }

const (
	wantsTime  = "a duration such as 5, 90s or 2m"
	wantsCount = "a number such as 5, 2k or 1e6"
	wantsBytes = "a size such as 4096, 64K or 1.5G"
)

func textTerm(name, about string, text func(*Thread, *Lens) string) Term {
	return Term{Name: name, About: about, text: text}
}

func timeTerm(name, about string, value func(*Thread) Real) Term {
	return Term{Name: name, About: about, value: value, wants: wantsTime, read: readSeconds}
}

func countTerm(name, about string, value func(*Thread) Real) Term {
	return Term{Name: name, About: about, value: value, wants: wantsCount, read: func(s string) (float64, bool) {
		return readScaled(s, 1000)
	}}
}

func realOf(n Num) Real { return Real{V: float64(n.V), Known: n.Known} }

var termed = []Term{
	textTerm("node", "the node's name", func(t *Thread, _ *Lens) string { return t.Node.Name }),
	countTerm("id", "the thread's number on its node", func(t *Thread) Real { return R(float64(t.ID)) }),
	textTerm("user", "the account's name", func(t *Thread, l *Lens) string { return l.user(t.User) }),
	textTerm("host", "where the client is", func(t *Thread, l *Lens) string { return l.host(t.Host) }),
	textTerm("db", "the default database", func(t *Thread, _ *Lens) string { return t.DB }),
	textTerm("command", "Query, Sleep, Execute, ...", func(t *Thread, _ *Lens) string { return t.Command }),
	timeTerm("time", "how long in this command", func(t *Thread) Real { return R(t.Time.Seconds()) }),
	timeTerm("trx", "age of the open transaction", (*Thread).trxAge),
	countTerm("rows", "rows changed by the open transaction", func(t *Thread) Real { return realOf(t.Changed()) }),
	countTerm("locked", "rows locked by the open transaction", func(t *Thread) Real { return realOf(t.Locked()) }),
	countTerm("examined", "rows that the statement read", func(t *Thread) Real { return realOf(t.Examined) }),
	countTerm("sent", "rows that the statement gave to its client", func(t *Thread) Real { return realOf(t.Sent) }),
	{
		Name: "memory", About: "bytes that the thread holds", value: func(t *Thread) Real { return realOf(t.Memory) },
		wants: wantsBytes, read: func(s string) (float64, bool) { return readScaled(strings.TrimSuffix(s, "B"), 1024) },
	},
	countTerm("progress", "percent of the present stage", func(t *Thread) Real { return t.Progress }),
	countTerm("blocks", "threads that wait for it", (*Thread).blocks),
	countTerm("blocker", "the thread that it waits for", (*Thread).blocker),
	textTerm("state", "what the server does in it", func(t *Thread, l *Lens) string { return l.state(t.State) }),
	textTerm("wsrep", "where it is on its way through replication", func(t *Thread, _ *Lens) string { return t.Phase().String() }),
	textTerm("query", "the statement", func(t *Thread, l *Lens) string { return l.query(t.Query) }),
}

// Changed is how many rows the thread's open transaction changed: what a
// rollback has to undo.
func (t *Thread) Changed() Num {
	return t.ofTrx(func(x *Transaction) int64 { return x.Modified })
}

// Locked is how many rows its open transaction locks.
func (t *Thread) Locked() Num {
	return t.ofTrx(func(x *Transaction) int64 { return x.Locked })
}

// ofTrx is 0 for a thread without a transaction and unknown where that is not
// known.
func (t *Thread) ofTrx(of func(*Transaction) int64) Num {
	if t.Trx != nil {
		return N(of(t.Trx))
	}
	if s := t.Node.Sample; s != nil && s.Slow.Transactions != nil && s.Slow.Transactions.Error == "" && s.Slow.Transactions.Left == 0 {
		return N(0)
	}
	return Num{}
}

func (t *Thread) trxAge() Real {
	n := t.ofTrx(func(x *Transaction) int64 { return int64(x.Age) })
	return Real{V: time.Duration(n.V).Seconds(), Known: n.Known}
}

func (t *Thread) blocks() Real {
	if t.Blocks > 0 || t.locksRead() {
		return R(float64(t.Blocks))
	}
	return Real{}
}

func (t *Thread) blocker() Real {
	switch {
	case t.Wait != nil && t.Wait.Blocker != 0:
		return R(float64(t.Wait.Blocker))
	case t.Wait == nil && t.locksRead():
		return R(0)
	}
	return Real{}
}

func (t *Thread) locksRead() bool {
	s := t.Node.Sample
	return s != nil && s.Slow.Locks != nil && s.Slow.Locks.Error == ""
}

// readSeconds reads 5, 0.2, 90s, 1m30s, 2h, 3d04h.
func readSeconds(text string) (float64, bool) {
	if v, err := strconv.ParseFloat(text, 64); err == nil {
		return v, finite(v)
	}
	if text == "" {
		return 0, false
	}
	days, rest, ok := strings.Cut(text, "d")
	if !ok {
		days, rest = "0", text
	}
	n, err := strconv.ParseUint(days, 10, 32)
	if err != nil {
		return 0, false
	}
	var d time.Duration
	if rest != "" {
		if d, err = time.ParseDuration(rest); err != nil {
			return 0, false
		}
	}
	v := float64(n)*86400 + d.Seconds()
	return v, finite(v)
}

// readScaled reads 5, 1e6, 2k, 1.5M with steps of the base.
func readScaled(text string, base float64) (float64, bool) {
	const units = "kmgt"
	scale := 1.0
	if n := len(text); n > 1 {
		if i := strings.IndexByte(units, text[n-1]|0x20); i >= 0 {
			text, scale = text[:n-1], math.Pow(base, float64(i+1))
		}
	}
	v, err := strconv.ParseFloat(text, 64)
	return v * scale, err == nil && finite(v*scale)
}

func finite(v float64) bool { return v >= 0 && !math.IsInf(v, 0) }

// wrong says what a value should have been.
func (t *Term) wrong(got string) string {
	if got == "" {
		return fmt.Sprintf("%s wants %s", t.Name, t.wants)
	}
	return fmt.Sprintf("%s wants %s; got %q", t.Name, t.wants, got)
}
