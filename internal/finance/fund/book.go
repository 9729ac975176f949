package fund

import (
	"context"
	"encoding/json"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/money"
)

// The accounts of a fund's book, see the tour.
const (
	accCommitment  = "commitment"
	accUncalled    = "uncalled"
	accUnstated    = "unstated"
	accCalled      = "called"
	accPaid        = "paid"
	accCash        = "cash"
	accInvested    = "invested"
	accFee         = "fee"
	accDistributed = "distributed"
	accRecallable  = "recallable"
	accReturned    = "returned"
	accGain        = "gain"
	accNAV         = "nav_memo"
	accNAVContra   = "nav_contra"
)

var chart = []struct {
	code   string
	normal ledger.Side
	name   i18n.Text
}{
	{accCommitment, ledger.Credit, i18n.Text{ZH: "认缴", EN: "Commitment"}},
	{accUncalled, ledger.Debit, i18n.Text{ZH: "未缴额度", EN: "Uncalled"}},
	{accUnstated, ledger.Credit, i18n.Text{ZH: "未知认缴的缴款", EN: "Called on unstated commitments"}},
	{accCalled, ledger.Debit, i18n.Text{ZH: "已通知缴款", EN: "Called"}},
	{accPaid, ledger.Credit, i18n.Text{ZH: "实缴", EN: "Paid in"}},
	{accCash, ledger.Debit, i18n.Text{ZH: "现金", EN: "Cash"}},
	{accInvested, ledger.Debit, i18n.Text{ZH: "已投资", EN: "Invested"}},
	{accFee, ledger.Debit, i18n.Text{ZH: "费用", EN: "Fees"}},
	{accDistributed, ledger.Debit, i18n.Text{ZH: "分配", EN: "Distributed"}},
	{accRecallable, ledger.Credit, i18n.Text{ZH: "可循环的分配", EN: "Recallable distributions"}},
	{accReturned, ledger.Credit, i18n.Text{ZH: "子基金分配回款", EN: "Returned by funds"}},
	{accGain, ledger.Credit, i18n.Text{ZH: "退出损益", EN: "Gain on exits"}},
	{accNAV, ledger.Debit, i18n.Text{ZH: "净值（备查）", EN: "Net asset value (memo)"}},
	{accNAVContra, ledger.Credit, i18n.Text{ZH: "净值对应科目", EN: "Counter of net asset value"}},
}

func book(fundID string) string          { return "fund:" + fundID }
func account(fundID, code string) string { return book(fundID) + ":" + code }

// openBook opens the accounts of a fund. Nothing may be called beyond what is
// committed: uncalled has a floor of zero.
func openBook(ctx context.Context, l *ledger.Ledger, tx *db.Tx, by change.Author, f *Fund) error {
	accounts := make([]ledger.Account, len(chart))
	zero := money.Fen(0)
	for i, c := range chart {
		accounts[i] = ledger.Account{ID: account(f.ID, c.code), Book: book(f.ID), Code: c.code, Name: c.name, Normal: c.normal, Unit: ledger.CNY, Owner: "fund/" + f.ID}
		if c.code == accUncalled {
			accounts[i].Floor = &zero
		}
	}
	return l.Open(ctx, tx, by, accounts...)
}

// move is a posting in a fund's book: + on the debit.
type move struct {
	code   string
	amount money.Fen
}

// post adds a transaction in the book of a fund. Moves of nothing are left out.
func (r *recording) post(fundID, day string, evidence any, moves ...move) error {
	t := ledger.Transaction{Key: r.id + ":" + fundID + ":" + day, On: day, Kind: r.kind, Ref: ref(r.id), Reason: r.by.Reason}
	for _, m := range moves {
		if m.amount != 0 {
			t.Postings = append(t.Postings, ledger.Posting{Account: account(fundID, m.code), Amount: m.amount})
		}
	}
	if len(t.Postings) == 0 {
		return nil
	}
	if evidence != nil {
		raw, err := json.Marshal(evidence)
		if err != nil {
			return err
		}
		t.Evidence = raw
	}
	r.group = append(r.group, t)
	return nil
}

func ref(eventID string) string { return "fund_event/" + eventID }
