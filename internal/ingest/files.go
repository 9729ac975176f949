package ingest

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/source"
)

func itoa(n int) string { return strconv.Itoa(n) }

// maxYAML bounds a YAML file; the demo city's have 100 kB.
const maxYAML = 8 << 20

func (j *job) readYAML() ([]byte, error) {
	s, err := j.file.open()
	if err != nil {
		return nil, err
	}
	defer s.Close()
	raw, err := io.ReadAll(io.LimitReader(s, maxYAML+1))
	if err == nil && len(raw) > maxYAML {
		err = errs.New(errs.TooLarge, "ingest.file_large", errs.A{"file": j.file.name, "limit": bytesText(maxYAML)})
	}
	return raw, err
}

// sourcesFile is sources.yaml of a city bundle; its README explains the fields.
type sourcesFile struct {
	Version int `yaml:"version"`
	Sources []struct {
		ID        string    `yaml:"id"`
		Kind      string    `yaml:"kind"`
		Title     i18n.Text `yaml:"title"`
		Publisher i18n.Text `yaml:"publisher"`
		Author    string    `yaml:"author"`
		Date      string    `yaml:"date"`
		URL       string    `yaml:"url"`
		Licence   string    `yaml:"licence"`
		Tag       string    `yaml:"licence_tag"`
		Retrieved string    `yaml:"retrieved"`
		Seen      bool      `yaml:"seen"`
		Simulated bool      `yaml:"simulated"`
		Note      i18n.Text `yaml:"note"`
		Print     []uint64  `yaml:"fingerprint"`
	} `yaml:"sources"`
}

func readSources(_ context.Context, j *job, f *feed) error {
	raw, err := j.readYAML()
	if err != nil {
		return err
	}
	var file sourcesFile
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return errs.Wrap(err, errs.Invalid, "ingest.bad_yaml", errs.A{"file": j.file.name, "what": strings.TrimPrefix(err.Error(), "yaml: ")})
	}
	j.head = []string{"id"}
	for i, v := range file.Sources {
		s := source.Source{
			ID: v.ID, Kind: v.Kind, Title: v.Title, Publisher: v.Publisher.In(i18n.ZH), Author: v.Author, URL: v.URL, PublishedOn: v.Date,
			RetrievedOn: v.Retrieved, Licence: v.Licence, LicenceTag: source.Tag(v.Tag), Note: v.Note.In(i18n.ZH), Simulated: v.Simulated,
			Fingerprint: v.Print,
		}
		if s.LicenceTag == "fact-citation" {
			s.LicenceTag = source.Fact
		}
		if err := f.emit(&item{number: int64(i) + 1, cells: []string{v.ID}, record: s}, v.ID); err != nil {
			return err
		}
	}
	return nil
}

// readFigures reads definitions. They refer to each other, so a fault of one
// is a fault of the file.
func readFigures(_ context.Context, j *job, f *feed) error {
	raw, err := j.readYAML()
	if err != nil {
		return err
	}
	figures, err := observatory.ParseFigures(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	j.head = []string{"id"}
	for i, v := range figures {
		v.SourceID = j.srcID
		if err := f.emit(&item{number: int64(i) + 1, cells: []string{v.ID}, record: v}, v.ID); err != nil {
			return err
		}
	}
	return nil
}

// divisionFiles are the tables of a folder of GB/T 2260 codes, from the top
// level down.
var divisionFiles = []string{"province.csv", "city.csv", "area.csv", "hongkong.csv", "macau.csv"}

// gatherDivisions makes one table of a folder of them.
func gatherDivisions(dir string) (io.Reader, bool, error) {
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() {
		return nil, false, nil // a plain file, or none: openFile says so
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	_ = w.Write([]string{"code", "name"}) // a buffer takes everything
	found := false
	for _, name := range divisionFiles {
		rows, err := divisionRows(filepath.Join(dir, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, false, err
		}
		found = true
		_ = w.WriteAll(rows)
	}
	w.Flush()
	if !found {
		return nil, false, errs.New(errs.Invalid, "ingest.no_divisions", errs.A{"files": strings.Join(divisionFiles, ", ")})
	}
	return &out, true, nil
}

// divisionRows reads the first two columns of a small table; the importer
// checks them.
func divisionRows(path string) ([][]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in := csv.NewReader(io.LimitReader(f, maxYAML))
	in.FieldsPerRecord = -1
	all, err := in.ReadAll()
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "ingest.bad_divisions", errs.A{"file": filepath.Base(path)})
	}
	var out [][]string
	for i, r := range all {
		if i > 0 && len(r) >= 2 {
			out = append(out, r[:2])
		}
	}
	return out, nil
}
