package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Small files keep a data directory quick to copy and to transfer.
var engineOptions = []string{
	"innodb_log_file_size=8M", "innodb_data_file_path=ibdata1:4M:autoextend", "innodb_autoextend_increment=1",
}

// accounts are made in the template, so that they are on every node before it first starts.
var accounts = []string{
	"FLUSH PRIVILEGES", // bootstrap mode starts without the grant tables
	"CREATE USER lab@'%' IDENTIFIED BY 'lab'",
	"GRANT ALL PRIVILEGES ON *.* TO lab@'%' WITH GRANT OPTION",
	"CREATE USER monitor@'%' IDENTIFIED BY 'monitor'",
	"CREATE USER mon@'%' IDENTIFIED BY 'mon'",
	"GRANT PROCESS, BINLOG MONITOR, SLAVE MONITOR ON *.* TO mon@'%'",
	"CREATE USER ops@'%' IDENTIFIED BY 'ops'",
	"GRANT PROCESS, BINLOG MONITOR, SLAVE MONITOR, SUPER, CONNECTION ADMIN, SHUTDOWN, RELOAD ON *.* TO ops@'%'",
	"CREATE USER shop@'%' IDENTIFIED BY 'shop'",
	"GRANT ALL PRIVILEGES ON shop.* TO shop@'%'",
}

// schemaGrants need objects that some versions lack in bootstrap mode; written as rows they need no such object.
func schemaGrants(user string) []string {
	const table = "INSERT INTO mysql.tables_priv (Host, Db, User, Table_name, Grantor, Table_priv) VALUES ('%%', 'mysql', '%s', '%s', 'root@localhost', 'Select')"
	const schema = "INSERT INTO mysql.db (Host, Db, User, Select_priv) VALUES ('%%', '%s', '%s', 'Y')"
	return []string{
		fmt.Sprintf(schema, "performance_schema", user),
		fmt.Sprintf(schema, "sys", user),
		fmt.Sprintf(table, user, "wsrep_cluster"),
		fmt.Sprintf(table, user, "wsrep_cluster_members"),
	}
}

// makeTemplate installs a data directory that every node starts from. It takes about a second.
func makeTemplate(ctx context.Context, sw software, dir string, users []string) error {
	tmp := dir + "-tmp"
	for _, d := range []string{dir, tmp} {
		if err := sw.mkdir(d); err != nil {
			return err
		}
	}
	args := []string{"--no-defaults", "--datadir=" + dir, "--tmpdir=" + tmp}
	for _, o := range engineOptions {
		args = append(args, "--"+o)
	}
	if sw.user != "" {
		args = append(args, "--user="+sw.user)
	}
	install := exec.CommandContext(ctx, sw.install,
		append(args, "--auth-root-authentication-method=normal", "--skip-test-db")...)
	if out, err := install.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", filepath.Base(sw.install), err, out)
	}

	statements := append([]string{}, accounts...)
	statements = append(append(statements, schemaGrants("mon")...), schemaGrants("ops")...)
	statements = append(append(statements, "FLUSH PRIVILEGES"), users...)
	bootstrap := exec.CommandContext(ctx, sw.server, append(args, "--bootstrap")...)
	// Bootstrap mode reads one statement a line.
	bootstrap.Stdin = strings.NewReader(strings.Join(statements, ";\n") + ";\n")
	if out, err := bootstrap.CombinedOutput(); err != nil {
		return fmt.Errorf("create the accounts: %w\n%s", err, tail(string(out), 20))
	}
	return nil
}

// mkdir makes a directory for the server.
func (sw *software) mkdir(dir string) error {
	return errors.Join(os.Mkdir(dir, 0o755), os.Chown(dir, sw.uid, sw.gid))
}

// copyTemplate gives a node its data directory. cp keeps owners and holes, and clones where the file system can.
func copyTemplate(ctx context.Context, from, to string) error {
	cp := exec.CommandContext(ctx, "cp", "-a", from, to)
	if out, err := cp.CombinedOutput(); err != nil {
		return fmt.Errorf("copy the data directory: %w: %s", err, out)
	}
	return nil
}
