package match

import (
	"context"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/search"
	"github.com/kapok-city/kapok/internal/transfer"
)

// Ask is what somebody looks for, in words of their own.
type Ask struct {
	Text  string
	Codes CodeSet
	Wants Constraints
}

// MaxText is the longest text of an Ask, in bytes.
const MaxText = 64 << 10

// asking is an ask that is ready to run.
type asking struct {
	card   *Card
	text   string
	slot   int // of its vector, -1 for a free text
	viewer level.Viewer
	today  int
}

// record makes an ask of a record, which the viewer must see.
func (s *Service) record(ctx context.Context, v level.Viewer, key Key) (asking, error) {
	missing := errs.New(errs.NotFound, "match.no_record", errs.A{"id": key.Kind + " " + key.ID})
	card, slot, ok := s.cards.get(v, key)
	if !ok {
		return asking{}, missing
	}
	d, ok, err := s.cfg.Load(ctx, key.Kind, key.ID)
	if err != nil {
		return asking{}, err
	}
	d.Kind, d.ID = key.Kind, key.ID
	if fresh := CardOf(d); !ok || !sees(v, &fresh) { // it has changed since the last CatchUp
		return asking{}, missing
	}
	return asking{card: card, text: cut(textOf(d), MaxText), slot: slot, viewer: v, today: s.today()}, nil
}

// text makes an ask of a free text.
func (s *Service) text(v level.Viewer, a Ask) (asking, error) {
	if len(a.Text) > MaxText {
		return asking{}, errs.New(errs.TooLarge, "match.text_too_long", errs.A{"bytes": len(a.Text), "limit": MaxText}).At("/text")
	}
	text := strings.ToValidUTF8(a.Text, "\uFFFD")
	if fold.Name(text) == "" {
		return asking{}, errs.New(errs.Invalid, "match.no_text").At("/text")
	}
	if err := a.Wants.valid(); err != nil {
		return asking{}, err
	}
	return asking{card: &Card{Codes: a.Codes, Wants: a.Wants, tongue: tongueOf(text)}, text: text, slot: -1, viewer: v, today: s.today()}, nil
}

// valid refuses conditions that no record could meet.
func (c Constraints) valid() error {
	switch {
	case c.TRLMin < 0 || c.TRLMin > 9:
		return errs.New(errs.Invalid, "match.trl_out_of_range", errs.A{"value": c.TRLMin}).At("/trl_min")
	case c.Budget.Min != nil && c.Budget.Max != nil && *c.Budget.Min > *c.Budget.Max:
		return errs.New(errs.Invalid, "match.budget_turned").At("/budget")
	case c.Level != "" && !c.Level.Valid():
		return errs.New(errs.Invalid, "match.unknown_level", errs.A{"value": string(c.Level)}).At("/level")
	}
	return nil
}

func (a asking) query(kinds []string) search.Query {
	return search.Query{Text: a.text, Kinds: kinds, Viewer: a.viewer, Whole: true, Gloss: 1, Filters: []search.Filter{offered}}
}

// offered is Card.listed as the index knows it.
var offered = search.Filter{Field: FieldStatus, Any: []string{string(transfer.Listed)}, Unknown: true}

// cut shortens a text to at most n bytes, at the edge of a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
