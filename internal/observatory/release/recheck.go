package release

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/stats"
)

// contents computes anew what the folder says, as far as the files it rests on
// are what the manifest says: a difference that follows from an altered file is
// told of that file alone.
func (v *verification) contents(ctx context.Context) {
	s, err := v.load(v.m)
	if err != nil {
		if !v.bad[fileOf(err)] {
			v.report.fault(Fault{Kind: Unreadable, File: fileOf(err), Key: "release.fault.unreadable", Args: errs.A{"what": reasonOf(err)}})
		}
		return
	}
	if v.bad[figuresPath] || v.bad[reportedPath] || v.bad[sourcesPath] {
		v.note("release.note.not_recomputed")
		return
	}
	session, err := v.openFacts(ctx)
	if err != nil {
		v.report.fault(Fault{Kind: NotComputed, Key: "release.fault.facts", Args: errs.A{"what": reasonOf(err)}})
		return
	}
	if session != nil {
		v.recompute(ctx, session, s)
		_ = session.Close() // it was only read
	}
	for i := range s.Parts {
		v.recomputePart(ctx, &s.Parts[i])
	}
	v.pages(s)
}

func (v *verification) note(key string) {
	if !slices.Contains(v.report.Notes, key) {
		v.report.Notes = append(v.report.Notes, key)
	}
}

// fileOf is the file that a load failed at.
func fileOf(err error) string {
	if file, ok := errs.Of(err).Args["file"].(string); ok {
		return file
	}
	return figuresPath
}

// openFacts opens a session over the frozen facts; nil when one of them is not
// what the manifest says.
func (v *verification) openFacts(ctx context.Context) (*stats.Session, error) {
	var views []stats.View
	for _, f := range v.m.with(RoleFact) {
		if v.bad[f.Path] {
			v.note("release.note.not_recomputed")
			return nil, nil
		}
		if !sqlName.MatchString(f.Name) {
			return nil, errs.New(errs.Invalid, "release.bad_part", errs.A{"part": "facts", "what": cut(f.Name, 64)})
		}
		views = append(views, stats.View{Name: f.Name, Files: []string{filepath.Join(v.dir, filepath.FromSlash(f.Path))}})
	}
	return openViews(ctx, v.dir, views)
}

// openViews opens a session over files of a folder. Where the folder's own name
// would be read as a pattern, the files are seen through a link elsewhere.
func openViews(ctx context.Context, dir string, views []stats.View) (*stats.Session, error) {
	if !strings.ContainsAny(dir, "*?[") {
		return stats.OpenViews(ctx, sessionConfig, views)
	}
	return nil, errs.New(errs.Invalid, "release.bad_folder_name", errs.A{"folder": dir})
}

// recompute computes every value and record list anew.
func (v *verification) recompute(ctx context.Context, session *stats.Session, s *Snapshot) {
	b := s.book()
	failed, err := b.Recompute(ctx, session, v.m.City, v.m.Day)
	if err != nil {
		return // the end of ctx
	}
	for i := range b.Figures {
		id := b.Figures[i].ID
		if why, now := failed[id]; now {
			if _, then := v.m.Failed[id]; !then {
				v.report.fault(Fault{Kind: NotComputed, File: figuresPath, Figure: id, Key: "release.fault.computation", Args: errs.A{"what": why}})
			}
		}
	}
	if !v.bad[valuesPath] {
		v.compareValues(s.Values, valuesOf(&b))
	}
	c := newContents(session, &v.m)
	for i := range b.Figures {
		f := &b.Figures[i]
		if _, has := failed[f.ID]; has || len(b.Computed[f.ID]) == 0 || ctx.Err() != nil {
			continue
		}
		v.compareRecords(ctx, session, c, &b, f)
	}
}

func (v *verification) compareValues(frozen, now []Value) {
	again := map[string]*Value{}
	for i := range now {
		again[now[i].key()] = &now[i]
	}
	for i := range frozen {
		was := &frozen[i]
		fault := Fault{Kind: WrongValue, File: valuesPath, Figure: was.Figure, Item: was.Item, Slot: was.Slot}
		is := again[was.key()]
		delete(again, was.key())
		switch {
		case is == nil:
			fault.Key = "release.fault.value_gone"
		case was.Known != is.Known || was.Quantity.Bound != is.Quantity.Bound || was.Quantity.Unit != is.Quantity.Unit ||
			!near(was.Quantity.Value, is.Quantity.Value) || !near(was.Quantity.High, is.Quantity.High):
			fault.Key, fault.Args = "release.fault.value", errs.A{"frozen": said(was), "computed": said(is)}
		case was.Records != is.Records || was.RecordsHash != is.RecordsHash:
			fault.Key, fault.Args = "release.fault.value_records", errs.A{"frozen": was.Records, "computed": is.Records}
		case was.Method != is.Method || was.Period != is.Period || was.ItemTitle != is.ItemTitle || !nearPointer(was.Numerator, is.Numerator) || !nearPointer(was.Denominator, is.Denominator):
			fault.Key = "release.fault.value_words"
		default:
			v.report.Values++
			continue
		}
		v.report.fault(fault)
	}
	for i := range now {
		if is := &now[i]; again[is.key()] != nil {
			v.report.fault(Fault{Kind: WrongValue, File: valuesPath, Figure: is.Figure, Item: is.Item, Slot: is.Slot,
				Key: "release.fault.value_new", Args: errs.A{"computed": said(is)}})
		}
	}
}

func nearPointer(a, b *float64) bool {
	return a == nil && b == nil || a != nil && b != nil && near(*a, *b)
}

// said is a value as a fault tells it.
func said(v *Value) string {
	if !v.Known {
		return "?"
	}
	return v.Quantity.Exact()
}

// compareRecords writes the records of a figure anew, into a hash, and only
// where that differs looks for the first line that does.
func (v *verification) compareRecords(ctx context.Context, session *stats.Session, c *contents, b *observatory.Book, f *observatory.Figure) {
	path := recordsPath(f.ID)
	entry, found := v.m.file(path)
	if !found {
		v.report.fault(Fault{Kind: WrongRecord, File: path, Figure: f.ID, Key: "release.fault.no_records"})
		return
	}
	if v.bad[path] {
		return
	}
	h := sha256.New()
	n, err := writeRecords(ctx, h, b, session, c, f, &v.m)
	switch {
	case err != nil:
		v.report.fault(Fault{Kind: NotComputed, File: path, Figure: f.ID, Key: "release.fault.computation", Args: errs.A{"what": reasonOf(err)}})
	case hex.EncodeToString(h.Sum(nil)) == entry.SHA256:
		v.report.Records += n
	default:
		v.report.fault(Fault{Kind: WrongRecord, File: path, Figure: f.ID, Key: "release.fault.records", Args: v.firstLine(ctx, session, c, b, f)})
	}
}

// firstLine finds the first line in which the frozen records differ.
func (v *verification) firstLine(ctx context.Context, session *stats.Session, c *contents, b *observatory.Book, f *observatory.Figure) errs.A {
	args := errs.A{"line": 0, "frozen": "", "computed": ""}
	file, _, err := v.open(recordsPath(f.ID))
	if err != nil {
		return args
	}
	defer file.Close()
	at := &comparer{frozen: bufio.NewReader(file)}
	_, _ = writeRecords(ctx, at, b, session, c, f, &v.m) // it stops at the difference
	at.end()
	return errs.A{"line": at.line, "frozen": cut(strings.TrimSpace(at.was), 160), "computed": cut(strings.TrimSpace(at.is), 160)}
}

// comparer takes text and holds it line by line against another.
type comparer struct {
	frozen  *bufio.Reader
	rest    []byte
	line    int
	was, is string
	found   bool
}

func (c *comparer) Write(p []byte) (int, error) {
	c.rest = append(c.rest, p...)
	for !c.found {
		i := bytes.IndexByte(c.rest, '\n')
		if i < 0 {
			return len(p), nil
		}
		c.next(string(c.rest[:i+1]))
		c.rest = c.rest[i+1:]
	}
	return 0, io.ErrShortWrite
}

func (c *comparer) next(is string) {
	was, _ := c.frozen.ReadString('\n')
	c.line++
	if was != is {
		c.was, c.is, c.found = was, is, true
	}
}

// end looks for what the frozen text has beyond the other.
func (c *comparer) end() {
	if !c.found {
		c.next("")
	}
}

// recomputePart runs the statements of a part again.
func (v *verification) recomputePart(ctx context.Context, p *PartResult) {
	for _, f := range v.m.with(RolePart) {
		if f.Name == p.Name && v.bad[f.Path] && !strings.HasPrefix(f.Path, partDir(p.Name)+"/files/") {
			v.note("release.note.not_recomputed")
			return
		}
	}
	for _, t := range p.Tables {
		for _, path := range t.Files {
			if _, named := v.m.file(path); !named {
				v.report.fault(Fault{Kind: Missing, File: path, Key: "release.fault.missing"})
				return
			}
		}
	}
	session, err := p.open(ctx, v.dir)
	if err != nil {
		v.report.fault(Fault{Kind: NotComputed, File: partPath(p.Name), Key: "release.fault.facts", Args: errs.A{"what": reasonOf(err)}})
		return
	}
	defer session.Close()
	for i, s := range p.Statements {
		if len(s.Key) == 0 || ctx.Err() != nil {
			continue
		}
		path := resultPath(p.Name, s.Name)
		now, err := p.run(ctx, session, i)
		if err != nil {
			v.report.fault(Fault{Kind: NotComputed, File: path, Figure: s.Name, Key: "release.fault.computation", Args: errs.A{"what": reasonOf(err)}})
			continue
		}
		was, err := v.grid(p.Name, s.Name)
		if err == nil {
			err = v.compareGrids(p, &p.Statements[i], was, now)
		}
		if err != nil {
			v.report.fault(Fault{Kind: Unreadable, File: path, Key: "release.fault.unreadable", Args: errs.A{"what": reasonOf(err)}})
		}
	}
}

func (v *verification) compareGrids(p *PartResult, s *Statement, was, now *grid) error {
	path := resultPath(p.Name, s.Name)
	if !slices.Equal(was.head, now.head) {
		v.report.fault(Fault{Kind: WrongValue, File: path, Figure: s.Name, Key: "release.fault.columns"})
		return nil
	}
	before, err := was.byKey(s.Key)
	if err != nil {
		return err
	}
	after, err := now.byKey(s.Key)
	if err != nil {
		return err
	}
	good := true
	for key, row := range before {
		again := after[key]
		delete(after, key)
		if again == nil {
			v.report.fault(Fault{Kind: WrongValue, File: path, Figure: s.Name, Item: key, Key: "release.fault.value_gone"})
			good = false
			continue
		}
		for i := range row {
			if !sameCell(row[i], again[i]) {
				v.report.fault(Fault{Kind: WrongValue, File: path, Figure: s.Name, Item: key, Slot: was.head[i],
					Key: "release.fault.value", Args: errs.A{"frozen": cut(row[i], 80), "computed": cut(again[i], 80)}})
				good = false
			}
		}
	}
	for key := range after {
		v.report.fault(Fault{Kind: WrongValue, File: path, Figure: s.Name, Item: key, Key: "release.fault.value_new", Args: errs.A{"computed": key}})
		good = false
	}
	if good {
		v.report.Results++
	}
	return nil
}

// pages draws the pages and tables anew. Where another version of the program
// drew them, the hashes have to do.
func (v *verification) pages(s *Snapshot) {
	for path := range v.bad {
		if f, _ := v.m.file(path); path == valuesPath || f.Role == RolePart {
			return // the pages would differ by it
		}
	}
	if v.m.Renderer != rendererOf(v.o.Draw) {
		v.note("release.note.other_renderer")
		return
	}
	drawn, err := render(v.folder, s, v.o.Draw)
	if err != nil {
		v.report.fault(Fault{Kind: WrongPage, File: "index.html", Key: "release.fault.unreadable", Args: errs.A{"what": reasonOf(err)}})
		return
	}
	for _, d := range drawn {
		entry, found := v.m.file(d.path)
		switch {
		case !found:
			v.report.fault(Fault{Kind: Missing, File: d.path, Key: "release.fault.missing"})
		case v.bad[d.path]:
		case entry.SHA256 != sumOf(d.raw):
			v.report.fault(Fault{Kind: WrongPage, File: d.path, Key: "release.fault.page"})
		default:
			v.report.Pages++
		}
	}
}
