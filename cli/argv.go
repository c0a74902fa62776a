package cli

import (
	"slices"
	"strings"
	"unsafe"
)

// takeArgs copies the arguments after the program's name and blots out passwords
// in the originals: those are the very memory that ps shows.
func takeArgs(argv []string) []string {
	args := make([]string, 0, len(argv))
	for _, a := range argv[min(1, len(argv)):] {
		args = append(args, strings.Clone(a))
	}
	for i, a := range args {
		if a == "--" {
			break
		}
		if at := secretAt(a); at > 0 {
			blot(argv[i+1][at:])
		}
	}
	return args
}

// secretAt is where a password begins in an argument, 0 when it holds none.
// Like the mysql client, a password is only ever attached to its flag.
func secretAt(arg string) int {
	if rest, ok := strings.CutPrefix(arg, "--password="); ok {
		return len(arg) - len(rest)
	}
	if strings.HasPrefix(arg, "-p") && len(arg) > 2 {
		return 2
	}
	return 0
}

// blot overwrites the text in place. The strings of os.Args are views of the
// memory that the kernel gave the process, which it may write.
func blot(s string) {
	if s == "" {
		return
	}
	b := unsafe.Slice(unsafe.StringData(s), len(s))
	for i := range b {
		b[i] = 'x'
	}
}

// attached spells -pPASSWORD as --password=PASSWORD: the flag library knows flags
// with an optional value only by their long names.
func attached(args []string) []string {
	out := slices.Clone(args)
	for i, a := range out {
		if a == "--" {
			break
		}
		if strings.HasPrefix(a, "-p") && len(a) > 2 {
			out[i] = "--password=" + a[2:]
		}
	}
	return out
}
