package registry

import (
	"cmp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/i18n"
)

// TestOrderKeyKeepsTheOrder holds that writing a sort key in letters and digits
// does not change which of two names comes first.
func TestOrderKeyKeepsTheOrder(t *testing.T) {
	names := []string{"", "0", "00", "1", "10", "a", "a b", "ab", "a0", "z", "zz", "z z", "zebra", "中", "中山", "中山大学", "中 a", "Ångström", "алфавит", "a中", "z中", "0中"}
	for _, a := range names {
		if strings.Trim(orderKey(a), "0123456789abcdefghijklmnopqrstuvwxyz") != "" {
			t.Errorf("%q: key %q has other characters", a, orderKey(a))
		}
		for _, b := range names {
			if cmp.Compare(orderKey(a), orderKey(b)) != cmp.Compare(fold.SortKey(a), fold.SortKey(b)) {
				t.Errorf("%q and %q change places", a, b)
			}
		}
	}
}

func FuzzCursor(f *testing.F) {
	f.Add(cursor{"order_zh", "abc", "org-1"}.encode(), "order_zh")
	f.Add("e30", "order_zh")
	f.Add("!!", "")
	f.Fuzz(func(t *testing.T, text, column string) {
		c, err := decodeCursor(text, order{column: column})
		if err != nil {
			if errs.KindOf(err) != errs.Invalid {
				t.Errorf("%v", err)
			}
			return
		}
		if again, err := decodeCursor(c.encode(), order{column: column}); err != nil || again != c {
			t.Errorf("%+v became %+v, %v", c, again, err)
		}
	})
}

func FuzzOrgPrepare(f *testing.F) {
	f.Add("中山大学", "zh", "https://ror.org/0064kty71", "1924-11-11", "https://www.sysu.edu.cn/")
	f.Add("", "", "", "2024-02-30", "javascript:alert(1)")
	f.Fuzz(func(t *testing.T, name, lang, ror, day, site string) {
		o := Org{Kind: University, Names: []Name{{Text: name, Lang: lang, Kind: Official}}, Identifiers: []Identifier{{Scheme: "ror", Value: ror}}, Established: day, Website: site, SourceID: "s"}
		faults := prepare(&o)
		for _, e := range faults {
			if text := i18n.T(i18n.EN, e.Key, e.Args); text == e.Key || !utf8.ValidString(text) {
				t.Errorf("%s: %q", e.Key, text)
			}
		}
		if len(faults) > 0 {
			return
		}
		again := o
		if more := prepare(&again); len(more) > 0 || !same(o, again) {
			t.Errorf("prepared twice: %+v became %+v, %v", o, again, more)
		}
	})
}
