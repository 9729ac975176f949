package corpus

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
)

// found is what lies in the files and folders that an import is given.
type found struct {
	inputs  []input // of works, institutions, topics and sources, the oldest partition first
	deleted []string
	merged  []string
	ignored map[string]int // files of other entities
	missing []string       // files that a manifest names and that are not there, or not whole
}

// entities are those of an OpenAlex snapshot; the first four are imported.
var entities = []string{"works", "institutions", "topics", "sources", "authors", "publishers", "funders", "concepts", "fields", "subfields", "domains", "keywords", "awards",
	"continents", "countries", "languages", "licenses", "sdgs", "types", "source-types", "institution-types", "work-types"}

// discover finds the inputs below the paths: a snapshot (data/jsonl/<entity>/
// updated_date=…/part_….gz, the same in Parquet, or the older data/<entity>/…),
// a part of one, or single files. Where a snapshot has both forms of an entity,
// JSON lines are read.
func discover(paths []string) (found, error) {
	f := found{ignored: map[string]int{}}
	for _, root := range paths {
		info, err := os.Stat(root)
		if err != nil {
			return f, errs.Wrap(err, errs.NotFound, "corpus.no_input", errs.A{"path": root})
		}
		if !info.IsDir() {
			f.take(root, filepath.Base(root), true)
			continue
		}
		if err := f.walk(root); err != nil {
			return f, err
		}
	}
	f.oneForm()
	slices.SortStableFunc(f.inputs, func(a, b input) int {
		return cmp.Or(cmp.Compare(a.partition, b.partition), strings.Compare(a.name, b.name))
	})
	return f, nil
}

func (f *found) walk(root string) error {
	return filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if strings.HasPrefix(e.Name(), ".") && path != root {
			if e.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if e.IsDir() {
			return nil
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if e.Name() == "manifest" || e.Name() == "manifest.json" {
			return f.manifest(path)
		}
		f.take(path, filepath.ToSlash(rel), false)
		return nil
	})
}

// take sorts one file in by its name and the folders above it.
func (f *found) take(path, name string, named bool) {
	steps := strings.Split(filepath.ToSlash(path), "/")
	base := strings.ToLower(steps[len(steps)-1])
	plain := strings.TrimSuffix(base, ".gz")
	switch {
	case slices.Contains(steps, "merged_ids"):
		if slices.Contains(steps, "works") {
			f.merged = append(f.merged, path)
		}
		return
	case strings.HasPrefix(base, "deleted_ids"):
		f.deleted = append(f.deleted, path)
		return
	}
	in := input{path: path, name: name, partition: unknownDay, entity: "works", format: "jsonl"}
	switch {
	case strings.HasSuffix(base, ".parquet"):
		in.format = "parquet"
	case strings.HasSuffix(plain, ".csv"):
		in.format = "csv"
	case strings.HasSuffix(plain, ".jsonl"), strings.HasSuffix(plain, ".json"), strings.HasSuffix(plain, ".ndjson"), strings.HasPrefix(base, "part_"), named:
	default:
		return // a readme or a licence
	}
	for _, step := range steps[:len(steps)-1] {
		if slices.Contains(entities, step) {
			in.entity = step
		}
		if day, ok := strings.CutPrefix(step, "updated_date="); ok {
			in.partition, _ = parseDay([]byte(day))
		}
	}
	if named {
		in.entity = "works"
		for _, e := range entities[1:4] {
			if strings.HasPrefix(base, e) || slices.Contains(steps, e) {
				in.entity = e
			}
		}
	}
	if !slices.Contains(entities[:4], in.entity) {
		f.ignored[in.entity]++
		return
	}
	f.inputs = append(f.inputs, in)
}

// oneForm leaves out the Parquet form of entities that are there as JSON too.
func (f *found) oneForm() {
	form := map[string]bool{}
	for _, in := range f.inputs {
		form[in.entity+" "+in.format] = true
	}
	f.inputs = slices.DeleteFunc(f.inputs, func(in input) bool { return in.format == "parquet" && form[in.entity+" jsonl"] })
}

// manifest checks the list that a snapshot writes last: each file it names
// must be here and of its length.
func (f *found) manifest(path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var list struct {
		Entries []struct {
			URL  string `json:"url"`
			Meta struct {
				Length int64 `json:"content_length"`
			} `json:"meta"`
		} `json:"entries"`
	}
	if json.Unmarshal(raw, &list) != nil {
		f.missing = append(f.missing, path)
		return nil
	}
	for _, e := range list.Entries {
		_, below, ok := strings.Cut(e.URL, "updated_date=")
		if !ok {
			continue
		}
		there := filepath.Join(filepath.Dir(path), filepath.FromSlash("updated_date="+below))
		if info, err := os.Stat(there); err != nil || e.Meta.Length > 0 && info.Size() != e.Meta.Length {
			f.missing = append(f.missing, there)
		}
	}
	return nil
}

// readDeleted returns the ids of deleted works in order. Merged works are gone
// too; into tells where to.
func (f *found) readDeleted() (ids []int64, into map[int64]int64, err error) {
	into = map[int64]int64{}
	for _, path := range append(slices.Clone(f.deleted), f.merged...) {
		if err := eachIDRow(path, func(row []int64) {
			ids = append(ids, row[0])
			if len(row) > 1 {
				into[row[0]] = row[1]
			}
		}); err != nil {
			return nil, nil, fmt.Errorf("read %s: %w", path, err)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), into, nil
}

// eachIDRow reads the ids of works in each line of a table with any columns.
func eachIDRow(path string, fn func([]int64)) error {
	t, err := openText(path)
	if err != nil {
		return err
	}
	defer t.Close()
	lines := bufio.NewScanner(t)
	for lines.Scan() {
		var row []int64
		for cell := range strings.SplitSeq(lines.Text(), ",") {
			cell = strings.Trim(strings.TrimSpace(cell), `"`)
			if at := strings.LastIndexByte(cell, '/'); at >= 0 {
				cell = cell[at+1:]
			}
			if id, ok := parseID([]byte(cell), 'W'); ok && (cell[0] == 'W' || cell[0] == 'w') {
				row = append(row, id)
			}
		}
		if len(row) > 0 {
			fn(row)
		}
	}
	return lines.Err()
}
