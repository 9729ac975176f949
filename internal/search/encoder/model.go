package encoder

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/search/encoder/e5"
)

// Info describes a model that was added.
type Info struct {
	Name    string `json:"name"`
	SHA256  string `json:"sha256"` // of the model file
	Bytes   int64  `json:"bytes"`
	Known   bool   `json:"known"` // the checksum is one that Kapok was tested with
	Source  string `json:"source"`
	Licence string `json:"licence"` // what the package says, in its words; "" when it came alone
	Dim     int    `json:"dim"`
}

// The files of a model's folder.
const (
	modelFile   = "model.bin"
	centresFile = "centres.json"
	infoFile    = "model.json"
)

// Installed describes the model in dir. It returns errs.NotFound when none was
// added.
func Installed(dir string) (Info, error) {
	raw, err := os.ReadFile(filepath.Join(dir, infoFile))
	if errors.Is(err, fs.ErrNotExist) {
		return Info{}, errs.New(errs.NotFound, "encoder.none")
	}
	if err != nil {
		return Info{}, errs.Wrap(err, errs.Unavailable, "encoder.unreadable")
	}
	var info Info
	if err := json.Unmarshal(raw, &info); err != nil || info.Name == "" {
		return Info{}, errs.Wrap(err, errs.Invalid, "encoder.bad_info", errs.A{"file": filepath.Join(dir, infoFile)})
	}
	return info, nil
}

// Open returns the encoder of the model in dir, centred (see Centred). It returns errs.NotFound when
// none was added, and an error that says so when the file is not the one that
// was. The file stays open as long as the process runs.
func Open(dir string) (Encoder, error) {
	info, err := Installed(dir)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(filepath.Join(dir, modelFile))
	if err != nil {
		return nil, errs.Wrap(err, errs.Unavailable, "encoder.unreadable")
	}
	m, err := openModel(file, info)
	if err != nil {
		file.Close()
		return nil, err
	}
	raw, err := os.ReadFile(filepath.Join(dir, centresFile))
	if err == nil {
		var by centres
		if by, err = parseCentres(raw, m.Dim()); err == nil {
			return &centred{m, by}, nil
		}
	}
	file.Close()
	return nil, errs.Wrap(err, errs.Invalid, "encoder.bad_info", errs.A{"file": filepath.Join(dir, centresFile)})
}

func openModel(file *os.File, info Info) (Encoder, error) {
	sum, size, err := checksum(file)
	if err != nil {
		return nil, errs.Wrap(err, errs.Unavailable, "encoder.unreadable")
	}
	if sum != info.SHA256 {
		return nil, errs.New(errs.Invalid, "encoder.changed", errs.A{"file": file.Name()})
	}
	m, err := e5.Read(file, size)
	if err != nil {
		return nil, err
	}
	return &model{m, info.Name + "@" + sum[:12]}, nil
}

// model is a model of the E5 family behind the port.
type model struct {
	*e5.Model
	name string
}

func (m *model) Dim() int     { return m.Hidden }
func (m *model) Name() string { return m.name }

func (m *model) Encode(ctx context.Context, side Side, texts []string) ([][]float32, error) {
	prefixed := make([]string, len(texts))
	for i, t := range texts {
		prefixed[i] = side.prefix() + t
	}
	return m.Model.Encode(ctx, prefixed)
}
