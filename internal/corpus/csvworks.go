package corpus

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"
)

// The tables of works that OpenAlex's own web page exports, and those that
// people make of its answers. A cell with a list is cut at "|". Such a table
// does not say which author is at which institution, so each institution of a
// work is taken as one author of one affiliation, and the work's 1 is split over
// them equally.

// csvColumns gives each field of a work the names that the tables use, without
// their prefix of dots.
var csvColumns = map[string][]string{
	"id":            {"id", "work_id", "openalex_id"},
	"title":         {"display_name", "title"},
	"doi":           {"doi"},
	"year":          {"publication_year", "year"},
	"date":          {"publication_date", "date"},
	"type":          {"type"},
	"language":      {"language"},
	"source":        {"primary_location.source.id", "source_id"},
	"source_name":   {"primary_location.source.display_name", "venue"},
	"source_issn":   {"primary_location.source.issn_l"},
	"source_type":   {"primary_location.source.type", "venue_type"},
	"cited":         {"cited_by_count"},
	"fwci":          {"fwci"},
	"retracted":     {"is_retracted"},
	"refs":          {"referenced_works_count"},
	"topic":         {"primary_topic.id"},
	"topics":        {"topics_json"},
	"field":         {"primary_field", "primary_topic.field.display_name"},
	"field_id":      {"primary_topic.field.id"},
	"authors":       {"authors_count", "n_authors"},
	"author_ids":    {"authorships.author.id", "author_ids"},
	"institutions":  {"authorships.institutions.id", "institution_ids"},
	"institution_n": {"authorships.institutions.display_name", "institution_names"},
	"countries":     {"authorships.countries", "countries"},
	"updated":       {"updated_date"},
}

// csvIgnored are columns of these tables that have no place in a corpus.
var csvIgnored = map[string]bool{"abstract": true, "authorships.author.display_name": true, "authorships.author.orcid": true, "authorships.is_corresponding": true,
	"best_oa_location.license": true, "citation_normalized_percentile.value": true, "corresponding_institution_ids": true, "funders.display_name": true, "ids.pmid": true,
	"open_access.is_oa": true, "open_access.oa_status": true, "primary_topic.display_name": true, "is_oa": true, "oa_status": true, "cnp_value": true, "is_top_1pct": true,
	"is_top_10pct": true, "primary_topic": true, "primary_domain": true, "author_names": true, "grant_funders": true}

// csvFile stages a table of works.
func (b *builder) csvFile(ctx context.Context, in *input) error {
	t, err := openText(in.path)
	if err != nil {
		return err
	}
	defer t.Close()
	b.begin(in)
	src := &counter{r: t}
	r := csv.NewReader(newLimited(src))
	r.FieldsPerRecord, r.ReuseRecord, r.LazyQuotes = -1, true, false
	head, err := r.Read()
	if err != nil {
		b.notes.line = 1
		if err := b.csvFault(in, err); err != nil {
			return err
		}
		return b.finish(in, 0, src.n, true)
	}
	table := b.csvHead(head)
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		row, err := r.Read()
		b.notes.line, _ = csvLine(r, err)
		if errors.Is(err, io.EOF) {
			return b.finish(in, 0, src.n, true)
		}
		if err != nil {
			var wrong *csv.ParseError
			if errors.As(err, &wrong) {
				b.notes.line = int64(wrong.StartLine)
				b.notes.Read++
				b.notes.add(faultBrokenLine, wrong.Err.Error())
				continue
			}
			if err := b.csvFault(in, err); err != nil {
				return err
			}
			return b.finish(in, 0, src.n, true)
		}
		b.notes.Read++
		if len(row) != len(head) {
			b.notes.add(faultBrokenLine, strconv.Itoa(len(row))+" ≠ "+strconv.Itoa(len(head)))
			continue
		}
		if fault, detail := b.reader.csvRow(table, row); fault != "" {
			b.notes.add(fault, detail)
			continue
		}
		b.works.add(&b.reader.work, b.notes.line)
	}
}

func csvLine(r *csv.Reader, err error) (int64, int) {
	if err != nil {
		return 0, 0
	}
	line, col := r.FieldPos(0)
	return int64(line), col
}

// csvFault notes what ends a table too early.
func (b *builder) csvFault(in *input, err error) error {
	if errors.Is(err, errOversizeCell) {
		b.notes.Read++
		b.notes.add(faultOversize, in.name)
		return nil
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return b.damaged(in, err)
}

// csvTable is where the columns stand.
type csvTable map[string]int

// csvHead reads the names of the columns; those that mean nothing here are
// counted as unknown fields.
func (b *builder) csvHead(head []string) csvTable {
	table := csvTable{}
	for i, name := range head {
		name = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))
		known := csvIgnored[name]
		for field, names := range csvColumns {
			for _, n := range names {
				if n == name {
					known = true
					if _, taken := table[field]; !taken {
						table[field] = i
					}
				}
			}
		}
		if !known {
			b.notes.field("", []byte(name))
		}
	}
	return table
}

func (t csvTable) cell(row []string, field string) string {
	if i, ok := t[field]; ok {
		return strings.TrimSpace(row[i])
	}
	return ""
}

func (t csvTable) list(row []string, field string) []string {
	cell := t.cell(row, field)
	if cell == "" {
		return nil
	}
	return strings.Split(cell, "|")
}

// csvRow reads a work out of a row.
func (r *workReader) csvRow(t csvTable, row []string) (fault, detail string) {
	r.work.reset()
	r.byYear, r.sawYears, r.truncated, r.listed, r.declared, r.displayName = r.byYear[:0], false, false, 0, -1, nil
	id, ok := parseID([]byte(t.cell(row, "id")), 'W')
	if !ok {
		return faultBadID, clip([]byte(t.cell(row, "id")), 60)
	}
	r.id = id
	r.title, r.doi = []byte(t.cell(row, "title")), trimDOI([]byte(t.cell(row, "doi")))
	r.kind, r.language = []byte(t.cell(row, "type")), []byte(t.cell(row, "language"))
	r.csvNumbers(t, row)
	if r.year == 0 {
		return faultNoYear, r.name()
	}
	r.csvTopic(t, row)
	r.csvSource(t, row)
	r.csvInstitutions(t, row)
	r.settle()
	return "", ""
}

func (r *workReader) csvNumbers(t csvTable, row []string) {
	count := func(field string, to *int64) {
		cell := strings.TrimSuffix(t.cell(row, field), ".0")
		if cell == "" {
			return
		}
		v, ok := whole64([]byte(cell))
		switch {
		case !ok:
			r.notes.add(faultWrongType, field+" = "+clip([]byte(cell), 40)+" · "+r.name())
		case v < 0 && field == "cited":
			r.notes.add(faultNegativeCitations, "cited_by_count = "+cell+" · "+r.name())
		case v < 0:
			r.notes.add(faultNegative, field+" = "+cell+" · "+r.name())
		default:
			*to = v
		}
	}
	year := int64(0)
	count("year", &year)
	if year != 0 && (year < firstYear || year > lastYear) {
		r.notes.add(faultBadYear, strconv.FormatInt(year, 10)+" · "+r.name())
		year = 0
	}
	r.year = int(year)
	count("cited", &r.cited)
	count("refs", &r.refs)
	count("authors", &r.declared)
	if cell := t.cell(row, "fwci"); cell != "" {
		if v, err := strconv.ParseFloat(cell, 64); err != nil {
			r.notes.add(faultWrongType, "fwci = "+clip([]byte(cell), 40)+" · "+r.name())
		} else if v < 0 {
			r.notes.add(faultNegative, "fwci · "+r.name())
		} else {
			r.fwci = v
		}
	}
	for field, to := range map[string]*int64{"date": &r.day, "updated": &r.updated} {
		if cell := t.cell(row, field); cell != "" {
			day, ok := parseDay([]byte(cell))
			if *to = day; !ok {
				r.notes.add(faultBadDate, field+" = "+clip([]byte(cell), 40)+" · "+r.name())
			}
		}
	}
	switch strings.ToLower(t.cell(row, "retracted")) {
	case "true", "1":
		r.retracted = 1
	case "false", "0":
		r.retracted = 0
	}
}

// csvTopic reads the field of the primary topic, by number or by name. The list
// of topics has the primary one first.
func (r *workReader) csvTopic(t csvTable, row []string) {
	if id, ok := parseID([]byte(t.cell(row, "topic")), 'T'); ok {
		r.topic = id
	} else if _, list, ok := strings.Cut(t.cell(row, "topics"), `"id": "T`); ok {
		number, _, _ := strings.Cut(list, `"`)
		r.topic, _ = whole64([]byte(number))
	}
	if id, ok := parseID([]byte(t.cell(row, "field_id")), '/'); ok {
		r.field = id
	} else if name := t.cell(row, "field"); name != "" {
		if r.field = fieldByName(name); r.field == 0 {
			r.notes.add(faultBadReference, "primary_field = "+clip([]byte(name), 60)+" · "+r.name())
		}
	}
}

func (r *workReader) csvSource(t csvTable, row []string) {
	id, ok := parseID([]byte(t.cell(row, "source")), 'S')
	if !ok {
		return
	}
	r.source = id
	if _, known := r.sources[id]; !known {
		r.sources[id] = sourceEntry{t.cell(row, "source_name"), t.cell(row, "source_issn"), t.cell(row, "source_type")}
	}
}

// csvInstitutions adds a row for each institution, and counts the authors.
func (r *workReader) csvInstitutions(t csvTable, row []string) {
	if n := int64(len(t.list(row, "author_ids"))); r.declared < 0 {
		r.declared = n
	}
	names := t.list(row, "institution_n")
	ids := t.list(row, "institutions")
	var numbers []int64
	for i, text := range ids {
		id, ok := parseID([]byte(text), 'I')
		switch {
		case !ok:
			r.notes.add(faultBadReference, "institution = "+clip([]byte(text), 60)+" · "+r.name())
		case id == -1:
			r.notes.add(faultSentinel, r.name())
		default:
			if r.places[id] == nil {
				p := place{org: -1}
				if len(names) == len(ids) && !sorted(names) {
					p.name = names[i]
				}
				r.places[id] = &p
			}
			numbers = appendNew(numbers, id)
		}
	}
	var country [2]byte
	if list := t.list(row, "countries"); len(list) == 1 {
		country = countryCode([]byte(list[0]))
	}
	if len(numbers) == 0 && r.declared > 0 {
		r.rows = append(r.rows, authorRow{seq: 1, country: country, parts: 1, shared: 1})
	}
	for i, id := range numbers {
		r.rows = append(r.rows, authorRow{seq: int64(i + 1), affiliation: 1, institution: id, country: country, parts: 1, shared: 1})
	}
	r.flat, r.declared = true, max(r.declared, 0)
}

func appendNew(list []int64, id int64) []int64 {
	for _, x := range list {
		if x == id {
			return list
		}
	}
	return append(list, id)
}

// sorted reports whether names stand in the order of the alphabet: then they
// are a list of their own, and do not stand in the order of the ids.
func sorted(names []string) bool {
	for i := 1; i < len(names); i++ {
		if names[i] < names[i-1] {
			return false
		}
	}
	return len(names) > 1
}

var errOversizeCell = errors.New("a row is longer than can be read")

// limited ends a table in which one row grows beyond measure.
type limited struct {
	r     io.Reader
	since int
}

func newLimited(r io.Reader) *limited { return &limited{r: r} }

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if i := strings.LastIndexByte(string(p[:n]), '\n'); i >= 0 {
		l.since = n - i
	} else if l.since += n; l.since > lineMost {
		return n, errOversizeCell
	}
	return n, err
}
