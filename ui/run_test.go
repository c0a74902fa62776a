package ui

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestATerminalThatHungUpIsNoticed(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	lost := 0
	tell := func() { lost++ }
	in, out := &tty{r, tell}, &tty{w, tell}
	if _, err := out.Write([]byte("x")); err != nil || lost != 0 {
		t.Fatalf("a good write: %v, lost %d times", err, lost)
	}
	if _, err := in.Read(make([]byte, 10)); err != nil || lost != 0 {
		t.Fatalf("a good read: %v, lost %d times", err, lost)
	}
	_ = w.Close()
	if _, err := in.Read(make([]byte, 10)); err == nil || lost != 1 {
		t.Errorf("the end of input: %v, lost %d times", err, lost)
	}
	if _, err := out.Write([]byte("x")); err == nil || lost != 2 {
		t.Errorf("a failing write: %v, lost %d times", err, lost)
	}
	_ = r.Close()
}

func TestTheStackOfAPanicGoesToAFileOnlyWhenAskedFor(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("GALERATOP_DEBUG", "")
	s := &shell{err: errors.New("internal error in pane overview: oops"), stack: []byte("goroutine 1")}
	if got := s.withStack().Error(); got != "internal error in pane overview: oops" {
		t.Errorf("got %s", got)
	}
	t.Setenv("GALERATOP_DEBUG", "1")
	if got := s.withStack().Error(); !strings.Contains(got, dir) || strings.Contains(got, "\n") {
		t.Errorf("got %s", got)
	}
	files, err := filepath.Glob(filepath.Join(dir, "galeratop-panic-*.txt"))
	if err != nil || len(files) != 1 {
		t.Errorf("got %v, %v", files, err)
	}
}

func TestWithoutATerminalTheConsoleSaysWhatElseThereIs(t *testing.T) {
	stdout := os.Stdout
	defer func() { os.Stdout = stdout }()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close() //nolint:errcheck // a test
	os.Stdout = null
	if err := Run(t.Context(), newFakeFeed(), Options{}); err == nil || !strings.Contains(err.Error(), "galeratop check") {
		t.Errorf("got %v", err)
	}
}
