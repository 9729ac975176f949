package errs

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Kind says what sort of failure an error is. Each edge maps kinds to its own
// answers in one table.
type Kind string

// The kinds. There are fewer than ten on purpose: a caller branches on them.
const (
	Invalid         Kind = "invalid"         // the input can be mended by its sender
	NotFound        Kind = "not_found"       // nothing has this name or id
	Conflict        Kind = "conflict"        // the state does not allow it, or a duplicate
	Precondition    Kind = "precondition"    // the row has changed since it was read
	Unauthenticated Kind = "unauthenticated" // nobody is signed in
	Forbidden       Kind = "forbidden"       // signed in, but not allowed
	TooLarge        Kind = "too_large"       // over a stated limit
	Unavailable     Kind = "unavailable"     // try again later
	Internal        Kind = "internal"        // Kapok's fault; the reader gets a request id
)

// A is the set of named arguments of a message: {"row": 12, "column": "名称"}.
type A map[string]any

// Error is a failure that a person can be told about.
type Error struct {
	Kind  Kind
	Key   string // message key in the i18n catalogues
	Args  A      // values for the {placeholders} of the message
	Field string // JSON pointer or form field at fault, "" when none
	Cause error  // for the log only
}

// New returns an error of the given kind whose text is the catalogue entry key.
func New(kind Kind, key string, args ...A) *Error {
	return &Error{Kind: kind, Key: key, Args: merge(args)}
}

// Wrap is New with a cause for the log.
func Wrap(cause error, kind Kind, key string, args ...A) *Error {
	return &Error{Kind: kind, Key: key, Args: merge(args), Cause: cause}
}

// At returns a copy of e that names the field at fault.
func (e *Error) At(field string) *Error {
	c := *e
	c.Field = field
	return &c
}

// Error is the operator's text: kind, key, arguments in a fixed order, cause.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Kind, e.Key)
	for _, k := range slices.Sorted(maps.Keys(e.Args)) {
		fmt.Fprintf(&b, " %s=%v", k, e.Args[k])
	}
	if e.Cause != nil {
		fmt.Fprintf(&b, ": %v", e.Cause)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is makes errors.Is(err, &Error{Kind: k}) compare kinds, and keys when the
// target names one.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Kind == e.Kind && (t.Key == "" || t.Key == e.Key)
}

// KindOf returns the kind of the first *Error in err's chain, Internal for any
// other error, and "" for nil.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	if e := (*Error)(nil); errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Of returns the first *Error in err's chain, or an Internal one that wraps
// err. It returns nil for nil.
func Of(err error) *Error {
	if err == nil {
		return nil
	}
	if e := (*Error)(nil); errors.As(err, &e) {
		return e
	}
	return Wrap(err, Internal, "errs.internal")
}

// List is several errors about one input, reported together.
type List []*Error

// Error joins the operator's texts.
func (l List) Error() string {
	texts := make([]string, len(l))
	for i, e := range l {
		texts[i] = e.Error()
	}
	return strings.Join(texts, "; ")
}

// ListOf returns the errors that err holds: the members of a List, or err by
// itself. It returns nil for nil.
func ListOf(err error) List {
	if l := (List)(nil); errors.As(err, &l) {
		return l
	}
	if err == nil {
		return nil
	}
	return List{Of(err)}
}

// Unwrap lets errors.As find the first member.
func (l List) Unwrap() []error {
	out := make([]error, len(l))
	for i, e := range l {
		out[i] = e
	}
	return out
}

// Err returns l as an error, or nil when it is empty.
func (l List) Err() error {
	if len(l) == 0 {
		return nil
	}
	return l
}

func merge(args []A) A {
	if len(args) == 1 {
		return args[0]
	}
	out := A{}
	for _, a := range args {
		maps.Copy(out, a)
	}
	return out
}
