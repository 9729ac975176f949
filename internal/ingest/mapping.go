package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/fold"
)

// Mapping says which column of a table holds which field of a target.
type Mapping struct {
	ID      string            `json:"id,omitempty"`
	Name    string            `json:"name,omitempty"`
	Target  string            `json:"target"`
	Columns map[string]string `json:"columns"`         // field to heading
	Fixed   map[string]string `json:"fixed,omitempty"` // field to a value for all rows, where no column says otherwise
	Version int64             `json:"version,omitempty"`
}

// text is a mapping as a batch records it: what it does, whatever its name.
func (m *Mapping) text() string {
	if m == nil {
		return ""
	}
	raw, _ := json.Marshal(Mapping{Target: m.Target, Columns: m.Columns, Fixed: m.Fixed}) // maps of text always marshal
	return string(raw)
}

// validate checks a mapping against its target.
func (m *Mapping) validate() error {
	t, err := findTarget(m.Target)
	if err != nil {
		return err
	}
	var faults errs.List
	for _, list := range []map[string]string{m.Columns, m.Fixed} {
		for _, name := range sortedKeys(list) {
			if t.field(name) == nil {
				faults = append(faults, fault("ingest.no_field", name, errs.A{"field": name, "target": m.Target}))
			}
		}
	}
	for _, f := range t.Fields {
		if f.Required && m.Columns[f.Name] == "" && m.Fixed[f.Name] == "" {
			faults = append(faults, fault("ingest.unmapped_field", f.Name, errs.A{"field": f.Label}))
		}
	}
	if len(t.oneOf) > 0 && !slices.ContainsFunc(t.oneOf, func(n string) bool { return m.Columns[n] != "" || m.Fixed[n] != "" }) {
		faults = append(faults, fault("ingest.unmapped_field", t.oneOf[0], errs.A{"field": t.field(t.oneOf[0]).Label}))
	}
	return faults.Err()
}

// Proposal is a mapping found by the headings of a table.
type Proposal struct {
	Mapping
	Unmapped []string `json:"unmapped,omitempty"` // headings that fit no field
	Missing  []Field  `json:"missing,omitempty"`  // required fields without a column
}

// Propose maps headings onto the fields of a target: by the field's name and
// labels, by the other headings under which it is met, and then by a heading
// that contains one of these. target "" chooses the one that most headings
// fit.
func Propose(target string, heads []string) (Proposal, error) {
	if target == "" {
		return proposeAny(heads)
	}
	t, err := findTarget(target)
	if err != nil {
		return Proposal{}, err
	}
	p := Proposal{Mapping: Mapping{Target: t.Name, Columns: map[string]string{}}}
	taken := map[string]bool{}
	for _, fits := range []func(head, word string) bool{
		func(head, word string) bool { return head == word },
		func(head, word string) bool { return len(word) >= 6 && strings.Contains(head, word) },
	} {
		for _, f := range t.Fields {
			for _, word := range f.words() {
				i := slices.IndexFunc(heads, func(h string) bool { return !taken[h] && fits(fold.Name(h), word) })
				if i >= 0 && p.Columns[f.Name] == "" {
					p.Columns[f.Name], taken[heads[i]] = heads[i], true
				}
			}
		}
	}
	for _, h := range heads {
		if h != "" && !taken[h] && !slices.Contains(rejectColumns, h) {
			p.Unmapped = append(p.Unmapped, h)
		}
	}
	for _, f := range t.Fields {
		if f.Required && p.Columns[f.Name] == "" {
			p.Missing = append(p.Missing, f)
		}
	}
	if len(t.oneOf) > 0 && !slices.ContainsFunc(t.oneOf, func(n string) bool { return p.Columns[n] != "" }) {
		p.Missing = append(p.Missing, *t.field(t.oneOf[0]))
	}
	return p, nil
}

func proposeAny(heads []string) (Proposal, error) {
	var best Proposal
	for i, t := range Targets() {
		p, err := Propose(t.Name, heads)
		if err != nil {
			return p, err
		}
		if better := len(p.Columns) - 3*len(p.Missing); i == 0 || better > len(best.Columns)-3*len(best.Missing) {
			best = p
		}
	}
	return best, nil
}

// words are the folded headings of a field, its own name first.
func (f *Field) words() []string {
	var out []string
	for _, w := range append([]string{f.Name, strings.ReplaceAll(f.Name, "_", " "), f.Label.ZH, f.Label.EN}, f.aliases...) {
		if key := fold.Name(w); key != "" && !slices.Contains(out, key) {
			out = append(out, key)
		}
	}
	return out
}

// Inspection is what a look at a table tells before it is imported.
type Inspection struct {
	Format    string     `json:"format"`
	Detection *Detection `json:"encoding,omitempty"`
	Heads     []string   `json:"heads"`
	Sample    [][]string `json:"sample"` // the first rows
	Proposal  Proposal   `json:"proposal"`
}

// sampleRows is how many rows Inspect shows.
const sampleRows = 10

// Inspect reads the head of a table and proposes a mapping onto target, or
// onto the target that fits best ("").
func (s *Service) Inspect(ctx context.Context, req Request, target string) (Inspection, error) {
	lim := DefaultLimits
	if req.Limits != nil {
		lim = *req.Limits
	}
	f, err := openFile(ctx, req.Path, req.Reader, req.Name, lim)
	if err != nil {
		return Inspection{}, err
	}
	defer f.close()
	j := &job{s: s, req: req, file: f, lim: lim}
	t, err := j.openTable()
	if err != nil {
		return Inspection{}, err
	}
	defer t.close()
	out := Inspection{Format: "text", Detection: j.report.Detection, Heads: t.header()}
	if j.xlsx {
		out.Format = "xlsx"
	}
	for len(out.Sample) < sampleRows {
		r, err := t.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Inspection{}, err
		}
		out.Sample = append(out.Sample, r.cells)
	}
	out.Proposal, err = Propose(target, out.Heads)
	return out, err
}

// MappingKind is the word for a saved mapping in the change log.
const MappingKind = "mapping"

// SaveMapping keeps a mapping under its name, in place of one of that name.
func (s *Service) SaveMapping(ctx context.Context, by change.Author, m Mapping) (Mapping, error) {
	if m.Name = strings.TrimSpace(m.Name); fold.Name(m.Name) == "" || len(m.Name) > 200 {
		return m, errs.New(errs.Invalid, "errs.required", errs.A{"field": "name"}).At("name")
	}
	if err := m.validate(); err != nil {
		return m, err
	}
	err := s.d.InTx(ctx, func(tx *db.Tx) error {
		old, found, err := mappingByKey(ctx, tx, fold.Name(m.Name))
		if err != nil {
			return err
		}
		action, before := change.Create, any(nil)
		m.ID, m.Version = db.NewID("mapping"), 1
		if found {
			action, before = change.Update, old
			m.ID, m.Version = old.ID, old.Version+1
		}
		if err := writeMapping(ctx, tx, by, m); err != nil {
			return err
		}
		e, err := change.New(by, MappingKind, m.ID, action, before, m)
		if err != nil {
			return err
		}
		return change.Append(ctx, tx, e)
	})
	return m, err
}

// Mappings lists the saved mappings by name.
func (s *Service) Mappings(ctx context.Context) ([]Mapping, error) { return listMappings(ctx, s.d) }

// DeleteMapping removes a saved mapping. Batches keep what they used.
func (s *Service) DeleteMapping(ctx context.Context, by change.Author, id string) error {
	return s.d.InTx(ctx, func(tx *db.Tx) error {
		m, err := getMapping(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := removeMapping(ctx, tx, id); err != nil {
			return err
		}
		e, err := change.New(by, MappingKind, id, change.Delete, m, nil)
		if err != nil {
			return err
		}
		return change.Append(ctx, tx, e)
	})
}

func (s *Service) mappingOf(ctx context.Context, req Request) (*Mapping, error) {
	m := req.Mapping
	if m == nil {
		if req.MappingID == "" {
			return nil, errs.New(errs.Invalid, "ingest.no_mapping").At("mapping")
		}
		saved, err := getMapping(ctx, s.d, req.MappingID)
		if err != nil {
			return nil, err
		}
		m = &saved
	}
	return m, m.validate()
}

const mappingColumns = "id, name, target, columns, fixed, version"

func scanMapping(s db.Scan) (Mapping, error) {
	var m Mapping
	var columns, fixed string
	if err := s(&m.ID, &m.Name, &m.Target, &columns, &fixed, &m.Version); err != nil {
		return m, err
	}
	if err := json.Unmarshal([]byte(columns), &m.Columns); err != nil {
		return m, err
	}
	return m, json.Unmarshal([]byte(fixed), &m.Fixed)
}

func getMapping(ctx context.Context, q db.Querier, id string) (Mapping, error) {
	m, ok, err := db.One(ctx, q, scanMapping, "SELECT "+mappingColumns+" FROM import_mapping WHERE id = $1", id)
	if err == nil && !ok {
		err = errs.New(errs.NotFound, "errs.not_found", errs.A{"what": id})
	}
	return m, err
}

func mappingByKey(ctx context.Context, q db.Querier, key string) (Mapping, bool, error) {
	return db.One(ctx, q, scanMapping, "SELECT "+mappingColumns+" FROM import_mapping WHERE name_key = $1", key)
}

func listMappings(ctx context.Context, q db.Querier) ([]Mapping, error) {
	all, err := db.Collect(ctx, q, scanMapping, "SELECT "+mappingColumns+" FROM import_mapping ORDER BY id")
	slices.SortStableFunc(all, func(a, b Mapping) int { return strings.Compare(fold.SortKey(a.Name), fold.SortKey(b.Name)) })
	return all, err
}

func writeMapping(ctx context.Context, tx *db.Tx, by change.Author, m Mapping) error {
	columns, err := json.Marshal(m.Columns)
	if err != nil {
		return err
	}
	fixed, err := json.Marshal(m.Fixed)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO import_mapping(id, name, name_key, target, columns, fixed, version, updated_by, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, target = excluded.target, columns = excluded.columns, fixed = excluded.fixed,
		version = excluded.version, updated_by = excluded.updated_by, updated_at = excluded.updated_at`,
		m.ID, m.Name, fold.Name(m.Name), m.Target, string(columns), string(fixed), m.Version, by.Actor, db.At(tx.Now()))
	return err
}

func removeMapping(ctx context.Context, tx *db.Tx, id string) error {
	_, err := tx.Exec(ctx, "DELETE FROM import_mapping WHERE id = $1", id)
	return err
}

// findKey returns the record that a bundle key stands for.
func findKey(ctx context.Context, q db.Querier, key string) (string, bool, error) {
	return db.Value[string](ctx, q, "SELECT entity_id FROM import_key WHERE namespace = $1 AND key = $2", Namespace, key)
}

// insertKeys keeps the first record of a key: it does not move from one to
// another while it is in place.
func insertKeys(ctx context.Context, tx *db.Tx, rows [][]any) error {
	return db.InsertMany(ctx, tx, "import_key(namespace, key, entity_id, batch_id)", "ON CONFLICT (namespace, key) DO NOTHING", rows)
}

func deleteKeys(ctx context.Context, tx *db.Tx, batchID string) error {
	_, err := tx.Exec(ctx, "DELETE FROM import_key WHERE batch_id = $1", batchID)
	return err
}
