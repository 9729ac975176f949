package corpus

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// A part is what was staged of one stretch of an input: its works sorted by id,
// then a description. It takes its name by rename when it is whole, so a part
// that has a name is whole, and an import that was killed goes on from there.
//
// Layout: entries (22 bytes of head, then the staged work), the description as
// JSON, its length in 8 bytes, and a mark.
type part struct {
	Notes   notes                  `json:"notes"`
	Lines   int64                  `json:"lines"`
	Bytes   int64                  `json:"bytes"` // of text read
	Last    bool                   `json:"last"`  // the input ends here
	Entries int64                  `json:"entries"`
	Size    int64                  `json:"size"`   // of all entries
	Years   map[int]int64          `json:"years"`  // works
	Places  placeBook              `json:"places"` // institutions met
	Sources map[int64]stagedSource `json:"sources"`
	Topics  map[int64]stagedTopic  `json:"topics"`

	path string
	base int64 // lines of the input before the part
}

type stagedPlace struct {
	ROR, Name, Kind, Country string
	Lineage                  []int64
}

// placeBook is the institutions of a part: tens of thousands, so they are kept
// as varints and texts, in order, within the JSON.
type placeBook map[int64]stagedPlace

// MarshalJSON writes the book as one text in base 64.
func (p placeBook) MarshalJSON() ([]byte, error) {
	var b []byte
	for _, id := range slices.Sorted(maps.Keys(p)) {
		v := p[id]
		b = binary.AppendVarint(b, id)
		for _, t := range []string{v.ROR, v.Name, v.Kind, v.Country} {
			b = append(binary.AppendUvarint(b, uint64(len(t))), t...)
		}
		b = binary.AppendUvarint(b, uint64(len(v.Lineage)))
		for _, up := range v.Lineage {
			b = binary.AppendVarint(b, up)
		}
	}
	return json.Marshal(b)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (p *placeBook) UnmarshalJSON(text []byte) error {
	var b []byte
	if err := json.Unmarshal(text, &b); err != nil {
		return err
	}
	*p = placeBook{}
	for u := (unpacker{b: b}); len(u.b) > 0 || u.bad; {
		id := u.int()
		v := stagedPlace{ROR: string(u.bytes(u.uint())), Name: string(u.bytes(u.uint())), Kind: string(u.bytes(u.uint())), Country: string(u.bytes(u.uint()))}
		for range u.count(1) {
			v.Lineage = append(v.Lineage, u.int())
		}
		if u.bad {
			return errStage
		}
		(*p)[id] = v
	}
	return nil
}

type stagedSource struct {
	Name string `json:"n,omitempty"`
	ISSN string `json:"i,omitempty"`
	Kind string `json:"k,omitempty"`
}

type stagedTopic struct {
	Name     string    `json:"n,omitempty"`
	Subfield int64     `json:"s,omitempty"`
	Field    int64     `json:"f,omitempty"`
	Domain   int64     `json:"d,omitempty"`
	Names    [3]string `json:"m"`
}

const (
	partMark  = "kapok-part-1\n"
	entryHead = 22
)

// entry is one staged work in a part: the head, and where the rest stands.
type entry struct {
	id      int64
	updated int32
	year    int16
	line    uint32
	at, n   int // in the arena
}

// partBuilder gathers the works of a part.
type partBuilder struct {
	arena   []byte
	entries []entry
	years   map[int]int64
}

func (p *partBuilder) add(w *work, line int64) {
	at := len(p.arena)
	p.arena = appendWork(p.arena, w)
	p.entries = append(p.entries, entry{id: w.id, updated: int32(w.updated), year: int16(w.year), line: uint32(line), at: at, n: len(p.arena) - at})
	if p.years == nil {
		p.years = map[int]int64{}
	}
	p.years[w.year]++
}

// newerFirst orders versions of works: by id, the one that counts first.
func newerFirst(a, b *entry) int {
	if a.id != b.id {
		return cmp.Compare(a.id, b.id)
	}
	return cmp.Compare(b.updated, a.updated)
}

// write puts the part under its name and empties the builder.
func (p *partBuilder) write(path string, about *part) error {
	slices.SortFunc(p.entries, func(a, b entry) int { return cmp.Or(newerFirst(&a, &b), cmp.Compare(b.line, a.line)) })
	about.Entries, about.Years, about.Size = int64(len(p.entries)), p.years, int64(len(p.arena)+entryHead*len(p.entries))
	tmp := filepath.Join(filepath.Dir(path), fmt.Sprintf(".tmp-%d-%s", os.Getpid(), filepath.Base(path)))
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	err = p.writeTo(f, about)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	p.arena, p.entries, p.years = p.arena[:0], p.entries[:0], nil
	return os.Rename(tmp, path)
}

func (p *partBuilder) writeTo(f io.Writer, about *part) error {
	w := bufio.NewWriterSize(f, 1<<20)
	var head [entryHead]byte
	for i := range p.entries {
		e := &p.entries[i]
		e.put(&head)
		_, _ = w.Write(head[:]) // a buffered writer keeps its error for Flush
		_, _ = w.Write(p.arena[e.at : e.at+e.n])
	}
	text, err := json.Marshal(about)
	if err != nil {
		return err
	}
	_, _ = w.Write(text)
	_, _ = w.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(text))))
	_, _ = w.WriteString(partMark)
	return w.Flush()
}

func (e *entry) put(b *[entryHead]byte) {
	binary.LittleEndian.PutUint64(b[:], uint64(e.id))
	binary.LittleEndian.PutUint32(b[8:], uint32(e.updated))
	binary.LittleEndian.PutUint16(b[12:], uint16(e.year))
	binary.LittleEndian.PutUint32(b[14:], e.line)
	binary.LittleEndian.PutUint32(b[18:], uint32(e.n))
}

func (e *entry) get(b []byte) {
	e.id = int64(binary.LittleEndian.Uint64(b))
	e.updated = int32(binary.LittleEndian.Uint32(b[8:]))
	e.year = int16(binary.LittleEndian.Uint16(b[12:]))
	e.line = binary.LittleEndian.Uint32(b[14:])
	e.n = int(binary.LittleEndian.Uint32(b[18:]))
}

// readPart reads the description of a part.
func readPart(path string) (*part, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	tail := make([]byte, 8+len(partMark))
	if _, err := f.ReadAt(tail, info.Size()-int64(len(tail))); err != nil || string(tail[8:]) != partMark {
		return nil, errors.Join(errStage, err)
	}
	n := int64(binary.LittleEndian.Uint64(tail))
	if n < 2 || n > info.Size()-int64(len(tail)) {
		return nil, errStage
	}
	text := make([]byte, n)
	if _, err := f.ReadAt(text, info.Size()-int64(len(tail))-n); err != nil {
		return nil, err
	}
	p := &part{path: path}
	if err := json.Unmarshal(text, p); err != nil || p.Size != info.Size()-int64(len(tail))-n {
		return nil, errors.Join(errStage, err)
	}
	return p, nil
}

// partReader walks the entries of a part. It opens the file anew for each
// block, so that thousands of parts can be walked at once.
type partReader struct {
	part  *part
	order int // of the part among all: the later one wins
	block int
	buf   []byte
	left  []byte
	at    int64
	entry entry
	data  []byte // the staged work of entry
	line  int64  // in the input
}

// next moves to the next entry; io.EOF after the last.
func (p *partReader) next() error {
	if err := p.need(entryHead); err != nil {
		return err
	}
	p.entry.get(p.left)
	p.left = p.left[entryHead:]
	if err := p.need(p.entry.n); err != nil {
		return errors.Join(errStage, err)
	}
	p.data, p.left = p.left[:p.entry.n], p.left[p.entry.n:]
	p.line = p.part.base + int64(p.entry.line)
	return nil
}

// need makes n bytes stand in left.
func (p *partReader) need(n int) error {
	if len(p.left) >= n {
		return nil
	}
	have := copy(p.buf, p.left)
	want := int(min(int64(max(p.block, n)), p.part.Size-p.at+int64(have)))
	if want < n {
		if want == 0 {
			return io.EOF
		}
		return errStage
	}
	if cap(p.buf) < want {
		p.buf = append(make([]byte, 0, want), p.buf[:have]...)
	}
	p.buf = p.buf[:want]
	f, err := os.Open(p.part.path)
	if err != nil {
		return err
	}
	k, err := f.ReadAt(p.buf[have:], p.at)
	p.at += int64(k)
	p.left = p.buf
	if err != nil && !(errors.Is(err, io.EOF) && have+k == want) {
		return errors.Join(err, f.Close())
	}
	return f.Close()
}
