package registry_test

import (
	"encoding/csv"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/data"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
)

// bundledDivisions reads the divisions of the demo city.
func bundledDivisions(t *testing.T) []registry.Division {
	t.Helper()
	f, err := data.FS.Open(data.Guangzhou.Path(data.Divisions))
	must(t, err)
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	must(t, err)
	var out []registry.Division
	for _, r := range records[1:] {
		out = append(out, registry.Division{Code: r[0], Name: i18n.Text{ZH: r[1], EN: r[2]}, Level: registry.Level(r[3]), Parent: r[4],
			ValidFrom: r[5], ValidTo: r[6], Note: r[8], SourceID: "gazette"})
	}
	return out
}

func TestDivisions(t *testing.T) {
	rows := bundledDivisions(t)
	eachEngine(t, func(t *testing.T, d *db.DB, s *registry.Service) {
		for _, want := range []string{fmt.Sprintf("%d/0/0/0", len(rows)), fmt.Sprintf("0/0/%d/0", len(rows))} {
			inTx(t, d, func(tx *db.Tx) error {
				out, err := s.PutDivisions(t.Context(), tx, loader, rows)
				if results(out) != want {
					for _, o := range out {
						if o.Err != nil {
							t.Error(o.Err)
						}
					}
					t.Errorf("%s, want %s", results(out), want)
				}
				return err
			})
		}
		provinces, err := s.Divisions(t.Context(), "", "")
		if err != nil || len(provinces) != 34 {
			t.Errorf("%d provinces, %v", len(provinces), err)
		}
		districts, err := s.Divisions(t.Context(), "", "440100")
		if err != nil || len(districts) != 11 {
			t.Errorf("Guangzhou has %d districts, %v", len(districts), err)
		}
		// 440116 was Luogang until it became part of Huangpu in 2014.
		if _, err := s.Division(t.Context(), "440116", ""); errs.KindOf(err) != errs.NotFound {
			t.Errorf("Luogang today: %v", err)
		}
		if was, err := s.Division(t.Context(), "440116", "2013-06-30"); err != nil || was.Name.ZH != "萝岗区" {
			t.Errorf("Luogang in 2013: %+v, %v", was, err)
		}
		if history, err := s.DivisionHistory(t.Context(), "440112"); err != nil || len(history) != 2 {
			t.Errorf("history of Huangpu: %+v, %v", history, err)
		}
		path, err := s.DivisionPath(t.Context(), "440106", "")
		var names []string
		for _, p := range path {
			names = append(names, p.Name.ZH)
		}
		if diff := cmp.Diff([]string{"广东省", "广州市", "天河区"}, names); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
		for name, want := range map[string]string{"广州": "[440100]", "广州市": "[440100]", "GUANGZHOU": "[440100]", "萝岗区": "[]", "天河": "[440106]", "香港": "[810000]", "%": "[]", "无此地": "[]"} {
			got, err := s.DivisionsByName(t.Context(), name, "")
			var codes []string
			for _, g := range got {
				codes = append(codes, g.Code)
			}
			if err != nil || fmt.Sprint(codes) != want {
				t.Errorf("%s: %v, %v, want %s", name, codes, err, want)
			}
		}
		if many, err := s.DivisionsByName(t.Context(), "朝阳区", ""); err != nil || len(many) < 2 {
			t.Errorf("朝阳区: %v, %v", many, err)
		}
		bad := []registry.Division{{Code: "44", Level: "town", Parent: "440100", SourceID: "gazette"}, {Code: "440100", Name: i18n.Text{ZH: "广州市"}, Parent: "440100", Level: registry.City, SourceID: "gazette"}}
		inTx(t, d, func(tx *db.Tx) error {
			out, err := s.PutDivisions(t.Context(), tx, loader, bad)
			if results(out) != "0/0/0/2" {
				t.Errorf("%+v", out)
			}
			return err
		})
	})
}
