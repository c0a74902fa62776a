package config

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/galeratop/galeratop/actions/host"
	"github.com/galeratop/galeratop/model"
)

// Target is what to watch and how, with everything that was left open filled in.
type Target struct {
	Cluster    string            // name in config.toml, or ""
	Seeds      []string          // "host:port", "[ipv6]:port", or the absolute path of a socket; at least one
	Expected   []string          // members that must be there, as "host:port"
	AddressMap map[string]string // address that a server announces -> address to dial; Driver applies it

	Production bool // every confirmation one level stricter
	ReadOnly   bool // no action may be offered
	Privacy    bool // hide literals of statements, users and hosts

	Refresh time.Duration // MinRefresh to MaxRefresh
	Theme   string        // a name or a path; "" means auto
	NoColor bool
	ASCII   bool

	HostCommand []string // prefix of a command on a node's host; nil: there is no way, empty: run it here
	// HostNames are what {host} is for a node, by its address as "host:port" or by its host; see HostOf.
	HostNames map[string]string
	// Service are commands that replace those of the flavour, word by word, by operation: start, stop, restart,
	// bootstrap, status, upgrade.
	Service map[string][]string
	// ServerDefaults is where the servers read their options instead of the usual files; ServerUser is who runs them.
	// Both may be "".
	ServerDefaults, ServerUser string

	User     string
	SSLMode  string   // one of the SSL constants
	Warnings []string // what was ignored or is unsafe, one line each

	port      int // of addresses that come without one
	ask       bool
	cleartext bool
	password  secret
	tls       *tlsSettings
	origins   map[string]string
	clusters  []string
}

// secret keeps a string where no print verb, log or encoder finds it.
type secret func() string

func newSecret(s string) secret { return func() string { return s } }

// NeedsPassword tells whether the password is still to be asked for (-p, or password without a value).
func (t *Target) NeedsPassword() bool { return t.ask }

// SetPassword sets the password that the user typed.
func (t *Target) SetPassword(password string) {
	t.password, t.ask = newSecret(password), false
}

// Origin tells where an option came from, such as "--port", "/etc/my.cnf:12" or "MYSQL_HOST"; "" for built-in defaults.
// Names are those of the option files: user, password, ssl-mode, refresh, ...
func (t *Target) Origin(option string) string { return t.origins[option] }

// NearestCluster returns the configured cluster that a mistyped argument may have meant, or "". An argument with a dot, a
// colon or a slash is an address.
func (t *Target) NearestCluster(arg string) string {
	if strings.ContainsAny(arg, ".:/") {
		return ""
	}
	return model.Nearest(arg, t.clusters)
}

// Resolve finds out what the flags, the environment and the files mean; the context bounds a password_command. Errors
// about what the user wrote are of type *Error.
func Resolve(ctx context.Context, f Flags, env Env) (*Target, error) {
	d, err := loadDocument(env, f.ConfigFile)
	if err != nil {
		return nil, err
	}
	return resolve(&f, env, d, func(where string, argv []string) (string, error) {
		return runPasswordCommand(ctx, env, where, argv)
	})
}

// asker gets a password from a command; where is the option that names it.
type asker func(where string, argv []string) (string, error)

// resolver carries what the steps of resolve share.
type resolver struct {
	flags   *Flags
	env     Env
	doc     *document
	cluster *clusterConfig // never nil; empty when none is chosen
	name    string
	layers  []layer // the strongest first: see Precedence
	merged  layer
	target  *Target
}

// resolve asks a password_command through ask, or not at all when that is nil.
func resolve(f *Flags, env Env, d *document, ask asker) (*Target, error) {
	name, hosts, err := f.choose(d)
	if err != nil {
		return nil, err
	}
	r := &resolver{flags: f, env: env, doc: d, cluster: &clusterConfig{}, name: name, target: &Target{Cluster: name}}
	if name != "" {
		r.cluster = d.config.Clusters[name]
	}
	if err := r.readLayers(); err != nil {
		return nil, err
	}
	for _, step := range []func() error{
		r.merged.validate,
		func() error { r.fill(); return nil },
		func() error { return r.addresses(hosts) },
		r.encryption,
		func() error { return r.credentials(ask) },
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return r.target, nil
}

// readLayers reads all sources in the order of Precedence.
func (r *resolver) readLayers() error {
	suffix := r.suffix()
	login := loginPath{name: r.flags.LoginPath, where: "--login-path", suffix: suffix}
	if login.name == "" && r.cluster.LoginPath != nil {
		login.name, login.where = *r.cluster.LoginPath, r.doc.where("clusters", r.name, "login_path")
	}
	loginLayer, warnings, err := login.layer(r.env)
	if err != nil {
		return err
	}
	files, err := r.optionFiles()
	if err != nil {
		return err
	}
	fileLayer, err := files.layer(withSuffix(Groups, suffix))
	if err != nil {
		return err
	}
	r.target.Warnings = slices.Concat(warnings, files.warnings)
	r.layers = []layer{
		r.flags.layer(), r.doc.clusterLayer(r.name, r.env), r.doc.topLayer(), loginLayer, fileLayer, envLayer(r.env),
	}
	r.merged = merge(r.layers...)
	return nil
}

func (r *resolver) suffix() string {
	for _, s := range []string{
		r.flags.GroupSuffix, deref(r.cluster.GroupSuffix), r.env.get("MARIADB_GROUP_SUFFIX"), r.env.get("MYSQL_GROUP_SUFFIX"),
	} {
		if s != "" {
			return s
		}
	}
	return ""
}

// optionFiles reads the files that apply: none, the one that was named, or the standard list.
func (r *resolver) optionFiles() (*fileReader, error) {
	files := &fileReader{}
	if r.flags.NoDefaults {
		return files, nil
	}
	if r.flags.DefaultsFile != "" {
		return files, files.readRequired("--defaults-file", r.env.expand(r.flags.DefaultsFile, ""))
	}
	if file := deref(r.cluster.DefaultsFile); file != "" {
		where := r.doc.where("clusters", r.name, "defaults_file")
		return files, files.readRequired(where, r.env.expand(file, filepath.Dir(r.doc.path)))
	}
	for _, file := range r.env.GlobalFiles {
		if err := files.readOptional(file); err != nil {
			return nil, err
		}
	}
	if home := r.env.get("MYSQL_HOME"); home != "" {
		if err := files.readOptional(filepath.Join(home, "my.cnf")); err != nil {
			return nil, err
		}
	}
	if file := r.flags.DefaultsExtraFile; file != "" {
		if err := files.readRequired("--defaults-extra-file", r.env.expand(file, "")); err != nil {
			return nil, err
		}
	}
	if r.env.Home != "" {
		return files, files.readOptional(filepath.Join(r.env.Home, ".my.cnf"))
	}
	return files, nil
}

// fill copies what needs no further thought.
func (r *resolver) fill() {
	t, m := r.target, r.merged
	t.Production = r.cluster.Production
	t.ReadOnly, _ = m.flag("read-only")
	t.Privacy, _ = m.flag("privacy")
	t.ASCII, _ = m.flag("ascii")
	t.NoColor, _ = m.flag("no-color")
	t.cleartext, _ = m.flag("enable-cleartext-plugin")
	t.Theme = m["theme"].value
	t.Refresh = DefaultRefresh
	if d, err := time.ParseDuration(m["refresh"].value); err == nil {
		t.Refresh = d
	}
	t.HostCommand = slices.Clone(r.cluster.HostCommand)
	t.HostNames = maps.Clone(r.cluster.HostNames)
	t.Service = r.cluster.Service.words()
	t.ServerDefaults, t.ServerUser = deref(r.cluster.Service.DefaultsFile), deref(r.cluster.Service.User)
	if way := (host.Way{Prefix: t.HostCommand}); way.Known() && !way.Names() && max(len(r.cluster.Seeds), len(r.cluster.Nodes)) > 1 {
		t.Warnings = append(t.Warnings, r.doc.where("clusters", r.name, "host_command")+" has no {host}: commands run for nodes on this host only")
	}
	t.User = m["user"].value
	if t.User == "" {
		t.User = r.env.User
	}
	t.clusters = r.doc.clusterNames()
	t.origins = map[string]string{}
	for name, s := range m {
		t.origins[name] = s.where
	}
}

// addresses fills in where to connect to.
func (r *resolver) addresses(hosts []string) error {
	t := r.target
	t.port = DefaultPort
	if n, err := strconv.Atoi(r.merged["port"].value); err == nil && n != 0 {
		t.port = n
	}
	raw, where := r.rawSeeds(hosts)
	for _, h := range raw {
		a, err := parseAddress(h)
		if err != nil {
			return &Error{Where: where, What: err.Error()}
		}
		if seed := r.seed(a); !slices.Contains(t.Seeds, seed) {
			t.Seeds = append(t.Seeds, seed)
		}
	}
	var err error
	if t.Expected, err = joinAll(r.cluster.Nodes, t.port); err != nil {
		return err
	}
	t.AddressMap = map[string]string{}
	for _, from := range slices.Sorted(maps.Keys(r.cluster.AddressMap)) {
		pair, err := joinAll([]string{from, r.cluster.AddressMap[from]}, t.port)
		if err != nil {
			return err
		}
		t.AddressMap[pair[0]] = pair[1]
	}
	return nil
}

// rawSeeds returns the addresses as they were written, and where.
func (r *resolver) rawSeeds(hosts []string) (list []string, where string) {
	key := func(k string) string { return r.doc.where("clusters", r.name, k) }
	switch {
	case len(hosts) > 0:
		return hosts, ""
	case r.flags.Socket != "":
		return []string{r.env.expand(r.flags.Socket, "")}, "--socket"
	case len(r.cluster.Seeds) > 0:
		return r.cluster.Seeds, key("seeds")
	case len(r.cluster.Nodes) > 0:
		return r.cluster.Nodes, key("nodes")
	case deref(r.cluster.Socket) != "":
		return []string{r.merged["socket"].value}, key("socket")
	}
	if s := r.merged["host"]; s.value != "" {
		return []string{s.value}, s.where
	}
	return []string{"localhost"}, ""
}

// seed completes one address. The host localhost means the socket, unless a port or the protocol says otherwise.
func (r *resolver) seed(a address) string {
	protocol := strings.ToUpper(r.merged["protocol"].value)
	if a.host != "localhost" || a.port != 0 || protocol == "TCP" {
		return a.join(r.target.port)
	}
	if r.portIsMeant() && protocol != "SOCKET" {
		return a.join(r.target.port)
	}
	if s := r.merged["socket"].value; s != "" {
		return r.env.expand(s, "")
	}
	if s := localSocket(r.env); s != "" {
		return s
	}
	a.host = "127.0.0.1"
	return a.join(r.target.port)
}

// portIsMeant tells whether the port comes from the command line or the cluster's section, the two sources that speak of
// this connection and not of all.
func (r *resolver) portIsMeant() bool {
	_, flag := r.layers[0]["port"]
	_, cluster := r.layers[1]["port"]
	return flag || cluster
}

func (r *resolver) encryption() error {
	t := r.target
	t.SSLMode = sslMode(r.layers)
	var err error
	if t.tls, err = loadTLS(r.env, t.SSLMode, r.merged); err != nil {
		return err
	}
	if ca := r.merged["ssl-ca"]; ca.value != "" && !t.tls.verifies() {
		t.Warnings = append(t.Warnings, ca.where+": ssl-ca is not used, because ssl-mode "+t.SSLMode+
			" verifies nothing; choose VERIFY_CA or VERIFY_IDENTITY")
	}
	return nil
}

// credentials decides the password, and runs the password_command unless the command line brings a password.
func (r *resolver) credentials(ask asker) error {
	t := r.target
	s, fromFlags := r.layers[0]["password"]
	if fromFlags && !s.bare && s.value != "" {
		t.Warnings = append(t.Warnings, "--password: a password on the command line stays in the history of the shell, and in the process list until now; "+
			"give -p without a value, or use ~/.my.cnf or a login path")
	}
	if r.doc.readable && r.cluster.Password != nil {
		t.Warnings = append(t.Warnings, r.doc.where("clusters", r.name, "password")+
			" can be read by others; chmod 600 "+r.doc.path)
	}
	if r.cluster.PasswordCommand == nil || fromFlags {
		s = r.merged["password"]
		t.ask = s.bare
		t.password = newSecret(s.value)
		return nil
	}
	where := r.doc.where("clusters", r.name, "password_command")
	t.origins["password"] = where
	t.password = newSecret("")
	if ask == nil {
		return nil
	}
	argv, err := commandWords(r.cluster.PasswordCommand)
	if err != nil {
		return &Error{Where: where, What: err.Error()}
	}
	password, err := ask(where, argv)
	t.password = newSecret(password)
	return err
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
