package corpus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
)

// shards is how many goroutines write the tables of works, each some of the
// years. It is fixed, so that the files are the same on every machine.
const shards = 2

// bufferMost is what the row groups in the making may take in one shard.
const bufferMost = 384 << 20

// shard writes the works of some years.
type shard struct {
	dir    string // "": count only
	number int
	mine   map[int]bool
	insts  *institutions
	refs   bool
	press  *presser
	files  map[int]*yearFiles
	point  *parquetFile
	used   map[int64]bool
	since  int // works since the memory was looked at

	kept, resolved, open int64
	w                    work
	spots                []spot
}

type yearFiles struct{ work, authorship, citation *parquetFile }

// spot is where a work is, with its weight there.
type spot struct{ lon, lat, weight float64 }

// share gives each shard years of about the same number of works.
func share(years []int, works map[int]int64) [shards]map[int]bool {
	var out [shards]map[int]bool
	var load [shards]int64
	for i := range out {
		out[i] = map[int]bool{}
	}
	years = slices.Clone(years)
	slices.SortStableFunc(years, func(a, b int) int { return cmp.Compare(works[b], works[a]) })
	for _, y := range years {
		at := 0
		for i := range load {
			if load[i] < load[at] {
				at = i
			}
		}
		out[at][y] = true
		load[at] += works[y]
	}
	return out
}

// emitted is what the shards together have done.
type emitted struct {
	kept, resolved, open int64
	used                 map[int64]bool
	files                []finished
}

// finished is a file that is whole but not yet of the corpus.
type finished struct {
	table string
	year  int
	rows  int64
	path  string
}

// emit writes work, authorship and point, and the citations as they stand in
// the records. Faults of the merge go to all.
func emit(ctx context.Context, dir string, parts []*part, deleted []int64, insts *institutions, refs bool, all *notes, progress func(int64)) (emitted, error) {
	years, works := yearsOf(parts)
	split := share(years, works)
	var list [shards]*shard
	var errs [shards]error
	var wg sync.WaitGroup
	for i := range list {
		press, err := newPresser()
		if err != nil {
			return emitted{}, err
		}
		s := &shard{dir: dir, number: i, mine: split[i], insts: insts, refs: refs, press: press, files: map[int]*yearFiles{}, used: map[int64]bool{}}
		list[i] = s
		wg.Go(func() { errs[i] = s.run(ctx, parts, deleted, all, progress) })
	}
	wg.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		return emitted{}, err
	}
	out := emitted{used: map[int64]bool{}}
	for _, s := range list {
		out.kept += s.kept
		out.resolved += s.resolved
		out.open += s.open
		maps.Copy(out.used, s.used)
		files, err := s.finish()
		if err != nil {
			return out, err
		}
		out.files = append(out.files, files...)
	}
	return out, nil
}

// run walks all works and writes those of the shard's years. The first shard
// notes what is dropped.
func (s *shard) run(ctx context.Context, parts []*part, deleted []int64, all *notes, progress func(int64)) error {
	var n int64
	drop := func(fault string, r *partReader) {
		if s.number == 0 {
			all.File = r.part.Notes.File
			all.at(fault, r.line, "W"+strconv.FormatInt(r.entry.id, 10))
		}
	}
	return walk(parts, deleted, func(e *entry, data []byte) error {
		if n++; n%8192 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			if s.number == 0 && progress != nil {
				progress(n)
			}
		}
		if !s.mine[int(e.year)] {
			return nil
		}
		if err := unpackWork(data, &s.w); err != nil {
			return err
		}
		s.w.id, s.w.year, s.w.updated = e.id, int(e.year), int64(e.updated)
		s.kept++
		return s.add()
	}, drop)
}

// add writes the work in s.w.
func (s *shard) add() error {
	f, err := s.of(s.w.year)
	if err != nil {
		return err
	}
	s.spots = s.spots[:0]
	listed, err := s.authorships(f)
	if err != nil || s.dir == "" {
		return err
	}
	if err := s.rest(f, listed); err != nil {
		return err
	}
	if err := s.workRow(f); err != nil {
		return err
	}
	if err := s.points(); err != nil {
		return err
	}
	for _, id := range s.w.references {
		c := f.citation.cols
		c[0].int(s.w.id)
		c[1].int(int64(s.w.year))
		c[2].int(id)
		c[3].null()
		if err := f.citation.endRow(); err != nil {
			return err
		}
	}
	return s.bound()
}

func (s *shard) of(year int) (*yearFiles, error) {
	if s.dir == "" {
		return nil, nil
	}
	if f := s.files[year]; f != nil {
		return f, nil
	}
	f := &yearFiles{work: s.file("work", year), authorship: s.file("authorship", year), citation: s.file("citation", year)}
	s.files[year] = f
	if s.point == nil {
		s.point = s.file("point", 0)
	}
	return f, nil
}

func (s *shard) file(table string, year int) *parquetFile {
	t, _ := TableOf(table)
	return newParquetFile(filepath.Join(s.dir, fmt.Sprintf(".tmp-%s-%d-%d.parquet", table, year, s.number)), t, s.press)
}

// authorships writes the rows of the authors and returns how many authors they
// are.
func (s *shard) authorships(f *yearFiles) (listed int64, err error) {
	authors := float64(s.w.authors)
	if s.w.flat {
		authors = float64(len(s.w.rows))
	}
	for i := range s.w.rows {
		r := &s.w.rows[i]
		listed = max(listed, r.seq)
		switch r.how {
		case resolved:
			s.resolved++
		case open:
			s.open++
		}
		if s.dir == "" {
			continue
		}
		weight := 1 / (authors * float64(r.parts) * float64(r.shared))
		number, country := int64(0), r.country
		if r.institution != 0 {
			in := s.insts.of(r.institution)
			number = in.number
			if in.country != [2]byte{} {
				country = in.country
			}
			s.used[number] = true
			if !math.IsNaN(in.lat) && !math.IsNaN(in.lon) {
				s.spots = append(s.spots, spot{in.lon, in.lat, weight})
			}
		}
		if err := s.authorRow(f.authorship, r, number, country, weight); err != nil {
			return 0, err
		}
	}
	return listed, nil
}

func (s *shard) authorRow(f *parquetFile, r *authorRow, institution int64, country [2]byte, weight float64) error {
	c := f.cols
	c[0].int(s.w.id)
	c[1].int(int64(s.w.year))
	c[2].known(r.seq)
	c[3].known(r.author)
	c[4].known(r.affiliation)
	c[5].known(institution)
	if country == [2]byte{} {
		c[6].null()
	} else {
		c[6].text(country[:])
	}
	c[7].real(weight)
	return f.endRow()
}

// rest writes the row of the authors that a cut list leaves out.
func (s *shard) rest(f *yearFiles, listed int64) error {
	if s.w.authors <= listed || s.w.flat {
		return nil
	}
	return s.authorRow(f.authorship, &authorRow{}, 0, [2]byte{}, float64(s.w.authors-listed)/float64(s.w.authors))
}

func (s *shard) workRow(f *yearFiles) error {
	w, c := &s.w, f.work.cols
	count := func(col *column, v int64) {
		if v < 0 {
			col.null()
			return
		}
		col.int(v)
	}
	c[0].int(w.id)
	c[1].text(w.title)
	c[2].text(w.doi)
	c[3].int(int64(w.year))
	if w.day == unknownDay {
		c[4].null()
	} else {
		c[4].int(w.day)
	}
	c[5].text(w.kind)
	c[6].text(w.language)
	c[7].known(w.source)
	c[8].known(w.field)
	c[9].known(w.subfield)
	c[10].known(w.topic)
	count(&c[11], w.authors)
	count(&c[12], w.refs)
	count(&c[13], w.cited)
	count(&c[14], w.window)
	if w.retracted < 0 {
		c[15].null()
	} else {
		c[15].bool(w.retracted == 1)
	}
	c[16].real(w.fwci)
	c[17].text(w.record)
	return f.work.endRow()
}

// points writes where an article is: one row per address.
func (s *shard) points() error {
	if string(s.w.kind) != "article" || len(s.spots) == 0 {
		return nil
	}
	slices.SortStableFunc(s.spots, func(a, b spot) int { return cmp.Or(cmp.Compare(a.lon, b.lon), cmp.Compare(a.lat, b.lat)) })
	document := s.w.record
	if len(document) == 0 {
		document = strconv.AppendInt([]byte{'W'}, s.w.id, 10)
	}
	for i := 0; i < len(s.spots); {
		p := s.spots[i]
		for i++; i < len(s.spots) && s.spots[i].lon == p.lon && s.spots[i].lat == p.lat; i++ {
			p.weight += s.spots[i].weight
		}
		c := s.point.cols
		c[0].text([]byte("paper"))
		c[1].text(document)
		c[2].int(int64(s.w.year))
		c[3].real(p.lon)
		c[4].real(p.lat)
		c[5].real(p.weight)
		if err := s.point.endRow(); err != nil {
			return err
		}
	}
	return nil
}

// bound keeps the row groups in the making within their memory: with works of
// very many years, the largest ones are written early.
func (s *shard) bound() error {
	if s.since++; s.since < 20000 {
		return nil
	}
	s.since = 0
	sum := 0
	var files []*parquetFile
	for _, y := range slices.Sorted(maps.Keys(s.files)) {
		f := s.files[y]
		for _, p := range []*parquetFile{f.work, f.authorship, f.citation} {
			sum += p.buffered()
			files = append(files, p)
		}
	}
	slices.SortStableFunc(files, func(a, b *parquetFile) int { return cmp.Compare(b.buffered(), a.buffered()) })
	for _, f := range files {
		if sum <= bufferMost {
			return nil
		}
		sum -= f.buffered()
		if err := f.flush(); err != nil {
			return err
		}
		f.release()
	}
	return nil
}

// finish ends the files of the shard.
func (s *shard) finish() ([]finished, error) {
	var out []finished
	end := func(f *parquetFile, year int) error {
		if f.rows == 0 && len(f.cols[0].valid) == 0 {
			return nil
		}
		if err := f.finish(); err != nil {
			return err
		}
		out = append(out, finished{f.table.Name, year, f.rows, f.path})
		f.release()
		return nil
	}
	for _, y := range slices.Sorted(maps.Keys(s.files)) {
		f := s.files[y]
		for _, p := range []*parquetFile{f.work, f.authorship, f.citation} {
			if err := end(p, y); err != nil {
				return nil, err
			}
		}
	}
	if s.point != nil {
		return out, end(s.point, 0)
	}
	return out, nil
}
