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
	first, ended := "", false
	for token := lexer.Scan(); token.Type != sqllexer.EOF; token = lexer.Scan() {
		word := strings.ToUpper(token.Value)
		switch token.Type {
		case sqllexer.SPACE:
			continue
		case sqllexer.COMMENT, sqllexer.MULTILINE_COMMENT:
			if first == "" && (strings.HasPrefix(word, "/*!") || strings.HasPrefix(word, "/*M!")) {
				return "it begins with a comment that servers take for commands"
			}
			continue
		case sqllexer.INCOMPLETE_STRING:
			return "its text is cut: a quote is not closed"
		default:
		}
		switch {
		case ended:
			return "it is more than one statement"
		case word == ";":
			ended = true
		case word == "?":
			return "it is a prepared statement, whose parameters are not known"
		case word == "OUTFILE" || word == "DUMPFILE":
			return "it writes a file"
		case first == "" && word != "(":
			if first = word; !explainable[first] {
				return first + " has no plan; SELECT, INSERT, UPDATE, DELETE and REPLACE have"
			}
		}
	}
	return ""
}
