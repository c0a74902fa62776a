package model

import "strings"

// Servers write digest texts with one spelling for words that mean the same,
// which is often not the one that was typed: DISTINCT becomes DISTINCTROW. These
// are the words that have several, each with the one that normal forms use. They
// are reserved, so that no name without quotes is one of them.
var spellings = map[string]string{
	"distinctrow": "distinct", "<>": "!=", "rlike": "regexp", "schema": "database", "schemas": "databases",
	"character": "char", "integer": "int", "dec": "decimal", "numeric": "decimal",
	"current_timestamp": "now", "localtime": "now", "localtimestamp": "now", "current_date": "curdate", "current_time": "curtime",
}

// functions are the same for words that are names elsewhere: they count before a
// bracket only.
var functions = map[string]string{
	"substr": "substring", "mid": "substring", "std": "stddev", "stddev_pop": "stddev", "variance": "var_pop",
	"system_user": "user", "session_user": "user", "some": "any",
}

// spelt is a word in small letters as normal forms spell it.
func spelt(by map[string]string, word string) string {
	word = strings.ToLower(word)
	if common, ok := by[word]; ok {
		return common
	}
	return word
}
