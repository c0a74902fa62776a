package actions

import (
	"regexp"
	"strings"
	"time"

	"github.com/galeratop/galeratop/model"
)

// SettingOrder is a setting that somebody wants to have another value while the
// servers run.
type SettingOrder struct {
	Name  string // a variable, or with a dot in its name an option of the provider
	Value string // as it was typed
	// Node is the one to be set, by its ID; "" is all nodes of the Primary Component.
	Node string
}

// setVariableID names the action that changes settings.
const setVariableID = "set-variable"

var setVariable = &action{id: setVariableID, replan: replanSetting, execute: executeSetting, verify: verifySetting}

// settingSubject is what a plan for a setting works on.
type settingSubject struct {
	name    string
	node    string // ID; "" is all of the component
	value   string // as it was typed; of an undo each target has its own
	targets []settingTarget
	// read are values as servers said them since: settings come with snapshots only
	// now and then.
	read map[string]settingReading
	undo bool
}

// settingTarget is the setting on one node.
type settingTarget struct {
	node    string // ID
	was, to string
	got     string // what the server made of it, once it was read back
	sent    bool   // the statement was sent, and not refused
	known   bool   // it was read back
}

type settingReading struct {
	value string
	at    time.Time
}

// settingName is how a name may be spelt: nothing else ever gets into a statement.
var settingName = regexp.MustCompile(`^[a-z0-9_]+(\.[a-z0-9_]+)*$`)

// optionGroups are the parts of the provider that have options, which is how the
// name of one is told from that of another variable of a server with the provider
// plugin.
var optionGroups = map[string]bool{
	"base": true, "cert": true, "evs": true, "gcache": true, "gcomm": true, "gcs": true, "gmcast": true, "ist": true, "pc": true,
	"protonet": true, "repl": true, "socket": true,
}

// canonical is the name under which a setting is judged: the plugin's variable
// wsrep_provider_gcs_fc_limit is the option gcs.fc_limit.
func canonical(name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	if rest, ok := strings.CutPrefix(name, "wsrep_provider_"); ok {
		if group, option, ok := strings.Cut(rest, "_"); ok && optionGroups[group] {
			return group + "." + option
		}
	}
	return name
}

// serverName is the variable in which a node's server has the setting: for an
// option of the provider the list of all of them, or its own with the plugin.
func serverName(n *model.Node, name string) string {
	if !strings.Contains(name, ".") {
		return name
	}
	if _, _, ok := model.AssignmentOf(n, model.PluginVariable(bootstrapping.option)); ok {
		return model.PluginVariable(name)
	}
	return "wsrep_provider_options"
}

// present is the value of the setting on a node as it was read last.
func (t *settingSubject) present(n *model.Node) (a model.Assignment, ok bool) {
	a, at, ok := model.AssignmentOf(n, t.name)
	if r, known := t.read[n.ID]; known && ok && r.at.After(at) {
		a.Value = r.value
	}
	return a, ok
}

// note keeps what a server said of the setting.
func (t *settingSubject) note(node, value string, at time.Time) {
	if t.read == nil {
		t.read = make(map[string]settingReading)
	}
	t.read[node] = settingReading{value, at}
}

// target is what is to be done on a node; nil: nothing.
func (t *settingSubject) target(node string) *settingTarget {
	for i := range t.targets {
		if t.targets[i].node == node {
			return &t.targets[i]
		}
	}
	return nil
}
