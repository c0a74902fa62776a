// Package config turns flags, environment, option files, login paths and config.toml into a Target: the addresses to
// connect to, the credentials, and the settings of the console.
//
// Where an option comes from, the strongest first (the same table as data: Precedence):
//
//	command line   flags and arguments
//	cluster        [clusters.NAME] in config.toml
//	config.toml    its top-level keys
//	login path     ~/.mylogin.cnf or MYSQL_TEST_LOGIN_FILE
//	option files   my.cnf files, a later one wins
//	environment    MYSQL_HOST, MYSQL_PWD, MYSQL_TCP_PORT, MYSQL_UNIX_PORT, NO_COLOR
//	built-in       localhost, 3306, login name, PREFERRED, 1s
//
// Which addresses are dialled is decided before that, by the first of: HOST arguments and --host; --socket; seeds, nodes
// or socket of the chosen cluster; the host option by the table above. As with the mysql client, the host localhost
// without a port means the Unix socket. A port counts here when it stands on the command line, in the address or in the
// cluster's section, as it does for the mariadb client; one from an option file alone does not.
//
// Nothing here connects to a server. The only command that is ever run is a cluster's password_command.
package config
