package release

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/stats"
	"github.com/kapok-city/kapok/internal/transfer"
)

// Restricted says what a release leaves out because its source is for private
// use. It tells how much, not what: naming the rows would give away that they
// exist in such a source.
type Restricted struct {
	Sources  int            `json:"sources"`
	Rows     map[string]int `json:"rows,omitempty"` // kind of record → how many
	Reported int            `json:"reported,omitempty"`
	// Dropped are figures whose definition itself is from such a source.
	Dropped int `json:"dropped,omitempty"`
	// Figures are those whose values would be others with all records.
	Figures []string `json:"figures,omitempty"`
}

// tableOf names the table behind a kind of record that facts are made from.
var tableOf = map[string]string{
	registry.KindDivision: "division", registry.KindOrg: "org", registry.KindPlatform: "platform",
	registry.KindRelation: "relation", registry.KindPaper: "paper", observatory.KindReported: "reported_value",
}

// alreadyOpen are kinds whose facts hold nothing of a source for private use, and
// nothing below the level of everybody, to begin with (see observatory.Facts),
// each with the query for the sources of its open rows; "" where the rows have
// no source of their own.
var alreadyOpen = map[string]string{
	transfer.KindResult: openSources("result"), transfer.KindNeed: openSources("need"), transfer.KindService: openSources("service"),
	transfer.KindIntroduction: "", source.Kind: "",
	fund.KindFund: openSources("fund"), fund.KindFund + "_commitment": eventSources("commitment"), fund.KindFund + "_payment": eventSources("payment"),
	fund.KindFund + "_holding": eventSources("holding"), fund.KindFund + "_exit": eventSources("exit"),
	capital.KindListing: openSources("capital_listing"),
	pool.KindPool:       unlevelled("pool"), pool.KindMember: unlevelled("pool_member"), pool.KindLoan: unlevelled("pool_loan"), pool.KindClaim: unlevelled("pool_claim"),
}

func openSources(table string) string { return unlevelled(table) + " AND level_rank = 0" }

func unlevelled(table string) string {
	return "SELECT DISTINCT source_id FROM " + table + " WHERE source_id NOT IN " + redSources
}

func eventSources(kind string) string {
	return "SELECT DISTINCT e.source_id FROM fund_event e JOIN fund f ON f.id = e.fund_id WHERE e.kind = '" + kind +
		"' AND e.cancelled_by = '' AND f.level_rank = 0 AND e.source_id NOT IN " + redSources + " AND f.source_id NOT IN " + redSources
}

// sourcesOf is the query for the sources of a kind's rows, "" where they have
// none of their own.
func sourcesOf(kind string) string {
	if query, open := alreadyOpen[kind]; open {
		return query
	}
	return "SELECT DISTINCT source_id FROM " + tableOf[kind]
}

// used returns the facts that the computations of a book name, and the kinds
// of record behind them.
func used(b *observatory.Book, facts []stats.Fact) (names, kinds []string) {
	var text strings.Builder
	for i := range b.Figures {
		c := &b.Figures[i].Compute
		text.WriteString(c.SQL + "\n" + c.Records + "\n")
	}
	said := strings.ToLower(text.String())
	for _, f := range facts {
		if !regexp.MustCompile(`\b` + regexp.QuoteMeta(f.Name) + `\b`).MatchString(said) {
			continue
		}
		names = append(names, f.Name)
		for _, k := range f.Kinds {
			if !slices.Contains(kinds, k) {
				kinds = append(kinds, k)
			}
		}
	}
	slices.Sort(names)
	slices.Sort(kinds)
	return names, kinds
}

const redSources = `(SELECT id FROM source WHERE licence_tag = 'R')`

// findRestricted counts what would leave though its source is for private use,
// and returns the sources. The result is nil when there is nothing.
func findRestricted(ctx context.Context, q db.Querier, b *observatory.Book, kinds []string) (*Restricted, []source.Source, error) {
	r := Restricted{Rows: map[string]int{}}
	ids := map[string]bool{}
	if err := r.countRows(ctx, q, kinds, ids); err != nil {
		return nil, nil, err
	}
	if err := r.countWords(ctx, q, b, ids); err != nil {
		return nil, nil, err
	}
	if len(ids) == 0 {
		return nil, nil, nil
	}
	r.Sources = len(ids)
	sources, err := db.Collect(ctx, q, db.Column[string], "SELECT id FROM source WHERE licence_tag = 'R' ORDER BY id")
	if err != nil {
		return nil, nil, err
	}
	out := make([]source.Source, 0, len(ids))
	for _, id := range sources {
		if ids[id] {
			v, err := source.Get(ctx, q, id)
			if err != nil {
				return nil, nil, err
			}
			out = append(out, v)
		}
	}
	return &r, out, nil
}

// countRows counts the rows behind the facts, and notes their sources in ids.
func (r *Restricted) countRows(ctx context.Context, q db.Querier, kinds []string, ids map[string]bool) error {
	for _, k := range kinds {
		if _, open := alreadyOpen[k]; open {
			continue
		}
		table, known := tableOf[k]
		if !known {
			return fmt.Errorf("facts are made from %q, whose sources are not known here", k)
		}
		if k == observatory.KindReported {
			continue // counted with the reported values
		}
		err := db.Each(ctx, q, func(s db.Scan) error {
			var id string
			var n int
			err := s(&id, &n)
			ids[id] = true
			r.Rows[k] += n
			return err
		}, "SELECT source_id, COUNT(*) FROM "+table+" WHERE source_id IN "+redSources+" GROUP BY source_id")
		if err != nil {
			return err
		}
	}
	return nil
}

// countWords counts reported values and definitions.
func (r *Restricted) countWords(ctx context.Context, q db.Querier, b *observatory.Book, ids map[string]bool) error {
	red, err := db.Collect(ctx, q, db.Column[string], "SELECT id FROM source WHERE licence_tag = 'R'")
	if err != nil {
		return err
	}
	for _, values := range b.Reported {
		for i := range values {
			if id := values[i].SourceID; slices.Contains(red, id) {
				ids[id] = true
				r.Reported++
			}
		}
	}
	for i := range b.Figures {
		if id := b.Figures[i].SourceID; slices.Contains(red, id) {
			ids[id] = true
			r.Dropped++
		}
	}
	return nil
}

// refusal names the sources that stand in the way.
func (r *Restricted) refusal(sources []source.Source) error {
	names := make([]string, len(sources))
	for i, s := range sources {
		names[i] = s.Title.ZH
		if names[i] == "" {
			names[i] = s.Title.EN
		}
		names[i] += " (" + s.ID + ")"
	}
	rows := r.Reported + r.Dropped
	for _, n := range r.Rows {
		rows += n
	}
	return errs.New(errs.Forbidden, "release.restricted", errs.A{"rows": rows, "sources": strings.Join(names, "; ")})
}

// openFacts are the facts as they would be had no source for private use ever
// been imported: each table that a fact's query reads is shadowed by one
// without such rows. Leaving rows out of the finished facts would not do: an
// identifier taken over in a merge, or a place that a paper has from its
// organisation, would stay behind.
func openFacts(engine db.Engine, facts []stats.Fact) []stats.Fact {
	prefix := ""
	if engine == db.SQLite {
		prefix = "main." // a shadow may not name itself here
	}
	var shadows []string
	for _, table := range []string{"division", "org", "platform", "relation", "paper", "reported_value"} {
		shadows = append(shadows, fmt.Sprintf("%s AS (SELECT * FROM %s%s WHERE source_id NOT IN %s)", table, prefix, table, redSources))
	}
	for _, table := range []string{"paper_affiliation", "paper_org"} {
		shadows = append(shadows, fmt.Sprintf("%s AS (SELECT * FROM %s%s WHERE paper_id IN (SELECT id FROM paper))", table, prefix, table))
	}
	with := "WITH " + strings.Join(shadows, ",\n") + "\n"
	out := slices.Clone(facts)
	for i := range out {
		out[i].Query = with + out[i].Query
	}
	return out
}

// withoutRestricted takes what sources for private use say out of a book.
func withoutRestricted(b observatory.Book, sources []source.Source) observatory.Book {
	red := map[string]bool{}
	for _, s := range sources {
		red[s.ID] = true
	}
	b.Figures = slices.DeleteFunc(slices.Clone(b.Figures), func(f observatory.Figure) bool { return red[f.SourceID] })
	reported := map[string][]observatory.Reported{}
	for id, values := range b.Reported {
		if !slices.ContainsFunc(b.Figures, func(f observatory.Figure) bool { return f.ID == id }) {
			continue
		}
		reported[id] = slices.DeleteFunc(slices.Clone(values), func(r observatory.Reported) bool { return red[r.SourceID] })
	}
	b.Reported = reported
	return b
}

// moved lists the figures whose values differ between two computations.
func moved(full, open []Value) []string {
	of := func(values []Value) map[string]string {
		out := map[string]string{}
		for i := range values {
			v := &values[i]
			out[v.Figure] += v.key() + v.Quantity.Exact() + v.RecordsHash
		}
		return out
	}
	a, b := of(full), of(open)
	var out []string
	for id, text := range a {
		if b[id] != text {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}
