package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Sample is a commented config.toml. A line that starts with # and no blank is an option that may be used by removing
// the #.
const Sample = `# Configuration of galeratop. galeratop config check validates it.
# The command line is stronger than this file; this file is stronger than ~/.mylogin.cnf, my.cnf and MYSQL_* variables.

# Time between two samples: 200ms to 60s.
refresh = "1s"
# A theme by name, or the path of one.
theme = "auto"
# Disable everything that changes a server.
read_only = false
# Hide literals of statements, and who and where clients are: for a shared screen.
#privacy = true
# Draw with ASCII only.
#ascii = true

# One section a cluster: galeratop shop-prod. One reachable seed is enough, the other members are found through it.
#[clusters.shop-prod]
#seeds = ["db1.shop", "db2.shop:3306", "[fd00::3]:3306"]
# Members that must be there; a missing one is reported. Without seeds, these are the seeds.
#nodes = ["db1.shop", "db2.shop", "db3.shop"]
# Port of addresses that come without one.
#port = 3306
# A server on this host.
#socket = "/run/mysqld/mysqld.sock"

# Credentials: from an option file, a login path (mysql_config_editor), or here.
#defaults_file = "~/.my.cnf"
#defaults_group_suffix = "_shop"
#login_path = "shop"
#user = "galeratop"
# The first line that a command prints within 10 s. No shell is involved.
#password_command = ["pass", "show", "db/shop"]

# DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY; with ssl_ca the default is VERIFY_CA.
#ssl_mode = "VERIFY_IDENTITY"
#ssl_ca = "/etc/ssl/shop/ca.pem"
#ssl_cert = "/etc/ssl/shop/client-cert.pem"
#ssl_key = "/etc/ssl/shop/client-key.pem"

# Red frame, and every confirmation one level stricter.
#production = true
#read_only = false
#privacy = false
#refresh = "2s"
# Where to connect instead of the address that a server announces: tunnels, NAT.
#address_map = { "10.0.0.11:3306" = "localhost:13306" }
# How to run a command on a node's host: the words before it, {host} being the node's host and {limit} the seconds that
# it may take. Unset: SQL only; [] runs it here, for a node on this host. docs/host-commands.md has examples.
#host_command = ["ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=5", "{host}", "sudo", "-n"]
# What {host} is for a node, if not the host of its address.
#host_names = { "10.0.0.11:3306" = "db1.shop" }

# Commands that replace those of the server's flavour. Words are split at blanks outside quotes; no shell is involved.
# One that names {host} itself, such as "docker start {host}", runs here and not through host_command.
#[clusters.shop-prod.service]
#start = "systemctl start mariadb"
#stop = "systemctl stop mariadb"
#restart = "systemctl restart mariadb"
#bootstrap = "galera_new_cluster"
#status = "systemctl is-active mariadb"
# Replaces the server's program while it is stopped, in a rolling upgrade.
#upgrade = "apt-get install -y mariadb-server"
# Where the server reads its options instead of the usual files, and who runs it if not mysql.
#defaults_file = "/etc/mysql/shop.cnf"
#user = "mysql"
`

// WriteSample writes Sample to a file that only its owner may read, and to the directories above it. It never overwrites.
func WriteSample(path string) error {
	if path == "" {
		return &Error{What: "no home directory to put config.toml in", Hint: "set XDG_CONFIG_HOME"}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return &Error{What: "cannot write the sample configuration", Err: err}
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return &Error{Where: path, What: "exists already and was left as it is"}
	}
	if err != nil {
		return &Error{What: "cannot write the sample configuration", Err: err}
	}
	_, err = f.WriteString(Sample)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return &Error{What: "cannot write the sample configuration", Err: err}
	}
	return nil
}
