package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/registry/identifier"
)

// AffiliationLine is one affiliation of a paper as printed, and the
// organisations it names.
type AffiliationLine struct {
	Raw   string
	Place string
	Orgs  []AffiliationOrg
	None  string // why it names none
}

// AffiliationOrg is an organisation found in an affiliation.
type AffiliationOrg struct {
	Org Cell
	How string // "把握 0.97 · 自动认定"
	Why string // one sentence
}

// paper is the page of one paper.
func (s *Site) paper(w http.ResponseWriter, r *http.Request) error {
	v, err := s.read(r)
	if err != nil {
		return err
	}
	x, err := s.svc.Registry.Paper(v.ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := v.open(x.SourceID); err != nil {
		return err
	}
	p := s.record(r, v, "papers", i18n.Text{ZH: x.Title})
	p.Lang = paperLang(v, x)
	if at := yearMonth(x); at != "" {
		p.Also = []string{i18n.Day(v.l, at)}
	}
	p.Unverified = v.unverified(x.Evidence, "")
	p.Facts = v.paperFacts(x)
	for _, a := range x.Affiliations {
		p.Affiliations = append(p.Affiliations, v.affiliation(a))
	}
	if err := v.finish(&p, registry.KindPaper, x.ID); err != nil {
		return err
	}
	return s.Render(w, r, "record", p)
}

func (v *reading) paperFacts(x registry.Paper) []Fact {
	mark := v.mark(x.SourceID)
	facts := []Fact{v.fact("reg.paper_key", x.Key, mark), v.fact("reg.published", i18n.Day(v.l, yearMonth(x)), mark)}
	doi := v.fact("reg.scheme.doi", x.DOI, mark)
	if x.DOI != "" {
		doi.Values[0].Href = identifier.URL(identifier.DOI, x.DOI)
	}
	facts = append(facts, doi)
	if x.CLC != "" {
		facts = append(facts, v.fact("reg.clc", x.CLC, mark))
	}
	if len(x.Keywords) > 0 {
		sep := "，"
		if v.l == i18n.EN {
			sep = ", "
		}
		facts = append(facts, v.fact("reg.keywords", strings.Join(x.Keywords, sep), mark))
	}
	if x.Funding != "" {
		facts = append(facts, v.fact("reg.funding", x.Funding, mark))
	}
	return v.closing(facts, i18n.Text{}, x.Evidence)
}

func (v *reading) affiliation(a registry.Affiliation) AffiliationLine {
	line := AffiliationLine{Raw: a.Raw, Place: a.City}
	if land := i18n.Country(v.l, a.Country); land != "" && a.Country != "CN" {
		line.Place = strings.TrimSpace(line.Place + " " + land)
	}
	for _, o := range a.Orgs {
		ref := registry.Ref{ID: o.OrgID, Name: i18n.Text{ZH: o.Name}}
		if o.Org != nil {
			ref = *o.Org
		}
		line.Orgs = append(line.Orgs, AffiliationOrg{Org: v.ref(ref), Why: o.Reason.In(v.l),
			How: v.say("reg.score", errs.A{"score": i18n.Decimal(o.Score, 2), "method": v.word("method", a.Method)})})
	}
	switch {
	case len(line.Orgs) > 0:
	case a.None != nil:
		line.None = a.None.In(v.l)
	default:
		line.None = v.say("reg.not_tried")
	}
	return line
}

// division is the page of an administrative division: what its code has stood
// for, what lies in it, and what the registers hold there.
func (s *Site) division(w http.ResponseWriter, r *http.Request) error {
	v, err := s.read(r)
	if err != nil {
		return err
	}
	code := r.PathValue("code")
	history, err := s.svc.Registry.DivisionHistory(v.ctx, code)
	if err != nil {
		return err
	}
	if len(history) == 0 {
		return errs.New(errs.NotFound, "errs.not_found", errs.A{"what": code})
	}
	now := history[len(history)-1]
	if d, err := s.svc.Registry.Division(v.ctx, code, ""); err == nil {
		now = d
	}
	p := s.record(r, v, "divisions", now.Name)
	p.Also = []string{v.word("division_level", string(now.Level)), code}
	if now.ValidTo != "" {
		p.Note = v.say("reg.division_gone", errs.A{"day": i18n.Day(v.l, now.ValidTo)})
	}
	p.Facts = v.divisionFacts(now)
	for _, d := range history {
		p.Facts[0].Values = append(p.Facts[0].Values, FactValue{Text: d.Name.In(v.l), Note: v.span(d.ValidFrom, d.ValidTo), Mark: v.mark(d.SourceID)})
	}
	if err := v.within(&p, code); err != nil {
		return err
	}
	if err := v.finish(&p, registry.KindDivision, now.ID); err != nil {
		return err
	}
	return s.Render(w, r, "record", p)
}

func (v *reading) divisionFacts(d registry.Division) []Fact {
	facts := []Fact{{Label: v.say("reg.names")}, v.fact("reg.division_code", d.Code, v.mark(d.SourceID))}
	path, err := v.s.svc.Registry.DivisionPath(v.ctx, d.Code, "")
	if err == nil && len(path) > 1 {
		above := Fact{Label: v.say("reg.lies_in")}
		for _, up := range path {
			if up.Code != d.Code {
				above.Values = append(above.Values, FactValue{Text: up.Name.In(v.l), Href: "/divisions/" + up.Code})
			}
		}
		facts = append(facts, above)
	}
	if d.Note != "" {
		facts = append(facts, v.fact("reg.note", d.Note, nil))
	}
	return facts
}

// within lists the divisions below one, and counts what the registers hold
// there.
func (v *reading) within(p *RecordPage, code string) error {
	held := Fact{Label: v.say("reg.held_here")}
	at := "?division=" + url.QueryEscape(code)
	one := registry.Page{Limit: 1}
	orgs, err := v.s.svc.Registry.Orgs(v.ctx, registry.OrgFilter{Division: code, Page: one})
	if err != nil {
		return err
	}
	platforms, err := v.s.svc.Registry.Platforms(v.ctx, registry.PlatformFilter{Division: code, Page: one})
	if err != nil {
		return err
	}
	parks, err := v.s.svc.Registry.Parks(v.ctx, registry.ParkFilter{Division: code, Page: one})
	if err != nil {
		return err
	}
	for _, c := range []struct {
		room string
		n    int64
	}{{"organisations", orgs.Total}, {"platforms", platforms.Total}, {"parks", parks.Total}} {
		held.Values = append(held.Values, FactValue{Text: v.say("reg."+c.room+".count", errs.A{"n": c.n}), Href: "/" + c.room + at})
	}
	p.Facts = append(p.Facts, held)
	below, err := v.s.svc.Registry.Divisions(v.ctx, "", code)
	if err != nil || len(below) == 0 {
		return err
	}
	sec := RelationSection{Heading: v.say("reg.divisions_below")}
	for _, d := range below {
		sec.Lines = append(sec.Lines, RelationLine{Other: Cell{Text: d.Name.In(v.l), Href: "/divisions/" + d.Code}, Kind: d.Code})
	}
	p.Relations = append(p.Relations, sec)
	return nil
}
