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
		checks: []check{answers, settingKnown(desyncing), isSynced, servesNobody},
		effects: func(c *nodeCase) []string {
			out := []string{
				c.node.Name + " takes no part in flow control: it may fall behind without limit, and its readers see old data",
				"it stays a member, keeps its vote and its connections",
			}
			if len(c.others((*model.Node).Synced)) == 0 {
				out = append(out, "no other node is Synced: nobody could serve a joiner at once")
			}
			return out
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
		checks: []check{answers, settingKnown(desyncing), isPrimary, isDesynced, shortQueue},
		effects: func(c *nodeCase) []string {
			out := []string{c.node.Name + " applies what waits in its queue, becomes Synced and takes part in flow control again"}
			if queue := c.node.Status().RecvQueue; queue.Or(0) > 0 {
				out = append(out, fmt.Sprintf("%d write-sets wait there: until they are applied it may hold up the writers of the group", queue.V))
			}
			return out
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

// shortQueue wants that a resync does not at once hold up the group: the node
// asks for a pause when its queue is over its limit.
func shortQueue(c *nodeCase) Check {
	text := "the queue of " + c.node.Name + " is short"
	queue := c.node.Status().RecvQueue
	if !queue.Known {
		return unknown(text, "its wsrep_local_recv_queue is not known")
	}
	limit := model.QueueLimit(c.node)
	if !limit.Known {
		return unknown(text, fmt.Sprintf("%d write-sets wait; from which number on it would hold up the group is not known", queue.V))
	}
	evidence := fmt.Sprintf("%d write-sets wait, from %.0f on it would hold up all writers", queue.V, limit.V)
	if float64(queue.V) >= limit.V {
		evidence += ": wait until it has caught up"
	}
	return judged(float64(queue.V) < limit.V, text, evidence)
}
