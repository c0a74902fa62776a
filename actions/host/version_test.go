package host

import (
	"testing"

	"github.com/galeratop/galeratop/model"
)

func TestTheInstalledVersionIsReadFromWhatTheServerPrints(t *testing.T) {
	for _, c := range []struct {
		text    string
		flavour model.Flavour
		release model.Release
	}{
		{"mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)\n", model.FlavourMariaDB, 101119},
		{"/usr/sbin/mysqld  Ver 8.0.36-28.1 for Linux on x86_64 (Percona XtraDB Cluster (GPL), Release rel28, Revision bfb687f, WSREP version 26.1.4.3)", model.FlavourPXC, 80036},
		{"mysqld  Ver 8.0.37 for Linux on x86_64 (MySQL Community Server - GPL, wsrep_26.22)", model.FlavourMySQL, 80037},
		{"mysqld  Ver 8.4.0 for Linux on x86_64 (MySQL Community Server - GPL)", model.FlavourPlain, 80400},
		{"Segmentation fault", "", 0},
		{"", "", 0},
	} {
		got, err := ParseVersion(c.text)
		if got.Flavour != c.flavour || got.Release != c.release || (err == nil) != (c.release != 0) {
			t.Errorf("%q: %+v, %v", c.text, got, err)
		}
	}
}
