package corpus

import (
	"cmp"
	"math"
	"strconv"
	"strings"
)

// patentKind is a kind of table: the columns it must have, and where its rows go.
type patentKind struct {
	name  string
	needs []string
	into  string
	read  func(p *patentTables, row patentRow) ([]any, bool)
}

// patentKinds are the kinds of tables, told by the columns that they must have.
var patentKinds = []patentKind{
	{"location", []string{"location_id", "latitude", "longitude"}, "staged_place", (*patentTables).placeRow},
	{"inventor", []string{"patent_id", "inventor_sequence", "location_id"}, "staged_inventor", (*patentTables).inventorRow},
	{"patent", []string{"patent_id", "patent_date"}, "staged_patent", (*patentTables).patentRow},
	{"count", []string{"from", "lon", "lat", "patents"}, "staged_count", (*patentTables).countRow},
	{"plain", []string{"patent_id", "year", "lon", "lat"}, "staged_inventor", (*patentTables).plainRow},
}

// patentNames are other names of the columns of a plain table.
var patentNames = map[string]string{"longitude_deg": "lon", "lng": "lon", "long": "lon", "publication_number": "patent_id", "patent": "patent_id", "inventor_seq": "inventor", "inventor_id": "inventor"}

type patentRow struct {
	at    map[string]int
	width int
	cells []string
}

func (r *patentRow) get(name string) string {
	if i, ok := r.at[name]; ok {
		return strings.TrimSpace(r.cells[i])
	}
	return ""
}

// patentColumns are the columns that are read or known to be of no use here.
var patentColumns = map[string]bool{"patent_id": true, "patent_date": true, "patent_type": true, "patent_title": true, "wipo_kind": true, "num_claims": true, "withdrawn": true, "filename": true,
	"inventor_sequence": true, "inventor_id": true, "disambig_inventor_name_first": true, "disambig_inventor_name_last": true, "gender_code": true, "location_id": true,
	"disambig_city": true, "disambig_state": true, "disambig_country": true, "latitude": true, "longitude": true, "county": true, "state_fips": true, "county_fips": true,
	"year": true, "inventor": true, "lon": true, "lat": true, "country": true, "city": true, "weight": true, "title": true, "kind": true, "field": true, "from": true, "to": true, "patents": true}

// nullable is a cell as UTF-8, NULL when empty.
func nullable(s string) any {
	if s == "" {
		return nil
	}
	return strings.ToValidUTF8(s, "\ufffd")
}

func (p *patentTables) patentRow(row patentRow) ([]any, bool) {
	id := row.get("patent_id")
	if id == "" {
		p.notes.add(faultBadID, clip([]byte(strings.Join(row.cells, " ")), sampleLength))
		return nil, false
	}
	day, ok := parseDay([]byte(row.get("patent_date")))
	if !ok {
		p.notes.add(faultNoYear, id)
		return nil, false
	}
	return []any{id, yearOfDay(day), nullable(row.get("patent_title")), nullable(cmp.Or(row.get("wipo_kind"), row.get("patent_type"))), p.notes.File, p.notes.line}, true
}

func (p *patentTables) inventorRow(row patentRow) ([]any, bool) {
	id := row.get("patent_id")
	seq, ok := whole64([]byte(row.get("inventor_sequence")))
	if id == "" || !ok {
		p.notes.add(faultBadID, clip([]byte(strings.Join(row.cells, " ")), sampleLength))
		return nil, false
	}
	return []any{id, nil, seq + 1, nullable(row.get("location_id")), nil, nil, nil, nil, nil, p.notes.File, p.notes.line}, true
}

func (p *patentTables) placeRow(row patentRow) ([]any, bool) {
	p.notes.Read-- // a place is no record of its own
	lon, lat := p.degrees(row.get("longitude"), row.get("latitude"), row.get("location_id"))
	return []any{row.get("location_id"), nullable(row.get("disambig_country")), nullable(row.get("disambig_city")), lon, lat}, true
}

// degrees reads coordinates; what lies outside the world, or at 0, 0 where no
// inventor lives, is noted and unknown.
func (p *patentTables) degrees(east, north, what string) (lon, lat float64) {
	if east == "" || north == "" {
		return math.NaN(), math.NaN()
	}
	lon, err1 := strconv.ParseFloat(east, 64)
	lat, err2 := strconv.ParseFloat(north, 64)
	switch {
	case err1 != nil || err2 != nil:
		p.notes.add(faultWrongType, clip([]byte(east+", "+north+" · "+what), 80))
	case !(math.Abs(lon) <= 180) || !(math.Abs(lat) <= 90) || lon == 0 && lat == 0:
		p.notes.add(faultBadCoordinates, clip([]byte(east+", "+north+" · "+what), 80))
	default:
		return lon, lat
	}
	return math.NaN(), math.NaN()
}

func (p *patentTables) year(text, what string) (int64, bool) {
	if day, ok := parseDay([]byte(text)); ok {
		return yearOfDay(day), true
	}
	year, ok := whole64([]byte(text))
	if !ok || year < firstYear || year > lastYear {
		p.notes.add(faultNoYear, what)
		return 0, false
	}
	return year, true
}

func (p *patentTables) plainRow(row patentRow) ([]any, bool) {
	id := row.get("patent_id")
	if id == "" {
		p.notes.add(faultBadID, clip([]byte(strings.Join(row.cells, " ")), sampleLength))
		return nil, false
	}
	year, ok := p.year(row.get("year"), id)
	if !ok {
		return nil, false
	}
	weight := math.NaN()
	if text := row.get("weight"); text != "" {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || !(v >= 0 && v <= 1) {
			p.notes.add(faultWrongType, "weight = "+clip([]byte(text), 40)+" · "+id)
		} else {
			weight = v
		}
	}
	lon, lat := p.degrees(row.get("lon"), row.get("lat"), id)
	return []any{id, year, nil, nil, nullable(strings.ToUpper(row.get("country"))), nullable(row.get("city")), lon, lat, weight, p.notes.File, p.notes.line}, true
}

func (p *patentTables) countRow(row patentRow) ([]any, bool) {
	what := strings.TrimSpace(row.get("field") + " " + row.get("from") + " " + row.get("city"))
	year, ok := p.year(row.get("from"), what)
	if !ok {
		return nil, false
	}
	count, err := strconv.ParseFloat(row.get("patents"), 64)
	return p.countOf(what, year, row.get("lon"), row.get("lat"), count, err == nil)
}

func (p *patentTables) countOf(what string, year int64, east, north string, count float64, ok bool) ([]any, bool) {
	if !ok || !(count >= 0) || math.IsInf(count, 0) {
		p.notes.add(faultBadID, "patents · "+what)
		return nil, false
	}
	lon, lat := p.degrees(east, north, what)
	if math.IsNaN(lon) {
		p.notes.add(faultNoPlace, what)
		return nil, false
	}
	return []any{what, year, lon, lat, count}, true
}
