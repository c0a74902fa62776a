package cli

import (
	"time"

	"github.com/spf13/pflag"

	"github.com/galeratop/galeratop/config"
)

// askPassword is what a bare -p means.
const askPassword = "\x00ask"

// connectFlags adds the flags that say where and how to connect, named as the
// mysql client names them.
func connectFlags(fs *pflag.FlagSet, f *config.Flags) { connectFlagsWith(fs, f, "defaults-file") }

// connectFlagsWith is connectFlags with another name for --defaults-file, where
// that one is about the server.
func connectFlagsWith(fs *pflag.FlagSet, f *config.Flags, defaultsFile string) {
	fs.SortFlags = false
	fs.StringVarP(&f.Host, "host", "h", "", "connect to this `host`; more may follow as arguments")
	fs.IntVarP(&f.Port, "port", "P", 0, "TCP `port` (default 3306)")
	fs.StringVarP(&f.User, "user", "u", "", "`user` (default: option files, then the login name)")
	fs.StringVarP(&f.Password, "password", "p", "", "`password`; without a value it is asked for")
	fs.Lookup("password").NoOptDefVal = askPassword
	fs.StringVarP(&f.Socket, "socket", "S", "", "connect through this Unix socket `file`")
	fs.StringVar(&f.Protocol, "protocol", "", "TCP or SOCKET")
	fs.StringVar(&f.DefaultsFile, defaultsFile, "", "read options from this `file` only")
	fs.StringVar(&f.DefaultsExtraFile, "defaults-extra-file", "", "read this option `file` after the global ones")
	fs.StringVar(&f.GroupSuffix, "defaults-group-suffix", "", "also read option groups with this `suffix`")
	fs.BoolVar(&f.NoDefaults, "no-defaults", false, "read no option files")
	fs.StringVar(&f.LoginPath, "login-path", "", "read this `group` of ~/.mylogin.cnf")
	fs.StringVar(&f.SSLMode, "ssl-mode", "", "DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY")
	fs.StringVar(&f.SSLCA, "ssl-ca", "", "trusted certificate authorities, a PEM `file`")
	fs.StringVar(&f.SSLCert, "ssl-cert", "", "client certificate, a PEM `file`")
	fs.StringVar(&f.SSLKey, "ssl-key", "", "key of the client certificate, a PEM `file`")
	fs.StringVar(&f.ConfigFile, "config", "", "configuration `file` (default: see galeratop config path)")
}

// screenFlags adds the flags of the console's looks.
func screenFlags(fs *pflag.FlagSet, f *config.Flags) {
	fs.DurationVar(&f.Refresh, "refresh", 0, "time between samples, 200ms to 60s (default 1s)")
	fs.StringVar(&f.Theme, "theme", "", "auto, dark, light, or the path of a theme")
	fs.BoolVar(&f.NoColor, "no-color", false, "use no colours (also: NO_COLOR)")
	fs.BoolVar(&f.ASCII, "ascii", false, "draw with ASCII only")
	fs.BoolVar(&f.ReadOnly, "read-only", false, "offer nothing that changes a server")
	privacyFlag(fs, f)
}

// privacyFlag adds the flag of all commands that show or write statements.
func privacyFlag(fs *pflag.FlagSet, f *config.Flags) {
	fs.BoolVar(&f.Privacy, "privacy", false, "hide literals of statements, and who and where clients are")
}

// settleFlags finishes what flags alone cannot say.
func settleFlags(fs *pflag.FlagSet, f *config.Flags, args []string) {
	f.Args = args
	if fs.Changed("password") {
		f.PasswordAsk = f.Password == askPassword
		f.PasswordSet = !f.PasswordAsk
		if f.PasswordAsk {
			f.Password = ""
		}
	}
}

// startLimit bounds the wait for the first answer.
const startLimit = 6 * time.Second
