package collector

import (
	"errors"
	"strings"

	"github.com/DataDog/go-sqllexer"
	"github.com/go-sql-driver/mysql"
)

func mysqlMessage(err error) string {
	if e, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return e.Message
	}
	return ""
}

// explainable are the statements that EXPLAIN is asked about.
var explainable = map[string]bool{
	"SELECT": true, "UPDATE": true, "DELETE": true, "INSERT": true, "REPLACE": true, "WITH": true,
}

// unexplainable says why the text may not be given to EXPLAIN; empty when it
// may. It must be one whole statement of a kind that has a plan, and hold no
// commands in comments before its first word: those could turn EXPLAIN into
// ANALYZE, which runs the statement.
func unexplainable(text string) string {
	switch {
	case strings.TrimSpace(text) == "":
		return "no statement is known"
	case len(text) > textLimit || strings.HasSuffix(text, "…"):
		return "only the statement's start is known"
	case strings.ContainsAny(text, "\x00\uFFFD"):
		return "its text cannot be repeated exactly: it holds bytes that are no text"
	}
	lexer := sqllexer.New(text, sqllexer.WithDBMS(sqllexer.DBMSMySQL))
	r := refusal{}
	for token := lexer.Scan(); token.Type != sqllexer.EOF; token = lexer.Scan() {
		if why := r.of(token); why != "" {
			return why
		}
	}
	return ""
}

// refusal reads a statement token by token.
type refusal struct {
	first string // word
	ended bool   // a semicolon was there
}

// of is why this token forbids to explain the statement; empty when it does not.
func (r *refusal) of(token *sqllexer.Token) string {
	word := strings.ToUpper(token.Value)
	switch token.Type {
	case sqllexer.SPACE:
		return ""
	case sqllexer.COMMENT, sqllexer.MULTILINE_COMMENT:
		if r.first == "" && (strings.HasPrefix(word, "/*!") || strings.HasPrefix(word, "/*M!")) {
			return "it begins with a comment that servers take for commands"
		}
		return ""
	case sqllexer.INCOMPLETE_STRING:
		return "its text is cut: a quote is not closed"
	default:
	}
	if r.ended {
		return "it is more than one statement"
	}
	switch word {
	case ";":
		r.ended = true
		return ""
	case "?":
		return "it is a prepared statement, whose parameters are not known"
	case "OUTFILE", "DUMPFILE":
		return "it writes a file"
	}
	if r.first == "" && word != "(" {
		if r.first = word; !explainable[word] {
			return word + " has no plan; SELECT, INSERT, UPDATE, DELETE and REPLACE have"
		}
	}
	return ""
}
