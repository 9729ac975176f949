package web

import (
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/edition"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/web/chart"
)

// bumpOthers is how many units beside the city's own are followed over the
// editions of a ranking.
const bumpOthers = 7

// bumpChart follows the city's own unit, and the first of the newest edition
// beside it, over all editions; where the method broke, so do the lines.
func (s *Site) bumpChart(v *reading, all []edition.Edition, home map[string]bool) (ChartFigure, bool, error) {
	if len(all) < 2 {
		return ChartFigure{}, false, nil
	}
	newest := all[0]
	spec := chart.Spec{Kind: chart.Bump, ID: "bump", Rank: true, First: v.say("web.rankings.edition"), Unit: v.say("web.figure.place"), Unknown: v.say("web.unknown"),
		Title: v.say("web.edition.bump", errs.A{"title": newest.Title.In(v.l)})}
	byUnit, order, err := s.ranksByUnit(v, all, home)
	if err != nil {
		return ChartFigure{}, false, err
	}
	for _, unit := range order {
		spec.Series = append(spec.Series, *byUnit[unit])
	}
	for i := range all {
		broken := slices.ContainsFunc(all[i].Changes, func(d edition.Difference) bool { return d.Breaks })
		if broken {
			spec.Breaks = append(spec.Breaks, chart.Break{X: float64(len(all) - 1 - i), Label: v.say("web.edition.broke")})
		}
	}
	points := 0
	for _, se := range spec.Series {
		for _, p := range se.Points {
			if p.Known {
				points++
			}
		}
	}
	spec.Desc = v.say("web.edition.bump_desc", errs.A{"n": len(spec.Series), "from": all[len(all)-1].Edition, "to": newest.Edition})
	return ChartFigure{Spec: spec, Source: newest.Body.In(v.l), Period: all[len(all)-1].Edition + "–" + newest.Edition}, points > 1 && len(spec.Series) > 0, nil
}

// ranksByUnit are the exact ranks of the city's own units and of the first few
// others, one series each, over the editions from the oldest.
func (s *Site) ranksByUnit(v *reading, all []edition.Edition, home map[string]bool) (map[string]*chart.Series, []string, error) {
	series, best := map[string]*chart.Series{}, map[string]float64{}
	for i := len(all) - 1; i >= 0; i-- {
		lines, err := s.svc.Editions.Entries(v.ctx, all[i].ID)
		if err != nil {
			return nil, nil, err
		}
		for j := range lines {
			x := &lines[j]
			if x.Unit == "" || !x.RankKnown() || v.closed(x.SourceID) {
				continue
			}
			if series[x.Unit] == nil {
				series[x.Unit] = &chart.Series{Mark: home[x.Unit]}
			}
			series[x.Unit].Name = x.Name.In(v.l)
			series[x.Unit].Points = append(series[x.Unit].Points, chart.Point{Label: all[i].Edition, X: float64(len(all) - 1 - i), Known: true, Value: x.Rank.Value, Text: strconv.FormatInt(int64(x.Rank.Value), 10)})
			best[x.Unit] = x.Rank.Value // the newest stands last
		}
	}
	var order []string
	for unit, se := range series {
		if se.Mark || len(se.Points) > 1 {
			order = append(order, unit)
		}
	}
	slices.SortFunc(order, func(a, b string) int {
		switch {
		case series[a].Mark != series[b].Mark && series[a].Mark:
			return -1
		case series[a].Mark != series[b].Mark:
			return 1
		}
		return strings.Compare(padded(best[a])+a, padded(best[b])+b)
	})
	own := 0
	for _, unit := range order {
		if series[unit].Mark {
			own++
		}
	}
	return series, order[:min(len(order), own+bumpOthers)], nil
}

func padded(v float64) string { return strconv.FormatInt(int64(v)+1_000_000, 10) }
