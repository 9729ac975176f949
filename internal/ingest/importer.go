package ingest

import (
	"context"
	"errors"
	"io"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/source"
)

// importer is one way of reading files.
type importer struct {
	name   string
	source source.Source // its own source, for a request that names none; ID "" when there is none
	mapped bool          // it needs a mapping
	target string        // of a table with known columns
	read   func(ctx context.Context, j *job, f *feed) error
	gather func(path string) (io.Reader, bool, error) // makes one file of a folder
}

// The importers' own sources. A request names a better one: a release, a date.
var (
	rorSource = source.Source{ID: "ror", Kind: "dataset", Title: i18n.Text{ZH: "研究机构注册库（ROR）", EN: "Research Organization Registry (ROR)"},
		Publisher: "ROR", URL: "https://ror.org", Licence: "CC0 1.0", LicenceTag: source.Green}
	chinaxivSource = source.Source{ID: "chinaxiv-2016-2022", Kind: "dataset", Title: i18n.Text{ZH: "ChinaXiv论文首部（2016年1月至2022年9月）", EN: "ChinaXiv paper heads, January 2016 to September 2022"},
		Publisher: "中国科学院科技论文预发布平台", Licence: "CC BY 4.0", LicenceTag: source.Green}
	divisionSource = source.Source{ID: "gb2260", Kind: "standard", Title: i18n.Text{ZH: "GB/T 2260 中华人民共和国行政区划代码", EN: "GB/T 2260 codes of administrative divisions"},
		Publisher: "民政部", LicenceTag: source.Fact}
	bundleSource = source.Source{ID: "city-bundle", Kind: "own", Title: i18n.Text{ZH: "随程序附带的城市数据", EN: "City data that come with the program"},
		LicenceTag: source.Own}
)

// importers lists every importer in the order in which a city is loaded: what
// refers comes after what it refers to.
func importers() []importer {
	table := func(name, target string) importer {
		return importer{name: name, source: bundleSource, target: target, read: readTable}
	}
	return []importer{
		{name: "sources", source: bundleSource, read: readSources},
		{name: "gb2260", source: divisionSource, target: "division", read: readTable, gather: gatherDivisions},
		{name: "ror", source: rorSource, read: readROR},
		table("organisations", "organisation"),
		table("platforms", "platform"),
		table("parks", "park"),
		table("people", "person"),
		table("relations", "relation"),
		table("papers", "paper"),
		{name: "chinaxiv", source: chinaxivSource, read: readChinaXiv},
		{name: "figures", source: bundleSource, read: readFigures},
		table("reported", "reported"),
		table("awards", "award"),
		table("superlatives", "superlative"),
		table("statistics", "statistics"),
		{name: "editions", source: bundleSource, read: readEditions},
		table("rankings", "ranking"),
		table("terms", "term"),
		table("results", "result"),
		table("needs", "need"),
		table("services", "service"),
		{name: "bdci-needs", source: bdciNeedSource, read: readBDCINeeds},
		{name: "bdci-patents", source: bdciPatentSource, read: dataset(parseBDCIPatent)},
		{name: "techport", source: techportSource, read: dataset(parseTechPort)},
		{name: "nsf-awards", source: nsfSource, read: readNSF},
		{name: "table", mapped: true, read: readTable},
	}
}

// Importers names every importer, in the order in which a city is loaded.
func Importers() []string {
	var out []string
	for _, i := range importers() {
		out = append(out, i.name)
	}
	return out
}

func find(name string) (importer, error) {
	for _, i := range importers() {
		if i.name == name {
			return i, nil
		}
	}
	return importer{}, errs.New(errs.NotFound, "ingest.no_importer", errs.A{"importer": name})
}

// openTable opens the file of a job as a table, whatever its format.
func (j *job) openTable() (table, error) {
	s, err := j.file.open()
	if err != nil {
		return nil, err
	}
	t, err := j.tableOf(s)
	if err != nil {
		_ = s.Close()
		return nil, err
	}
	j.head = t.header()
	return &closing{t, s}, nil
}

func (j *job) tableOf(s *stream) (table, error) {
	kind, err := j.file.sniff(s)
	if err != nil {
		return nil, err
	}
	switch kind {
	case formatXLSX:
		j.xlsx = true
		return newXLSX(j.file, j.req.Sheet)
	case formatZIP:
		return nil, errs.New(errs.Invalid, "ingest.zip_of_tables", errs.A{"file": j.file.name})
	}
	in, d, err := j.file.text(s, j.req.Encoding)
	if kind == formatJSONL && errors.Is(err, &errs.Error{Kind: errs.Invalid, Key: "ingest.encoding_unknown"}) {
		in, d, err = j.file.text(s, UTF8) // as RFC 8259 wants it; bad bytes are faults of their records
	}
	if err != nil {
		return nil, err
	}
	j.report.Detection = &d
	if kind == formatJSONL {
		return newJSONTable(in, j.file.name, j.lim)
	}
	return newCSV(in, j.file.name, j.req.Comma, j.lim)
}

// closing closes a table with its stream.
type closing struct {
	table
	s *stream
}

func (c *closing) close() error {
	err := c.table.close()
	if e := c.s.Close(); err == nil {
		err = e
	}
	return err
}
