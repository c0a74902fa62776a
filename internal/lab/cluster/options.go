package cluster

import "time"

// An Option changes how a cluster is set up.
type Option func(*settings)

// A setting is one line of my.cnf.
type setting struct{ key, value string }

type settings struct {
	server   []setting
	node     map[string][]setting
	provider []string
	users    []string
	lifetime time.Duration
	tls      bool

	partitions bool
}

func newSettings(opts []Option) settings {
	s := settings{node: map[string][]setting{}, lifetime: 30 * time.Minute}
	for _, o := range opts {
		o(&s)
	}
	return s
}

// WithOption sets key=value in every node's my.cnf, after the lab's own lines, so that it wins.
func WithOption(key, value string) Option {
	return func(s *settings) { s.server = append(s.server, setting{key, value}) }
}

// WithNodeOption sets key=value in the my.cnf of the node with this name (db1, db2, ...) only: drift on purpose.
func WithNodeOption(name, key, value string) Option {
	return func(s *settings) { s.node[name] = append(s.node[name], setting{key, value}) }
}

// WithProvider adds to wsrep_provider_options on every node, for instance "gcs.fc_limit=4".
func WithProvider(options string) Option {
	return func(s *settings) { s.provider = append(s.provider, options) }
}

// WithPerformanceSchema turns performance_schema on. It is off in MariaDB unless asked for, and so it is here.
func WithPerformanceSchema() Option { return WithOption("performance_schema", "ON") }

// WithUsers adds SQL statements, one a string and without a semicolon, run when the accounts are created.
func WithUsers(statements ...string) Option {
	return func(s *settings) { s.users = append(s.users, statements...) }
}

// WithTLS makes a certificate authority and a server certificate for every node; see Cluster.CA.
func WithTLS() Option { return func(s *settings) { s.tls = true } }

// WithPartitions makes Cluster.Partition possible: the members speak TLS among themselves.
func WithPartitions() Option { return func(s *settings) { s.partitions = true } }

// WithLifetime bounds the cluster: after d all servers are killed. The default is 30 minutes.
func WithLifetime(d time.Duration) Option { return func(s *settings) { s.lifetime = d } }
