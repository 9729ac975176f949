package pool

import (
	"io"

	"github.com/kapok-city/kapok/internal/sheet"
)

var (
	loanFields     = []string{"contract", "borrower", "credit_code", "class", "local", "principal_wan", "months", "lent", "due", "registered", "mode", "guarantor", "high_tech", "listed", "key_support", "ip_pledge", "policy_tool", "first_loan", "pure_credit"}
	progressFields = []string{"contract", "day", "outstanding", "overdue_since", "risk"}
)

// WriteTemplate writes an empty table with the headings that File reads, or with
// progress those of FileProgress.
func WriteTemplate(w io.Writer, f sheet.Format, progress bool) error {
	names := loanFields
	if progress {
		names = progressFields
	}
	head := make([]string, len(names))
	for i, n := range names {
		head[i] = fields[n][0]
	}
	return sheet.Write(w, f, head, func(func(sheet.Row, error) bool) {})
}
