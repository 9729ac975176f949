package web

import (
	"net/http"
	"strings"

	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/money"
)

// LedgerActPage is one act of a book with all that it says.
type LedgerActPage struct {
	Page
	Reversal string // says that it takes another back, or was taken back
	Link     Link   // to that other act
	Facts    []Fact
	Unit     string
	Units    []Tab
	Postings []PostingRow
	Evidence *Trace
	Defines  bool // the evidence is the definition of an account or a hold
	Related  []ActRow
	Hash     string
	Before   BookHead // the act before; Seq 0 for the first
	Older    string
	Newer    string
}

// PostingRow is one entry of an act.
type PostingRow struct {
	Account            Link
	ID                 string
	Debit, Credit      *Value
	Unit               string
	Previous, Balance  Value
	Version, StateLine string
}

func (s *Site) actByKey(w http.ResponseWriter, r *http.Request) error {
	v, err := s.ledgerReading(r)
	if err != nil {
		return err
	}
	a, err := v.books.Act(v.ctx, s.svc.DB, r.PathValue("key"))
	if err != nil {
		return err
	}
	return v.showAct(w, r, a)
}

func (s *Site) actBySeq(w http.ResponseWriter, r *http.Request) error {
	v, err := s.ledgerReading(r)
	if err != nil {
		return err
	}
	book, seq := r.PathValue("book"), number64(r.PathValue("seq"))
	if err := v.known(book); err != nil {
		return err
	}
	if seq > 0 {
		acts, err := v.books.Acts(v.ctx, s.svc.DB, book, seq-1, 1)
		if err != nil {
			return err
		}
		if len(acts) == 1 && acts[0].Seq == seq {
			return v.showAct(w, r, acts[0])
		}
	}
	return errs.New(errs.NotFound, "books.no_act", errs.A{"book": clipped(book), "seq": clipped(r.PathValue("seq"))})
}

func (v *ledgerReading) showAct(w http.ResponseWriter, r *http.Request, a *ledger.Act) error {
	p := LedgerActPage{Page: v.s.Page(r, v.say("books.act", errs.A{"book": a.Book, "seq": a.Seq})), Facts: v.actFacts(a), Evidence: v.trace(a.Body), Hash: a.Hash,
		Defines: a.Do == ledger.DoOpen || a.Do == ledger.DoAmend || a.Do == ledger.DoCloseAccount || a.Do == ledger.DoReserve}
	p.Path = r.URL.EscapedPath()
	p.Crumbs = []Link{{v.say("books.title"), "/ledger"}, {v.say("books.book", errs.A{"book": a.Book}), bookPath(a.Book)}, {v.say("books.view.acts"), bookPath(a.Book) + "/acts"}}
	if err := p.chain(v, a); err != nil {
		return err
	}
	if err := p.postings(v, a); err != nil {
		return err
	}
	if err := p.turn(v, a); err != nil {
		return err
	}
	if a.Ref != "" {
		acts, err := v.books.ActsOf(v.ctx, v.s.svc.DB, a.Ref, pageSize+1)
		if err != nil {
			return err
		}
		if p.Related, err = v.others(acts, a); err != nil {
			return err
		}
	}
	return v.s.Render(w, r, "ledger_act", p)
}

func (v *ledgerReading) actFacts(a *ledger.Act) []Fact {
	var out []Fact
	add := func(key, text, href string) {
		if text != "" {
			out = append(out, Fact{Label: v.say(key), Values: []FactValue{{Text: text, Href: href}}})
		}
	}
	add("books.what", v.actWord(a), "")
	add("books.on", i18n.Day(v.l, a.On), "")
	add("books.recorded", i18n.Instant(a.At.Time), "")
	add("books.reason", a.Reason, "")
	if ref := v.recordLink(a.Ref); a.Ref != "" {
		add("books.ref", ref.Text, ref.Href)
	}
	add("books.who", v.actor(a.Actor), "")
	if a.Behalf != "" {
		add("books.behalf", v.actor(a.Behalf), "")
	}
	if a.Batch != "" {
		add("reg.batch", a.Batch, "/batches/"+a.Batch)
	}
	out = append(out, v.casesOf(a.Ref)...)
	if a.Hold != "" {
		add("books.hold", a.Hold, keyPath(a.Hold))
		if h, err := v.books.Hold(v.ctx, v.s.svc.DB, a.Hold); err == nil {
			add("books.hold_state", v.say("books.hold."+string(h.State)), "")
		}
	}
	if a.Correcting {
		add("books.correcting", v.say("books.correcting_text"), "")
	}
	add("books.key", a.Key, "")
	return out
}

// casesOf leads to the cases about a record, where the reader may see them.
func (v *ledgerReading) casesOf(ref string) []Fact {
	if v.s.svc.Cases == nil || ref == "" {
		return nil
	}
	got, err := casework.Cases(v.ctx, v.s.svc.DB, casework.Filter{Ref: ref}, casework.Page{Limit: 5})
	f := Fact{Label: v.say("cases.case")}
	for i := range got.Items {
		if c := &got.Items[i]; !v.closed(c.Source) {
			f.Values = append(f.Values, FactValue{Text: c.ID, Href: casePath(c.ID)})
		}
	}
	if err != nil || len(f.Values) == 0 {
		return nil // the act stands by itself
	}
	return []Fact{f}
}

// chain sets the neighbours of an act.
func (p *LedgerActPage) chain(v *ledgerReading, a *ledger.Act) error {
	if a.Seq > 1 {
		acts, err := v.books.Acts(v.ctx, v.s.svc.DB, a.Book, a.Seq-2, 1)
		if err != nil {
			return err
		}
		if len(acts) == 1 && acts[0].Seq == a.Seq-1 {
			p.Older = actPath(a.Book, a.Seq-1)
			p.Before = BookHead{Seq: a.Seq - 1, Text: i18n.Integer(a.Seq - 1), Hash: acts[0].Hash, Href: p.Older}
		}
	}
	head, err := v.head(a.Book)
	if err == nil && head != nil && head.Seq > a.Seq {
		p.Newer = actPath(a.Book, a.Seq+1)
	}
	return err
}

func (p *LedgerActPage) postings(v *ledgerReading, a *ledger.Act) error {
	accounts := map[string]ledger.Account{}
	var most money.Fen
	for _, e := range a.Entries {
		of, err := v.unitOf(accounts, e.Account)
		if err != nil {
			return err
		}
		if of.Unit == ledger.CNY {
			most = max(most, e.Amount, -e.Amount)
		}
	}
	if v.choose(0); v.q.Get("unit") == "" { // an act is read to the fen unless asked otherwise
		v.unit = unitNamed(v.l, "yuan")
	}
	p.Unit = v.say("books.unit." + v.unit.name)
	if most > 0 {
		p.Units = v.unitTabs(p.Page)
	}
	for _, e := range a.Entries {
		of := accounts[e.Account]
		row := PostingRow{Account: v.accountLink(&of), ID: e.Account, Previous: v.amount(of.Unit, e.Previous), Balance: v.amount(of.Unit, e.Balance), Version: i18n.Integer(e.Version)}
		if of.Unit != ledger.CNY {
			row.Unit = of.Unit
		}
		x := v.amount(of.Unit, max(e.Amount, -e.Amount))
		if e.Amount > 0 {
			row.Debit = &x
		} else {
			row.Credit = &x
		}
		p.Postings = append(p.Postings, row)
	}
	return nil
}

// turned is how many later entries of an account are looked through for the act
// that takes another back.
const turned = 500

// turn says which act this one takes back, or which takes it back: a reversal
// has the same postings turned round, so it stands later in the same account.
func (p *LedgerActPage) turn(v *ledgerReading, a *ledger.Act) error {
	if a.Reverses != "" {
		p.Reversal, p.Link = v.say("books.reverses"), Link{a.Reverses, keyPath(a.Reverses)}
		return nil
	}
	if len(a.Entries) == 0 {
		return nil
	}
	first := a.Entries[0]
	later, err := v.books.Statement(v.ctx, v.s.svc.DB, first.Account, 0, turned)
	if err != nil {
		return err
	}
	for i := range later {
		e := &later[i]
		if e.Version <= first.Version || e.Amount != -first.Amount {
			continue
		}
		acts, err := v.books.Acts(v.ctx, v.s.svc.DB, e.Book, e.Seq-1, 1)
		if err != nil {
			return err
		}
		if len(acts) == 1 && acts[0].Reverses == a.Key {
			p.Reversal, p.Link = v.say("books.reversed_by"), Link{acts[0].Key, actPath(acts[0].Book, acts[0].Seq)}
			return nil
		}
	}
	return nil
}

// others are the acts of the same record without the one that is shown.
func (v *ledgerReading) others(acts []*ledger.Act, but *ledger.Act) ([]ActRow, error) {
	var list []*ledger.Act
	for _, a := range acts {
		if a.Key != but.Key && !strings.HasPrefix(a.Key, "~") {
			list = append(list, a)
		}
	}
	return v.actRows(list)
}
