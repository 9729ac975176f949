package claims

import (
	"strings"
	"unicode"
)

var mostEN = map[string]bool{
	"largest": true, "biggest": true, "longest": true, "fastest": true, "highest": true, "deepest": true, "tallest": true, "smallest": true,
	"strongest": true, "brightest": true, "thinnest": true, "lightest": true, "earliest": true, "oldest": true, "newest": true, "widest": true,
	"best": true, "greatest": true, "richest": true, "busiest": true, "heaviest": true,
}

// superlativesEN reads the world's first, the only … in the country, the
// largest … in Europe, a world record.
func (x *passage) superlativesEN() []mark {
	var out []mark
	words := x.words()
	for k, w := range words {
		m := mark{start: w.start, end: w.end}
		switch {
		case w.text == "first" && x.at(w.end) != '-':
			m.kind = First
		case w.text == "only" && k > 0 && (words[k-1].text == "the" || words[k-1].text == "s" || words[k-1].text == "country"):
			m.kind = Only
		case mostEN[w.text], w.text == "most" && k+1 < len(words) && k > 0 && (words[k-1].text == "the" || words[k-1].text == "s"):
			m.kind = Most
		case w.text == "record" && k > 0 && (words[k-1].text == "world" || words[k-1].text == "national"):
			m.kind, m.start = Record, words[k-1].start
		default:
			continue
		}
		if k > 0 && x.at(w.start-1) == '-' {
			continue // second-largest is a rank
		}
		if x.scopeOfEN(&m) {
			head := strings.ToLower(x.sub(m.start-28, m.start))
			m.one = strings.Contains(head, "one of the ") || strings.Contains(head, "among the ")
			out = append(out, m)
		}
	}
	return out
}

// scopeOfEN looks for a possessive scope just before (the world's first), then
// for one behind, "in …", in the same clause.
func (x *passage) scopeOfEN(m *mark) bool {
	if m.kind == Record {
		s, ok := x.scopeEN(m.start, m.end)
		m.scope = s
		return ok
	}
	head := strings.TrimRight(x.sub(m.start-24, m.start), " ")
	if endsAny(head, "'s", "’s") {
		s, ok := x.scopeEN(m.start-24, m.start)
		m.scope = s
		return ok
	}
	_, end := x.clause(m.start)
	tail := strings.ToLower(x.sub(m.end, end))
	if s, ok := x.scopeEN(m.end, end); ok {
		word := strings.ToLower(s.word)
		if word == "country" && strings.Contains(tail, "nation") {
			word = "nation"
		}
		k := strings.Index(tail, word)
		lead := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(tail[:max(k, 0)]), "the"))
		if endsAny(lead, " in", " of", "in", " across") || strings.HasSuffix(s.word, "wide") || word == "globally" || s.word == "world" && strings.Contains(tail, "worldwide") {
			m.scope = s
			return true
		}
	}
	return m.kind == Most && strings.Contains(tail, "of its kind")
}

type wordAt struct {
	text       string
	start, end int
}

func (x *passage) words() []wordAt {
	var out []wordAt
	for i := 0; i < len(x.r); i++ {
		j := i
		for j < len(x.r) && x.r[j] < 0x250 && unicode.IsLetter(x.r[j]) {
			j++
		}
		if j > i {
			out = append(out, wordAt{strings.ToLower(string(x.r[i:j])), i, j})
			i = j
		}
	}
	return out
}

var rankLeads = []string{"ranked", "ranks", "rank", "placed", "came", "finished", "climbed to", "rose to", "fell to", "slipped to", "up from", "down from", "from", "in", "stood"}

func (x *passage) rankEN(n numeral, m mark) (mark, bool) {
	_, clauseEnd := x.clause(n.start)
	head := strings.ToLower(strings.TrimRight(x.sub(n.start-14, n.start), " "))
	tail := strings.ToLower(strings.TrimLeft(x.sub(n.end, min(n.end+24, len(x.r))), " "))
	text := strings.ToLower(x.sub(n.start, n.end))
	ok := false
	switch {
	case strings.HasPrefix(text, "top"): // "the top three cities" only names them
		ok = endsAny(strings.TrimSuffix(head, " the"), " in", " into", " entered", " enter", " reached", " joined", " within", " to", " its") && !hasAny(strings.ToLower(x.sub(n.start-28, n.start)), "no longer", "not ")
	case hasPrefixAny(text, "rank", "no", "number", "#"):
		ok = true
	case hasPrefixAny(tail, "place", "rank", "position", "in the world", "in the country", "worldwide", "globally", "nationally", "overall"),
		strings.HasPrefix(tail, "-") && hasPrefixAny(tail[1:], "largest", "biggest", "highest", "most", "ranked", "longest", "fastest", "best"),
		hasPrefixAny(tail, "largest", "biggest", "highest"), strings.HasPrefix(tail, "-") && mostEN[firstWord(tail[1:])]:
		ok = !strings.HasPrefix(tail, "place") || unicode.IsDigit(x.at(n.start)) || endsAny(head, append(rankLeads, "to", "took", "at", "its")...)
		if strings.HasPrefix(tail, "-") {
			_, m.end = x.wordEnd(n.end + 1)
		}
	case endsAny(head, rankLeads[:8]...):
		ok = true
	case endsAny(head, " from", " to"):
		ok = unicode.IsDigit(x.at(n.start)) && (endsAny(head, "up from", "down from", " to") || strings.HasPrefix(tail, "to "))
	}
	if !ok || endsAny(head, " not", "n't") {
		return m, false
	}
	if s, found := x.scopeEN(n.end, clauseEnd); found {
		m.scope = s
	} else if from, _ := x.clause(n.start); true {
		m.scope, _ = x.scopeEN(from, n.start)
	}
	return m, true
}

func firstWord(s string) string {
	end := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
	if end < 0 {
		return s
	}
	return s[:end]
}

func (x *passage) wordEnd(i int) (string, int) {
	j := i
	for j < len(x.r) && unicode.IsLetter(x.r[j]) {
		j++
	}
	return x.sub(i, j), j
}

func hasPrefixAny(s string, words ...string) bool {
	for _, w := range words {
		if strings.HasPrefix(s, w) {
			return true
		}
	}
	return false
}
