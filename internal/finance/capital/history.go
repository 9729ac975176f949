package capital

import (
	"cmp"
	"context"
	"slices"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/level"
)

// Strand is one of the five sides of a company's money: 创·投·贷·融·保.
type Strand string

// The strands.
const (
	Founded  Strand = "founded"  // 创: competitions and what helps to begin
	Invested Strand = "invested" // 投: rounds, holdings of funds
	Lent     Strand = "lent"     // 贷: loans and what followed from them
	Marketed Strand = "marketed" // 融: listings and acquisitions
	Covered  Strand = "covered"  // 保: guarantees and insurance
)

// Strands lists the five, in the order in which they are named.
var Strands = []Strand{Founded, Invested, Lent, Marketed, Covered}

// KindSubsidy is the kind of entries that tell what of a premium was subsidised.
const KindSubsidy = "subsidy"

// Entry is a line in the history of a company's money.
type Entry struct {
	Kind      string      `json:"kind"` // word of the room it comes from: "round", "loan", "holding", …
	Strand    Strand      `json:"strand"`
	ID        string      `json:"id"`             // of the record
	Day       string      `json:"day,omitempty"`  // may be cut to a month or a year; "" when not known
	Word      string      `json:"word,omitempty"` // stage, state or type, a code of its kind
	Text      string      `json:"text,omitempty"` // what it is called
	Parties   []Party     `json:"parties,omitempty"`
	Money     bool        `json:"money"` // it is about an amount, which may be unknown
	Amount    *Amount     `json:"amount,omitempty"`
	Level     level.Level `json:"level"` // at which it may be read; what is no level is hidden
	SourceID  string      `json:"source_id"`
	Simulated bool        `json:"simulated,omitempty"`
	Evidence  string      `json:"evidence,omitempty"`

	author string // sees it in any case
}

// Source tells what another room knows of a company's money. Levels and sources
// of its entries are held against the viewer here.
type Source interface {
	Entries(ctx context.Context, q db.Querier, org string) ([]Entry, error)
}

// KindTotal is the money of one kind of entry.
type KindTotal struct {
	Kind    string `json:"kind"`
	Strand  Strand `json:"strand"`
	Entries int    `json:"entries"` // that are about an amount
	Unknown int    `json:"unknown"` // of these, without one
	Sums    []Sum  `json:"sums"`    // empty when no amount is known
}

// History is one company's money, the oldest entry first; those without a day
// come last.
type History struct {
	OrgID     string      `json:"org_id"` // that answers now
	Entries   []Entry     `json:"entries"`
	Totals    []KindTotal `json:"totals"` // in the order of Strands; kinds are not added together
	Simulated bool        `json:"simulated,omitempty"`
}

// History returns what the viewer sees of the money of an organisation and of
// those merged into it, or errs.NotFound.
func (s *Service) History(ctx context.Context, v level.Viewer, org string) (History, error) {
	if !storable(org) {
		return History{}, notFound("?")
	}
	root, ok, err := db.Value[string](ctx, s.d, "SELECT root FROM org WHERE id = $1", org)
	if err == nil && !ok {
		err = notFound(org)
	}
	if err != nil {
		return History{}, err
	}
	entries, err := s.ownEntries(ctx, v, root)
	if err != nil {
		return History{}, err
	}
	others, err := s.otherEntries(ctx, v, root)
	if err != nil {
		return History{}, err
	}
	h, err := Arrange(append(entries, others...))
	h.OrgID = root
	return h, err
}

func (s *Service) ownEntries(ctx context.Context, v level.Viewer, root string) ([]Entry, error) {
	var out []Entry
	for _, r := range []interface {
		entries(ctx context.Context, v level.Viewer, root string) ([]Entry, error)
	}{s.Contests, s.Rounds, s.Acquisitions, s.Listings, s.Guarantees, s.Premiums} {
		part, err := r.entries(ctx, v, root)
		if err != nil {
			return nil, err
		}
		out = append(out, part...)
	}
	return s.readable(ctx, v, out)
}

func (r *Register[T]) entries(ctx context.Context, v level.Viewer, root string) ([]Entry, error) {
	w, err := r.where(v, Filter{OrgID: root})
	if err != nil {
		return nil, err
	}
	rows, err := r.read(ctx, r.d, w.String()+" ORDER BY t.day, t.id", w.args)
	if err != nil {
		return nil, err
	}
	if err := r.name(ctx, rows); err != nil {
		return nil, err
	}
	var out []Entry
	for i := range rows {
		out = append(out, of(&rows[i]).entries()...)
	}
	return out, nil
}

// otherEntries asks the sources for each id under which the company is known.
func (s *Service) otherEntries(ctx context.Context, v level.Viewer, root string) ([]Entry, error) {
	if len(s.sources) == 0 {
		return nil, nil
	}
	ids, err := db.Collect(ctx, s.d, db.Column[string], "SELECT id FROM org WHERE root = $1 ORDER BY id", root)
	if err != nil {
		return nil, err
	}
	var out []Entry
	for _, source := range s.sources {
		for _, id := range ids {
			part, err := source.Entries(ctx, s.d, id)
			if err != nil {
				return nil, err
			}
			out = append(out, part...)
		}
	}
	return s.readable(ctx, v, out)
}

// readable leaves out entries that the viewer may not see: by level, or because
// their source is for private use only. A step of a listing may have a source of
// its own.
func (s *Service) readable(ctx context.Context, v level.Viewer, in []Entry) ([]Entry, error) {
	private := map[string]bool{}
	if v.Rank() < level.Internal.Rank() {
		var err error
		if private, err = privateSources(ctx, s.d); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(in, func(e Entry) bool {
		mine := v.User != "" && e.author == v.User
		return !mine && (e.Level.Rank() > v.Rank() || private[e.SourceID])
	}), nil
}

// Arrange puts entries in order, each once, and adds up each kind. It fails
// only where a sum does not fit into int64 fen.
func Arrange(in []Entry) (History, error) {
	out := slices.Clone(in)
	slices.SortStableFunc(out, compareEntries)
	out = slices.CompactFunc(out, func(a, b Entry) bool { return compareEntries(a, b) == 0 })
	h := History{Entries: out}
	tallies := map[string]*Tally{}
	for _, e := range out {
		h.Simulated = h.Simulated || e.Simulated
		if !e.Money {
			continue
		}
		t := tallies[e.Kind]
		if t == nil {
			t = &Tally{}
			tallies[e.Kind] = t
			h.Totals = append(h.Totals, KindTotal{Kind: e.Kind, Strand: e.Strand})
		}
		if err := t.Add(e.Amount); err != nil {
			return History{}, err
		}
	}
	for i := range h.Totals {
		t := tallies[h.Totals[i].Kind]
		h.Totals[i].Entries, h.Totals[i].Unknown, h.Totals[i].Sums = t.Entries, t.Unknown, t.Sums()
	}
	slices.SortFunc(h.Totals, func(a, b KindTotal) int {
		return cmp.Or(cmp.Compare(a.Strand.rank(), b.Strand.rank()), cmp.Compare(a.Kind, b.Kind))
	})
	return h, nil
}

func (s Strand) rank() int {
	if i := slices.Index(Strands, s); i >= 0 {
		return i
	}
	return len(Strands)
}

// compareEntries orders by day, then by strand, kind, word and record; two
// entries that are equal in all of these are one. The entries of one listing on
// one day stand in the order of its way.
func compareEntries(a, b Entry) int {
	if (a.Day == "") != (b.Day == "") {
		return cmp.Compare(b.Day, a.Day)
	}
	return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Strand.rank(), b.Strand.rank()), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID),
		cmp.Compare(ListingState(a.Word).Rank(), ListingState(b.Word).Rank()), cmp.Compare(a.Word, b.Word))
}
