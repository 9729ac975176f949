package api

import (
	"bytes"
	"context"
	"encoding/csv"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/source"
)

// cityZone is the zone of the city's days.
var cityZone = time.FixedZone("", 8*60*60)

// LoansIn asks for a page of loans.
type LoansIn struct {
	Pool      string `query:"pool" maxLength:"200" doc:"Pool id"`
	Bank      string `query:"bank" maxLength:"200" doc:"Id of the bank as a member"`
	Guarantor string `query:"guarantor" maxLength:"200" doc:"Id of the guarantor as a member"`
	Status    string `query:"status" enum:"applied,registered,active,overdue,npl,claimed,closed,repaid,withdrawn,rejected,counted,open,late,bad" doc:"A status, or a group: counted, open, late (overdue, npl, claimed), bad (npl, claimed)"`
	Risk      string `query:"risk" enum:"normal,special,substandard,doubtful,loss"`
	Year      string `query:"year" pattern:"^[0-9]{4}$" doc:"Year of registration"`
	Borrower  string `query:"borrower" maxLength:"300" doc:"Name or unified social credit code"`
	Org       string `query:"org" maxLength:"200" doc:"The borrower as an organisation"`
	Batch     string `query:"batch" maxLength:"200" doc:"Batch by which they were filed"`
	Paging
}

// LoanSheet is a loan with its life.
type LoanSheet struct {
	pool.Loan
	Steps []pool.Step `json:"steps" nullable:"false"`
}

// FilingIn says whose table it is.
type FilingIn struct {
	Bank   string `query:"bank" required:"true" maxLength:"200" doc:"Id of the bank as a member of the pool"`
	Source string `query:"source" required:"true" maxLength:"200" doc:"Source id"`
	Day    string `query:"day" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" doc:"Day of the table where a row does not say one; absent is today"`
	DryRun bool   `query:"dry_run" doc:"Say what would be done, and do nothing"`
	Name   string `query:"name" maxLength:"200" default:"upload" doc:"Name of the file, for the batch"`
}

// FileIn is a bank's table as a file.
type FileIn struct {
	ID
	FilingIn
	RawBody []byte `contentType:"application/octet-stream"`
}

// LoanRow is a loan to be registered. Words and days are read as in a table.
type LoanRow struct {
	Contract     string    `json:"contract"`
	Borrower     string    `json:"borrower"`
	CreditCode   string    `json:"credit_code,omitempty"`
	Class        string    `json:"class,omitempty"`
	Local        string    `json:"local,omitempty" doc:"yes or no"`
	Principal    money.Fen `json:"principal" doc:"Fen"`
	Months       int64     `json:"months,omitempty"`
	LentOn       string    `json:"lent_on"`
	DueOn        string    `json:"due_on,omitempty"`
	RegisteredOn string    `json:"registered_on,omitempty"`
	Mode         string    `json:"mode,omitempty" doc:"bank or guarantee"`
	Guarantor    string    `json:"guarantor,omitempty"`
	Marks        []string  `json:"marks,omitempty" enum:"high_tech,listed,key_support,ip_pledge,policy_tool,first_loan,pure_credit" doc:"Those that hold"`
	Lacks        []string  `json:"lacks,omitempty" enum:"high_tech,listed,key_support,ip_pledge,policy_tool,first_loan,pure_credit" doc:"Those that do not; what is in neither list is not known"`
}

// ProgressRow is how a loan stands on a day.
type ProgressRow struct {
	Contract     string     `json:"contract"`
	Day          string     `json:"day,omitempty"`
	Outstanding  *money.Fen `json:"outstanding,omitempty" doc:"Fen; absent is as before"`
	OverdueSince string     `json:"overdue_since,omitempty"`
	Risk         string     `json:"risk,omitempty" doc:"Class by the bank"`
}

// RowsIn are rows sent as JSON.
type RowsIn[R any] struct {
	ID
	FilingIn
	Body struct {
		Rows []R `json:"rows" minItems:"1" maxItems:"10000" nullable:"false"`
	}
}

// Filed is what a filing did, or would do: a verdict for each row.
type Filed struct {
	BatchID   string        `json:"batch_id"`
	DryRun    bool          `json:"dry_run"`
	Counts    source.Counts `json:"counts"`
	Principal money.Fen     `json:"principal" doc:"Fen, of the loans registered"`
	Rows      []RowVerdict  `json:"rows" nullable:"false"`
}

// RowVerdict is what became of one row. Rows count as a spreadsheet does: the
// first one under the headings is 2.
type RowVerdict struct {
	Row    int      `json:"row"`
	LoanID string   `json:"loan_id,omitempty"`
	Result string   `json:"result" doc:"created, updated, unchanged or rejected"`
	Asks   []string `json:"asks,omitempty" doc:"Facts that a claim would need"`
	Code   string   `json:"code,omitempty" doc:"Stable name of the first fault"`
	Reason string   `json:"reason,omitempty" doc:"Why it was rejected"`
}

// tableBody is the largest file of a bank.
const tableBody = 64 << 20

func (s *server) loans() {
	const tag = "loans"
	staff := account.ReadPrivate
	addList(s, route{id: "list_loans", path: "/loans", tag: tag, needs: staff}, loanTable(), s.listLoans)
	add(s, route{id: "get_loan", path: "/loans/{id}", tag: tag, needs: staff}, s.getLoan)
	file := func(path, id string) route {
		return route{id: id, method: http.MethodPost, path: "/pools/{id}/" + path, tag: "pools", needs: account.Import, once: true, maxBody: tableBody}
	}
	add(s, file("loans", "file_loans"), func(ctx context.Context, in *RowsIn[LoanRow]) (*answer[Filed], error) {
		return s.filed(ctx, in.ID.ID, &in.FilingIn, loanSheet(in.Body.Rows), (*pool.Service).File)
	})
	add(s, file("loans/file", "file_loans_table"), func(ctx context.Context, in *FileIn) (*answer[Filed], error) {
		return s.filed(ctx, in.ID.ID, &in.FilingIn, in.RawBody, (*pool.Service).File)
	})
	add(s, file("progress", "file_progress"), func(ctx context.Context, in *RowsIn[ProgressRow]) (*answer[Filed], error) {
		return s.filed(ctx, in.ID.ID, &in.FilingIn, progressSheet(in.Body.Rows), (*pool.Service).FileProgress)
	})
	add(s, file("progress/file", "file_progress_table"), func(ctx context.Context, in *FileIn) (*answer[Filed], error) {
		return s.filed(ctx, in.ID.ID, &in.FilingIn, in.RawBody, (*pool.Service).FileProgress)
	})
}

func (s *server) listLoans(ctx context.Context, in *LoansIn) (part[pool.Loan], error) {
	out := part[pool.Loan]{total: -1}
	room, err := s.poolRoom()
	if err != nil {
		return out, err
	}
	f := pool.LoanFilter{PoolID: in.Pool, BankID: in.Bank, GuarantorID: in.Guarantor, Status: in.Status, Risk: rules.Risk(in.Risk), Year: in.Year,
		Borrower: in.Borrower, OrgID: in.Org, BatchID: in.Batch, Limit: in.Limit + 1}
	if f.After, err = decodeCursor(in.Cursor); err != nil {
		return out, err
	}
	list, err := room.Loans(ctx, s.DB, f)
	out.items, out.next = cutAt(list, in.Limit, func(l *pool.Loan) string { return l.ID })
	return out, err
}

func (s *server) getLoan(ctx context.Context, in *ID) (*answer[LoanSheet], error) {
	room, err := s.poolRoom()
	if err != nil {
		return nil, err
	}
	l, err := room.Loan(ctx, s.DB, in.ID)
	if err != nil {
		return nil, err
	}
	steps, err := room.Steps(ctx, s.DB, l.ID)
	return row(LoanSheet{l, append([]pool.Step{}, steps...)}, l.Version), err
}

// filed files a table and says what became of each row.
func (s *server) filed(ctx context.Context, poolID string, in *FilingIn, raw []byte, file func(*pool.Service, context.Context, change.Author, pool.Filing) (pool.Report, error)) (*answer[Filed], error) {
	room, err := s.knownPool(ctx, poolID)
	if err != nil {
		return nil, err
	}
	if len(raw) == 0 {
		return nil, errs.New(errs.Invalid, "api.no_body")
	}
	t, err := pool.ReadTable(in.Name, bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	rep, err := file(room, ctx, author(ctx, ""), pool.Filing{PoolID: poolID, BankID: in.Bank, SourceID: in.Source, Day: in.Day, Table: t, DryRun: in.DryRun})
	if err != nil {
		return nil, err
	}
	return of(filedOut(rep, callOf(ctx).lang)), nil
}

func filedOut(rep pool.Report, l i18n.Lang) Filed {
	out := Filed{BatchID: rep.BatchID, DryRun: rep.DryRun, Counts: rep.Counts, Principal: rep.Principal, Rows: make([]RowVerdict, len(rep.Rows))}
	say := pool.Say(l)
	for i, v := range rep.Rows {
		out.Rows[i] = RowVerdict{Row: v.Row, LoanID: v.LoanID, Result: string(v.Result), Asks: v.Asks}
		if v.Err != nil {
			out.Rows[i].Code, out.Rows[i].Reason = errs.Of(v.Err).Key, say(v.Err)
		}
	}
	return out
}

// loanSheet puts rows under headings that the room reads, so that there is one
// reader of what a bank says.
func loanSheet(rows []LoanRow) []byte {
	head := []string{"contract", "borrower", "credit code", "class", "local", "principal", "months", "lent on", "due on", "registered on", "mode", "guarantor"}
	for _, m := range rules.Marks {
		head = append(head, markHeadings[m])
	}
	cells := [][]string{head}
	for i := range rows {
		r := &rows[i]
		months := ""
		if r.Months != 0 {
			months = strconv.FormatInt(r.Months, 10)
		}
		line := []string{r.Contract, r.Borrower, r.CreditCode, r.Class, r.Local, r.Principal.String(), months, r.LentOn, r.DueOn, r.RegisteredOn, r.Mode, r.Guarantor}
		for _, m := range rules.Marks {
			switch {
			case slices.Contains(r.Marks, m):
				line = append(line, "yes")
			case slices.Contains(r.Lacks, m):
				line = append(line, "no")
			default:
				line = append(line, "")
			}
		}
		cells = append(cells, line)
	}
	return tableText(cells)
}

var markHeadings = map[string]string{rules.HighTech: "high tech", rules.Listed: "listed", rules.KeySupport: "key support", rules.IPPledge: "ip pledge",
	rules.PolicyTool: "policy tool", rules.FirstLoan: "first loan", rules.PureCredit: "pure credit"}

func progressSheet(rows []ProgressRow) []byte {
	cells := [][]string{{"contract", "day", "outstanding", "overdue since", "risk"}}
	for i := range rows {
		r := &rows[i]
		left := ""
		if r.Outstanding != nil {
			left = r.Outstanding.String()
		}
		cells = append(cells, []string{r.Contract, r.Day, left, r.OverdueSince, r.Risk})
	}
	return tableText(cells)
}

func tableText(cells [][]string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.WriteAll(cells) // a buffer takes everything
	return b.Bytes()
}

func loanTable() table[pool.Loan] {
	type v = pool.Loan
	return table[v]{name: "loans", source: func(l *v) string { return l.SourceID }, columns: []column[v]{
		{"id", func(l *v) any { return l.ID }}, {"pool_id", func(l *v) any { return l.PoolID }}, {"bank_id", func(l *v) any { return l.BankID }}, {"guarantor_id", func(l *v) any { return l.GuarantorID }},
		{"mode", func(l *v) any { return string(l.Mode) }}, {"contract", func(l *v) any { return l.Contract }}, {"borrower_id", func(l *v) any { return l.BorrowerID }}, {"borrower", func(l *v) any { return l.Borrower }},
		{"class", func(l *v) any { return string(l.Class) }}, {"principal_fen", func(l *v) any { return int64(l.Principal) }},
		{"months", func(l *v) any {
			if l.Months == nil {
				return nil
			}
			return *l.Months
		}},
		{"lent_on", func(l *v) any { return l.LentOn }}, {"due_on", func(l *v) any { return l.DueOn }}, {"registered_on", func(l *v) any { return l.RegisteredOn }}, {"status", func(l *v) any { return l.Status }}, {"status_on", func(l *v) any { return l.StatusOn }},
		{"outstanding_fen", func(l *v) any { return fen(l.Outstanding) }}, {"overdue_since", func(l *v) any { return l.OverdueSince }}, {"risk", func(l *v) any { return string(l.Risk) }}, {"npl_on", func(l *v) any { return l.NPLOn }}, {"batch_id", func(l *v) any { return l.BatchID }},
	}}
}
