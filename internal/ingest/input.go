package ingest

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/kapok-city/kapok/internal/errs"
)

// format is how a file is written, told by its first bytes and never by its
// name alone.
type format string

const (
	formatCSV   format = "csv"
	formatXLSX  format = "xlsx"
	formatJSONL format = "jsonl" // also a JSON array of records
	formatZIP   format = "zip"
)

// file is an import's input on disk, opened as often as needed.
type file struct {
	path   string
	name   string // as the sender calls it
	size   int64
	sha256 string
	temp   bool // made here, removed by close
	limits Limits
	done   atomic.Int64 // bytes read of the present pass
}

// openFile takes a path, or spools a reader to a temporary file: the hash
// comes before the rows, and archives need random access.
func openFile(ctx context.Context, at string, r io.Reader, name string, lim Limits) (*file, error) {
	f := &file{path: at, name: name, limits: lim}
	if r != nil {
		if err := f.spool(r); err != nil {
			return nil, err
		}
	}
	if f.name == "" {
		f.name = filepath.Base(at)
	}
	info, err := os.Stat(f.path)
	if err != nil {
		return nil, errs.Wrap(err, errs.NotFound, "ingest.no_file", errs.A{"file": f.name})
	}
	f.size = info.Size()
	switch {
	case info.IsDir():
		err = errs.New(errs.Invalid, "ingest.is_folder", errs.A{"file": f.name})
	case f.size == 0:
		err = errs.New(errs.Invalid, "ingest.empty", errs.A{"file": f.name})
	case f.size > lim.File:
		err = errs.New(errs.TooLarge, "ingest.file_large", errs.A{"file": f.name, "limit": bytesText(lim.File)})
	default:
		err = f.hash(ctx)
	}
	if err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

func (f *file) spool(r io.Reader) error {
	tmp, err := os.CreateTemp("", "kapok-import-*")
	if err != nil {
		return err
	}
	f.path, f.temp = tmp.Name(), true
	n, err := io.Copy(tmp, io.LimitReader(r, f.limits.File+1))
	err = errors.Join(err, tmp.Close())
	if err == nil && n > f.limits.File {
		err = errs.New(errs.TooLarge, "ingest.file_large", errs.A{"file": f.name, "limit": bytesText(f.limits.File)})
	}
	if err != nil {
		f.close()
	}
	return err
}

func (f *file) close() {
	if f.temp {
		_ = os.Remove(f.path) // a temporary file left behind harms nobody
	}
}

func (f *file) hash(ctx context.Context) error {
	r, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer r.Close()
	h := sha256.New()
	if _, err := io.Copy(h, &ctxReader{ctx, r}); err != nil {
		return err
	}
	f.sha256 = hex.EncodeToString(h.Sum(nil))
	return nil
}

type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *ctxReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// stream is the unpacked content of a file, buffered and bounded.
type stream struct {
	*bufio.Reader
	closers []io.Closer
}

func (s *stream) Close() error {
	var err error
	for i := len(s.closers) - 1; i >= 0; i-- {
		err = errors.Join(err, s.closers[i].Close())
	}
	return err
}

// open starts a pass over the file, unpacking gzip.
func (f *file) open() (*stream, error) {
	raw, err := os.Open(f.path)
	if err != nil {
		return nil, errs.Wrap(err, errs.NotFound, "ingest.no_file", errs.A{"file": f.name})
	}
	f.done.Store(0)
	s := &stream{closers: []io.Closer{raw}}
	in := bufio.NewReaderSize(&counted{raw, &f.done}, 64<<10)
	magic, _ := in.Peek(2) // a shorter file is no gzip
	if !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		s.Reader = in
		return s, nil
	}
	z, err := gzip.NewReader(in)
	if err != nil {
		_ = s.Close()
		return nil, errs.Wrap(err, errs.Invalid, "ingest.gzip_damaged", errs.A{"file": f.name})
	}
	s.closers = append(s.closers, z)
	s.Reader = bufio.NewReaderSize(&unpacked{r: z, f: f}, 256<<10)
	return s, nil
}

type counted struct {
	r io.Reader
	n *atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// ratioFrom is where the ratio of unpacking starts to count: a small file of
// blanks packs very well and harms nobody.
const ratioFrom = 16 << 20

// unpacked bounds what an archive gives and words its faults.
type unpacked struct {
	r io.Reader
	f *file
	n int64
}

func (u *unpacked) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	u.n += int64(n)
	lim := u.f.limits
	switch {
	case u.n > lim.Unpack || u.n > ratioFrom && u.n/max(u.f.done.Load(), 1) > lim.Ratio:
		return 0, errs.New(errs.TooLarge, "ingest.bomb", errs.A{"file": u.f.name, "packed": bytesText(u.f.done.Load()), "unpacked": bytesText(u.n)})
	case errors.Is(err, io.ErrUnexpectedEOF):
		return n, errs.Wrap(err, errs.Invalid, "ingest.truncated", errs.A{"file": u.f.name, "unpacked": bytesText(u.n)})
	case err != nil && !errors.Is(err, io.EOF):
		return n, errs.Wrap(err, errs.Invalid, "ingest.gzip_damaged", errs.A{"file": u.f.name})
	}
	return n, err
}

// sniff tells the format of a stream without consuming it.
func (f *file) sniff(s *stream) (format, error) {
	head, err := s.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) && len(head) == 0 {
		return "", err
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return f.zipFormat()
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		return "", errs.New(errs.Invalid, "ingest.old_excel", errs.A{"file": f.name})
	case bytes.HasPrefix(head, []byte("%PDF")):
		return "", errs.New(errs.Invalid, "ingest.not_a_table", errs.A{"file": f.name})
	case len(text) > 0 && (text[0] == '{' || text[0] == '['):
		return formatJSONL, nil
	case len(text) == 0 && errors.Is(err, io.EOF):
		return "", errs.New(errs.Invalid, "ingest.empty", errs.A{"file": f.name})
	}
	return formatCSV, nil
}

func (f *file) zipFormat() (format, error) {
	z, err := f.openZip()
	if err != nil {
		return "", err
	}
	defer z.Close()
	for _, e := range z.File {
		if e.Name == "xl/workbook.xml" || e.Name == "[Content_Types].xml" {
			return formatXLSX, nil
		}
	}
	return formatZIP, nil
}

// openZip opens an archive after a look at its directory: too many entries, or
// sizes that no table has, are refused before anything is unpacked.
func (f *file) openZip() (*zip.ReadCloser, error) {
	z, err := zip.OpenReader(f.path)
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "ingest.zip_damaged", errs.A{"file": f.name})
	}
	var total uint64
	for _, e := range z.File {
		total += min(e.UncompressedSize64, 1<<40)
	}
	limit := uint64(f.limits.Unpack)
	if len(z.File) > f.limits.Entries || total > limit || total > ratioFrom && total/uint64(f.size) > uint64(f.limits.Ratio) {
		_ = z.Close()
		return nil, errs.New(errs.TooLarge, "ingest.bomb", errs.A{"file": f.name, "packed": bytesText(f.size), "unpacked": bytesText(int64(min(total, 1<<62)))})
	}
	return z, nil
}

// openEntry starts a pass over the entry of a zip that pick chooses among the
// names of its files.
func (f *file) openEntry(pick func(names []string) string) (*stream, error) {
	z, err := f.openZip()
	if err != nil {
		return nil, err
	}
	s := &stream{closers: []io.Closer{z}}
	var names []string
	byName := map[string]*zip.File{}
	for _, e := range z.File {
		if !e.FileInfo().IsDir() {
			names = append(names, e.Name)
			byName[e.Name] = e
		}
	}
	e := byName[pick(names)]
	if e == nil {
		_ = s.Close()
		return nil, errs.New(errs.Invalid, "ingest.zip_without", errs.A{"file": f.name, "names": shortList(names)})
	}
	r, err := e.Open()
	if err != nil {
		_ = s.Close()
		return nil, errs.Wrap(err, errs.Invalid, "ingest.zip_damaged", errs.A{"file": f.name})
	}
	s.closers = append(s.closers, r)
	f.done.Store(0)
	// Progress counts unpacked bytes against the packed size: scale it.
	scale := float64(f.size) / float64(max(e.UncompressedSize64, 1))
	s.Reader = bufio.NewReaderSize(&zipEntry{r: r, f: f, scale: scale}, 256<<10)
	return s, nil
}

type zipEntry struct {
	r     io.Reader
	f     *file
	n     int64
	scale float64
}

func (z *zipEntry) Read(p []byte) (int, error) {
	n, err := z.r.Read(p)
	z.n += int64(n)
	z.f.done.Store(int64(float64(z.n) * z.scale))
	if z.n > z.f.limits.Unpack {
		return 0, errs.New(errs.TooLarge, "ingest.bomb", errs.A{"file": z.f.name, "packed": bytesText(z.f.size), "unpacked": bytesText(z.n)})
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = errs.Wrap(err, errs.Invalid, "ingest.zip_damaged", errs.A{"file": z.f.name})
	}
	return n, err
}

func shortList(names []string) string {
	const show = 5
	var out []string
	for i, n := range names {
		if i == show {
			out = append(out, "…")
			break
		}
		out = append(out, path.Base(n))
	}
	return strings.Join(out, ", ")
}

// bytesText writes a size for people.
func bytesText(n int64) string {
	const k = 1024
	for _, u := range []struct {
		size int64
		name string
	}{{k * k * k, "GB"}, {k * k, "MB"}, {k, "kB"}} {
		if n >= u.size {
			return fmt.Sprintf("%.3g %s", float64(n)/float64(u.size), u.name)
		}
	}
	return fmt.Sprintf("%d B", n)
}
