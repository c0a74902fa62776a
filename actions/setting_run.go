package actions

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// ask reads the setting from the server of a node.
func (t *settingSubject) ask(ctx context.Context, r *Run, n *model.Node) (value string, err error) {
	l, err := r.links.to(ctx, n)
	if err != nil {
		return "", err
	}
	server := serverName(n, t.name)
	ctx, cancel := context.WithTimeout(ctx, statementLimit)
	defer cancel()
	all, err := l.session.Globals(ctx, server)
	if err = l.check(err); err != nil {
		return "", fmt.Errorf("%s: %s", n.Name, model.Printable(err.Error(), 300))
	}
	value, ok := all[server]
	if ok && strings.Contains(t.name, ".") && server == "wsrep_provider_options" {
		value, ok = model.ProviderOption(value, t.name)
	}
	if !ok {
		return "", fmt.Errorf("%s: its server has no %s", n.Name, t.name)
	}
	value = strings.TrimSpace(value)
	t.note(n.ID, value, r.runner.options.Clock())
	return value, nil
}

// executeSetting gives one node its value, if it still has the old one.
func executeSetting(ctx context.Context, r *Run, step int) outcome {
	st, subject := &r.plan.Steps[step], r.plan.subject.(*settingSubject)
	t := &subject.targets[st.target]
	n := r.runner.Latest().Node(st.Node)
	now, err := subject.ask(ctx, r, n)
	if err != nil {
		return outcome{stage: Stopped, text: "not run: it cannot be read again: " + err.Error()}
	}
	if reason := t.overtaken(subject.name, n.Name, now); reason != "" {
		return outcome{stage: Stopped, text: "not run: " + reason}
	}
	l, err := r.links.to(ctx, n)
	if err != nil {
		return outcome{stage: Wrong, text: "not run: " + err.Error()}
	}
	out := l.order(ctx, settingLimit, st.Text)
	t.sent = out.stage != Wrong
	return out
}

// verifySetting reads the value until it is another one than before.
func verifySetting(ctx context.Context, r *Run, steps []int) {
	subject := r.plan.subject.(*settingSubject)
	r.watch(steps, r.runner.options.Patience, func(i int) (Stage, string) {
		return subject.sight(ctx, r, &r.plan.Steps[i])
	})
}

// sight looks for the new value on a node.
func (t *settingSubject) sight(ctx context.Context, r *Run, st *Step) (Stage, string) {
	target := &t.targets[st.target]
	n := r.runner.Latest().Node(st.Node)
	if n == nil || n.Sample == nil {
		return Verifying, "it is not known any more"
	}
	now, err := t.ask(ctx, r, n)
	if err != nil {
		return Verifying, "cannot be looked up: " + err.Error()
	}
	target.got, target.known = now, true
	was := ", it was " + valueWord(target.was)
	switch {
	case model.SameMeaning(t.name, now, target.to):
		return Done, t.name + " is " + valueWord(now) + was
	case model.SameMeaning(t.name, now, target.was):
		return Verifying, t.name + " is still " + valueWord(now)
	case numeralForm.MatchString(now) && numeralForm.MatchString(target.to):
		return Done, fmt.Sprintf("%s is %s%s: the server rounded or limited the %s that was asked for", t.name, valueWord(now), was, valueWord(target.to))
	}
	return Wrong, fmt.Sprintf("%s is %s%s, not the %s that was asked for: the server made another value of it, or somebody else changed it", t.name, valueWord(now), was, valueWord(target.to))
}

// undoSetting is the plan that gives every node that was set its old value.
func undoSetting(s *model.Snapshot, session Session, subject *settingSubject) *Plan {
	next := &settingSubject{name: subject.name, node: subject.node, undo: true, read: maps.Clone(subject.read)}
	for i := range subject.targets {
		if t := &subject.targets[i]; t.sent {
			next.targets = append(next.targets, settingTarget{node: t.node, to: t.was})
		}
	}
	if len(next.targets) == 0 {
		return nil
	}
	undo := planSetting(s, session, next, nil, 0)
	for i := range subject.targets {
		t := &subject.targets[i]
		n := s.Node(t.node)
		if !t.sent || n == nil || undo.Refused != "" {
			continue
		}
		now, ok := next.present(n)
		if ok && !model.SameMeaning(subject.name, now.Value, t.was) && !model.SameMeaning(subject.name, now.Value, t.to) && !model.SameMeaning(subject.name, now.Value, t.got) {
			undo.Refused = fmt.Sprintf("%s on %s is %s now, this had set it to %s: somebody else has changed it since", subject.name, n.Name, valueWord(now.Value), valueWord(t.to))
		}
	}
	return undo
}
