package corpus

import (
	"cmp"
	"context"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/registry"
)

// institution is one row of the table in the making.
type institution struct {
	number                     int64
	orgID, ror, nameEN, nameZH string
	kind, city, cityEN, cityZH string
	district                   string
	country                    [2]byte
	lat, lon                   float64
	above                      []int64 // by number, before merging
	associated                 []int64
	org                        int // in the directory, -1
	geonames                   int64
}

// institutions are all that a corpus may name, by the numbers that staged works
// use.
type institutions struct {
	dir   *directory
	byNum map[int64]*institution
}

// of returns the institution of a staged number. It is read by several
// goroutines; a number that nothing describes has a row of its own.
func (t *institutions) of(number int64) *institution {
	if in := t.byNum[number]; in != nil {
		return in
	}
	return &institution{number: number, lat: math.NaN(), lon: math.NaN(), org: -1}
}

func newInstitution(number int64) *institution {
	return &institution{number: number, lat: math.NaN(), lon: math.NaN(), org: -1}
}

// gather joins what works say of their institutions, what the institutions'
// own records say, and what the registry knows.
func gather(ctx context.Context, dir *directory, staged map[int64]stagedPlace, entities map[int64]*institution) (*institutions, error) {
	t := &institutions{dir: dir, byNum: map[int64]*institution{}}
	for _, id := range slices.Sorted(maps.Keys(staged)) {
		if s := staged[id]; id > 0 {
			in := newInstitution(id)
			in.ror, in.nameEN, in.kind, in.country, in.above = s.ROR, s.Name, s.Kind, countryCode([]byte(s.Country)), s.Lineage
			t.byNum[id] = in
		}
	}
	for id, in := range entities {
		if old := t.byNum[id]; old != nil && len(in.above) == 0 {
			in.above = old.above
		}
		t.byNum[id] = in
	}
	cities := cityNames{known: map[string]registry.Division{}}
	if dir != nil {
		cities.service = dir.reg.Service
		if err := t.fromRegistry(ctx, staged); err != nil {
			return nil, err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(t.byNum)) {
		if err := cities.settle(ctx, t.byNum[id]); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// fromRegistry adds the organisations of the registry: those that OpenAlex has
// too, under its number, and those that the staged works name.
func (t *institutions) fromRegistry(ctx context.Context, staged map[int64]stagedPlace) error {
	d := t.dir
	number := make(map[int]int64, len(t.byNum)) // org → number in the corpus
	var wanted []int
	for _, id := range slices.Sorted(maps.Keys(t.byNum)) {
		in := t.byNum[id]
		if org, known := d.byROR[rorKey(in.ror)]; known && in.ror != "" {
			in.org = org
			wanted = append(wanted, org)
			if _, taken := number[org]; !taken {
				number[org] = id
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(staged)) {
		if at, known := d.numbers[id]; id < 0 && known {
			wanted = append(wanted, at)
		}
	}
	for _, org := range slices.Clone(wanted) {
		wanted = append(wanted, d.above(org)...)
	}
	wanted = slices.Compact(slices.Sorted(slices.Values(wanted)))
	for _, org := range wanted {
		id, known := number[org]
		if !known {
			id = d.orgs[org].number
			in := newInstitution(id)
			in.org, in.ror = org, d.orgs[org].ror
			number[org], t.byNum[id] = id, in
		}
		t.byNum[d.orgs[org].number] = t.byNum[id]
	}
	for _, org := range wanted {
		in := t.byNum[number[org]]
		for _, up := range d.above(org) {
			in.above = append(in.above, number[up])
		}
	}
	return t.describe(ctx, wanted, number)
}

// describe fills in names and places from the records of the registry.
func (t *institutions) describe(ctx context.Context, orgs []int, number map[int]int64) error {
	for part := range slices.Chunk(orgs, 500) {
		ids := make([]string, len(part))
		for i, org := range part {
			ids[i] = t.dir.orgs[org].id
		}
		records, err := registry.LoadOrgs(ctx, t.dir.reg.DB, ids)
		if err != nil {
			return err
		}
		for _, org := range part {
			in := t.byNum[number[org]]
			if o, ok := records[t.dir.orgs[org].id]; ok {
				in.learn(&o)
			}
		}
	}
	return nil
}

// learn takes what the registry knows; what OpenAlex says stands where both
// speak, but for the seat of an organisation in China, which the registry knows
// to the district.
func (in *institution) learn(o *registry.Org) {
	title := o.Title()
	in.orgID = o.ID
	in.nameZH = cmp.Or(in.nameZH, title.ZH)
	in.nameEN = cmp.Or(in.nameEN, title.EN)
	in.kind = cmp.Or(in.kind, kinds[o.Kind])
	if in.country == [2]byte{} {
		in.country = countryCode([]byte(o.Place.Country))
	}
	if o.Place.Lat != nil && o.Place.Lon != nil && (math.IsNaN(in.lat) || math.IsNaN(in.lon)) {
		in.lat, in.lon = *o.Place.Lat, *o.Place.Lon
	}
	if o.Place.Division != "" {
		in.district = o.Place.Division
	}
	in.cityEN = cmp.Or(in.cityEN, latin(o.Place.City))
}

// latin is the text, or "" where it is in no Latin letters.
func latin(text string) string {
	if strings.ContainsFunc(text, fold.Unspaced) {
		return ""
	}
	return text
}

// kinds gives the registry's kinds the words of OpenAlex.
var kinds = map[registry.OrgKind]string{
	registry.Enterprise: "company", registry.University: "education", registry.Institute: "facility", registry.NationalLaboratory: "facility",
	registry.InnovationCentre: "facility", registry.MajorFacility: "facility", registry.Government: "government", registry.Hospital: "healthcare",
	registry.Nonprofit: "nonprofit", registry.Archive: "archive", registry.TransferBody: "other", registry.FundManager: "funder", registry.Bank: "company",
	registry.ParkOperator: "company", registry.OtherOrg: "other",
}

// cityNames finds cities of China by name in the registry's divisions.
type cityNames struct {
	service *registry.Service
	known   map[string]registry.Division
}

// The cities that are regions of their own: GeoNames' numbers.
const (
	hongKong = "geonames:1819729"
	macao    = "geonames:1821274"
)

// settle gives the institution its city: the GB/T 2260 code in China, else
// GeoNames' number.
func (c *cityNames) settle(ctx context.Context, in *institution) error {
	switch string(in.country[:]) {
	case "HK":
		in.city, in.cityEN, in.cityZH, in.district = hongKong, "Hong Kong", "香港", ""
		return nil
	case "MO":
		in.city, in.cityEN, in.cityZH, in.district = macao, "Macao", "澳门", ""
		return nil
	case "CN":
	default:
		in.district = ""
		if in.city == "" && in.geonames > 0 {
			in.city = "geonames:" + strconv.FormatInt(in.geonames, 10)
		}
		return nil
	}
	var d registry.Division
	var err error
	if in.city != "" || c.service == nil {
		return nil // settled under its other number, or nobody to ask
	}
	if code := cityOf(in.district); code != "" {
		d, err = c.find(ctx, code)
	} else if in.cityEN != "" {
		d, err = c.find(ctx, in.cityEN)
	}
	if strings.HasSuffix(in.district, "00") {
		in.district = ""
	}
	if err != nil || d.Code == "" {
		return err
	}
	in.city, in.cityZH = d.Code, short(d.Name.ZH)
	in.cityEN = cmp.Or(d.Name.EN, in.cityEN)
	return nil
}

// cityOf returns the city of a GB/T 2260 code; a municipality is its own city.
func cityOf(code string) string {
	switch {
	case len(code) != 6:
		return ""
	case slices.Contains([]string{"11", "12", "31", "50"}, code[:2]):
		return code[:2] + "0000"
	case code[2:4] == "00":
		return ""
	}
	return code[:4] + "00"
}

// find returns the city of a code or a name; none has an empty code.
func (c *cityNames) find(ctx context.Context, what string) (registry.Division, error) {
	if d, ok := c.known[what]; ok {
		return d, nil
	}
	var d registry.Division
	if what[0] >= '0' && what[0] <= '9' {
		list, err := c.service.DivisionHistory(ctx, what)
		if err != nil {
			return d, err
		}
		if len(list) > 0 {
			d = list[0]
		} else {
			d = registry.Division{Code: what}
		}
	} else {
		list, err := c.service.DivisionsByName(ctx, what, "")
		if err != nil {
			return d, err
		}
		for _, found := range list {
			if cityOf(found.Code) == found.Code && found.Code != "" {
				d = found
				break
			}
		}
	}
	c.known[what] = d
	return d, nil
}

// short takes 市 off the name of a city.
func short(name string) string { return strings.TrimSuffix(name, "市") }

// closure returns the numbers to write: those in use, and all above them.
func (t *institutions) closure(used map[int64]bool) []int64 {
	all := maps.Clone(used)
	for _, id := range slices.Sorted(maps.Keys(used)) {
		in := t.of(id)
		for _, up := range append(slices.Clone(in.above), in.associated...) {
			all[t.of(up).number] = true
		}
	}
	delete(all, 0)
	return slices.Sorted(maps.Keys(all))
}

// write makes the tables institution and institution_link.
func (t *institutions) write(ctx context.Context, dir string, used map[int64]bool, press *presser) ([]finished, error) {
	links, err := t.links(ctx, used)
	if err != nil {
		return nil, err
	}
	for _, l := range links {
		used[l.child], used[l.parent] = true, true
	}
	table, _ := TableOf("institution")
	f := newParquetFile(filepath.Join(dir, ".tmp-institution.parquet"), table, press)
	for _, id := range t.closure(used) {
		if err := t.of(id).row(f, id); err != nil {
			return nil, err
		}
	}
	if err := f.finish(); err != nil {
		return nil, err
	}
	table, _ = TableOf("institution_link")
	g := newParquetFile(filepath.Join(dir, ".tmp-institution_link.parquet"), table, press)
	for _, l := range links {
		c := g.cols
		c[0].int(l.child)
		c[1].int(l.parent)
		c[2].text([]byte(l.kind))
		c[3].real(l.weight)
		if err := g.endRow(); err != nil {
			return nil, err
		}
	}
	return []finished{{"institution", 0, f.rows, f.path}, {"institution_link", 0, int64(len(links)), g.path}}, g.finish()
}

func (in *institution) row(f *parquetFile, id int64) error {
	c := f.cols
	openalex := ""
	if id > 0 {
		openalex = "I" + strconv.FormatInt(id, 10)
	}
	c[0].int(id)
	for i, v := range []string{in.orgID, in.ror, openalex, in.nameEN, in.nameZH, in.kind, codeText(in.country), in.city, in.cityEN, in.cityZH, in.district} {
		c[i+1].text([]byte(v))
	}
	c[12].real(in.lat)
	c[13].real(in.lon)
	return f.endRow()
}

// link is one row of institution_link.
type link struct {
	child, parent int64
	kind          string
	weight        float64
}

// links returns who is part of whom among the institutions in use and those
// above them: lineage and parents of the registry at any depth, and what the
// registry says of joint, hosting and associated organisations.
func (t *institutions) links(ctx context.Context, used map[int64]bool) ([]link, error) {
	var out []link
	for _, id := range t.closure(used) {
		in := t.of(id)
		for _, up := range in.above {
			if to := t.of(up).number; to != id {
				out = append(out, link{id, to, Component, math.NaN()})
			}
		}
		for _, other := range in.associated {
			if to := t.of(other).number; to != id {
				out = append(out, link{id, to, Associated, math.NaN()})
			}
		}
		if in.org >= 0 && t.dir != nil {
			more, err := t.related(ctx, in)
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
		}
	}
	slices.SortFunc(out, func(a, b link) int {
		return cmp.Or(cmp.Compare(a.child, b.child), cmp.Compare(a.parent, b.parent), cmp.Compare(a.kind, b.kind))
	})
	return slices.CompactFunc(out, func(a, b link) bool { return a.child == b.child && a.parent == b.parent && a.kind == b.kind }), nil
}

// related reads the relations of an organisation. One that has a host is a part
// of it; one that several jointly have is shared by them, in equal parts unless
// the registry knows their shares; a hospital is associated with its university.
func (t *institutions) related(ctx context.Context, in *institution) ([]link, error) {
	groups, err := t.dir.reg.Service.Relations(ctx, in.orgID)
	if err != nil {
		return nil, err
	}
	var out []link
	for _, g := range groups {
		switch {
		case g.Kind == registry.Host && g.Outward:
			out = append(out, t.to(in.number, g.Links, Component)...)
		case g.Kind == registry.Joint && !g.Outward:
			out = append(out, t.to(in.number, g.Links, Joint)...)
		case g.Kind == registry.Associated && in.kind == "healthcare":
			out = append(out, t.to(in.number, g.Links, Associated)...)
		}
	}
	return out, nil
}

// to links a child to the organisations at the other ends.
func (t *institutions) to(child int64, ends []registry.Link, kind string) []link {
	var out []link
	for _, l := range ends {
		at, known := t.dir.byID[l.Other.ID]
		if !known {
			continue
		}
		in := t.byNum[t.dir.orgs[at].number]
		if in == nil || in.number == child || kind == Associated && in.kind != "education" {
			continue
		}
		weight := math.NaN()
		if kind == Joint {
			if weight = 1 / float64(len(ends)); l.Share != nil {
				weight = *l.Share
			}
		}
		out = append(out, link{child, in.number, kind, weight})
	}
	return out
}
