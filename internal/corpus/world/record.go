package world

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// recorder writes works as records of OpenAlex. It is for one goroutine.
type recorder struct {
	w     *World
	day   string // of the partition
	stale bool   // as it was before the last citations came
	team  team
	c     counts
	cited []int64
	b     []byte
}

func (r *recorder) add(format string, args ...any) { r.b = fmt.Appendf(r.b, format, args...) }
func (r *recorder) put(text string)                { r.b = append(r.b, text...) }

func (r *recorder) id(letter byte, id int64) {
	r.b = append(r.b, `"https://openalex.org/`...)
	r.b = append(r.b, letter)
	r.b = strconv.AppendInt(r.b, id, 10)
	r.b = append(r.b, '"')
}

// work returns the line of a work, which lasts until the next call. shift moves
// its id, for works that are deleted again.
func (r *recorder) work(n, shift int64) []byte {
	w := r.w
	k := w.work(n, w.planOf(n))
	w.cite(&k, &r.c)
	s := newStream(w.opt.Seed, ofRecord, n)
	cited := r.c.all
	if r.stale {
		cited /= 2
	}
	r.b = append(r.b[:0], '{')
	r.head(&k, shift)
	r.put(`"primary_location":`)
	r.location(&k, &s)
	r.put(",")
	r.access(&s)
	r.authorships(&k)
	r.add(`"cited_by_count":%d,"fwci":`, cited)
	if fwci, known := w.fwci(&k, &r.c); known {
		r.put(decimal(fwci))
	} else {
		r.put("null")
	}
	r.add(`,"has_fulltext":%t,"citation_normalized_percentile":{"value":%.6f,"is_in_top_1_percent":false,"is_in_top_10_percent":false},"cited_by_percentile_year":{"min":%d,"max":%d},`,
		s.chance(0.4), s.float(), 10+s.below(40), 60+s.below(40))
	r.add(`"biblio":{"volume":"%d","issue":"%d","first_page":"%d","last_page":"%d"},"is_retracted":%t,"is_paratext":false,`, 1+s.below(90), 1+s.below(12), 1+s.below(900), 900+s.below(90), k.retracted)
	r.topics(&k, &s)
	r.noise(&k, &s)
	r.references(&k, &s)
	r.abstract(&s)
	r.years(&k, cited)
	r.add(`"updated_date":"%sT%02d:%02d:%02d.%06d","created_date":"%d-06-0%d"}`+"\n", r.day, s.below(24), s.below(60), s.below(60), s.below(1000000), k.plan.year, 1+s.below(9))
	return r.b
}

func (r *recorder) head(k *work, shift int64) {
	published := time.Date(k.plan.year, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, k.day()).Format(time.DateOnly)
	r.put(`"id":`)
	r.id('W', k.id()+shift)
	doi := "null"
	if k.doi {
		doi = `"https://doi.org/` + k.doiText(r.w.opt.Seed) + `"`
	}
	r.add(`,"doi":%s,"title":"%s","display_name":"%[2]s","publication_year":%d,"publication_date":"%s","ids":{"openalex":`, doi, k.title(), k.plan.year, published)
	r.id('W', k.id()+shift)
	r.add(`,"doi":%s},"language":"%s","type":"%s","type_crossref":"journal-article","indexed_in":["crossref"],`, doi, k.language, k.kind.name)
}

// location writes a place of publication.
func (r *recorder) location(k *work, s *stream) {
	r.add(`{"is_oa":%t,"landing_page_url":"https://doi.org/%s","pdf_url":null,"source":`, s.chance(0.5), k.doiText(r.w.opt.Seed))
	if k.source < 0 {
		r.put("null")
	} else {
		r.put(`{"id":`)
		r.id('S', sourceID(k.source))
		at := &r.w.sources[k.source]
		r.add(`,"display_name":"%s","issn_l":null,"issn":null,"is_oa":false,"is_in_doaj":false,"is_indexed_in_scopus":true,"is_core":true,"host_organization":"https://openalex.org/P%d","host_organization_name":"Simulated Publisher %[2]d","host_organization_lineage":["https://openalex.org/P%[2]d"],"type":"%[3]s"}`,
			at.name(k.source, r.w), 1+k.source%40, sourceKinds[at.kind])
	}
	r.put(`,"license":null,"license_id":null,"version":"publishedVersion","is_accepted":true,"is_published":true}`)
}

func (r *recorder) access(s *stream) {
	status := []string{"closed", "gold", "green", "hybrid", "bronze", "diamond"}[s.below(6)]
	r.add(`"open_access":{"is_oa":%t,"oa_status":"%s","oa_url":null,"any_repository_has_fulltext":%t},`, status != "closed", status, s.chance(0.3))
}

// authorships writes the list of authors and what is counted of it.
func (r *recorder) authorships(k *work) {
	rows := r.team.authorships(r.w, k)
	r.put(`"authorships":[`)
	last := min(k.authors, listed)
	for len(rows) > 0 && rows[0].seq > 0 {
		n := 1
		for n < len(rows) && rows[n].seq == rows[0].seq {
			n++
		}
		if rows[0].seq > 1 {
			r.put(",")
		}
		r.author(rows[:n], last)
		rows = rows[n:]
	}
	r.add(`],"authors_count":%d,`, k.authors)
	if k.authors > listed {
		r.put(`"is_authors_truncated":true,`)
	}
	r.put(`"corresponding_author_ids":[],"corresponding_institution_ids":[],"apc_list":null,"apc_paid":null,`)
}

// author writes one authorship from its rows.
func (r *recorder) author(rows []authorship, last int) {
	position := "middle"
	switch rows[0].seq {
	case 1:
		position = "first"
	case last:
		position = "last"
	}
	r.add(`{"author_position":"%s","author":{"id":`, position)
	r.id('A', base+rows[0].author)
	r.add(`,"display_name":"Simulated Author %d","orcid":null},"institutions":[`, rows[0].author)
	var seen []int32
	for i := range rows {
		if in := rows[i].institution; in >= 0 && !slices.Contains(seen, in) {
			if len(seen) > 0 {
				r.put(",")
			}
			seen = append(seen, in)
			r.institution(int(in))
		}
	}
	r.put(`],"countries":[`)
	var countries []string
	for i := range rows {
		if c := rows[i].country; c >= 0 && !slices.Contains(countries, r.w.countries[c]) {
			countries = append(countries, r.w.countries[c])
		}
	}
	r.quoted(countries)
	r.add(`],"is_corresponding":%t,"raw_author_name":"Simulated Author %d","raw_affiliation_strings":[`, rows[0].seq == 1, rows[0].author)
	r.affiliations(rows)
}

func (r *recorder) institution(i int) {
	in := &r.w.institutions[i]
	r.put(`{"id":`)
	r.id('I', institutionID(i))
	r.add(`,"display_name":"%s %05d","ror":null,"country_code":"%s","type":"%s","lineage":[%s]}`, in.kind.en, i+1, r.w.countries[in.country], in.kind.name, r.w.lineage(i))
}

// affiliations writes the texts, then each text with what it leads to.
func (r *recorder) affiliations(rows []authorship) {
	var texts []string
	for i := range rows {
		if a := &rows[i]; a.affiliation > len(texts) {
			texts = append(texts, r.text(a))
		}
	}
	r.quoted(texts)
	r.put(`],"affiliations":[`)
	for i, text := range texts {
		if i > 0 {
			r.put(",")
		}
		r.add(`{"raw_affiliation_string":"%s","institution_ids":[`, text)
		first := true
		for _, a := range rows {
			if a.affiliation != i+1 || a.institution < 0 {
				continue
			}
			if !first {
				r.put(",")
			}
			first = false
			r.id('I', institutionID(int(a.institution)))
		}
		r.put(`]}`)
	}
	r.put(`]}`)
}

// text is an affiliation as an author writes it.
func (r *recorder) text(a *authorship) string {
	in := &r.w.institutions[a.named]
	p := &r.w.places[in.place]
	return fmt.Sprintf("Department %d, %s %05d, %s, %s", 1+a.author%40, in.kind.en, a.named+1, p.nameEN, p.country)
}

func (r *recorder) quoted(texts []string) {
	for i, t := range texts {
		if i > 0 {
			r.put(",")
		}
		r.b = append(r.b, '"')
		r.put(t)
		r.b = append(r.b, '"')
	}
}

// topics writes the primary topic and perhaps one more of its field.
func (r *recorder) topics(k *work, s *stream) {
	r.put(`"primary_topic":{`)
	r.topic(k.topic)
	r.put(`,"topics":[{`)
	r.topic(k.topic)
	for range s.below(2) {
		r.put(`,{`)
		r.topic(&r.w.topics[r.w.topicsOf[k.field()].draw(s)])
	}
	r.put(`],`)
}

func (r *recorder) topic(t *topic) {
	r.put(`"id":`)
	r.id('T', t.id)
	r.put(`,"score":0.9871,`)
	r.b = append(r.w.levels(r.b, t), '}')
}

// levels adds the name of a topic and what is above it.
func (w *World) levels(b []byte, t *topic) []byte {
	subfield, field, domain := w.above(t)
	return fmt.Appendf(b, `"display_name":"%s","subfield":{"id":"https://openalex.org/subfields/%d","display_name":"%s"},"field":{"id":"https://openalex.org/fields/%d","display_name":"%s"},"domain":{"id":"https://openalex.org/domains/%d","display_name":"%s"}`,
		w.nodes[t.node].nameEN, subfield.id, subfield.nameEN, field.id, field.nameEN, domain.id, domain.nameEN)
}

func (w *World) above(t *topic) (subfield, field, domain *node) {
	at := w.nodeOf[t.subfield]
	subfield = &w.nodes[at]
	field = &w.nodes[w.nodeOf[subfield.parent]]
	return subfield, field, &w.nodes[w.nodeOf[field.parent]]
}

// noise writes fields that fill a real record and that no import reads.
func (r *recorder) noise(k *work, s *stream) {
	r.put(`"keywords":[`)
	for i := range 2 {
		r.list(i, `{"id":"https://openalex.org/keywords/%s","display_name":"%[1]s","score":%.4f}`, word(s), s.float())
	}
	r.put(`],"concepts":[`)
	for i := range 2 + s.below(4) {
		r.list(i, `{"id":"https://openalex.org/C%d","wikidata":"https://www.wikidata.org/wiki/Q%d","display_name":"%s","level":%d,"score":%.5f}`, 1000000+s.below(90000000), s.below(9000000), word(s), i%5, s.float())
	}
	r.put(`],"mesh":[],"locations_count":1,"locations":[`)
	r.location(k, s)
	r.put(`],"best_oa_location":null,"sustainable_development_goals":[`)
	if s.chance(0.4) {
		r.add(`{"id":"https://metadata.un.org/sdg/%d","display_name":"Simulated goal","score":%.2f}`, 1+s.below(17), s.float())
	}
	r.put(`],"grants":[],"funders":[],"awards":[],"datasets":[],"versions":[],`)
}

func (r *recorder) list(i int, format string, args ...any) {
	if i > 0 {
		r.put(",")
	}
	r.add(format, args...)
}

// references writes the works cited: the links, then works outside the world,
// and works said to be related.
func (r *recorder) references(k *work, s *stream) {
	r.cited = r.cited[:0]
	if r.w.links != nil {
		year, _ := r.w.yearIndex(k.n)
		r.cited = r.w.cites(r.w.links, k, year, r.cited)
	}
	r.add(`"referenced_works_count":%d,"referenced_works":[`, k.references)
	for i := range k.references {
		if i > 0 {
			r.put(",")
		}
		if i < len(r.cited) {
			r.id('W', base+1+r.cited[i])
		} else {
			r.id('W', outside+int64(i)*1_000_000+int64(s.below(1_000_000)))
		}
	}
	r.put(`],"related_works":[`)
	for i := range 3 {
		if i > 0 {
			r.put(",")
		}
		r.id('W', outside+int64(s.below(1_000_000)))
	}
	r.put(`],`)
}

// outside is where the ids of works begin that the world does not hold.
const outside = 8_000_000_000

// abstract writes an inverted index of words, for two works in three.
func (r *recorder) abstract(s *stream) {
	if !s.chance(0.66) {
		r.put(`"abstract_inverted_index":null,`)
		return
	}
	r.put(`"abstract_inverted_index":{`)
	at := 0
	for i := range 25 + s.below(60) {
		r.list(i, `"%s%s%s":[%d`, word(s), suffixes[i%len(suffixes)], "_"[:i/len(suffixes)], at)
		at++
		if s.chance(0.2) {
			r.add(`,%d`, at)
			at++
		}
		r.put("]")
	}
	r.put(`},`)
}

// years writes the citations by year, the newest first, without empty years.
func (r *recorder) years(k *work, left int) {
	r.put(`"cited_by_api_url":"https://api.openalex.org/works?filter=cites:simulated","counts_by_year":[`)
	first := true
	for age := len(r.c.byAge) - 1; age >= 0; age-- {
		n := r.c.byAge[age]
		if n = min(n, left); n == 0 {
			continue
		}
		left -= n
		if !first {
			r.put(",")
		}
		first = false
		r.add(`{"year":%d,"cited_by_count":%d}`, k.plan.year+age, n)
	}
	r.put(`],`)
}

// word draws a word that stands for any other.
func word(s *stream) string {
	u := s.float()
	return words[int(u*u*float64(len(words)))]
}

var words = strings.Fields(`the of and in to a for with that is on by as from are this which at be we an these results study model using data
	analysis method between effect effects high based system used two different significant increase time observed cells temperature surface
	structure process energy water patients treatment group level field response control growth protein network function material rate
	activity performance distribution measurement simulation approach properties concentration parameters experimental mechanism region
	development population frequency density reaction optical thermal dynamic spatial molecular clinical comparison estimation algorithm`)

var suffixes = []string{"", "1", "2", "3", "4", "5", "6", "7", "8", "9", "-a", "-b", "-c", "-d", "-e", "-f", "-g", "-h", "-i", "-j", "-k", "-l", "-m", "-n", "-o", "-p", "-q",
	"-r", "-s", "-t", "-u", "-v", "-w", "-x", "-y", "-z", "ing", "ed", "er", "ly", "al", "ic", "or", "ment", "ness", "less", "ful", "ism", "ist", "ity", "ous", "ive", "able", "ary",
	"ery", "ish", "ize", "ward", "wise", "fy", "en", "ship", "hood", "dom", "age", "ance", "ence", "ant", "ent", "cy", "sion", "tion", "ure", "th", "y", "ie", "let", "ette", "kin"}

// decimal writes a number so that it reads back the same.
func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// geonames is the number of a place, null in China, where the table has codes.
func (p *place) geonames() string {
	if id, ok := strings.CutPrefix(p.city, "geonames:"); ok {
		return id
	}
	return "null"
}
