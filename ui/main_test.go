package ui

import (
	"flag"
	"testing"
	"time"

	"go.uber.org/goleak"
)

var update = flag.Bool("update", false, "write the golden screens anew")

func TestMain(m *testing.M) {
	time.Local = time.UTC // the clock in the header is local
	// A terminal may answer a question after the program has ended. The library's
	// reader then keeps waiting for somebody who takes the answer, until the process
	// ends, which for the console is at once.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/charmbracelet/ultraviolet.(*TerminalReader).sendEvents"))
}
