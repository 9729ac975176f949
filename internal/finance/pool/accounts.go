package pool

import (
	"context"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/money"
)

// Memo is the unit of the memo accounts: fen of principal that the pool watches
// and does not own.
const Memo = "CNY-memo"

// The accounts of a pool. One book a pool; those of a year carry it.
func book(poolID string) string         { return "pool:" + poolID }
func treasury(poolID string) string     { return book(poolID) + ":treasury" }
func budget(poolID, year string) string { return book(poolID) + ":" + year + ":budget" }
func paidTo(poolID, year string, m rules.Mode) string {
	return book(poolID) + ":" + year + ":paid:" + string(m)
}
func recovered(poolID, year string) string  { return book(poolID) + ":" + year + ":recovered" }
func clawedBack(poolID, year string) string { return book(poolID) + ":" + year + ":clawed_back" }
func registered(poolID, year, memberID string) string {
	return book(poolID) + ":" + year + ":registered:" + memberID
}
func lost(poolID, year, memberID string) string {
	return book(poolID) + ":" + year + ":lost:" + memberID
}
func memo(poolID string) string { return book(poolID) + ":memo" }

// FundYear opens the accounts of a year and puts the year's money in. The most
// that may be paid in mode guarantee is the ceiling of its account.
func (s *Service) FundYear(ctx context.Context, tx *db.Tx, by change.Author, poolID, year string, amount money.Fen, guarantee *money.Fen) error {
	if len(year) != 4 || amount <= 0 {
		return errs.New(errs.Invalid, "pool.field_word", errs.A{"field": "year", "value": year}).At("/year")
	}
	zero := money.Fen(0)
	account := func(id string, normal ledger.Side, zh, en string) ledger.Account {
		return ledger.Account{ID: id, Book: book(poolID), Name: i18n.Text{ZH: zh, EN: en}, Normal: normal, Unit: ledger.CNY, Owner: "pool/" + poolID}
	}
	b := account(budget(poolID, year), ledger.Debit, year+"年预算", "budget of "+year)
	b.Floor = &zero
	g := account(paidTo(poolID, year, rules.ByGuarantor), ledger.Debit, year+"年政担补偿", "paid to guarantors in "+year)
	g.Ceiling = guarantee
	err := s.books.Open(ctx, tx, by, account(treasury(poolID), ledger.Credit, "财政", "treasury"), b, g,
		account(paidTo(poolID, year, rules.ByBank), ledger.Debit, year+"年政银补偿", "paid to banks in "+year),
		account(recovered(poolID, year), ledger.Credit, year+"年追偿所得", "recovered in "+year),
		account(clawedBack(poolID, year), ledger.Credit, year+"年追回", "clawed back in "+year))
	if err != nil {
		return err
	}
	_, err = s.books.Post(ctx, tx, by, ledger.Transaction{
		Key: "pool/" + poolID + "/fund/" + year, Kind: "fund", Ref: "pool/" + poolID, Reason: by.Reason,
		Postings: []ledger.Posting{{Account: budget(poolID, year), Amount: amount}, {Account: treasury(poolID), Amount: -amount}},
	})
	return err
}

// watch opens the memo accounts of a member and year and adds to them. amounts
// are by account.
func (s *Service) watch(ctx context.Context, tx *db.Tx, by change.Author, poolID, key, ref, day string, amounts map[string]money.Fen) error {
	accounts := []ledger.Account{{ID: memo(poolID), Book: book(poolID), Name: i18n.Text{ZH: "备查对方科目", EN: "memo contra"}, Normal: ledger.Credit, Unit: Memo, Owner: "pool/" + poolID}}
	var group []ledger.Transaction
	for _, id := range sortedKeys(amounts) {
		if amounts[id] == 0 {
			continue
		}
		accounts = append(accounts, ledger.Account{ID: id, Book: book(poolID), Name: i18n.Text{ZH: "备查", EN: "memo"}, Normal: ledger.Debit, Unit: Memo, Owner: "pool/" + poolID})
		group = append(group, ledger.Transaction{
			Key: key + "/" + db.DerivedID("a", id), Kind: "memo", Ref: ref, On: day,
			Postings: []ledger.Posting{{Account: id, Amount: amounts[id]}, {Account: memo(poolID), Amount: -amounts[id]}},
		})
	}
	if len(group) == 0 {
		return nil
	}
	if err := s.books.Open(ctx, tx, by, accounts...); err != nil {
		return err
	}
	_, err := s.books.Post(ctx, tx, by, group...)
	return err
}

// balance is that of an account, zero when it was never opened; ok says which.
func (s *Service) balance(ctx context.Context, q db.Querier, id string) (b ledger.Balance, ok bool, err error) {
	b, err = s.books.Balance(ctx, q, id, ledger.At{})
	if errs.KindOf(err) == errs.NotFound {
		return ledger.Balance{}, false, nil
	}
	return b, err == nil, err
}

// drawn reads from the ledger what a year has committed, and what the breakers
// watch of a member. An account that is not open is nothing of its kind yet,
// except the budget: without one the year has not begun.
func (s *Service) drawn(ctx context.Context, q db.Querier, poolID, year, memberID string, mode rules.Mode) (rules.Drawn, error) {
	d := rules.Drawn{Year: year}
	for _, m := range rules.Modes {
		b, ok, err := s.balance(ctx, q, paidTo(poolID, year, m))
		if err != nil {
			return d, err
		}
		if !ok {
			return d, errs.New(errs.Conflict, "pool.year_unfunded", errs.A{"year": year})
		}
		d.Committed += b.Posted + b.Incoming
		if m == rules.ByGuarantor {
			d.Guarantee = b.Posted + b.Incoming
		}
	}
	of, _, err := s.balance(ctx, q, lost(poolID, year, memberID))
	if err != nil {
		return d, err
	}
	over, _, err := s.balance(ctx, q, registered(poolID, year, memberID))
	ratio := rules.Ratio{Of: &of.Posted, Over: &over.Posted}
	if mode == rules.ByGuarantor {
		d.Guarantor = ratio
	} else {
		d.Bank = ratio
	}
	return d, err
}
