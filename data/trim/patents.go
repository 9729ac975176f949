package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// What is made of PatentWorld's diffusion table: one row per place, field and
// period of five years, with the number of US patents granted to inventors
// there. Only whole periods since 2010 are kept, and places with coordinates.

type patentPlace struct {
	Field   string   `json:"tech_area"`
	Start   int      `json:"period_start"`
	City    string   `json:"city"`
	Country string   `json:"country"`
	Lat     *float64 `json:"lat"`
	Lon     *float64 `json:"lng"`
	Patents int      `json:"patent_count"`
}

const (
	firstPeriod = 2010
	lastPeriod  = 2020 // the next is not over
)

func trimPatents(from, to string) error {
	packed, err := os.ReadFile(filepath.Join(from, "patent_indicators_patentworld", "chapter4__innovation_diffusion.json.gz"))
	if err != nil {
		return err
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return err
	}
	var rows []patentPlace
	if err := json.NewDecoder(z).Decode(&rows); err != nil {
		return fmt.Errorf("patent places: %w", err)
	}
	rows = slices.DeleteFunc(rows, func(r patentPlace) bool {
		return r.Start < firstPeriod || r.Start > lastPeriod || r.Lat == nil || r.Lon == nil
	})
	slices.SortFunc(rows, func(a, b patentPlace) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.Field, b.Field), cmp.Compare(*a.Lon, *b.Lon), cmp.Compare(*a.Lat, *b.Lat), cmp.Compare(a.City, b.City))
	})
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	_ = w.Write([]string{"field", "from", "to", "lon", "lat", "city", "country", "patents"}) // a buffer takes all
	for _, r := range rows {
		_ = w.Write([]string{r.Field, strconv.Itoa(r.Start), strconv.Itoa(r.Start + 4), decimal(*r.Lon), decimal(*r.Lat), r.City, r.Country, strconv.Itoa(r.Patents)})
	}
	w.Flush()
	return writeLines(to, bytes.Split(bytes.TrimSuffix(text.Bytes(), []byte("\n")), []byte("\n")))
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
