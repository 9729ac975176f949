package gloss

import "strings"

// Characters that are left alone when they stand by themselves, and numerals
// and units also when they stand together (三十, 一个, 万元).
const (
	numerals = "零〇一二三四五六七八九十百千万亿兆两半几数双"
	units    = "年月日时分秒元角斤吨米克升里亩度倍次个台套项家种件条名位届级部层类批只张天周岁号章节页版期"
	// particles are particles, pronouns, prepositions and conjunctions, and parts
	// of words that mean nothing by themselves.
	particles = "的了着过地得所之其者也还又都就才只仅很更最较太非不没无未勿是为有在和与及或而且但则若如因由于自从对向到至将把被给让使令以用按据经随同跟比这那哪此该各每某本您我你他她它们吗呢吧啊呀哦什么怎谁何即便虽然却并再已曾正可能会要应须需想愿敢来去上下中内外前后里间起出入进开回当等第性化式型率法者员品物学"
)

// silent reports a word that is known but says nothing: a numeral, a unit, both
// together, or a particle.
func silent(word string) bool {
	counted := true
	n := 0
	for _, r := range word {
		n++
		if n == 1 && strings.ContainsRune(particles, r) && len(word) == len(string(r)) {
			return true
		}
		if !strings.ContainsRune(numerals, r) && !strings.ContainsRune(units, r) {
			counted = false
		}
	}
	if !counted {
		return false
	}
	// 年度 or 分类 would be units only: more than one character needs a numeral in front.
	first := []rune(word)[0]
	return n == 1 || strings.ContainsRune(numerals, first)
}
