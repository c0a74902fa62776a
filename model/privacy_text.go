package model

import (
	"regexp"
	"strings"
)

// statementStart finds where a statement begins in a sentence about it, or where
// one is announced: everything after a thread's state is its statement.
var statementStart = regexp.MustCompile(`(?i)\b(?:select\s|insert\s|replace\s+(?:into\s)?|update\s+\S+\s+(?:\S+\s+)?set\s|delete\s|alter\s|create\s|drop\s|call\s|` +
	`with\s+\S+\s+as|load\s+data|set\s+@?\S+\s*=|execute\s|prepare\s|grant\s|revoke\s|kill\s+(?:query\s|connection\s)?\d|do\s+\S+\(|values\s*\(|xa\s|handler\s|explain\s)|/\*`)

// quotedAccount is how servers name accounts in their messages, whoever they are.
var quotedAccount = regexp.MustCompile("['`][^'`]*['`]@['`][^'`]*['`]")

// threadStart is how sentences about a thread begin: its account, then a colon
// before its statement.
var threadStart = regexp.MustCompile(`\bthread \d+ of (.*?), \w+ `)

// Sentence is a sentence as it can be shown to strangers. Statements in it lose
// their literals, accounts and hosts of clients that were met get pseudonyms.
func (r *Redactor) Sentence(text string) string {
	if text == "" {
		return ""
	}
	if out, ok := r.texts[text]; ok {
		return out
	}
	at := len(text)
	if found := threadStart.FindStringSubmatchIndex(text); found != nil {
		r.User(text[found[2]:found[3]])
		if colon := strings.Index(text[found[1]:], ": "); colon >= 0 {
			at = found[1] + colon + 2
		}
	}
	if found := statementStart.FindStringIndex(text[:at]); found != nil {
		at = found[0]
	}
	out := r.names(quotedAccount.ReplaceAllString(text[:at], "?@?")) + MaskLiterals(text[at:])
	r.texts[text] = out
	return out
}

// statementIn masks statements in prose that names no client.
func (r *Redactor) statementIn(text string) string {
	if found := statementStart.FindStringIndex(text); found != nil && strings.ContainsAny(text[found[0]:], "'\"0123456789") {
		return text[:found[0]] + MaskLiterals(text[found[0]:])
	}
	return text
}

// between is what stands between words.
const between = " @,;()'\"`="

// names replaces the accounts and hosts that were met. Names of nodes stay, since
// it is nodes that most sentences are about.
func (r *Redactor) names(text string) string {
	for _, name := range r.odd {
		text = strings.ReplaceAll(text, name, r.users[name])
	}
	var out strings.Builder
	for len(text) > 0 {
		end := strings.IndexAny(text, between)
		switch end {
		case 0:
			out.WriteByte(text[0])
			text = text[1:]
			continue
		case -1:
			end = len(text)
		}
		word := strings.TrimRight(text[:end], ".:")
		out.WriteString(r.word(word))
		text = text[len(word):]
		out.WriteString(text[:end-len(word)])
		text = text[end-len(word):]
	}
	return out.String()
}

func (r *Redactor) word(word string) string {
	if r.topo[word] || r.topo[withoutPort(word)] || word == "" {
		return word
	}
	if p, ok := r.users[word]; ok {
		return p
	}
	if p, ok := r.hosts[withoutPort(word)]; ok {
		return p
	}
	return word
}

// Error is a server's message as it can be shown to strangers: what it quotes is
// hidden, accounts mostly.
func (r *Redactor) Error(text string) string {
	if !strings.ContainsAny(text, "'\"`") {
		return r.names(text)
	}
	var out strings.Builder
	for i := 0; i < len(text); {
		c := text[i]
		// An apostrophe inside of a word is none of a quote.
		if (c != '\'' && c != '"' && c != '`') || (i > 0 && wordByte(text[i-1])) {
			out.WriteByte(c)
			i++
			continue
		}
		out.WriteByte('?')
		end := strings.IndexByte(text[i+1:], c)
		if end < 0 {
			break
		}
		i += end + 2
	}
	return r.names(out.String())
}
