package encoder

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// MaxCacheBytes is the room that the cache of one encoder takes at most; at
// 384 dimensions it is some 680,000 vectors. The oldest go first.
const MaxCacheBytes = 1 << 30

// batch is the number of texts that are encoded before they are written down.
const batch = 256

// Cache keeps the vectors of an encoder on disk, by the content of the text and
// its side. Every vector is written with a checksum and held against it when
// it is read: a damaged one is made again. A disk that fails makes the cache
// slow, never wrong. Several processes may use one folder; each writes files of
// its own.
type Cache struct {
	Encoder
	dir   string
	limit int64

	mu           sync.RWMutex
	at           map[cacheKey]place
	segments     []*segment // the oldest first; the last may be this process's own
	own          *segment   // nil before the first vector is written
	number       uint64     // of the newest file
	hits, misses uint64
}

// cacheKey is the beginning of the SHA-256 of side and text.
type cacheKey [16]byte

type place struct {
	segment *segment
	record  int64
}

// segment is one file of records.
type segment struct {
	file    *os.File
	records int64
}

// Stats says how much a cache has, and how often it could answer.
type Stats struct {
	Vectors, Segments int
	Bytes             int64
	Hits, Misses      uint64
}

// Cached returns e with a cache in a folder of its own under dir.
func Cached(e Encoder, dir string) *Cache { return cached(e, dir, MaxCacheBytes) }

func cached(e Encoder, dir string, limit int64) *Cache {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d", e.Name(), e.Dim()))
	c := &Cache{Encoder: e, dir: filepath.Join(dir, hex.EncodeToString(sum[:8])), limit: limit, at: map[cacheKey]place{}}
	c.load()
	return c
}

// Encode returns vectors from the cache, and makes and keeps the others.
func (c *Cache) Encode(ctx context.Context, side Side, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	wanted := map[cacheKey][]int{} // the places of each text that is not there
	var missing []cacheKey
	for i, text := range texts {
		key := keyOf(side, text)
		if places, twice := wanted[key]; twice {
			wanted[key] = append(places, i)
		} else if out[i] = c.get(key); out[i] == nil {
			wanted[key] = []int{i}
			missing = append(missing, key)
		}
	}
	for part := range slices.Chunk(missing, batch) {
		if err := c.fill(ctx, side, texts, part, wanted, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// fill encodes the texts of keys, writes them down and puts them in out.
func (c *Cache) fill(ctx context.Context, side Side, texts []string, keys []cacheKey, wanted map[cacheKey][]int, out [][]float32) error {
	in := make([]string, len(keys))
	for i, key := range keys {
		in[i] = texts[wanted[key][0]]
	}
	got, err := c.Encoder.Encode(ctx, side, in)
	if err != nil {
		return err
	}
	for i, key := range keys {
		for _, n := range wanted[key] {
			out[n] = slices.Clone(got[i])
		}
		c.put(key, got[i])
	}
	return nil
}

// Stats returns the figures of the cache.
func (c *Cache) Stats() Stats {
	c.mu.RLock()
	defer c.mu.RUnlock()
	s := Stats{Vectors: len(c.at), Segments: len(c.segments), Hits: c.hits, Misses: c.misses}
	for _, g := range c.segments {
		s.Bytes += g.records * c.recordBytes()
	}
	return s
}

// Close closes the files. The cache must not be used after it.
func (c *Cache) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, g := range c.segments {
		g.file.Close()
	}
	c.segments, c.own, c.at = nil, nil, map[cacheKey]place{}
	return nil
}

func keyOf(side Side, text string) cacheKey {
	h := sha256.New()
	h.Write([]byte{byte(side)})
	_, _ = io.WriteString(h, text)
	return cacheKey(h.Sum(nil)[:16])
}

// recordBytes is the size of a record: key, vector, checksum.
func (c *Cache) recordBytes() int64 { return int64(16 + 4*c.Dim() + 4) }

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// valid reports whether a record is whole.
func valid(record []byte) bool {
	body := record[:len(record)-4]
	return crc32.Checksum(body, castagnoli) == binary.LittleEndian.Uint32(record[len(body):])
}

// get returns the vector of a key, or nil.
func (c *Cache) get(key cacheKey) []float32 {
	c.mu.RLock()
	at, ok := c.at[key]
	record := make([]byte, c.recordBytes())
	if ok {
		_, err := at.segment.file.ReadAt(record, at.record*c.recordBytes())
		ok = err == nil && valid(record) && cacheKey(record[:16]) == key
	}
	c.mu.RUnlock()
	c.count(ok)
	if !ok {
		return nil
	}
	out := make([]float32, c.Dim())
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(record[16+4*i:]))
	}
	return out
}

func (c *Cache) count(hit bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if hit {
		c.hits++
	} else {
		c.misses++
	}
}

// put writes a vector down. What the disk refuses is left out.
func (c *Cache) put(key cacheKey, v []float32) {
	record := append(make([]byte, 0, c.recordBytes()), key[:]...)
	for _, x := range v {
		record = appendFloat(record, x)
	}
	record = binary.LittleEndian.AppendUint32(record, crc32.Checksum(record, castagnoli))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.write(key, record)
}

// write appends a record to this process's own file. The caller holds the lock.
func (c *Cache) write(key cacheKey, record []byte) {
	if c.own != nil && (c.own.records+1)*c.recordBytes() > c.limit/8 {
		c.own = nil
	}
	if c.own == nil && !c.begin() {
		return
	}
	if _, err := c.own.file.WriteAt(record, c.own.records*c.recordBytes()); err != nil {
		return
	}
	c.at[key] = place{c.own, c.own.records}
	c.own.records++
}

// begin opens a new file for writing, and removes the oldest ones when there is
// no room for it.
func (c *Cache) begin() bool {
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return false
	}
	c.number++ // another process may take the same: the second part tells them apart
	name := fmt.Sprintf("%016x-%08x.vec", c.number, rand.Uint32())
	file, err := os.OpenFile(filepath.Join(c.dir, name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return false
	}
	c.own = &segment{file: file}
	c.segments = append(c.segments, c.own)
	total := c.limit / 8 // what the new file may grow to
	for _, g := range c.segments {
		total += g.records * c.recordBytes()
	}
	for total > c.limit && len(c.segments) > 1 {
		total -= c.segments[0].records * c.recordBytes()
		c.drop(c.segments[0])
	}
	return true
}

// drop removes a file with its vectors.
func (c *Cache) drop(g *segment) {
	for key, at := range c.at {
		if at.segment == g {
			delete(c.at, key)
		}
	}
	c.segments = slices.DeleteFunc(c.segments, func(s *segment) bool { return s == g })
	g.file.Close()
	_ = os.Remove(g.file.Name()) // it may be gone, or held by another process
}

// maxSegments is the number of files from which on the small ones are joined:
// every process that encodes something leaves one.
const maxSegments = 16

// load finds what earlier processes have written.
func (c *Cache) load() {
	names, _ := filepath.Glob(filepath.Join(c.dir, "*.vec")) // the pattern is well formed
	slices.Sort(names)
	for _, name := range names {
		file, err := os.Open(name)
		if err != nil {
			continue
		}
		_, _ = fmt.Sscanf(filepath.Base(name), "%016x", &c.number) // a name of another form counts as the oldest
		g := &segment{file: file}
		c.segments = append(c.segments, g)
		c.scan(g, func(key cacheKey, _ []byte) { c.at[key] = place{g, g.records} })
	}
	if len(c.segments) > maxSegments {
		c.join()
	}
}

// scan calls each with every record up to the first that is not whole: a
// process may have died in the middle of one.
func (c *Cache) scan(g *segment, each func(cacheKey, []byte)) {
	record := make([]byte, c.recordBytes())
	in := bufio.NewReaderSize(io.NewSectionReader(g.file, 0, math.MaxInt64), 1<<18)
	for g.records = 0; ; g.records++ {
		if _, err := io.ReadFull(in, record); err != nil || !valid(record) {
			return
		}
		each(cacheKey(record[:16]), record)
	}
}

// join copies the records of small files into a new one. Another process that
// still writes to one of them loses what it adds, no more.
func (c *Cache) join() {
	var small []*segment
	for _, g := range c.segments {
		if g.records*c.recordBytes() <= c.limit/64 {
			small = append(small, g)
		}
	}
	for _, g := range small {
		c.scan(g, func(key cacheKey, record []byte) {
			if c.at[key].segment == g {
				c.write(key, record)
			}
		})
	}
	for _, g := range small {
		if slices.Contains(c.segments, g) {
			c.drop(g)
		}
	}
}
