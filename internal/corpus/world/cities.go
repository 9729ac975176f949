package world

import (
	"encoding/csv"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/i18n"
)

// City is a real city in which simulated institutions stand.
type City struct {
	Code     string // GB/T 2260 in China, else "geonames:" and a number
	Country  string
	Name     i18n.Text
	Lon, Lat float64
	Weight   float64 // of our own making: the more, the more institutions
}

// Cities lists the cities of every simulated world. Their names and places are
// real and serve maps of real data too; nothing else about them is.
func Cities() ([]City, error) {
	r := csv.NewReader(strings.NewReader(placesCSV))
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	var out []City
	for _, row := range rows[1:] {
		c := City{Code: row[0], Country: row[1], Name: i18n.Text{ZH: row[3], EN: row[2]}}
		for i, to := range []*float64{&c.Lat, &c.Lon, &c.Weight} {
			if *to, err = strconv.ParseFloat(row[4+i], 64); err != nil {
				return nil, err
			}
		}
		out = append(out, c)
	}
	return out, nil
}
