package capital

import (
	"encoding/csv"
	"errors"
	"io"
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/quantity"
)

// Read is a row of a file: a record, or the reason why it is none.
type Read[T any] struct {
	Line int // of the file, the head is 1
	Row  T
	Err  error
}

// CrunchbaseCompany is a company of the Crunchbase export of October 2013, with
// the total that the export itself states.
type CrunchbaseCompany struct {
	Key, Name, Country string
	Total              *Amount // funding_total_usd
	Rounds             int     // funding_rounds
}

// The export of October 2013 (crunchbase-rounds.csv and its sisters, UTF-8 with
// a head). Its licence asks for attribution; nothing of it is in the project.
var (
	roundColumns       = []string{"company_permalink", "company_name", "funding_round_type", "funded_at", "raised_amount_usd"}
	acquisitionColumns = []string{"company_permalink", "company_name", "acquirer_permalink", "acquirer_name", "acquired_at", "price_amount", "price_currency_code"}
	companyColumns     = []string{"permalink", "name", "funding_total_usd", "country_code", "funding_rounds"}
)

// crunchbaseStages names the round types of the export in the words of the room.
var crunchbaseStages = map[string]Stage{
	"angel": Angel, "series-a": RoundA, "series-b": RoundB, "series-c+": RoundC, "venture": Venture,
	"private-equity": PrivateEquity, "post-ipo": PostIPO, "crowdfunding": Crowdfunding, "other": OtherStage,
}

// CrunchbaseRounds reads rounds one by one, in constant memory but for the keys.
// A row that says the same as an earlier one is another round: the export counts
// both in its totals. A row at fault comes with its reason; a file without the
// columns comes as one row at fault on line 1.
func CrunchbaseRounds(r io.Reader, sourceID string) iter.Seq[Read[Round]] {
	times := map[string]int{}
	return readTable(r, roundColumns, func(c cells) (Round, error) {
		row := Round{Common: c.common(sourceID, "company_permalink", "company_name", "funded_at"), StageText: c["funding_round_type"]}
		var known bool
		if row.Stage, known = crunchbaseStages[row.StageText]; !known {
			return row, c.fault("capital.read_word", "funding_round_type")
		}
		var err error
		if row.Amount, err = c.amount("raised_amount_usd", quantity.Unit("USD")); err != nil {
			return row, err
		}
		row.Key = uniqueKey(times, "crunchbase-2013-10", row.Company.Key, row.StageText, row.On, c["raised_amount_usd"])
		return row, firstFault(&row)
	})
}

// CrunchbaseAcquisitions is CrunchbaseRounds for acquisitions. A price in
// exponent form has been through a spreadsheet and is rejected.
func CrunchbaseAcquisitions(r io.Reader, sourceID string) iter.Seq[Read[Acquisition]] {
	times := map[string]int{}
	return readTable(r, acquisitionColumns, func(c cells) (Acquisition, error) {
		row := Acquisition{Common: c.common(sourceID, "company_permalink", "company_name", "acquired_at"), Acquirer: Party{Key: c["acquirer_permalink"], Name: c["acquirer_name"]}}
		var err error
		if row.Price, err = c.amount("price_amount", quantity.Unit(c["price_currency_code"])); err != nil {
			return row, err
		}
		row.Key = uniqueKey(times, "crunchbase-2013-10", row.Company.Key, row.Acquirer.Key, row.On, c["price_amount"])
		return row, firstFault(&row)
	})
}

// CrunchbaseCompanies reads the companies of the export.
func CrunchbaseCompanies(r io.Reader) iter.Seq[Read[CrunchbaseCompany]] {
	return readTable(r, companyColumns, func(c cells) (CrunchbaseCompany, error) {
		row := CrunchbaseCompany{Key: c["permalink"], Name: c["name"], Country: c["country_code"]}
		var err error
		if row.Total, err = c.amount("funding_total_usd", quantity.Unit("USD")); err != nil {
			return row, err
		}
		if row.Rounds, err = strconv.Atoi(c["funding_rounds"]); err != nil {
			return row, c.fault("capital.read_number", "funding_rounds")
		}
		return row, nil
	})
}

// uniqueKey is the key of a row, numbered where the parts have been seen before.
func uniqueKey(times map[string]int, parts ...string) string {
	key := strings.Join(parts, "|")
	times[key]++
	if n := times[key]; n > 1 {
		return key + "|" + strconv.Itoa(n)
	}
	return key
}

// firstFault checks a record as Put does, on a copy that Put will prepare anew.
func firstFault(r record) error { return prepared(r).Err() }

// cells are the values of one row by column.
type cells map[string]string

func (c cells) common(sourceID, key, name, day string) Common {
	return Common{Company: Party{Key: c[key], Name: c[name]}, On: c[day], Level: level.Public, Evidence: c[key], SourceID: sourceID}
}

func (c cells) fault(key, column string) error {
	return errs.New(errs.Invalid, key, errs.A{"column": column, "value": clip(c[column])}).At("/" + column)
}

var wholeNumber = regexp.MustCompile(`^[0-9]{1,13}$`)

// amount reads whole units of a currency; an empty cell is not known.
func (c cells) amount(column string, unit quantity.Unit) (*Amount, error) {
	switch value := c[column]; {
	case value == "":
		return nil, nil
	case !wholeNumber.MatchString(value):
		return nil, c.fault("capital.read_number", column)
	case !isCurrency(unit):
		return nil, c.fault("capital.read_currency", column)
	default:
		n, _ := strconv.ParseInt(value, 10, 64) // at most 13 digits
		return Of(float64(n), unit), nil
	}
}

// longestCell bounds what one row may hold in memory, in bytes.
const longestCell = 1 << 16

// readTable reads a CSV with a head; columns in any order, others passed over.
func readTable[T any](r io.Reader, columns []string, row func(cells) (T, error)) iter.Seq[Read[T]] {
	return func(yield func(Read[T]) bool) {
		in := csv.NewReader(r)
		in.ReuseRecord = true
		in.FieldsPerRecord = -1
		at, err := columnsOf(in, columns)
		if err != nil {
			yield(Read[T]{Line: 1, Err: err})
			return
		}
		for {
			fields, err := in.Read()
			if err == io.EOF {
				return
			}
			out := Read[T]{Err: err}
			if err == nil {
				out.Line, _ = in.FieldPos(0)
				out.Row, out.Err = readRow(fields, at, row)
			}
			ended, ok := brokenLine(&out)
			if !yield(out) || ended && !ok {
				return
			}
		}
	}
}

// brokenLine turns an error of the CSV reader into one for people. It reports
// whether it was such an error, and whether reading can go on.
func brokenLine[T any](out *Read[T]) (was, goOn bool) {
	var e *csv.ParseError
	switch {
	case out.Err == nil:
		return false, true
	case errors.As(out.Err, &e):
		out.Line = e.StartLine
		out.Err = errs.Wrap(out.Err, errs.Invalid, "capital.read_csv", errs.A{"line": e.StartLine})
		return true, true
	case errs.KindOf(out.Err) == errs.Internal: // of the reader below
		return true, false
	}
	return false, true
}

func columnsOf(in *csv.Reader, columns []string) (map[string]int, error) {
	head, err := in.Read()
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "capital.read_head", errs.A{"columns": strings.Join(columns, ", ")})
	}
	at := map[string]int{}
	for _, c := range columns {
		i := slices.IndexFunc(head, func(h string) bool { return strings.TrimSpace(strings.TrimPrefix(h, "\ufeff")) == c })
		if i < 0 {
			return nil, errs.New(errs.Invalid, "capital.read_head", errs.A{"columns": c})
		}
		at[c] = i
	}
	return at, nil
}

func readRow[T any](fields []string, at map[string]int, row func(cells) (T, error)) (T, error) {
	c := make(cells, len(at))
	for column, i := range at {
		if i >= len(fields) {
			var none T
			return none, errs.New(errs.Invalid, "capital.read_short", errs.A{"count": len(fields)})
		}
		if len(fields[i]) > longestCell || !utf8.ValidString(fields[i]) {
			var none T
			return none, errs.New(errs.Invalid, "capital.not_text", errs.A{"field": column})
		}
		c[column] = strings.TrimSpace(fields[i])
	}
	return row(c)
}
