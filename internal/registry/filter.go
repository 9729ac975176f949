package registry

// Sort is the order of a list.
type Sort string

// The orders. Names are ordered as package fold does: Latin, then Chinese by
// pinyin. Each has the id as its last key, so paging never skips or repeats.
const (
	SortName   Sort = "name"    // by the Chinese name where there is one
	SortNameEN Sort = "name_en" // by the English name where there is one
	SortNewest Sort = "newest"  // last changed first; papers: by year and month
)

// Page asks for one page of a list.
type Page struct {
	After string // the cursor Next of the page before, "" for the first
	Limit int    // 1 to 500; 0 is 50
}

// List is one page: its items, the cursor of the next page ("" when this is
// the last), and how many items all pages have.
type List[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
	Total int64  `json:"total"`
}

// OrgFilter selects organisations. Empty fields select nothing away. Merged
// records are left out unless Status asks for them.
type OrgFilter struct {
	Query         string // part of any name, folded
	Prefix        bool   // Query must start the name
	Kinds         []OrgKind
	Country       string // ISO 3166-1 alpha-2
	Division      string // GB/T 2260 code; a province or city covers what lies below it
	Status        Status
	Source        string
	Batch         string
	HasIdentifier string // a scheme
	Sort          Sort
	Page
}

// Facet is one value of a field and how many items have it.
type Facet struct {
	Value string `json:"value"` // "" stands for unknown
	Count int64  `json:"count"`
}

// OrgFacets counts the organisations that a filter selects by field, the most
// frequent value first. A field that the filter itself narrows is counted
// without that part of the filter, so that a reader can change the choice.
type OrgFacets struct {
	Kind     []Facet `json:"kind"`
	Country  []Facet `json:"country"`
	Division []Facet `json:"division"`
	Status   []Facet `json:"status"`
	Source   []Facet `json:"source"`
}

// PlatformFilter selects platforms.
type PlatformFilter struct {
	Query    string
	Class    string
	Group    string
	Level    string
	Division string // as in OrgFilter
	Status   string
	OrgID    string // hosted by, or itself, this organisation
	Source   string
	Sort     Sort
	Page
}

// ParkFilter selects parks.
type ParkFilter struct {
	Query    string
	Class    string
	Level    string
	Division string
	Status   string
	OrgID    string
	Source   string
	Sort     Sort
	Page
}

// PersonFilter selects people.
type PersonFilter struct {
	Query string
	ORCID string
	OrgID string // with any relation to this organisation
	Page
	Sort Sort
}

// PaperFilter selects papers.
type PaperFilter struct {
	Query           string // part of the title, folded
	OrgID           string
	IncludeChildren bool   // OrgID and all below it
	At              string // the day whose hierarchy IncludeChildren follows, "" for today
	Year            int
	City            string // a city that an affiliation names, as printed
	Source          string
	Unresolved      bool // with an affiliation that names no known organisation
	Sort            Sort
	Page
}

// Facets are the counts of the fields of a small register.
type Facets map[string][]Facet
