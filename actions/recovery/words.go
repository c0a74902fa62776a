package recovery

import (
	"fmt"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// listed is an enumeration: "db1, db2 and db3".
func listed(all []string) string {
	if n := len(all); n > 1 {
		return strings.Join(all[:n-1], ", ") + " and " + all[n-1]
	}
	return strings.Join(all, "")
}

func names(nodes []*node) string {
	out := make([]string, len(nodes))
	for i, n := range nodes {
		out[i] = n.Name
	}
	return listed(out)
}

func ids(nodes []*node) []string {
	out := make([]string, len(nodes))
	for i, n := range nodes {
		out[i] = n.ID
	}
	return out
}

func agree(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func counted(n int64, one, many string) string {
	return fmt.Sprintf("%d %s", n, agree(int(n), one, many))
}

func row(node, variable, value string) model.Evidence {
	return model.Evidence{Node: node, Variable: variable, Value: model.Printable(value, 300)}
}

// deadWords are typed to declare a member lost.
func deadWords(name string) string { return name + " is dead" }
