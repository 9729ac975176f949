package web

import (
	"net/http"
	"net/url"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/sheet"
	"github.com/kapok-city/kapok/internal/source"
)

// sourceList is the register of sources. There are few: it has no pages.
func (s *Site) sourceList(w http.ResponseWriter, r *http.Request) error {
	x, err := s.newList(r, "sources")
	if err != nil {
		return err
	}
	all, counts := x.sourcesShown()
	x.text("q", "reg.find_source")
	x.choice("kind", "reg.source_kind", facetsOf(counts["kind"]), func(v string) string { return x.word("source_kind", v) })
	x.choice("tag", "reg.licence", facetsOf(counts["tag"]), func(v string) string { return x.word("tag", v) })
	x.column("reg.source_title", false, "", "", false)
	x.column("reg.publisher", false, "", "", false)
	x.column("reg.source_day", false, "", "", false)
	x.column("reg.source_kind", false, "", "", false)
	x.column("reg.licence", false, "", "", false)
	for _, src := range all {
		row := x.named("/sources/"+src.ID, src.Title)
		row.Also = ""
		if src.Simulated {
			row.Mark = x.say("web.simulated_short")
		}
		row.Cells = []Cell{{Text: src.Publisher}, {Text: src.PublishedOn}, {Text: x.word("source_kind", src.Kind)}, {Text: x.word("tag", string(src.LicenceTag))}}
		x.row("", row)
	}
	if x.can(account.ReadPrivate) {
		x.p.Acts = []Link{{x.say("reg.changes"), "/changes"}}
	}
	x.p.Acts = append(x.p.Acts, Link{x.say("reg.batches"), "/batches"})
	return s.Render(w, r, "register", x.finish(int64(len(all)), len(all), ""))
}

// sourcesShown filters the sources and counts their kinds and tags.
func (x *list) sourcesShown() ([]source.Source, map[string]map[string]int64) {
	counts := map[string]map[string]int64{"kind": {}, "tag": {}}
	var out []source.Source
	for _, src := range ordered(x.sources) {
		hit := contains(x.q.Get("q"), src.ID, src.Title.ZH, src.Title.EN, src.Publisher, src.Author)
		kind, tag := x.q.Get("kind"), x.q.Get("tag")
		if hit && (tag == "" || tag == string(src.LicenceTag)) {
			counts["kind"][src.Kind]++
		}
		if hit && (kind == "" || kind == src.Kind) {
			counts["tag"][string(src.LicenceTag)]++
		}
		if hit && (kind == "" || kind == src.Kind) && (tag == "" || tag == string(src.LicenceTag)) {
			out = append(out, src)
		}
	}
	return out, counts
}

func (s *Site) sourceExport(v *reading, _ url.Values) (export, error) {
	e := export{name: "sources", head: []string{"id", "kind", "title_zh", "title_en", "publisher", "author", "url", "published_on", "retrieved_on", "licence", "licence_tag", "note", "simulated"}}
	e.rows = func(yield func(sheet.Row, error) bool) {
		for _, x := range ordered(v.sources) {
			if !yield(sheet.Row{x.ID, x.Kind, x.Title.ZH, x.Title.EN, x.Publisher, x.Author, x.URL, x.PublishedOn, x.RetrievedOn, x.Licence, string(x.LicenceTag), x.Note, x.Simulated}, nil) {
				return
			}
		}
	}
	return e, nil
}

// sourcePage is the page of one source.
func (s *Site) sourcePage(w http.ResponseWriter, r *http.Request) error {
	v, err := s.read(r)
	if err != nil {
		return err
	}
	x, err := source.Get(v.ctx, s.svc.DB, r.PathValue("id"))
	if err != nil {
		return err
	}
	p := s.record(r, v, "sources", x.Title)
	p.Also = []string{v.word("source_kind", x.Kind), v.word("tag", string(x.LicenceTag))}
	if x.Simulated {
		p.Also = append(p.Also, v.say("web.simulated_short"))
	}
	p.Facts = v.sourceFacts(x)
	if err := v.holds(&p, x.ID); err != nil {
		return err
	}
	batches, err := source.Batches(v.ctx, s.svc.DB, x.ID, tableSize)
	if err != nil {
		return err
	}
	if len(batches) > 0 {
		p.Tables = append(p.Tables, RecordTable{ID: "batches", Title: v.say("reg.batches"), Head: v.batchHead(false), Rows: v.batchRows(batches, false)})
	}
	if err := v.finish(&p, source.Kind, x.ID); err != nil {
		return err
	}
	p.Sources = nil // the page is the source
	return s.Render(w, r, "record", p)
}

func (v *reading) sourceFacts(x source.Source) []Fact {
	facts := []Fact{v.fact("reg.publisher", x.Publisher, nil)}
	if x.Author != "" {
		facts = append(facts, v.fact("reg.author", x.Author, nil))
	}
	facts = append(facts, v.fact("reg.source_day", i18n.Day(v.l, x.PublishedOn), nil), v.fact("reg.retrieved", i18n.Day(v.l, x.RetrievedOn), nil))
	address := v.fact("reg.address", x.URL, nil)
	if webAddress(x.URL) {
		address.Values[0].Href = x.URL
	}
	licence := v.fact("reg.licence", v.say("reg.tag_means."+tagKey(x.LicenceTag)), nil)
	if x.Licence != "" {
		licence.Values[0].Note = x.Licence
	}
	facts = append(facts, address, licence, Fact{Label: v.say("reg.cite_as"), Values: []FactValue{{Text: citation(v.l, x)}}})
	if x.Note != "" {
		facts = append(facts, v.fact("reg.note", x.Note, nil))
	}
	return append(facts, Fact{Label: "ID", Values: []FactValue{{Text: x.ID}}})
}

func tagKey(t source.Tag) string {
	switch t {
	case source.Green:
		return "g"
	case source.Yellow:
		return "y"
	case source.Red:
		return "r"
	}
	return string(t)
}

func webAddress(a string) bool {
	u, err := url.Parse(a)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// citation is a source as a reference, after GB/T 7714 in Chinese.
func citation(l i18n.Lang, x source.Source) string {
	sep, out := ". ", ""
	by := x.Author
	if by == "" {
		by = x.Publisher
	}
	for _, part := range []string{by, x.Title.In(l), x.PublishedOn, x.URL} {
		if part != "" && out != "" {
			out += sep
		}
		out += part
	}
	if x.RetrievedOn != "" {
		out += " [" + x.RetrievedOn + "]"
	}
	return out + "."
}

// holds counts the records that come from a source.
func (v *reading) holds(p *RecordPage, id string) error {
	one := registry.Page{Limit: 1}
	held := Fact{Label: v.say("reg.records_from"), Why: v.say("reg.no_records_from")}
	orgs, err := v.s.svc.Registry.Orgs(v.ctx, registry.OrgFilter{Source: id, Page: one})
	if err != nil {
		return err
	}
	platforms, err := v.s.svc.Registry.Platforms(v.ctx, registry.PlatformFilter{Source: id, Page: one})
	if err != nil {
		return err
	}
	parks, err := v.s.svc.Registry.Parks(v.ctx, registry.ParkFilter{Source: id, Page: one})
	if err != nil {
		return err
	}
	papers, err := v.s.svc.Registry.Papers(v.ctx, registry.PaperFilter{Source: id, Page: one})
	if err != nil {
		return err
	}
	for _, c := range []struct {
		room string
		n    int64
	}{{"organisations", orgs.Total}, {"platforms", platforms.Total}, {"parks", parks.Total}, {"papers", papers.Total}} {
		if c.n > 0 {
			held.Values = append(held.Values, FactValue{Text: v.say("reg."+c.room+".count", errs.A{"n": c.n}), Href: "/" + c.room + "?source=" + url.QueryEscape(id)})
		}
	}
	p.Facts = append(p.Facts, held)
	return nil
}
