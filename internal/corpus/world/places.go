package world

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

//go:embed places.csv
var placesCSV string

// place is a city, or a district of one, in which institutions stand.
type place struct {
	city, country  string
	nameEN, nameZH string
	district       string // GB/T 2260, "" where districts are not told apart
	lat, lon       float64
	research       float64 // weight of its institutions
	patents        float64 // weight of its inventors
}

// district is a part of a city, its centre roughly, and its share of the city's
// institutions; the shares are of our own making.
type district struct {
	code     string
	lat, lon float64
	share    float64
}

// districts are those of the cities in which they are told apart.
var districts = map[string][]district{
	"440100": {
		{"440103", 23.1260, 113.2440, 2}, {"440104", 23.1290, 113.2670, 12}, {"440105", 23.0840, 113.3170, 18},
		{"440106", 23.1250, 113.3610, 30}, {"440111", 23.1570, 113.2730, 10}, {"440112", 23.1810, 113.4810, 9},
		{"440113", 22.9370, 113.3840, 13}, {"440114", 23.4040, 113.2200, 1}, {"440115", 22.8020, 113.5250, 3},
		{"440117", 23.5490, 113.5870, 1}, {"440118", 23.2610, 113.8110, 1},
	},
	"440300": {
		{"440303", 22.5480, 114.1320, 6}, {"440304", 22.5220, 114.0550, 14}, {"440305", 22.5330, 113.9300, 50},
		{"440306", 22.5550, 113.8840, 7}, {"440307", 22.7200, 114.2470, 9}, {"440308", 22.5570, 114.2370, 2},
		{"440309", 22.6970, 114.0450, 4}, {"440310", 22.7080, 114.3460, 3}, {"440311", 22.7490, 113.9360, 5},
	},
	"110000": {
		{"110101", 39.9280, 116.4160, 8}, {"110102", 39.9120, 116.3660, 12}, {"110105", 39.9210, 116.4430, 22},
		{"110106", 39.8580, 116.2860, 6}, {"110108", 39.9600, 116.2980, 42}, {"110114", 40.2210, 116.2310, 7},
		{"110115", 39.7270, 116.3410, 3},
	},
	"310000": {
		{"310101", 31.2310, 121.4840, 8}, {"310104", 31.1880, 121.4370, 24}, {"310105", 31.2200, 121.4250, 6},
		{"310110", 31.2600, 121.5260, 24}, {"310112", 31.1130, 121.3820, 16}, {"310115", 31.2210, 121.5450, 22},
	},
}

// readPlaces returns the places, those of one city next to each other.
func readPlaces() ([]place, error) {
	r := csv.NewReader(strings.NewReader(placesCSV))
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("places.csv: %w", err)
	}
	var places []place
	for _, row := range rows[1:] {
		p := place{city: row[0], country: row[1], nameEN: row[2], nameZH: row[3]}
		for i, to := range []*float64{&p.lat, &p.lon, &p.research, &p.patents} {
			if *to, err = strconv.ParseFloat(row[4+i], 64); err != nil {
				return nil, fmt.Errorf("places.csv: %s: %w", p.nameEN, err)
			}
		}
		places = append(places, p.divided()...)
	}
	return places, nil
}

// divided returns the place by district where districts are told apart.
func (p *place) divided() []place {
	parts := districts[p.city]
	if len(parts) == 0 {
		return []place{*p}
	}
	all := 0.0
	for _, d := range parts {
		all += d.share
	}
	var out []place
	for _, d := range parts {
		q := *p
		q.district, q.lat, q.lon = d.code, d.lat, d.lon
		q.research, q.patents = p.research*d.share/all, p.patents*d.share/all
		out = append(out, q)
	}
	return out
}

// near returns a point some kilometres off, to four decimals of a degree.
func (p *place) near(s *stream, km float64) (lat, lon float64) {
	lat = p.lat + km/111.2*s.normal()
	lon = p.lon + km/111.2/math.Cos(p.lat*math.Pi/180)*s.normal()
	return round(lat, 1e4), round(lon, 1e4)
}

func round(x, parts float64) float64 { return math.Round(x*parts) / parts }

// countries returns the codes in the order in which they first stand.
func countries(places []place) []string {
	var out []string
	for _, p := range places {
		if !slices.Contains(out, p.country) {
			out = append(out, p.country)
		}
	}
	return out
}
