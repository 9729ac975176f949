package web

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/money"
)

// BookPage is one book in one of its views: accounts, acts, holds or anchors.
type BookPage struct {
	Page
	Name    string
	Tabs    []Tab
	Head    *BookHead
	Journal string
	Verify  string // where the form of Verify goes
	Units   []Tab
	Unit    string
	Filter  FilterBar
	AsOf    string
	Rows    []AccountRow
	Acts    []ActRow
	More    Link // to all acts
	Holds   []HoldRow
	Anchors []BookHead
	Pager   Pager
	Empty   State
}

// AccountRow is one account and what it holds.
type AccountRow struct {
	Href, Name, Lang           string
	ID, Code, Unit             string
	Side                       string
	Posted, Pending, Available Value
	Owner                      Link
	Closed                     bool
}

// ActRow is one act in a list.
type ActRow struct {
	Href, Seq    string
	Day, When    string
	What, Reason string
	Ref          Link
	Amount       Value // of its debits
	Unit         string
	Scale        string // what money is counted in, for the head of the column
	Reverses     bool
	Correcting   bool
}

// HoldRow is one pending hold.
type HoldRow struct {
	Key, Href     string
	Debit, Credit Link
	Amount        Value
	Unit          string
	Since, Until  string
	Reason        string
	Ref           Link
}

// bookPage begins a page of a book.
func (s *Site) bookPage(r *http.Request, view string) (*ledgerReading, BookPage, error) {
	v, err := s.ledgerReading(r)
	if err != nil {
		return nil, BookPage{}, err
	}
	book := r.PathValue("book")
	if err := v.known(book); err != nil {
		return nil, BookPage{}, err
	}
	p := BookPage{Page: s.Page(r, v.say("books.book", errs.A{"book": book})), Name: book, Journal: bookPath(book) + "/journal", Verify: bookPath(book) + "/verify"}
	p.Path, p.Crumbs = r.URL.EscapedPath(), []Link{{v.say("books.title"), "/ledger"}}
	if p.Head, err = v.head(book); err != nil {
		return nil, p, err
	}
	for _, t := range []string{"accounts", "acts", "holds", "anchors"} {
		href := bookPath(book) + "/" + t
		if t == "accounts" {
			href = bookPath(book)
		}
		p.Tabs = append(p.Tabs, Tab{Label: v.say("books.view." + t), Href: href, Current: t == view})
	}
	return v, p, nil
}

// twoTimes reads the two times that a reader asks for. Days are those of the city.
func twoTimes(q url.Values) (ledger.At, error) {
	at := ledger.At{Effective: q.Get("on")}
	if at.Effective != "" {
		if _, err := time.Parse(time.DateOnly, at.Effective); err != nil {
			return at, errs.New(errs.Invalid, "ledger.bad_as_of", errs.A{"day": clipped(at.Effective)}).At("/on")
		}
	}
	if known := q.Get("known"); known != "" {
		day, err := time.ParseInLocation(time.DateOnly, known, cityTime)
		if err != nil {
			return at, errs.New(errs.Invalid, "ledger.bad_as_of", errs.A{"day": clipped(known)}).At("/known")
		}
		at.Recorded = day.AddDate(0, 0, 1).Add(-time.Microsecond)
	}
	return at, nil
}

// asOfText words two times, "" for now.
func (v *reading) asOfText(q url.Values) string {
	on, known := q.Get("on"), q.Get("known")
	switch {
	case on != "" && known != "":
		return v.say("books.as_of_both", errs.A{"on": i18n.Day(v.l, on), "known": i18n.Day(v.l, known)})
	case on != "":
		return v.say("books.as_of_on", errs.A{"on": i18n.Day(v.l, on)})
	case known != "":
		return v.say("books.as_of_known", errs.A{"known": i18n.Day(v.l, known)})
	}
	return v.say("books.as_of_now")
}

func (v *reading) asOfFields(q url.Values) []Field {
	return []Field{{Name: "on", Label: v.say("books.as_on"), Kind: "date", Value: q.Get("on"), Optional: true}, {Name: "known", Label: v.say("books.known"), Kind: "date", Value: q.Get("known"), Optional: true}}
}

// accountsShown is how many accounts of a book stand on a page.
const accountsShown = 50

func (s *Site) book(w http.ResponseWriter, r *http.Request) error {
	v, p, err := s.bookPage(r, "accounts")
	if err != nil {
		return err
	}
	at, err := twoTimes(v.q)
	if err != nil {
		return err
	}
	before, after := cursorOf(v.q)
	list, err := v.books.Accounts(v.ctx, s.svc.DB, p.Name, after, accountsShown+1)
	if err != nil {
		return err
	}
	if len(list) > accountsShown {
		list = list[:accountsShown]
		p.Pager.Next = p.With("cursor", i64(before+accountsShown)+"~"+list[accountsShown-1].ID)
	}
	if before > 0 {
		p.Pager.First = p.With()
	}
	p.Pager.Shown = v.say("books.shown", errs.A{"from": before + 1, "to": before + int64(len(list))})
	if p.Rows, err = v.accountList(list, at); err != nil {
		return err
	}
	p.Units, p.Unit, p.AsOf = v.unitTabs(p.Page), v.say("books.unit."+v.unit.name), v.asOfText(v.q)
	p.Filter = FilterBar{Action: p.Path, Reset: p.Path, Fields: v.asOfFields(v.q), Count: p.AsOf, Keep: []Hidden{{"unit", v.q.Get("unit")}}}
	for _, f := range []string{"csv", "xlsx"} {
		p.Filter.Exports = append(p.Filter.Exports, Link{map[string]string{"csv": "CSV", "xlsx": "XLSX"}[f], exportPath(p.Path+"/accounts", f, p.With())})
	}
	if p.Head != nil && after == "" {
		acts, err := v.books.Acts(v.ctx, s.svc.DB, p.Name, max(0, p.Head.Seq-10), 10)
		if err != nil {
			return err
		}
		p.Acts, err = v.actRows(acts)
		if err != nil {
			return err
		}
		p.More = Link{v.say("books.all_acts"), bookPath(p.Name) + "/acts"}
	}
	p.Empty = State{Kind: "empty", Heading: v.say("books.no_accounts"), Text: v.say("books.none_text")}
	return s.Render(w, r, "ledger_book", p)
}

// accountList reads the balances of accounts as of two times.
func (v *ledgerReading) accountList(list []ledger.Account, at ledger.At) ([]AccountRow, error) {
	balances := make([]ledger.Balance, len(list))
	var most money.Fen
	for i := range list {
		var err error
		if balances[i], err = v.books.Balance(v.ctx, v.s.svc.DB, list[i].ID, at); err != nil {
			return nil, err
		}
		if list[i].Unit == ledger.CNY {
			most = max(most, balances[i].Posted, -balances[i].Posted)
		}
	}
	v.choose(most)
	var out []AccountRow
	for i := range list {
		a, b := &list[i], balances[i]
		row := AccountRow{Href: accountPath(a.ID), Name: a.Name.In(v.l), Lang: otherLang(v.l, a.Name), ID: a.ID, Code: a.Code, Side: v.say("books.side." + string(a.Normal)), Closed: a.Closed,
			Posted: v.amount(a.Unit, b.Posted), Pending: v.amount(a.Unit, b.Pending), Available: v.amount(a.Unit, b.Available), Owner: v.recordLink(a.Owner)}
		if q := v.q.Encode(); q != "" && (v.q.Has("on") || v.q.Has("known")) {
			row.Href += "?" + url.Values{"on": {v.q.Get("on")}, "known": {v.q.Get("known")}}.Encode()
		}
		if row.Name == "" {
			row.Name, row.Lang = a.ID, ""
		}
		if a.Unit != ledger.CNY {
			row.Unit = a.Unit
		}
		out = append(out, row)
	}
	return out, nil
}

func (s *Site) bookActs(w http.ResponseWriter, r *http.Request) error {
	v, p, err := s.bookPage(r, "acts")
	if err != nil {
		return err
	}
	if p.Head == nil {
		return errs.New(errs.NotFound, "ledger.unknown_book", errs.A{"book": clipped(p.Name)})
	}
	last := p.Head.Seq
	if n := number64(v.q.Get("cursor")); n > 0 && n < last {
		last, p.Pager.First = n, p.With()
	}
	acts, err := v.books.Acts(v.ctx, s.svc.DB, p.Name, max(0, last-pageSize), int(min(last, pageSize)))
	if err != nil {
		return err
	}
	if last > pageSize {
		p.Pager.Next = p.With("cursor", i64(last-pageSize))
	}
	p.Pager.Shown = v.say("books.acts_shown", errs.A{"from": last, "to": max(1, last-pageSize+1), "total": p.Head.Seq})
	if p.Acts, err = v.actRows(acts); err != nil {
		return err
	}
	p.Units, p.Unit = v.unitTabs(p.Page), v.say("books.unit."+v.unit.name)
	return s.Render(w, r, "ledger_book", p)
}

// unitOf finds the unit of an account, each once.
func (v *ledgerReading) unitOf(cache map[string]ledger.Account, id string) (ledger.Account, error) {
	a, ok := cache[id]
	if !ok {
		var err error
		if a, err = v.books.Account(v.ctx, v.s.svc.DB, id); err != nil {
			return a, err
		}
		cache[id] = a
	}
	return a, nil
}

// actRows are acts as a list, the newest first.
func (v *ledgerReading) actRows(acts []*ledger.Act) ([]ActRow, error) {
	accounts := map[string]ledger.Account{}
	sums := make([]map[string]money.Fen, len(acts))
	var most money.Fen
	for i, a := range acts {
		sums[i] = map[string]money.Fen{}
		for _, e := range a.Entries {
			of, err := v.unitOf(accounts, e.Account)
			if err != nil {
				return nil, err
			}
			if e.Amount > 0 {
				sums[i][of.Unit] += e.Amount // within the reach of an account
			}
			if of.Unit == ledger.CNY {
				most = max(most, sums[i][of.Unit])
			}
		}
	}
	v.choose(most)
	var out []ActRow
	for i, a := range slices.Backward(acts) {
		row := ActRow{Href: actPath(a.Book, a.Seq), Seq: i18n.Integer(a.Seq), Day: a.On, When: i18n.Instant(a.At.Time), What: v.actWord(a), Reason: a.Reason, Ref: v.recordLink(a.Ref), Scale: v.say("books.unit." + v.unit.name), Reverses: a.Reverses != "", Correcting: a.Correcting}
		for _, unit := range slices.Sorted(maps.Keys(sums[i])) {
			if row.Amount.Number == "" || unit == ledger.CNY {
				row.Amount, row.Unit = v.amount(unit, sums[i][unit]), ""
				if unit != ledger.CNY {
					row.Unit = unit
				}
			}
		}
		out = append(out, row)
	}
	return out, nil
}

// actWord says what an act does, and the kind that its room gave it.
func (v *reading) actWord(a *ledger.Act) string {
	out := v.say("books.do." + string(a.Do))
	if a.Kind != "" {
		out += v.say("books.colon") + v.bookWord("kind", a.Kind)
	}
	return out
}

func (s *Site) bookHolds(w http.ResponseWriter, r *http.Request) error {
	v, p, err := s.bookPage(r, "holds")
	if err != nil {
		return err
	}
	before, after := cursorOf(v.q)
	list, err := v.books.Holds(v.ctx, s.svc.DB, p.Name, after, pageSize+1)
	if err != nil {
		return err
	}
	if len(list) > pageSize {
		list = list[:pageSize]
		p.Pager.Next = p.With("cursor", i64(before+pageSize)+"~"+list[pageSize-1].Key)
	}
	if before > 0 {
		p.Pager.First = p.With()
	}
	p.Pager.Shown = v.say("books.shown", errs.A{"from": before + 1, "to": before + int64(len(list))})
	var most money.Fen
	for i := range list {
		most = max(most, list[i].Amount)
	}
	v.choose(most)
	accounts := map[string]ledger.Account{}
	for i := range list {
		row, err := v.holdRow(accounts, &list[i])
		if err != nil {
			return err
		}
		p.Holds = append(p.Holds, row)
	}
	p.Units, p.Unit = v.unitTabs(p.Page), v.say("books.unit."+v.unit.name)
	p.Empty = State{Kind: "empty", Heading: v.say("books.no_holds"), Text: v.say("books.no_holds_text")}
	return s.Render(w, r, "ledger_book", p)
}

func (v *ledgerReading) holdRow(accounts map[string]ledger.Account, h *ledger.Hold) (HoldRow, error) {
	row := HoldRow{Key: h.Key, Href: keyPath(h.Key), Since: i18n.Instant(h.At.Time)}
	if !h.Expires.IsZero() {
		row.Until = i18n.Instant(h.Expires.Time)
	}
	if a, err := v.books.Act(v.ctx, v.s.svc.DB, h.Key); err == nil { // what was said when it was made
		row.Reason, row.Ref = a.Reason, v.recordLink(a.Ref)
	}
	debit, err := v.unitOf(accounts, h.Debit)
	if err != nil {
		return row, err
	}
	credit, err := v.unitOf(accounts, h.Credit)
	if err != nil {
		return row, err
	}
	row.Debit, row.Credit = v.accountLink(&debit), v.accountLink(&credit)
	row.Amount = v.amount(debit.Unit, h.Amount)
	if debit.Unit != ledger.CNY {
		row.Unit = debit.Unit
	}
	return row, nil
}

func (v *reading) accountLink(a *ledger.Account) Link {
	text := a.Name.In(v.l)
	if text == "" {
		text = a.ID
	}
	return Link{text, accountPath(a.ID)}
}

func (s *Site) bookAnchors(w http.ResponseWriter, r *http.Request) error {
	v, p, err := s.bookPage(r, "anchors")
	if err != nil {
		return err
	}
	list, err := v.books.Anchors(v.ctx, s.svc.DB, p.Name, 400)
	if err != nil {
		return err
	}
	for _, a := range list {
		p.Anchors = append(p.Anchors, BookHead{Seq: a.Seq, Text: i18n.Integer(a.Seq), Hash: a.Hash, Href: actPath(a.Book, a.Seq), When: a.Day})
	}
	p.Empty = State{Kind: "empty", Heading: v.say("books.no_anchors"), Text: v.say("books.no_anchors_text")}
	return s.Render(w, r, "ledger_book", p)
}
