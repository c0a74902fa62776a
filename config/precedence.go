package config

// Source is one place that options come from.
type Source struct {
	Name string // short name, as used in messages and in Target.Origin
	Read string // what is read
}

// Precedence lists where options come from, the strongest first: an option found in one source hides the same option in
// all sources after it. The order is that of the mysql client (command line, login path, option files, environment,
// built-in defaults; MySQL 8.4 Reference Manual 6.2.2, "Specifying Program Options"); config.toml describes one cluster
// and so is more specific than files that hold for every connection of a user, and less so than the command line.
var Precedence = []Source{
	{"command line", "flags and arguments of this run"},
	{"cluster", "[clusters.NAME] in config.toml, for the cluster chosen"},
	{"config.toml", "keys at the top of config.toml: refresh, theme, read_only, privacy, ascii"},
	{"login path", "~/.mylogin.cnf or MYSQL_TEST_LOGIN_FILE: groups client, mysql, galeratop and the --login-path"},
	{"option files", "my.cnf files; a later file or line wins: " +
		"/etc/my.cnf, /etc/mysql/my.cnf, $MYSQL_HOME/my.cnf, --defaults-extra-file, ~/.my.cnf; or only --defaults-file"},
	{"environment", "MYSQL_HOST, MYSQL_PWD, MYSQL_TCP_PORT, MYSQL_UNIX_PORT, NO_COLOR"},
	{"built-in", "localhost by socket where there is one, port 3306, the login name, ssl-mode PREFERRED, refresh 1s"},
}

// Groups are the option groups that are read from option files, always together with their --defaults-group-suffix
// variants. They are those of the mysql client, those of the mariadb client, and our own. In a file they have no rank:
// of two lines that set the same option, the later wins, whatever their groups.
var Groups = []string{"client", "client-server", "client-mariadb", "mysql", "mariadb-client", ownGroup}

// ownGroup is the option group that belongs to galeratop; an unknown key is an error only here, since all other groups
// hold options of other programs.
const ownGroup = "galeratop"

// loginGroups are read from the login path file besides the one that --login-path names.
var loginGroups = []string{"client", "mysql", ownGroup}
