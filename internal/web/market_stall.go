package web

import (
	"net/url"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/sheet"
	"github.com/kapok-city/kapok/internal/transfer"
)

// listed is a record of the market: a *transfer.Result, *transfer.Need or
// *transfer.Offering. What they share is reached by commonOf.
type listed any

// stall is one kind of record on the market, and all in which its pages differ
// from those of the other kinds.
type stall interface {
	kind() string // word of the change log
	path() string // "/results"
	key() string  // "results", part of message keys

	list(m *fair, q url.Values, p registry.Page) (registry.List[listed], error)
	facets(m *fair, q url.Values) (registry.Facets, error)
	choices(x *stallView)
	card(m *fair, of listed) Listing
	head() []string
	row(of listed) sheet.Row

	load(m *fair, id string) (listed, error)
	blank() listed
	details(m *fair, p *ListingPage, of listed)
	ask(m *fair) []chapter
	values(of listed, v formValues)
	answer(a *answers, of listed) listed
	save(m *fair, by change.Author, of listed) (listed, error)
}

var stalls = []stall{resultStall{}, needStall{}, offeringStall{}}

// stallOf is the stall of a kind of record.
func stallOf(kind string) (stall, error) {
	for _, b := range stalls {
		if b.kind() == kind {
			return b, nil
		}
	}
	return nil, errs.New(errs.NotFound, "errs.not_found", errs.A{"what": kind})
}

// commonOf is the part that all kinds have.
func commonOf(of listed) *transfer.Common {
	switch of := of.(type) {
	case *transfer.Result:
		return &of.Common
	case *transfer.Need:
		return &of.Common
	case *transfer.Offering:
		return &of.Common
	}
	panic("web: a record of no stall")
}

// shelved makes a list of one kind a list of records.
func shelved[T any](got registry.List[T], err error) (registry.List[listed], error) {
	out := registry.List[listed]{Next: got.Next, Total: got.Total}
	for i := range got.Items {
		out.Items = append(out.Items, &got.Items[i])
	}
	return out, err
}

// commonFilter reads what all lists can be narrowed by. A list shows what is
// live unless it is asked for a status.
func commonFilter(q url.Values, p registry.Page) transfer.Filter {
	f := transfer.Filter{Query: q.Get("q"), OwnerID: q.Get("owner"), Division: q.Get("district"), IPC: q.Get("ipc"), Industry: q.Get("industry"),
		Level: level.Level(q.Get("level")), Source: q.Get("source"), Batch: q.Get("batch"), Author: q.Get("author"), Sort: registry.Sort(q.Get("sort")), Page: p}
	switch status := q.Get("status"); status {
	case "":
		f.Live = true
	case allStatuses:
	default:
		f.Status = []transfer.Status{transfer.Status(status)}
	}
	return f
}

// allStatuses asks a list for records of every status.
const allStatuses = "all"
