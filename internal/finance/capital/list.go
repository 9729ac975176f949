package capital

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry"
)

// NoDivision chooses records whose company is not in the registry, or is there
// without a division.
const NoDivision = "none"

// Filter chooses records. What is empty does not narrow. Days may be cut to a
// month or a year.
type Filter struct {
	OrgID       string // company, also by those merged into it
	CompanyKey  string // its key at the source
	PartyID     string // organisation on the other side: investor, acquirer, guarantor, insurer
	PartyQuery  string // part of the name, as written, of whoever stands on the other side
	Query       string // part of the company's name as written
	From, To    string // days, both included; of a record dated by month or year a part suffices, one without day is in neither
	Undated     bool   // without a day only
	Division    string // of the company in the registry, NoDivision for those without one
	SourceID    string
	Is          map[string]string // own columns of the kind that have this value, see Columns
	OldestFirst bool
	Page        registry.Page
}

func (r *Register[T]) where(v level.Viewer, f Filter) (where, error) {
	var w where
	guard(&w, v)
	var days faults
	days.about("from", f.From)
	days.about("to", f.To)
	if len(days.list) > 0 {
		return w, days.list
	}
	for _, s := range []string{f.OrgID, f.CompanyKey, f.PartyID, f.SourceID} {
		if !storable(s) {
			w.add("1 = 0")
			return w, nil
		}
	}
	if f.OrgID != "" {
		w.add("t.org_id IN (SELECT m.id FROM org m WHERE m.root = (SELECT n.root FROM org n WHERE n.id = ?))", f.OrgID)
	}
	if f.PartyID != "" {
		w.add("t.id IN (SELECT p.record_id FROM capital_party p WHERE p.kind = ? AND p.org_id IN (SELECT m.id FROM org m WHERE m.root = (SELECT n.root FROM org n WHERE n.id = ?)))", r.word, f.PartyID)
	}
	if f.PartyQuery != "" {
		side := where{args: append(w.args, r.word), parts: []string{"p.kind = $" + strconv.Itoa(len(w.args)+1)}}
		side.query("p.folded", f.PartyQuery)
		w.args = side.args
		w.parts = append(w.parts, "t.id IN (SELECT p.record_id FROM capital_party p"+side.String()+")")
	}
	w.equal("t.company_key", f.CompanyKey)
	w.equal("t.source_id", f.SourceID)
	if f.From != "" {
		w.add("t.day <> '' AND t.day >= substr(CAST(? AS TEXT), 1, length(t.day))", f.From)
	}
	if f.To != "" {
		w.add("t.day <> '' AND substr(t.day, 1, "+strconv.Itoa(len(f.To))+") <= ?", f.To)
	}
	if f.Undated {
		w.add("t.day = ''")
	}
	switch {
	case f.Division == NoDivision:
		w.add("(t.org_id IS NULL OR t.org_id IN (SELECT d.id FROM org d WHERE d.division = ''))")
	case !storable(f.Division):
		w.add("1 = 0")
	case f.Division != "":
		w.add("t.org_id IN (SELECT d.id FROM org d WHERE d.division = ?)", f.Division)
	}
	w.query("t.folded", f.Query)
	for _, column := range sorted(f.Is) {
		if !slices.Contains(r.columns, column) {
			return w, errs.New(errs.Invalid, "capital.column", errs.A{"column": clip(column), "allowed": strings.Join(r.columns, ", ")})
		}
		w.equal("t."+column, f.Is[column])
	}
	return w, nil
}

const (
	usualPage   = 50
	largestPage = 500
)

// cursor is where a page ended. It is opaque to readers.
type cursor struct {
	Day    string `json:"d"`
	ID     string `json:"i"`
	Oldest bool   `json:"o,omitempty"`
}

// List reads one page, the newest day first; records without a day come last,
// or first where the oldest come first.
func (r *Register[T]) List(ctx context.Context, v level.Viewer, f Filter) (registry.List[T], error) {
	var out registry.List[T]
	w, err := r.where(v, f)
	if err != nil {
		return out, err
	}
	if out.Total, _, err = db.Value[int64](ctx, r.d, "SELECT COUNT(*) FROM "+r.from()+w.String(), w.args...); err != nil {
		return out, err
	}
	order, beyond := " DESC", "<"
	if f.OldestFirst {
		order, beyond = "", ">"
	}
	if f.Page.After != "" {
		c, err := decodeCursor(f.Page.After, f.OldestFirst)
		if err != nil {
			return out, err
		}
		w.add("(t.day, t.id) "+beyond+" (?, ?)", c.Day, c.ID)
	}
	n := usualPage
	if f.Page.Limit > 0 {
		n = min(f.Page.Limit, largestPage)
	}
	rows, err := r.read(ctx, r.d, w.String()+" ORDER BY t.day"+order+", t.id"+order+" LIMIT "+strconv.Itoa(n+1), w.args)
	if err != nil {
		return out, err
	}
	if len(rows) > n {
		rows = rows[:n]
		last := of(&rows[n-1]).common()
		out.Next = cursor{last.On, last.ID, f.OldestFirst}.encode()
	}
	out.Items = rows
	return out, r.name(ctx, rows)
}

func (c cursor) encode() string {
	raw, _ := json.Marshal(c) // strings always marshal
	return base64.RawURLEncoding.EncodeToString(raw)
}

func decodeCursor(s string, oldest bool) (cursor, error) {
	var c cursor
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	if err != nil || c.Oldest != oldest || !storable(c.Day) || !storable(c.ID) {
		return c, errs.Wrap(err, errs.Invalid, "capital.cursor")
	}
	return c, nil
}
