package model

import (
	"fmt"
	"strconv"
	"strings"
)

// Release is a server's version as one number: 10.11.19 is 101119.
type Release int

// ParseRelease reads the leading three numbers of a version text; 0 means that
// it has none. MariaDB's replication prefix "5.5.5-" is skipped.
func ParseRelease(version string) Release {
	version = strings.TrimPrefix(version, "5.5.5-")
	var parts [3]int
	rest := version
	for i := range parts {
		end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
		if end < 0 {
			end = len(rest)
		}
		n, err := strconv.Atoi(rest[:end])
		if err != nil || n > 99 {
			break
		}
		parts[i] = n
		if rest = rest[end:]; !strings.HasPrefix(rest, ".") {
			break
		}
		rest = rest[1:]
	}
	return Release(parts[0]*10000 + parts[1]*100 + parts[2])
}

// String is the release as people write it.
func (r Release) String() string {
	return fmt.Sprintf("%d.%d.%d", r/10000, r/100%100, r%100)
}
