package casework_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/kapok-city/kapok/data/calendar"
	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

func bundled(t testing.TB) casework.Calendar {
	t.Helper()
	c, err := casework.NewCalendar(casework.Bundled()...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The counts are those of an independent package of holidays (PyPI
// chinesecalendar 1.11.0), with which every single day was compared once.
func TestWorkingDaysOfYears(t *testing.T) {
	t.Parallel()
	c := bundled(t)
	for year, want := range map[int]int{2024: 251, 2025: 248, 2026: 248} {
		n := 0
		for d := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() == year; d = d.AddDate(0, 0, 1) {
			work, err := c.Working(d.Format(time.DateOnly))
			if err != nil {
				t.Fatal(err)
			}
			if work {
				n++
			}
		}
		if n != want {
			t.Errorf("%d has %d working days, want %d", year, n, want)
		}
	}
}

func TestWorking(t *testing.T) {
	t.Parallel()
	c := bundled(t)
	for day, want := range map[string]bool{
		"2024-02-09": true,  // New Year's Eve of 2024, a Friday: only "encouraged" to be off
		"2024-02-04": true,  // Sunday, worked for the Spring Festival
		"2024-02-18": true,  // Sunday, the same
		"2024-02-17": false, // last day off
		"2025-01-28": false, // New Year's Eve of 2025, off by the decree of 2024-11
		"2025-01-26": true,  // Sunday, worked
		"2025-02-08": true,  // Saturday, worked
		"2025-10-08": false, // National Day and Mid-Autumn together
		"2026-01-02": false, // Friday of the New Year
		"2026-01-04": true,  // Sunday, worked for it
		"2026-02-14": true,  // Saturday before nine days off
		"2026-02-23": false,
		"2026-02-24": true,
		"2026-02-28": true, // Saturday, worked
		"2026-11-21": false,
		"2026-11-23": true,
	} {
		got, err := c.Working(day)
		if err != nil || got != want {
			t.Errorf("%s: worked %v, %v; want %v", day, got, err, want)
		}
	}
}

func TestAdd(t *testing.T) {
	t.Parallel()
	c := bundled(t)
	for _, v := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-02-13", 1, "2026-02-14"},  // a worked Saturday
		{"2026-02-14", 1, "2026-02-24"},  // over the Spring Festival
		{"2026-02-13", 10, "2026-03-05"}, // 02-14, 24–28, 03-02–05
		{"2024-02-08", 3, "2024-02-19"},  // 9, 18 (Sunday), 19
		{"2025-12-31", 1, "2026-01-04"},  // over the year: a Sunday
		{"2024-12-30", 2, "2025-01-02"},  // over the year: one day off
		{"2024-12-28", 1, "2024-12-30"},  // from a Saturday
		{"2026-09-19", 1, "2026-09-20"},  // a worked Sunday
		{"2026-09-30", 5, "2026-10-13"},  // 8, 9, 10 (Saturday), 12, 13
	} {
		if got, err := c.Add(v.from, v.n); err != nil || got != v.want {
			t.Errorf("%s + %d = %s, %v; want %s", v.from, v.n, got, err, v.want)
		}
		if n, err := c.Between(v.from, v.want); err != nil || n != v.n {
			t.Errorf("between %s and %s: %d, %v; want %d", v.from, v.want, n, err, v.n)
		}
	}
	for _, v := range []struct {
		from string
		n    int
		kind errs.Kind
		key  string
	}{
		{"2026-12-31", 1, errs.Conflict, "casework.calendar_unknown"},
		{"2026-12-25", 20, errs.Conflict, "casework.calendar_unknown"},
		{"2023-12-28", 2, errs.Conflict, "casework.calendar_unknown"},
		{"2026-02-30", 1, errs.Invalid, "casework.day"},
		{"2026-02-20", 0, errs.Invalid, "casework.days"},
	} {
		if _, err := c.Add(v.from, v.n); errs.KindOf(err) != v.kind || errs.Of(err).Key != v.key {
			t.Errorf("%s + %d: %v, want %s", v.from, v.n, err, v.key)
		}
	}
	if got, err := c.Add("2026-12-25", 4); err != nil || got != "2026-12-31" {
		t.Errorf("to the last day: %s, %v", got, err)
	}
}

func TestDue(t *testing.T) {
	t.Parallel()
	c := bundled(t)
	for _, v := range []struct {
		from string
		d    casework.Deadline
		want string
	}{
		{"2026-01-16", casework.Deadline{Days: 30, Unit: casework.CalendarDays}, "2026-02-15"},
		{"2026-01-16", casework.Deadline{Days: 30, Unit: casework.CalendarDays, Roll: true}, "2026-02-24"}, // ends in the festival
		{"2026-01-15", casework.Deadline{Days: 30, Unit: casework.CalendarDays, Roll: true}, "2026-02-14"}, // ends on a worked Saturday
		{"2027-05-01", casework.Deadline{Days: 30, Unit: casework.CalendarDays}, "2027-05-31"},             // needs no notice
	} {
		if got, err := c.Due(v.from, v.d); err != nil || got != v.want {
			t.Errorf("%+v from %s: %s, %v; want %s", v.d, v.from, got, err, v.want)
		}
	}
	if _, err := c.Due("2026-12-20", casework.Deadline{Days: 30, Unit: casework.CalendarDays, Roll: true}); errs.Of(err).Key != "casework.calendar_unknown" {
		t.Errorf("a roll into an unknown year: %v", err)
	}
}

// A New Year that reaches into the December before stands over that year.
func TestYearEdges(t *testing.T) {
	t.Parallel()
	y := casework.Year{
		Year: 2027, Authority: i18n.Text{ZH: "测试", EN: "test"}, Document: "test 1", Issued: "2026-11-05",
		Holidays: []casework.Holiday{{First: "2026-12-31", Last: "2027-01-02", Work: []string{"2027-01-03"}}},
	}
	c, err := casework.NewCalendar(append(casework.Bundled(), y)...)
	if err != nil {
		t.Fatal(err)
	}
	if work, err := c.Working("2026-12-31"); err != nil || work {
		t.Errorf("2026-12-31: %v, %v", work, err)
	}
	if got, err := c.Add("2026-12-30", 1); err != nil || got != "2027-01-03" {
		t.Errorf("got %s, %v", got, err)
	}
	for _, spoil := range []func(*casework.Year){
		func(y *casework.Year) { y.Document = "" },
		func(y *casework.Year) { y.Issued = "2028-01-01" },
		func(y *casework.Year) { y.Holidays = nil },
		func(y *casework.Year) { y.Holidays[0].First = "2026-11-30" },
		func(y *casework.Year) { y.Holidays[0].Last = "2026-12-30" },
		func(y *casework.Year) { y.Holidays[0].Last = "2027-03-30" },
		func(y *casework.Year) { y.Holidays[0].Work = []string{"2027-01-02"} },
		func(y *casework.Year) { y.Holidays[0].Work = []string{"2027-01-04"} }, // a Monday is worked anyway
		func(y *casework.Year) { y.Holidays[0].Work = []string{"2028-01-08"} },
	} {
		bad := y
		bad.Holidays = []casework.Holiday{y.Holidays[0]}
		spoil(&bad)
		raw, _ := json.Marshal(bad)
		if _, err := casework.ParseYear(raw); errs.KindOf(err) != errs.Invalid {
			t.Errorf("%s: %v", raw, err)
		}
	}
}

func TestPutYear(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setUp(t, d)
		*b.clock = time.Date(2026, 12, 28, 2, 0, 0, 0, time.UTC)
		c := b.open("case-a")
		b.refused(maker, c, "submit", amount(1), errs.Conflict, "casework.calendar_unknown")
		y := casework.Year{
			Year: 2027, Authority: i18n.Text{ZH: "测试", EN: "test"}, Document: "test 1", Issued: "2026-11-05",
			Holidays: []casework.Holiday{{First: "2027-01-01", Last: "2027-01-03", Work: []string{}}},
		}
		for range 2 {
			if err := b.s.PutYear(ctx, maker, y); err != nil {
				t.Fatal(err)
			}
		}
		b.do(maker, c, "submit", amount(1))
		timers, err := casework.Timers(ctx, d, c.ID)
		if err != nil || len(timers) != 1 || timers[0].DueOn != "2027-01-12" || !timers[0].DueAt.Equal(time.Date(2027, 1, 12, 16, 0, 0, 0, time.UTC)) {
			t.Errorf("timers %+v, %v", timers, err)
		}
		if years, err := casework.Years(ctx, d); err != nil || len(years) != 4 {
			t.Errorf("%d years, %v", len(years), err)
		}
		if err := b.s.PutYear(context.Background(), maker, casework.Year{Year: 2028}); errs.KindOf(err) != errs.Invalid {
			t.Errorf("a year without a document: %v", err)
		}
	})
}

func FuzzParseYear(f *testing.F) {
	raw, err := calendar.FS.ReadFile("cn-2026.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"year":2026,"authority":{"zh":"a"},"document":"b","issued":"2025-01-01","holidays":[{"first":"2026-01-01","last":"2026-01-01"}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		y, err := casework.ParseYear(raw)
		if err != nil {
			return
		}
		c, err := casework.NewCalendar(y)
		if err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(y)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := casework.ParseYear(again); err != nil {
			t.Fatalf("what was read cannot be written and read again: %v", err)
		}
		if _, err := c.Working(time.Date(y.Year, 5, 5, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)); err != nil {
			t.Fatal(err)
		}
	})
}
