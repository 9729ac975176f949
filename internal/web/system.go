package web

import (
	"net/http"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/web/chart"
)

// SystemPage is the city's platform system: its groups, where its platforms
// stand, and how the number on record stands to the reported one.
type SystemPage struct {
	Page
	Lead      string
	Groups    []SystemGroup
	Outside   SystemGroup // registered platforms that no source puts into the system
	Map       ChartFigure
	MapNote   string
	HasMap    bool
	Unplaced  string // how many platforms have no district
	Card      FigureCard
	Differs   Difference
	HasFigure bool
	Inside    int // registered platforms that a source puts into the system
	All       int // all registered platforms
	Sources   []SourceNote
	Empty     State
}

// SystemGroup is one part of "2+2+N".
type SystemGroup struct {
	Sign    string // 2, 2 or N
	ID      string
	Title   string
	Count   string
	Classes []SystemClass
}

// SystemClass are the platforms of one class within a group.
type SystemClass struct {
	Title     string
	Platforms []SystemPlatform
}

// SystemPlatform is one platform as a line of the page.
type SystemPlatform struct {
	Name       Link
	Lang       string
	Level      string
	Field      string
	Hosts      []Link
	District   Link
	Note       string
	Unverified string // the word for it, "" for a verified row
	Mark       *SourceMark
}

// systemSigns are the groups in order, with the sign that stands for each.
var systemSigns = []struct{ group, sign string }{{"2a", "2"}, {"2b", "2"}, {"N", "N"}}

// totalFigure and districtFigure are computed over the platforms registered.
const (
	totalFigure    = "platforms.all"
	districtFigure = "platforms.district"
)

func (s *Site) system(w http.ResponseWriter, r *http.Request) error {
	v, err := s.read(r)
	if err != nil {
		return err
	}
	p := SystemPage{Page: s.Page(r, v.say("web.system.title")), Lead: v.say("web.system.lead")}
	p.Crumbs = []Link{{v.say("web.room.overview"), "/"}, {v.say("web.room.platforms"), "/platforms"}}
	list, err := s.allPlatforms(v)
	if err != nil {
		return err
	}
	for _, g := range systemSigns {
		p.Groups = append(p.Groups, v.systemGroup(g.group, g.sign, list))
	}
	p.Outside = v.systemGroup("", "", list)
	for i := range list {
		if p.All++; list[i].Group != "" {
			p.Inside++
		}
	}
	if err := s.systemFigures(v, &p); err != nil {
		return err
	}
	p.Sources = v.notes
	if len(list) == 0 {
		p.Empty = State{Kind: "empty", Heading: v.say("web.system.none"), Text: v.say("web.system.none_text"), Action: Link{v.say("web.room.platforms"), "/platforms"}}
	}
	return s.Render(w, r, "system", p)
}

// allPlatforms reads the platforms that the reader may see.
func (s *Site) allPlatforms(v *reading) ([]registry.Platform, error) {
	var out []registry.Platform
	f := registry.PlatformFilter{Sort: sortFor(v.l, ""), Page: registry.Page{Limit: 500}}
	for {
		got, err := s.svc.Registry.Platforms(v.ctx, f)
		if err != nil {
			return nil, err
		}
		for _, p := range got.Items {
			if !v.closed(p.SourceID) {
				out = append(out, p)
			}
		}
		if f.After = got.Next; f.After == "" {
			return out, nil
		}
	}
}

// systemGroup gathers the platforms of one group by class, in the order in
// which the classes are first met.
func (v *reading) systemGroup(group, sign string, list []registry.Platform) SystemGroup {
	key := group
	if key == "" {
		key = "outside"
	}
	g := SystemGroup{Sign: sign, ID: "group-" + key, Title: v.say("web.system.group." + strings.ToLower(key))}
	at, n := map[string]int{}, 0
	for i := range list {
		p := &list[i]
		if p.Group != group {
			continue
		}
		n++
		k, ok := at[p.Class]
		if !ok {
			k = len(g.Classes)
			at[p.Class] = k
			g.Classes = append(g.Classes, SystemClass{Title: v.word("class", p.Class)})
		}
		g.Classes[k].Platforms = append(g.Classes[k].Platforms, v.systemPlatform(p))
	}
	g.Count = v.say("web.system.n", errs.A{"n": n})
	return g
}

func (v *reading) systemPlatform(p *registry.Platform) SystemPlatform {
	t := p.Title()
	x := SystemPlatform{Name: Link{t.In(v.l), "/platforms/" + p.ID}, Lang: otherLang(v.l, t), Level: v.word("level", p.Level), Field: p.Field.In(v.l), Note: p.Note.In(v.l), Mark: v.mark(p.SourceID)}
	if p.Level == "" {
		x.Level = ""
	}
	for _, h := range p.Hosts {
		if name := h.Name.In(v.l); name != "" {
			x.Hosts = append(x.Hosts, Link{name, refPath(h.Kind, h.ID)})
		}
	}
	if len(x.Hosts) == 0 && p.HostText != "" {
		x.Hosts = []Link{{Text: p.HostText}}
	}
	if p.Division != "" {
		x.District = Link{v.division(p.Division), "/platforms?division=" + p.Division}
	}
	if p.Status == registry.Unverified {
		x.Unverified = v.word("evidence", p.Status)
	}
	return x
}

// systemFigures adds the map and the reported number beside the registered one.
func (s *Site) systemFigures(v *reading, p *SystemPage) error {
	book, err := s.figureBook(v.ctx, v)
	if err != nil {
		return err
	}
	if total, err := book.sheet(totalFigure); err == nil {
		p.HasFigure, p.Card, p.Differs = true, total.card(v), total.differs(v.l)
		for i := range total.Reported {
			v.mark(total.Reported[i].SourceID)
		}
	}
	by, err := book.sheet(districtFigure)
	if err != nil || s.svc.TileMap == nil {
		return nil // a city without this figure or without a map has no map here
	}
	p.HasMap, p.MapNote = true, s.svc.TileMap.Note.In(v.l)
	p.Map = s.districtMap(v, by)
	for i := range by.Computed {
		if c := &by.Computed[i]; unplaced(c) && c.Known && c.Quantity.Value > 0 {
			p.Unplaced = v.say("web.system.unplaced", errs.A{"n": int(c.Quantity.Value)})
		}
	}
	return nil
}

// districtMap colours the districts by their number of platforms. A district in
// which none is registered is not known to have none.
func (s *Site) districtMap(v *reading, f *figureSheet) ChartFigure {
	m := s.svc.TileMap
	spec := chart.Spec{Kind: chart.Tiles, ID: "districts", Title: v.say("web.system.map"), Unit: unitText(v.l, counted(v.l, &f.Figure, quantity.Of(1, f.Unit)).Unit),
		First: v.say("web.figure.by.district"), Unknown: v.say("web.system.no_record"), Grid: m.grid(v.l)}
	var ps []chart.Point
	most := chart.Point{}
	for i := range f.Computed {
		c := &f.Computed[i]
		name, ok := m.Tiles[c.Item]
		if !ok || !c.Known {
			continue
		}
		pt := PointOf(v.l, name.In(v.l), 0, counted(v.l, &f.Figure, c.Quantity), 1)
		pt.Href = "/platforms?division=" + c.Item
		if pt.Value > most.Value {
			most = pt
		}
		ps = append(ps, pt)
	}
	spec.Series = []chart.Series{{Points: ps}}
	spec.Desc = v.say("web.system.map_desc", errs.A{"n": len(ps), "all": len(m.Tiles), "most": most.Label, "count": most.Text})
	fig := ChartFigure{Spec: spec, Number: 1, CSV: "/figures/" + f.ID + "/values.csv", Source: i18n.T(v.l, "web.figure.from_records")}
	if len(f.Computed) > 0 {
		fig.Period = v.say("web.figure.as_of_day", errs.A{"day": i18n.Day(v.l, f.Computed[0].AsOf)})
	}
	return fig
}
