package twice

import (
	"cmp"
	"hash/maphash"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/money"
)

// Claim is what is known of one claim of one scheme.
type Claim struct {
	ID       string    `json:"id"`
	Scheme   string    `json:"scheme"`
	Borrower string    `json:"borrower,omitempty"` // organisation id, "" when not resolved
	Name     string    `json:"name"`
	Contract string    `json:"contract,omitempty"`
	Amount   money.Fen `json:"amount"`
	Day      string    `json:"day,omitempty"` // ISO day of the loan, "" when not known
}

// Options bound what counts as near.
type Options struct {
	NearPPM int64 // difference of amounts, of the larger one
	Days    int64 // between the days
	Min     int   // least score of a hit
}

// Usual are the options of the pool: amounts within one per cent, a year's
// distance.
var Usual = Options{NearPPM: 10_000, Days: 366, Min: 60}

// Reason is one thing that two claims share.
type Reason string

// The reasons, and what each adds to the score of 100.
const (
	SameBorrower Reason = "same_borrower" // the same organisation: 45
	SameName     Reason = "same_name"     // 40
	NearName     Reason = "near_name"     // differs by one character: 30
	SameContract Reason = "same_contract" // 35
	SameAmount   Reason = "same_amount"   // 15
	NearAmount   Reason = "near_amount"   // 8
	NearDay      Reason = "near_day"      // 5
)

var weight = map[Reason]int{SameBorrower: 45, SameName: 40, NearName: 30, SameContract: 35, SameAmount: 15, NearAmount: 8, NearDay: 5}

// Hit is a pair that may ask twice for one loss.
type Hit struct {
	A       string   `json:"a"`
	B       string   `json:"b"`
	Scheme  string   `json:"scheme"` // of B
	Score   int      `json:"score"`  // 0 to 100
	Reasons []Reason `json:"reasons"`
}

// minContract is the shortest contract number that tells something, zeros
// counted: B-00005 is a number, 5 is not.
const minContract = 4

// telling returns a contract number as it is compared, "" for one that tells
// nothing.
func telling(text string) string {
	n := 0
	for _, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n++
		}
	}
	if n < minContract {
		return ""
	}
	return Contract(text)
}

// Find compares claims with others and returns the hits, the strongest first. A
// claim is not compared with itself (the same id of the same scheme).
func Find(claims, others []Claim, opt Options) []Hit {
	a, b := prepareAll(claims), prepareAll(others)
	seed := maphash.MakeSeed()
	seen := map[[2]int32]bool{}
	var hits []Hit
	pairs(file(seed, a), file(seed, b), func(i, j int32) {
		if seen[[2]int32{i, j}] {
			return
		}
		if h, ok := compare(&a[i], &b[j], opt); ok {
			seen[[2]int32{i, j}] = true
			hits = append(hits, h)
		}
	})
	slices.SortFunc(hits, func(x, y Hit) int {
		return cmp.Or(cmp.Compare(y.Score, x.Score), cmp.Compare(x.A, y.A), cmp.Compare(x.Scheme, y.Scheme), cmp.Compare(x.B, y.B))
	})
	return hits
}

func prepareAll(claims []Claim) []prepared {
	out := make([]prepared, len(claims))
	for i, c := range claims {
		t, err := time.Parse(time.DateOnly, c.Day)
		out[i] = prepared{Claim: c, name: Name(c.Name), contract: telling(c.Contract), day: t.Unix() / 86400, dated: err == nil}
	}
	return out
}

// compare scores a pair. It is a hit when the borrower is the same and either
// the contract, or the amount and the time; or, whoever borrows, when contract,
// amount and time are the same.
func compare(a, b *prepared, opt Options) (Hit, bool) {
	if a.ID == b.ID && a.Scheme == b.Scheme {
		return Hit{}, false
	}
	h := Hit{A: a.ID, B: b.ID, Scheme: b.Scheme}
	who := borrower(a, b)
	contract := a.contract != "" && a.contract == b.contract
	amount := amounts(a.Amount, b.Amount, opt.NearPPM)
	near := !a.dated || !b.dated || max(a.day-b.day, b.day-a.day) <= opt.Days // a day that is not known excludes nothing
	switch {
	case who != "" && (contract || amount != "" && near):
	case who == "" && contract && amount == SameAmount && near:
	default:
		return Hit{}, false
	}
	h.add(who)
	h.add(amount)
	if contract {
		h.add(SameContract)
	}
	if near && a.dated && b.dated {
		h.add(NearDay)
	}
	if who == "" {
		h.Score = max(h.Score, opt.Min) // the same contract, amount and time need no name
	}
	return h, h.Score >= opt.Min || who == SameBorrower || contract
}

func (h *Hit) add(r Reason) {
	if r != "" {
		h.Reasons = append(h.Reasons, r)
		h.Score += weight[r]
	}
}

// borrower says how far two borrowers are the same.
func borrower(a, b *prepared) Reason {
	switch {
	case a.Borrower != "" && b.Borrower != "":
		if a.Borrower == b.Borrower {
			return SameBorrower
		}
		return ""
	case a.name == "" || b.name == "":
		return ""
	case a.name == b.name:
		return SameName
	case near(a.name, b.name):
		return NearName
	}
	return ""
}

// near reports whether two names of some length differ by one character left
// out, put in or changed.
func near(a, b string) bool {
	if utf8.RuneCountInString(a) < shortest+1 || utf8.RuneCountInString(b) < shortest+1 {
		return false
	}
	x, y := []rune(a), []rune(b)
	for len(x) > 0 && len(y) > 0 && x[0] == y[0] {
		x, y = x[1:], y[1:]
	}
	for len(x) > 0 && len(y) > 0 && x[len(x)-1] == y[len(y)-1] {
		x, y = x[:len(x)-1], y[:len(y)-1]
	}
	return len(x) <= 1 && len(y) <= 1
}

func amounts(a, b money.Fen, ppm int64) Reason {
	switch d := max(a-b, b-a); {
	case a <= 0 || b <= 0:
		return ""
	case d == 0:
		return SameAmount
	case float64(d)*1e6 <= float64(ppm)*float64(max(a, b)):
		return NearAmount
	}
	return ""
}
