package resolve

// acronymShortest is the length from which an acronym may mean one body.
const acronymShortest = 4

// judgeAcronyms looks for acronyms once no name was found. One counts when it
// fills a segment in capitals and the text states the organisation's city: the
// country alone leaves too many that share four letters. Beside a university
// that was not recognised only the acronym of a university counts: others are
// mostly its laboratories.
func (r *run) judgeAcronyms() {
	for i := range int32(len(r.content)) {
		w := r.word(i)
		h := hit{start: i, end: i + 1}
		if !w.upper || len(w.text) < acronymShortest || !r.wholeSegments(h) || r.placeAt(i) {
			continue
		}
		f, ok := r.judgeAcronym(h, r.x.acronyms[w.text])
		switch {
		case !ok:
		case f.failed == "":
			r.found = append(r.found, f)
			return
		case r.lost.failed == "" || r.lost.failed == LongerName || r.lost.failed == Generic:
			r.lost = f
		}
	}
}

func (r *run) judgeAcronym(h hit, bearers []acronym) (finding, bool) {
	var cands []candidate
	for _, a := range bearers {
		if stands := r.x.orgs[a.org].stands; stands >= 0 {
			cands = append(cands, r.placed(h, candidate{org: stands, unit: a.org, text: a.text, kind: kindAcronym, ordered: true}))
		}
	}
	if len(cands) == 0 {
		return finding{}, false
	}
	best, rivals := pick(cands)
	f := finding{hit: h, org: best.org, name: best.text, score: 0.7}
	o := r.x.orgs[best.unit]
	f.reason = Reason{Code: ByAcronym, Name: r.x.text(best.text)}
	if best.city {
		f.reason.City = r.x.places.cityText[o.city]
		f.score += gainCity
	}
	if best.country {
		f.reason.Country = o.country.code()
		f.score += gainCountry
	}
	switch {
	case rivals > 1:
		f.failed = Ambiguous
		f.reason.Count = rivals
	case best.foreign, !best.city, !o.university && r.says(hit{end: int32(len(r.content))}, "university"):
		f.failed = WeakAcronym
	}
	return f, true
}
