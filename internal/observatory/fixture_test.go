package observatory_test

import (
	"bytes"
	"encoding/csv"
	"io/fs"
	"testing"

	"github.com/kapok-city/kapok/data"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/registry/identifier"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/stats"
)

var editor = change.Author{Actor: "editor", Reason: "test"}

const guangzhou = "440100"

func newFacts(t testing.TB) *stats.Store {
	t.Helper()
	s, err := stats.New(t.TempDir(), observatory.Facts(), stats.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newService(t testing.TB, d *db.DB) *observatory.Service {
	t.Helper()
	return observatory.New(d, newFacts(t), observatory.Config{City: guangzhou})
}

func compute(t testing.TB, s *observatory.Service) observatory.Run {
	t.Helper()
	run, err := s.Compute(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for id, why := range run.Failed {
		t.Errorf("%s failed: %s", id, why.EN)
	}
	return run
}

func inTx(t testing.TB, d *db.DB, fn func(tx *db.Tx) error) {
	t.Helper()
	if err := d.InTx(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func addSource(t testing.TB, d *db.DB, id, day string) {
	t.Helper()
	inTx(t, d, func(tx *db.Tx) error {
		_, err := source.Put(t.Context(), tx, editor, source.Source{ID: id, Title: i18n.Text{EN: id}, PublishedOn: day, LicenceTag: source.Green})
		return err
	})
}

func putFigures(t testing.TB, d *db.DB, rows ...observatory.Figure) []observatory.Outcome {
	t.Helper()
	var out []observatory.Outcome
	inTx(t, d, func(tx *db.Tx) (err error) {
		out, err = observatory.PutFigures(t.Context(), tx, editor, rows)
		return err
	})
	return out
}

func putReported(t testing.TB, d *db.DB, rows ...observatory.Reported) []observatory.Outcome {
	t.Helper()
	var out []observatory.Outcome
	inTx(t, d, func(tx *db.Tx) (err error) {
		out, err = observatory.PutReported(t.Context(), tx, editor, rows)
		return err
	})
	return out
}

// bundled returns the definitions of the demo city.
func bundled(t testing.TB) []observatory.Figure {
	t.Helper()
	raw, err := fs.ReadFile(data.FS, data.Guangzhou.Path(data.Figures))
	if err != nil {
		t.Fatal(err)
	}
	figures, err := observatory.ParseFigures(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return figures
}

// counted is the definition of a plain reported count.
func counted(id string) observatory.Figure {
	return observatory.Figure{ID: id, Group: "g", Title: i18n.Text{ZH: id, EN: id}, Definition: i18n.Text{ZH: id, EN: id},
		Unit: quantity.Count, Flow: quantity.FlowOf, Period: quantity.InYear, Basis: observatory.BasisReported}
}

func said(figure string, year int, q quantity.Quantity, source string) observatory.Reported {
	return observatory.Reported{FigureID: figure, Quantity: q, Period: quantity.YearOf(year), SourceID: source}
}

// The small city: X (university, ROR) and Y (institute) in Guangzhou, Z in
// Beijing, M merged into X, and an inactive one; three platforms; three papers.
// Paper p1 is the worked example of the Share: its affiliations are X, X with
// Y, and one that resolves to none, so X has 1/3+1/6, Y 1/6, and 1/3 falls to
// nobody.
func smallCity(t testing.TB, d *db.DB) *registry.Service {
	t.Helper()
	addSource(t, d, "s", "2025-01-31")
	reg := registry.New(d)
	inTx(t, d, func(tx *db.Tx) error {
		division := func(code, zh, en string, level registry.Level, parent string) registry.Division {
			return registry.Division{Code: code, Name: i18n.Text{ZH: zh, EN: en}, Level: level, Parent: parent, SourceID: "s"}
		}
		_, err := reg.PutDivisions(t.Context(), tx, editor, []registry.Division{
			division("440000", "广东省", "Guangdong", registry.Province, ""), division("440100", "广州市", "Guangzhou", registry.City, "440000"),
			division("440106", "天河区", "Tianhe", registry.District, "440100"), division("440112", "黄埔区", "Huangpu", registry.District, "440100"),
			division("110000", "北京市", "Beijing", registry.Province, ""),
		})
		if err != nil {
			return err
		}
		if _, err := reg.PutOrgs(t.Context(), tx, editor, []registry.Org{
			org("org-x", registry.University, "440106"), org("org-y", registry.Institute, "440100"), org("org-z", registry.Institute, "110000"),
			org("org-m", registry.University, "440106"), closed(org("org-old", registry.Institute, "440100")),
		}); err != nil {
			return err
		}
		if _, err := reg.PutPlatforms(t.Context(), tx, editor, []registry.Platform{
			platform("a", "national_laboratory", "2a", "440112"), platform("b", "provincial_lab", "N", "440112"), platform("c", "supercomputer_centre", "", ""),
		}); err != nil {
			return err
		}
		_, err = reg.PutPapers(t.Context(), tx, editor, []registry.Paper{
			paper("p1", 2017, aff("", "org-x"), aff("", "org-x", "org-y"), aff("")),
			paper("p2", 2018, aff("北京", "org-z"), aff("广州")),
			paper("p3", 0, aff("", "org-m", "org-x"), aff("北京", "org-z")),
			paper("p4", 2018),
		})
		return err
	})
	m, err := reg.Org(t.Context(), "org-m")
	if err != nil {
		t.Fatal(err)
	}
	x, err := reg.Org(t.Context(), "org-x")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reg.Merge(t.Context(), editor, "org-m", "org-x", m.Version, x.Version); err != nil {
		t.Fatal(err)
	}
	return reg
}

func org(id string, kind registry.OrgKind, division string) registry.Org {
	o := registry.Org{ID: id, Kind: kind, Names: []registry.Name{{Text: id, Kind: registry.Official}}, Status: registry.Active,
		Place: registry.Place{Country: "CN", Division: division}, SourceID: "s"}
	if id == "org-x" {
		o.Identifiers = []registry.Identifier{{Scheme: identifier.ROR, Value: "0064kty71"}}
	}
	return o
}

func closed(o registry.Org) registry.Org { o.Status = registry.Inactive; return o }

func platform(key, class, group, division string) registry.Platform {
	return registry.Platform{ID: "plat-" + key, Key: key, Names: []registry.Name{{Text: key, Kind: registry.Official}}, Class: class, Group: group, Division: division, SourceID: "s"}
}

func paper(key string, year int, affiliations ...registry.Affiliation) registry.Paper {
	return registry.Paper{ID: "paper-" + key, Key: key, Title: key, Year: year, Affiliations: affiliations, SourceID: "s"}
}

func aff(city string, orgs ...string) registry.Affiliation {
	a := registry.Affiliation{Raw: "raw " + city, City: city, Method: registry.ByHand}
	for _, id := range orgs {
		a.Orgs = append(a.Orgs, registry.AffiliationOrg{OrgID: id, Name: id, Score: 1, Reason: registry.Reason{Code: "exact"}})
	}
	return a
}

// values returns the present values of a figure as "item slot" → value; an
// unknown one is absent from known and listed in unknown.
func values(t testing.TB, s *observatory.Service, figure string) (known map[string]float64, unknown []string) {
	t.Helper()
	sheet, err := s.Figure(t.Context(), figure)
	if err != nil {
		t.Fatal(err)
	}
	known = map[string]float64{}
	for _, v := range sheet.Computed {
		key := v.Item + " " + v.Slot
		if v.Known {
			known[key] = v.Quantity.Value
		} else {
			unknown = append(unknown, key)
		}
	}
	return known, unknown
}

// eachRow calls fn with a getter for each row of a CSV file.
func eachRow(t *testing.T, raw []byte, fn func(get func(string) string)) int {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, name := range rows[0] {
		at[name] = i
	}
	for _, row := range rows[1:] {
		fn(func(column string) string {
			i, found := at[column]
			if !found {
				return ""
			}
			return row[i]
		})
	}
	return len(rows) - 1
}
