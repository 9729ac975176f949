package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/money"
)

// Posting 分录 changes one account: + on the debit, − on the credit. Never zero.
type Posting struct {
	Account string    `json:"account"`
	Amount  money.Fen `json:"amount"`
}

// Transaction 交易 is two or more postings within one book that sum to zero in
// each unit.
type Transaction struct {
	Key        string          `json:"key"`              // idempotency key, unique in the whole ledger
	On         string          `json:"on,omitempty"`     // effective day, "2025-03-31"; "" is the day of recording
	Kind       string          `json:"kind,omitempty"`   // a word of the caller
	Reason     string          `json:"reason,omitempty"` // for people
	Ref        string          `json:"ref,omitempty"`    // the record it belongs to, "claim/…"; that record has the source
	Postings   []Posting       `json:"postings"`         // none with Reverses: the target's, turned round
	Evidence   json.RawMessage `json:"evidence,omitempty"`
	Reverses   string          `json:"reverses,omitempty"`   // key of the transaction that this one takes back
	Correcting bool            `json:"correcting,omitempty"` // may be dated in a closed period; needs a Reason
}

// Do names what an act does.
type Do string

// The acts. Only posts and settlements have entries.
const (
	DoOpen         Do = "open"
	DoAmend        Do = "amend"
	DoCloseAccount Do = "close_account"
	DoPost         Do = "post"
	DoReserve      Do = "reserve"
	DoSettle       Do = "settle"
	DoVoid         Do = "void"
	DoExpire       Do = "expire"
	DoClosePeriod  Do = "close_period"
)

// Act is one line of the append-only log of a book. Hash chains it, with its
// entries, to the act before.
type Act struct {
	Book       string          `json:"book"`
	Seq        int64           `json:"seq"` // 1, 2, 3, … within the book
	Do         Do              `json:"act"`
	Key        string          `json:"key"`
	Request    string          `json:"request"`      // SHA-256 of what was asked
	On         string          `json:"effective_on"` // effective day
	At         db.Time         `json:"recorded_at"`
	Kind       string          `json:"kind,omitempty"`
	Reason     string          `json:"reason,omitempty"`
	Ref        string          `json:"ref,omitempty"`
	Body       json.RawMessage `json:"body,omitempty"` // evidence; or the definition of the account or hold
	Reverses   string          `json:"reverses,omitempty"`
	Hold       string          `json:"hold,omitempty"`
	Correcting bool            `json:"correcting,omitempty"`
	Actor      string          `json:"actor"`
	Behalf     string          `json:"behalf,omitempty"`
	Batch      string          `json:"batch,omitempty"`
	Entries    []Entry         `json:"entries,omitempty"`
	Hash       string          `json:"hash"`

	lines int64 // how many entries the row says it has
}

// accountID is the account that an act opens, amends or closes; "" for others.
func (a *Act) accountID() string {
	switch a.Do {
	case DoOpen, DoAmend, DoCloseAccount:
		var def Account
		_ = json.Unmarshal(a.Body, &def) // a body that is none has no id, and Verify says so
		return def.ID
	}
	return ""
}

// Entry is one posting as it was recorded. Previous and Balance are the
// account's balance before and after it, signed by the normal side, in the
// order of recording.
type Entry struct {
	Book     string    `json:"book"`
	Seq      int64     `json:"seq"`  // of its act
	Line     int64     `json:"line"` // 1, 2, 3, … within the act
	Account  string    `json:"account"`
	Version  int64     `json:"version"` // 1, 2, 3, … within the account
	Amount   money.Fen `json:"amount"`  // + debit, − credit
	Previous money.Fen `json:"previous"`
	Balance  money.Fen `json:"balance"`
	On       string    `json:"effective_on"`
	At       db.Time   `json:"recorded_at"`
	Hash     string    `json:"hash"`
}

const (
	maxPostings = 1000
	maxText     = 2000
	maxEvidence = 1 << 20
	// least is excluded as an amount and a balance: it has no negative.
	least = money.Fen(math.MinInt64)
)

// check refuses what no state of the ledger could accept.
func (t *Transaction) check() error {
	if err := checkKey(t.Key); err != nil {
		return err
	}
	if err := checkWords(t.Key, t.Kind, t.Reason, t.Ref, t.Evidence); err != nil {
		return err
	}
	switch {
	case len(t.Postings) > maxPostings:
		return errs.New(errs.TooLarge, "ledger.too_many_postings", errs.A{"key": t.Key, "limit": maxPostings})
	case len(t.Postings) < 2 && (t.Reverses == "" || len(t.Postings) == 1):
		return errs.New(errs.Invalid, "ledger.too_few_postings", errs.A{"key": t.Key}).At("/postings")
	case t.Correcting && t.Reason == "":
		return errs.New(errs.Invalid, "ledger.correcting_reason", errs.A{"key": t.Key}).At("/reason")
	}
	for i, p := range t.Postings {
		if p.Amount == 0 || p.Amount == least {
			return errs.New(errs.Invalid, "ledger.bad_amount", errs.A{"key": t.Key, "account": clip(p.Account)}).At("/postings/" + strconv.Itoa(i) + "/amount")
		}
	}
	return nil
}

func checkKey(key string) error {
	if key == "" || len(key) > maxID || key[0] == '~' || !utf8.ValidString(key) {
		return errs.New(errs.Invalid, "ledger.bad_key", errs.A{"key": clip(key)}).At("/key")
	}
	for _, r := range key {
		if r < ' ' || r == 0x7f {
			return errs.New(errs.Invalid, "ledger.bad_key", errs.A{"key": strconv.Quote(clip(key))}).At("/key")
		}
	}
	return nil
}

// checkWords holds what both engines can store: PostgreSQL takes no NUL and no
// broken UTF-8 in a text.
func checkWords(key, kind, reason, ref string, evidence json.RawMessage) error {
	for _, s := range []string{kind, reason, ref} {
		if len(s) > maxText || !storable(s) {
			return errs.New(errs.Invalid, "ledger.bad_text", errs.A{"key": key, "text": strconv.Quote(clip(s)), "limit": maxText})
		}
	}
	if len(evidence) > maxEvidence || len(evidence) > 0 && (!json.Valid(evidence) || !utf8.Valid(evidence)) {
		return errs.New(errs.Invalid, "ledger.bad_evidence", errs.A{"key": key}).At("/evidence")
	}
	return nil
}

// city is the time zone in which a day is a day.
var city = time.FixedZone("UTC+8", 8*3600)

func dayOf(at time.Time) string { return at.In(city).Format(time.DateOnly) }

// checkDay returns day, or the day of at for "". A day to come is refused:
// what is only planned has not happened.
func checkDay(key, day string, at time.Time) (string, error) {
	today := dayOf(at)
	if day == "" {
		return today, nil
	}
	if d, err := time.Parse(time.DateOnly, day); err != nil || d.Year() < 1 {
		return "", errs.New(errs.Invalid, "ledger.bad_day", errs.A{"key": key, "day": clip(day)}).At("/on")
	}
	if day > today {
		return "", errs.New(errs.Invalid, "ledger.future_day", errs.A{"key": key, "day": day, "today": today}).At("/on")
	}
	return day, nil
}

// requestOf hashes what a call asks for. A group has one request: the same key
// in another group is another request.
func requestOf(do Do, what any) string {
	raw, err := json.Marshal(what)
	if err != nil {
		raw = []byte(err.Error()) // evidence that is no JSON; check refuses it
	}
	h := sha256.New()
	h.Write([]byte(do))
	h.Write([]byte{0})
	h.Write(raw) // Marshal compacts raw messages: white space is no difference
	return hex.EncodeToString(h.Sum(nil))
}

// stamp is who acts, and when.
type stamp struct {
	by change.Author
	at time.Time
}
