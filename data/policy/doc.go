// Package policy carries the library of rules that comes with the program: facts.yaml
// is the vocabulary, the other files are policies by field. They hold numbers and
// conditions with their citation, no text of the documents; what was only reported
// by others carries status: unverified and is shown so.
//
// Its format is that of internal/policy, which reads it. Tables: none.
package policy

import "embed"

// FS holds the files.
//
//go:embed *.yaml
var FS embed.FS
