package cluster

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
)

// software is what the lab found installed.
type software struct {
	server, install, provider string
	uid, gid                  int    // owner of the data
	user                      string // user= for the server; empty when it runs as us
}

// findProgram looks in PATH and in the folders for daemons, which an ordinary user's PATH lacks.
func findProgram(names ...string) (string, error) {
	for _, name := range names {
		if p, err := exec.LookPath(name); err == nil {
			return p, nil
		}
		for _, dir := range []string{"/usr/sbin", "/usr/libexec", "/usr/local/sbin"} {
			if p, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
				return p, nil
			}
		}
	}
	return "", fmt.Errorf("%s is not installed", names[0])
}

func findProvider() (string, error) {
	for _, p := range []string{
		"/usr/lib/galera/libgalera_smm.so",
		"/usr/lib64/galera-4/libgalera_smm.so",
		"/usr/lib64/galera/libgalera_smm.so",
		"/usr/lib/libgalera_smm.so",
	} {
		if _, err := os.Stat(p); err == nil {
			return p, nil
		}
	}
	return "", errors.New("the Galera library (libgalera_smm.so) is not installed")
}

// findSoftware returns what is needed, or which part is missing.
func findSoftware() (s software, err error) {
	var rsync error
	var errs [4]error
	s.server, errs[0] = findProgram("mariadbd")
	s.install, errs[1] = findProgram("mariadb-install-db", "mysql_install_db")
	s.provider, errs[2] = findProvider()
	_, rsync = findProgram("rsync")
	errs[3] = rsync
	for _, e := range errs {
		if e != nil {
			return s, e
		}
	}
	s.uid, s.gid = os.Getuid(), os.Getgid()
	if s.uid != 0 {
		return s, nil
	}
	u, err := user.Lookup("mysql")
	if err != nil {
		return s, fmt.Errorf("run as root, the lab needs the user mysql: %w", err)
	}
	s.user = u.Username
	s.uid, _ = strconv.Atoi(u.Uid)
	s.gid, _ = strconv.Atoi(u.Gid)
	return s, nil
}
