package registry

import (
	"math"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry/identifier"
)

// fieldNames are what the fields are called to people, by JSON name.
var fieldNames = map[string]i18n.Text{
	"id":          {ZH: "编号", EN: "id"},
	"key":         {ZH: "键", EN: "key"},
	"kind":        {ZH: "类型", EN: "kind"},
	"class":       {ZH: "类别", EN: "class"},
	"names":       {ZH: "名称", EN: "names"},
	"name":        {ZH: "名称", EN: "name"},
	"title":       {ZH: "题名", EN: "title"},
	"status":      {ZH: "状态", EN: "status"},
	"established": {ZH: "成立日期", EN: "established"},
	"closed":      {ZH: "终止日期", EN: "closed"},
	"valid_from":  {ZH: "起始日期", EN: "valid from"},
	"valid_to":    {ZH: "终止日期", EN: "valid to"},
	"country":     {ZH: "国家或地区", EN: "country"},
	"division":    {ZH: "行政区划代码", EN: "division"},
	"parent":      {ZH: "上级区划代码", EN: "parent division"},
	"code":        {ZH: "区划代码", EN: "code"},
	"level":       {ZH: "级别", EN: "level"},
	"lat":         {ZH: "纬度", EN: "latitude"},
	"lon":         {ZH: "经度", EN: "longitude"},
	"website":     {ZH: "网址", EN: "website"},
	"source_id":   {ZH: "来源", EN: "source"},
	"share":       {ZH: "份额", EN: "share"},
	"from":        {ZH: "关系的起点", EN: "from"},
	"to":          {ZH: "关系的终点", EN: "to"},
	"lang":        {ZH: "语言", EN: "language"},
	"year":        {ZH: "年份", EN: "year"},
	"month":       {ZH: "月份", EN: "month"},
	"raw":         {ZH: "署名单位", EN: "affiliation"},
	"method":      {ZH: "归一方式", EN: "method of resolution"},
	"score":       {ZH: "归一得分", EN: "score of resolution"},
}

func called(field string) i18n.Text {
	if t, ok := fieldNames[field]; ok {
		return t
	}
	return i18n.Text{ZH: field, EN: field}
}

func required(field string) *errs.Error {
	return errs.New(errs.Invalid, "registry.required", errs.A{"field": called(field)}).At("/" + field)
}

// faults collects what is wrong with a record.
type faults struct{ list errs.List }

func (f *faults) add(e *errs.Error) {
	if e != nil {
		f.list = append(f.list, e)
	}
}

func (f *faults) required(field, value string) {
	if value == "" {
		f.add(required(field))
	}
}

// oneOf faults a value outside the allowed words.
func oneOf[S ~string](f *faults, field string, value S, allowed []S) {
	if slices.Contains(allowed, value) {
		return
	}
	words := make([]string, len(allowed))
	for i, a := range allowed {
		words[i] = string(a)
	}
	f.add(errs.New(errs.Invalid, "registry.word", errs.A{"field": called(field), "value": clip(string(value)), "allowed": strings.Join(words, ", ")}).At("/" + field))
}

var dayForm = regexp.MustCompile(`^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$`)

// day faults what is no ISO date, month or year; "" is unknown and right.
func (f *faults) day(field, value string) {
	if value == "" {
		return
	}
	if dayForm.MatchString(value) {
		if _, err := time.Parse("2006-01-02"[:len(value)], value); err == nil {
			return
		}
	}
	f.add(errs.New(errs.Invalid, "registry.day", errs.A{"field": called(field), "value": clip(value)}).At("/" + field))
}

// span faults two days, and an end before the start.
func (f *faults) span(fromField, from, toField, to string) {
	f.day(fromField, from)
	f.day(toField, to)
	n := min(len(from), len(to))
	if from != "" && to != "" && to[:n] < from[:n] {
		f.add(errs.New(errs.Invalid, "registry.span", errs.A{"from": from, "to": to}).At("/" + toField))
	}
}

func (f *faults) form(field, value string, re *regexp.Regexp, example string) {
	if value != "" && !re.MatchString(value) {
		f.add(errs.New(errs.Invalid, "registry.form", errs.A{"field": called(field), "value": clip(value), "example": example}).At("/" + field))
	}
}

var (
	countryForm  = regexp.MustCompile(`^[A-Z]{2}$`)
	divisionForm = regexp.MustCompile(`^[0-9]{6}$`)
	langForm     = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$`)
)

func (f *faults) website(value string) {
	if value == "" {
		return
	}
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || len(value) > 2000 {
		f.add(errs.New(errs.Invalid, "registry.website", errs.A{"value": clip(value)}).At("/website"))
	}
}

func (f *faults) degrees(field string, value *float64, limit float64) {
	if value != nil && !(math.Abs(*value) <= limit) {
		f.add(errs.New(errs.Invalid, "registry.degrees", errs.A{"field": called(field), "value": *value, "limit": limit}).At("/" + field))
	}
}

// names faults each name, and a list without one.
func (f *faults) names(list []Name) {
	if len(list) == 0 {
		f.add(required("names"))
	}
	for _, n := range list {
		if e := n.validate(); e != nil {
			f.add(e.At("/names"))
		}
		f.form("lang", n.Lang, langForm, "zh-CN")
		f.span("valid_from", n.From, "valid_to", n.To)
	}
}

// tidyNames trims the names, drops those that repeat an earlier one, and those
// that a merged record brought.
func tidyNames(list []Name) []Name {
	var out []Name
	for _, n := range list {
		if n.Origin != "" {
			continue
		}
		n.Text = strings.TrimSpace(n.Text)
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// identifiers returns the identifiers in their kept form, each once.
func (f *faults) identifiers(list []Identifier) []Identifier {
	var out []Identifier
	for _, id := range list {
		if id.Origin != "" {
			continue
		}
		value, err := identifier.Parse(id.Scheme, id.Value)
		if err != nil {
			f.add(errs.Of(err).At("/identifiers"))
			continue
		}
		id.Value = value
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// clip shortens what an error repeats of its input, and leaves out what is no
// text.
func clip(s string) string {
	const most = 60
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
