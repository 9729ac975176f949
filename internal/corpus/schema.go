package corpus

import "github.com/kapok-city/kapok/internal/stats"

// Table is one table of a corpus.
type Table struct {
	Name    string
	Columns []stats.Column
	Year    string // the column by which its files are kept apart, "" when they are not
	Order   string // the order of the rows in a file, as SQL
}

// Tables are the tables of every corpus, in the order in which they are
// written. What is unknown is NULL.
//
//	work              one row per work. authors is the true number even where the
//	                  list of authors is cut; cited counts all citations known,
//	                  cited_window those of the years y to y+3; field, subfield
//	                  and topic are of the primary topic; record is a paper of the
//	                  registry
//	authorship        one row per author × affiliation × institution. weight is
//	                  1/authors × 1/affiliations of the author × 1/institutions of
//	                  the affiliation; the weights of a work with authors sum to 1.
//	                  institution is NULL for an affiliation that resolves to none
//	                  and for an author without one; author_seq is NULL in the row
//	                  that holds the rest of a cut list
//	citation          who cites whom; self where they share an author
//	institution       what affiliations lead to. org_id is a record of the registry;
//	                  city is the GB/T 2260 code of the city in China, else
//	                  "geonames:" and a number
//	institution_link  child is a component of its parent, a joint organisation (with
//	                  a weight), or associated, after the Leiden Ranking
//	source            journals, book series and others
//	field             domains, fields, subfields and topics, of OpenAlex's scheme
//	patent, inventor  weight is 1/number of inventors
//	point             one row per address of a document; the weights of a document
//	                  sum to 1 at most
var Tables = []Table{
	{Name: "work", Year: "year", Order: "work_id", Columns: columns(
		whole("work_id"), text("title", "doi"), whole("year"), date("published"), text("type", "language"),
		whole("source_id", "field", "subfield", "topic", "authors", "refs", "cited", "cited_window"), yes("retracted"), real("fwci"), text("record"))},
	{Name: "authorship", Year: "year", Order: "work_id, author_seq, affiliation_seq, institution", Columns: columns(
		whole("work_id", "year", "author_seq", "author_id", "affiliation_seq", "institution"), text("country"), real("weight"))},
	{Name: "citation", Year: "citing_year", Order: "citing, cited", Columns: columns(
		whole("citing", "citing_year", "cited"), yes("self"))},
	{Name: "institution", Order: "institution", Columns: columns(
		whole("institution"), text("org_id", "ror", "openalex", "name_en", "name_zh", "kind", "country", "city", "city_en", "city_zh", "district"), real("lat", "lon"))},
	{Name: "institution_link", Order: "child, parent, kind", Columns: columns(
		whole("child", "parent"), text("kind"), real("weight"))},
	{Name: "source", Order: "source_id", Columns: columns(
		whole("source_id"), text("name", "issn_l", "kind"))},
	{Name: "field", Order: "level, field", Columns: columns(
		whole("field"), text("level"), whole("parent"), text("name_en", "name_zh"))},
	{Name: "patent", Year: "year", Order: "patent_id", Columns: columns(
		text("patent_id"), whole("year"), text("title", "kind"))},
	{Name: "inventor", Year: "year", Order: "patent_id, inventor_seq", Columns: columns(
		text("patent_id"), whole("year", "inventor_seq"), text("country", "city", "city_en"), real("lon", "lat", "weight"))},
	{Name: "point", Order: "kind, document, lon, lat", Columns: columns(
		text("kind", "document"), whole("year"), real("lon", "lat", "weight"))},
}

// The kinds of institution_link.
const (
	Component  = "component"
	Joint      = "joint"
	Associated = "associated"
)

// TableOf returns the table of a name, false when there is none.
func TableOf(name string) (Table, bool) {
	for _, t := range Tables {
		if t.Name == name {
			return t, true
		}
	}
	return Table{}, false
}

func columns(parts ...[]stats.Column) []stats.Column {
	var out []stats.Column
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func text(names ...string) []stats.Column  { return typed(stats.Text, names) }
func whole(names ...string) []stats.Column { return typed(stats.Int, names) }
func real(names ...string) []stats.Column  { return typed(stats.Real, names) }
func yes(names ...string) []stats.Column   { return typed(stats.Bool, names) }
func date(names ...string) []stats.Column  { return typed(stats.Date, names) }

func typed(t stats.Type, names []string) []stats.Column {
	out := make([]stats.Column, len(names))
	for i, n := range names {
		out[i] = stats.Column{Name: n, Type: t}
	}
	return out
}
