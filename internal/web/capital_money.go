package web

import (
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"html/template"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/sheet"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/web/chart"
)

// MoneyPage is one company's money: 创·投·贷·融·保 on one timeline.
type MoneyPage struct {
	Page
	Lead    string
	Acts    []Link
	Tabs    []Tab
	Exports []Link
	Drawing template.HTML
	Rows    []MoneyRow
	Totals  []MoneyTotal
	Closed  string // what a reader who is not of the staff is not shown
	Made    string // says that some entries are simulated
	Empty   State
	Sources []SourceNote
}

// MoneyRow is one entry of the history.
type MoneyRow struct {
	Day       string // "" is not known
	Strand    string
	Lane      int
	Kind      string
	What      Link
	Parties   []Link
	Money     bool
	Amount    Value
	Mark      *SourceMark
	Simulated bool
}

// MoneyTotal is the money of one kind of entry.
type MoneyTotal struct {
	Strand, Kind, Entries, Unknown string
	Lane                           int
	Sums                           []Value
}

// moneyHistory reads what the reader sees of the money of an organisation. moved is
// the id that answers now where the one asked for was merged into it.
func (v *capitalReading) moneyHistory(r *http.Request) (o registry.Org, h capital.History, moved string, err error) {
	o, err = v.s.svc.Registry.Org(v.ctx, r.PathValue("id"))
	if err != nil || o.MergedInto != "" {
		return o, h, o.MergedInto, err
	}
	if err = v.open(o.SourceID); err != nil {
		return o, h, "", err
	}
	h, err = v.rooms.History(v.ctx, v.viewer, o.ID)
	if err != nil {
		return o, h, "", err
	}
	var parties []*capital.Party
	for i := range h.Entries {
		h.Entries[i].Parties = slices.Clone(h.Entries[i].Parties)
		for j := range h.Entries[i].Parties {
			parties = append(parties, &h.Entries[i].Parties[j])
		}
	}
	return o, h, "", v.nameParties(parties)
}

func (s *Site) moneyPage(w http.ResponseWriter, r *http.Request) error {
	v, err := s.capitalReading(r)
	if err != nil {
		return err
	}
	o, h, moved, err := v.moneyHistory(r)
	if err != nil {
		return err
	}
	if moved != "" {
		http.Redirect(w, r, "/organisations/"+moved+"/money", http.StatusSeeOther)
		return nil
	}
	strand, err := v.strand()
	if err != nil {
		return err
	}
	at := "/organisations/" + o.ID
	p := MoneyPage{Page: s.Page(r, v.say("capital.money_of", errs.A{"name": o.Name(v.l)})), Lead: v.say("capital.money_lead")}
	p.Crumbs = []Link{{v.say("reg.organisations"), "/organisations"}, {o.Name(v.l), at}}
	p.tabs(v, h.Entries, strand)
	shown := slices.DeleteFunc(slices.Clone(h.Entries), func(e capital.Entry) bool { return strand != "" && e.Strand != strand })
	if p.Drawing, err = v.lanes(o, shown); err != nil {
		return err
	}
	for i := range shown {
		p.Rows = append(p.Rows, v.moneyRow(&shown[i]))
	}
	for _, t := range h.Totals {
		if strand == "" || t.Strand == strand {
			p.Totals = append(p.Totals, v.moneyTotal(t))
		}
	}
	if len(h.Entries) > 0 {
		p.Exports = []Link{{"CSV", at + "/money.csv"}, {"XLSX", at + "/money.xlsx"}}
	}
	if !v.rank() {
		p.Closed = v.say("capital.closed_note")
	}
	p.simulated(v, shown)
	if v.can(account.Edit) {
		for _, h := range shelves {
			p.Acts = append(p.Acts, Link{v.say("capital." + h.key() + ".new"), h.path() + "/new?" + url.Values{"org": {o.ID}}.Encode()})
		}
	}
	p.Empty = State{Kind: "empty", Heading: v.say("capital.no_money"), Text: v.say("capital.no_money_text"), Action: Link{v.say("capital.title"), "/capital"}}
	p.Sources = v.notes
	return s.Render(w, r, "money", p)
}

// simulated says which entries are made up: each by a mark, or all in one
// sentence.
func (p *MoneyPage) simulated(v *capitalReading, shown []capital.Entry) {
	n := 0
	for i := range p.Rows {
		if p.Rows[i].Simulated {
			n++
		}
	}
	switch n {
	case 0:
		return
	case len(shown):
		p.Made = v.say("capital.all_simulated")
		for i := range p.Rows {
			p.Rows[i].Simulated = false
		}
	default:
		p.Made = v.say("capital.some_simulated")
	}
}

// strand is the one strand that the reader asks for, "" for all.
func (v *capitalReading) strand() (capital.Strand, error) {
	st := capital.Strand(v.q.Get("strand"))
	if st != "" && !slices.Contains(capital.Strands, st) {
		return "", errs.New(errs.Invalid, "capital.no_strand", errs.A{"strand": clipped(string(st))}).At("/strand")
	}
	return st, nil
}

func (p *MoneyPage) tabs(v *capitalReading, all []capital.Entry, strand capital.Strand) {
	counts := map[capital.Strand]int{}
	for _, e := range all {
		counts[e.Strand]++
	}
	p.Tabs = []Tab{{Label: v.say("reg.all"), Href: p.With("strand", ""), Count: i18n.Integer(int64(len(all))), Current: strand == ""}}
	for _, st := range capital.Strands {
		p.Tabs = append(p.Tabs, Tab{Label: v.strandName(st), Href: p.With("strand", string(st)), Count: i18n.Integer(int64(counts[st])), Current: strand == st})
	}
}

// strandName is a strand in full: 投 · 股权投资.
func (v *capitalReading) strandName(st capital.Strand) string {
	return v.say("capital.strand_long." + string(st))
}

func lane(st capital.Strand) int { return slices.Index(capital.Strands, st) }

// entryPath leads to the record behind an entry.
func entryPath(e *capital.Entry) string {
	id := url.PathEscape(e.ID)
	switch e.Kind {
	case capital.KindSubsidy:
		return premiums.path() + "/" + id
	case "loan":
		return "/loans/" + id
	case "holding", "exit":
		if len(e.Parties) > 0 && e.Parties[0].Key != "" {
			return "/funds/" + url.PathEscape(e.Parties[0].Key)
		}
	}
	if h := shelfFor(e.Kind); h != nil {
		return h.path() + "/" + id
	}
	return ""
}

// entryText says in few words what an entry is.
func (v *capitalReading) entryText(e *capital.Entry) string {
	switch e.Kind {
	case capital.KindRound:
		return v.capitalWord("stage", e.Word)
	case capital.KindListing:
		market, code, _ := strings.Cut(e.Text, " ")
		return strings.TrimSpace(v.capitalWord("state", e.Word) + " " + v.capitalWord("market", market) + " " + code)
	case capital.KindContest:
		return strings.TrimSpace(e.Text + " " + e.Word)
	case capital.KindGuarantee:
		return strings.TrimSpace(v.say("capital.kind.guarantee") + " " + v.known("guarantee", e.Word))
	case "loan":
		return strings.TrimSpace(v.say("capital.kind.loan") + " " + e.Text)
	case "holding", "exit":
		return e.Text
	}
	return strings.TrimSpace(v.capitalWord("kind", e.Kind) + " " + e.Word)
}

func (v *capitalReading) moneyRow(e *capital.Entry) MoneyRow {
	row := MoneyRow{Day: e.Day, Strand: v.capitalWord("strand", string(e.Strand)), Lane: lane(e.Strand) + 1, Kind: v.capitalWord("kind", e.Kind), Money: e.Money,
		What: Link{cmpOr(v.entryText(e), v.say("web.unknown")), entryPath(e)}, Mark: v.mark(e.SourceID), Simulated: e.Simulated || v.sources[e.SourceID].Simulated}
	if e.Amount != nil {
		row.Amount = moneyValue(v.l, e.Amount.Quantity)
	}
	if e.Kind == "holding" || e.Kind == "exit" { // the fund is what the entry is called
		return row
	}
	for i := range e.Parties {
		row.Parties = append(row.Parties, v.party(&e.Parties[i]))
	}
	return row
}

func (v *capitalReading) moneyTotal(t capital.KindTotal) MoneyTotal {
	out := MoneyTotal{Strand: v.capitalWord("strand", string(t.Strand)), Lane: lane(t.Strand) + 1, Kind: v.capitalWord("kind", t.Kind), Entries: i18n.Integer(int64(t.Entries))}
	if t.Unknown > 0 {
		out.Unknown = i18n.Integer(int64(t.Unknown))
	}
	for _, s := range t.Sums {
		out.Sums = append(out.Sums, moneyValue(v.l, s.Quantity))
	}
	return out
}

// The width of the timeline, and how long a label in it may be.
const (
	lanesWidth = 1140
	lanesLabel = 24
)

var shapes = map[string]chart.Shape{capital.KindRound: chart.Disc, "holding": chart.Disc, "exit": chart.Diamond, capital.KindAcquisition: chart.Square, "loan": chart.Square,
	capital.KindListing: chart.Diamond, capital.KindContest: chart.Triangle, capital.KindGuarantee: chart.Square, capital.KindPremium: chart.Disc, capital.KindSubsidy: chart.Triangle}

// lanes draws the history: five lanes, one for each strand.
func (v *capitalReading) lanes(o registry.Org, list []capital.Entry) (template.HTML, error) {
	if len(list) == 0 {
		return "", nil
	}
	l := chart.Lanes{ID: "money", Title: v.say("capital.timeline_of", errs.A{"name": o.Name(v.l)}), Desc: v.say("capital.timeline_desc", errs.A{"n": len(list)}), Undated: v.say("capital.undated")}
	for _, st := range capital.Strands {
		l.Names = append(l.Names, v.capitalWord("strand", string(st)))
	}
	for i := range list {
		e := &list[i]
		m := chart.Mark{Lane: lane(e.Strand), Shape: shapes[e.Kind], Hollow: e.Money && e.Amount == nil, Href: entryPath(e)}
		if m.Lane < 0 {
			continue
		}
		if !e.Money {
			m.Shape = chart.Stroke
		}
		m.From, m.To = stretchOf(e.Day)
		text := v.entryText(e)
		short := text
		if e.Kind == capital.KindListing { // the table names its market
			short = v.capitalWord("state", e.Word)
		}
		m.Label, m.Name = shorten(short, lanesLabel), strings.Join(slices.DeleteFunc([]string{cmpOr(e.Day, v.say("capital.undated")), v.capitalWord("kind", e.Kind), text, v.fullAmount(e.Amount)}, func(s string) bool { return s == "" }), " · ")
		if e.Amount != nil {
			m.Label += " " + v.fullAmount(e.Amount)
		}
		l.Marks = append(l.Marks, m)
	}
	svg, err := l.Draw(lanesWidth)
	return template.HTML(svg), err //nolint:gosec // chart escapes all text
}

// stretchOf is a day as a point in years; one cut to a month or a year is a
// stretch. A day that is not known is NaN.
func stretchOf(day string) (from, to float64) {
	year, err := strconv.Atoi(day[:min(4, len(day))])
	if err != nil || len(day) < 4 {
		return math.NaN(), math.NaN()
	}
	if len(day) < 7 {
		return float64(year), float64(year + 1)
	}
	month, err := strconv.Atoi(day[5:7])
	if err != nil {
		return math.NaN(), math.NaN()
	}
	from = float64(year) + float64(month-1)/12
	if len(day) < 10 {
		return from, from + 1.0/12
	}
	d, err := strconv.Atoi(day[8:10])
	if err != nil {
		return math.NaN(), math.NaN()
	}
	from += float64(d-1) / 12 / 31
	return from, from
}

// moneyFiles adds the history as a file.
func (s *Site) moneyFiles() {
	for _, format := range []sheet.Format{sheet.CSV, sheet.XLSX} {
		s.Route("GET /organisations/{id}/money."+string(format), func(w http.ResponseWriter, r *http.Request) error {
			v, err := s.capitalReading(r)
			if err != nil {
				return err
			}
			_, h, moved, err := v.moneyHistory(r)
			if err != nil {
				return err
			}
			if moved != "" {
				http.Redirect(w, r, "/organisations/"+moved+"/money."+string(format), http.StatusSeeOther)
				return nil
			}
			return writeExport(w, format, export{name: "money", head: []string{"day", "strand", "kind", "id", "word", "text", "parties", "amount", "high", "bound", "currency", "source_id", "evidence", "simulated"},
				rows: func(yield func(sheet.Row, error) bool) {
					for i := range h.Entries {
						if e := &h.Entries[i]; v.sources[e.SourceID].LicenceTag != source.Red && !yield(v.moneyCells(e), nil) {
							return
						}
					}
				}})
		})
	}
}

func (v *capitalReading) moneyCells(e *capital.Entry) sheet.Row {
	var names []string
	for i := range e.Parties {
		names = append(names, v.party(&e.Parties[i]).Text)
	}
	row := sheet.Row{e.Day, string(e.Strand), e.Kind, e.ID, e.Word, e.Text, strings.Join(names, "|"), nil, nil, nil, nil, e.SourceID, e.Evidence, e.Simulated || v.sources[e.SourceID].Simulated}
	if a := e.Amount; a != nil {
		row[7], row[9], row[10] = a.Value, string(a.Bound), string(a.Unit)
		if a.Bound == quantity.Between {
			row[8] = a.High
		}
	}
	return row
}
