package ui

import (
	"regexp"
	"strings"
)

// accountName is an account in a normal form, which has lost its quotes. User
// variables look the same and go with it.
var accountName = regexp.MustCompile(`\S*\s*@\s*[^@\s]\S*`)

// digestText is a normal form as it may be shown.
func (e *env) digestText(form string) string {
	if !e.privacy {
		return form
	}
	words := strings.Fields(form)
	if len(words) > 2 && (words[0] == "grant" || words[0] == "revoke" || namesAccounts(words[1]) || namesAccounts(words[2])) {
		return words[0] + " " + words[1] + " ?"
	}
	return e.query(accountName.ReplaceAllString(form, "?"))
}

// namesAccounts reports the words after which accounts follow without a sign:
// CREATE USER, SET DEFAULT ROLE, SET PASSWORD.
func namesAccounts(word string) bool { return word == "user" || word == "role" || word == "password" }
