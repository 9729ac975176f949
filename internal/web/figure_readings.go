package web

import (
	"strings"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ingest"
	"github.com/kapok-city/kapok/internal/registry/identifier"
)

// readings sets the figure beside the others that the same words may mean.
func (b *figureBook) readings(v *reading, f *figureSheet) []Reading {
	if len(f.Variants) == 0 {
		return nil
	}
	out := []Reading{f.reading(v, true)}
	for _, id := range f.Variants {
		if o, err := b.sheet(id); err == nil {
			out = append(out, o.reading(v, false))
		}
	}
	return out
}

func (f *figureSheet) reading(v *reading, current bool) Reading {
	x := Reading{Title: f.Title.In(v.l), Href: "/figures/" + f.ID, Scope: f.Scope.In(v.l), Current: current}
	x.Reported, x.Computed = UnknownValue(""), UnknownValue("")
	if f.reported() {
		x.Reported = figureValue(v.l, &f.Figure, f.Card.Quantity)
	}
	if c := f.computed(); c != nil {
		x.Computed = computedValue(v.l, &f.Figure, c)
	}
	return x
}

// subject is whom a figure is about, and the page of it where there is one.
func (s *Site) subject(v *reading, ref string) (text, href string) {
	kind, key, _ := strings.Cut(ref, ":")
	switch kind {
	case "division":
		return v.division(key), ""
	case "world":
		return i18n.T(v.l, "web.subject.world"), ""
	case "country":
		return i18n.Country(v.l, key), ""
	case "cluster":
		if m := "web.subject.cluster." + strings.ReplaceAll(key, "-", "_"); i18n.Has(m) {
			return i18n.T(v.l, m), ""
		}
		return key, ""
	}
	return s.subjectOrg(v, kind, key)
}

// subjectOrg finds the organisation that a reference of the bundle names:
// "ror:" with the end of a ROR id, or "org:" with the key of its row.
func (s *Site) subjectOrg(v *reading, kind, key string) (text, href string) {
	id := ""
	switch kind {
	case "ror":
		o, err := s.svc.Registry.ByIdentifier(v.ctx, identifier.ROR, key)
		if err != nil {
			return key, ""
		}
		return o.Name(v.l), "/organisations/" + o.ID
	case "org":
		var err error
		if id, err = ingest.KeyID(v.ctx, s.svc.DB, kind, key); err != nil {
			return key, ""
		}
	default:
		return kind, ""
	}
	refs, err := s.svc.Registry.Refs(v.ctx, []string{id})
	if r, ok := refs[id]; err == nil && ok && !r.Name.IsZero() {
		return r.Name.In(v.l), "/organisations/" + r.ID
	}
	return key, ""
}
