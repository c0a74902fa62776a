package config

import (
	"errors"
	"maps"
	"slices"
	"strings"
)

// checkCluster checks what the types of the schema leave open.
func (d *document) checkCluster(name string, c *clusterConfig) error {
	where := func(key string) string { return d.where("clusters", name, key) }
	if c == nil {
		return &Error{Where: d.where("clusters", name), What: "must be a table"}
	}
	if err := d.clusterLayer(name, Env{}).validate(); err != nil {
		return err
	}
	if c.Port != nil && *c.Port == 0 {
		return &Error{Where: where("port"), What: "0 is not a port: a number from 1 to 65535"}
	}
	if c.PasswordCommand != nil {
		if _, err := commandWords(c.PasswordCommand); err != nil {
			return &Error{Where: where("password_command"), What: err.Error()}
		}
		if c.Password != nil {
			return &Error{Where: where("password_command"), What: "stands beside password", Hint: "keep one of them"}
		}
	}
	if err := d.checkHost(name, c); err != nil {
		return err
	}
	for key, list := range map[string][]string{"seeds": c.Seeds, "nodes": c.Nodes} {
		if err := checkAddresses(where(key), list); err != nil {
			return err
		}
	}
	for _, from := range slices.Sorted(maps.Keys(c.AddressMap)) {
		if err := checkAddresses(d.where("clusters", name, "address_map", from), []string{from, c.AddressMap[from]}); err != nil {
			return err
		}
	}
	return nil
}

func checkAddresses(where string, list []string) error {
	for _, raw := range list {
		if _, err := parseAddress(raw); err != nil {
			return &Error{Where: where, What: err.Error()}
		}
	}
	return nil
}

// commandWords turns a password_command into the words to run. A list is taken as it is; a string is split at blanks,
// with single and double quotes and backslashes as in a shell, but without anything that a shell would expand.
func commandWords(v any) ([]string, error) {
	var words []string
	switch v := v.(type) {
	case string:
		var err error
		if words, err = splitWords(v); err != nil {
			return nil, err
		}
	case []any:
		for _, w := range v {
			s, ok := w.(string)
			if !ok {
				return nil, errors.New("must be a string or a list of strings; something else is in the list")
			}
			words = append(words, s)
		}
	default:
		return nil, errors.New("must be a string or a list of strings")
	}
	if len(words) == 0 || words[0] == "" {
		return nil, errors.New("names no program")
	}
	return words, nil
}

// splitWords splits a command line at blanks outside quotes.
func splitWords(s string) ([]string, error) {
	var words []string
	var word strings.Builder
	var quote rune
	inWord, escaped := false, false
	for _, r := range s {
		switch {
		case escaped:
			word.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'':
			escaped, inWord = true, true
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, inWord = r, true
		case isSpace(r):
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if quote != 0 || escaped {
		return nil, errors.New("a quote or backslash at the end is left open")
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}
