package world

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/kapok-city/kapok/internal/corpus"
)

// Snapshot says how the works are laid out as an OpenAlex snapshot.
type Snapshot struct {
	Part    int     // works in a file, 50,000 when 0; OpenAlex has 400,000 at most
	Stale   float64 // share of works of which an older record stands in the oldest partition
	Deleted int     // records of works that deleted_ids.csv takes away again
}

// WriteJSONL writes the works of a world in the layout of an OpenAlex snapshot:
// dir/data/jsonl/<entity>/updated_date=…/part_0000.gz, with a manifest each.
// The records have the fields, the nesting and about the size of real ones. A
// joint organisation has no word there, so those links are missing; so are
// places by district, patents and points.
func WriteJSONL(ctx context.Context, dir string, o Options, form Snapshot, progress Progress) error {
	w, err := New(o)
	if err != nil {
		return err
	}
	if err := w.prepare(ctx); err != nil {
		return err
	}
	if form.Part <= 0 {
		form.Part = 50_000
	}
	j := jsonl{w: w, dir: filepath.Join(dir, "data", "jsonl"), form: form, progress: progress}
	return j.write(ctx)
}

// jsonl is a snapshot being written.
type jsonl struct {
	w        *World
	dir      string
	form     Snapshot
	progress Progress
	done     atomic.Int64
}

// piece is one file.
type piece struct {
	entity, day string
	number      int
	works       int64
	lines       func(yield func([]byte) error) error
	bytes       int64
}

// days is how many partitions a snapshot has at most.
const days = 24

func (j *jsonl) write(ctx context.Context) error {
	pieces := j.pieces()
	err := j.w.parallel(ctx, len(pieces), func(ctx context.Context, i int) error {
		err := j.file(ctx, &pieces[i])
		if n := j.done.Add(pieces[i].works); j.progress != nil && pieces[i].works > 0 {
			j.progress(n, int64(j.w.opt.Works))
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := j.deletions(); err != nil {
		return err
	}
	for _, entity := range []string{"works", "institutions", "sources", "topics"} {
		of := slices.DeleteFunc(slices.Clone(pieces), func(p piece) bool { return p.entity != entity })
		if err := j.manifest(entity, of); err != nil {
			return err
		}
	}
	return nil
}

// pieces are the files: the works, in an order that mixes the years, then what
// stands in older partitions, then the small entities.
func (j *jsonl) pieces() []piece {
	w := j.w
	all, part := int64(w.opt.Works), int64(j.form.Part)
	count := (all + part - 1) / part
	stride := coprime(all)
	var out []piece
	numbers := map[string]int{}
	for i := range count {
		day := j.day(1 + i*days/count)
		from, to := i*part, min((i+1)*part, all)
		out = append(out, piece{entity: "works", day: day, number: numbers[day], works: to - from, lines: func(yield func([]byte) error) error {
			return j.span(from, to, stride, day, yield)
		}})
		numbers[day]++
	}
	oldest := j.day(0)
	if j.form.Stale > 0 || j.form.Deleted > 0 {
		out = append(out, piece{entity: "works", day: oldest, lines: func(yield func([]byte) error) error { return j.superseded(oldest, yield) }})
	}
	return append(out,
		piece{entity: "institutions", day: oldest, lines: w.institutionRecords},
		piece{entity: "sources", day: oldest, lines: w.sourceRecords},
		piece{entity: "topics", day: oldest, lines: w.topicRecords})
}

// coprime returns a stride that visits each of n places once.
func coprime(n int64) int64 {
	gcd := func(a, b int64) int64 {
		for b != 0 {
			a, b = b, a%b
		}
		return a
	}
	s := n*618/1000 + 1
	for gcd(s, n) != 1 {
		s++
	}
	return s
}

// day is the day of a partition, from 0: each a fortnight after the one before.
func (j *jsonl) day(i int64) string {
	return time.Date(j.w.now+1, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(i)*14).Format(time.DateOnly)
}

func (j *jsonl) span(from, to, stride int64, day string, yield func([]byte) error) error {
	r := recorder{w: j.w, day: day}
	for i := from; i < to; i++ {
		if err := yield(r.work(i*stride%int64(j.w.opt.Works), 0)); err != nil {
			return err
		}
	}
	return nil
}

// superseded gives records that others replace: older ones of works, told by
// fewer citations, and works that are deleted.
func (j *jsonl) superseded(day string, yield func([]byte) error) error {
	r := recorder{w: j.w, day: day, stale: true}
	for n := range int64(j.w.opt.Works) {
		if s := newStream(j.w.opt.Seed, ofRecord, -1-n); !s.chance(j.form.Stale) {
			continue
		}
		if err := yield(r.work(n, 0)); err != nil {
			return err
		}
	}
	r.stale = false
	for g := range int64(j.form.Deleted) {
		if err := yield(r.work(g%int64(j.w.opt.Works), int64(j.w.opt.Works)+g-g%int64(j.w.opt.Works))); err != nil {
			return err
		}
	}
	return nil
}

func (j *jsonl) file(ctx context.Context, p *piece) (err error) {
	path := j.path(p)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	z, err := gzip.NewWriterLevel(f, gzip.BestSpeed)
	if err != nil {
		return err
	}
	err = p.lines(func(line []byte) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		_, err := z.Write(line)
		return err
	})
	if err = errors.Join(err, z.Close()); err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		p.bytes = info.Size()
	}
	return err
}

func (j *jsonl) path(p *piece) string {
	return filepath.Join(j.dir, p.entity, "updated_date="+p.day, fmt.Sprintf("part_%04d.gz", p.number))
}

// deletions lists the works that were deleted.
func (j *jsonl) deletions() error {
	if j.form.Deleted == 0 {
		return nil
	}
	out := []byte("work_id,deleted_date\n")
	for g := range int64(j.form.Deleted) {
		out = fmt.Appendf(out, "https://openalex.org/W%d,%s\n", base+1+int64(j.w.opt.Works)+g, j.day(days))
	}
	return os.WriteFile(filepath.Join(j.dir, "works", "deleted_ids.csv"), out, 0o600)
}

// manifest is written last, as in a snapshot.
func (j *jsonl) manifest(entity string, pieces []piece) error {
	type meta struct {
		Length int64 `json:"content_length"`
		Count  int64 `json:"record_count,omitempty"`
	}
	type entry struct {
		URL  string `json:"url"`
		Meta meta   `json:"meta"`
	}
	var list struct {
		Entries []entry `json:"entries"`
	}
	for i := range pieces {
		p := &pieces[i]
		list.Entries = append(list.Entries, entry{fmt.Sprintf("s3://simulated/data/jsonl/%s/updated_date=%s/part_%04d.gz", entity, p.day, p.number), meta{p.bytes, p.works}})
	}
	data, err := json.MarshalIndent(list, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(j.dir, entity, "manifest"), data, 0o600)
}

// institutionRecords are the records of the institutions.
func (w *World) institutionRecords(yield func([]byte) error) error {
	var b []byte
	for i := range w.institutions {
		in := &w.institutions[i]
		p := &w.places[in.place]
		en, zh := in.names(i)
		b = fmt.Appendf(b[:0], `{"id":"https://openalex.org/I%d","ror":null,"display_name":%q,"country_code":%q,"type":%q,"lineage":[%s],`,
			institutionID(i), en, p.country, in.kind.name, w.lineage(i))
		b = fmt.Appendf(b, `"geo":{"city":"%s","geonames_city_id":%s,"region":null,"country_code":%q,"latitude":%s,"longitude":%s},`,
			p.nameEN, p.geonames(), p.country, decimal(in.lat), decimal(in.lon))
		b = fmt.Appendf(b, `"international":{"display_name":{"en":"%s","zh":"%s"}},"associated_institutions":[`, en, zh)
		if in.link == corpus.Associated {
			up := int(in.parents[0])
			name, _ := w.institutions[up].names(up)
			b = fmt.Appendf(b, `{"id":"https://openalex.org/I%d","ror":null,"display_name":"%s","country_code":"%s","type":"education","relationship":"related"}`,
				institutionID(up), name, w.countries[w.institutions[up].country])
		}
		b = append(b, "]}\n"...)
		if err := yield(b); err != nil {
			return err
		}
	}
	return nil
}

// lineage is the institution and what it is a component of.
func (w *World) lineage(i int) string {
	out := fmt.Sprintf(`"https://openalex.org/I%d"`, institutionID(i))
	if in := &w.institutions[i]; in.link == corpus.Component {
		out += fmt.Sprintf(`,"https://openalex.org/I%d"`, institutionID(int(in.parents[0])))
	}
	return out
}

func (w *World) sourceRecords(yield func([]byte) error) error {
	for i := range w.sources {
		s := &w.sources[i]
		if err := yield(fmt.Appendf(nil, `{"id":"https://openalex.org/S%d","display_name":"%s","issn_l":null,"type":"%s"}`+"\n",
			sourceID(i), s.name(i, w), sourceKinds[s.kind])); err != nil {
			return err
		}
	}
	return nil
}

func (w *World) topicRecords(yield func([]byte) error) error {
	for i := range w.topics {
		b := fmt.Appendf(nil, `{"id":"https://openalex.org/T%d",`, w.topics[i].id)
		if err := yield(append(w.levels(b, &w.topics[i]), "}\n"...)); err != nil {
			return err
		}
	}
	return nil
}
