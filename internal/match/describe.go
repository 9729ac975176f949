package match

import (
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/search"
)

// The kinds that match treats in a way of their own. Any other kind that the
// index holds can be asked for too.
const (
	KindResult  = "result"
	KindNeed    = "need"
	KindService = "service"
	KindPaper   = "paper"
	KindPerson  = "person"
	KindOrg     = "org"
)

// Fields of a search.Doc that carry a card. Whoever makes documents writes them
// with Describe; the first group is fit for lists and counts too.
const (
	FieldOwner    = "owner"
	FieldIPC      = "ipc"
	FieldIndustry = "industry"
	FieldDistrict = "district" // GB/T 2260
	FieldForm     = "form"
	FieldRights   = "rights"
	FieldPerson   = "person"
	FieldStatus   = "status"
	FieldExpires  = "expires" // days since 1970
	FieldSince    = "since"
	FieldPriceMin = "price_min" // fen
	FieldPriceMax = "price_max"
	FieldTRL      = "trl"

	// FieldWithin before FieldIPC, FieldIndustry or FieldDistrict is the field of
	// the prefixes of its codes: "H", "H01", "H01M".
	FieldWithin = fieldWithin

	fieldAuthor    = "created_by"
	fieldTRLOf     = "trl:" // with the scale and the edition: a range that compares
	fieldWithin    = "within_"
	fieldTerms     = "price" // "negotiable"
	fieldWants     = "want_"
	fieldBudgetMin = "want_budget_min"
	fieldBudgetMax = "want_budget_max"
)

// Describe writes a card into the facets and numbers of its document.
func (c *Card) Describe(d *search.Doc) {
	f := facets{d}
	d.Level, d.Readers = c.Level, c.Readers
	f.words(FieldOwner, one(c.Owner))
	f.words(FieldIPC, c.Codes.IPC)
	f.words(FieldIndustry, c.Codes.Industry)
	f.words(FieldDistrict, one(c.Division))
	f.words(FieldForm, c.Forms)
	f.words(FieldRights, c.Rights)
	f.words(FieldPerson, c.People)
	f.words(FieldStatus, one(c.Status))
	f.words(fieldAuthor, one(c.Author))
	f.words(fieldWithin+FieldIPC, within(c.Codes.IPC, ipcDepths, plainCode))
	f.words(fieldWithin+FieldIndustry, within(c.Codes.Industry, industryDepths, plainCode))
	f.words(fieldWithin+FieldDistrict, within(one(c.Division), regionDepths, Region))
	f.number(FieldSince, float64(c.Since), c.Since != 0)
	f.number(FieldExpires, float64(c.Expires), c.Expires != 0)
	f.fen(FieldPriceMin, c.Price.Min)
	f.fen(FieldPriceMax, c.Price.Max)
	if c.Price.Negotiable {
		f.words(fieldTerms, []string{"negotiable"})
	}
	if c.TRL.Level > 0 {
		f.number(FieldTRL, float64(c.TRL.Level), true)
		f.number(fieldTRLOf+c.TRL.Scale+":"+c.TRL.Edition, float64(c.TRL.Level), true)
	}
	c.Wants.describe(f)
}

func (c *Constraints) describe(f facets) {
	f.words(fieldWants+FieldIPC, c.IPC)
	f.words(fieldWants+FieldIndustry, c.Industry)
	f.words(fieldWants+FieldDistrict, c.Regions)
	f.words(fieldWants+FieldRights, one(c.Rights))
	f.words(fieldWants+FieldForm, c.Forms)
	f.fen(fieldBudgetMin, c.Budget.Min)
	f.fen(fieldBudgetMax, c.Budget.Max)
	if c.TRLMin > 0 {
		f.number(fieldWants+fieldTRLOf+c.TRLScale+":"+c.TRLEdition, float64(c.TRLMin), true)
	}
}

// facets writes into a document what is not empty.
type facets struct{ d *search.Doc }

func (f facets) words(field string, values []string) {
	if len(values) == 0 {
		return
	}
	if f.d.Facets == nil {
		f.d.Facets = map[string][]string{}
	}
	f.d.Facets[field] = values
}

func (f facets) number(field string, v float64, known bool) {
	if !known {
		return
	}
	if f.d.Numbers == nil {
		f.d.Numbers = map[string]float64{}
	}
	f.d.Numbers[field] = v
}

func (f facets) fen(field string, v *money.Fen) {
	if v != nil {
		f.number(field, float64(*v), true)
	}
}

// regionDepths are the digits of province, city and district.
var regionDepths = []depth{{2, 1}, {4, 1}, {6, 1}}

// within lists the prefixes of codes at the usual depths, for filters: "H",
// "H01", "H01M". A code that ends before the last depth also stands with "="
// after it: for a filter that asks for something narrower it is unknown, not
// failed.
func within(codes []string, depths []depth, plain func(string) string) []string {
	var out []string
	add := func(s string) {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	for _, c := range codes {
		c = plain(c)
		whole := ""
		for _, d := range depths {
			if len(c) >= d.chars {
				whole = c[:d.chars]
				add(whole)
			}
		}
		if len(c) < depths[len(depths)-1].chars {
			add(whole + "=")
		}
	}
	return out
}

// CardOf reads the card of a document that Describe has written.
func CardOf(d search.Doc) Card {
	c := Card{
		Key: Key{Kind: d.Kind, ID: d.ID}, Title: d.Title, Level: d.Level, Readers: d.Readers,
		Owner: first(d.Facets[FieldOwner]), Division: first(d.Facets[FieldDistrict]),
		Codes:  CodeSet{IPC: d.Facets[FieldIPC], Industry: d.Facets[FieldIndustry]},
		Rights: d.Facets[FieldRights], Forms: d.Facets[FieldForm], People: d.Facets[FieldPerson], Status: first(d.Facets[FieldStatus]), Author: first(d.Facets[fieldAuthor]),
		Since: int(d.Numbers[FieldSince]), Expires: int(d.Numbers[FieldExpires]),
		Price: Span{Min: fenOf(d, FieldPriceMin), Max: fenOf(d, FieldPriceMax), Negotiable: len(d.Facets[fieldTerms]) > 0},
	}
	w := fieldWants
	c.Wants = Constraints{
		IPC: d.Facets[w+FieldIPC], Industry: d.Facets[w+FieldIndustry], Regions: d.Facets[w+FieldDistrict],
		Rights: first(d.Facets[w+FieldRights]), Forms: d.Facets[w+FieldForm],
		Budget: Span{Min: fenOf(d, fieldBudgetMin), Max: fenOf(d, fieldBudgetMax)},
	}
	for field, v := range d.Numbers {
		if rest, ok := strings.CutPrefix(field, fieldTRLOf); ok {
			c.TRL = trlOf(rest, v)
		} else if rest, ok := strings.CutPrefix(field, fieldWants+fieldTRLOf); ok {
			t := trlOf(rest, v)
			c.Wants.TRLMin, c.Wants.TRLScale, c.Wants.TRLEdition = t.Level, t.Scale, t.Edition
		}
	}
	return c
}

func trlOf(rest string, v float64) TRL {
	scale, edition, _ := strings.Cut(rest, ":")
	return TRL{Level: int(v), Scale: scale, Edition: edition}
}

func fenOf(d search.Doc, field string) *money.Fen {
	v, ok := d.Numbers[field]
	if !ok {
		return nil
	}
	f := money.Fen(v)
	return &f
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// filters are the conditions that the index can apply by itself. Each lets
// through what Check would call met or unknown, and perhaps more: Check has the
// last word.
func (c Constraints) filters() []search.Filter {
	var out []search.Filter
	add := func(field string, values []string) {
		if len(values) > 0 {
			out = append(out, search.Filter{Field: field, Any: values, Unknown: true})
		}
	}
	add(fieldWithin+FieldIPC, reaching(c.IPC, ipcDepths, plainCode))
	add(fieldWithin+FieldIndustry, reaching(c.Industry, industryDepths, plainCode))
	add(fieldWithin+FieldDistrict, reaching(c.Regions, regionDepths, Region))
	add(FieldForm, c.Forms)
	add(FieldRights, one(c.Rights))
	if c.TRLMin > 0 && c.TRLEdition != "" {
		least := float64(c.TRLMin)
		out = append(out, search.Filter{Field: fieldTRLOf + c.TRLScale + ":" + c.TRLEdition, Min: &least, Unknown: true})
	}
	return out
}

// reaching lists the values of a "within" field that a wanted prefix may meet:
// the prefix cut to the depth below it, and everything wider.
func reaching(wanted []string, depths []depth, plain func(string) string) []string {
	var out []string
	for _, w := range wanted {
		if w = plain(w); len(w) < depths[0].chars {
			return nil // it reaches everything
		}
		for _, d := range depths {
			if len(w) >= d.chars {
				out = append(out, w[:d.chars]+"=")
			}
		}
		for _, d := range slices.Backward(depths) {
			if len(w) >= d.chars {
				out = append(out, w[:d.chars])
				break
			}
		}
		out = append(out, "=")
	}
	slices.Sort(out)
	return slices.Compact(out)
}
