package transfer

import "testing"

func FuzzCursor(f *testing.F) {
	f.Add(cursor{"listed_on", "2026-01-02", "result-1"}.encode(), "listed_on")
	f.Add("e30", "")
	f.Add("%%%", "listed_on")
	f.Fuzz(func(t *testing.T, text, sort string) {
		c, err := decodeCursor(text, sort)
		if err != nil {
			return
		}
		if again, err := decodeCursor(c.encode(), sort); err != nil || again != c {
			t.Errorf("%q: %+v, then %+v, %v", text, c, again, err)
		}
	})
}

func TestLater(t *testing.T) {
	for in, want := range map[string]string{"2026-01-31": "2026-02-28", "2027-12-15": "2028-01-15", "2028-01-31": "2028-02-29", "": ""} {
		if got := later(in, 1); got != want {
			t.Errorf("a month after %s is %s", in, got)
		}
	}
	if got := later("2024-02-29", 12); got != "2025-02-28" {
		t.Error(got)
	}
}

func TestMasks(t *testing.T) {
	for in, want := range map[Submitter]Submitter{
		{}: {}, {Name: "李"}: {Name: "李**"}, {Email: "a@b.c", Phone: "1"}: {Email: "a***@***", Phone: "***1"}, {Email: "@"}: {},
		{Name: "Chen", Email: "陈@x.cn", Phone: "+86 20 1234"}: {Name: "C**", Email: "陈***@***", Phone: "***34"},
	} {
		if got := in.masked(); got != want {
			t.Errorf("%+v: %+v", in, got)
		}
	}
}
