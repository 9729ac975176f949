package e5

import "unicode/utf8"

// mark stands for a blank, and before the first word of a text.
const mark = '▁'

// MaxText is the number of bytes of a text that are looked at; what follows is
// left out, so that one text cannot hold up the others. It is some sixty times
// the longest abstract.
const MaxText = 256 << 10

// Tokens cuts a text into pieces of the vocabulary: the most likely way to
// write it as a row of them. Characters that no piece holds become the id of
// the unknown piece, one each. The marks of both ends are not among them.
// Bytes that are not UTF-8 count as U+FFFD.
func (m *Model) Tokens(text string) []int32 { return m.pieces.cut(cap8(text)) }

// cap8 returns at most MaxText bytes of text, no character cut in two.
func cap8(text string) string {
	if len(text) <= MaxText {
		return text
	}
	end := MaxText
	for end > MaxText-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

// plain writes text as the vocabulary has it: characters rewritten, runs of
// blanks made one, blanks as marks, and a mark in front. It returns the bytes
// and where each character begins, with the end as the last.
func (p *pieces) plain(text string) ([]byte, []int32) {
	out := make([]byte, 0, len(text)+len(text)/4+8)
	at := make([]int32, 0, len(text)+2)
	var last rune
	put := func(r rune) {
		if r == ' ' && last == ' ' {
			return
		}
		if len(at) == 0 && r != ' ' {
			at, out = append(at, 0), utf8.AppendRune(out, mark)
		}
		last = r
		if r == ' ' {
			r = mark
		}
		at, out = append(at, int32(len(out))), utf8.AppendRune(out, r)
	}
	for _, r := range text {
		into, rewritten := p.rewrite[r]
		if !rewritten {
			put(r)
			continue
		}
		for _, r := range into {
			put(r)
		}
	}
	if len(at) == 0 {
		at, out = append(at, 0), utf8.AppendRune(out, mark)
	}
	return out, append(at, int32(len(out)))
}

// step is the best way to reach a place in the text.
type step struct {
	score float32
	piece int32
	from  int32 // the place before, by characters
}

const unreached = -1e30

// cut is Viterbi's algorithm over the places between characters.
func (p *pieces) cut(text string) []int32 {
	s, at := p.plain(text)
	n := len(at) - 1
	best := make([]step, n+1)
	for i := 1; i <= n; i++ {
		best[i].score = unreached
	}
	for i := range n {
		begin, score := int(at[i]), best[i].score
		hash := uint64(hashStart)
		for j := i + 1; j <= n && int(at[j])-begin <= p.longest; j++ {
			for _, b := range s[at[j-1]:at[j]] {
				hash = hashStep(hash, b)
			}
			id := p.find(hash, s[begin:at[j]])
			if id < 0 || id == p.unknown {
				continue
			}
			if sum := score + p.scores[id]; sum > best[j].score {
				best[j] = step{sum, id, int32(i)}
			}
		}
		if sum := score + p.unknownScore; sum > best[i+1].score {
			best[i+1] = step{sum, p.unknown, int32(i)}
		}
	}
	return backwards(best)
}

func backwards(best []step) []int32 {
	count := 0
	for i := len(best) - 1; i > 0; i = int(best[i].from) {
		count++
	}
	out := make([]int32, count)
	for i := len(best) - 1; i > 0; i = int(best[i].from) {
		count--
		out[count] = best[i].piece
	}
	return out
}
