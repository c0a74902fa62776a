package model

import (
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/DataDog/go-sqllexer"
)

// digestLimit is how much of a statement counts, in bytes. Process lists and
// digest tables give no more, so that a statement seen in full has the digest of
// the same one seen cut.
const digestLimit = 1024

// cutMark ends the normal form of a statement whose end is not known.
const cutMark = " …"

// Normalise reduces a statement to its normal form, which is the same for all
// statements that differ in literals, case, blanks and comments only. Lists of
// values and the rows of an INSERT become one value and one row. performance_schema's digest
// texts come out as the statements they stand for do. A cut statement, which
// ends in an ellipsis or is as long as digestLimit, keeps its whole clauses and
// ends in " …"; a list of rows that was cut ends as if it had been whole.
func Normalise(sql string) string {
	return normalised.get(sql)
}

// DigestID is a short name of the statement's normal form: 16 hexadecimal digits.
func DigestID(sql string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(Normalise(sql)))
	id := strconv.FormatUint(h.Sum64(), 16)
	return strings.Repeat("0", 16-len(id)) + id
}

// IsCut reports whether a normal form is that of a statement with an unknown end.
func IsCut(normal string) bool { return strings.HasSuffix(normal, cutMark) }

// tableCollector names the tables of statements.
var tableCollector = sqllexer.NewNormalizer(sqllexer.WithCollectTables(true))

// StatementTables are the tables that a statement names, sorted; without its end
// some may be missing.
func StatementTables(sql string) []string {
	text, _ := beginning(sql)
	_, about, err := tableCollector.Normalize(spaced(text), mysqlDialect)
	if err != nil || about == nil {
		return nil
	}
	out := make([]string, 0, len(about.Tables))
	for _, name := range about.Tables {
		name = strings.ReplaceAll(name, "`", "")
		if name != "" && name != "(" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// beginning is the part of a statement that counts, and whether there was more.
func beginning(sql string) (text string, cut bool) {
	text = strings.TrimRight(sql, " \t\r\n")
	for _, mark := range []string{"…", "..."} {
		if rest, ok := strings.CutSuffix(text, mark); ok {
			text, cut = rest, true
		}
	}
	if len(text) >= digestLimit {
		text, cut = text[:digestLimit], true
	}
	if !plain(text) {
		text = strings.ToValidUTF8(text, "")
		text = strings.ReplaceAll(text, "\x00", " ") // the lexer takes it for the end
	}
	return text, cut
}

// normalForms remembers what Normalise found, in two generations: what was not
// asked for during a whole generation is forgotten.
type normalForms struct {
	mu         sync.Mutex
	young, old map[string]string
}

// generation is how many statements one generation holds; none is kept that is
// longer than digestLimit and its ellipsis, by much.
const generation = 2048

var normalised = normalForms{young: make(map[string]string)}

func (c *normalForms) get(sql string) string {
	if len(sql) > 2*digestLimit {
		sql = sql[:2*digestLimit]
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if form, ok := c.young[sql]; ok {
		return form
	}
	form, ok := c.old[sql]
	if !ok {
		form = normalForm(sql)
	}
	if len(c.young) >= generation {
		c.old, c.young = c.young, make(map[string]string, generation)
	}
	c.young[strings.Clone(sql)] = form
	return form
}
