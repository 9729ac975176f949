package ranking

import (
	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/i18n"
)

// Table answers a Query.
type Table struct {
	Query   Query           `json:"query"` // with its defaults filled in
	Corpus  corpus.Manifest `json:"corpus"`
	Rows    []Row           `json:"rows"`
	Total   int             `json:"total"` // units that match, on all pages
	World   Row             `json:"world"` // all works of the corpus under the same choice
	Placed  float64         `json:"placed"`
	Method  Method          `json:"method"`
	Caveats []i18n.Text     `json:"caveats,omitempty"` // what a reader must know before quoting
}

// Method says how numbers came about, so that they can be computed again.
type Method struct {
	ID         string      `json:"id"` // hash of the statements and parameters
	Statements []Statement `json:"statements"`
	Prepared   string      `json:"prepared"` // instant of the computation, RFC 3339
	Files      int         `json:"files"`    // Parquet files read
	Data       string      `json:"data"`     // hash over their hashes
}

// Statement is one SQL text that was run.
type Statement struct {
	Name string `json:"name"`
	SQL  string `json:"sql"`
}

// RecordsQuery asks for the works behind one value of a table.
type RecordsQuery struct {
	Query
	Of    string `json:"of"`              // Row.Unit
	After string `json:"after,omitempty"` // RecordPage.Next of the page before
}

// Record is one work behind a value.
type Record struct {
	Work   int64   `json:"work"`
	Title  string  `json:"title"`
	Year   int     `json:"year"`
	DOI    string  `json:"doi,omitempty"`
	Paper  string  `json:"paper,omitempty"` // record of the registry, where there is one
	Weight float64 `json:"weight"`
	Base   float64 `json:"base,omitempty"` // for a mean or a share
}

// RecordPage is one page of records. The value is Weight, or for a mean or a
// share Weight over Base (in percent for a percentage), summed over all pages.
type RecordPage struct {
	Items     []Record  `json:"items"`
	Next      string    `json:"next,omitempty"`
	Total     int64     `json:"total"`
	Weight    float64   `json:"weight"`
	Base      float64   `json:"base,omitempty"`
	Value     float64   `json:"value"`
	Unit      i18n.Text `json:"unit"` // name of the unit
	Statement Statement `json:"statement"`
}

// ClusterQuery asks for the clusters of a corpus.
type ClusterQuery struct {
	Corpus       string  `json:"corpus"`
	RadiusKM     float64 `json:"radius_km"`     // 15 when 0, as in the GII since 2018
	Density      float64 `json:"density"`       // least weight within the radius; 0: scaled from 4,500 per 10 million points
	PatentWeight float64 `json:"patent_weight"` // of a patent's point in the density; 1 when 0
	PaperWeight  float64 `json:"paper_weight"`  // of a paper's point; 1 when 0
	Round        float64 `json:"round"`         // degrees to which coordinates are rounded; 0: not at all
	From         int     `json:"from"`
	To           int     `json:"to"`
}

// ClusterTable is the ranking of the clusters of a corpus, GII-style.
type ClusterTable struct {
	Query     ClusterQuery    `json:"query"`
	Corpus    corpus.Manifest `json:"corpus"`
	Clusters  []Cluster       `json:"clusters"` // by rank
	Listings  float64         `json:"listings"` // addresses, before equal places are taken together
	Places    int             `json:"places"`   // distinct coordinates
	Core      int             `json:"core"`
	Border    int             `json:"border"`
	Ambiguous int             `json:"ambiguous"` // border places within reach of two clusters
	Noise     int             `json:"noise"`
	Patents   float64         `json:"patents"` // world totals of the corpus: documents with a place
	Papers    float64         `json:"papers"`
	Faint     []Place         `json:"faint"` // places outside all clusters, the heaviest first, 2,000 at most
	Method    string          `json:"method"`
}

// Cluster is one cluster.
type Cluster struct {
	ID           int       `json:"id"` // label: the same parameters give the same label
	Rank         int       `json:"rank"`
	Name         i18n.Text `json:"name"` // of its heaviest place, where places have names
	Lon          float64   `json:"lon"`  // centre of its weight
	Lat          float64   `json:"lat"`
	RadiusKM     float64   `json:"radius_km"` // from the centre to its farthest place
	Places       int       `json:"places"`
	Patents      float64   `json:"patents"` // fractional counts
	Papers       float64   `json:"papers"`
	PatentShare  float64   `json:"patent_share"` // percent of the world total, not rounded
	PaperShare   float64   `json:"paper_share"`
	Score        float64   `json:"score"` // their sum
	Heaviest     []Place   `json:"heaviest"`
	Home         bool      `json:"home"` // the city of this Kapok lies in it
	CorePlaces   int       `json:"core_places"`
	BorderPlaces int       `json:"border_places"`
}

// Place is one pair of coordinates and what stands there.
type Place struct {
	Lon     float64   `json:"lon"`
	Lat     float64   `json:"lat"`
	Name    i18n.Text `json:"name,omitzero"`
	Patents float64   `json:"patents"`
	Papers  float64   `json:"papers"`
	Core    bool      `json:"core"`
}
