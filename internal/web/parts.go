package web

import (
	"github.com/kapok-city/kapok/internal/web/chart"
)

// The structs below are one to one with the partial templates of
// templates/parts: FigureCard with "figure_card" and so on. Strings in them are
// already in the reader's language.

// FigureCard is one number with its meaning. Value stands alone, or Lines set
// reported beside computed, with Difference under them.
type FigureCard struct {
	Href       string
	Label      string
	Value      Value
	Lines      []FigureLine
	Difference string
	Change     Change
	Spark      *chart.Spec
	Source     string
	Period     string
	Records    string // "32 records", "" where the figure is only reported
	Simulated  bool
}

// FigureLine is one of two values of the same figure.
type FigureLine struct {
	Label string // 报告, 计算
	Value Value
}

// Change is the movement against an earlier period, which it must name.
type Change struct {
	Text string // "+12.4%"
	Base string // "比2023年"
	Way  string // up, down or same: the sign drawn, not a judgement
}

// Fact is one row of a facts list: a label and its values, each with a source.
type Fact struct {
	Label  string
	Values []FactValue
	Why    string // shown when there are no values: why it is not known
}

// FactValue is one value of a fact.
type FactValue struct {
	Text string
	Href string
	Lang string // BCP 47, where it differs from the page's
	Note string // "2019年至今", "曾用名"
	Mark *SourceMark
}

// SourceMark is the small number that leads to a source at the foot.
type SourceMark struct {
	Number int
	Title  string
}

// SourceNote is one source at the foot of a page, numbered by its mark.
type SourceNote struct {
	Number    int
	Title     string
	Href      string
	Publisher string
	Day       string
	Licence   string
}

// Event is one step of a timeline.
type Event struct {
	Day   string // ISO date
	Title string
	Href  string
	Text  string
	Who   string
	State string // done, now, next or failed
}

// Pager leads through a list whose cursor only knows the next page.
type Pager struct {
	First string // address, "" on the first page
	Next  string // address, "" on the last
	Shown string // "第 26–50 条"
}

// Chip is a filter that is on; Remove is the page without it.
type Chip struct {
	Label  string
	Value  string
	Remove string
}

// Column is one head of a table. Unit stands in the head and nowhere below.
type Column struct {
	Label   string
	Unit    string
	Numeric bool
	Sort    string // address that sorts by this column, "" if it cannot
	Order   string // ascending, descending or ""
}

// TableHead is the caption and head row of a table.
type TableHead struct {
	Caption string
	Hidden  bool // caption for those who listen only, under a heading that says it
	Columns []Column
}

// Tab is one of several views of the same thing.
type Tab struct {
	Label   string
	Href    string
	Count   string
	Current bool
}

// State fills a place that has nothing to show.
type State struct {
	Kind    string // empty, failed, forbidden, waiting
	Heading string
	Text    string // lines apart by \n
	Action  Link
}

// Verdict is how a claim stands against the records.
type Verdict struct {
	Kind   string // borne_out, compatible, contradicted, not_comparable, unknown
	Number int
	Claim  string // the words of the text
	Reason string
	Figure Link // what it was compared with
}

// ChartFigure is a chart with everything that belongs to it.
type ChartFigure struct {
	Spec      chart.Spec
	Number    int    // printed as 图 1
	CSV       string // address of the same data
	Source    string
	Period    string
	Simulated bool
}

// DiffRow is one changed field of a record.
type DiffRow struct {
	Field  string
	Before string
	After  string
	Kind   string // added, removed, changed
}
