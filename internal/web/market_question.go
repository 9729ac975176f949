package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/money"
)

// A form of the market is a list of questions, and what stands in it is
// url.Values: the same text is shown again, kept as a draft, laid beside what
// somebody else has saved, or read into a record. Nothing typed is lost on the
// way, right or wrong.

// question is one question of a form, or one that is asked row by row.
type question struct {
	name     string
	label    string
	kind     string // as Field.Kind; "rows" for columns
	hint     string
	optional bool
	options  []Option
	columns  []question // of rows; their fields are called name-N-column
	faults   []string   // places of errors that belong here, beside name
	size     int        // lines of an area
	find     string     // word of a button beside the field, "" for none
}

// chapter is a part of a form with a heading.
type chapter struct {
	id, title string
	questions []question
}

// FormChapter is a chapter as it is shown.
type FormChapter struct {
	ID    string
	Title string
	Items []FormItem
}

// FormItem is one question: a field, or rows of them.
type FormItem struct {
	Field Field
	Rows  *FieldRows
	Find  string // word of a button that looks the value up
}

// mostRows bounds the rows that are read of one question.
const mostRows = 60

// shown are the chapters with what stands in them. blanks is how many empty
// rows follow those that are filled.
func shown(chapters []chapter, values url.Values, blanks int, say func(string, ...errs.A) string) []FormChapter {
	out := make([]FormChapter, len(chapters))
	for i, c := range chapters {
		out[i] = FormChapter{ID: c.id, Title: c.title}
		for j := range c.questions {
			out[i].Items = append(out[i].Items, c.questions[j].shown(values, blanks, say))
		}
	}
	return out
}

func (q *question) shown(values url.Values, blanks int, say func(string, ...errs.A) string) FormItem {
	if q.kind == "rows" {
		return FormItem{Rows: q.shownRows(values, blanks, say)}
	}
	return FormItem{Field: q.field(q.name, values), Find: q.find}
}

func (q *question) field(name string, values url.Values) Field {
	f := Field{Name: name, Label: q.label, Kind: q.kind, Hint: q.hint, Optional: q.optional, Value: values.Get(name), Rows: q.size}
	for _, o := range q.options {
		o.Selected = slices.Contains(values[name], o.Value) || o.Value == "" && values.Get(name) == ""
		f.Options = append(f.Options, o)
	}
	if q.kind == "select" && f.Value != "" && !slices.ContainsFunc(q.options, func(o Option) bool { return o.Value == f.Value }) {
		f.Options = append(f.Options, Option{Value: f.Value, Label: f.Value, Selected: true})
	}
	return f
}

func (q *question) shownRows(values url.Values, blanks int, say func(string, ...errs.A) string) *FieldRows {
	out := &FieldRows{Name: q.name, Legend: q.label, Hint: q.hint}
	for n := range min(q.filled(values)+blanks, mostRows) {
		row := FieldRow{Legend: say("market.row_n", errs.A{"what": q.label, "n": n + 1})}
		for i := range q.columns {
			row.Fields = append(row.Fields, q.columns[i].field(q.at(n, q.columns[i].name), values))
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

func (q *question) at(n int, column string) string {
	return q.name + "-" + strconv.Itoa(n) + "-" + column
}

// filled is how many rows there are up to the last one with something in it.
func (q *question) filled(values url.Values) int {
	for n := mostRows; n > 0; n-- {
		for i := range q.columns {
			if c := &q.columns[i]; strings.TrimSpace(values.Get(q.at(n-1, c.name))) != "" && c.kind != "select" || c.kind == "select" && values.Get(q.at(n-1, c.name)) != "" {
				return n
			}
		}
	}
	return 0
}

// text is what stands in a question, for people: words of choices, one line for
// each row.
func (q *question) text(values url.Values, comma string) string {
	if q.kind == "rows" {
		var lines []string
		for n := range q.filled(values) {
			var parts []string
			for i := range q.columns {
				if t := q.columns[i].worded(values[q.at(n, q.columns[i].name)], comma); t != "" {
					parts = append(parts, t)
				}
			}
			if len(parts) > 0 {
				lines = append(lines, strings.Join(parts, " · "))
			}
		}
		return strings.Join(lines, "\n")
	}
	return q.worded(values[q.name], comma)
}

func (q *question) worded(values []string, comma string) string {
	var out []string
	for _, v := range values {
		if v = strings.TrimSpace(v); v == "" {
			continue
		}
		for _, o := range q.options {
			if o.Value == v {
				v = o.Label
			}
		}
		out = append(out, v)
	}
	return strings.Join(out, comma)
}

// taken copies what stands in a question from one form into another.
func (q *question) taken(to, from url.Values) {
	for name := range to {
		if name == q.name || q.kind == "rows" && strings.HasPrefix(name, q.name+"-") {
			delete(to, name)
		}
	}
	for name, v := range from {
		if name == q.name || q.kind == "rows" && strings.HasPrefix(name, q.name+"-") {
			to[name] = v
		}
	}
}

// hold reports whether an error at a place of the record belongs to the
// question.
func (q *question) holds(place string) bool {
	return q.name == place || slices.Contains(q.faults, place)
}

// placed puts errors at their questions and returns the summary, those of no
// question first.
func placed(l i18n.Lang, chapters []chapter, out []FormChapter, list errs.List) []FieldError {
	var whole, at []FieldError
	for _, e := range list {
		text, found := i18n.T(l, e.Key, e.Args), false
		for i := range chapters {
			for j := range chapters[i].questions {
				if found || !chapters[i].questions[j].holds(fieldName(e.Field)) {
					continue
				}
				found = true
				at = append(at, FieldError{chapters[i].questions[j].name, text})
				out[i].Items[j].wrong(text)
			}
		}
		if !found {
			whole = append(whole, FieldError{"", text})
		}
	}
	return append(whole, at...)
}

func (i *FormItem) wrong(text string) {
	to := &i.Field.Error
	if i.Rows != nil {
		to = &i.Rows.Error
	}
	*to = strings.TrimSpace(*to + "\n" + text)
}

// answers reads a form into a record, and collects what it could not read.
type answers struct {
	values url.Values
	ask    []chapter
	faults errs.List
}

func (a *answers) text(name string) string { return strings.TrimSpace(a.values.Get(name)) }

func (a *answers) both(name string) i18n.Text {
	return i18n.Text{ZH: a.text(name + "_zh"), EN: a.text(name + "_en")}
}

// several reads values that stand in one field, apart by commas or line ends.
func (a *answers) several(name string) []string {
	var out []string
	for _, v := range strings.FieldsFunc(a.values.Get(name), func(r rune) bool { return strings.ContainsRune(",，、;；|\n\r", r) }) {
		if v = strings.TrimSpace(v); v != "" {
			out = append(out, v)
		}
	}
	return out
}

// wan reads an amount in 万元.
func (a *answers) wan(name string) *money.Fen {
	text := a.text(name)
	if text == "" {
		return nil
	}
	f, err := parseWan(text)
	if err != nil {
		a.fault(name, "market.bad_wan", errs.A{"field": a.label(name), "value": shorten(text, 40)})
		return nil
	}
	return &f
}

func (a *answers) number(name string) int {
	text := a.text(name)
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		a.fault(name, "market.bad_number", errs.A{"field": a.label(name), "value": shorten(text, 40)})
	}
	return n
}

func (a *answers) fault(name, key string, args errs.A) {
	a.faults = append(a.faults, errs.New(errs.Invalid, key, args).At("/"+name))
}

func (a *answers) label(name string) string {
	for _, c := range a.ask {
		for i := range c.questions {
			if c.questions[i].name == name {
				return c.questions[i].label
			}
		}
	}
	return name
}

// rows reads the rows of a question that have something in them.
func (a *answers) rows(name string, columns ...string) []map[string]string {
	var out []map[string]string
	for n := range mostRows {
		row, some := map[string]string{}, false
		for _, c := range columns {
			row[c] = a.text(name + "-" + strconv.Itoa(n) + "-" + c)
			some = some || row[c] != ""
		}
		if some {
			out = append(out, row)
		}
	}
	return out
}

// picked are the values of a question with several answers.
func picked[S ~string](a *answers, name string) []S {
	var out []S
	for _, v := range a.values[name] {
		if v = strings.TrimSpace(v); v != "" {
			out = append(out, S(v))
		}
	}
	return out
}

// parseWan reads an amount in 万元 with at most six decimals, which is a fen.
func parseWan(s string) (money.Fen, error) {
	s = strings.TrimSpace(strings.NewReplacer(",", "", "，", "", " ", "").Replace(s))
	s = strings.TrimSuffix(strings.TrimSuffix(s, "元"), "万")
	digits, negative := strings.CutPrefix(s, "-")
	whole, frac, _ := strings.Cut(digits, ".")
	bad := errs.New(errs.Invalid, "money.bad_amount", errs.A{"text": s})
	if whole == "" || len(frac) > 6 || strings.Trim(whole+frac, "0123456789") != "" {
		return 0, bad
	}
	n, err := strconv.ParseInt(whole+(frac + "000000")[:6], 10, 64)
	if err != nil {
		return 0, bad
	}
	if negative {
		n = -n
	}
	return money.Fen(n), nil
}

// wanText writes an amount in 万元 with all its digits, "" for unknown.
func wanText(f *money.Fen) string {
	if f == nil {
		return ""
	}
	sign, u := "", uint64(*f)
	if *f < 0 {
		sign, u = "-", -u
	}
	frac := strings.TrimRight((strconv.FormatUint(u%1_000_000+1_000_000, 10))[1:], "0")
	if frac != "" {
		frac = "." + frac
	}
	return sign + strconv.FormatUint(u/1_000_000, 10) + frac
}

// filled values of a form, written one by one.
type formValues url.Values

func (v formValues) set(name, value string) {
	if value != "" {
		url.Values(v).Set(name, value)
	}
}

func (v formValues) both(name string, t i18n.Text) {
	v.set(name+"_zh", t.ZH)
	v.set(name+"_en", t.EN)
}

func (v formValues) row(name string, n int, column, value string) {
	v.set(name+"-"+strconv.Itoa(n)+"-"+column, value)
}

func setAll[S ~string](v formValues, name string, values []S) {
	for _, x := range values {
		url.Values(v).Add(name, string(x))
	}
}
