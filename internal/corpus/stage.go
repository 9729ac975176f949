package corpus

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// input is one file of an import.
type input struct {
	path, name string // name is how the report calls it
	entity     string // "works", "institutions", …
	size       int64
	partition  int64 // day, unknownDay
	key        string
	packed     bool
	format     string // "jsonl", "csv", "parquet"
}

// identify sets what tells the input from every other: its name, size, time
// and first bytes, and all that the staged form depends on.
func (in *input) identify(about string) error {
	info, err := os.Stat(in.path)
	if err != nil {
		return err
	}
	f, err := os.Open(in.path)
	if err != nil {
		return err
	}
	defer f.Close()
	head := make([]byte, 1<<16)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	in.size = info.Size()
	in.packed = n > 1 && head[0] == 0x1f && head[1] == 0x8b
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\n%s\n%d\n%d\n%d\n", about, in.path, info.Size(), info.ModTime().UnixNano(), in.partition)
	sum.Write(head[:n])
	in.key = hex.EncodeToString(sum.Sum(nil)[:10])
	return nil
}

// stager turns inputs into parts.
type stager struct {
	dir      string
	org      *directory
	refs     bool
	parquet  func(ctx context.Context, path string, line func([]byte) error) error
	progress func(Progress)

	mu    sync.Mutex
	state Progress
}

// job is a stretch of one input that can be staged on its own.
type job struct {
	in      *input
	segment int
	alone   bool // one segment of an input that is not packed; else all of it in turn
}

// run stages all inputs and returns their parts in the order of the inputs.
func (s *stager) run(ctx context.Context, inputs []input, workers int) ([]*part, error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, err
	}
	var jobs []job
	for i := range inputs {
		in := &inputs[i]
		if in.packed || in.format != "jsonl" {
			jobs = append(jobs, job{in: in})
			continue
		}
		for k := 0; k == 0 || int64(k)*segmentSize < in.size; k++ {
			jobs = append(jobs, job{in: in, segment: k, alone: true})
		}
	}
	if err := s.each(ctx, jobs, workers); err != nil {
		return nil, err
	}
	var parts []*part
	for i := range inputs {
		of, err := s.partsOf(&inputs[i])
		if err != nil {
			return nil, err
		}
		parts = append(parts, of...)
	}
	return parts, nil
}

// each runs the jobs on a few goroutines. The first error ends them all.
func (s *stager) each(ctx context.Context, jobs []job, workers int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan job)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			b := &builder{stager: s}
			for j := range next {
				if err := b.job(ctx, j); err != nil {
					cancel(err)
				}
			}
		})
	}
	for _, j := range jobs {
		select {
		case next <- j:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(next)
	wg.Wait()
	return context.Cause(ctx)
}

func (s *stager) partPath(in *input, segment int) string {
	return filepath.Join(s.dir, fmt.Sprintf("%s-%06d.part", in.key, segment))
}

// partsOf reads the parts of an input and counts its lines through.
func (s *stager) partsOf(in *input) ([]*part, error) {
	var out []*part
	var lines int64
	for k := 0; ; k++ {
		p, err := readPart(s.partPath(in, k))
		if errors.Is(err, os.ErrNotExist) && k > 0 {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("part %d of %s: %w", k, in.name, err)
		}
		p.base = lines
		lines += p.Lines
		out = append(out, p)
	}
}

// builder is what one goroutine stages with.
type builder struct {
	*stager
	works  partBuilder
	reader workReader
	notes  *notes

	toldBytes, toldRecords int64
}

func (b *builder) job(ctx context.Context, j job) error {
	switch {
	case j.in.format == "csv":
		return b.unlessThere(j, func() error { return b.csvFile(ctx, j.in) })
	case j.in.format == "parquet":
		return b.unlessThere(j, func() error { return b.parquetFile(ctx, j.in) })
	case j.alone:
		return b.unlessThere(j, func() error { return b.stretch(ctx, j) })
	}
	return b.stream(ctx, j.in)
}

// unlessThere does the work of a job unless an earlier run has done it.
func (b *builder) unlessThere(j job, do func() error) error {
	if p, err := readPart(b.partPath(j.in, j.segment)); err == nil {
		b.tell(p.Bytes, p.Notes.Read)
		return nil
	}
	return do()
}

// begin starts a part.
func (b *builder) begin(in *input) {
	b.notes = newNotes(in.name)
	b.works.arena, b.works.entries, b.works.years = b.works.arena[:0], b.works.entries[:0], nil
	r := &b.reader
	r.notes, r.dir, r.withRefs, r.partition = b.notes, b.org, b.refs, in.partition
	r.places, r.sources, r.topics = map[int64]*place{}, map[int64]sourceEntry{}, map[int64]topicEntry{}
	b.toldBytes, b.toldRecords = 0, 0
}

// line stages one line.
func (b *builder) line(line []byte, oversize bool) {
	b.notes.line++
	if len(line) == 0 {
		return
	}
	b.notes.Read++
	if oversize {
		b.notes.add(faultOversize, clip(line, sampleLength))
		return
	}
	if fault, detail := b.reader.read(line); fault != "" {
		if detail == "" {
			detail = clip(line, sampleLength)
		}
		b.notes.add(fault, detail)
		return
	}
	b.works.add(&b.reader.work, b.notes.line)
}

// finish writes the part.
func (b *builder) finish(in *input, segment int, bytes int64, last bool) error {
	p := &part{Notes: *b.notes, Lines: b.notes.line, Bytes: bytes, Last: last,
		Places: placeBook{}, Sources: map[int64]stagedSource{}, Topics: map[int64]stagedTopic{}}
	for id, v := range b.reader.places {
		p.Places[id] = stagedPlace{v.ror, v.name, v.kind, codeText(v.country), v.lineage}
	}
	for id, v := range b.reader.sources {
		p.Sources[id] = stagedSource{v.name, v.issn, v.kind}
	}
	for id, v := range b.reader.topics {
		p.Topics[id] = stagedTopic{v.name, v.subfield, v.field, v.domain, v.names}
	}
	b.upTo(bytes)
	return b.works.write(b.partPath(in, segment), p)
}

func codeText(c [2]byte) string {
	if c == [2]byte{} {
		return ""
	}
	return string(c[:])
}

// stretch stages the lines that begin in one segment of a plain file.
func (b *builder) stretch(ctx context.Context, j job) error {
	f, err := os.Open(j.in.path)
	if err != nil {
		return err
	}
	defer f.Close()
	from := int64(j.segment) * segmentSize
	to := from + segmentSize
	skip := min(from, 1)
	if _, err := f.Seek(from-skip, io.SeekStart); err != nil {
		return err
	}
	b.begin(j.in)
	l := newLineReader(f)
	if skip > 0 { // the line that the last segment began belongs to it
		if _, _, err := l.next(); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
	}
	begun := l.at
	err = b.lines(ctx, l, func() bool { return from-skip+l.at >= to })
	if err != nil && !errors.Is(err, io.EOF) {
		return b.unreadable(j.in, err)
	}
	return b.finish(j.in, j.segment, l.at-begun, to >= j.in.size)
}

// lines stages lines until full says so, or the stream ends.
func (b *builder) lines(ctx context.Context, l *lineReader, full func() bool) error {
	begun := l.at
	for n := 1; !full(); n++ {
		line, oversize, err := l.next()
		if err != nil {
			return err
		}
		b.line(line, oversize)
		if n%4096 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			b.upTo(l.at - begun)
		}
	}
	return nil
}

// stream stages a packed file, one segment after another.
func (b *builder) stream(ctx context.Context, in *input) error {
	segment, skip, done := b.resume(in)
	if done {
		return nil
	}
	t, err := openText(in.path)
	if err != nil {
		return err
	}
	defer t.Close()
	if _, err := io.CopyN(io.Discard, t, skip); err != nil {
		return fmt.Errorf("%s has changed: %w", in.name, err)
	}
	l := newLineReader(t)
	for ; ; segment++ {
		b.begin(in)
		from := l.at
		err := b.lines(ctx, l, func() bool { return l.at-from >= segmentSize })
		if err != nil && !errors.Is(err, io.EOF) {
			if err := b.damaged(in, err); err != nil {
				return err
			}
		}
		if err := b.finish(in, segment, l.at-from, err != nil); err != nil {
			return err
		}
		if err != nil {
			return nil
		}
	}
}

// resume returns the segment to go on with, and how much text lies before it.
func (b *builder) resume(in *input) (segment int, skip int64, done bool) {
	for ; ; segment++ {
		p, err := readPart(b.partPath(in, segment))
		if err != nil {
			return segment, skip, false
		}
		skip += p.Bytes
		b.tell(p.Bytes, p.Notes.Read)
		if p.Last {
			return segment, skip, true
		}
	}
}

// damaged notes what is wrong with a packed file; any other error it gives
// back. What came before the damage is kept.
func (b *builder) damaged(in *input, err error) error {
	switch {
	case errors.Is(err, errBomb):
		b.notes.add(faultFileBomb, in.name)
	case errors.Is(err, errTruncated):
		b.notes.add(faultFileTruncated, err.Error())
	default:
		return b.unreadable(in, err)
	}
	return nil
}

func (b *builder) unreadable(in *input, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("read %s: %w", in.name, err)
}

// parquetFile stages a Parquet file through DuckDB, which gives each row as the
// JSON that it would have been.
func (b *builder) parquetFile(ctx context.Context, in *input) error {
	b.begin(in)
	var size int64
	err := b.parquet(ctx, in.path, func(line []byte) error {
		size += int64(len(line)) + 1
		b.line(line, len(line) > lineMost)
		return nil
	})
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		b.begin(in)
		b.notes.add(faultFileUnreadable, err.Error())
	}
	return b.finish(in, 0, size, true)
}

// tell counts what has been staged.
func (s *stager) tell(bytes, records int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Bytes += bytes
	s.state.Records += records
	if s.progress != nil {
		s.progress(s.state)
	}
}

// upTo tells how far the part has come.
func (b *builder) upTo(bytes int64) {
	b.tell(bytes-b.toldBytes, b.notes.Read-b.toldRecords)
	b.toldBytes, b.toldRecords = bytes, b.notes.Read
}

// ofParts joins what the parts say of themselves, in their order.
func ofParts(parts []*part) (*notes, map[int64]stagedPlace, map[int64]stagedSource, map[int64]stagedTopic) {
	all := newNotes("")
	places, sources, topics := map[int64]stagedPlace{}, map[int64]stagedSource{}, map[int64]stagedTopic{}
	for _, p := range parts {
		all.join(&p.Notes, p.base)
		maps.Copy(places, p.Places)
		maps.Copy(sources, p.Sources)
		maps.Copy(topics, p.Topics)
	}
	return all, places, sources, topics
}

// yearsOf adds up the staged works by year.
func yearsOf(parts []*part) (years []int, works map[int]int64) {
	works = map[int]int64{}
	for _, p := range parts {
		for y, n := range p.Years {
			works[y] += n
		}
	}
	return slices.Sorted(maps.Keys(works)), works
}
