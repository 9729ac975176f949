package search

import "strings"

// stem returns the stem of a folded English word by Porter's second algorithm
// (M. F. Porter, "The English (Porter2) stemming algorithm", Snowball, 2002).
// Words with anything but the letters a to z, or of two letters, stay as they
// are.
func stem(word string) string {
	if len(word) <= 2 || !letters(word) {
		return word
	}
	if s, ok := stemExceptions[word]; ok {
		return s
	}
	w := stemmer{b: []byte(word)}
	w.markY()
	w.regions()
	w.step1a()
	if !stemKept[string(w.b)] {
		w.step1b()
		w.step1c()
		w.step2()
		w.step3()
		w.step4()
		w.step5()
	}
	return strings.ToLower(string(w.b))
}

func letters(w string) bool {
	for i := range len(w) {
		if w[i] < 'a' || w[i] > 'z' {
			return false
		}
	}
	return true
}

var stemExceptions = map[string]string{
	"skis": "ski", "skies": "sky", "dying": "die", "lying": "lie", "tying": "tie", "idly": "idl", "gently": "gentl",
	"ugly": "ugli", "early": "earli", "only": "onli", "singly": "singl",
	"sky": "sky", "news": "news", "howe": "howe", "atlas": "atlas", "cosmos": "cosmos", "bias": "bias", "andes": "andes",
}

// stemKept are left alone after the first step.
var stemKept = setOf(strings.Fields("inning outing canning herring earring proceed exceed succeed"))

// stemmer holds a word at work; a y that is a consonant is written Y.
type stemmer struct {
	b      []byte
	r1, r2 int
}

func (w *stemmer) markY() {
	for i, c := range w.b {
		if c == 'y' && (i == 0 || vowel(w.b[i-1])) {
			w.b[i] = 'Y'
		}
	}
}

func vowel(c byte) bool {
	switch c {
	case 'a', 'e', 'i', 'o', 'u', 'y':
		return true
	}
	return false
}

// regions finds R1 and R2: what follows the first consonant after a vowel, and
// the same within R1.
func (w *stemmer) regions() {
	w.r1 = w.after(0)
	for _, p := range []string{"gener", "commun", "arsen"} {
		if strings.HasPrefix(string(w.b), p) {
			w.r1 = len(p)
		}
	}
	w.r2 = w.after(w.r1)
}

func (w *stemmer) after(from int) int {
	for i := from + 1; i < len(w.b); i++ {
		if !vowel(w.b[i]) && vowel(w.b[i-1]) {
			return i + 1
		}
	}
	return len(w.b)
}

func (w *stemmer) ends(suffix string) bool {
	return len(w.b) >= len(suffix) && string(w.b[len(w.b)-len(suffix):]) == suffix
}

// replace puts to in place of the last n letters.
func (w *stemmer) replace(n int, to string) { w.b = append(w.b[:len(w.b)-n], to...) }

func (w *stemmer) hasVowel(end int) bool {
	for _, c := range w.b[:max(end, 0)] {
		if vowel(c) {
			return true
		}
	}
	return false
}

// short reports whether b[:n] ends in a short syllable.
func (w *stemmer) short(n int) bool {
	switch {
	case n == 2:
		return vowel(w.b[0]) && !vowel(w.b[1])
	case n < 3:
		return false
	}
	c := w.b[n-1]
	return !vowel(c) && c != 'w' && c != 'x' && c != 'Y' && vowel(w.b[n-2]) && !vowel(w.b[n-3])
}

func (w *stemmer) step1a() {
	n := len(w.b)
	switch {
	case w.ends("sses"):
		w.replace(2, "")
	case w.ends("ied"), w.ends("ies"):
		if n > 4 {
			w.replace(2, "")
		} else {
			w.replace(1, "")
		}
	case w.ends("us"), w.ends("ss"):
	case w.ends("s") && w.hasVowel(n-2):
		w.replace(1, "")
	}
}

func (w *stemmer) step1b() {
	for _, s := range []string{"eedly", "eed"} {
		if w.ends(s) {
			if len(w.b)-len(s) >= w.r1 {
				w.replace(len(s), "ee")
			}
			return
		}
	}
	for _, s := range []string{"ingly", "edly", "ing", "ed"} {
		if w.ends(s) {
			if w.hasVowel(len(w.b) - len(s)) {
				w.replace(len(s), "")
				w.restoreE()
			}
			return
		}
	}
}

func (w *stemmer) restoreE() {
	n := len(w.b)
	switch {
	case w.ends("at"), w.ends("bl"), w.ends("iz"):
		w.replace(0, "e")
	case n > 1 && w.b[n-1] == w.b[n-2] && strings.IndexByte("bdfgmnprt", w.b[n-1]) >= 0:
		w.replace(1, "")
	case w.r1 >= n && w.short(n):
		w.replace(0, "e")
	}
}

func (w *stemmer) step1c() {
	n := len(w.b)
	if n > 2 && (w.b[n-1] == 'y' || w.b[n-1] == 'Y') && !vowel(w.b[n-2]) {
		w.b[n-1] = 'i'
	}
}

type suffixRule struct{ suffix, to string }

// The longest suffix of a step is tried first, and no other after it.
var (
	step2Rules = []suffixRule{
		{"ization", "ize"}, {"ational", "ate"}, {"fulness", "ful"}, {"ousness", "ous"}, {"iveness", "ive"}, {"tional", "tion"},
		{"biliti", "ble"}, {"lessli", "less"}, {"entli", "ent"}, {"ation", "ate"}, {"alism", "al"}, {"aliti", "al"}, {"ousli", "ous"},
		{"iviti", "ive"}, {"fulli", "ful"}, {"enci", "ence"}, {"anci", "ance"}, {"abli", "able"}, {"izer", "ize"}, {"ator", "ate"},
		{"alli", "al"}, {"bli", "ble"}, {"ogi", "og"}, {"li", ""},
	}
	step3Rules = []suffixRule{
		{"ational", "ate"}, {"tional", "tion"}, {"alize", "al"}, {"icate", "ic"}, {"iciti", "ic"}, {"ative", ""}, {"ical", "ic"},
		{"ness", ""}, {"ful", ""},
	}
	step4Rules = []suffixRule{
		{"ement", ""}, {"ance", ""}, {"ence", ""}, {"able", ""}, {"ible", ""}, {"ment", ""}, {"ant", ""}, {"ent", ""}, {"ism", ""},
		{"ate", ""}, {"iti", ""}, {"ous", ""}, {"ive", ""}, {"ize", ""}, {"ion", ""}, {"al", ""}, {"er", ""}, {"ic", ""},
	}
)

// apply finds the rule of a step, and uses it when its suffix lies in the
// region and what stands before allows it.
func (w *stemmer) apply(rules []suffixRule, region int, allows func(suffix string, before byte) bool) {
	for _, r := range rules {
		if !w.ends(r.suffix) {
			continue
		}
		at := len(w.b) - len(r.suffix)
		if at >= region && allows(r.suffix, before(w.b, at)) {
			w.replace(len(r.suffix), r.to)
		}
		return
	}
}

func before(b []byte, at int) byte {
	if at == 0 {
		return 0
	}
	return b[at-1]
}

func (w *stemmer) step2() {
	w.apply(step2Rules, w.r1, func(s string, c byte) bool {
		switch s {
		case "ogi":
			return c == 'l'
		case "li":
			return strings.IndexByte("cdeghkmnrt", c) >= 0
		}
		return true
	})
}

func (w *stemmer) step3() {
	w.apply(step3Rules, w.r1, func(s string, _ byte) bool { return s != "ative" || len(w.b)-len(s) >= w.r2 })
}

func (w *stemmer) step4() {
	w.apply(step4Rules, w.r2, func(s string, c byte) bool { return s != "ion" || c == 's' || c == 't' })
}

func (w *stemmer) step5() {
	n := len(w.b)
	switch {
	case w.ends("e") && (n-1 >= w.r2 || n-1 >= w.r1 && !w.short(n-1)):
		w.replace(1, "")
	case w.ends("ll") && n-1 >= w.r2:
		w.replace(1, "")
	}
}
