package ranking

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/indicator"
)

// Table answers a query: the units in order of one indicator, with all their
// indicators, and intervals for those on the page.
func (s *Service) Table(ctx context.Context, q Query) (Table, error) {
	p, err := s.ready(ctx, q.Corpus)
	if err != nil {
		return Table{}, err
	}
	if q, err = q.withDefaults(p.Spec.From, p.Spec.To); err != nil {
		return Table{}, err
	}
	session, err := s.open(ctx, &p)
	if err != nil {
		return Table{}, err
	}
	defer session.Close()
	t := Table{Query: q, Corpus: p.manifest, Caveats: caveats(&p.manifest)}
	spec := p.spec(q)
	values, err := indicator.Values(ctx, session, spec)
	if err != nil {
		return Table{}, err
	}
	fields, err := fieldNames(ctx, session)
	if err != nil {
		return Table{}, err
	}
	t.Placed = placed(values)
	values = order(values, q)
	t.Total = len(values)
	ranks := rank(values, q.Indicator)
	from := min(q.Offset, len(values))
	page := values[from:min(from+q.Limit, len(values))]
	if err := indicator.Intervals(ctx, session, spec, page); err != nil {
		return Table{}, err
	}
	for i := range page {
		row := rowOf(&page[i], q, fields)
		row.Rank, row.Home = ranks[from+i], s.home(&page[i], q)
		if q.Unit != "field" && q.Unit != "year" {
			if row.Name, err = s.unitName(ctx, &page[i], q); err != nil {
				return Table{}, err
			}
		}
		t.Rows = append(t.Rows, row)
	}
	if t.World, err = world(ctx, session, spec, q); err != nil {
		return Table{}, err
	}
	t.Method, err = p.method(spec)
	return t, err
}

// spec is what the indicators are asked for a query. Fields and years are the
// world, or one city, split.
func (p *prepared) spec(q Query) indicator.Spec {
	spec := p.Spec
	spec.Unit, spec.Counting, spec.From, spec.To, spec.Minimum = indicator.Unit(q.Unit), indicator.Counting(q.Counting), q.From, q.To, float64(q.Minimum)
	if q.Field != 0 {
		spec.Fields = []int64{q.Field}
	}
	if q.Unit != "field" && q.Unit != "year" {
		return spec
	}
	spec.Unit, spec.By = indicator.World, []indicator.Dimension{indicator.Dimension(q.Unit)}
	if q.City != "" {
		spec.Unit, spec.Units = indicator.City, []string{q.City}
	}
	return spec
}

// order drops what was not asked for and puts the highest first; what is
// unknown comes last. Years stay in their order.
func order(values []indicator.Value, q Query) []indicator.Value {
	values = slices.DeleteFunc(values, func(v indicator.Value) bool {
		switch {
		case q.Country != "" && v.Country != q.Country:
			return true
		case q.City == "" || q.Unit == "field" || q.Unit == "year":
			return false
		case q.Unit == "district":
			return len(q.City) < 4 || !strings.HasPrefix(v.Unit, q.City[:4])
		}
		return v.City != q.City
	})
	slices.SortStableFunc(values, func(a, b indicator.Value) int {
		if q.Unit == "year" {
			return cmp.Compare(a.Year, b.Year)
		}
		return cmp.Or(-cmp.Compare(number(&a, q.Indicator), number(&b, q.Indicator)), strings.Compare(a.Unit, b.Unit), cmp.Compare(a.Field, b.Field))
	})
	return values
}

// number is an indicator of a value, below all numbers when it is not known.
func number(v *indicator.Value, id string) float64 {
	x, known := v.Get(id)
	if !known {
		return math.Inf(-1)
	}
	return x
}

// rank numbers ordered values: equal ones share a rank and the next skips.
func rank(values []indicator.Value, id string) []int {
	ranks := make([]int, len(values))
	for i := range values {
		ranks[i] = i + 1
		if i > 0 && number(&values[i], id) == number(&values[i-1], id) {
			ranks[i] = ranks[i-1]
		}
	}
	return ranks
}

func rowOf(v *indicator.Value, q Query, fields map[int64]i18n.Text) Row {
	row := Row{Unit: v.Unit, Name: v.Name, Country: v.Country, City: v.City, OrgID: v.OrgID, Values: map[string]float64{}, Interval: map[string][2]float64{}}
	switch q.Unit {
	case "field":
		row.Unit, row.Name = strconv.FormatInt(v.Field, 10), fields[v.Field]
	case "year":
		row.Unit, row.Name = strconv.Itoa(v.Year), i18n.Text{ZH: strconv.Itoa(v.Year), EN: strconv.Itoa(v.Year)}
	}
	for _, x := range Indicators {
		if value, known := v.Get(x.ID); known {
			row.Values[x.ID] = value * x.scale()
		}
		if in, known := v.Intervals[x.ID]; known && x.Interval {
			row.Interval[x.ID] = [2]float64{in[0] * x.scale(), in[1] * x.scale()}
		}
	}
	return row
}

func (x *Indicator) scale() float64 {
	if x.Unit == "percent" {
		return 100
	}
	return 1
}

func (s *Service) home(v *indicator.Value, q Query) bool {
	return s.cfg.City != "" && (v.City == s.cfg.City || q.Unit == "city" && v.Unit == s.cfg.City)
}

// world is all works under the same choice.
func world(ctx context.Context, q db.Querier, spec indicator.Spec, query Query) (Row, error) {
	spec.Unit, spec.Units, spec.By, spec.Minimum = indicator.World, nil, nil, 0
	values, err := indicator.Values(ctx, q, spec)
	if err != nil || len(values) == 0 {
		return Row{}, err
	}
	query.Unit = string(indicator.World)
	return rowOf(&values[0], query, nil), nil
}

// placed is how many works the units of the table hold together, before any
// filter by place: less than all, where affiliations lead nowhere.
func placed(values []indicator.Value) float64 {
	var sum float64
	for i := range values {
		if x, known := values[i].Get("share"); known {
			sum += x
		}
	}
	return sum
}

func fieldNames(ctx context.Context, q db.Querier) (map[int64]i18n.Text, error) {
	out := map[int64]i18n.Text{}
	err := db.Each(ctx, q, func(s db.Scan) error {
		var id int64
		var name i18n.Text
		if err := s(&id, &name.ZH, &name.EN); err != nil {
			return err
		}
		out[id] = name
		return nil
	}, "SELECT field, COALESCE(name_zh, name_en, ''), COALESCE(name_en, name_zh, '') FROM field WHERE level = 'field' ORDER BY field")
	out[0] = i18n.Text{ZH: "未分类", EN: "No field known"}
	return out, err
}

// Fields lists the fields of a corpus, by id.
func (s *Service) Fields(ctx context.Context, name string) ([]Field, error) {
	p, err := s.ready(ctx, name)
	if err != nil {
		return nil, err
	}
	session, err := s.open(ctx, &p)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	names, err := fieldNames(ctx, session)
	var out []Field
	for id, title := range names {
		if id != 0 {
			out = append(out, Field{ID: id, Title: title})
		}
	}
	slices.SortFunc(out, func(a, b Field) int { return cmp.Compare(a.ID, b.ID) })
	return out, err
}

func caveats(m *corpus.Manifest) []i18n.Text {
	var out []i18n.Text
	add := func(key string) { out = append(out, i18n.Text{ZH: i18n.T(i18n.ZH, key), EN: i18n.T(i18n.EN, key)}) }
	if m.Simulated {
		add("ranking.caveat.simulated")
	}
	switch m.Kind {
	case corpus.Registry:
		add("ranking.caveat.registry")
	case corpus.OpenAlex:
		add("ranking.caveat.openalex")
	}
	return out
}

func (p *prepared) method(spec indicator.Spec) (Method, error) {
	steps, err := indicator.Statements(spec, indicator.DuckDB)
	if err != nil {
		return Method{}, err
	}
	m := Method{ID: p.Method, Prepared: p.at.Format(time.RFC3339), Data: content(&p.manifest), Files: len(p.manifest.Files)}
	for _, s := range steps {
		m.Statements = append(m.Statements, Statement{Name: s.Name, SQL: s.SQL})
	}
	return m, nil
}

// Field is one of the fields that works are put in.
type Field struct {
	ID    int64     `json:"id"`
	Title i18n.Text `json:"title"`
}

// String names a query for a log.
func (q Query) String() string {
	return fmt.Sprintf("%s %s by %s, %d-%d", q.Corpus, q.Unit, q.Indicator, q.From, q.To)
}
