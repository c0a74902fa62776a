package main

import (
	"errors"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	r, err := parse([]string{"up", "--load", "3", "--tls", "--partitions"})
	if err != nil || r.nodes != 3 || !r.load || !r.tls || !r.partitions || r.garbd {
		t.Errorf("%+v, %v", r, err)
	}
	for _, args := range []string{"", "down", "up", "up x", "up 0", "up 3 4", "up 3 --bogus", "up 3 --for soon"} {
		_, err := parse(strings.Fields(args))
		if _, usage := errors.AsType[usageError](err); !usage || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want a usage error in one line", args, err)
		}
	}
}
