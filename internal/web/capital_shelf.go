package web

import (
	"encoding/json"
	"net/url"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/registry"
)

// shelf is one register as the pages know it. All six have the same pages; what
// differs stands in shelves.
type shelf interface {
	kind() string // word of the change log
	key() string  // of its messages and its address
	path() string
	sums() []string         // what it is added up by, the usual first
	own() map[string]string // columns of its own that a list is narrowed by, with the group of their words
	fixed(column string) []string
	otherSide() string // message of who stands on the other side, "" for nobody
	columns() []string // of a list, between the day and the amount
	head() []string

	list(v *capitalReading, f capital.Filter) (registry.List[capitalItem], error)
	totals(v *capitalReading, f capital.Filter, by ...string) (map[string][]capital.Total, error)
	visible(v *capitalReading, ids []string) (map[string]bool, error)
	one(v *capitalReading, id string) (capitalItem, error)
	blank() capitalItem
	decode(raw json.RawMessage) (capitalItem, bool)
	facts(v *capitalReading, of capitalItem) []Fact
	title(v *capitalReading, of capitalItem) string
	ask(v *capitalReading, of capitalItem) []question
	fill(v formValues, of capitalItem)
	answer(a *capitalAnswers, of capitalItem) capitalItem
	save(v *capitalReading, by change.Author, of capitalItem) (capitalItem, error)
}

// capitalItem is a record of any register.
type capitalItem struct {
	row    any // *capital.Round and so on
	common *capital.Common
	amount *capital.Amount
	cells  func(v *capitalReading) []CapitalCell
	file   func() []any
}

// shelfOf is the shelf of the records T.
type shelfOf[T any] struct {
	word, name, side string
	by               []string
	narrow           map[string]string
	words            map[string][]string
	shown, file      []string
	register         func(*capital.Service) *capital.Register[T]
	common           func(*T) *capital.Common
	amount           func(*T) **capital.Amount
	cells            func(v *capitalReading, row *T) []CapitalCell
	row              func(*T) []any
	titled           func(v *capitalReading, row *T) string
	told             func(v *capitalReading, row *T, mark *SourceMark) []Fact
	asked            func(v *capitalReading, row *T) []question
	filled           func(v formValues, row *T)
	answered         func(a *capitalAnswers, row *T)
}

func (h *shelfOf[T]) kind() string                 { return h.word }
func (h *shelfOf[T]) key() string                  { return h.name }
func (h *shelfOf[T]) path() string                 { return "/" + h.name }
func (h *shelfOf[T]) sums() []string               { return h.by }
func (h *shelfOf[T]) own() map[string]string       { return h.narrow }
func (h *shelfOf[T]) fixed(column string) []string { return h.words[column] }
func (h *shelfOf[T]) otherSide() string            { return h.side }
func (h *shelfOf[T]) columns() []string            { return h.shown }
func (h *shelfOf[T]) head() []string               { return h.file }

func (h *shelfOf[T]) item(row *T) capitalItem {
	return capitalItem{row: row, common: h.common(row), amount: *h.amount(row),
		cells: func(v *capitalReading) []CapitalCell { return h.cells(v, row) }, file: func() []any { return h.row(row) }}
}

func (h *shelfOf[T]) list(v *capitalReading, f capital.Filter) (registry.List[capitalItem], error) {
	got, err := h.register(v.rooms).List(v.ctx, v.viewer, f)
	out := registry.List[capitalItem]{Total: got.Total, Next: got.Next}
	for i := range got.Items {
		out.Items = append(out.Items, h.item(&got.Items[i]))
	}
	return out, err
}

func (h *shelfOf[T]) totals(v *capitalReading, f capital.Filter, by ...string) (map[string][]capital.Total, error) {
	return h.register(v.rooms).TotalsBy(v.ctx, v.viewer, f, by...)
}

func (h *shelfOf[T]) visible(v *capitalReading, ids []string) (map[string]bool, error) {
	return h.register(v.rooms).Visible(v.ctx, v.viewer, ids)
}

func (h *shelfOf[T]) one(v *capitalReading, id string) (capitalItem, error) {
	row, err := h.register(v.rooms).One(v.ctx, v.viewer, id)
	return h.item(&row), err
}

func (h *shelfOf[T]) blank() capitalItem { return h.item(new(T)) }

func (h *shelfOf[T]) decode(raw json.RawMessage) (capitalItem, bool) {
	row := new(T)
	ok := len(raw) > 0 && json.Unmarshal(raw, row) == nil
	return h.item(row), ok
}

func (h *shelfOf[T]) of(x capitalItem) *T { return x.row.(*T) } //nolint:forcetypeassert // an item of this shelf

func (h *shelfOf[T]) title(v *capitalReading, x capitalItem) string { return h.titled(v, h.of(x)) }

func (h *shelfOf[T]) facts(v *capitalReading, x capitalItem) []Fact {
	return h.told(v, h.of(x), v.mark(x.common.SourceID))
}

func (h *shelfOf[T]) ask(v *capitalReading, x capitalItem) []question { return h.asked(v, h.of(x)) }
func (h *shelfOf[T]) fill(v formValues, x capitalItem)                { h.filled(v, h.of(x)) }

// answer reads a form on top of a record. What the form does not ask stays.
func (h *shelfOf[T]) answer(a *capitalAnswers, x capitalItem) capitalItem {
	row := *h.of(x)
	h.answered(a, &row)
	return h.item(&row)
}

func (h *shelfOf[T]) save(v *capitalReading, by change.Author, x capitalItem) (capitalItem, error) {
	row, err := h.register(v.rooms).Save(v.ctx, v.viewer, by, *h.of(x))
	return h.item(&row), err
}

// shelfFor is the shelf of a word of the change log, nil for another room's.
func shelfFor(kind string) shelf {
	for _, h := range shelves {
		if h.kind() == kind {
			return h
		}
	}
	return nil
}

// capitalFilter reads what a list asks for.
func capitalFilter(h shelf, q url.Values) capital.Filter {
	f := capital.Filter{OrgID: q.Get("org"), CompanyKey: q.Get("company"), PartyID: q.Get("with"), PartyQuery: q.Get("party"), Query: q.Get("q"), From: q.Get("from"), To: q.Get("to"),
		Undated: q.Get("day") == "none", Division: q.Get("division"), SourceID: q.Get("source"), Is: map[string]string{}}
	for column := range h.own() {
		if value := q.Get(column); value != "" {
			f.Is[column] = value
		}
	}
	return f
}
