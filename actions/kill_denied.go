package actions

import (
	"fmt"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// denied reads the text of errors 1095 and 1979, which servers give for two
// things: want of a privilege, and threads that they protect.
func denied(s *model.Server, code uint16, text string) string {
	if lower := strings.ToLower(text); strings.Contains(lower, "not owner") {
		return fmt.Sprintf("not killed: the account may not kill other accounts' threads: it lacks %s (error %d)", killGrant(s), code)
	}
	return fmt.Sprintf("not killed: the server protects this thread: %s (error %d)", text, code)
}

// killGrant is the privilege that ending others' threads needs.
func killGrant(s *model.Server) string {
	switch {
	case s.Flavour == model.FlavourMariaDB && s.Release >= 100502:
		return "CONNECTION ADMIN: GRANT CONNECTION ADMIN ON *.* TO the account"
	case s.Flavour != model.FlavourMariaDB && s.Release >= 80000:
		return "CONNECTION_ADMIN, and SYSTEM_USER against accounts that have it: GRANT CONNECTION_ADMIN ON *.* TO the account"
	}
	return "SUPER: GRANT SUPER ON *.* TO the account"
}
