package actions

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// lever is a setting of a server: a global variable, by the names that servers
// give it, the one to be preferred first; or an option of the provider.
type lever struct {
	option string
	names  []string
}

// name is how the node's server calls it.
func (l lever) name(n *model.Node) string {
	if l.option != "" {
		if plugin := l.plugin(n); plugin != "" {
			return plugin
		}
		return l.option
	}
	for _, name := range l.names {
		if _, ok := model.Setting(n, name); ok {
			return name
		}
	}
	return l.names[0]
}

// plugin is the variable of its own that an option is on a server with the
// provider plugin, where wsrep_provider_options cannot be set; "" elsewhere.
func (l lever) plugin(n *model.Node) string {
	if _, ok := model.Setting(n, model.PluginVariable(bootstrapping.option)); !ok {
		return ""
	}
	return model.PluginVariable(l.option)
}

// value is what it is set to now.
func (l lever) value(n *model.Node) (value string, ok bool) {
	name := l.name(n)
	return model.Setting(n, name)
}

// set is the statement that gives it a value.
func (l lever) set(n *model.Node, value string) string {
	name := l.name(n)
	if l.option != "" && name == l.option {
		return fmt.Sprintf("SET GLOBAL wsrep_provider_options = '%s=%s'", l.option, value)
	}
	if _, err := strconv.ParseFloat(value, 64); err == nil || bare[value] {
		return fmt.Sprintf("SET GLOBAL %s = %s", name, value)
	}
	return fmt.Sprintf("SET GLOBAL %s = '%s'", name, value)
}

// bare are the words that servers take without quotes.
var bare = map[string]bool{"ON": true, "OFF": true, "ALL": true, "ALL_KILL": true, "NONE": true, "MAINTENANCE": true, "DISABLED": true}

// equal compares two values as a server would.
func equal(a, b string) bool {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	if errX == nil && errY == nil {
		return x == y
	}
	if p, ok := model.ParseBool(a); ok {
		if q, ok := model.ParseBool(b); ok {
			return p == q
		}
	}
	return strings.EqualFold(a, b)
}
