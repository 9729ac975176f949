package registry

import (
	"context"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/i18n"
)

// Town is a city as the organisations registered in it place it.
type Town struct {
	Code    string    `json:"code,omitempty"` // GB/T 2260 of the city, in China
	Country string    `json:"country"`
	Name    i18n.Text `json:"name"`
	Lon     float64   `json:"lon"` // mean of its organisations, degrees
	Lat     float64   `json:"lat"`
	Orgs    int       `json:"orgs"`
}

// Towns lists the cities in which organisations with coordinates are
// registered, by country and name. Their places tell which part of a map is the
// city; they are not to be measured from. A city that lies across the 180th
// meridian is placed wrongly.
func (s *Service) Towns(ctx context.Context) ([]Town, error) {
	names, err := s.cityNames(ctx)
	if err != nil {
		return nil, err
	}
	at := map[Town]int{}
	var out []Town
	err = db.Each(ctx, s.d, func(scan db.Scan) error {
		var key Town
		var city, division string
		var lon, lat float64
		if err := scan(&key.Country, &division, &city, &lon, &lat); err != nil {
			return err
		}
		if code := cityCode(division); code != "" && !names[code].IsZero() {
			key.Code, key.Name = code, names[code]
		} else if key.Name = (i18n.Text{ZH: city, EN: city}); city == "" {
			return nil
		}
		i, known := at[key]
		if !known {
			i = len(out)
			at[key], out = i, append(out, key)
		}
		t := &out[i]
		if t.Name.EN == "" {
			t.Name.EN = city // the code list has few names in English
		}
		t.Lon, t.Lat, t.Orgs = t.Lon+lon, t.Lat+lat, t.Orgs+1
		return nil
	}, "SELECT country, division, city, lon, lat FROM org WHERE lat IS NOT NULL AND lon IS NOT NULL AND merged_into IS NULL ORDER BY id")
	for i := range out {
		out[i].Lon, out[i].Lat = out[i].Lon/float64(out[i].Orgs), out[i].Lat/float64(out[i].Orgs)
	}
	slices.SortFunc(out, func(a, b Town) int {
		if c := strings.Compare(a.Country, b.Country); c != 0 {
			return c
		}
		return strings.Compare(a.Name.EN+a.Code, b.Name.EN+b.Code)
	})
	return out, err
}

// cityCode is the city that a division lies in: 440112 in 440100, and for a
// municipality the code of the province.
func cityCode(division string) string {
	switch {
	case len(division) != 6 || division[2:] == "0000" && !slices.Contains(municipalities, division[:2]):
		return ""
	case slices.Contains(municipalities, division[:2]):
		return division[:2] + "0000"
	}
	return division[:4] + "00"
}

// municipalities are Beijing, Tianjin, Shanghai and Chongqing; Hong Kong and
// Macao are cities of that rank too.
var municipalities = []string{"11", "12", "31", "50", "81", "82"}

// cityNames are the names of cities by code, as of today, without 市.
func (s *Service) cityNames(ctx context.Context) (map[string]i18n.Text, error) {
	out := map[string]i18n.Text{}
	err := db.Each(ctx, s.d, func(scan db.Scan) error {
		var code string
		var name i18n.Text
		if err := scan(&code, &name.ZH, &name.EN); err != nil {
			return err
		}
		name.ZH = strings.TrimSuffix(name.ZH, "市")
		out[code] = name
		return nil
	}, "SELECT code, name_zh, name_en FROM division WHERE valid_to = '' AND substr(code, 5, 2) = '00'")
	return out, err
}
