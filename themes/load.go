package themes

import (
	"embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/galeratop/galeratop/model"
)

//go:embed *.toml
var embedded embed.FS

// Names lists the built-in themes.
func Names() []string {
	files, err := embedded.ReadDir(".")
	if err != nil {
		return nil
	}
	names := make([]string, 0, len(files))
	for _, f := range files {
		names = append(names, strings.TrimSuffix(f.Name(), ".toml"))
	}
	return names
}

// Load finds a theme by the name of a built-in one or by the path of a file.
// Text with a separator or the ending .toml is a path.
func Load(nameOrPath string) (*Theme, error) {
	if strings.ContainsRune(nameOrPath, filepath.Separator) || strings.HasSuffix(nameOrPath, ".toml") {
		data, err := os.ReadFile(nameOrPath)
		if err != nil {
			return nil, fmt.Errorf("theme: %w", err)
		}
		return Parse(nameOrPath, data)
	}
	data, err := embedded.ReadFile(nameOrPath + ".toml")
	if err != nil {
		return nil, fmt.Errorf("no theme %q; %s (or give a path ending in .toml)", nameOrPath, model.Hint(nameOrPath, Names()))
	}
	return Parse(nameOrPath+".toml", data)
}

// Parse reads a theme file. Roles that it does not mention look like plain
// text. Errors are one line with the file, the line and the key.
func Parse(file string, data []byte) (*Theme, error) {
	if err := syntax(file, data); err != nil {
		return nil, err
	}
	t := &Theme{Name: strings.TrimSuffix(filepath.Base(file), ".toml")}
	t.styles[Selection].Reverse = true
	p := unstable.Parser{}
	p.Reset(data)
	table := ""
	for p.NextExpression() {
		e := p.Expression()
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			table = keyOf(e)
			if table != "roles" {
				return nil, fmt.Errorf("%s:%d: unknown table [%s], the only one is [roles]", file, lineOf(&p, e), table)
			}
		case unstable.KeyValue:
			if err := t.set(table, keyOf(e), e.Value()); err != nil {
				return nil, fmt.Errorf("%s:%d: %w", file, lineOf(&p, e), err)
			}
		}
	}
	return t, nil
}

// syntax reports what is no TOML at all, with its line.
func syntax(file string, data []byte) error {
	var whole map[string]any
	err := toml.Unmarshal(data, &whole)
	if bad := (*toml.DecodeError)(nil); errors.As(err, &bad) {
		row, _ := bad.Position()
		return fmt.Errorf("%s:%d: %s", file, row, strings.TrimPrefix(bad.Error(), "toml: "))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

func (t *Theme) set(table, key string, value *unstable.Node) error {
	text := string(value.Data)
	if value.Kind != unstable.String && value.Kind != unstable.Integer {
		return fmt.Errorf("%s: must be text in quotes", key)
	}
	if table == "" {
		if key != "background" {
			return fmt.Errorf("unknown key %q, outside of [roles] there is only \"background\"", key)
		}
		if text != "dark" && text != "light" {
			return fmt.Errorf("background: %q is neither \"dark\" nor \"light\"", text)
		}
		t.Light = text == "light"
		return nil
	}
	role := slices.Index(roleNames[:], key)
	if role < 0 {
		return fmt.Errorf("unknown role %q; %s", key, model.Hint(key, roleNames[:]))
	}
	style, err := parseStyle(text)
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	t.styles[role] = style
	return nil
}

func keyOf(e *unstable.Node) string {
	var parts []string
	for it := e.Key(); it.Next(); {
		parts = append(parts, string(it.Node().Data))
	}
	return strings.Join(parts, ".")
}

// lineOf is the line of an expression's key.
func lineOf(p *unstable.Parser, e *unstable.Node) int {
	it := e.Key()
	it.Next()
	return p.Shape(it.Node().Raw).Start.Line
}
