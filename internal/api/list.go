package api

import (
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/sheet"
	"github.com/kapok-city/kapok/internal/source"
)

// Paging is the part of every list's parameters that turns pages and chooses
// the format.
type Paging struct {
	Cursor string `query:"cursor" maxLength:"2000" doc:"Where to go on: next of the page before. It fits the same filters and sort only"`
	Limit  int    `query:"limit" default:"50" minimum:"1" maximum:"500" doc:"Items of a page"`
	Format string `query:"format" enum:"json,csv,xlsx" doc:"A file holds all items, not one page. The Accept header may ask for it too"`
}

func (p *Paging) paging() *Paging { return p }

type pager interface{ paging() *Paging }

// Page is one page of a list. Sources says where its items come from, by source
// id.
type Page[T any] struct {
	Items   []T                    `json:"items" nullable:"false"`
	Next    string                 `json:"next,omitempty" doc:"Cursor of the next page; absent on the last one"`
	Total   *int64                 `json:"total,omitempty" doc:"Items of all pages, where that is known; it may count some that the reader may not see"`
	Sources map[string]Attribution `json:"sources,omitempty"`
}

// part is what a room returns for a page.
type part[T any] struct {
	items   []T
	next    string
	total   int64           // -1 when unknown
	sources []source.Source // of items whose source is not on record, such as a corpus
}

// book adds the part's own sources to those on record, which go before them.
func (p *part[T]) book(known map[string]source.Source) map[string]source.Source {
	if len(p.sources) == 0 {
		return known
	}
	all := maps.Clone(known)
	for _, v := range p.sources {
		if _, on := all[v.ID]; !on {
			all[v.ID] = v
		}
	}
	return all
}

// column is one column of a list as a file.
type column[T any] struct {
	name  string
	value func(v *T) any
}

// table says how a list becomes a file. source names the source of a row; nil
// for lists whose rows are no records.
type table[T any] struct {
	name    string // of the file
	columns []column[T]
	source  func(v *T) string
	guarded bool // the room has left out what the reader may not see, but for files
}

// fetch reads one page: in says where it starts and how long it is.
type fetch[I, T any] func(ctx context.Context, in *I) (part[T], error)

// addList registers an operation that answers with a page of JSON, or with all
// items as CSV or XLSX.
func addList[I any, P interface {
	*I
	pager
}, T any](s *server, rt route, t table[T], get fetch[I, T]) {
	addShown[I, P](s, rt, t, get, func(_ *I, page Page[T]) Page[T] { return page })
}

// addShown is addList with more around the items than a page has: show turns the
// page into the body.
func addShown[I any, P interface {
	*I
	pager
}, T, B any](s *server, rt route, t table[T], get fetch[I, T], show func(in *I, page Page[T]) B) {
	op := s.operation(&rt)
	binary := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	success(op).Content = map[string]*huma.MediaType{
		"application/json":                  {Schema: s.schema(reflect.TypeFor[B](), rt.id)},
		mediaType(sheet.CSV.ContentType()):  binary,
		mediaType(sheet.XLSX.ContentType()): binary,
	}
	success(op).Headers = map[string]*huma.Param{"Link": {Schema: &huma.Schema{Type: huma.TypeString}, Description: `The next page, rel="next"`}}
	huma.Register(s.huma, *op, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
		c, p := callOf(ctx), P(in).paging()
		format, file := c.format(p.Format)
		if file {
			c.file, p.Limit = true, exportStep
		}
		first, err := get(ctx, in)
		if err != nil {
			return nil, s.problem(c, err)
		}
		book, err := s.book(ctx)
		if err != nil {
			return nil, s.problem(c, err)
		}
		book = first.book(book)
		if file {
			return stream(func() error { return writeFile(ctx, c, format, t, book, first, in, p, get) }), nil
		}
		a := of(show(in, t.page(c, first, book)))
		if first.next != "" {
			a.with("Link", "<"+c.nextPage(first.next)+`>; rel="next"`)
		}
		return stream(func() error { return a.write(c) }), nil
	})
}

func mediaType(contentType string) string {
	kind, _, _ := strings.Cut(contentType, ";")
	return kind
}

// format returns the file format that the reader asks for, false for JSON. The
// parameter goes before the header.
func (c *call) format(asked string) (sheet.Format, bool) {
	switch asked {
	case "csv", "xlsx":
		return sheet.Format(asked), true
	case "json":
		return "", false
	}
	best, weight := "", 0.0
	for item := range strings.SplitSeq(c.r.Header.Get("Accept"), ",") {
		kind, params, _ := strings.Cut(item, ";")
		kind = strings.ToLower(strings.TrimSpace(kind))
		if q := quality(params); q > weight && (kind == "application/json" || kind == "*/*" || kind == mediaType(sheet.CSV.ContentType()) || kind == sheet.XLSX.ContentType()) {
			best, weight = kind, q
		}
	}
	switch best {
	case mediaType(sheet.CSV.ContentType()):
		return sheet.CSV, true
	case sheet.XLSX.ContentType():
		return sheet.XLSX, true
	}
	return "", false
}

// page leaves out what the reader may not see and names the sources.
func (t table[T]) page(c *call, p part[T], book map[string]source.Source) Page[T] {
	body := Page[T]{Items: slices.Clone(p.items), Next: p.next}
	if p.total >= 0 {
		body.Total = &p.total
	}
	if t.source != nil {
		body.Items = slices.DeleteFunc(body.Items, func(v T) bool { return !t.guarded && !c.seesPrivate() && book[t.source(&v)].LicenceTag == source.Red })
		body.Sources = map[string]Attribution{}
		for i := range body.Items {
			if v, ok := book[t.source(&body.Items[i])]; ok {
				body.Sources[v.ID] = attribution(v)
			}
		}
	}
	if body.Items == nil {
		body.Items = []T{}
	}
	return body
}

// nextPage is the address of this list at another cursor.
func (c *call) nextPage(cursor string) string {
	q := c.r.URL.Query()
	q.Set("cursor", cursor)
	return (&url.URL{Path: c.r.URL.Path, RawQuery: q.Encode()}).RequestURI()
}

// exportStep is how many rows of a file are read at a time.
const exportStep = 500

// sourceHead are the last columns of every file.
var sourceHead = []string{"source_id", "source_title", "source_publisher", "source_licence", "simulated"}

// writeFile streams all rows as a file. Rows of sources tagged R never leave,
// whoever asks.
func writeFile[I, T any](ctx context.Context, c *call, format sheet.Format, t table[T], book map[string]source.Source, first part[T], in *I, p *Paging, get fetch[I, T]) error {
	head := make([]string, 0, len(t.columns)+len(sourceHead))
	for _, col := range t.columns {
		head = append(head, col.name)
	}
	if t.source != nil {
		head = append(head, sourceHead...)
	}
	h := c.w.Header()
	h.Set("Content-Type", format.ContentType())
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="kapok-%s.%s"`, t.name, format))
	if c.r.Method == http.MethodHead {
		c.w.WriteHeader(http.StatusOK)
		return nil
	}
	return sheet.Write(c.w, format, head, func(yield func(sheet.Row, error) bool) {
		for now := first; ; {
			for i := range now.items {
				if r, leaves := t.row(&now.items[i], book, c); leaves && !yield(r, nil) {
					return
				}
			}
			if now.next == "" {
				return
			}
			p.Cursor = now.next
			var err error
			if now, err = get(ctx, in); err != nil {
				yield(nil, err)
				return
			}
		}
	})
}

// row is one row of the file, false when it must not leave.
func (t table[T]) row(v *T, book map[string]source.Source, c *call) (sheet.Row, bool) {
	r := make(sheet.Row, 0, len(t.columns)+len(sourceHead))
	for _, col := range t.columns {
		r = append(r, col.value(v))
	}
	if t.source == nil {
		return r, true
	}
	id := t.source(v)
	src, ok := book[id]
	if !ok {
		return append(r, id, nil, nil, nil, nil), true
	}
	return append(r, id, src.Title.In(c.lang), src.Publisher, src.Licence, src.Simulated), src.LicenceTag != source.Red
}

// Cursors of the lists that this package pages itself: the key of the last item
// shown, marked and written so that nobody takes it for an id.
const cursorMark = "k1:"

func encodeCursor(key string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(cursorMark + key))
}

func decodeCursor(cursor string) (string, error) {
	if cursor == "" {
		return "", nil
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	key, ok := strings.CutPrefix(string(raw), cursorMark)
	if err != nil || !ok || key == "" {
		return "", errs.New(errs.Invalid, "api.bad_cursor").At("cursor")
	}
	return key, nil
}

// cutPage pages a list that is at hand as a whole, by the key of its items.
func cutPage[T any](all []T, p *Paging, key func(v *T) string) (part[T], error) {
	after, err := decodeCursor(p.Cursor)
	if err != nil {
		return part[T]{}, err
	}
	from := 0
	if after != "" {
		at := slices.IndexFunc(all, func(v T) bool { return key(&v) == after })
		if at < 0 {
			return part[T]{}, errs.New(errs.Invalid, "api.bad_cursor").At("cursor")
		}
		from = at + 1
	}
	to := min(from+p.Limit, len(all))
	out := part[T]{items: all[from:to], total: int64(len(all))}
	if to < len(all) {
		out.next = encodeCursor(key(&all[to-1]))
	}
	return out, nil
}
