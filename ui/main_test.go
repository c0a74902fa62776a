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
	goleak.VerifyTestMain(m)
}
