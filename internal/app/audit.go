package app

import (
	"context"
	"strings"

	"github.com/kapok-city/kapok/internal/claims"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ingest"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/registry/identifier"
	"github.com/kapok-city/kapok/internal/registry/resolve"
)

// Audit reads a text into claims and sets each against the figures and records
// of the city. Nothing of the text is kept.
func (a *App) Audit(ctx context.Context, text string) (claims.Report, error) {
	return a.Check(ctx, claims.Extract(text, claims.Options{Year: a.DB.Now().Year()}))
}

// Check is Audit for a text that has been read into claims.
func (a *App) Check(ctx context.Context, doc claims.Document) (claims.Report, error) {
	index, err := a.Registry.Resolver(ctx)
	if err != nil {
		return claims.Report{}, err
	}
	places, err := a.placeNames(ctx)
	if err != nil {
		return claims.Report{}, err
	}
	return claims.Check(ctx, doc, figures{a}, claims.CheckOptions{Resolver: subjects{ctx, a, index}, Places: places})
}

// placeNames lists the provinces and the cities below them, by their full
// names.
func (a *App) placeNames(ctx context.Context) ([]string, error) {
	provinces, err := a.Registry.Divisions(ctx, "", "")
	if err != nil {
		return nil, err
	}
	var out []string
	for _, p := range provinces {
		out = append(out, p.Name.ZH)
		cities, err := a.Registry.Divisions(ctx, "", p.Code)
		if err != nil {
			return nil, err
		}
		for _, c := range cities {
			if strings.HasSuffix(c.Name.ZH, "市") {
				out = append(out, c.Name.ZH)
			}
		}
	}
	return out, nil
}

// subjects resolves what a text is about through the registry.
type subjects struct {
	ctx   context.Context
	app   *App
	index *resolve.Index
}

// ResolveOrg implements claims.Resolver. A subject is one body: a name that
// stands for several resolves to none.
func (s subjects) ResolveOrg(name string) (id, canonical string, score float64, reason string) {
	answer := s.index.Resolve(name, resolve.Hint{})
	if len(answer.Matches) != 1 {
		return "", "", 0, ""
	}
	m := answer.Matches[0]
	refs, err := s.app.Registry.Refs(s.ctx, []string{m.OrgID})
	if err != nil {
		return "", "", 0, "" // the claim keeps the text's own name
	}
	return m.OrgID, refs[m.OrgID].Name.In(i18n.ZH), m.Score, m.Reason.Code
}

// figures shows the observatory to package claims.
type figures struct{ app *App }

// Figures implements claims.Known: every figure with its values, and every
// superlative on record.
func (l figures) Figures(ctx context.Context) ([]claims.Figure, error) {
	book, err := l.app.Observatory.Book(ctx)
	if err != nil {
		return nil, err
	}
	b := binder{ctx: ctx, app: l.app, book: book, names: map[string]named{}}
	var out []claims.Figure
	for i := range book.Figures {
		out = append(out, b.figure(&book.Figures[i]))
	}
	for i := range book.Superlatives {
		if f, ok := b.superlative(&book.Superlatives[i]); ok {
			out = append(out, f)
		}
	}
	return out, b.err
}

// binder turns what the observatory knows into what claims asks.
type binder struct {
	ctx   context.Context
	app   *App
	book  observatory.Book
	names map[string]named // by subject reference
	err   error
}

type named struct {
	ids, names []string
	shown      i18n.Text
}

// readings are the words by which a text says which of several definitions it
// means.
var readings = map[string]struct {
	key   string
	words []string
}{
	"all": {key: "app.reading_all"},
	"led": {key: "app.reading_led", words: []string{"牵头", "主持", "第一完成", "led", "lead"}},
}

func (b *binder) figure(f *observatory.Figure) claims.Figure {
	subject := b.subject(f.Subject)
	out := claims.Figure{
		ID: f.ID, Title: f.Title, Terms: append(append([]string{}, f.Terms.ZH...), f.Terms.EN...), Unit: f.Unit,
		SubjectOrgIDs: subject.ids, SubjectNames: subject.names, Numerator: f.Numerator, Denominator: f.Denominator, Variants: f.Variants,
	}
	if r, ok := readings[f.Reading]; ok {
		out.Reading, out.Qualifiers = both(r.key), r.words
	}
	out.Places = b.places(f.Subject)
	if f.Unit.Dimension() == quantity.DimRank {
		out.Kind, out.Scope = claims.Rank, f.Scope.ZH
	}
	for _, r := range b.book.Reported[f.ID] {
		src := b.book.Sources[r.SourceID]
		out.Values = append(out.Values, claims.Value{
			Quantity: r.Quantity, Period: r.Period, Edition: r.Edition, DataYear: r.DataYear, Basis: claims.Reported, SourceID: r.SourceID,
			SourceTitle: src.Title, Fingerprint: src.Fingerprint, Note: r.Note,
		})
	}
	for _, v := range b.book.Computed[f.ID] {
		if v.Known && v.Item == "" && v.Simulated == 0 { // what was made up proves nothing
			out.Values = append(out.Values, claims.Value{Quantity: v.Quantity, Period: v.Period, Basis: claims.Computed, SourceTitle: both("app.computed_by_kapok")})
		}
	}
	return out
}

// places names the city, and the division that a figure is about if that is
// another: a text that mentions neither is not judged by the figure.
func (b *binder) places(subject string) []string {
	codes := []string{b.app.Config.City}
	if scheme, key, _ := strings.Cut(subject, ":"); scheme == "division" {
		codes = append(codes, key)
	}
	var out []string
	for _, code := range codes {
		d, err := b.app.Registry.Division(b.ctx, code, "")
		if err != nil {
			continue
		}
		out = append(out, strings.TrimSuffix(strings.TrimSuffix(d.Name.ZH, "市"), "省"))
		if d.Name.EN != "" {
			out = append(out, d.Name.EN)
		}
	}
	return out
}

// extremes are the kinds of superlatives that a text can be checked for.
var extremes = map[string]claims.Extreme{
	"first": claims.First, "only": claims.Only, "largest": claims.Most, "record": claims.Record, "gap": claims.Gap,
}

func (b *binder) superlative(s *observatory.Superlative) (claims.Figure, bool) {
	extreme, ok := extremes[s.Kind]
	if !ok {
		return claims.Figure{}, false
	}
	subject, src := b.subject(s.Subject), b.book.Sources[s.SourceID]
	return claims.Figure{
		ID: "superlative." + s.ID, Title: titled(subject.shown, s), Terms: []string{s.Object.ZH, s.Object.EN},
		Kind: claims.Superlative, Extreme: extreme, SubjectOrgIDs: subject.ids, SubjectNames: subject.names, Scope: s.ScopeText.ZH,
		Values: []claims.Value{{Basis: claims.Reported, SourceID: s.SourceID, SourceTitle: src.Title, Fingerprint: src.Fingerprint}},
	}, true
}

func titled(subject i18n.Text, s *observatory.Superlative) i18n.Text {
	return i18n.Text{ZH: strings.TrimSpace(subject.ZH + " " + s.Object.ZH), EN: strings.TrimSpace(subject.In(i18n.EN) + ": " + s.Object.EN)}
}

// subject names what a reference such as "org:ehang" or "division:440100"
// stands for. A city and the world have no organisation; a reference that
// nothing answers to has no names, and the figure is then found by its words.
func (b *binder) subject(ref string) named {
	if n, ok := b.names[ref]; ok {
		return n
	}
	n := b.lookUp(ref)
	b.names[ref] = n
	return n
}

func (b *binder) lookUp(ref string) named {
	scheme, key, _ := strings.Cut(ref, ":")
	switch scheme {
	case "division":
		return b.division(key)
	case "org":
		id, err := ingest.KeyID(b.ctx, b.app.DB, registry.KindOrg, key)
		if err != nil {
			b.err = err
			return named{}
		}
		return b.organisation(b.app.Registry.Org(b.ctx, id))
	case "ror":
		return b.organisation(b.app.Registry.ByIdentifier(b.ctx, identifier.ROR, key))
	}
	return named{}
}

func (b *binder) organisation(o registry.Org, err error) named {
	if err != nil {
		return named{}
	}
	n := named{ids: []string{o.ID}, shown: o.Title()}
	for _, name := range o.Names {
		n.names = append(n.names, name.Text)
	}
	return n
}

// division leaves the city itself without names: a text about the city need not
// name it in each sentence.
func (b *binder) division(code string) named {
	d, err := b.app.Registry.Division(b.ctx, code, "")
	if err != nil {
		return named{}
	}
	n := named{shown: d.Name}
	if code != b.app.Config.City {
		n.names = []string{d.Name.ZH, d.Name.EN}
	}
	return n
}

func both(key string) i18n.Text {
	return i18n.Text{ZH: i18n.T(i18n.ZH, key), EN: i18n.T(i18n.EN, key)}
}
