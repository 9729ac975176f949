package search

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
)

// A snapshot is a folder: one file per segment, named by the SHA-256 of its
// content, and a manifest that lists them, written last and in one step. Files
// of an older snapshot are removed only after that.

// manifestName and segmentSuffix name the files of a snapshot.
const (
	manifestName   = "index.json"
	segmentSuffix  = ".segment"
	unfinished     = ".unfinished-"
	snapshotFormat = 1
)

type manifest struct {
	Format   int               `json:"format"`
	Seq      int64             `json:"seq"`
	Segments []manifestSegment `json:"segments"`
	Sum      string            `json:"sum"` // SHA-256 of the manifest with an empty sum
}

type manifestSegment struct {
	SHA256    string `json:"sha256"`
	Bytes     int64  `json:"bytes"`
	Documents int    `json:"documents"`
}

func (m manifest) sum() string {
	m.Sum = ""
	raw, _ := json.Marshal(m) // of numbers and strings: it cannot fail
	h := sha256.Sum256(raw)
	return hex.EncodeToString(h[:])
}

// Report is what Verify found in a snapshot.
type Report struct {
	Documents, Segments, Terms int
	Bytes                      int64
	Seq                        int64
}

// Save writes a snapshot of the index into dir, which it makes. Segments with
// deleted documents are rewritten first. The snapshot before stays whole until
// this one is complete.
func (x *Index) Save(dir string) error {
	x.follow.Lock()
	seq := x.seq
	x.write.Lock()
	err := x.flush(true)
	for _, p := range x.state.Load().parts {
		if err == nil && p.dead != nil {
			err = x.replace([]*part{p})
		}
	}
	s := x.state.Load()
	x.write.Unlock()
	x.follow.Unlock()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make folder of snapshot: %w", err)
	}
	return s.save(dir, seq)
}

func (s *state) save(dir string, seq int64) error {
	m := manifest{Format: snapshotFormat, Seq: seq, Segments: []manifestSegment{}}
	kept := map[string]bool{manifestName: true}
	for _, p := range s.parts {
		e, err := p.save(dir)
		if err != nil {
			return err
		}
		m.Segments = append(m.Segments, e)
		kept[e.SHA256+segmentSuffix] = true
	}
	m.Sum = m.sum()
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	err = writeFile(dir, manifestName, func(w io.Writer) (string, error) {
		_, err := w.Write(raw)
		return manifestName, err
	})
	if err != nil {
		return err
	}
	return sweep(dir, kept)
}

func (s *segment) save(dir string) (manifestSegment, error) {
	e := manifestSegment{Documents: s.n}
	h := sha256.New()
	err := writeFile(dir, segmentSuffix, func(w io.Writer) (string, error) {
		out := bufio.NewWriterSize(io.MultiWriter(w, h, (*counter)(&e.Bytes)), 1<<16)
		s.encode(out)
		if err := out.Flush(); err != nil {
			return "", err
		}
		e.SHA256 = hex.EncodeToString(h.Sum(nil))
		return e.SHA256 + segmentSuffix, nil
	})
	return e, err
}

// counter counts bytes.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// writeFile writes beside the final name and renames, so that the name never
// stands for half a file. fill returns the name.
func writeFile(dir, kind string, fill func(w io.Writer) (string, error)) error {
	f, err := os.CreateTemp(dir, unfinished+kind+"-*")
	if err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	name, err := fill(f)
	if err == nil {
		err = f.Sync()
	}
	if err2 := f.Close(); err == nil {
		err = err2
	}
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(dir, name))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write snapshot: %w", err), os.Remove(f.Name()))
	}
	return nil
}

// sweep removes segments and unfinished files of earlier snapshots.
func sweep(dir string, kept map[string]bool) error {
	list, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("sweep snapshot: %w", err)
	}
	for _, e := range list {
		ours := strings.HasSuffix(e.Name(), segmentSuffix) || strings.HasPrefix(e.Name(), unfinished)
		if ours && !kept[e.Name()] {
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
				return fmt.Errorf("sweep snapshot: %w", err)
			}
		}
	}
	return nil
}

// Load reads a snapshot. One that is not there is errs.NotFound; one that is
// damaged, cut short or of another format is errs.Conflict, and the index must
// be rebuilt.
func Load(dir string, opts ...Option) (*Index, error) {
	s, m, err := load(dir)
	if err != nil {
		return nil, err
	}
	x := New(opts...)
	x.seq = m.Seq
	for _, p := range s.parts {
		x.live.Add(int64(p.n))
		for _, k := range p.kinds {
			x.kinds[k] = true
		}
	}
	x.state.Store(s)
	return x, nil
}

// Verify reads a snapshot, every posting of it, without using it.
func Verify(dir string) (Report, error) {
	s, m, err := load(dir)
	if err != nil {
		return Report{}, err
	}
	r := Report{Seq: m.Seq, Segments: len(s.parts)}
	for i, p := range s.parts {
		r.Documents += p.n
		r.Terms += p.streams[words].terms + p.streams[gloss].terms
		r.Bytes += m.Segments[i].Bytes
	}
	return r, nil
}

const maxManifest = 1 << 20

func load(dir string) (*state, manifest, error) {
	var m manifest
	raw, err := readFile(dir, manifestName, maxManifest)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, m, errs.Wrap(err, errs.NotFound, "search.no_snapshot")
	}
	if err != nil || json.Unmarshal(raw, &m) != nil {
		return nil, m, corrupt(manifestName, err)
	}
	if m.Format != snapshotFormat {
		return nil, m, errs.New(errs.Conflict, "search.other_format", errs.A{"format": m.Format, "want": snapshotFormat})
	}
	if m.Sum != m.sum() {
		return nil, m, corrupt(manifestName, nil)
	}
	s := &state{}
	seen := map[Key]bool{}
	for _, e := range m.Segments {
		seg, err := loadSegment(dir, e)
		if err != nil {
			return nil, m, corrupt(e.SHA256+segmentSuffix, err)
		}
		for n := range uint32(seg.n) {
			if k := seg.key(n); seen[k] {
				return nil, m, corrupt(e.SHA256+segmentSuffix, errDamaged)
			} else if len(m.Segments) > 1 {
				seen[k] = true
			}
		}
		s.parts = append(s.parts, newPart(seg))
	}
	return s, m, nil
}

func corrupt(file string, cause error) error {
	return errs.Wrap(cause, errs.Conflict, "search.corrupt", errs.A{"file": file})
}

func loadSegment(dir string, e manifestSegment) (*segment, error) {
	if len(e.SHA256) != 2*sha256.Size || strings.Trim(e.SHA256, "0123456789abcdef") != "" {
		return nil, errDamaged
	}
	raw, err := readFile(dir, e.SHA256+segmentSuffix, e.Bytes)
	if err != nil {
		return nil, err
	}
	if h := sha256.Sum256(raw); int64(len(raw)) != e.Bytes || hex.EncodeToString(h[:]) != e.SHA256 {
		return nil, errDamaged
	}
	s, err := decode(raw)
	if err == nil && s.n != e.Documents {
		err = errDamaged
	}
	return s, err
}

// readFile reads a file of at most so many bytes.
func readFile(dir, name string, most int64) ([]byte, error) {
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > most {
		return nil, errDamaged
	}
	raw := make([]byte, info.Size())
	_, err = io.ReadFull(f, raw)
	return raw, err
}
