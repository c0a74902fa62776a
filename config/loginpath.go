package config

import (
	"bytes"
	"crypto/aes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Layout of ~/.mylogin.cnf, as mysql_config_editor writes it: 4 unused bytes, 20 bytes of key, then one chunk a line of
// the option file inside, each a little-endian length and that many bytes of AES-128-ECB with PKCS #7 padding. This hides
// a password from a glance, no more; the file's mode is what protects it.
const (
	loginUnused  = 4
	loginKeySize = 20
	loginHeader  = loginUnused + loginKeySize
	maxLoginLine = 1 << 16 // longer than any line the editor writes
)

// decryptLogin returns the option file inside a login path file.
func decryptLogin(data []byte) ([]byte, error) {
	if len(data) == 0 {
		return nil, nil // what the editor leaves before anything is stored
	}
	if len(data) < loginHeader {
		return nil, fmt.Errorf("truncated: %d bytes, the header alone has %d", len(data), loginHeader)
	}
	var key [aes.BlockSize]byte
	for i, b := range data[loginUnused:loginHeader] {
		key[i%len(key)] ^= b
	}
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	var plain []byte
	rest := data[loginHeader:]
	for n := 1; len(rest) > 0; n++ {
		var chunk []byte
		if chunk, rest, err = nextChunk(rest); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		text := make([]byte, len(chunk))
		for i := 0; i < len(chunk); i += aes.BlockSize {
			block.Decrypt(text[i:], chunk[i:])
		}
		if text, err = unpad(text); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		plain = append(plain, text...)
	}
	return plain, nil
}

// nextChunk cuts one encrypted line off.
func nextChunk(data []byte) (chunk, rest []byte, err error) {
	if len(data) < 4 {
		return nil, nil, errors.New("truncated in a length")
	}
	size := binary.LittleEndian.Uint32(data)
	data = data[4:]
	switch {
	case size == 0 || size%aes.BlockSize != 0 || size > maxLoginLine:
		return nil, nil, fmt.Errorf("corrupt: impossible length %d", size)
	case int(size) > len(data):
		return nil, nil, fmt.Errorf("truncated: %d bytes where %d were announced", len(data), size)
	}
	return data[:size], data[size:], nil
}

// unpad removes and checks the padding of one line.
func unpad(text []byte) ([]byte, error) {
	n := int(text[len(text)-1])
	if n == 0 || n > aes.BlockSize {
		return nil, errors.New("corrupt: it does not decrypt")
	}
	body, pad := text[:len(text)-n], text[len(text)-n:]
	if bytes.Count(pad, pad[:1]) != n {
		return nil, errors.New("corrupt: it does not decrypt")
	}
	return body, nil
}

// loginPath is what to read from the login path file.
type loginPath struct {
	name   string // from --login-path or a cluster; "" reads the default groups only
	where  string // who asked for name
	suffix string
}

// loginFile is the path of the login path file, "" without a home directory.
func loginFile(env Env) string {
	if p := env.get("MYSQL_TEST_LOGIN_FILE"); p != "" {
		return p
	}
	if env.Home == "" {
		return ""
	}
	return filepath.Join(env.Home, ".mylogin.cnf")
}

// layer reads the options of the login path. A missing file matters only when a login path was asked for.
func (p loginPath) layer(env Env) (layer, []string, error) {
	file := loginFile(env)
	r, warning, err := readLogin(file)
	if err != nil {
		return nil, nil, err
	}
	var warnings []string
	if warning != "" {
		warnings = append(warnings, warning)
	}
	groups := loginGroups
	if p.name != "" {
		if err := p.find(file, r, warning); err != nil {
			return nil, nil, err
		}
		groups = append(slices.Clone(groups), strings.ToLower(p.name))
	}
	l, err := r.layer(withSuffix(groups, p.suffix))
	return l, append(warnings, r.warnings...), err
}

// find says so when the file has no such login path: the client would go on with other credentials.
func (p loginPath) find(file string, r *fileReader, warning string) error {
	if slices.ContainsFunc(r.lines, func(l line) bool { return l.group == strings.ToLower(p.name) }) {
		return nil
	}
	if warning != "" {
		return &Error{Where: p.where, What: "login path " + p.name + " cannot be used: " + warning}
	}
	return &Error{
		Where: p.where, What: "login path " + p.name + " is not in " + file,
		Hint: "mysql_config_editor print --all lists those that are",
	}
}

// readLogin decrypts and parses the file. Like the client it ignores, with a warning, one that others may read.
func readLogin(file string) (r *fileReader, warning string, err error) {
	r = &fileReader{}
	if file == "" {
		return r, "", nil
	}
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return r, "", nil
	}
	if err != nil {
		return nil, "", &Error{What: "cannot read the login path file", Err: err}
	}
	if info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
		return r, fmt.Sprintf("%s: ignored, because its mode %#o lets others use it; chmod 600 %[1]s", file, info.Mode().Perm()), nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, "", &Error{What: "cannot read the login path file", Err: err}
	}
	plain, err := decryptLogin(data)
	if err != nil {
		return nil, "", &Error{Where: file, What: "not a valid login path file", Err: err, Hint: "write it anew with mysql_config_editor"}
	}
	if err := r.parse(file, bytes.NewReader(plain), maxInclude); err != nil {
		return nil, "", err
	}
	return r, "", nil
}
