package pool_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/shareddata"
	"github.com/kapok-city/kapok/internal/sheet"
	"github.com/kapok-city/kapok/internal/source"
)

// sbaRegime pays three quarters of a loss. The share that each loan of the
// programme really carried differs; what is tested is that sums agree.
const sbaRegime = `
version: 1
regimes:
  - id: sba
    place: "000000"
    name: {zh: 担保贷款, en: guaranteed loans}
    from: 1980-01-01
    to: ""
    status: unverified
    source: made for a test
    governing: registration
    modes: [bank]
    tiers:
      id: SBA-tier
      article: ""
      status: unverified
      source: made for a test
      tier_mode: whole
      edge: inclusive
      rounding: floor
      bands: [{up_to: 5000000, share_ppm: 750000}]
    claims:
      id: SBA-claims
      article: ""
      status: unverified
      source: made for a test
      min_class: loss
      register_days: null
      window_days: null
      lawsuit: null
`

// sbaLoan is a line of the file. Its days are numbers of days since 1960-01-01,
// the habit of the statistics program that wrote it. Cents stand for fen.
type sbaLoan struct {
	number, name, bank, lent, off string
	gross, loss                   money.Fen
}

func sbaLoans(t testing.TB) []sbaLoan {
	t.Helper()
	f, err := os.Open(shareddata.Path(t, "sba_loans/SBAcase.11.13.17.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, h := range lines[0] {
		at[h] = i
	}
	day := func(text string) string {
		if text == "" {
			return ""
		}
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n).Format(time.DateOnly)
	}
	amount := func(text string) money.Fen {
		f, err := money.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	var out []sbaLoan
	for _, l := range lines[1:] {
		out = append(out, sbaLoan{
			l[at["LoanNr_ChkDgt"]], l[at["Name"]], l[at["Bank"]], day(l[at["DisbursementDate"]]), day(l[at["ChgOffDate"]]),
			amount(l[at["DisbursementGross"]]), amount(l[at["ChgOffPrinGr"]]),
		})
	}
	return out
}

type bankYear struct{ bank, year string }

// TestSBA takes 2,101 real guaranteed loans through a pool: what is registered,
// claimed and paid by bank and year adds up to the file.
func TestSBA(t *testing.T) {
	loans := sbaLoans(t)
	w := &world{t: t, d: dbtest.SQLite(t), books: ledger.New(), now: time.Date(2014, 12, 31, 4, 0, 0, 0, time.UTC)}
	banks := sbaPool(w, loans)
	ids, skipped := sbaFile(w, loans, banks)
	if len(loans) != 2101 || skipped.loans != 5 {
		t.Errorf("%d loans, %d without a day or a bank", len(loans), skipped.loans)
	}
	want := map[bankYear]pool.MemberClaims{}
	early := 0
	var lossy []sbaLoan
	for _, l := range loans {
		switch {
		case l.loss == 0 || ids[l.number] == "":
		case l.off < l.lent: // a misprint of the file: no claim, and counted
			early++
		default:
			lossy = append(lossy, l)
			k := bankYear{banks[l.bank], l.off[:4]}
			m := want[k]
			m.Claims, m.Loss, m.Paid = m.Claims+1, m.Loss+l.loss, m.Paid+l.loss*3/4
			want[k] = m
		}
	}
	w.in(func(ctx context.Context, tx *db.Tx) error { return sbaClaims(ctx, w, tx, lossy, ids, banks) })
	got, err := w.s.ClaimsByMember(t.Context(), w.d, w.pool.ID)
	w.must(err)
	var claims int64
	var lost, paid money.Fen
	for _, g := range got {
		e := want[bankYear{g.MemberID, g.Year}]
		if g.Claims != e.Claims || g.Loss != e.Loss || g.Paid != e.Paid {
			t.Errorf("%s %s: %+v, the file says %+v", g.MemberID, g.Year, g, e)
		}
		claims, lost, paid = claims+g.Claims, lost+g.Loss, paid+g.Paid
	}
	if len(got) != len(want) || lost+skipped.loss+sbaEarly(loans) != sbaLoss(loans) {
		t.Errorf("%d of %d groups; claimed %v of %v", len(got), len(want), lost, sbaLoss(loans))
	}
	u, ok, err := w.s.Budget(t.Context(), w.d, w.pool.ID, "2014")
	w.must(err)
	if !ok || u.Paid != paid || u.Reserved != 0 {
		t.Errorf("the ledger paid %v, the claims say %v", u.Paid, paid)
	}
	sbaExposure(w, loans, skipped.gross)
	t.Logf("%d claims of %d loans, loss %v of %v, paid %v, %d banks, %d charged off before they were lent", claims, len(ids), lost, sbaGross(loans), paid, len(banks), early)
}

func sbaLoss(loans []sbaLoan) (sum money.Fen) {
	for _, l := range loans {
		sum += l.loss
	}
	return sum
}

func sbaGross(loans []sbaLoan) (sum money.Fen) {
	for _, l := range loans {
		sum += l.gross
	}
	return sum
}

func sbaEarly(loans []sbaLoan) (sum money.Fen) {
	for _, l := range loans {
		if l.lent != "" && l.loss > 0 && l.off < l.lent {
			sum += l.loss
		}
	}
	return sum
}

func sbaPool(w *world, loans []sbaLoan) map[string]string {
	t := w.t
	w.d.SetClock(func() time.Time { return w.now })
	reg := casework.NewRegistry()
	var err error
	w.s, err = pool.New(w.d, w.books, reg)
	w.must(err)
	w.cases = casework.New(w.d, reg)
	regimes, err := rules.Parse([]byte(sbaRegime))
	w.must(err)
	banks := map[string]string{}
	w.in(func(ctx context.Context, tx *db.Tx) error {
		if _, err := source.Put(ctx, tx, lin, source.Source{ID: "sba", Title: i18n.Text{EN: "SBA 7(a) loans"}, LicenceTag: source.Yellow}); err != nil {
			return err
		}
		if w.pool, err = w.s.Create(ctx, tx, lin, pool.Pool{Key: "sba", Name: i18n.Text{EN: "SBA"}, Place: "000000", Governing: rules.Registration, SourceID: "sba"}); err != nil {
			return err
		}
		var members []pool.Member
		for _, l := range loans {
			if l.bank != "" && banks[l.bank] == "" {
				banks[l.bank] = "-"
				members = append(members, pool.Member{PoolID: w.pool.ID, Party: rules.Bank, Key: l.bank, Name: i18n.Text{EN: l.bank}, SourceID: "sba"})
			}
		}
		if members, err = w.s.PutMembers(ctx, tx, lin, members...); err != nil {
			return err
		}
		for _, m := range members {
			banks[m.Key] = m.ID
		}
		if err := w.s.SetRegimes(ctx, tx, lin, w.pool.ID, "sba", regimes, nil); err != nil {
			return err
		}
		return w.s.FundYear(ctx, tx, lin, w.pool.ID, "2014", money.Yi, nil)
	})
	t.Logf("%d banks", len(banks))
	return banks
}

type sbaSkipped struct {
	loans       int
	gross, loss money.Fen
}

// sbaFile files the loans of each bank; those without a day are rejected.
func sbaFile(w *world, loans []sbaLoan, banks map[string]string) (map[string]string, sbaSkipped) {
	w.t.Helper()
	ids, byBank := map[string]string{}, map[string][]sbaLoan{}
	for _, l := range loans {
		byBank[l.bank] = append(byBank[l.bank], l)
	}
	var skipped sbaSkipped
	for bank, list := range byBank {
		if bank == "" { // the file does not say who lent: such a loan belongs to no member
			for _, l := range list {
				skipped.loans, skipped.gross, skipped.loss = skipped.loans+1, skipped.gross+l.gross, skipped.loss+l.loss
			}
			continue
		}
		rows := make([]sheet.Row, len(list))
		for i, l := range list {
			rows[i] = sheet.Row{l.number, l.name, "", "", "", "", l.lent, l.lent, "", "", "", "", "", ""}
			rows[i][4] = strconv.FormatFloat(float64(l.gross)/1e6, 'f', 6, 64)
		}
		rep, err := w.s.File(w.t.Context(), lin, pool.Filing{PoolID: w.pool.ID, BankID: banks[bank], SourceID: "sba", Table: table(w.t, sheet.CSV, rows...)})
		w.must(err)
		for i, v := range rep.Rows {
			if v.Err != nil {
				skipped.loans, skipped.gross, skipped.loss = skipped.loans+1, skipped.gross+list[i].gross, skipped.loss+list[i].loss
				continue
			}
			ids[list[i].number] = v.LoanID
		}
	}
	return ids, skipped
}

// sbaClaims takes losses from report to payment.
func sbaClaims(ctx context.Context, w *world, tx *db.Tx, loans []sbaLoan, ids, banks map[string]string) error {
	progress := make([]pool.Progress, len(loans))
	for i, l := range loans {
		progress[i] = pool.Progress{LoanID: ids[l.number], Day: l.off, Risk: rules.Lost, Outstanding: fen(l.loss)}
	}
	verdicts, err := w.s.Advance(ctx, tx, lin, w.pool.ID, "sba", progress)
	if err != nil {
		return err
	}
	for _, v := range verdicts {
		w.must(v.Err)
	}
	acts := make([]casework.Act, len(loans))
	for i, l := range loans {
		c, err := w.s.SubmitIn(ctx, tx, bank, pool.Statement{LoanID: ids[l.number], MemberID: banks[l.bank], Loss: fen(l.loss), Day: l.off, SourceID: "sba"})
		if err != nil {
			return err
		}
		acts[i] = casework.Act{CaseID: c.CaseID, Version: 1, Action: "check"}
	}
	hits, err := w.s.AllDoubles(ctx, tx, w.pool.ID)
	if err != nil {
		return err
	}
	said := pool.Check{Cleared: map[string]string{}}
	for _, h := range hits { // the same firm with two loan numbers
		said.Cleared[h.Scheme+"/"+h.A], said.Cleared[h.Scheme+"/"+h.B] = "another loan number", "another loan number"
	}
	body, err := json.Marshal(said)
	if err != nil {
		return err
	}
	for _, step := range []struct {
		by     casework.Actor
		action string
		body   json.RawMessage
	}{{maker, "check", body}, {checker, "approve", nil}, {cashier, "pay", nil}} {
		for i := range acts {
			acts[i].Action, acts[i].Input.Body = step.action, step.body
		}
		results, err := w.cases.DoMany(ctx, tx, step.by, acts)
		if err != nil {
			return err
		}
		for i, r := range results {
			w.must(r.Err)
			acts[i].Version = r.Case.Version
		}
	}
	w.t.Logf("%d likenesses cleared by their loan numbers", len(hits))
	return nil
}

// sbaExposure holds what is registered by bank and year against the file.
func sbaExposure(w *world, loans []sbaLoan, skipped money.Fen) {
	w.t.Helper()
	list, err := w.s.Exposures(w.t.Context(), w.d, w.pool.ID)
	w.must(err)
	var sum money.Fen
	var n int64
	for _, e := range list {
		sum, n = sum+e.Registered, n+e.Loans
	}
	if sum+skipped != sbaGross(loans) || n != 2096 {
		w.t.Errorf("registered %v and %v rejected of %v, %d loans", sum, skipped, sbaGross(loans), n)
	}
}
