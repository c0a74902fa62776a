package config

import (
	"bytes"
	"crypto/aes"
	"encoding/binary"
	"os"
	"strings"
	"testing"
)

// encryptLogin writes the format of mysql_config_editor.
func encryptLogin(text string) []byte {
	raw := []byte("0123456789abcdefghij")
	var key [16]byte
	for i, b := range raw {
		key[i%16] ^= b
	}
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err)
	}
	out := append(make([]byte, 4), raw...)
	for l := range strings.Lines(text) {
		pad := 16 - len(l)%16
		plain := append([]byte(l), bytes.Repeat([]byte{byte(pad)}, pad)...)
		out = binary.LittleEndian.AppendUint32(out, uint32(len(plain)))
		for i := 0; i < len(plain); i += 16 {
			block.Encrypt(plain[i:], plain[i:])
		}
		out = append(out, plain...)
	}
	return out
}

const loginText = "[client]\nuser = \"c\"\npassword = \"p#1\\\"x\"\n[Shop]\nuser = \"s\"\nhost = \"db1\"\nport = 3307\n"

func TestLoginPathIsStrongerThanOptionFilesAndWeakerThanFlags(t *testing.T) {
	w := newWorld(t)
	w.file(".my.cnf", "[client]\nuser=file\nhost=filehost\n")
	w.file(".mylogin.cnf", string(encryptLogin(loginText)))

	target := w.resolve(Flags{})
	equal(t, "default groups", target.User, "c")
	equal(t, "password", password(t, target), `p#1"x`)
	seeds(t, target, "filehost:3306")

	target = w.resolve(Flags{LoginPath: "shop"})
	equal(t, "login path", target.User, "s")
	equal(t, "still [client]", password(t, target), `p#1"x`)
	seeds(t, target, "db1:3307")

	equal(t, "flag", w.resolve(Flags{LoginPath: "shop", User: "u"}).User, "u")
	equal(t, "without option files", w.resolve(Flags{NoDefaults: true}).User, "c")
}

func TestLoginPathFileIsFoundByTheEnvironment(t *testing.T) {
	w := newWorld(t)
	w.vars["MYSQL_TEST_LOGIN_FILE"] = w.file("elsewhere", string(encryptLogin(loginText)))
	equal(t, "user", w.resolve(Flags{}).User, "c")
}

func TestAnUnknownLoginPathIsAnError(t *testing.T) {
	w := newWorld(t)
	w.refuses(Flags{LoginPath: "nope"}, "--login-path: login path nope is not in", ".mylogin.cnf", "mysql_config_editor print --all")
	w.config("[clusters.x]\nlogin_path = 'gone'\n")
	w.refuses(Flags{}, "config.toml:2: clusters.x.login_path: login path gone is not in")
}

func TestALoginPathFileThatOthersMayReadIsIgnored(t *testing.T) {
	w := newWorld(t)
	path := w.file(".mylogin.cnf", string(encryptLogin(loginText)))
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	target := w.resolve(Flags{})
	equal(t, "user", target.User, "me")
	contains(t, strings.Join(target.Warnings, " "), path, "ignored", "0644", "chmod 600")
	w.refuses(Flags{LoginPath: "shop"}, "cannot be used", "chmod 600")
}

func TestADamagedLoginPathFileIsAnError(t *testing.T) {
	w := newWorld(t)
	whole := encryptLogin(loginText)
	flipped := bytes.Clone(whole)
	flipped[40] ^= 1
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"short header":  {whole[:10], "truncated: 10 bytes"},
		"short length":  {whole[:26], "line 1: truncated in a length"},
		"short chunk":   {whole[:40], "line 1: truncated: 12 bytes where 16"},
		"bad padding":   {flipped, "line 1: corrupt"},
		"zero length":   {append(bytes.Clone(whole), 0, 0, 0, 0), "corrupt: impossible length 0"},
		"absurd length": {append(bytes.Clone(whole), 0xf0, 0xff, 0xff, 0xff), "impossible length"},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			w.file(".mylogin.cnf", string(c.data))
			w.refuses(Flags{}, ".mylogin.cnf: not a valid login path file", c.want, "mysql_config_editor")
		})
	}
}

func TestAnEmptyLoginPathFileHoldsNothing(t *testing.T) {
	w := newWorld(t)
	w.file(".mylogin.cnf", "")
	equal(t, "user", w.resolve(Flags{}).User, "me")
	w.file(".mylogin.cnf", string(encryptLogin("")))
	equal(t, "user", w.resolve(Flags{}).User, "me")
}

func FuzzLoginPath(f *testing.F) {
	f.Add(encryptLogin(loginText))
	f.Add([]byte{})
	f.Add(make([]byte, 64))
	f.Fuzz(func(t *testing.T, data []byte) {
		plain, err := decryptLogin(data)
		if err != nil && plain != nil {
			t.Error("text beside an error")
		}
		if len(plain) > len(data) {
			t.Errorf("%d bytes of text from %d", len(plain), len(data))
		}
		text := string(data)
		if back, err := decryptLogin(encryptLogin(text)); err != nil || string(back) != text {
			t.Errorf("not the same after encryption and decryption: %v", err)
		}
	})
}
