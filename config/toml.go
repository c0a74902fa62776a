package config

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/galeratop/galeratop/model"
)

// fileConfig is config.toml. The tags are the schema: decoding, messages about unknown keys and about wrong types all
// read them.
type fileConfig struct {
	Refresh  *string                   `toml:"refresh"`
	Theme    *string                   `toml:"theme"`
	ReadOnly *bool                     `toml:"read_only"`
	Privacy  *bool                     `toml:"privacy"`
	ASCII    *bool                     `toml:"ascii"`
	Clusters map[string]*clusterConfig `toml:"clusters"`
}

// clusterConfig is one [clusters.NAME].
type clusterConfig struct {
	Seeds           []string          `toml:"seeds"`
	Nodes           []string          `toml:"nodes"`
	DefaultsFile    *string           `toml:"defaults_file"`
	GroupSuffix     *string           `toml:"defaults_group_suffix"`
	LoginPath       *string           `toml:"login_path"`
	User            *string           `toml:"user"`
	Password        *string           `toml:"password"`
	PasswordCommand any               `toml:"password_command"` // a string or a list of strings
	SSLMode         *string           `toml:"ssl_mode"`
	SSLCA           *string           `toml:"ssl_ca"`
	SSLCert         *string           `toml:"ssl_cert"`
	SSLKey          *string           `toml:"ssl_key"`
	Socket          *string           `toml:"socket"`
	Port            *int              `toml:"port"`
	Production      bool              `toml:"production"`
	ReadOnly        *bool             `toml:"read_only"`
	Privacy         *bool             `toml:"privacy"`
	Refresh         *string           `toml:"refresh"`
	AddressMap      map[string]string `toml:"address_map"`
	HostCommand     []string          `toml:"host_command"`
	HostNames       map[string]string `toml:"host_names"`
	Service         service           `toml:"service"`
}

// service holds the commands that start and stop the server on a node's host, as one line each. Without one, that of the
// server's flavour is used.
type service struct {
	Start     *string `toml:"start"`
	Stop      *string `toml:"stop"`
	Restart   *string `toml:"restart"`
	Bootstrap *string `toml:"bootstrap"` // starts the first node of a new Primary Component
	Status    *string `toml:"status"`
	Upgrade   *string `toml:"upgrade"` // replaces the server's program while it is stopped

	DefaultsFile *string `toml:"defaults_file"` // where the server reads its options instead of the usual files
	User         *string `toml:"user"`          // the operating system's user who runs the server
}

// document is a decoded config.toml with the places of its keys.
type document struct {
	path     string // "" when there is no file
	config   fileConfig
	lines    map[string]int // joined key path -> line
	readable bool           // by others than its owner
}

// keySep joins the parts of a key to a map key; TOML allows no such character in a key.
const keySep = "\x00"

// where names the place of a key: "config.toml:12: clusters.shop.port".
func (d *document) where(key ...string) string {
	return at(d.path, d.lines[strings.Join(key, keySep)]) + ": " + strings.Join(key, ".")
}

// clusterNames returns the configured clusters in alphabetical order.
func (d *document) clusterNames() []string {
	return slices.Sorted(maps.Keys(d.config.Clusters))
}

// loadDocument reads and validates config.toml: the file that the user named, which must exist, or the usual one.
func loadDocument(env Env, named string) (*document, error) {
	path := env.expand(named, "")
	if path == "" {
		path = Path(env)
	}
	if path == "" {
		return &document{}, nil
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && named == "" {
		return &document{}, nil
	}
	if err != nil {
		return nil, &Error{What: "cannot read the configuration", Err: err, Hint: "galeratop config init writes one"}
	}
	d, err := parseDocument(path, data)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(path); err == nil {
		d.readable = info.Mode().Perm()&0o077 != 0
	}
	return d, nil
}

// parseDocument decodes config.toml strictly and checks all values, those of clusters that are not used too.
func parseDocument(path string, data []byte) (*document, error) {
	d := &document{path: path}
	decoder := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields()
	if err := decoder.Decode(&d.config); err != nil {
		return nil, decodeError(path, data, err)
	}
	d.lines = keyLines(data)
	if err := d.topLayer().validate(); err != nil {
		return nil, err
	}
	for _, name := range d.clusterNames() {
		if err := d.checkCluster(name, d.config.Clusters[name]); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// decodeError turns the decoder's report into one line: the first mistake in the file.
func decodeError(path string, data []byte, err error) error {
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) && len(strict.Errors) > 0 {
		return firstUnknown(path, data, &strict.Errors[0])
	}
	var e *toml.DecodeError
	if !errors.As(err, &e) {
		return &Error{Where: path, What: strings.TrimPrefix(err.Error(), "toml: ")}
	}
	row, _ := e.Position()
	key := e.Key()
	if len(key) == 0 {
		key = keyAt(data, row)
	}
	if want := wanted(key); want != "" {
		return &Error{Where: at(path, row), What: strings.Join(key, ".") + " must be " + want}
	}
	what := strings.TrimPrefix(e.Error(), "toml: ")
	if mentionsSecret(data, row) {
		what = "the value of the password is not valid TOML" // the decoder's words quote a part of it
	}
	return &Error{Where: at(path, row), What: what}
}

// mentionsSecret tells whether a line may hold a password.
func mentionsSecret(data []byte, row int) bool {
	lines := bytes.Split(data, []byte("\n"))
	return row > 0 && row <= len(lines) && bytes.Contains(lines[row-1], []byte("password"))
}

// firstUnknown finds the unknown key in the document itself: the decoder's report of one in an inline table leaves parts
// of its path out.
func firstUnknown(path string, data []byte, reported *toml.DecodeError) error {
	lines := keyLines(data)
	var first []string
	for _, joined := range slices.Sorted(maps.Keys(lines)) {
		key := strings.Split(joined, keySep)
		if inSchema(key) == nil && (first == nil || lines[joined] < lines[strings.Join(first, keySep)]) {
			first = key
		}
	}
	if first == nil {
		row, _ := reported.Position()
		return unknownKey(path, row, reported.Key())
	}
	return unknownKey(path, lines[strings.Join(first, keySep)], first)
}

// inSchema returns the type of a key, or nil when there is no such key.
func inSchema(key []string) reflect.Type {
	t := reflect.TypeFor[fileConfig]()
	for _, part := range key {
		if t, _ = schemaStep(t, part); t == nil {
			return nil
		}
	}
	return t
}

// unknownKey names the first part of a key that the schema lacks, and the nearest that it has in that place.
func unknownKey(path string, row int, key []string) error {
	t := reflect.TypeFor[fileConfig]()
	for i, part := range key {
		next, valid := schemaStep(t, part)
		if next == nil {
			return &Error{
				Where: at(path, row), What: "unknown key " + strings.Join(key[:i+1], "."),
				Hint: model.Hint(part, valid),
			}
		}
		t = next
	}
	return &Error{Where: at(path, row), What: "unknown key " + strings.Join(key, ".")}
}

// schemaStep goes one key down in the schema. It returns nil and the valid keys when there is no such key.
func schemaStep(t reflect.Type, key string) (next reflect.Type, valid []string) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Map:
		return t.Elem(), nil
	case reflect.Struct:
		for f := range t.Fields() {
			tag := f.Tag.Get("toml")
			if tag == key {
				return f.Type, nil
			}
			valid = append(valid, tag)
		}
	}
	return nil, valid
}

// wanted says in words what type a key has in the schema; "" when the key is unknown.
func wanted(key []string) string {
	t := inSchema(key)
	if len(key) == 0 || t == nil {
		return ""
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return map[reflect.Kind]string{
		reflect.String: "a string", reflect.Bool: "true or false", reflect.Int: "a whole number",
		reflect.Slice: "a list of strings", reflect.Map: "a table", reflect.Struct: "a table",
	}[t.Kind()]
}

// keyLines walks the document once more and notes the line of every key.
func keyLines(data []byte) map[string]int {
	lines := map[string]int{}
	var p unstable.Parser
	p.Reset(data)
	var table []string
	for p.NextExpression() {
		switch n := p.Expression(); n.Kind {
		case unstable.Table, unstable.ArrayTable:
			table = noteKey(lines, data, nil, n)
		case unstable.KeyValue:
			noteValue(lines, data, table, n)
		}
	}
	return lines
}

// noteKey notes the line of a table or key and returns its full path.
func noteKey(lines map[string]int, data []byte, table []string, n *unstable.Node) []string {
	path := slices.Clone(table)
	for it := n.Key(); it.Next(); {
		part := it.Node()
		path = append(path, string(part.Data))
		joined := strings.Join(path, keySep)
		if _, ok := lines[joined]; !ok {
			lines[joined] = 1 + bytes.Count(data[:part.Raw.Offset], []byte("\n"))
		}
	}
	return path
}

// noteValue notes a key and, below it, those of an inline table.
func noteValue(lines map[string]int, data []byte, table []string, n *unstable.Node) {
	path := noteKey(lines, data, table, n)
	if n.Value().Kind != unstable.InlineTable {
		return
	}
	for it := n.Value().Children(); it.Next(); {
		noteValue(lines, data, path, it.Node())
	}
}

// keyAt finds the longest key that begins on a line, for errors that come without one.
func keyAt(data []byte, row int) []string {
	var found []string
	for joined, num := range keyLines(data) {
		if key := strings.Split(joined, keySep); num == row && len(key) > len(found) {
			found = key
		}
	}
	return found
}

// topLayer holds the keys at the top of the file.
func (d *document) topLayer() layer {
	l := layer{}
	c := &d.config
	d.put(l, "refresh", c.Refresh, "refresh")
	d.put(l, "theme", c.Theme, "theme")
	d.putBool(l, "read-only", c.ReadOnly, "read_only")
	d.putBool(l, "privacy", c.Privacy, "privacy")
	d.putBool(l, "ascii", c.ASCII, "ascii")
	return l
}

// clusterLayer holds those keys of a cluster that are options; paths are resolved against the file's directory.
func (d *document) clusterLayer(name string, env Env) layer {
	l := layer{}
	c := d.config.Clusters[name]
	if c == nil {
		return l
	}
	for _, o := range []struct {
		name, key string
		value     *string
		path      bool
	}{
		{"user", "user", c.User, false},
		{"password", "password", c.Password, false},
		{"refresh", "refresh", c.Refresh, false},
		{"ssl-mode", "ssl_mode", c.SSLMode, false},
		{"ssl-ca", "ssl_ca", c.SSLCA, true},
		{"ssl-cert", "ssl_cert", c.SSLCert, true},
		{"ssl-key", "ssl_key", c.SSLKey, true},
		{"socket", "socket", c.Socket, true},
	} {
		if o.value == nil {
			continue
		}
		value := *o.value
		if o.path {
			value = env.expand(value, filepath.Dir(d.path))
		}
		d.put(l, o.name, &value, "clusters", name, o.key)
	}
	if c.Port != nil {
		port := strconv.Itoa(*c.Port)
		d.put(l, "port", &port, "clusters", name, "port")
	}
	d.putBool(l, "read-only", c.ReadOnly, "clusters", name, "read_only")
	d.putBool(l, "privacy", c.Privacy, "clusters", name, "privacy")
	return l
}

func (d *document) put(l layer, name string, value *string, key ...string) {
	if value != nil {
		l[name] = setting{value: *value, where: d.where(key...), named: true}
	}
}

func (d *document) putBool(l layer, name string, value *bool, key ...string) {
	if value != nil {
		l[name] = setting{value: strconv.FormatBool(*value), where: d.where(key...), named: true}
	}
}
