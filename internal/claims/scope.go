package claims

import (
	"strings"
	"unicode"
)

// scopeWord is a word that says over what a superlative or rank holds.
type scopeWord struct {
	word  string
	level Level
}

// scopesZH are tried from the longest; a province or city by name is found by
// its suffix.
var scopesZH = []scopeWord{
	{"粤港澳大湾区", Region}, {"京津冀", Region}, {"长三角", Region}, {"珠三角", Region}, {"大湾区", Region}, {"东南亚", Region}, {"亚太", Region},
	{"全世界", World}, {"全球", World}, {"世界", World}, {"国际", World}, {"全人类", World},
	{"亚洲", Region}, {"欧洲", Region}, {"非洲", Region}, {"北美", Region}, {"拉美", Region}, {"华南", Region}, {"华东", Region}, {"华北", Region},
	{"华中", Region}, {"西南", Region}, {"西北", Region}, {"东北", Region}, {"西部", Region}, {"中部", Region}, {"东部", Region},
	{"全国", Country}, {"国内", Country}, {"我国", Country}, {"中国", Country}, {"全省", Province}, {"省内", Province}, {"全区", Province},
	{"全市", City}, {"市内", City}, {"行业内", Sector}, {"业内", Sector}, {"业界", Sector}, {"行业", Sector}, {"同类", Sector},
}

// notScope are words that begin like a scope and are not one.
var notScope = []string{"国际化", "国际合作", "世界级", "世界杯", "中国式", "行业内全球", "全国性", "国际科技", "国际性"}

var scopesEN = []scopeWord{
	{"worldwide", World}, {"globally", World}, {"world", World}, {"global", World}, {"globe", World},
	{"nationwide", Country}, {"nation", Country}, {"country", Country}, {"national", Country},
	{"europe", Region}, {"asia", Region}, {"africa", Region}, {"north america", Region}, {"latin america", Region}, {"asia-pacific", Region}, {"region", Region},
	{"china", Country}, {"united states", Country}, {"britain", Country}, {"india", Country}, {"japan", Country}, {"germany", Country}, {"france", Country},
	{"province", Province}, {"state", Province}, {"city", City}, {"industry", Sector},
}

// scopeBefore finds the scope nearest before rune i, not before rune from.
func (x *passage) scopeBefore(from, i int) (scope scopeWord, pos int, ok bool) {
	from = max(from, 0)
	text := x.sub(from, i)
	best := -1
	for _, s := range scopesZH {
		k := strings.LastIndex(text, s.word)
		if k < 0 || badScope(text[k:]) {
			continue
		}
		if k > best || k == best && len(s.word) > len(scope.word) {
			best, scope = k, s
		}
	}
	if best >= 0 {
		return scope, from + len([]rune(text[:best])), true
	}
	return x.placeBefore(from, i)
}

func badScope(tail string) bool {
	for _, w := range notScope {
		if strings.HasPrefix(tail, w) {
			return true
		}
	}
	return false
}

// placeBefore finds a named province or city that stands right before rune i:
// 广东省首家, 青岛市最大.
func (x *passage) placeBefore(from, i int) (scopeWord, int, bool) {
	level, ok := map[rune]Level{'省': Province, '市': City, '区': City, '县': City}[x.at(i-1)]
	if !ok {
		return scopeWord{}, 0, false
	}
	start := i - 1
	for start > from && i-start < 4 && unicode.Is(unicode.Han, x.at(start-1)) {
		start--
	}
	if i-start < 3 {
		return scopeWord{}, 0, false
	}
	return scopeWord{x.sub(start, i), level}, start, true
}

// scopeEN finds the scope of an English superlative in [a, b): "in the world",
// "world's", "nationwide", "in Europe".
func (x *passage) scopeEN(a, b int) (scopeWord, bool) {
	text := strings.ToLower(x.sub(a, b))
	best, found := len(text), scopeWord{}
	for _, s := range scopesEN {
		for k := 0; ; {
			i := strings.Index(text[k:], s.word)
			if i < 0 {
				break
			}
			i += k
			k = i + len(s.word)
			if i > 0 && isWord(text[i-1]) || k < len(text) && isWord(text[k]) || commonNoun[s.word] && unicode.IsUpper(x.at(a+runes(text[:i]))) {
				continue
			}
			if i < best {
				best, found = i, scopeWord{x.sub(a+runes(text[:i]), a+runes(text[:k])), s.level}
			}
			break
		}
	}
	if found.level == World {
		found.word = "world"
	}
	if found.level == Country && strings.HasPrefix(strings.ToLower(found.word), "nation") {
		found.word = "country"
	}
	return found, best < len(text)
}

// commonNoun are scopes only in lower case: New York City is a name.
var commonNoun = map[string]bool{"city": true, "state": true, "province": true, "region": true, "industry": true, "country": true, "nation": true, "national": true}

func isWord(b byte) bool { return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' }

func runes(s string) int { return len([]rune(s)) }
