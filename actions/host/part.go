package host

import "errors"

// Part is one thing that was looked for on a host. It is known, or there is a
// reason why not: what could not be read is never taken for what is not there.
type Part[T any] struct {
	Value   T      `json:"value"`
	Unknown string `json:"unknown,omitempty"` // why it is not known
}

// Known reports whether the value may be relied on.
func (p *Part[T]) Known() bool { return p.Unknown == "" }

func known[T any](value T) Part[T] { return Part[T]{Value: value} }

func unknown[T any](why string) Part[T] { return Part[T]{Unknown: why} }

// because is a part that is not known for an error.
func because[T any](err error) Part[T] { return Part[T]{Unknown: err.Error()} }

// kindOf is the kind of an error, "" if it is none of ours.
func kindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return ""
}
