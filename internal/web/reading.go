package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/termbase"
	"github.com/kapok-city/kapok/internal/transfer"
)

// reading is one request for a page of records: who reads, in which language,
// what the sources are called, and the notes at the foot of the page.
type reading struct {
	s       *Site
	ctx     context.Context
	l       i18n.Lang
	user    *account.User
	sources map[string]source.Source
	places  map[string]i18n.Text // names of divisions by code
	notes   []SourceNote
	numbers map[string]int // of notes, by source id
	actors  map[string]string
	left    int // records that were left out because of their source
}

func (s *Site) read(r *http.Request) (*reading, error) {
	v := &reading{s: s, ctx: r.Context(), l: PrefsOf(r.Context()).Lang, user: userOf(r.Context()),
		sources: map[string]source.Source{}, places: map[string]i18n.Text{}, numbers: map[string]int{}, actors: map[string]string{}}
	err := eachSource(v.ctx, s.svc.DB, func(x source.Source) { v.sources[x.ID] = x })
	return v, err
}

// eachSource walks all sources in the order of their ids.
func eachSource(ctx context.Context, q db.Querier, fn func(source.Source)) error {
	const step = 500
	after := ""
	for {
		part, err := source.List(ctx, q, after, step)
		if err != nil {
			return err
		}
		for _, x := range part {
			fn(x)
			after = x.ID
		}
		if len(part) < step {
			return nil
		}
	}
}

func (v *reading) say(key string, args ...errs.A) string { return i18n.T(v.l, key, args...) }

// word is the reader's word for a value of the data, such as a kind: the
// message reg.<group>.<value>, or the value itself when it has none.
func (v *reading) word(group, value string) string { return word(v.l, group, value) }

func word(l i18n.Lang, group, value string) string {
	if value == "" {
		return i18n.T(l, "web.unknown")
	}
	if key := "reg." + group + "." + strings.ReplaceAll(strings.ToLower(value), "-", "_"); i18n.Has(key) {
		return i18n.T(l, key)
	}
	return value
}

// otherLang is the lang attribute of a bilingual text that is shown in the
// language that is not the reader's, "" otherwise.
func otherLang(l i18n.Lang, t i18n.Text) string {
	switch {
	case l == i18n.ZH && t.ZH == "" && t.EN != "":
		return "en"
	case l == i18n.EN && t.EN == "" && t.ZH != "":
		return "zh-CN"
	}
	return ""
}

// closed reports a record that only editors may see: its source is for private
// use.
func (v *reading) closed(sourceID string) bool {
	return v.sources[sourceID].LicenceTag == source.Red && account.Require(v.user, account.ReadPrivate) != nil
}

// open is nil when the reader may see a record of the source.
func (v *reading) open(sourceID string) error {
	if v.sources[sourceID].LicenceTag != source.Red {
		return nil
	}
	return account.Require(v.user, account.ReadPrivate)
}

func (v *reading) can(a account.Action) bool { return account.Require(v.user, a) == nil }

// mark numbers a source for the foot of the page.
func (v *reading) mark(sourceID string) *SourceMark {
	if sourceID == "" {
		return nil
	}
	x, ok := v.sources[sourceID]
	if !ok {
		x = source.Source{ID: sourceID, Title: i18n.Text{ZH: sourceID}}
	}
	n, ok := v.numbers[sourceID]
	if !ok {
		n = len(v.notes) + 1
		v.numbers[sourceID] = n
		v.notes = append(v.notes, SourceNote{Number: n, Title: x.Title.In(v.l), Href: "/sources/" + x.ID,
			Publisher: x.Publisher, Day: x.PublishedOn, Licence: x.Licence})
	}
	return &SourceMark{n, x.Title.In(v.l)}
}

// division returns the name of a division that a code stands for today, or the
// code itself.
func (v *reading) division(code string) string {
	if code == "" {
		return ""
	}
	name, ok := v.places[code]
	if !ok {
		name = i18n.Text{ZH: code, EN: code}
		if d, err := v.s.svc.Registry.Division(v.ctx, code, ""); err == nil {
			name = d.Name
		}
		v.places[code] = name
	}
	return name.In(v.l)
}

// place is where an organisation has its seat, in few words.
func (v *reading) place(p registry.Place) string {
	where := v.division(p.Division)
	if where == "" {
		where = p.City
	}
	land := i18n.Country(v.l, p.Country)
	switch {
	case where == "" || land == "":
		return where + land
	case p.Country == "CN":
		return where
	case v.l == i18n.EN:
		return where + ", " + land
	}
	return land + " " + where
}

// refPath is the address of a record's page, "" for one the registry does not
// have.
func refPath(kind, id string) string {
	if p, ok := pathOf[kind]; ok && id != "" {
		return p + id
	}
	return ""
}

// pathOf leads from the change log's words to pages.
var pathOf = map[string]string{
	registry.KindOrg: "/organisations/", registry.KindPlatform: "/platforms/", registry.KindPark: "/parks/",
	registry.KindPerson: "/people/", registry.KindPaper: "/papers/", registry.KindDivision: "/divisions/",
	source.Kind: "/sources/", "batch": "/batches/", "figure": "/figures/",
	termbase.Kind: "/terms/", transfer.KindResult: "/results/", transfer.KindNeed: "/needs/", transfer.KindService: "/services/",
	"fund": "/funds/", "fund_event": "/fund-events/",
	"pool": "/pools/", "loan": "/loans/", "claim": "/claims/", pool.KindLoan: "/loans/", pool.KindClaim: "/claims/",
	capital.KindRound: "/rounds/", capital.KindAcquisition: "/acquisitions/", capital.KindListing: "/listings/",
	capital.KindContest: "/contests/", capital.KindGuarantee: "/guarantees/", capital.KindPremium: "/premiums/",
}

// day is an instant as a date for tables, in UTC.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02")
}
