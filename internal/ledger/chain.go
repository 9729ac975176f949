package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"github.com/kapok-city/kapok/internal/db"
)

// digest hashes fields, each preceded by its length, so that no two lists of
// fields share a text.
type digest struct{ buf []byte }

func (d *digest) text(s string) {
	d.buf = strconv.AppendInt(d.buf, int64(len(s)), 10)
	d.buf = append(d.buf, ':')
	d.buf = append(d.buf, s...)
}

func (d *digest) number(n int64) {
	d.buf = strconv.AppendInt(d.buf, n, 10)
	d.buf = append(d.buf, ',')
}

func (d *digest) instant(t db.Time) {
	if t.IsZero() {
		d.text("")
		return
	}
	d.text(t.UTC().Format("2006-01-02T15:04:05.000000Z"))
}

func (d *digest) sum() string {
	h := sha256.Sum256(d.buf)
	d.buf = d.buf[:0]
	return hex.EncodeToString(h[:])
}

// hashEntry hashes an entry onto the hash of the act before its own.
func (d *digest) hashEntry(before string, e *Entry) string {
	d.text(before)
	d.text(e.Book)
	d.number(e.Seq)
	d.number(e.Line)
	d.text(e.Account)
	d.number(e.Version)
	d.number(int64(e.Amount))
	d.number(int64(e.Previous))
	d.number(int64(e.Balance))
	d.text(e.On)
	d.instant(e.At)
	return d.sum()
}

// hashAct hashes an act and the hashes of its entries onto the act before.
func (d *digest) hashAct(before string, a *Act) string {
	for _, s := range [...]string{before, a.Book, string(a.Do), a.Key, a.Request, a.On, a.Kind, a.Reason, a.Ref,
		string(a.Body), a.Reverses, a.Hold, strconv.FormatBool(a.Correcting), a.Actor, a.Behalf, a.Batch} {
		d.text(s)
	}
	d.number(a.Seq)
	d.instant(a.At)
	d.number(int64(len(a.Entries)))
	for i := range a.Entries {
		d.text(a.Entries[i].Hash)
	}
	return d.sum()
}
