package model

import (
	"regexp"
	"strings"
)

// blotted stands where a secret stood.
const blotted = "********"

// secretText is where a statement begins to hold a secret. The servers hide the
// same statements from their own logs (MySQL manual, "Passwords and Logging");
// applications' columns and keys of that name are added, and credentials in
// addresses. The groups tell what stays: the words up to the secret.
var secretText = regexp.MustCompile(`(?is)` + strings.Join([]string{
	// CREATE USER, ALTER USER, GRANT
	`\bidentified` + gap + `(?:by|via|with|as|using)\b`,
	// SET PASSWORD FOR ..., whatever follows
	`\bset` + gap + `password\b`,
	// MASTER_PASSWORD = '...', PASSWORD('...'), "password": "...", password LIKE '...'
	`(?:passwo?r?d|pwd|passphrase|secret|sst_auth|(?:api|access|private|encryption)_?key|auth_string)\w*[` + "`" + `'"\\\])]*` +
		gap + `(?::=|:|=|<=>|<>|!=|\(|\)?` + gap + `(?:not` + gap + `)?(?:like|in|r?like|regexp)\b|['"]|[xn]'|0x)`,
	// AES_ENCRYPT(text, key) and its relatives
	`\b(?:aes|des)_(?:en|de)crypt` + gap + `\(`,
	// CONNECTION = 'mysql://user:secret@host/...'
	`\bconnection` + gap + `=?` + gap + `['"]`,
	`\w://[^\s/'"]*:`,
}, "|"))

// gap is what may stand between two words.
const gap = `(?:\s|/\*.*?\*/)*`

// secretWords begin or are part of everything that secretText finds: most
// statements have none of them and need no closer look.
var secretWords = byFirst(
	"identified", "passw", "passphrase", "pwd", "secret", "sst_auth", "auth_string", "_key", "apikey", "accesskey",
	"privatekey", "encryptionkey", "_encrypt", "_decrypt", "connection", "://",
)

// byFirst sorts words in lower case by their first letters, in either case.
func byFirst(words ...string) (table [256][]string) {
	for _, w := range words {
		table[w[0]] = append(table[w[0]], w)
		if upper := strings.ToUpper(w[:1])[0]; upper != w[0] {
			table[upper] = append(table[upper], w)
		}
	}
	return table
}

// HideSecrets cuts a statement off where it begins to hold a secret: a password,
// a key, credentials in an address. It is applied to all texts of statements
// when they are read, so that no snapshot, recording or screen ever has one.
// Values that are listed apart from their columns (INSERT ... VALUES) cannot be
// told; MaskLiterals hides those.
func HideSecrets(sql string) string {
	if !mentions(sql, &secretWords) {
		return sql
	}
	for from := 0; from < len(sql); {
		at := secretText.FindStringIndex(sql[from:])
		if at == nil {
			return sql
		}
		end := from + at[1]
		rest := strings.TrimLeft(sql[end:], " \t\n)")
		switch {
		case rest == "" || rest == "…" || strings.HasPrefix(rest, blotted):
			return sql
		case rest[0] == '?': // a placeholder is no secret
			from = end
			continue
		}
		return strings.TrimRight(sql[:end], " '\"") + " " + blotted
	}
	return sql
}

// mentions reports whether a text has one of the words, in whatever case.
func mentions(text string, words *[256][]string) bool {
	for i := range len(text) {
		for _, w := range words[text[i]] {
			if len(text)-i >= len(w) && strings.EqualFold(text[i:i+len(w)], w) {
				return true
			}
		}
	}
	return false
}
