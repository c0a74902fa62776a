package themes

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEveryBuiltInThemeNamesEveryRole(t *testing.T) {
	for _, name := range Names() {
		theme, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		if theme.Name != name || theme.Light != (name == "light") {
			t.Errorf("%s: name %q, light %v", name, theme.Name, theme.Light)
		}
		data, err := embedded.ReadFile(name + ".toml")
		if err != nil {
			t.Fatal(err)
		}
		for _, role := range roleNames {
			if !strings.Contains(string(data), "\n"+role+" ") {
				t.Errorf("%s does not set %s", name, role)
			}
		}
	}
}

func TestAThemeIsReadFromAPath(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mine.toml")
	if err := os.WriteFile(path, []byte("[roles]\nwarn = \"yellow on 17 bold underline\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	theme, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	s := theme.Style(Warn)
	if theme.Name != "mine" || s.Foreground == nil || s.Background == nil || !s.Bold || !s.Underline || s.Dim {
		t.Errorf("got %q %+v", theme.Name, s)
	}
	if !theme.Style(Selection).Reverse {
		t.Error("a theme without selection must still show the cursor")
	}
}

func TestMistakesAreNamedWithFileLineKeyAndTheNearest(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"[roles]\nok = \"green\"\nwarm = \"red\"\n", `x.toml:3: unknown role "warm"; did you mean warn?`},
		{"[roles]\nok = \"gren\"\n", `x.toml:2: ok: "gren" is neither colour nor attribute; did you mean green?`},
		{"[roles]\n\nok = \"#12\"\n", `x.toml:3: ok: "#12" is no colour, write #rrggbb`},
		{"[roles]\nok = [1]\n", "x.toml:2: ok: must be text in quotes"},
		{"background = \"grey\"\n", `x.toml:1: background: "grey" is neither "dark" nor "light"`},
		{"backgrund = \"dark\"\n", `x.toml:1: unknown key "backgrund", outside of [roles] there is only "background"`},
		{"\n[colors]\n", "x.toml:2: unknown table [colors], the only one is [roles]"},
		{"[roles]\nok = \n", "x.toml:2: "},
	} {
		_, err := Parse("x.toml", []byte(c.text))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q\n got %v\nwant %s", c.text, err, c.want)
		}
	}
	if _, err := Load("drak"); err == nil || !strings.Contains(err.Error(), `did you mean dark?`) {
		t.Errorf("got %v", err)
	}
	if _, err := Load("/nowhere/x.toml"); err == nil {
		t.Error("a missing file must be an error")
	}
}
