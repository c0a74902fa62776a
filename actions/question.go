package actions

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// question is a number that has to be typed before an action can be planned.
type question struct {
	lever       lever
	least, most float64
	whole       bool
}

// Question is what a person is asked before an action can be planned.
type Question struct {
	Text    string // "gcs.fc_limit on db1: a number from 1 to 1000000, now 16"
	Present string // the value now, "" when it is not known
}

// words are the bounds in words.
func (q *question) words() string {
	kind := "a number"
	if q.whole {
		kind = "a whole number"
	}
	return fmt.Sprintf("%s from %s to %s", kind, numeral(q.least), numeral(q.most))
}

func numeral(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// read takes what was typed; the value is as it is sent.
func (q *question) read(n *model.Node, text string) (string, error) {
	name := q.lever.name(n)
	v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || v != v || v < q.least || v > q.most || q.whole && v != float64(int64(v)) {
		return "", fmt.Errorf("%q is not what %s takes: %s", model.Printable(text, 40), name, q.words())
	}
	return numeral(v), nil
}

// NodeQuestion is what has to be typed for an action on a node; nil for one that
// asks for nothing.
func NodeQuestion(s *model.Snapshot, node, id string) *Question {
	row, n := rowOf(id), s.Node(node)
	if row == nil || row.ask == nil || n == nil {
		return nil
	}
	name := row.ask.lever.name(n)
	q := &Question{Text: fmt.Sprintf("%s on %s: %s", name, n.Name, row.ask.words())}
	if now, ok := row.ask.lever.value(n); ok {
		q.Present, q.Text = now, q.Text+", now "+now
	}
	return q
}

// NodeValue reads what was typed.
func NodeValue(s *model.Snapshot, node, id, text string) (string, error) {
	row, n := rowOf(id), s.Node(node)
	if row == nil || row.ask == nil {
		return "", fmt.Errorf("%s asks for no value", id)
	}
	return row.ask.read(n, text)
}
