package rules

import (
	"time"

	"github.com/kapok-city/kapok/internal/money"
)

// Marks of a loan or its borrower that rules ask for.
const (
	HighTech   = "high_tech"   // 国家高新技术企业
	Listed     = "listed"      // 上市企业, or what the rule treats as such
	KeySupport = "key_support" // 重点支持名录
	IPPledge   = "ip_pledge"   // 知识产权质押
	PolicyTool = "policy_tool" // carries a monetary-policy tool
	FirstLoan  = "first_loan"  // 首贷
	PureCredit = "pure_credit" // 纯信用
)

// Marks lists the marks that a regime may name.
var Marks = []string{HighTech, Listed, KeySupport, IPPledge, PolicyTool, FirstLoan, PureCredit}

// Facts is what is known of one loan at a claim. A nil amount, an empty word and
// Unknown are not known.
type Facts struct {
	Mode       Mode           `json:"mode"`
	Principal  *money.Fen     `json:"principal"`             // of the contract
	Loss       *money.Fen     `json:"loss,omitempty"`        // actual loss of principal (mode bank)
	Unpaid     *money.Fen     `json:"unpaid,omitempty"`      // principal that the debtor still owes (mode guarantee)
	Guaranteed Tri            `json:"guarantor_paid"`        // the guarantor has paid (代偿)
	OtherMode  Tri            `json:"other_mode"`            // the loan is registered in the other mode too
	Local      Tri            `json:"local"`                 // registered or operating in the place
	Class      Class          `json:"class"`                 // of the borrower
	Marks      map[string]Tri `json:"marks,omitempty"`       // what is absent is not known
	Months     *int64         `json:"months,omitempty"`      // term
	YearLoans  *money.Fen     `json:"year_loans,omitempty"`  // all loans of the borrower registered in the same year, this one too
	BadLoans   *money.Fen     `json:"bad_loans,omitempty"`   // balance of the borrower's bad loans
	PaidBefore *money.Fen     `json:"paid_before,omitempty"` // compensation paid for the borrower so far
	Risk       Risk           `json:"risk,omitempty"`
	Lawsuit    Tri            `json:"lawsuit"`
	Lent       string         `json:"lent,omitempty"` // days
	Registered string         `json:"registered,omitempty"`
	NPL        string         `json:"npl,omitempty"`
	Claimed    string         `json:"claimed,omitempty"`
}

// days returns the days from one ISO day to another; false when either is not
// known.
func days(from, to string) (int64, bool) {
	a, errA := time.Parse(time.DateOnly, from)
	b, errB := time.Parse(time.DateOnly, to)
	if errA != nil || errB != nil {
		return 0, false
	}
	return int64(b.Sub(a) / (24 * time.Hour)), true
}
