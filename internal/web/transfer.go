package web

import (
	"net/http"
	"strings"
	"time"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/transfer"
)

// AddTransfer adds the market of results, needs and services: its lists,
// records and forms, disclosures from the public and the desk that decides on
// them, drafts and saved searches. Every page reads as account.ViewerOf its
// reader.
func (s *Site) AddTransfer(v Services) {
	s.svc = v
	if s.opts.User == nil {
		s.opts.User = shownUser
	}
	s.Route("GET /market", s.market)
	for _, b := range stalls {
		s.addStall(b)
	}
	s.addDisclosures()
	s.addTriage()
	s.guarded("GET /saved", account.Read, s.savedList)
	s.guarded("POST /saved", account.Read, s.saveSearch)
	s.guarded("POST /saved/{id}/open", account.Read, s.openSaved)
	s.guarded("POST /saved/{id}/delete", account.Read, s.deleteSaved)
	s.guarded("GET /drafts", account.Edit, s.draftList)
	s.guarded("POST /drafts/{id}/delete", account.Edit, s.deleteDraft)
}

// addStall adds the pages of one kind of record.
func (s *Site) addStall(b stall) {
	s.Route("GET "+b.path(), func(w http.ResponseWriter, r *http.Request) error { return s.stallList(w, r, b) })
	s.stallExports(b)
	s.guarded("GET "+b.path()+"/new", account.Edit, func(w http.ResponseWriter, r *http.Request) error { return s.newListing(w, r, b) })
	s.guarded("GET "+b.path()+"/alike", account.Edit, func(w http.ResponseWriter, r *http.Request) error { return s.alikeHint(w, r, b) })
	s.guarded("POST "+b.path(), account.Edit, func(w http.ResponseWriter, r *http.Request) error { return s.saveListing(w, r, b) })
	s.Route("GET "+b.path()+"/{id}", func(w http.ResponseWriter, r *http.Request) error { return s.listing(w, r, b) })
	s.guarded("GET "+b.path()+"/{id}/edit", account.Edit, func(w http.ResponseWriter, r *http.Request) error { return s.editListing(w, r, b) })
	s.guarded("POST "+b.path()+"/{id}/edit", account.Edit, func(w http.ResponseWriter, r *http.Request) error { return s.saveListing(w, r, b) })
	s.guarded("GET "+b.path()+"/{id}/{act}", account.Edit, func(w http.ResponseWriter, r *http.Request) error { return s.askAct(w, r, b) })
	s.guarded("POST "+b.path()+"/{id}/{act}", account.Edit, func(w http.ResponseWriter, r *http.Request) error { return s.doAct(w, r, b) })
}

// fair is one request for a page of the market: who reads, and which day it is.
type fair struct {
	*reading
	viewer level.Viewer
	today  string // ISO date in the city's time

	recent map[string][]change.Entry // see lately
}

func (s *Site) fair(r *http.Request) (*fair, error) {
	if s.svc.Transfer == nil {
		return nil, errs.New(errs.Unavailable, "market.off")
	}
	v, err := s.read(r)
	if err != nil {
		return nil, err
	}
	return &fair{reading: v, viewer: account.ViewerOf(v.user), today: cityDay(s.svc.DB.Now())}, nil
}

// cityTime is the zone in which days of the market are meant; it has no summer
// time.
var cityTime = time.FixedZone("UTC+8", 8*3600)

func cityDay(t time.Time) string { return t.In(cityTime).Format(time.DateOnly) }

// staff reports whether the reader may change records.
func (m *fair) staff() bool { return m.can(account.Edit) }

// term is the reader's word for a value of the market, such as a form of
// transfer.
func (m *fair) term(group, value string) string { return marketTerm(m.l, group, value) }

func marketTerm(l i18n.Lang, group, value string) string {
	if value == "" {
		return i18n.T(l, "web.unknown")
	}
	if key := "market." + group + "." + strings.ToLower(value); i18n.Has(key) {
		return i18n.T(l, key)
	}
	return value
}

// terms joins the words for several values.
func terms[S ~string](m *fair, group string, values []S) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = m.term(group, string(v))
	}
	return strings.Join(out, m.say("market.comma"))
}

func yuan(f money.Fen) float64 { return float64(f) / float64(money.Yuan) }

func (m *fair) amount(f money.Fen) string { return quantity.Of(yuan(f), quantity.CNY).Format(m.l) }

// span is an amount of which either end may be unknown, "" when both are.
func (m *fair) amounts(low, high *money.Fen) string {
	switch {
	case low == nil && high == nil:
		return ""
	case low == nil:
		return quantity.With(quantity.AtMost, yuan(*high), quantity.CNY).Format(m.l)
	case high == nil:
		return quantity.With(quantity.AtLeast, yuan(*low), quantity.CNY).Format(m.l)
	case *low == *high:
		return m.amount(*low)
	}
	return quantity.Span(yuan(*low), yuan(*high), quantity.CNY).Format(m.l)
}

// price words what an owner has in mind.
func (m *fair) price(p transfer.Price) string {
	text := m.amounts(p.Min, p.Max)
	switch {
	case !p.Negotiable:
		return text
	case text == "":
		return m.say("market.negotiable")
	}
	return m.say("market.price_negotiable", errs.A{"price": text})
}

// daysTo counts from today to a day; ok is false for what is no day.
func (m *fair) daysTo(day string) (n int, ok bool) {
	from, err := time.Parse(time.DateOnly, m.today)
	to, err2 := time.Parse(time.DateOnly, day)
	if err != nil || err2 != nil {
		return 0, false
	}
	return int(to.Sub(from).Hours() / 24), true
}

// left words how long it is to a last day: "剩 42 天", "今天截止", "已过 3 天".
func (m *fair) leftTo(day string) string {
	n, ok := m.daysTo(day)
	switch {
	case !ok:
		return ""
	case n == 0:
		return m.say("market.last_day")
	case n < 0:
		return m.say("market.over", errs.A{"n": -n})
	}
	return m.say("market.left", errs.A{"n": n})
}

// trl words a maturity with its scale, without which it says nothing.
func (m *fair) trl(t *transfer.TRL) string {
	if t == nil {
		return ""
	}
	scale := m.term("scale", string(t.Scale))
	if t.Edition != "" {
		scale += "—" + t.Edition
	}
	return m.say("market.trl", errs.A{"level": t.Level, "scale": scale})
}

// owner is who answers for a record: the organisation of the register, or the
// name as it was written.
func (m *fair) owner(c *transfer.Common) Cell {
	if c.Owner != nil {
		return m.ref(*c.Owner)
	}
	return Cell{Text: c.OwnerText}
}

// live reports a record that is listed and not over.
func (m *fair) live(c *transfer.Common) bool {
	return c.Status == transfer.Listed && (c.ExpiresOn == "" || c.ExpiresOn >= m.today)
}
