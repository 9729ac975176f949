package registry

import (
	"strings"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// Level is the level of an administrative division.
type Level string

// The levels of GB/T 2260.
const (
	Province Level = "province"
	City     Level = "city"
	District Level = "district" // every county-level unit
)

// Division is an administrative division while one code and name stood for it.
// A code that was retired keeps its row; a code that changed its name or parent
// has several. ValidFrom is included, ValidTo is not; "" is unknown or open.
type Division struct {
	ID        string    `json:"id"`   // the code, with @ValidFrom when that is known
	Code      string    `json:"code"` // GB/T 2260, six digits
	Name      i18n.Text `json:"name"`
	Level     Level     `json:"level"`
	Parent    string    `json:"parent,omitempty"` // code, "" for a province
	ValidFrom string    `json:"valid_from,omitempty"`
	ValidTo   string    `json:"valid_to,omitempty"`
	Note      string    `json:"note,omitempty"`
	SourceID  string    `json:"source_id"`
	BatchID   string    `json:"batch_id,omitempty"`
	Version   int64     `json:"version"`
	CreatedAt db.Time   `json:"created_at"`
	UpdatedAt db.Time   `json:"updated_at"`
}

func (d *Division) meta() meta {
	return meta{&d.ID, &d.SourceID, &d.BatchID, &d.Version, &d.CreatedAt, &d.UpdatedAt}
}

func (d *Division) prepare() errs.List {
	var f faults
	d.ID = d.Code
	if d.ValidFrom != "" {
		d.ID += "@" + d.ValidFrom
	}
	f.required("code", d.Code)
	f.form("code", d.Code, divisionForm, "440106")
	f.form("parent", d.Parent, divisionForm, "440100")
	if d.Name.IsZero() {
		f.add(required("name"))
	}
	if d.Parent == d.Code && d.Code != "" {
		f.add(errs.New(errs.Invalid, "registry.relation_self", errs.A{"id": d.Code}).At("/parent"))
	}
	oneOf(&f, "level", d.Level, []Level{Province, City, District})
	f.span("valid_from", d.ValidFrom, "valid_to", d.ValidTo)
	f.required("source_id", d.SourceID)
	return f.list
}

// area is what all codes below a division start with: "44" of 440000, "4401" of
// 440100, the whole code of a district.
func area(code string) string {
	for len(code) > 2 && len(code)%2 == 0 && code[len(code)-2:] == "00" {
		code = code[:len(code)-2]
	}
	return code
}

// shortDivision drops the word for the kind of division from a Chinese name of
// three characters or more (广州市 → 广州); two characters are a name whole.
func shortDivision(name string) string {
	if utf8.RuneCountInString(name) < 3 {
		return ""
	}
	for _, kind := range []string{"特别行政区", "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "省", "市", "地区", "盟", "新区", "区", "县"} {
		if short, ok := strings.CutSuffix(name, kind); ok && utf8.RuneCountInString(short) > 1 {
			return short
		}
	}
	return ""
}
