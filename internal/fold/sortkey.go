package fold

import (
	"encoding/hex"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// sortedRunes bounds a sort key; names that agree so far are ordered by id.
const sortedRunes = 48

// collator orders Chinese by pinyin, as readers expect of a register (Unicode
// CLDR, "zh", pinyin tailoring); Loose compares letters only.
type collator struct {
	c   *collate.Collator
	buf collate.Buffer
}

var collators = sync.Pool{New: func() any {
	return &collator{c: collate.New(language.MustParse("zh-u-co-pinyin"), collate.Loose)}
}}

// SortKey returns a key of ASCII characters whose byte order is the order in
// which names are listed: digits, Latin words, then other scripts, Chinese by
// pinyin. Runs outside ASCII are written as ~ and the hexadecimal collation
// weights of CLDR as in the pinned golang.org/x/text; stored keys are rebuilt
// when that table changes. Only the first 48 runes of the folded name count.
func SortKey(s string) string {
	key := Name(s)
	var b strings.Builder
	for seen := 0; key != "" && seen < sortedRunes; {
		n, runes, ascii := sortRun(key, sortedRunes-seen)
		if ascii {
			b.WriteString(key[:n])
		} else {
			writeWeights(&b, key[:n])
		}
		key, seen = key[n:], seen+runes
	}
	return b.String()
}

// sortRun returns the length of the first run of ASCII or other runes.
func sortRun(key string, limit int) (n, runes int, ascii bool) {
	ascii = key[0] < utf8.RuneSelf
	for n < len(key) && runes < limit && (key[n] < utf8.RuneSelf) == ascii {
		_, size := utf8.DecodeRuneInString(key[n:])
		n, runes = n+size, runes+1
	}
	return n, runes, ascii
}

func writeWeights(b *strings.Builder, run string) {
	c := collators.Get().(*collator)
	defer collators.Put(c)
	c.buf.Reset()
	b.WriteByte('~')
	b.WriteString(hex.EncodeToString(c.c.KeyFromString(&c.buf, run)))
	b.WriteByte(' ')
}
