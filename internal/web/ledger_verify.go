package web

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/sheet"
)

// LedgerReportPage is what recomputing the books found.
type LedgerReportPage struct {
	Page
	Name    string
	Verdict BenchVerdict
	Faults  []LedgerFault
	Others  string // how many faults other books have
	Counts  []Answer
	Hash    string
	Back    Link
}

// LedgerFault is one row at fault, and where to look at it.
type LedgerFault struct {
	Text string
	To   Link
}

// verifyBook recomputes the books and shows what came of one of them.
func (s *Site) verifyBook(w http.ResponseWriter, r *http.Request) error {
	v, err := s.ledgerReading(r)
	if err != nil {
		return err
	}
	book := r.PathValue("book")
	if err := v.known(book); err != nil {
		return err
	}
	rep, err := v.books.Verify(v.ctx, s.svc.DB)
	if err != nil {
		return err
	}
	p := LedgerReportPage{Page: s.Page(r, v.say("books.report", errs.A{"book": book})), Name: book, Back: Link{v.say("books.back"), bookPath(book)}}
	p.Path = bookPath(book)
	p.Crumbs = []Link{{v.say("books.title"), "/ledger"}, {v.say("books.book", errs.A{"book": book}), bookPath(book)}}
	p.faults(v, book, &rep)
	p.counts(v, book, &rep)
	return s.Render(w, r, "ledger_report", p)
}

func (p *LedgerReportPage) faults(v *ledgerReading, book string, rep *ledger.Report) {
	others := 0
	for _, e := range rep.Faults {
		if of, ok := e.Args["book"]; ok && fmt.Sprint(of) != book {
			others++
			continue
		}
		f := LedgerFault{Text: i18n.T(v.l, e.Key, e.Args)}
		if a, ok := e.Args["account"]; ok {
			f.To = Link{v.say("books.to_account"), accountPath(fmt.Sprint(a))}
		}
		if n, ok := e.Args["seq"]; ok {
			f.To = Link{v.say("books.to_act"), actPath(book, number64(fmt.Sprint(n)))}
		}
		p.Faults = append(p.Faults, f)
	}
	if others > 0 {
		p.Others = v.say("books.other_faults", errs.A{"n": others})
	}
	switch {
	case len(p.Faults) == 0 && rep.More:
		p.Verdict = BenchVerdict{"care", "question", v.say("books.verdict_more"), v.say("books.verdict_more_text")}
	case len(p.Faults) == 0:
		p.Verdict = BenchVerdict{"ok", "check", v.say("books.verdict_ok"), v.say("books.verdict_ok_text")}
	default:
		p.Verdict = BenchVerdict{"care", "warning", v.say("books.verdict_bad", errs.A{"n": len(p.Faults)}), v.say("books.verdict_bad_text")}
		if rep.More {
			p.Verdict.Text += v.say("books.verdict_cut")
		}
	}
}

func (p *LedgerReportPage) counts(v *ledgerReading, book string, rep *ledger.Report) {
	for _, b := range rep.Books {
		if b.Book != book {
			continue
		}
		p.Hash = b.Hash
		for _, c := range []struct {
			key string
			n   int64
		}{{"acts", b.Acts}, {"entries", b.Entries}, {"accounts", int64(b.Accounts)}, {"holds", int64(b.Holds)}, {"anchors", int64(b.Anchors)}} {
			p.Counts = append(p.Counts, Answer{Label: v.say("books.count." + c.key), Value: i18n.Integer(c.n)})
		}
		p.Counts = append(p.Counts, Answer{Label: v.say("books.last"), Value: i18n.Instant(b.Last.Time)})
	}
}

// journal hands a book out as plain text. The first part is held back, so that
// a book that cannot be read is an error page and not half a file.
func (s *Site) journal(w http.ResponseWriter, r *http.Request) error {
	v, err := s.ledgerReading(r)
	if err != nil {
		return err
	}
	book := r.PathValue("book")
	if err := v.known(book); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Disposition", "attachment; filename*=UTF-8''kapok-"+url.PathEscape(book)+".journal")
	h.Set("Cache-Control", "private, no-cache")
	out := &held{w: w}
	if err := v.books.Export(v.ctx, s.svc.DB, out, book); err != nil {
		if !out.begun {
			h.Del("Content-Disposition")
		}
		return err
	}
	return out.flush()
}

// held keeps the first 64 KiB back until there is more, or the end.
type held struct {
	w     http.ResponseWriter
	b     bytes.Buffer
	begun bool
}

func (h *held) Write(p []byte) (int, error) {
	if h.begun {
		return h.w.Write(p)
	}
	n, err := h.b.Write(p)
	if err == nil && h.b.Len() > 64<<10 {
		err = h.flush()
	}
	return n, err
}

func (h *held) flush() error {
	h.begun = true
	_, err := h.b.WriteTo(h.w)
	return err
}

// bookFile makes the file of a list of the books.
type bookFile func(v *ledgerReading, r *http.Request) (export, error)

// bookFiles adds the routes of a list's files, for the staff.
func (s *Site) bookFiles(path string, file bookFile) {
	for _, f := range []sheet.Format{sheet.CSV, sheet.XLSX} {
		s.guarded("GET "+path+"."+string(f), "read", func(w http.ResponseWriter, r *http.Request) error {
			v, err := s.ledgerReading(r)
			if err != nil {
				return err
			}
			e, err := file(v, r)
			if err != nil {
				return err
			}
			return writeExport(w, f, e)
		})
	}
}

func (s *Site) accountRows(v *ledgerReading, r *http.Request) (export, error) {
	book := r.PathValue("book")
	e := export{name: "accounts", head: []string{"account", "book", "code", "name_zh", "name_en", "normal", "unit", "owner", "closed", "posted", "pending", "incoming", "available", "on", "known"}}
	at, err := twoTimes(v.q)
	if err == nil {
		err = v.known(book)
	}
	if err != nil {
		return e, err
	}
	e.rows = func(yield func(sheet.Row, error) bool) {
		for after := ""; ; {
			list, err := v.books.Accounts(v.ctx, s.svc.DB, book, after, exportStep)
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range list {
				a := &list[i]
				b, err := v.books.Balance(v.ctx, s.svc.DB, a.ID, at)
				if !yield(sheet.Row{a.ID, a.Book, a.Code, a.Name.ZH, a.Name.EN, string(a.Normal), a.Unit, a.Owner, a.Closed, inUnit(a.Unit, b.Posted), inUnit(a.Unit, b.Pending), inUnit(a.Unit, b.Incoming), inUnit(a.Unit, b.Available), v.q.Get("on"), v.q.Get("known")}, err) || err != nil {
					return
				}
				after = a.ID
			}
			if len(list) < exportStep {
				return
			}
		}
	}
	return e, nil
}

func (s *Site) statementRows(v *ledgerReading, r *http.Request) (export, error) {
	e := export{name: "statement", head: []string{"account", "unit", "version", "effective_on", "recorded_at", "debit", "credit", "balance", "book", "seq", "hash"}}
	a, err := v.books.Account(v.ctx, s.svc.DB, r.PathValue("id"))
	if err != nil {
		return e, err
	}
	e.rows = func(yield func(sheet.Row, error) bool) {
		for before := int64(0); ; {
			list, err := v.books.Statement(v.ctx, s.svc.DB, a.ID, before, exportStep)
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range list {
				x := &list[i]
				debit, credit := "", inUnit(a.Unit, -x.Amount)
				if x.Amount > 0 {
					debit, credit = inUnit(a.Unit, x.Amount), ""
				}
				if !yield(sheet.Row{a.ID, a.Unit, x.Version, x.On, i18n.Instant(x.At.Time), debit, credit, inUnit(a.Unit, x.Balance), x.Book, x.Seq, x.Hash}, nil) {
					return
				}
				before = x.Version
			}
			if len(list) < exportStep {
				return
			}
		}
	}
	return e, nil
}
