package ui

import "github.com/galeratop/galeratop/model"

// What strangers may not see goes through one of these on its way to the screen,
// to a filter, and into the clipboard: literals of statements, and who and where
// the clients are. Panes keep what the servers said, since kills and closer looks
// need the true identity of a thread; so P works at once on all that is shown,
// the frozen frame and the past included.

// query is the text of a statement as it may be shown.
func (e *env) query(text string) string {
	if !e.privacy {
		return text
	}
	return e.redactor().Query(text)
}

// user is the name of an account as it may be shown.
func (e *env) user(name string) string {
	if !e.privacy || e.snap.Private {
		return name
	}
	return e.redactor().User(name)
}

// host is where a client is, as it may be shown.
func (e *env) host(address string) string {
	if !e.privacy || e.snap.Private {
		return address
	}
	return e.redactor().Host(address)
}

// told is a sentence as it may be shown: findings and events name
// statements and clients.
func (e *env) told(text string) string {
	if !e.privacy || e.snap.Private {
		return text
	}
	return e.redactor().Sentence(text)
}

// planned is a sentence of an action as it may be shown. It holds no statement of
// a client, but accounts, and messages of servers in the end; its numbers stay.
func (e *env) planned(text string) string { return e.failed(text) }

// failed is a server's message as it may be shown: it may quote an account.
func (e *env) failed(text string) string {
	if !e.privacy || e.snap.Private {
		return text
	}
	return e.redactor().Error(text)
}

// setting is the value of a variable as it may be shown.
func (e *env) setting(name, value string) string {
	if !e.privacy {
		return value
	}
	return model.MaskSetting(name, value)
}

// conceal takes from a row of settings what may not be shown.
func (e *env) conceal(r *model.ConfigRow) {
	if !e.privacy {
		return
	}
	for i := range r.Cells {
		a := &r.Cells[i].Assignment
		a.Value, a.Default, a.By = e.setting(r.Name, a.Value), e.setting(r.Name, a.Default), e.user(a.By)
	}
}

// state is what the server says that a thread does, as it may be shown:
// procedures can put words of their own there.
func (e *env) state(text string) string { return e.query(text) }

// object is what a lock is on, as it may be shown: clients name their own locks
// as they like.
func (e *env) object(name string) string { return e.query(name) }

// typed is a filter that was typed before, as it may be shown: it may name people.
func (e *env) typed(f *filter) string {
	if e.privacy {
		return e.g.ellipsis
	}
	return f.String()
}

// meet takes in who the clients of a snapshot are, with privacy off as well:
// sentences about them may be on the screen when they are long gone and P is
// pressed.
func (e *env) meet(s *model.Snapshot) {
	if e.private == nil {
		e.private = model.NewRedactor()
	}
	if e.learned != s && !s.Private {
		e.private.Learn(s)
		e.learned = s
	}
}

// redactor knows the clients of the frame and of those before.
func (e *env) redactor() *model.Redactor {
	e.meet(e.snap)
	return e.private
}
