// Package errs is Kapok's error policy: a kind that decides how a failure is
// answered, a key that decides what the reader is told, and a cause that only
// the operator sees.
//
// A plain error (fmt.Errorf, a driver error) is always Internal: its text is
// logged and never shown. To tell a person something, return an *Error whose
// key stands in a catalogue of package i18n. Wrapping an *Error with
// fmt.Errorf("…: %w") keeps its kind and key; what is lost at the edge is the
// wrapping text, which goes to the log.
//
// It does not translate (package i18n), map kinds to HTTP (packages web and
// api) or to exit codes (package cli). It has no tables.
package errs
