package api

import (
	"context"
	"strconv"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ranking"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/source"
)

// RankingQuery chooses a ranking.
type RankingQuery struct {
	Corpus    string `query:"corpus" required:"true" maxLength:"63" doc:"Name of the corpus"`
	Unit      string `query:"unit" enum:"organisation,city,district,country,field,year" doc:"What is ranked; organisations when absent"`
	Counting  string `query:"counting" enum:"fractional,full" doc:"fractional when absent"`
	Indicator string `query:"indicator" enum:"share,p,tcs,mncs,p_top1,pp_top1,p_top10,pp_top10,p_top50,pp_top50,p_collab,pp_collab,p_int_collab,pp_int_collab,p_short_dist,p_long_dist" doc:"What orders the table; share when absent"`
	Field     int64  `query:"field" minimum:"0" doc:"One field, by its number in the corpus"`
	From      int    `query:"from" minimum:"0" maximum:"9999" doc:"First year of the works; that of the corpus when absent"`
	To        int    `query:"to" minimum:"0" maximum:"9999"`
	Country   string `query:"country" pattern:"^[A-Z]{2}$" doc:"Units of one country, by ISO 3166 code"`
	City      string `query:"city" maxLength:"40" doc:"Units of one city: GB/T 2260 code, or geonames: and a number"`
	Core      bool   `query:"core" doc:"Core publications only"`
	Minimum   int    `query:"minimum" minimum:"0" maximum:"1000000000" doc:"Least number of works of a unit that is listed"`
}

func (q *RankingQuery) query(limit int) ranking.Query {
	return ranking.Query{Corpus: q.Corpus, Unit: q.Unit, Counting: q.Counting, Indicator: q.Indicator, Field: q.Field, From: q.From, To: q.To,
		Country: q.Country, City: q.City, Core: q.Core, Minimum: q.Minimum, Limit: limit}
}

// RankingIn asks for a page of a ranking.
type RankingIn struct {
	RankingQuery
	Offset int `query:"offset" minimum:"0" maximum:"100000000" doc:"Rows to skip; not read with a cursor, nor for a file"`
	Paging
	table ranking.Table
}

// RankingOut is a page of a ranking with all that is needed to quote it and to
// compute it again.
type RankingOut struct {
	Page[RankedUnit]
	Query   ranking.Query  `json:"query" doc:"With what was not asked for filled in"`
	Corpus  Corpus         `json:"corpus"`
	World   ranking.Row    `json:"world" doc:"All works of the corpus under the same choice"`
	Placed  float64        `json:"placed" doc:"How many works the units hold together: less than all, where affiliations lead nowhere"`
	Method  ranking.Method `json:"method"`
	Caveats []i18n.Text    `json:"caveats,omitempty" doc:"What a reader must know before quoting"`
}

// RankedUnit is one unit with its values.
type RankedUnit struct {
	ranking.Row
	SourceID string `json:"source_id,omitempty"`
}

// WorksIn asks for the works behind one value of a ranking.
type WorksIn struct {
	RankingQuery
	Of string `query:"of" required:"true" minLength:"1" maxLength:"200" doc:"unit of the row"`
	Paging
	page ranking.RecordPage
}

// WorksOut is a page of weighted works. Over all pages they give the value:
// weight, or weight over base for a mean or a share (in percent for a
// percentage).
type WorksOut struct {
	Page[RankingWork]
	Weight    float64           `json:"weight"`
	Base      float64           `json:"base,omitempty"`
	Value     float64           `json:"value"`
	Unit      i18n.Text         `json:"unit" doc:"Name of the unit"`
	Statement ranking.Statement `json:"statement"`
}

// RankingWork is one work behind a value.
type RankingWork struct {
	ranking.Record
	SourceID string `json:"source_id,omitempty"`
}

func (s *server) rankings() {
	const tag = "rankings"
	addShown(s, route{id: "get_ranking", path: "/rankings", tag: tag, needs: account.Read}, rankingTable(), s.ranking, rankingOut)
	addShown(s, route{id: "ranking_works", path: "/rankings/works", tag: tag, needs: account.Read}, workTable(), s.rankingWorks, worksOut)
	addList(s, route{id: "ranking_indicators", path: "/rankings/indicators", tag: tag, needs: account.Read}, indicatorTable(), s.rankingIndicators)
	addShown(s, route{id: "get_clusters", path: "/clusters", tag: tag, needs: account.Read}, clusterTable(), s.clusters, clustersOut)
	addList(s, route{id: "cluster_places", path: "/clusters/{id}/places", tag: tag, needs: account.Read}, placeTable(), s.clusterPlaces)
}

func (s *server) ranking(ctx context.Context, in *RankingIn) (part[RankedUnit], error) {
	m, err := s.corpus(ctx, in.Corpus)
	if err != nil {
		return part[RankedUnit]{}, err
	}
	q := in.query(in.Limit)
	if q.Offset, err = in.start(callOf(ctx).file); err != nil {
		return part[RankedUnit]{}, err
	}
	if in.table, err = s.Rankings.Table(ctx, q); err != nil {
		return part[RankedUnit]{}, err
	}
	t := &in.table
	out := part[RankedUnit]{total: int64(t.Total), sources: []source.Source{sourceOfCorpus(&m)}}
	if next := q.Offset + len(t.Rows); next < t.Total && len(t.Rows) > 0 {
		out.next = encodeCursor(strconv.Itoa(next))
	}
	var orgs []string
	for i := range t.Rows {
		if t.Rows[i].OrgID != "" {
			orgs = append(orgs, t.Rows[i].OrgID)
		}
	}
	known, err := registry.LoadOrgs(ctx, s.DB, orgs)
	for i := range t.Rows {
		row := RankedUnit{t.Rows[i], out.sources[0].ID}
		if o, found := known[row.OrgID]; found {
			row.SourceID = o.SourceID
		}
		out.items = append(out.items, row)
	}
	return out, err
}

// start is how many rows stand before the page.
func (in *RankingIn) start(file bool) (int, error) {
	after, err := decodeCursor(in.Cursor)
	if err != nil {
		return 0, err
	}
	if after == "" {
		if file {
			return 0, nil
		}
		return in.Offset, nil
	}
	n, err := strconv.Atoi(after)
	if err != nil || n < 0 {
		return 0, errs.New(errs.Invalid, "api.bad_cursor").At("cursor")
	}
	return n, nil
}

func rankingOut(in *RankingIn, page Page[RankedUnit]) RankingOut {
	t := &in.table
	return RankingOut{page, t.Query, corpusOf(&t.Corpus), t.World, t.Placed, t.Method, t.Caveats}
}

func (s *server) rankingWorks(ctx context.Context, in *WorksIn) (part[RankingWork], error) {
	m, err := s.corpus(ctx, in.Corpus)
	if err != nil {
		return part[RankingWork]{}, err
	}
	q := ranking.RecordsQuery{Query: in.query(in.Limit), Of: in.Of}
	if q.After, err = decodeCursor(in.Cursor); err != nil {
		return part[RankingWork]{}, err
	}
	if in.page, err = s.Rankings.Records(ctx, q); err != nil {
		if errs.Of(err).Key == "ranking.bad_cursor" { // it names what stands inside of ours
			err = errs.New(errs.Invalid, "api.bad_cursor").At("cursor")
		}
		return part[RankingWork]{}, err
	}
	out := part[RankingWork]{total: in.page.Total, sources: []source.Source{sourceOfCorpus(&m)}}
	if in.page.Next != "" {
		out.next = encodeCursor(in.page.Next)
	}
	for _, r := range in.page.Items {
		from, err := s.sourceOfWork(ctx, &m, &r)
		if err != nil {
			return out, err
		}
		out.items = append(out.items, RankingWork{r, from})
	}
	return out, nil
}

// sourceOfWork is that of the paper, where the work is one of the registry.
func (s *server) sourceOfWork(ctx context.Context, m *corpus.Manifest, r *ranking.Record) (string, error) {
	if r.Paper != "" {
		id, err := s.sourceOf(ctx, registry.KindPaper, r.Paper)
		if id != "" || err != nil && errs.KindOf(err) != errs.NotFound {
			return id, err
		}
	}
	return sourceOfCorpus(m).ID, nil
}

func worksOut(in *WorksIn, page Page[RankingWork]) WorksOut {
	p := &in.page
	return WorksOut{page, p.Weight, p.Base, p.Value, p.Unit, p.Statement}
}

func (s *server) rankingIndicators(_ context.Context, in *ListIn) (part[ranking.Indicator], error) {
	return cutPage(ranking.Indicators, &in.Paging, func(x *ranking.Indicator) string { return x.ID })
}

func indicatorTable() table[ranking.Indicator] {
	type v = ranking.Indicator
	return table[v]{name: "indicators", columns: []column[v]{
		{"id", func(x *v) any { return x.ID }}, {"title_zh", func(x *v) any { return x.Title.ZH }}, {"title_en", func(x *v) any { return x.Title.EN }},
		{"definition_zh", func(x *v) any { return x.Definition.ZH }}, {"definition_en", func(x *v) any { return x.Definition.EN }},
		{"unit", func(x *v) any { return x.Unit }}, {"interval", func(x *v) any { return x.Interval }},
	}}
}

func rankingTable() table[RankedUnit] {
	type v = RankedUnit
	cols := []column[v]{
		{"rank", func(x *v) any { return x.Rank }}, {"unit", func(x *v) any { return x.Unit }},
		{"name_zh", func(x *v) any { return x.Name.ZH }}, {"name_en", func(x *v) any { return x.Name.EN }},
		{"country", func(x *v) any { return x.Country }}, {"city", func(x *v) any { return x.City }}, {"org_id", func(x *v) any { return x.OrgID }},
	}
	for _, by := range ranking.Indicators {
		cols = append(cols, column[v]{by.ID, func(x *v) any { return valueOf(x.Values, by.ID) }})
		if by.Interval {
			cols = append(cols, column[v]{by.ID + "_low", func(x *v) any { return bound(x.Interval, by.ID, 0) }}, column[v]{by.ID + "_high", func(x *v) any { return bound(x.Interval, by.ID, 1) }})
		}
	}
	return table[v]{name: "ranking", source: func(x *v) string { return x.SourceID }, columns: cols}
}

// valueOf is a cell that stays empty where the value is not known.
func valueOf(values map[string]float64, id string) any {
	if x, ok := values[id]; ok {
		return x
	}
	return nil
}

func bound(intervals map[string][2]float64, id string, side int) any {
	if x, ok := intervals[id]; ok {
		return x[side]
	}
	return nil
}

func whole(n int64) string { return strconv.FormatInt(n, 10) }

func workTable() table[RankingWork] {
	type v = RankingWork
	return table[v]{name: "works", source: func(x *v) string { return x.SourceID }, columns: []column[v]{
		{"work", func(x *v) any { return whole(x.Work) }}, {"title", func(x *v) any { return x.Title }}, {"year", func(x *v) any { return year(x.Year) }},
		{"doi", func(x *v) any { return x.DOI }}, {"paper", func(x *v) any { return x.Paper }}, {"weight", func(x *v) any { return x.Weight }}, {"base", func(x *v) any { return x.Base }},
	}}
}
