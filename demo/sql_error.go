package demo

import (
	"fmt"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// The errors that the simulated servers answer with, in the words of the real
// ones.
const (
	errNoSchema     = 1046
	errNotReady     = 1047
	errBadSchema    = 1049
	errBadColumn    = 1054
	errSyntax       = 1064
	errNoThread     = 1094
	errKillDenied   = 1095
	errNoTable      = 1146
	errNoVariable   = 1193
	errBadArguments = 1210
	errGlobalOnly   = 1229
	errWrongValue   = 1231
	errUnsupported  = 1235
	errReadOnly     = 1238
	errNoFunction   = 1305
	errInterrupted  = 1317
	errFailed       = 1396
	errNoQuery      = 1957
)

var sqlStates = map[uint16]string{
	errNoSchema: "3D000", errNotReady: "08S01", errBadSchema: "42000", errBadColumn: "42S22", errSyntax: "42000",
	errNoTable: "42S02", errWrongValue: "42000", errUnsupported: "42000", errNoFunction: "42000", errInterrupted: "70100",
}

func sqlError(code uint16, format string, args ...any) *mysql.MyError {
	state, ok := sqlStates[code]
	if !ok {
		state = "HY000"
	}
	return &mysql.MyError{Code: code, State: state, Message: fmt.Sprintf(format, args...)}
}

// syntaxError quotes the rest of the statement as servers do.
func syntaxError(rest string) *mysql.MyError {
	if len(rest) > 80 {
		rest = rest[:80]
	}
	return sqlError(errSyntax, "You have an error in your SQL syntax; check the manual that corresponds to your "+
		"server version for the right syntax to use near '%s' at line 1", rest)
}

func notReady() *mysql.MyError {
	return sqlError(errNotReady, "WSREP has not yet prepared node for application use")
}
