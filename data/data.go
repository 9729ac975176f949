package data

import "embed"

// FS holds the demo cities, one folder each, with their licences. Paths are those
// of the constants below, joined to a City with Path.
//
//go:embed LICENSES.md guangzhou terms dictionary/cedict glove/words.bin
var FS embed.FS

// Terms is the folder of the termbase that comes with the program, CSV files by
// area. Dictionary is the dictionary that is read after it, a file with a licence
// of its own: without it, Kapok knows fewer words and works all the same.
const (
	Terms      = "terms"
	Dictionary = "dictionary/cedict/cedict.tsv.gz"
)

// WordVectors is the table of English word vectors of the encoder that needs no
// model.
const WordVectors = "glove/words.bin"

// City is the folder of one demo city.
type City string

// Guangzhou is the city that the demo builds.
const Guangzhou City = "guangzhou"

// File is the name of a file that a city folder holds.
type File string

// The files of a city folder. Gzip files end in ".gz"; tables are UTF-8 CSV with
// a header row; the others are YAML or JSON. README.md of the folder describes the
// columns.
const (
	ROR           File = "ror.jsonl.gz"         // ROR records, schema v1 and v2 mixed, unchanged
	ChinaXiv      File = "chinaxiv.jsonl.gz"    // heads of papers that name the city, no author names
	Divisions     File = "gb2260.csv"           // GB/T 2260 codes, dated
	TileMap       File = "tilemap.json"         // schematic map of the districts
	Sources       File = "sources.yaml"         // every document that a fact rests on
	Figures       File = "figures.yaml"         // definitions of the figures
	Reported      File = "reported.csv"         // reported values of figures
	Superlatives  File = "superlatives.csv"     // first, only, largest: claims as reported
	Platforms     File = "platforms.csv"        // the platform system of the city
	Organisations File = "organisations.csv"    // organisations that ROR lacks
	Relations     File = "relations.csv"        // dated relations between them
	Parks         File = "parks.csv"            // parks and bases
	PatentPlaces  File = "patent_places.csv.gz" // granted US patents by place, field and period
	Awards        File = "awards.csv"           // state awards by scope and kind
	Editions      File = "editions.yaml"        // editions of published rankings, with their methods
	Entries       File = "editions.csv"         // lines of their tables
	People        File = "people.csv"           // experts, simulated
	Results       File = "results.csv"          // research results, simulated
	Offerings     File = "services.csv"         // services of labs, simulated
	Needs         File = "needs.csv"            // needs of enterprises, simulated
	Cities        File = "cities.csv"           // major cities of China in 2017: what the example index is computed over
	CitiesIndex   File = "cities.yaml"          // the example of a composite index
)

// Path returns the slash-separated path of a file inside FS.
func (c City) Path(f File) string { return string(c) + "/" + string(f) }
