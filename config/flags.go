package config

import (
	"slices"
	"strconv"
	"time"
)

// Flags are the options of the command line. A zero value means that the flag was not given.
type Flags struct {
	Args []string // HOST[:PORT]... or the name of one configured cluster

	Host        string
	Port        int
	User        string
	Password    string // counts when not empty or PasswordSet
	PasswordSet bool   // a password was given, perhaps an empty one
	PasswordAsk bool   // -p without a value
	Socket      string
	Protocol    string // TCP or SOCKET

	DefaultsFile      string // read only this option file
	DefaultsExtraFile string // read this one too, before ~/.my.cnf
	NoDefaults        bool   // read no option file; the login path file is still read, as the mysql client does
	GroupSuffix       string
	LoginPath         string

	SSLMode, SSLCA, SSLCert, SSLKey   string
	SSL, SkipSSL, SSLVerifyServerCert bool // the mariadb client's

	ConfigFile string // instead of the usual config.toml

	Refresh                           time.Duration
	Theme                             string
	NoColor, ASCII, ReadOnly, Privacy bool
}

// layer returns the flags that were given as options.
func (f *Flags) layer() layer {
	l := layer{}
	put := func(name, value string, given bool) {
		if given {
			l[name] = setting{value: value, where: "--" + name, named: true}
		}
	}
	for name, value := range map[string]string{
		"user": f.User, "socket": f.Socket, "protocol": f.Protocol, "theme": f.Theme,
		"ssl-mode": f.SSLMode, "ssl-ca": f.SSLCA, "ssl-cert": f.SSLCert, "ssl-key": f.SSLKey,
	} {
		put(name, value, value != "")
	}
	for name, given := range map[string]bool{
		"ssl": f.SSL, "ssl-verify-server-cert": f.SSLVerifyServerCert,
		"no-color": f.NoColor, "ascii": f.ASCII, "read-only": f.ReadOnly, "privacy": f.Privacy,
	} {
		put(name, "1", given)
	}
	put("ssl", "0", f.SkipSSL)
	put("port", strconv.Itoa(f.Port), f.Port != 0)
	put("refresh", f.Refresh.String(), f.Refresh != 0)
	put("password", f.Password, f.PasswordSet || f.Password != "")
	if f.PasswordAsk {
		l["password"] = setting{bare: true, where: "--password"}
	}
	return l
}

// choose tells which cluster the command line means, and which hosts it names. Without any argument the only configured
// cluster is meant, unless a flag says where to connect.
func (f *Flags) choose(d *document) (cluster string, hosts []string, err error) {
	names := d.clusterNames()
	if f.Host != "" {
		hosts = append(hosts, f.Host)
	}
	if len(f.Args) == 1 && slices.Contains(names, f.Args[0]) {
		return f.Args[0], hosts, nil
	}
	for _, arg := range f.Args {
		if slices.Contains(names, arg) {
			return "", nil, &Error{Where: arg, What: "is a cluster of " + d.path, Hint: "give it as the only argument"}
		}
	}
	hosts = append(hosts, f.Args...)
	if len(names) == 1 && len(hosts) == 0 && f.Socket == "" && f.LoginPath == "" {
		return names[0], nil, nil
	}
	return "", hosts, nil
}
