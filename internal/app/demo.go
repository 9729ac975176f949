package app

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"

	"github.com/kapok-city/kapok/data"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/ingest"
	"github.com/kapok-city/kapok/internal/termbase"
)

// Step is what one file of the demo city brought.
type Step struct {
	Importer string        `json:"importer"`
	File     string        `json:"file"`
	Report   ingest.Report `json:"report"`
}

// demoFiles are the bundled files with the importer of each, in the order in
// which they refer to each other.
var demoFiles = []struct {
	importer string
	file     data.File
	source   string // the source of its rows, where the rows do not name their own
}{
	{"sources", data.Sources, ""},
	{"gb2260", data.Divisions, "gb2260-npm-8.5.8"},
	{"ror", data.ROR, "ror-2026-06"},
	{"organisations", data.Organisations, ""},
	{"platforms", data.Platforms, ""},
	{"parks", data.Parks, ""},
	{"relations", data.Relations, ""},
	{"chinaxiv", data.ChinaXiv, "chinaxiv-2016-2022"},
	{"figures", data.Figures, ""},
	{"reported", data.Reported, ""},
	{"awards", data.Awards, ""},
	{"superlatives", data.Superlatives, ""},
	{"editions", data.Editions, ""},
	{"rankings", data.Entries, ""},
	{"people", data.People, ""},
	{"results", data.Results, ""},
	{"services", data.Offerings, ""},
	{"needs", data.Needs, ""},
}

// LoadCity imports the bundled city through the importers that any file takes.
// Files that are in place already are left as they are, so that it can be run
// again. done is called after each file.
func (a *App) LoadCity(ctx context.Context, city data.City, done func(Step)) error {
	for _, f := range demoFiles {
		raw, err := fs.ReadFile(data.FS, city.Path(f.file))
		if err != nil {
			return fmt.Errorf("bundled city: %w", err)
		}
		report, err := a.Ingest.Run(ctx, ingest.Request{
			Importer: f.importer, Reader: bytes.NewReader(raw), Name: string(f.file), SourceID: f.source,
			By: change.Author{Actor: "demo", Reason: "bundled city " + string(city)},
		})
		if err != nil {
			return fmt.Errorf("bundled %s: %w", f.file, err)
		}
		done(Step{Importer: f.importer, File: string(f.file), Report: report})
	}
	return a.DB.InTx(ctx, func(tx *db.Tx) error {
		_, err := termbase.LoadBundled(ctx, tx, change.Author{Actor: "demo", Reason: "bundled terms"})
		return err
	})
}
