package actions

import (
	"fmt"

	"github.com/galeratop/galeratop/model"
)

var (
	queueLimit  = lever{option: "gcs.fc_limit"}
	queueFactor = lever{option: "gcs.fc_factor"}
	applying    = lever{names: []string{"wsrep_applier_threads", "wsrep_slave_threads"}}
	weighing    = lever{option: "pc.weight"}
)

// valueRead is how a setting is verified that is in force as soon as it is set.
const valueRead = "the setting is read again until it has its new value"

// tuningRows set a number on a node.
var tuningRows = []*nodeRow{
	{
		id: "fc-limit", name: "Flow-control limit", title: "Set gcs.fc_limit of {node} to {value}",
		about: "at which queue length it asks the group to pause", level: LevelNode, opposite: "fc-limit",
		ask:    &question{lever: queueLimit, least: 1, most: 1_000_000, whole: true},
		turns:  []turn{{lever: queueLimit}},
		checks: []check{answers, settingKnown(queueLimit)},
		effects: func(c *nodeCase) []string {
			return append([]string{
				"a higher limit holds up writers later and lets " + c.node.Name + " fall behind further; a lower one the other way round",
				"Galera multiplies it by the square root of the number of members, unless gcs.fc_single_primary is on",
			}, apart(c, queueLimit)...)
		},
		verify: valueRead,
	},
	{
		id: "fc-factor", name: "Flow-control factor", title: "Set gcs.fc_factor of {node} to {value}",
		about: "at which share of the limit the group may go on", level: LevelNode, opposite: "fc-factor",
		ask:    &question{lever: queueFactor, least: 0, most: 1},
		turns:  []turn{{lever: queueFactor}},
		checks: []check{answers, settingKnown(queueFactor)},
		effects: func(c *nodeCase) []string {
			return append([]string{
				"after a pause the group goes on when the queue of " + c.node.Name + " is down to this share of its limit: near 1 pauses are short and many, near 0 long and few",
			}, apart(c, queueFactor)...)
		},
		verify: valueRead,
	},
	{
		id: "appliers", name: "Appliers", title: "Set the number of appliers of {node} to {value}",
		about: "how many threads apply what the others wrote", level: LevelNode, opposite: "appliers",
		ask:    &question{lever: applying, least: 1, most: 512, whole: true},
		turns:  []turn{{lever: applying}},
		checks: []check{answers, settingKnown(applying)},
		effects: func(c *nodeCase) []string {
			out := []string{"new appliers begin at once; those that are too many end after the write-set that they wait for"}
			if could := c.node.Status().CertDepsDist; could.Known {
				out = append(out, fmt.Sprintf("by wsrep_cert_deps_distance, a mean since the start, about %.0f write-sets could be applied at once", could.V))
			}
			return out
		},
		unknowns: []string{"whether more appliers wait for one another's row locks"},
		verify:   valueRead,
	},
	{
		id: "weight", name: "Weight in quorum", title: "Set pc.weight of {node} to {value}",
		about: "how much its vote counts when the group is cut", level: LevelNode, opposite: "weight",
		ask:    &question{lever: weighing, least: 0, most: 255, whole: true},
		turns:  []turn{{lever: weighing}},
		checks: []check{answers, settingKnown(weighing), isPrimary, onePrimary, stable, votesKnown, votesLeft},
		effects: func(c *nodeCase) []string {
			q := c.quorum()
			if q == nil {
				return nil
			}
			out := []string{"now: " + forecast(q, c.node)}
			if weight := model.ParseNum(c.value); weight.Known {
				out = append(out, "then: "+forecast(q.Reweighed(c.node.ID, weight.V), c.node))
			}
			return out
		},
		verify: "the option and the weight of the component are read again until they have their new values",
		seen: func(c *nodeCase) (Stage, string) {
			if q := c.quorum(); q != nil {
				return Done, "in force: " + forecast(q, c.node)
			}
			return Verifying, "the option is set; the weight of the component does not agree yet"
		},
	},
}

// apart tells of nodes with another value: settings of flow control should be
// the same everywhere.
func apart(c *nodeCase, l lever) []string {
	if c.value == "" {
		return nil
	}
	differ := c.others(func(n *model.Node) bool {
		value, ok := l.value(n)
		return ok && !equal(value, c.value)
	})
	if len(differ) == 0 {
		return nil
	}
	value, _ := l.value(differ[0])
	return []string{fmt.Sprintf("%s then differs from %s (%s there); the node with the lowest limit brakes the group first", c.node.Name, names(differ), value)}
}

// quorum is the quorum of the component that the node is in; nil: not known.
func (c *nodeCase) quorum() *model.Quorum {
	if p := c.primary(); p != nil {
		return p.Quorum
	}
	return nil
}

func votesKnown(c *nodeCase) Check {
	const text = "the weights of all members are known"
	q := c.quorum()
	if q == nil || q.Vote(c.node.ID) == nil {
		return unknown(text, "they do not add up to the weight of the component, or have not been read yet")
	}
	evidence := fmt.Sprintf("%d together", q.Total)
	if q.Assumed {
		evidence += ", taking 1 for members whose weight cannot be read"
	}
	return judged(true, text, evidence)
}

func votesLeft(c *nodeCase) Check {
	const text = "some member keeps a weight"
	q, weight := c.quorum(), model.ParseNum(c.value)
	if q == nil || !weight.Known {
		return judged(true, text, "no value was chosen yet")
	}
	total := q.Reweighed(c.node.ID, weight.V).Total
	return judged(total > 0, text, fmt.Sprintf("all weights together would be %d", total))
}

// forecast says what losses the component survives.
func forecast(q *model.Quorum, n *model.Node) string {
	text := fmt.Sprintf("weight %d in all, ", q.Total)
	switch {
	case len(q.Votes) == 1:
		text += "one member alone"
	case q.Crashes == 0:
		text += "no crash is survived whoever it hits"
	default:
		text += counted(q.Crashes, "crash at once is survived", "crashes at once are survived") + " whoever they hit"
	}
	if v := q.Vote(n.ID); v != nil && len(q.Votes) > 1 {
		text += fmt.Sprintf("; without %s (weight %d) the rest %s", n.Name, v.Weight, map[bool]string{true: "stays Primary", false: "stops"}[v.CrashKeeps])
	}
	if q.EvenSplit {
		text += "; it can be cut into two halves of the same weight, and then both stop"
	}
	return text
}
