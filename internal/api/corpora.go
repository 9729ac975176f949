package api

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ranking"
	"github.com/kapok-city/kapok/internal/source"
)

// Corpus is a body of works or patents that rankings are computed from.
type Corpus struct {
	Name       string            `json:"name"`
	Title      i18n.Text         `json:"title"`
	Kind       corpus.Kind       `json:"kind" enum:"openalex,patents,registry,simulated"`
	Simulated  bool              `json:"simulated" doc:"Made up, whatever is computed from it too"`
	SourceID   string            `json:"source_id"`
	From       int               `json:"from,omitempty" doc:"First year of its works"`
	To         int               `json:"to,omitempty"`
	Parameters map[string]string `json:"parameters,omitempty" doc:"Of the import or the simulation"`
	CreatedAt  time.Time         `json:"created_at"`
	Tables     []CorpusTable     `json:"tables" nullable:"false"`
	Read       int64             `json:"read" doc:"Records that the import met"`
	Kept       int64             `json:"kept" doc:"Records of these that are in the corpus"`
}

// CorpusTable is one table of a corpus.
type CorpusTable struct {
	Name  string `json:"name"`
	Rows  int64  `json:"rows"`
	Bytes int64  `json:"bytes" doc:"Of its Parquet files"`
	Files int    `json:"files"`
}

// CorpusSheet is a corpus with where it comes from and what its import met.
type CorpusSheet struct {
	Corpus
	Source CorpusSource `json:"source"`
	Report CorpusReport `json:"report"`
}

// CorpusSource is the document that a corpus was made from.
type CorpusSource struct {
	Attribution
	URL         string `json:"url,omitempty"`
	PublishedOn string `json:"published_on,omitempty"`
	RetrievedOn string `json:"retrieved_on,omitempty"`
}

// CorpusReport says what an import met. Samples of faulty records are for those
// who may see private data: they are lines of a file as it came.
type CorpusReport struct {
	Faults   map[string]CorpusFault `json:"faults" doc:"By kind: broken_line, duplicate_id …"`
	Unknown  map[string]int64       `json:"unknown" doc:"Fields left out, with how often"`
	Resolved int64                  `json:"resolved" doc:"Affiliations that the registry resolved"`
	Open     int64                  `json:"open" doc:"Affiliations that nothing resolved"`
}

// CorpusFault counts one kind of fault.
type CorpusFault struct {
	Count   int64           `json:"count"`
	Kept    bool            `json:"kept" doc:"Whether the records are in the corpus all the same"`
	Samples []corpus.Sample `json:"samples,omitempty"`
}

// CorpusIn names a corpus.
type CorpusIn struct {
	Name string `path:"name" maxLength:"63" doc:"Name of the corpus"`
}

// CorpusField is a field that the works of a corpus are put in.
type CorpusField struct {
	ranking.Field
	SourceID string `json:"source_id,omitempty"`
}

// FieldsIn asks for the fields of a corpus.
type FieldsIn struct {
	CorpusIn
	Paging
}

func (s *server) corpora() {
	const tag = "corpora"
	addList(s, route{id: "list_corpora", path: "/corpora", tag: tag, needs: account.Read}, corpusTable(), s.listCorpora)
	add(s, route{id: "get_corpus", path: "/corpora/{name}", tag: tag, needs: account.Read}, s.getCorpus)
	addList(s, route{id: "fields_of_corpus", path: "/corpora/{name}/fields", tag: tag, needs: account.Read}, fieldTable(), s.corpusFields)
}

func (s *server) listCorpora(ctx context.Context, in *ListIn) (part[Corpus], error) {
	if s.Rankings == nil {
		return part[Corpus]{}, errs.New(errs.Unavailable, "api.not_offered")
	}
	list, err := s.Rankings.Corpora(ctx)
	if err != nil {
		return part[Corpus]{}, err
	}
	var all []Corpus
	var sources []source.Source
	for i := range list {
		if open, err := s.openCorpus(ctx, &list[i]); err != nil || !open {
			if err != nil {
				return part[Corpus]{}, err
			}
			continue
		}
		all, sources = append(all, corpusOf(&list[i])), append(sources, sourceOfCorpus(&list[i]))
	}
	out, err := cutPage(all, &in.Paging, func(c *Corpus) string { return c.Name })
	out.sources = sources
	return out, err
}

// corpus returns a corpus that the caller may see. One whose source is tagged R
// is not there for others, and leaves in no file.
func (s *server) corpus(ctx context.Context, name string) (corpus.Manifest, error) {
	if s.Rankings == nil {
		return corpus.Manifest{}, errs.New(errs.Unavailable, "api.not_offered")
	}
	m, err := s.Rankings.Corpus(ctx, name)
	if err != nil {
		return m, err
	}
	open, err := s.openCorpus(ctx, &m)
	if err == nil && !open {
		err = errs.New(errs.NotFound, "corpus.none", errs.A{"name": name})
	}
	return m, err
}

// openCorpus holds the tag that the corpus was made under and the one that its
// source has now, whichever is stricter.
func (s *server) openCorpus(ctx context.Context, m *corpus.Manifest) (bool, error) {
	open, err := s.openSources(ctx)
	c := callOf(ctx)
	return open(m.Source.ID) && (m.Source.LicenceTag != source.Red || c.seesPrivate() && !c.file), err
}

// sourceOfCorpus is the source of what is computed from a corpus.
func sourceOfCorpus(m *corpus.Manifest) source.Source {
	v := m.Source
	if v.ID == "" {
		v.ID, v.Title = "corpus:"+m.Name, m.Title
	}
	v.Simulated = v.Simulated || m.Simulated
	return v
}

func corpusOf(m *corpus.Manifest) Corpus {
	out := Corpus{Name: m.Name, Title: m.Title, Kind: m.Kind, Simulated: m.Simulated, SourceID: sourceOfCorpus(m).ID, From: m.From, To: m.To,
		Parameters: m.Parameters, CreatedAt: m.CreatedAt, Tables: []CorpusTable{}, Read: m.Report.Read, Kept: m.Report.Kept}
	for _, t := range corpus.Tables {
		one := CorpusTable{Name: t.Name}
		for _, f := range m.Files {
			if f.Table == t.Name {
				one.Rows, one.Bytes, one.Files = one.Rows+f.Rows, one.Bytes+f.Bytes, one.Files+1
			}
		}
		out.Tables = append(out.Tables, one)
	}
	return out
}

func (s *server) getCorpus(ctx context.Context, in *CorpusIn) (*answer[CorpusSheet], error) {
	m, err := s.corpus(ctx, in.Name)
	if err != nil {
		return nil, err
	}
	from := sourceOfCorpus(&m)
	return of(CorpusSheet{corpusOf(&m), CorpusSource{attribution(from), from.URL, from.PublishedOn, from.RetrievedOn}, callOf(ctx).reportOf(&m.Report)}), nil
}

// reportOf keeps the folders of the importing machine out of a report.
func (c *call) reportOf(r *corpus.Report) CorpusReport {
	out := CorpusReport{Faults: map[string]CorpusFault{}, Unknown: map[string]int64{}, Resolved: r.Resolved, Open: r.Open}
	maps.Copy(out.Unknown, r.Unknown)
	for kind, f := range r.Faults {
		one := CorpusFault{Count: f.Count, Kept: f.Kept}
		if c.seesPrivate() {
			for _, sample := range f.Samples {
				sample.File = filepath.Base(strings.ReplaceAll(sample.File, `\`, "/"))
				one.Samples = append(one.Samples, sample)
			}
		}
		out.Faults[kind] = one
	}
	return out
}

func (s *server) corpusFields(ctx context.Context, in *FieldsIn) (part[CorpusField], error) {
	m, err := s.corpus(ctx, in.Name)
	if err != nil {
		return part[CorpusField]{}, err
	}
	list, err := s.Rankings.Fields(ctx, in.Name)
	if err != nil {
		return part[CorpusField]{}, err
	}
	from := sourceOfCorpus(&m)
	all := make([]CorpusField, len(list))
	for i, f := range list {
		all[i] = CorpusField{f, from.ID}
	}
	out, err := cutPage(all, &in.Paging, func(f *CorpusField) string { return whole(f.ID) })
	out.sources = []source.Source{from}
	return out, err
}

func fieldTable() table[CorpusField] {
	type v = CorpusField
	return table[v]{name: "fields", source: func(x *v) string { return x.SourceID }, columns: []column[v]{
		{"field", func(x *v) any { return x.ID }}, {"title_zh", func(x *v) any { return x.Title.ZH }}, {"title_en", func(x *v) any { return x.Title.EN }},
	}}
}

func corpusTable() table[Corpus] {
	type v = Corpus
	rows := func(name string) column[v] {
		return column[v]{name + "_rows", func(x *v) any {
			i := slices.IndexFunc(x.Tables, func(t CorpusTable) bool { return t.Name == name })
			return x.Tables[i].Rows
		}}
	}
	return table[v]{name: "corpora", source: func(x *v) string { return x.SourceID }, columns: []column[v]{
		{"name", func(x *v) any { return x.Name }}, {"title_zh", func(x *v) any { return x.Title.ZH }}, {"title_en", func(x *v) any { return x.Title.EN }},
		{"kind", func(x *v) any { return string(x.Kind) }}, {"from", func(x *v) any { return year(x.From) }}, {"to", func(x *v) any { return year(x.To) }},
		rows("work"), rows("institution"), rows("patent"), rows("point"), {"read", func(x *v) any { return x.Read }}, {"kept", func(x *v) any { return x.Kept }},
		{"created_at", func(x *v) any { return x.CreatedAt.UTC().Format(time.RFC3339) }},
	}}
}
