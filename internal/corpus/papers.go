package corpus

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/source"
)

// ImportRegistry makes a corpus of the papers of this Kapok. The registry knows
// the affiliations of a paper and not its authors, so each affiliation stands
// for one author with that affiliation alone; it knows no citations. The
// manifest says so.
func ImportRegistry(ctx context.Context, im Import) (Manifest, error) {
	if err := CheckName(im.Name); err != nil {
		return Manifest{}, err
	}
	if im.Organisations == nil {
		return Manifest{}, errors.New("a corpus of the registry needs the registry")
	}
	r, err := im.begin(ctx)
	if err != nil {
		return Manifest{}, err
	}
	m, err := r.registryPapers(ctx)
	return m, errors.Join(err, r.end(err == nil))
}

func (r *run) registryPapers(ctx context.Context) (Manifest, error) {
	if err := r.open(ctx, found{}); err != nil {
		return Manifest{}, err
	}
	papers, err := r.allPapers(ctx)
	if err != nil {
		return Manifest{}, err
	}
	if len(papers) == 0 {
		return Manifest{}, errs.New(errs.Invalid, "corpus.no_papers")
	}
	p, err := r.stagePapers(papers)
	if err != nil {
		return Manifest{}, err
	}
	r.report = newNotes("")
	r.report.join(&p.Notes, 0)
	insts, err := gather(ctx, r.org, p.Places, nil)
	if err != nil {
		return Manifest{}, err
	}
	s := &stager{dir: r.stage}
	out, err := r.write(ctx, s, []*part{p}, nil, insts)
	if err != nil {
		return Manifest{}, err
	}
	if err := r.small(ctx, &out, insts, nil, nil); err != nil {
		return Manifest{}, err
	}
	return r.publish(ctx, Manifest{Kind: Registry, Source: r.paperSource(), Parameters: map[string]string{
		"authorship": "by affiliation: each affiliation of a paper stands for one author",
		"authors":    "number of affiliations",
		"type":       "every paper counts as an article",
		"field":      "from the class of the Chinese Library Classification, where a paper has one",
		"citations":  "unknown",
	}}, out, nil)
}

func (r *run) paperSource() source.Source {
	if r.Source.ID != "" {
		return r.Source
	}
	return source.Source{ID: "registry", Kind: "registry", Title: i18n.Text{ZH: "本系统登记的论文", EN: "Papers of this registry"}, LicenceTag: source.Own}
}

// registryPaper is what a corpus needs of a paper.
type registryPaper struct {
	id, title, doi, lang, clc string
	year                      int
	affiliations              [][]int64 // institution numbers
	texts                     []bool    // whether the affiliation has words
}

func (r *run) allPapers(ctx context.Context) ([]registryPaper, error) {
	var out []registryPaper
	f := registry.PaperFilter{Page: registry.Page{Limit: 500}}
	for {
		list, err := r.Organisations.Service.Papers(ctx, f)
		if err != nil {
			return nil, err
		}
		for i := range list.Items {
			out = append(out, r.paper(&list.Items[i]))
		}
		if r.Progress != nil {
			r.Progress(Progress{Phase: "read", Records: int64(len(out))})
		}
		if f.After = list.Next; f.After == "" {
			break
		}
	}
	slices.SortFunc(out, func(a, b registryPaper) int { return cmp.Compare(a.id, b.id) })
	return out, nil
}

func (r *run) paper(p *registry.Paper) registryPaper {
	out := registryPaper{id: p.ID, title: p.Title, doi: p.DOI, lang: p.Lang, clc: p.CLC, year: p.Year}
	for _, a := range p.Affiliations {
		var ids []int64
		for _, o := range a.Orgs {
			id := o.OrgID
			if o.Org != nil {
				id = o.Org.ID
			}
			if at, known := r.org.byID[id]; known && !slices.Contains(ids, r.org.orgs[at].number) {
				ids = append(ids, r.org.orgs[at].number)
			}
		}
		out.affiliations = append(out.affiliations, r.org.leastParts(ids))
		out.texts = append(out.texts, strings.TrimSpace(a.Raw) != "")
	}
	return out
}

// stagePapers numbers the papers -1, -2, … in the order of their ids.
func (r *run) stagePapers(papers []registryPaper) (*part, error) {
	n := newNotes("registry")
	about := &part{Last: true, Places: placeBook{}}
	var b partBuilder
	var w work
	for i := range papers {
		p := &papers[i]
		n.line, n.Read = int64(i+1), n.Read+1
		if p.year == 0 {
			n.add(faultNoYear, p.id)
			continue
		}
		w.reset()
		w.id, w.year = -int64(i+1), p.year
		w.title, w.doi, w.record, w.language, w.kind = []byte(p.title), []byte(p.doi), []byte(p.id), []byte(p.lang), []byte("article")
		w.field = fieldOfCLC(p.clc)
		w.authors = int64(len(p.affiliations))
		if w.authors == 0 {
			n.add(faultNoAuthors, p.id)
		}
		w.rows = paperRows(w.rows, p, about)
		b.add(&w, n.line)
	}
	about.Notes, about.Lines = *n, n.line
	path := filepath.Join(r.stage, "registry-000000.part")
	if err := b.write(path, about); err != nil {
		return nil, err
	}
	if r.DryRun {
		if _, err := os.Stat(path); err != nil {
			return nil, err
		}
	}
	return readPart(path)
}

func paperRows(rows []authorRow, p *registryPaper, about *part) []authorRow {
	for i, ids := range p.affiliations {
		row := authorRow{seq: int64(i + 1), affiliation: 1, parts: 1, shared: int64(max(1, len(ids)))}
		if len(ids) == 0 {
			if p.texts[i] {
				row.how = open
			}
			rows = append(rows, row)
			continue
		}
		row.how = resolved
		for _, id := range ids {
			row.institution = id
			about.Places[id] = stagedPlace{}
			rows = append(rows, row)
			row.how = given
		}
	}
	return rows
}

// clcFields gives classes of the Chinese Library Classification (中国图书馆分类法,
// 5th edition) the field of OpenAlex that covers most of them. The longest class
// that fits counts; one that no field covers has none.
var clcFields = map[string]int64{
	"B84": 32, "B": 12, "C8": 33, "C": 33, "D": 33, "E": 33, "F": 20, "F2": 14, "G": 33, "H": 12, "I": 12, "J": 12, "K": 12,
	"N94": 17, "O1": 26, "O2": 26, "O3": 22, "O4": 31, "O5": 31, "O6": 16, "O7": 25, "P1": 31, "P": 19, "Q": 13, "Q1": 11, "Q14": 23, "Q4": 28, "Q93": 24, "Q94": 11, "Q95": 11, "Q96": 11, "Q98": 33,
	"R": 27, "R392": 24, "R47": 29, "R74": 28, "R78": 35, "R9": 30, "S": 11, "S81": 11, "S85": 34, "TB3": 25, "TD": 22, "TE": 21, "TF": 25, "TG": 25, "TH": 22, "TJ": 22, "TK": 21, "TL": 21, "TM": 22, "TN": 22,
	"TP": 17, "TQ": 15, "TS": 15, "TU": 22, "TV": 22, "T": 22, "U": 22, "V": 22, "X": 23,
}

func fieldOfCLC(class string) int64 {
	class = strings.ToUpper(strings.TrimSpace(class))
	for n := min(len(class), 4); n > 0; n-- {
		if f, ok := clcFields[class[:n]]; ok {
			return f
		}
	}
	return 0
}
