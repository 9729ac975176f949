package web

import (
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/web/chart"
)

// districts draws how many records of a list stand in each district. It counts
// what the reader may see; a district without a record is not known to have
// none.
func (m *fair) districts(path string, counts []registry.Facet) (ChartFigure, bool) {
	tiles := m.s.svc.TileMap
	if tiles == nil {
		return ChartFigure{}, false
	}
	spec := chart.Spec{Kind: chart.Tiles, ID: "market-districts", Title: m.say("market.map." + strings.TrimPrefix(path, "/")), Unit: m.say("market.unit"),
		First: m.say("market.district"), Unknown: m.say("market.map_none"), Grid: tiles.grid(m.l)}
	spec.Series = []chart.Series{{}}
	var most chart.Point
	for _, c := range counts {
		name, ok := tiles.Tiles[c.Value]
		if !ok {
			continue
		}
		p := chart.Point{Label: name.In(m.l), Known: true, Value: float64(c.Count), Text: i18n.Integer(c.Count), Href: path + "?district=" + c.Value}
		if p.Value > most.Value {
			most = p
		}
		spec.Series[0].Points = append(spec.Series[0].Points, p)
	}
	n := len(spec.Series[0].Points)
	if n == 0 {
		return ChartFigure{}, false
	}
	spec.Desc = m.say("market.map_desc", errs.A{"n": n, "all": len(tiles.Tiles), "most": most.Label, "count": most.Text})
	return ChartFigure{Spec: spec, Source: m.say("market.counted"), Period: i18n.Day(m.l, m.today), Simulated: m.s.opts.Simulated}, true
}
