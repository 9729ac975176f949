package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/sheet"
)

// deed is one action of a command: its word, what follows it, and what it does.
type deed struct {
	word string
	args []string
	more bool // the last argument may stand more than once
	run  func(ctx context.Context, a *app.App, args []string) error
}

// act runs the action that the first argument names, the first one without any.
func (s *session) act(ctx context.Context, cfg app.Config, args []string, deeds ...deed) error {
	if len(args) == 0 {
		args = []string{deeds[0].word}
	}
	var known []string
	for _, d := range deeds {
		known = append(known, d.word)
		if d.word != args[0] {
			continue
		}
		given := args[1:]
		if d.more && len(given) > len(d.args) {
			given = given[:len(d.args)]
		}
		if err := exactly(len(d.args), given, d.args...); err != nil {
			return err
		}
		return s.withApp(ctx, cfg, func(a *app.App) error { return d.run(ctx, a, args[1:]) })
	}
	return errs.New(errs.Invalid, "cli.unknown_action", errs.A{"action": args[0], "known": strings.Join(known, ", ")})
}

// unknownText stands where something is not known.
const unknownText = "—"

// yuan is an amount in yuan, or a dash where it is not known.
func yuan(v *money.Fen) string {
	if v == nil {
		return unknownText
	}
	return v.String()
}

// asDone prints v as JSON, or its lines.
func (s *session) asDone(v any, lines func()) error {
	if s.json {
		return s.printJSON(v)
	}
	lines()
	return nil
}

// cells prints cells with two blanks between them.
func (s *session) cells(cells ...any) {
	var parts []string
	for _, c := range cells {
		parts = append(parts, fmt.Sprint(c))
	}
	fmt.Fprintln(s.Stdout, strings.TrimRight(strings.Join(parts, "  "), " "))
}

// empty says that a list has nothing in it.
func (s *session) empty(n int) {
	if n == 0 {
		s.say("cli.finance_none")
	}
}

// input reads a file, or standard input for "-".
func (s *session) input(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(s.Stdin, largestInput))
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, unreadable(err, name)
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, largestInput))
}

// largestInput bounds what is read from a file of records.
const largestInput = 64 << 20

func unreadable(err error, name string) error {
	if errors.Is(err, os.ErrNotExist) {
		return errs.Wrap(err, errs.NotFound, "cli.finance_no_file", errs.A{"file": name})
	}
	return err
}

// strictly decodes JSON and refuses words that v does not have: a misspelt one
// must not be taken for an absent one.
func strictly(raw []byte, v any) error {
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return errs.Wrap(err, errs.Invalid, "cli.finance_json", errs.A{"detail": err.Error()})
	}
	return nil
}

// result is where a command writes its file: standard output without a name. A
// file that is there is not overwritten.
func (s *session) result(name string, write func(w io.Writer) error) (err error) {
	if name == "" {
		return write(s.Stdout)
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return errs.Wrap(err, errs.Conflict, "cli.finance_file_there", errs.A{"file": name})
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return write(f)
}

// formatOf is the format that the name of a file asks for, CSV for any other.
func formatOf(name string) sheet.Format {
	if strings.HasSuffix(strings.ToLower(name), ".xlsx") {
		return sheet.XLSX
	}
	return sheet.CSV
}

// cityAhead is how far the city's clock is ahead of UTC.
const cityAhead = 8 * time.Hour

// today is the day in the city.
func today(d *db.DB) string { return d.Now().Add(cityAhead).UTC().Format("2006-01-02") }

// text is a name in the language of the run.
func (s *session) text(t i18n.Text) string { return t.In(s.lang) }
