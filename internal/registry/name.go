package registry

import (
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/i18n"
)

// NameKind says what sort of name a name is.
type NameKind string

// The kinds of names, in the order in which one is chosen for display.
const (
	Official NameKind = "official" // as registered or as it calls itself
	Label    NameKind = "label"    // an official name in a further language
	Alias    NameKind = "alias"
	Short    NameKind = "short"
	Former   NameKind = "former"
	Acronym  NameKind = "acronym"
)

var nameRank = map[NameKind]int{Official: 0, Label: 1, Alias: 2, Short: 3, Former: 4, Acronym: 5}

// Name is one name of a record. From and To are days as in Relation.
type Name struct {
	Text   string   `json:"text"`
	Lang   string   `json:"lang,omitempty"` // BCP 47, "" when unknown
	Kind   NameKind `json:"kind"`
	From   string   `json:"from,omitempty"`
	To     string   `json:"to,omitempty"`
	Origin string   `json:"origin,omitempty"` // id of the merged organisation that brought it; output only
}

// maxName is the longest name in bytes that is kept.
const maxName = 1000

func (n Name) validate() *errs.Error {
	key := fold.Name(n.Text)
	switch {
	case key == "":
		return errs.New(errs.Invalid, "registry.name_empty", errs.A{"text": clip(n.Text)})
	case len(n.Text) > maxName || len(key) > maxName:
		return errs.New(errs.Invalid, "registry.name_long", errs.A{"limit": maxName})
	}
	if _, ok := nameRank[n.Kind]; !ok {
		return errs.New(errs.Invalid, "registry.name_kind", errs.A{"kind": clip(string(n.Kind)), "name": clip(n.Text)})
	}
	return nil
}

// display chooses the names to show: the Chinese one, and the English one or,
// failing that, one in any other language. A name in use goes before a former
// one, then the order of the kinds, then the order of the list decides.
func display(names []Name) i18n.Text {
	var t i18n.Text
	best := [3]int{100, 100, 100} // Chinese, English, any other
	var other string
	for _, n := range names {
		rank := nameRank[n.Kind]
		if n.To != "" {
			rank += 10
		}
		slot, to := 2, &other
		switch l := tongue(n); l {
		case "zh":
			slot, to = 0, &t.ZH
		case "en":
			slot, to = 1, &t.EN
		}
		if rank < best[slot] {
			best[slot], *to = rank, n.Text
		}
	}
	if t.EN == "" {
		t.EN = other
	}
	return t
}

// tongue is the primary language of a name; a name without one that is written
// in Chinese characters counts as Chinese, in ASCII as English.
func tongue(n Name) string {
	if n.Lang != "" {
		primary, _, _ := strings.Cut(strings.ToLower(n.Lang), "-")
		return primary
	}
	if strings.ContainsFunc(n.Text, fold.Unspaced) {
		return "zh"
	}
	return "en"
}

// orderKey is fold.SortKey written with 0-9 and a-z only, in the same order: a
// PostgreSQL collation may skip blanks and symbols, but none reorders these.
func orderKey(s string) string {
	key := fold.SortKey(s)
	var b strings.Builder
	for i := 0; i < len(key) && b.Len() < 160; i++ {
		switch c := key[i]; c {
		case ' ':
			b.WriteString("00")
		case '0':
			b.WriteString("01")
		case 'z':
			b.WriteString("zy")
		case '~':
			b.WriteString("zz")
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
