package config

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// printed writes lines the way my_print_defaults does.
func printed(lines []line, groups ...string) string {
	var b strings.Builder
	for _, l := range lines {
		switch {
		case !slices.Contains(groups, l.group):
		case l.bare:
			fmt.Fprintf(&b, "--%s\n", l.key)
		default:
			fmt.Fprintf(&b, "--%s=%s\n", l.key, l.value)
		}
	}
	return b.String()
}

var syntaxCases = map[string]string{
	"comments":            "# a\n; b\n[client]\n#c\nuser=x # y\nhost=h#i\nbare # z\n",
	"blanks":              "  [client]\n\t user \t=\t x y  \n\n   \nport=1\r\n",
	"quotes":              "[client]\na=\"x#y\" # z\nb='it''s'\nc=\"open\nd='a' b\ne=\"a\"b\"\nf=\"\"\ng='\"'\nh=\"'\"\ni=\"\n",
	"escapes":             `[client]` + "\n" + `a=\n\t\r\b\s\"\'\\` + "\n" + `b=\z\` + "\n" + `c="a\"b" # d` + "\n" + `d=\# e` + "\n",
	"quotes protect #":    "[client]\na= a 'b # c' # d\nb=\"x\\\"#y\" # z\nc='x\\'#y\n",
	"no value":            "[client]\nskip-ssl\nssl=\npassword\n",
	"keys":                "[client]\nSsl_CA=1\nloose-x=2\nspace key = 3\n=4\n--d=5\nq#k=6\na=b=c\n",
	"groups":              "[mysql] rest\na=1\n[ client]\nb=2\n[client ]\nc=3\n[CLIENT]\nd=4\n[other]\ne=5\n[client] # c\nf=6\n",
	"unknown directive":   "[client]\n!nonsense\na=1\n",
	"missing include":     "[client]\n!include /does/not/exist.cnf\na=1\n",
	"error: no group":     "a=1\n",
	"error: open group":   "[client]\n[mysql\n",
	"error: no file":      "[client]\n!include\n",
	"error: no directory": "[client]\n!includedir /does/not/exist\n",
	"error: bom":          "\xef\xbb\xbf[client]\na=1\n",
}

func TestOptionFileSyntaxIsThatOfMyPrintDefaults(t *testing.T) {
	tool, err := exec.LookPath("my_print_defaults")
	if err != nil {
		if os.Getenv("GALERATOP_LAB") != "" {
			t.Fatal("my_print_defaults is not installed, and GALERATOP_LAB is set")
		}
		t.Skip("my_print_defaults is not installed")
	}
	for name, text := range syntaxCases {
		t.Run(name, func(t *testing.T) {
			compare(t, tool, text)
		})
	}
	t.Run("random lines", func(t *testing.T) {
		random := rand.New(rand.NewPCG(1, 2))
		for range 60 {
			compare(t, tool, "[client]\n"+randomLines(random))
		}
	})
}

// randomLines strings characters together that mean something to the syntax.
func randomLines(random *rand.Rand) string {
	const alphabet = `ab=="'#\\ ns` + "\t"
	var b strings.Builder
	for range 12 {
		b.WriteByte('k')
		for range random.IntN(14) {
			b.WriteByte(alphabet[random.IntN(len(alphabet))])
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func compare(t *testing.T, tool, text string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "my.cnf")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	theirs, theirErr := exec.CommandContext(t.Context(), tool, "--defaults-file="+path, "client", "mysql").Output()
	var r fileReader
	err := r.readRequired("--defaults-file", path)
	if (err != nil) != (theirErr != nil) {
		t.Fatalf("our error: %v; theirs: %v\n%s", err, theirErr, text)
	}
	if ours := printed(r.lines, "client", "mysql"); err == nil && ours != string(theirs) {
		t.Errorf("file:\n%s\nours:\n%s\ntheirs:\n%s", text, ours, theirs)
	}
}

func TestOptionFileSyntax(t *testing.T) {
	for text, want := range map[string]string{
		"user = x y  # z":   "--user=x y\n",
		`password="a#b\"c"`: "--password=a#b\"c\n",
		`p='  x '`:          "--p=  x \n",
		`path=C:\\dir\sx\q`: "--path=C:\\dir x\\q\n",
		"skip-ssl":          "--skip-ssl\n",
		"empty =":           "--empty=\n",
	} {
		var r fileReader
		if err := r.parse("f", strings.NewReader("[client]\n"+text+"\n"), 0); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		equal(t, text, printed(r.lines, "client"), want)
	}
}

func TestMalformedOptionFileNamesFileAndLine(t *testing.T) {
	w := newWorld(t)
	for text, parts := range map[string][]string{
		"\nhost=x\n":                       {".my.cnf:2: option host stands before any group", "[client]"},
		"password = hunter2\n":             {".my.cnf:1: option password stands"},
		"[client]\n[mysql\n":               {".my.cnf:2: group [mysql lacks its closing ]"},
		"[]\n":                             {".my.cnf:1: a group has no name"},
		"[client]\n!include\n":             {".my.cnf:2: !include names no file"},
		"[client]\n!includedir /nowhere\n": {".my.cnf:2: cannot read the included directory"},
		"[galeratop]\nrefersh=1s\n":        {".my.cnf:2: unknown key refersh in [galeratop]; did you mean refresh?"},
		"[galeratop]\nrefresh=1\n":         {".my.cnf:2: refresh: \"1\" is not a duration"},
		"[galeratop]\nrefresh=1h\n":        {".my.cnf:2: refresh: 1h is out of range: 200ms to 1m0s"},
		"[client]\nport=x\n":               {".my.cnf:2: port: \"x\" is not a port"},
		"[client]\nssl=perhaps\n":          {".my.cnf:2: ssl: \"perhaps\" is not a boolean"},
		"[client]\nssl-mode=VERIFYCA\n":    {".my.cnf:2: ssl-mode:", "did you mean VERIFY_CA?"},
	} {
		w.file(".my.cnf", text)
		w.refuses(Flags{}, parts...)
		_, err := Resolve(t.Context(), Flags{}, w.Env)
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("a password is shown: %v", err)
		}
	}
}

func TestKeysOfOtherProgramsArePassedOver(t *testing.T) {
	w := newWorld(t)
	w.file(".my.cnf", "[client]\ndefault-character-set=utf8\nrefresh=nonsense\n[mysql]\nprompt=x\nno-auto-rehash\n"+
		"[mysqld]\nport=1\n[galeratop]\nloose-future=1\n[mysqldump]\nuser=dump\n")
	equal(t, "user", w.resolve(Flags{}).User, "me")
}

func TestALaterLineWinsWhateverItsGroup(t *testing.T) {
	w := newWorld(t)
	w.file(".my.cnf", "[galeratop]\nuser=a\n[client]\nuser=b\n[client-server]\nhost=c\n")
	target := w.resolve(Flags{})
	equal(t, "user", target.User, "b")
	seeds(t, target, "c:3306")
}

func TestGroupSuffixAddsGroups(t *testing.T) {
	w := newWorld(t)
	w.file(".my.cnf", "[client]\nuser=a\n[client_Two]\nuser=b\n")
	equal(t, "without", w.resolve(Flags{}).User, "a")
	equal(t, "by flag", w.resolve(Flags{GroupSuffix: "_Two"}).User, "b")
	w.vars["MYSQL_GROUP_SUFFIX"] = "_two"
	equal(t, "by environment", w.resolve(Flags{}).User, "b")
}

func TestIncludesAreReadInPlace(t *testing.T) {
	w := newWorld(t)
	w.file("d/b.cnf", "[client]\nuser=b\nsocket=/s\n")
	w.file("d/a.cnf", "[client]\nuser=a\n")
	w.file("d/c.cnf~", "[client]\nuser=c\n")
	one := w.file("one", "[client]\nhost=one\n")
	main := w.file("my.cnf", "[client]\nhost=zero\n!include "+one+"\n! includedir "+w.Home+"/d \nuser_x=1\npassword=p\n")
	target := w.resolve(Flags{DefaultsFile: main})
	equal(t, "user", target.User, "b")
	equal(t, "password after the include", password(t, target), "p")
	seeds(t, target, "one:3306")
	equal(t, "origin", target.Origin("user"), filepath.Join(w.Home, "d/b.cnf")+":2")
}

func TestAFileThatIncludesItselfEnds(t *testing.T) {
	w := newWorld(t)
	path := filepath.Join(w.Home, "loop.cnf")
	w.file("loop.cnf", "[client]\nuser=x\n!include "+path+"\n")
	target := w.resolve(Flags{DefaultsFile: path})
	equal(t, "user", target.User, "x")
	contains(t, strings.Join(target.Warnings, " "), "nested too deeply")
}

func TestAWorldWritableFileIsIgnoredWithAWarning(t *testing.T) {
	w := newWorld(t)
	path := w.file(".my.cnf", "[client]\nuser=evil\n")
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	target := w.resolve(Flags{})
	equal(t, "user", target.User, "me")
	contains(t, strings.Join(target.Warnings, " "), path, "ignored", "chmod o-w")
}

func TestOptionFilesInTheOrderOfTheClient(t *testing.T) {
	w := newWorld(t)
	w.GlobalFiles = []string{w.file("etc/my.cnf", "[client]\nuser=global\n"), w.file("etc/mysql/my.cnf", "[client]\nport=1\n")}
	equal(t, "global", w.resolve(Flags{}).User, "global")
	w.vars["MYSQL_HOME"] = filepath.Dir(w.file("mh/my.cnf", "[client]\nuser=mysqlhome\n"))
	equal(t, "MYSQL_HOME", w.resolve(Flags{}).User, "mysqlhome")
	extra := w.file("extra", "[client]\nuser=extra\n")
	equal(t, "extra", w.resolve(Flags{DefaultsExtraFile: extra}).User, "extra")
	w.file(".my.cnf", "[client]\nuser=home\n")
	equal(t, "home", w.resolve(Flags{DefaultsExtraFile: extra}).User, "home")
	equal(t, "only the one named", w.resolve(Flags{DefaultsFile: extra}).User, "extra")
	equal(t, "none", w.resolve(Flags{NoDefaults: true}).User, "me")
	w.refuses(Flags{DefaultsFile: "/does/not/exist"}, "--defaults-file: cannot read the option file", "/does/not/exist")
	w.refuses(Flags{DefaultsExtraFile: "/does/not/exist"}, "--defaults-extra-file")
}

func TestSpellingsOfAnOption(t *testing.T) {
	for key, want := range map[string]string{
		"ssl_ca": "ssl-ca", "loose-ssl-ca": "ssl-ca", "loose_ssl_ca": "ssl-ca", "skip-ssl": "ssl", "disable_ssl": "ssl",
		"enable-ssl": "ssl", "pass": "password", "enable-cleartext-plugin": "enable-cleartext-plugin",
	} {
		o, _ := findOption(key)
		if o == nil {
			t.Errorf("%s is unknown", key)
			continue
		}
		equal(t, key, o.name, want)
	}
	for _, key := range []string{"HOST", "skip-host", "skip-", "", "hos"} {
		if o, _ := findOption(key); o != nil {
			t.Errorf("%q is taken for %s", key, o.name)
		}
	}
}

func FuzzOptionFile(f *testing.F) {
	for _, text := range syntaxCases {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var r fileReader
		// Includes are skipped at this depth, so that no file of the machine is read.
		if err := r.parse("f", strings.NewReader(text), maxInclude); err != nil {
			if _, ok := errors.AsType[*Error](err); !ok && !errors.Is(err, io.EOF) {
				t.Errorf("not a usage error: %v", err)
			}
			contains(t, err.Error())
			return
		}
		for _, l := range r.lines {
			if l.group == "" || l.num < 1 || l.bare && l.value != "" {
				t.Errorf("impossible line %+v", l)
			}
		}
		if l, err := r.layer(Groups); err == nil {
			_ = l.validate()
		}
	})
}
