package casework

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/kapok-city/kapok/data/calendar"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// Year is what a notice says of the holidays of one year. A day that it does not
// name is worked from Monday to Friday.
type Year struct {
	Year      int       `json:"year"`
	Authority i18n.Text `json:"authority"`
	Document  string    `json:"document"` // its number, "国办发明电〔2025〕7号"
	Issued    string    `json:"issued"`
	Holidays  []Holiday `json:"holidays"`
}

// Holiday is a run of days off, and the weekend days that are worked for it.
type Holiday struct {
	Name  i18n.Text `json:"name"`
	First string    `json:"first"`
	Last  string    `json:"last"`
	Work  []string  `json:"work"`
}

const maxYearBytes = 64 << 10

// ParseYear reads a year from JSON. Days outside it are refused, but for
// December of the year before, into which a New Year may reach.
func ParseYear(raw []byte) (Year, error) {
	var y Year
	if len(raw) > maxYearBytes {
		return y, errs.New(errs.TooLarge, "errs.too_large", errs.A{"limit": "64 KiB"})
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&y); err != nil {
		return Year{}, errs.Wrap(err, errs.Invalid, "casework.year_syntax", errs.A{"detail": err.Error()})
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Year{}, errs.New(errs.Invalid, "casework.year_syntax", errs.A{"detail": "more than one document"})
	}
	if err := y.check(); err != nil {
		return Year{}, err
	}
	return y, nil
}

func (y Year) check() error {
	issued, err := time.Parse(time.DateOnly, y.Issued)
	if err != nil || y.Document == "" || y.Authority.IsZero() || y.Year < 1949 || y.Year > 2200 || issued.Year() > y.Year || len(y.Holidays) == 0 {
		return errs.New(errs.Invalid, "casework.year_head", errs.A{"year": fmt.Sprint(y.Year)})
	}
	marks, err := y.marks()
	if err != nil {
		return err
	}
	for day, work := range marks {
		d, _ := time.Parse(time.DateOnly, day)
		if work != weekend(d) && work {
			return y.fault(day)
		}
	}
	return nil
}

func (y Year) fault(day string) error {
	return errs.New(errs.Invalid, "casework.year_day", errs.A{"year": fmt.Sprint(y.Year), "day": day})
}

// marks maps each day that the notice names to whether it is worked.
func (y Year) marks() (map[string]bool, error) {
	out := map[string]bool{}
	mark := func(day string, work bool) error {
		d, err := time.Parse(time.DateOnly, day)
		inside := d.Year() == y.Year || d.Year() == y.Year-1 && d.Month() == time.December
		if _, twice := out[day]; err != nil || twice || !inside {
			return y.fault(day)
		}
		out[day] = work
		return nil
	}
	for _, h := range y.Holidays {
		first, err := time.Parse(time.DateOnly, h.First)
		if err != nil {
			return nil, y.fault(h.First)
		}
		last, err := time.Parse(time.DateOnly, h.Last)
		if err != nil || last.Before(first) || last.Sub(first) > 30*24*time.Hour {
			return nil, y.fault(h.Last)
		}
		for d := first; !d.After(last); d = d.AddDate(0, 0, 1) {
			if err := mark(d.Format(time.DateOnly), false); err != nil {
				return nil, err
			}
		}
		for _, day := range h.Work {
			if err := mark(day, true); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

func weekend(d time.Time) bool { return d.Weekday() == time.Saturday || d.Weekday() == time.Sunday }

// Calendar knows the working days of the years that it holds, and of no other.
type Calendar struct {
	years map[int]bool
	marks map[string]bool
}

// NewCalendar returns the calendar of some years. Of two for the same year the
// later one counts; what a notice says of the December before stands over what
// that year's own notice says.
func NewCalendar(years ...Year) (Calendar, error) {
	byYear := map[int]Year{}
	first, last := 9999, 0
	for _, y := range years {
		byYear[y.Year] = y
		first, last = min(first, y.Year), max(last, y.Year)
	}
	c := Calendar{years: map[int]bool{}, marks: map[string]bool{}}
	for n := first; n <= last; n++ {
		y, ok := byYear[n]
		if !ok {
			continue
		}
		marks, err := y.marks()
		if err != nil {
			return Calendar{}, err
		}
		c.years[n] = true
		maps.Copy(c.marks, marks)
	}
	return c, nil
}

// bundled reads the years that come with the program.
var bundled = sync.OnceValue(func() []Year {
	years, err := readYears(calendar.FS)
	if err != nil {
		panic(err) // the files are part of the binary; a test reads them all
	}
	return years
})

func readYears(fsys fs.FS) ([]Year, error) {
	names, err := fs.Glob(fsys, "cn-*.json")
	if err != nil {
		return nil, err
	}
	var out []Year
	for _, name := range names {
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		y, err := ParseYear(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, y)
	}
	return out, nil
}

// Bundled returns the years that come with the program, the earliest first.
func Bundled() []Year { return slices.Clone(bundled()) }

var bundledCalendar = sync.OnceValue(func() Calendar {
	c, err := NewCalendar(bundled()...)
	if err != nil {
		panic(err) // as bundled
	}
	return c
})

// Working reports whether a day, YYYY-MM-DD, is worked. A day of a year without
// data is errs.Conflict: it is not guessed.
func (c Calendar) Working(day string) (bool, error) {
	d, err := parseDay(day)
	if err != nil {
		return false, err
	}
	return c.working(d)
}

func (c Calendar) working(d time.Time) (bool, error) {
	if !c.years[d.Year()] {
		return false, errs.New(errs.Conflict, "casework.calendar_unknown", errs.A{"year": fmt.Sprint(d.Year())})
	}
	if work, named := c.marks[d.Format(time.DateOnly)]; named {
		return work, nil
	}
	return !weekend(d), nil
}

// Add returns the n-th working day after a day. The day itself does not count
// (Civil Code of the PRC, Art. 201); n is at least 1.
func (c Calendar) Add(day string, n int) (string, error) {
	d, err := parseDay(day)
	if err != nil {
		return "", err
	}
	if n < 1 || n > maxDays {
		return "", errs.New(errs.Invalid, "casework.days")
	}
	for n > 0 {
		d = d.AddDate(0, 0, 1)
		work, err := c.working(d)
		if err != nil {
			return "", err
		}
		if work {
			n--
		}
	}
	return d.Format(time.DateOnly), nil
}

// Roll returns the day itself when it is worked and the next one that is when
// not (Civil Code of the PRC, Art. 203).
func (c Calendar) Roll(day string) (string, error) {
	d, err := parseDay(day)
	if err != nil {
		return "", err
	}
	for {
		work, err := c.working(d)
		if err != nil {
			return "", err
		}
		if work {
			return d.Format(time.DateOnly), nil
		}
		d = d.AddDate(0, 0, 1)
	}
}

// Between counts the working days after from up to and with to; 0 when to is not
// after from.
func (c Calendar) Between(from, to string) (int, error) {
	a, err := parseDay(from)
	if err != nil {
		return 0, err
	}
	b, err := parseDay(to)
	if err != nil {
		return 0, err
	}
	n := 0
	for d := a.AddDate(0, 0, 1); !d.After(b); d = d.AddDate(0, 0, 1) {
		work, err := c.working(d)
		if err != nil {
			return 0, err
		}
		if work {
			n++
		}
	}
	return n, nil
}

func parseDay(day string) (time.Time, error) {
	d, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return d, errs.Wrap(err, errs.Invalid, "casework.day", errs.A{"day": day})
	}
	return d, nil
}

// Due returns the last day on which something is in time that must be done
// within d, counted from a day.
func (c Calendar) Due(from string, d Deadline) (string, error) {
	if d.Unit == WorkingDays {
		return c.Add(from, d.Days)
	}
	day, err := parseDay(from)
	if err != nil {
		return "", err
	}
	due := day.AddDate(0, 0, d.Days).Format(time.DateOnly)
	if d.Roll {
		return c.Roll(due)
	}
	return due, nil
}

// cityTime is that of the city, in which days are meant: UTC+8 all the year.
var cityTime = time.FixedZone("UTC+8", 8*3600)

func dayOf(t time.Time) string { return t.In(cityTime).Format(time.DateOnly) }

// endOf is the instant at which a day has ended in the city.
func endOf(day string) (time.Time, error) {
	d, err := time.ParseInLocation(time.DateOnly, day, cityTime)
	return d.AddDate(0, 0, 1), err
}
