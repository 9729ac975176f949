package fold

import "unicode/utf8"

// Tokens cuts s into index terms: each folded word, and for runs of Chinese
// characters or kana every character and every pair of neighbours, in reading
// order (中山大学 → 中 中山 山 山大 大 大学 学). It needs no dictionary and finds
// any substring of two or more characters.
func Tokens(s string) []string {
	key := Name(s)
	var out []string
	for i := 0; i < len(key); {
		r, n := utf8.DecodeRuneInString(key[i:])
		if key[i] == ' ' {
			i++
			continue
		}
		if !Unspaced(r) {
			end := wordEnd(key, i)
			out = append(out, key[i:end])
			i = end
			continue
		}
		out = append(out, key[i:i+n])
		if next, m := utf8.DecodeRuneInString(key[i+n:]); m > 0 && Unspaced(next) {
			out = append(out, key[i:i+n+m])
		}
		i += n
	}
	return out
}

func wordEnd(key string, i int) int {
	for i < len(key) && key[i] != ' ' {
		r, n := utf8.DecodeRuneInString(key[i:])
		if Unspaced(r) {
			break
		}
		i += n
	}
	return i
}
