// Package pool carries the regimes of the credit risk-compensation pool of
// Guangzhou as dated data: which document, from when to when, which rule in which
// article, and whether its text was read or is only reported.
//
// regimes.yaml holds facts with their citation, no text of the documents. What a
// regime does not say, or what was not found, is null: it is shown as unknown and
// never filled in. Numbers that are reported by others carry status: unverified.
// Its format is that of internal/finance/pool/rules, which parses it.
//
// Tables: none.
package pool

import _ "embed"

// Regimes is regimes.yaml.
//
//go:embed regimes.yaml
var Regimes []byte
