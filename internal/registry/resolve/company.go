package resolve

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// legalHan end the names of companies, longest first.
var legalHan = []string{"集团股份有限公司", "股份有限公司", "集团有限公司", "有限责任公司", "有限公司", "集团公司", "总公司", "分公司", "公司", "集团"}

// tradeHan may follow the proper name of a company, which is also called
// without them.
var tradeHan = []string{"信息技术", "生物技术", "科技发展", "科技", "技术", "控股"}

// companyCores indexes the names of companies without seat and legal form, and
// lets what is left of four characters or more be found by itself.
func (x *Index) companyCores() {
	seen := map[string]map[int32]bool{}
	names := slices.Clone(x.han.names)
	for _, n := range x.han.names {
		if !x.orgs[n.org].company && !isCompanyName(n.key) {
			continue
		}
		cores, _ := x.cores(n.key)
		if len(cores) > 0 && cores[0] != n.key && utf8.RuneCountInString(cores[0]) > 3 {
			short := n
			short.key, short.kind, short.distinct = cores[0], kindCore, true
			names = append(names, short)
		}
		for _, core := range cores {
			if seen[core] == nil {
				seen[core] = map[int32]bool{}
			}
			if !seen[core][n.org] {
				seen[core][n.org] = true
				n.distinct = true
				x.core[core] = append(x.core[core], n)
			}
		}
	}
	x.han = newHanIndex(names)
}

func isCompanyName(key string) bool {
	return strings.HasSuffix(key, "公司") || strings.HasSuffix(key, "集团")
}

// cores returns what may stand for a company: its name less the place at its
// front and its legal form, and the same less words of trade; and that place.
// A core has at least two characters, three without the words of trade, and
// says more than the trade (电力, 钢铁).
func (x *Index) cores(key string) (cores []string, seat string) {
	core := key
	for _, l := range legalHan {
		if s, ok := strings.CutSuffix(core, l); ok {
			core = s
			break
		}
	}
	bare := x.withoutPlace(core)
	seat = core[:len(core)-len(bare)]
	if !distinctHan(bare) {
		return nil, seat
	}
	cores = atLeast(nil, bare, 2)
	for _, t := range tradeHan {
		if s, ok := strings.CutSuffix(bare, t); ok && distinctHan(s) {
			return atLeast(cores, s, 3), seat
		}
	}
	return cores, seat
}

func atLeast(list []string, s string, n int) []string {
	if utf8.RuneCountInString(s) < n {
		return list
	}
	return append(list, s)
}

// withoutPlace takes provinces and cities off the front (广东省广州市小鹏 → 小鹏)
// as long as two characters are left.
func (x *Index) withoutPlace(key string) string {
	for {
		n := x.placePrefix(key)
		for _, s := range []string{"省", "市"} {
			if n > 0 && strings.HasPrefix(key[n:], s) {
				n += len(s)
			}
		}
		if n == 0 || utf8.RuneCountInString(key[n:]) < 2 {
			return key
		}
		key = key[n:]
	}
}

func (x *Index) placePrefix(key string) int {
	best := 0
	for n := 6; n <= 15 && n <= len(key); n += 3 {
		s, ok := x.places.han.pairs[pairOf(key)]
		if !ok {
			return 0
		}
		for _, p := range x.places.han.names[s.at : s.at+s.n] {
			if p.key == key[:n] {
				best = n
			}
		}
	}
	return best
}

// companies compares each segment that ends like a company with the cores.
func (r *run) companies() {
	chars := r.m.chars
	for i := 0; i < len(chars); {
		j := i
		var b strings.Builder
		for j < len(chars) && chars[j].seg == chars[i].seg {
			b.WriteRune(chars[j].r)
			j++
		}
		r.company(int32(i), b.String())
		i = j
	}
}

func (r *run) company(start int32, segment string) {
	at := strings.LastIndex(segment, "公司")
	if at < 0 {
		return
	}
	key := segment[:at+len("公司")]
	cores, seat := r.x.cores(key)
	for _, core := range cores {
		names := slices.DeleteFunc(slices.Clone(r.x.core[core]), func(n hanName) bool {
			_, other := r.x.cores(n.key)
			return seat != "" && other != "" && !strings.HasPrefix(seat, other) && !strings.HasPrefix(other, seat)
		})
		if len(names) > 0 {
			end := start + int32(utf8.RuneCountInString(key))
			r.hits = append(r.hits, hit{start: start, end: end, han: names, company: true})
			return
		}
	}
}
