package ranking

import (
	"context"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/indicator"
)

// Records lists the works behind one value of a table, the heaviest first.
func (s *Service) Records(ctx context.Context, q RecordsQuery) (RecordPage, error) {
	p, err := s.ready(ctx, q.Corpus)
	if err != nil {
		return RecordPage{}, err
	}
	if q.Query, err = q.Query.withDefaults(p.Spec.From, p.Spec.To); err != nil {
		return RecordPage{}, err
	}
	after, err := cursor(q.After)
	if err != nil {
		return RecordPage{}, err
	}
	session, err := s.open(ctx, &p)
	if err != nil {
		return RecordPage{}, err
	}
	defer session.Close()
	spec, of := p.spec(q.Query), q.of()
	sum, err := indicator.SumRecords(ctx, session, spec, of)
	if err != nil {
		return RecordPage{}, err
	}
	if sum.Works == 0 {
		return RecordPage{}, errs.New(errs.NotFound, "ranking.no_unit", errs.A{"unit": q.Of})
	}
	page, err := indicator.Records(ctx, session, spec, of, after, q.Limit+1)
	if err != nil {
		return RecordPage{}, err
	}
	out := RecordPage{Total: sum.Works, Weight: sum.Weight, Base: sum.Base, Value: sum.Value, Items: []Record{}}
	if x, _ := IndicatorOf(q.Indicator); out.Base != 0 {
		out.Value *= x.scale()
	}
	if len(page) > q.Limit {
		page = page[:q.Limit]
		out.Next = cursorOf(&page[q.Limit-1])
	}
	for _, r := range page {
		out.Items = append(out.Items, Record{Work: r.WorkID, Title: r.Title, Year: r.Year, DOI: r.DOI, Paper: r.Paper, Weight: r.Weight, Base: r.Base})
	}
	statement, err := indicator.RecordStatement(spec, of)
	if err != nil {
		return RecordPage{}, err
	}
	out.Statement = Statement{Name: statement.Name, SQL: statement.SQL}
	out.Unit, err = s.name(ctx, session, &p, q.Query, q.Of)
	return out, err
}

// of names the value in the words of package indicator. A field or a year is
// one of the world, or of the city that was asked for.
func (q *RecordsQuery) of() indicator.Of {
	of := indicator.Of{Unit: q.Of, Field: q.Field, Indicator: q.Indicator}
	whole := q.City
	if whole == "" {
		whole = string(indicator.World)
	}
	switch q.Unit {
	case "field":
		of.Unit = whole
		of.Field, _ = strconv.ParseInt(q.Of, 10, 64)
	case "year":
		of.Unit = whole
		of.Year, _ = strconv.Atoi(q.Of)
	}
	return of
}

// name finds what a unit is called.
func (s *Service) name(ctx context.Context, session db.Querier, p *prepared, q Query, unit string) (i18n.Text, error) {
	switch q.Unit {
	case "year":
		return i18n.Text{ZH: unit, EN: unit}, nil
	case "field":
		names, err := fieldNames(ctx, session)
		id, _ := strconv.ParseInt(unit, 10, 64)
		return names[id], err
	}
	spec := p.spec(q)
	spec.Units, spec.Minimum = []string{unit}, 0
	values, err := indicator.Values(ctx, session, spec)
	if err != nil || len(values) == 0 {
		return i18n.Text{ZH: unit, EN: unit}, err
	}
	return s.unitName(ctx, &values[0], q)
}

// cursorOf names the last record of a page.
func cursorOf(r *indicator.Record) string {
	return strconv.FormatFloat(r.Weight, 'g', -1, 64) + "_" + strconv.FormatInt(r.WorkID, 10)
}

func cursor(text string) (*indicator.Record, error) {
	if text == "" {
		return nil, nil
	}
	weight, work, found := strings.Cut(text, "_")
	var r indicator.Record
	var err1, err2 error
	r.Weight, err1 = strconv.ParseFloat(weight, 64)
	r.WorkID, err2 = strconv.ParseInt(work, 10, 64)
	if !found || err1 != nil || err2 != nil {
		return nil, errs.New(errs.Invalid, "ranking.bad_cursor", errs.A{"cursor": text}).At("/after")
	}
	return &r, nil
}
