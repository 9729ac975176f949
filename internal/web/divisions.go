package web

import (
	"net/http"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
)

// divisions lists the provinces; each leads to what lies below it.
func (s *Site) divisions(w http.ResponseWriter, r *http.Request) error {
	x, err := s.newList(r, "divisions")
	if err != nil {
		return err
	}
	name := x.q.Get("q")
	var got []registry.Division
	if name != "" {
		got, err = s.svc.Registry.DivisionsByName(x.ctx, name, "")
	} else {
		got, err = s.svc.Registry.Divisions(x.ctx, "", "")
	}
	if err != nil {
		return err
	}
	x.text("q", "reg.find_division")
	x.column("reg.name", false, "", "", false)
	x.column("reg.division_code", false, "", "", false)
	x.column("reg.division_level", false, "", "", false)
	for _, d := range got {
		row := x.named("/divisions/"+d.Code, d.Name)
		row.Cells = []Cell{{Text: d.Code}, {Text: x.word("division_level", string(d.Level))}}
		x.row(d.SourceID, row)
	}
	p := x.finish(int64(len(got)), len(got), "")
	p.Filter.Exports, p.Crumbs = nil, []Link{{i18n.T(x.l, "reg.sources"), "/sources"}}
	return s.Render(w, r, "register", p)
}
