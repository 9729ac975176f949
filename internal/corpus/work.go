package corpus

import (
	"bytes"
	"math"
	"slices"
	"strconv"
)

// work is one work while it is imported. Texts point into the line it was read
// from. Ids are 0 when unknown, counts -1.
type work struct {
	id                             int64
	title, doi, kind, language     []byte
	record                         []byte // paper of the registry
	year                           int
	day                            int64 // since 1970, unknownDay
	source, field, subfield, topic int64
	authors, refs, cited, window   int64
	retracted                      int8 // 0, 1, -1 unknown
	fwci                           float64
	updated                        int64 // day of the record, unknownDay
	flat                           bool  // the rows are institutions, each with the same part of the whole
	rows                           []authorRow
	references                     []int64
}

const unknownDay = math.MinInt32

func (w *work) reset() {
	*w = work{day: unknownDay, authors: -1, refs: -1, cited: -1, window: -1, retracted: -1, fwci: math.NaN(), updated: unknownDay,
		rows: w.rows[:0], references: w.references[:0]}
}

// authorRow is author × affiliation × institution. Its weight is one divided by
// the authors of the work, parts (the affiliations of the author) and shared
// (the institutions of the affiliation).
type authorRow struct {
	seq           int64 // from 1
	author        int64
	affiliation   int64 // from 1; 0: none
	institution   int64 // 0: none
	country       [2]byte
	parts, shared int64
	how           rowOrigin
}

// rowOrigin says how the affiliation of a row came to its institution. It is
// set in the first row of an affiliation alone, so that rows can be counted.
type rowOrigin byte

const (
	given rowOrigin = iota
	resolved
	open // has text, and nothing resolved it
)

// workReader reads works of OpenAlex out of JSON lines. It is for one
// goroutine.
type workReader struct {
	scanner
	work
	notes        *notes
	dir          *directory // nil: no registry
	places       map[int64]*place
	sources      map[int64]sourceEntry
	topics       map[int64]topicEntry
	withRefs     bool
	partition    int64 // day of the partition
	byYear       []yearCount
	sawYears     bool
	truncated    bool
	listed       int64
	declared     int64
	displayName  []byte
	author       authorEntry
	affiliations []affiliationEntry
	resolvedIDs  []int64
}

type yearCount struct{ year, cited int64 }

// authorEntry is one authorship as it stands in the record.
type authorEntry struct {
	id           int64
	institutions []int64
	country      [2]byte
	texts        [][]byte
	affiliations []affiliationEntry
	ids          []int64 // of the affiliations, one after another
}

// affiliationEntry is one affiliation; its institutions are ids[from:to].
type affiliationEntry struct {
	text     []byte
	from, to int
}

// place is an institution as authorships show it.
type place struct {
	ror, name, kind string
	country         [2]byte
	lineage         []int64
	org             int // in the directory, -1: not in the registry
	hasParts        bool
}

type sourceEntry struct{ name, issn, kind string }

type topicEntry struct {
	name                    string
	subfield, field, domain int64
	names                   [3]string
}

// read reads the work of a line. It returns a kind of fault, "" for none, and
// what is wrong.
func (r *workReader) read(line []byte) (fault, detail string) {
	r.scanner.reset(line)
	r.work.reset()
	r.byYear, r.sawYears, r.truncated, r.listed, r.declared, r.displayName = r.byYear[:0], false, false, 0, -1, nil
	ok, err := r.object(r.workField)
	if err == nil {
		err = r.end()
	}
	switch {
	case err != nil || !ok:
		return faultBrokenLine, ""
	case r.id == 0:
		return faultBadID, ""
	case r.year == 0:
		return faultNoYear, r.name()
	}
	r.settle()
	return "", ""
}

func (r *workReader) name() string { return "W" + strconv.FormatInt(r.id, 10) }

// settle works out what depends on several fields.
func (r *workReader) settle() {
	if len(r.title) == 0 {
		r.title = r.displayName
	}
	r.authors = max(r.listed, r.declared)
	switch {
	case r.authors == 0:
		r.notes.add(faultNoAuthors, r.name())
	case r.truncated && r.declared <= r.listed:
		r.notes.add(faultCutList, r.name())
	}
	if r.updated == unknownDay {
		r.updated = r.partition
	}
	r.window = r.citedWindow()
}

// citedWindow is the number of citations in the years y to y+3. The counts by
// year reach back ten years from the year of the record; a work that is older
// has them whole only where they add up to all its citations.
func (r *workReader) citedWindow() int64 {
	if !r.sawYears {
		if r.cited == 0 {
			return 0
		}
		return -1
	}
	var sum, window int64
	for _, c := range r.byYear {
		sum += c.cited
		if y := int64(r.year); c.year >= y && c.year <= y+3 {
			window += c.cited
		}
	}
	if sum == r.cited {
		return window
	}
	if r.updated == unknownDay || int64(r.year) < yearOfDay(r.updated)-9 {
		return -1
	}
	return window
}

func (r *workReader) workField(name []byte) error {
	switch string(name) {
	case "id":
		return r.idValue('W', "id", &r.id)
	case "title":
		return r.cleanText("title", &r.title)
	case "display_name":
		return r.cleanText("display_name", &r.displayName)
	case "doi":
		err := r.cleanText("doi", &r.doi)
		r.doi = trimDOI(r.doi)
		return err
	case "publication_year":
		return r.yearValue()
	case "publication_date":
		return r.dayValue("publication_date", &r.day)
	case "updated_date":
		return r.dayValue("updated_date", &r.updated)
	case "language":
		return r.cleanText("language", &r.language)
	case "type":
		return r.cleanText("type", &r.kind)
	case "primary_location":
		return r.objectOrNull("primary_location", r.locationField)
	case "primary_topic":
		return r.topicValue()
	case "authorships":
		r.rows, r.listed = r.rows[:0], 0
		return r.arrayOrNull("authorships", r.authorship)
	case "authors_count":
		return r.countValue("authors_count", &r.declared)
	case "is_authors_truncated":
		v, k, err := r.boolValue()
		r.truncated = v
		return r.typed(k, "is_authors_truncated", err)
	case "fwci":
		return r.fwciValue()
	case "cited_by_count":
		return r.countValue("cited_by_count", &r.cited)
	case "counts_by_year":
		r.byYear, r.sawYears = r.byYear[:0], true
		return r.arrayOrNull("counts_by_year", r.yearEntry)
	case "is_retracted":
		v, k, err := r.boolValue()
		if k == isThere {
			r.retracted = 0
			if v {
				r.retracted = 1
			}
		}
		return r.typed(k, "is_retracted", err)
	case "referenced_works_count":
		return r.countValue("referenced_works_count", &r.refs)
	case "referenced_works":
		return r.referenceList()
	case "abstract", "abstract_inverted_index", "abstract_inverted_index_v3", "apc_list", "apc_paid", "awards", "best_oa_location", "biblio", "citation_normalized_percentile",
		"cited_by_api_url", "cited_by_percentile_year", "concepts", "content_url", "content_urls", "corresponding_author_ids", "corresponding_institution_ids", "countries_distinct_count",
		"created_date", "datasets", "doi_registration_agency", "fulltext", "fulltext_origin", "funders", "grants", "has_abstract", "has_content", "has_fulltext", "has_pdf_for_extraction",
		"ids", "indexed_in", "institution_assertions", "institutions", "institutions_distinct_count", "is_paratext", "is_xpac", "keywords", "locations", "locations_count", "mesh",
		"ngrams_url", "open_access", "related_works", "relevance_score", "summary_stats", "sustainable_development_goals", "topics", "type_crossref", "type_id", "updated", "versions", "works_api_url":
		return r.skip()
	}
	return r.unknown("", name)
}

func (r *workReader) locationField(name []byte) error {
	switch string(name) {
	case "source":
		return r.sourceValue()
	case "id", "is_oa", "is_accepted", "is_published", "landing_page_url", "license", "license_id", "pdf_url", "version", "raw_source_name", "raw_type", "provenance", "is_primary", "native_id", "html_url":
		return r.skip()
	}
	return r.unknown("primary_location", name)
}

func (r *workReader) sourceValue() error {
	var name, issn, kind []byte
	err := r.objectOrNull("primary_location.source", func(field []byte) error {
		switch string(field) {
		case "id":
			return r.idValue('S', "primary_location.source.id", &r.source)
		case "display_name":
			return r.cleanText("source.display_name", &name)
		case "issn_l":
			return r.cleanText("source.issn_l", &issn)
		case "type":
			return r.cleanText("source.type", &kind)
		case "issn", "is_oa", "is_in_doaj", "is_core", "is_indexed_in_scopus", "host_organization", "host_organization_name", "host_organization_lineage", "host_organization_lineage_names", "host_institution_lineage",
			"host_institution_lineage_names", "publisher", "publisher_id", "publisher_lineage", "publisher_lineage_names", "is_indexed_in_doaj", "type_id", "is_ojs":
			return r.skip()
		}
		return r.unknown("source", field)
	})
	if _, known := r.sources[r.source]; !known && r.source != 0 {
		r.sources[r.source] = sourceEntry{string(name), string(issn), string(kind)}
	}
	return err
}

func (r *workReader) topicValue() error {
	var name []byte
	var names [3][]byte
	var domain int64
	level := func(what string, id *int64, name *[]byte) error {
		return r.objectOrNull("primary_topic."+what, func(field []byte) error {
			switch string(field) {
			case "id":
				return r.levelID(id)
			case "display_name":
				return r.cleanText("primary_topic.display_name", name)
			}
			return r.unknown("primary_topic."+what, field)
		})
	}
	err := r.objectOrNull("primary_topic", func(field []byte) error {
		switch string(field) {
		case "id":
			return r.idValue('T', "primary_topic.id", &r.topic)
		case "display_name":
			return r.cleanText("primary_topic.display_name", &name)
		case "subfield":
			return level("subfield", &r.subfield, &names[0])
		case "field":
			return level("field", &r.field, &names[1])
		case "domain":
			return level("domain", &domain, &names[2])
		case "score", "count", "value":
			return r.skip()
		}
		return r.unknown("primary_topic", field)
	})
	if _, known := r.topics[r.topic]; !known && r.topic != 0 {
		r.topics[r.topic] = topicEntry{string(name), r.subfield, r.field, domain, [3]string{string(names[0]), string(names[1]), string(names[2])}}
	}
	return err
}

// levelID reads the id of a field, an address or a bare number.
func (r *workReader) levelID(to *int64) error {
	if c := r.space(); c >= '0' && c <= '9' {
		v, k, err := r.intValue()
		*to = v
		return r.typed(k, "primary_topic.id", err)
	}
	return r.idValue('/', "primary_topic.id", to)
}

func (r *workReader) authorship() error {
	a := &r.author
	*a = authorEntry{institutions: a.institutions[:0], texts: a.texts[:0], affiliations: a.affiliations[:0], ids: a.ids[:0]}
	r.listed++
	ok, err := r.object(r.authorshipField)
	if err == nil && !ok {
		r.notes.add(faultWrongType, "authorships[] · "+r.name())
	}
	if err == nil {
		r.addAuthor()
	}
	return err
}

func (r *workReader) authorshipField(name []byte) error {
	a := &r.author
	switch string(name) {
	case "author":
		return r.objectOrNull("author", func(field []byte) error {
			switch string(field) {
			case "id":
				return r.idValue('A', "author.id", &a.id)
			case "display_name", "orcid", "raw_author_name":
				return r.skip()
			}
			return r.unknown("author", field)
		})
	case "institutions":
		return r.arrayOrNull("authorships.institutions", r.institution)
	case "countries":
		return r.arrayOrNull("authorships.countries", func() error {
			b, k, err := r.textValue()
			if a.country == [2]byte{} && k == isThere {
				a.country = countryCode(b)
			}
			return r.typed(k, "authorships.countries[]", err)
		})
	case "raw_affiliation_strings":
		return r.arrayOrNull("authorships.raw_affiliation_strings", func() error {
			b, k, err := r.textValue()
			if k == isThere {
				a.texts = append(a.texts, b)
			}
			return r.typed(k, "authorships.raw_affiliation_strings[]", err)
		})
	case "affiliations":
		return r.arrayOrNull("authorships.affiliations", r.affiliation)
	case "author_position", "is_corresponding", "raw_author_name", "raw_affiliation_string", "raw_orcid":
		return r.skip()
	}
	return r.unknown("authorships", name)
}

func (r *workReader) affiliation() error {
	a := &r.author
	e := affiliationEntry{from: len(a.ids)}
	ok, err := r.object(func(field []byte) error {
		switch string(field) {
		case "raw_affiliation_string":
			b, k, err := r.textValue()
			e.text = b
			return r.typed(k, "affiliations.raw_affiliation_string", err)
		case "institution_ids":
			return r.arrayOrNull("affiliations.institution_ids", func() error {
				var id int64
				err := r.idValue('I', "affiliations.institution_ids[]", &id)
				if id == -1 {
					r.notes.add(faultSentinel, r.name())
				} else if id != 0 && !slices.Contains(a.ids[e.from:], id) {
					a.ids = append(a.ids, id)
				}
				return err
			})
		}
		return r.unknown("affiliations", field)
	})
	if err == nil && !ok {
		r.notes.add(faultWrongType, "affiliations[] · "+r.name())
	}
	e.to = len(a.ids)
	a.affiliations = append(a.affiliations, e)
	return err
}

// countryCode returns a code of two letters in capitals, or nothing.
func countryCode(b []byte) (c [2]byte) {
	if len(b) != 2 {
		return c
	}
	for i, x := range b {
		x &^= 0x20
		if x < 'A' || x > 'Z' {
			return [2]byte{}
		}
		c[i] = x
	}
	return c
}

// clip cuts bytes to a short text that can be shown.
func clip(b []byte, n int) string {
	if len(b) > n {
		b = b[:n]
	}
	return string(bytes.ToValidUTF8(bytes.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, b), []byte("\ufffd")))
}
