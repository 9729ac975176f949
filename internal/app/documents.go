package app

import (
	"context"
	"iter"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/match"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/search"
	"github.com/kapok-city/kapok/internal/source"
)

// How much the kinds weigh in search: a figure or an organisation by its name
// goes before a paper that mentions it.
const (
	boostFigure   = 1.6
	boostOrg      = 1.3
	boostPlatform = 1.4
	boostMarket   = 1.2
	boostOther    = 1.0
	boostPaper    = 0.7
)

// document returns what search knows of one record; false when it is gone or
// is not for finding.
func (a *App) document(ctx context.Context, kind, id string) (search.Doc, bool, error) {
	found, err := a.documentOf(ctx, kind, id)
	if errs.KindOf(err) == errs.NotFound {
		return search.Doc{}, false, nil
	}
	if err == nil {
		err = a.book.close(ctx, a.DB, &found)
	}
	return found.Doc, err == nil && !found.Title.IsZero(), err
}

// document is what search knows of a record, and where the record comes from.
type document struct {
	search.Doc
	source string
}

func (a *App) documentOf(ctx context.Context, kind, id string) (document, error) {
	switch kind {
	case registry.KindOrg:
		o, err := a.Registry.Org(ctx, id)
		if err != nil || o.MergedInto != "" {
			return document{}, err
		}
		return orgDocument(o), nil
	case registry.KindPlatform:
		p, err := a.Registry.Platform(ctx, id)
		return platformDocument(p), err
	case registry.KindPark:
		p, err := a.Registry.Park(ctx, id)
		return parkDocument(p), err
	case registry.KindPerson:
		p, err := a.Registry.Person(ctx, id)
		return personDocument(p), err
	case registry.KindPaper:
		p, err := a.Registry.Paper(ctx, id)
		return paperDocument(p), err
	case observatory.KindFigure:
		f, err := a.Observatory.Definition(ctx, id)
		return figureDocument(f), err
	case source.Kind:
		s, err := source.Get(ctx, a.DB, id)
		if err == nil && a.book.note(s) {
			a.reindex.Store(true)
		}
		return sourceDocument(s), err
	}
	d, _, err := a.marketDocument(ctx, kind, id)
	return d, err
}

func orgDocument(o registry.Org) document {
	d := namedDocument(registry.KindOrg, o.ID, o.SourceID, o.Title(), o.Names)
	d.Boost = boostOrg
	for _, i := range o.Identifiers {
		d.Names = append(d.Names, i.Value)
	}
	d.Body = o.Place.City
	return d
}

func platformDocument(p registry.Platform) document {
	d := namedDocument(registry.KindPlatform, p.ID, p.SourceID, p.Title(), p.Names)
	d.Boost = boostPlatform
	d.Body = join(p.Field.ZH, p.Field.EN, p.HostText)
	return d
}

func parkDocument(p registry.Park) document {
	return namedDocument(registry.KindPark, p.ID, p.SourceID, p.Title(), p.Names)
}

func personDocument(p registry.Person) document {
	return namedDocument(registry.KindPerson, p.ID, p.SourceID, p.Title(), p.Names)
}

func namedDocument(kind, id, from string, title i18n.Text, names []registry.Name) document {
	d := document{search.Doc{Kind: kind, ID: id, Title: title, Boost: boostOther}, from}
	for _, n := range names {
		d.Names = append(d.Names, n.Text)
	}
	return d
}

func paperDocument(p registry.Paper) document {
	title := i18n.Text{ZH: p.Title}
	if strings.HasPrefix(p.Lang, "en") {
		title = i18n.Text{EN: p.Title}
	}
	d := search.Doc{Kind: registry.KindPaper, ID: p.ID, Title: title, Names: []string{p.DOI}, Body: join(p.Keywords...), Boost: boostPaper}
	if p.Year > 0 {
		d.Numbers = map[string]float64{"year": float64(p.Year)}
	}
	card := match.OfPaper(&p)
	card.Describe(&d)
	return document{d, p.SourceID}
}

func figureDocument(f observatory.Figure) document {
	return document{Doc: search.Doc{Kind: observatory.KindFigure, ID: f.ID, Title: f.Title, Boost: boostFigure,
		Names: append(append([]string{f.ID}, f.Terms.ZH...), f.Terms.EN...), Body: join(f.Definition.ZH, f.Definition.EN)}}
}

func sourceDocument(s source.Source) document {
	return document{Doc: search.Doc{Kind: source.Kind, ID: s.ID, Title: s.Title, Names: []string{s.Publisher}, Body: s.Author, Boost: boostOther}}
}

func join(parts ...string) string { return strings.TrimSpace(strings.Join(parts, " ")) }

// documents yields the document of every record, read list by list: far
// quicker than one by one.
func (a *App) documents(ctx context.Context) iter.Seq2[search.Doc, error] {
	reg := a.Registry
	return a.closed(ctx, chain(
		listed(func(p registry.Page) (registry.List[registry.Org], error) {
			return reg.Orgs(ctx, registry.OrgFilter{Page: p})
		}, orgDocument),
		listed(func(p registry.Page) (registry.List[registry.Platform], error) {
			return reg.Platforms(ctx, registry.PlatformFilter{Page: p})
		}, platformDocument),
		listed(func(p registry.Page) (registry.List[registry.Park], error) {
			return reg.Parks(ctx, registry.ParkFilter{Page: p})
		}, parkDocument),
		listed(func(p registry.Page) (registry.List[registry.Person], error) {
			return reg.People(ctx, registry.PersonFilter{Page: p})
		}, personDocument),
		listed(func(p registry.Page) (registry.List[registry.Paper], error) {
			return reg.Papers(ctx, registry.PaperFilter{Page: p})
		}, paperDocument),
		a.marketDocuments(ctx),
		a.figureDocuments(ctx),
		a.sourceDocuments(ctx),
	))
}

// closed gives each document the level that its source asks for.
func (a *App) closed(ctx context.Context, all iter.Seq2[document, error]) iter.Seq2[search.Doc, error] {
	return func(yield func(search.Doc, error) bool) {
		for d, err := range all {
			if err == nil {
				err = a.book.close(ctx, a.DB, &d)
			}
			if !yield(d.Doc, err) || err != nil {
				return
			}
		}
	}
}

func (a *App) figureDocuments(ctx context.Context) iter.Seq2[document, error] {
	return func(yield func(document, error) bool) {
		all, err := a.Observatory.Figures(ctx, observatory.Filter{})
		if err != nil {
			yield(document{}, err)
			return
		}
		for _, f := range all {
			if !yield(figureDocument(f), nil) {
				return
			}
		}
	}
}

func (a *App) sourceDocuments(ctx context.Context) iter.Seq2[document, error] {
	return func(yield func(document, error) bool) {
		for after := ""; ; {
			part, err := source.List(ctx, a.DB, after, listStep)
			if err != nil {
				yield(document{}, err)
				return
			}
			for _, s := range part {
				if !yield(sourceDocument(s), nil) {
					return
				}
				after = s.ID
			}
			if len(part) < listStep {
				return
			}
		}
	}
}

// listStep is how many records are read at a time.
const listStep = 500

// listed yields the documents of a register, page by page.
func listed[T any](page func(registry.Page) (registry.List[T], error), doc func(T) document) iter.Seq2[document, error] {
	return func(yield func(document, error) bool) {
		for after, more := "", true; more; {
			part, err := page(registry.Page{After: after, Limit: listStep})
			if err != nil {
				yield(document{}, err)
				return
			}
			for _, v := range part.Items {
				if !yield(doc(v), nil) {
					return
				}
			}
			after, more = part.Next, part.Next != ""
		}
	}
}

// chain yields all of several sequences, and stops at the first error.
func chain(all ...iter.Seq2[document, error]) iter.Seq2[document, error] {
	return func(yield func(document, error) bool) {
		for _, seq := range all {
			for d, err := range seq {
				if !yield(d, err) || err != nil {
					return
				}
			}
		}
	}
}
