// Package cli is Kapok's command line: one file a command, one table of them
// all (commands.go), the standard flag package, exit codes by kind of error.
//
// Commands read flags, call what package app built, and print: text for people,
// JSON with --json for programs. They hold no rules of any room. Messages are
// in Chinese or English after --lang, KAPOK_LANG or the locale. The behaviour
// of each command is specified by the script files in testdata.
//
// It has no tables.
package cli
