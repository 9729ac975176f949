package fund_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/finance/lookthrough"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
)

// TestRowsAndBookStayOne runs random events, good and bad, dated in any order,
// and holds after them that what the members paid is what the fund was paid,
// that every account of every book is what the rows say on any day, that public
// money never led, and that the chain of the ledger is whole.
func TestRowsAndBookStayOne(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *fund.Service) {
		r := rand.New(rand.NewPCG(11, 12))
		ids := []string{"f0", "f1", "f2"}
		for i, id := range ids {
			open(t, s, id, fund.SubFund, i == 2)
		}
		w := &world{r: r, s: s, commitments: map[string][]string{}, calls: map[string][]string{}}
		for i := range 160 {
			w.step(t, i)
		}
		if w.done < 60 || w.refused < 10 {
			t.Errorf("%d events, %d refused: the test shows little", w.done, w.refused)
		}
		for _, id := range ids {
			for range 4 {
				agree(t, s, id, w.day())
			}
			agree(t, s, id, "")
			x, err := s.Sheet(t.Context(), staff, id, "")
			must(t, err)
			var paid money.Fen
			for _, m := range x.Members {
				paid += m.Paid
			}
			if paid != x.Multiples.Paid {
				t.Errorf("%s: members paid %s, the fund was paid %s", id, paid, x.Multiples.Paid)
			}
		}
		if _, err := ledger.New().Verify(t.Context(), d); err != nil {
			t.Error(err)
		}
	})
}

// world does random things to funds.
type world struct {
	r                  *rand.Rand
	s                  *fund.Service
	commitments, calls map[string][]string
	events             []string
	done, refused      int
}

func (w *world) day() string {
	return time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, w.r.IntN(1500)).Format(time.DateOnly)
}

func (w *world) amount() money.Fen { return 1 + money.Fen(w.r.Int64N(1000)) }

func pick(r *rand.Rand, list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return list[r.IntN(len(list))]
}

func (w *world) step(t *testing.T, i int) {
	id := fmt.Sprintf("f%d", w.r.IntN(3))
	h := head(id, fmt.Sprint(i), w.day())
	commitment, call := pick(w.r, w.commitments[id]), pick(w.r, w.calls[id])
	var e fund.Event
	switch w.r.IntN(12) {
	case 0, 1:
		c := &fund.Commitment{Head: h, Investor: fund.Party{Name: fmt.Sprint("investor ", i)}, Nature: []lookthrough.Nature{lookthrough.Public, lookthrough.Social}[w.r.IntN(2)], Amount: fen(5000)}
		if w.r.IntN(3) == 0 {
			c.Investor = fund.Party{FundID: fmt.Sprintf("f%d", w.r.IntN(3))}
		}
		if w.r.IntN(6) == 0 && id != "f2" {
			c.Amount = nil
		}
		e = c
	case 2, 3:
		e = &fund.Call{Head: h, DueOn: h.Day, Total: fen(w.amount() * 3)}
	case 4:
		e = &fund.Call{Head: h, DueOn: h.Day, Dues: []fund.Due{{CommitmentID: commitment, Amount: w.amount()}}}
	case 5, 6:
		e = pay(id, h.Key, h.Day, commitment, call, w.amount())
	case 7:
		e = pay(id, h.Key, h.Day, commitment, "", w.amount())
	case 8:
		a := w.amount()
		e = &fund.Distribution{Head: h, Shares: []fund.Received{{CommitmentID: commitment, Amount: a, Recallable: a / 2}}}
	case 9:
		e = &fund.Valuation{Head: h, Amount: fen(w.amount()), Basis: fund.Estimated}
	case 10:
		e = &fund.Holding{Head: h, Company: "company", Amount: fen(w.amount())}
	case 11:
		if err := w.s.Cancel(t.Context(), staff, lin, pick(w.r, w.events)); err != nil {
			w.refuse(t, err)
		}
		return
	}
	got, err := w.s.Record(t.Context(), level.Program, lin, e)
	if err != nil {
		w.refuse(t, err)
		return
	}
	w.done++
	w.events = append(w.events, got.ID)
	switch e.(type) {
	case *fund.Commitment:
		w.commitments[id] = append(w.commitments[id], got.ID)
	case *fund.Call:
		w.calls[id] = append(w.calls[id], got.ID)
	}
}

func (w *world) refuse(t *testing.T, err error) {
	w.refused++
	if errs.KindOf(err) == errs.Internal {
		t.Fatal(err)
	}
}
