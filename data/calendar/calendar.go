package calendar

import "embed"

// FS holds one file a year, "cn-2026.json": the document it follows, and each
// holiday with its first and last day and the weekend days worked for it.
//
//go:embed cn-*.json
var FS embed.FS
