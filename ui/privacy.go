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

// told is a sentence as it may be shown: findings, events and previews of actions
// name statements and clients.
func (e *env) told(text string) string {
	if !e.privacy || e.snap.Private {
		return text
	}
	return e.redactor().Sentence(text)
}

// failed is a server's message as it may be shown: it may quote an account.
func (e *env) failed(text string) string {
	if !e.privacy || e.snap.Private {
		return text
	}
	return e.redactor().Error(text)
}

// redactor knows the clients of the frame.
func (e *env) redactor() *model.Redactor {
	if e.private == nil {
		e.private = model.NewRedactor()
	}
	if e.learned != e.snap {
		e.private.Learn(e.snap)
		e.learned = e.snap
	}
	return e.private
}
