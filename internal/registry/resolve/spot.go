package resolve

// hit is a stretch of the text equal to the words of some names.
type hit struct {
	start, end int32 // content words, end excluded; or characters
	names      []name
	han        []hanName
	near       bool // one letter differs
	company    bool // han are company names that agree in their core
}

// stated is a place that the text names.
type stated struct {
	place
	start, end int32 // content words or characters
	whole      bool  // a segment of its own, or the end of the text
	han        bool
}

// run is the working memory of one Resolve.
type run struct {
	x       *Index
	m       mention
	content []int32 // indexes of the words that are no connectors
	hits    []hit
	places  []stated
	hint    place
	found   []finding
	weak    []finding // generic names that a whole beside them may bear out
	lost    finding   // the best name that was not accepted
}

// look fills the vocabulary ids, the content words, places and hits.
func (r *run) look(text string) {
	r.m.cut(text)
	r.m.canonical()
	r.content, r.hits, r.places, r.found = r.content[:0], r.hits[:0], r.places[:0], r.found[:0]
	r.weak = r.weak[:0]
	r.lost = finding{}
	for i := range r.m.words {
		w := &r.m.words[i]
		if !w.stop {
			w.id = r.x.vocab[w.text]
			if w.id == 0 {
				w.id = r.x.near.find(w.text)
				w.near = w.id != 0
			}
			r.content = append(r.content, int32(i))
		}
	}
	r.spacedPlaces()
	r.spacedNames()
	if r.m.hasCJ {
		r.hanPlaces()
		r.hanNames()
		r.companies()
	}
}

func (r *run) word(content int32) *word { return &r.m.words[r.content[content]] }

// spacedNames looks up every window of content words, whatever the order of
// the words in it.
func (r *run) spacedNames() {
	n := int32(len(r.content))
	for i := range n {
		var key uint64
		near := 0
		for j := i; j < n && j < i+maxWords; j++ {
			w := r.word(j)
			if w.near {
				near++
			}
			if w.id == 0 || j > i && w.seg != r.word(j-1).seg && r.m.hard[w.seg] {
				break
			}
			key += mix(w.id)
			if near > 1 {
				break
			}
			if names := r.x.group(key); names != nil {
				r.hits = append(r.hits, hit{start: i, end: j + 1, names: names, near: near > 0})
			}
		}
	}
}

// spacedPlaces finds places of up to four words.
func (r *run) spacedPlaces() {
	n := int32(len(r.content))
	for i := range n {
		var key uint64
		for j := i; j < n && j < i+4; j++ {
			w := r.word(j)
			if w.id == 0 || w.near || !r.x.places.isPlace[w.id] || w.seg != r.word(i).seg {
				break
			}
			key += mix(w.id)
			p, ok := r.x.places.byKey[key]
			if !ok {
				continue
			}
			first := i == 0 || r.word(i-1).seg != w.seg
			last := j == n-1 || r.word(j+1).seg != w.seg
			r.places = append(r.places, stated{place: p, start: i, end: j + 1, whole: last && (first || j == n-1)})
		}
	}
}

func (r *run) hanPlaces() {
	chars := r.m.chars
	for i := range chars {
		best := -1
		end := i
		r.x.places.han.walk(chars[i:], func(n int, names []hanName) { best, end = int(names[0].org), i+n })
		if best < 0 {
			continue
		}
		whole := (i == 0 || chars[i-1].seg != chars[i].seg) && (end == len(chars) || chars[end].seg != chars[i].seg)
		r.places = append(r.places, stated{place: r.x.places.hanPlace[best], start: int32(i), end: int32(end), whole: whole || end == len(chars), han: true})
	}
}

// crossingChars is the length from which a name may run over a bracket:
// 中国矿业大学（北京）, but not 中山大学岭南（大学）学院.
const crossingChars = 6

func (r *run) hanNames() {
	chars := r.m.chars
	for i := range chars {
		if chars[i].latin {
			continue
		}
		r.x.han.walk(chars[i:], func(n int, names []hanName) {
			if chars[i].seg == chars[i+n-1].seg || n >= crossingChars {
				r.hits = append(r.hits, hit{start: int32(i), end: int32(i + n), han: names})
			}
		})
	}
}
