package actions

import (
	"fmt"
	"time"

	"github.com/galeratop/galeratop/model"
)

var desyncing = lever{names: []string{"wsrep_desync"}}

// desyncRows take a node out of flow control and back.
var desyncRows = []*nodeRow{
	{
		id: "desync", name: "Desync", title: "Desync {node}: take it out of flow control",
		about: "lets it fall behind without holding up the writers of the group", level: LevelNode, opposite: "resync",
		turns:  []turn{{lever: desyncing, to: "ON"}},
		checks: []check{answers, settingKnown(desyncing), isSynced, servesNobody, anotherSynced},
		effects: func(c *nodeCase) []string {
			return []string{
				c.node.Name + " takes no part in flow control: it may fall behind without limit, and its readers see old data",
				"it stays a member, keeps its vote and its connections",
			}
		},
		unknowns: []string{"whether a load balancer goes on sending it clients: its wsrep_local_state becomes 2"},
		verify:   "its wsrep_desync is read again until it is ON and its state is Donor/Desynced",
		seen: func(c *nodeCase) (Stage, string) {
			if s := c.node.Status(); s.State() != model.StateDonor {
				return Verifying, "wsrep_desync is ON, the state is still " + s.State().String()
			}
			return Done, "desynced: it takes no part in flow control any more"
		},
	},
	{
		id: "resync", name: "Resync", title: "Resync {node}: back into flow control",
		about: "ends a desync by hand; the node catches up and becomes Synced", level: LevelYes, opposite: "desync",
		turns:  []turn{{lever: desyncing, to: "OFF"}},
		checks: []check{answers, settingKnown(desyncing), isPrimary, isDesynced},
		effects: func(c *nodeCase) []string {
			applies := c.node.Name + " applies what waits in its queue, becomes Synced and takes part in flow control again"
			return append([]string{applies}, burden(c)...)
		},
		verify: "its wsrep_desync is read again until it is OFF and its state is Synced, for up to 30 s",
		seen: func(c *nodeCase) (Stage, string) {
			switch s := c.node.Status(); {
			case s.State() == model.StateSynced:
				return Done, "Synced again"
			case s.State() == model.StateDonor && s.DesyncCount.Or(0) > 0:
				return Verifying, "wsrep_desync is OFF, but something else keeps it desynced: it serves a state transfer, or a backup holds it"
			default:
				return Verifying, fmt.Sprintf("it catches up: %s, %d write-sets wait", s.State(), s.RecvQueue.Or(0))
			}
		},
		patience: 30 * time.Second,
	},
}

// settingKnown wants that the present value was read.
func settingKnown(l lever) check {
	return func(c *nodeCase) Check {
		name := l.name(c.node)
		text := "the present " + name + " is known"
		value, ok := l.value(c.node)
		if !ok {
			return unknown(text, "the settings of "+c.node.Name+" have not been read yet")
		}
		return judged(true, text, "it is "+value)
	}
}

func isDesynced(c *nodeCase) Check {
	value, _ := desyncing.value(c.node)
	return judged(equal(value, "ON"), c.node.Name+" was desynced by hand", "its wsrep_desync is "+value)
}

// burden warns of a resync that holds up the group: the node asks for a pause
// when its queue is over its limit.
func burden(c *nodeCase) []string {
	queue, limit := c.node.Status().RecvQueue, model.QueueLimit(c.node)
	switch {
	case !queue.Known:
		return []string{"how many write-sets wait there is not known: a long queue holds up all writers of the group"}
	case queue.V == 0:
		return nil
	case !limit.Known:
		return []string{fmt.Sprintf("%d write-sets wait there; from which number on they hold up all writers is not known", queue.V)}
	case float64(queue.V) < limit.V:
		return []string{fmt.Sprintf("%d write-sets wait there, fewer than the %.0f at which it would hold up the writers", queue.V, limit.V)}
	}
	return []string{fmt.Sprintf("WARNING: %d write-sets wait there, from %.0f on it holds up ALL WRITERS of the group until they are applied; better wait until it has caught up", queue.V, limit.V)}
}
