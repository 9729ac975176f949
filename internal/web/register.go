package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
)

// RegisterPage is a list of records with filters: organisations, platforms,
// people, parks, papers.
type RegisterPage struct {
	Page
	Lead   string
	Acts   []Link // what an editor can do here
	Filter FilterBar
	Head   TableHead
	Rows   []RegisterRow
	Facets []FacetGroup
	Pager  Pager
	Empty  State
	Note   string // what is left out, and why
}

// RegisterRow is one record: its name, which leads to its page, and cells.
type RegisterRow struct {
	Href     string
	Name     string
	Lang     string // where it is not the page's
	Also     string // its name in the other language
	AlsoLang string
	Mark     string // unverified, merged
	Cells    []Cell
}

// Cell is one field of a row. An empty Text is unknown.
type Cell struct {
	Label   string // of the column
	Text    string
	Href    string
	Lang    string
	Numeric bool
	Whole   bool // short: it keeps to one line
}

// FacetGroup is one field with its values and how many records have each.
type FacetGroup struct {
	ID    string
	Label string
	Items []FacetItem
}

// FacetItem is one value. Href puts the filter on, or takes it off when On.
type FacetItem struct {
	Label string
	Count string
	Href  string
	On    bool
}

// pageSize is how many rows a list shows.
const pageSize = 25

// shortCell is how many characters are not broken over lines: a date, a code.
const shortCell = 10

// facetSize is how many values of a field are shown beside a list.
const facetSize = 10

// cursorOf reads the place in a list: how many rows came before, and the
// registry's cursor.
func cursorOf(q url.Values) (before int64, cursor string) {
	n, cursor, ok := strings.Cut(q.Get("cursor"), "~")
	if !ok {
		return 0, ""
	}
	before, err := strconv.ParseInt(n, 10, 64)
	if err != nil || before < 0 {
		before = 0
	}
	return before, cursor
}

// pager words the place in a list of total rows.
func pager(p Page, before, shown, total int64, next string) Pager {
	out := Pager{Shown: i18n.T(p.Lang, "reg.shown", errs.A{"from": before + 1, "to": before + shown, "total": total})}
	if before > 0 {
		out.First = p.With("cursor", "")
	}
	if next != "" {
		out.Next = p.With("cursor", strconv.FormatInt(before+shown, 10)+"~"+next)
	}
	return out
}

// list is what differs from register to register while its page is made.
type list struct {
	*reading
	p    RegisterPage
	q    url.Values
	path string
}

func (s *Site) newList(r *http.Request, room string) (*list, error) {
	v, err := s.read(r)
	if err != nil {
		return nil, err
	}
	x := &list{reading: v, q: r.URL.Query(), path: "/" + room}
	x.p.Page = s.Page(r, v.say("reg."+room))
	x.p.Lead = v.say("reg." + room + ".lead")
	x.p.Filter = FilterBar{Action: x.path, Reset: x.path}
	if sort := x.q.Get("sort"); sort != "" {
		x.p.Filter.Keep = []Hidden{{"sort", sort}}
	}
	return x, nil
}

// text adds a search field.
func (x *list) text(name, key string) {
	value := x.q.Get(name)
	x.p.Filter.Fields = append(x.p.Filter.Fields, Field{Name: name, Label: x.say(key), Kind: "search", Value: value})
	x.chip(name, x.say(key), value, value)
}

// choice adds a select field with the counted values of a facet, and the facet
// beside the list. label words a value.
func (x *list) choice(name, key string, counts []registry.Facet, label func(string) string) {
	now := x.q.Get(name)
	f := Field{Name: name, Label: x.say(key), Kind: "select", Options: []Option{{Value: "", Label: x.say("reg.all")}}}
	g := FacetGroup{ID: "facet-" + name, Label: x.say(key)}
	seen := now == ""
	for _, c := range counts {
		if c.Value == "" {
			continue
		}
		on := c.Value == now
		seen = seen || on
		n := i18n.Integer(c.Count)
		f.Options = append(f.Options, Option{Value: c.Value, Label: label(c.Value) + " (" + n + ")", Selected: on})
		if on || len(g.Items) < facetSize {
			href := x.p.With(name, c.Value)
			if on {
				href = x.p.With(name, "")
			}
			g.Items = append(g.Items, FacetItem{label(c.Value), n, href, on})
		}
	}
	if !seen {
		f.Options = append(f.Options, Option{Value: now, Label: label(now) + " (0)", Selected: true})
	}
	x.p.Filter.Fields = append(x.p.Filter.Fields, f)
	if len(g.Items) > 0 {
		x.p.Facets = append(x.p.Facets, g)
	}
	x.chip(name, x.say(key), label(now), now)
}

func (x *list) chip(name, label, shown, value string) {
	if value != "" {
		x.p.Filter.Chips = append(x.p.Filter.Chips, Chip{label, shown, x.p.With(name, "")})
	}
}

// column adds a head; sort is the order it asks for, "" for none. order is the
// direction in which that order runs.
func (x *list) column(key string, numeric bool, sort registry.Sort, order string, standing bool) {
	c := Column{Label: x.say(key), Numeric: numeric}
	if sort != "" {
		c.Sort = x.p.With("sort", string(sort))
		if now := registry.Sort(x.q.Get("sort")); now == sort || now == "" && standing {
			c.Order = order
		}
	}
	x.p.Head.Columns = append(x.p.Head.Columns, c)
}

// row adds a record unless the reader may not see it. Cells are in the order of
// the columns after the first.
func (x *list) row(sourceID string, row RegisterRow) {
	if x.closed(sourceID) {
		x.left++
		return
	}
	for i := range row.Cells {
		row.Cells[i].Label = x.p.Head.Columns[i+1].Label
		row.Cells[i].Numeric = x.p.Head.Columns[i+1].Numeric
		row.Cells[i].Whole = utf8.RuneCountInString(row.Cells[i].Text) <= shortCell
	}
	x.p.Rows = append(x.p.Rows, row)
}

// named fills the names of a row.
func (x *list) named(href string, t i18n.Text) RegisterRow {
	row := RegisterRow{Href: href, Name: t.In(x.l), Lang: otherLang(x.l, t)}
	other := i18n.Text{ZH: t.EN, EN: t.ZH}.In(x.l)
	if other != row.Name {
		row.Also, row.AlsoLang = other, "en"
		if x.l == i18n.EN {
			row.AlsoLang = "zh-CN"
		}
	}
	return row
}

// finish sets count, pages, exports and what an empty list says.
func (x *list) finish(total int64, got int, next string) RegisterPage {
	before, _ := cursorOf(x.q)
	room := x.path[1:]
	x.p.Head.Caption, x.p.Head.Hidden = x.p.Title, true
	x.p.Filter.Count = x.say("reg."+room+".count", errs.A{"n": total})
	x.p.Pager = pager(x.p.Page, before, int64(got), total, next)
	if total > 0 {
		for _, f := range []string{"csv", "xlsx"} {
			x.p.Filter.Exports = append(x.p.Filter.Exports, Link{strings.ToUpper(f), exportPath(x.path, f, x.p.With())})
		}
	}
	if x.left > 0 {
		x.p.Note = x.say("reg.left_out", errs.A{"n": x.left})
	}
	if len(x.p.Filter.Chips) > 0 {
		x.p.Empty = State{Kind: "empty", Heading: x.say("reg.no_match"), Text: x.say("reg.no_match_text"), Action: Link{x.say("reg.no_match_act"), x.path}}
	} else {
		x.p.Empty = State{Kind: "empty", Heading: x.say("reg." + room + ".none"), Text: x.say("reg." + room + ".none_text")}
		if x.can("import") {
			x.p.Empty.Action = Link{x.say("reg.import"), "/import"}
		}
	}
	return x.p
}

// exportPath is the address of the same list as a file.
func exportPath(path, format, list string) string {
	_, query, _ := strings.Cut(list, "?")
	out := path + "." + format
	if query != "" {
		out += "?" + query
	}
	return out
}
