package actions

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/galeratop/galeratop/model"
)

var (
	rejecting   = lever{names: []string{"wsrep_reject_queries"}}
	maintaining = lever{names: []string{"pxc_maint_mode"}}
)

// open is the value with which a node takes clients.
func (l lever) open() string {
	if slices.Equal(l.names, maintaining.names) {
		return "DISABLED"
	}
	return "NONE"
}

// rejects reports whether the node refuses the statements of its clients.
func rejects(n *model.Node) bool {
	value, ok := rejecting.value(n)
	return ok && !equal(value, rejecting.open())
}

var (
	onPXC = []model.Flavour{model.FlavourPXC}
	noPXC = []model.Flavour{model.FlavourMariaDB, model.FlavourMySQL}
)

// drainRows send clients away from a node and let them back.
var drainRows = []*nodeRow{
	{
		id: "drain", name: "Drain", title: "Drain {node}: send its clients elsewhere",
		about: "turns clients away while the node stays a member and keeps up", level: LevelNode, opposite: "undrain",
		turns: []turn{
			{flavours: onPXC, lever: maintaining, to: "MAINTENANCE"},
			{flavours: noPXC, lever: rejecting, to: "ALL"},
		},
		checks: []check{answers, drainable, anotherServes}, effects: drained,
		unknowns: []string{"how soon the load balancer notices, and where it sends the clients"},
		verify:   "the setting is read again until it has its new value",
		seen:     turnedAway,
	},
	{
		id: "drain-kill", name: "Drain and disconnect", title: "Drain {node} and disconnect its clients",
		about: "turns clients away and closes their connections at once", level: LevelNode, opposite: "undrain",
		turns:  []turn{{lever: rejecting, to: "ALL_KILL"}},
		checks: []check{answers, drainable, anotherServes},
		effects: func(c *nodeCase) []string {
			return []string{
				fmt.Sprintf("all of its connections are closed, %s now, and what their transactions changed is rolled back", connections(c.node)),
				"whoever connects again gets error 1047 for every statement that touches data",
				"it stays a member, keeps its vote and applies what the others write",
			}
		},
		unknowns: []string{"how long the rollbacks take", "how soon the load balancer notices, and where it sends the clients"},
		verify:   "the setting is read again until it has its new value",
		seen:     turnedAway,
	},
	{
		id: "undrain", name: "Undrain", title: "Undrain {node}: let clients back",
		about: "ends a drain: the node takes clients again", level: LevelYes, opposite: "drain",
		turns:   []turn{{lever: rejecting, to: "NONE"}, {flavours: onPXC, lever: maintaining, to: "DISABLED"}},
		checks:  []check{answers, settingKnown(rejecting), isPrimary},
		effects: func(c *nodeCase) []string { return []string{c.node.Name + " answers clients again"} },
		verify:  "the setting is read again until it has its new value",
		seen:    func(*nodeCase) (Stage, string) { return Done, "it takes clients again" },
	},
}

// drainable wants that the node's way of turning clients away is known.
func drainable(c *nodeCase) Check {
	return settingKnown(c.door())(c)
}

// door is the lever with which this node turns clients away.
func (c *nodeCase) door() lever {
	if c.node.Sample.Server.Flavour == model.FlavourPXC {
		return maintaining
	}
	return rejecting
}

func drained(c *nodeCase) []string {
	stays := "it stays a member, keeps its vote and applies what the others write"
	if c.node.Sample.Server.Flavour == model.FlavourPXC {
		return []string{"a load balancer that reads pxc_maint_mode (ProxySQL does) sends it nobody new; connections stay and go on", stays}
	}
	return []string{
		fmt.Sprintf("its clients, %s now, get error 1047 for every statement that touches data; their connections stay", connections(c.node)),
		"open transactions, " + openTransactions(c.node) + " now, cannot COMMIT any more: that gets error 1047 too, and they keep their locks until their connections end",
		stays,
	}
}

func connections(n *model.Node) string {
	open := n.Status().ThreadsConnected
	if !open.Known {
		return "an unknown number"
	}
	return counted(int(open.V), "connection", "connections")
}

func openTransactions(n *model.Node) string {
	t := n.Sample.Slow.Transactions
	if t == nil || t.Error != "" {
		return "an unknown number"
	}
	return strconv.Itoa(len(t.Rows) + t.Left)
}

func turnedAway(c *nodeCase) (Stage, string) {
	return Done, "it turns clients away; " + connections(c.node) + " open, galeratop's own among them"
}
