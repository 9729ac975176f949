package web

import (
	"errors"
	"net/http"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ingest"
	"github.com/kapok-city/kapok/internal/sheet"
	"github.com/kapok-city/kapok/internal/source"
)

func (s *Site) addImports() {
	s.uploads = newUploads(s.svc.DB.Now)
	s.guarded("GET /import", account.Import, s.importForm)
	s.guarded("POST /import", account.Import, s.importFile)
	s.guarded("GET /import-templates/{file}", account.Import, s.importTemplate)
	s.guarded("GET /import/{token}", account.Import, s.mappingForm)
	s.guarded("POST /import/{token}/check", account.Import, s.importTrial)
	s.guarded("GET /import/{token}/rejected", account.Import, s.importRejected)
	s.guarded("POST /import/{token}/run", account.Import, s.importRun)
	s.guarded("GET /batches/{id}/undo", account.UndoImport, s.undoForm)
	s.guarded("POST /batches/{id}/undo", account.UndoImport, s.undo)
}

func (s *Site) importForm(w http.ResponseWriter, r *http.Request) error {
	p, err := s.importPage(r, nil)
	if err != nil {
		return err
	}
	return s.Render(w, r, "import", p)
}

// ImportPage takes a file. Templates are empty tables with the right headings.
type ImportPage struct {
	FormPage
	Steps     []Step
	Templates []Link
}

// Step is one step of a walk over several pages.
type Step struct {
	Label string
	State string // done, now, next
}

// steps are those of an import; n is where the reader is.
func (v *reading) steps(n int) []Step {
	var out []Step
	for i, key := range []string{"file", "mapping", "trial", "run"} {
		st := Step{Label: v.say("reg.import.step." + key), State: "next"}
		if i < n {
			st.State = "done"
		} else if i == n {
			st.State = "now"
		}
		out = append(out, st)
	}
	return out
}

func (s *Site) importPage(r *http.Request, fault error) (ImportPage, error) {
	v, err := s.read(r)
	if err != nil {
		return ImportPage{}, err
	}
	p := ImportPage{Steps: v.steps(0), FormPage: FormPage{Page: s.Page(r, v.say("reg.import")), Lead: v.say("reg.import.lead"), Action: "/import", Upload: true, Button: v.say("reg.import.next")}}
	p.Crumbs = []Link{{v.say("reg.batches"), "/batches"}}
	target := Field{Name: "target", Label: v.say("reg.import.target"), Kind: "select", Hint: v.say("reg.import.target_hint"), Options: []Option{{Value: "", Label: v.say("reg.import.target_auto")}}}
	for _, t := range ingest.Targets() {
		target.Options = append(target.Options, Option{Value: t.Name, Label: t.Label.In(v.l), Selected: r.PostFormValue("target") == t.Name})
		p.Templates = append(p.Templates, Link{t.Label.In(v.l), "/import-templates/" + t.Name + ".xlsx"})
	}
	p.Fields = []Field{{Name: "file", Label: v.say("reg.import.file"), Kind: "file", Hint: v.say("reg.import.file_hint", errs.A{"limit": limitText(maxUpload)})}, target, v.sourceField(r.PostFormValue("source_id"))}
	if fault != nil {
		p.Faults = faulty(v.l, p.Fields, listOf(fault))
	}
	return p, nil
}

func (s *Site) importTemplate(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("file")
	format := sheet.Format(strings.TrimPrefix(path.Ext(name), "."))
	if format != sheet.CSV && format != sheet.XLSX {
		return errs.New(errs.NotFound, "errs.not_found", errs.A{"what": name})
	}
	w.Header().Set("Content-Type", format.ContentType())
	w.Header().Set("Content-Disposition", `attachment; filename="kapok-template"`)
	return ingest.WriteTemplate(w, format, strings.TrimSuffix(name, path.Ext(name)), PrefsOf(r.Context()).Lang)
}

// importFile keeps the file and leads on to its mapping.
func (s *Site) importFile(w http.ResponseWriter, r *http.Request) error {
	u, err := s.receive(r)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return err
	}
	switch errs.KindOf(err) {
	case "":
		http.Redirect(w, r, "/import/"+u.token, http.StatusSeeOther)
		return nil
	case errs.Invalid, errs.TooLarge, errs.NotFound:
		p, failed := s.importPage(r, err)
		if failed != nil {
			return failed
		}
		return s.RenderStatus(w, r, statusOf[errs.Invalid], "import", p)
	}
	return err
}

// receive reads the form, keeps its file and looks into it.
func (s *Site) receive(r *http.Request) (*upload, error) {
	if err := r.ParseMultipartForm(1 << 20); err != nil {
		return nil, badForm(err)
	}
	defer r.MultipartForm.RemoveAll() //nolint:errcheck // temporary files
	file, head, err := r.FormFile("file")
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "reg.import.no_file").At("file")
	}
	defer file.Close()
	if r.PostFormValue("source_id") == "" {
		return nil, errs.New(errs.Invalid, "reg.import.no_source").At("source_id")
	}
	u, err := s.uploads.put(userOf(r.Context()).ID, filepath.Base(head.Filename), file)
	if err != nil {
		return nil, err
	}
	u.target, u.source = r.PostFormValue("target"), r.PostFormValue("source_id")
	look, err := s.svc.Import.Inspect(r.Context(), ingest.Request{Path: u.path(), Name: u.name}, u.target)
	if err != nil {
		s.uploads.done(u)
		return nil, errs.Of(err).At("file")
	}
	u.heads, u.sample, u.mapping = look.Heads, look.Sample, look.Proposal.Mapping
	return u, nil
}

// MappingPage asks which column holds what.
type MappingPage struct {
	Page
	Steps   []Step
	Lead    string
	Faults  []FieldError
	Action  string
	Fields  []Field
	Heads   []string
	Sample  [][]string
	Button  string
	Another Link // the file was the wrong one
}

func (s *Site) mappingForm(w http.ResponseWriter, r *http.Request) error {
	return s.mappingPage(w, r, http.StatusOK, nil)
}

func (s *Site) mappingPage(w http.ResponseWriter, r *http.Request, status int, fault error) error {
	u, err := s.uploads.get(userOf(r.Context()).ID, r.PathValue("token"))
	if err != nil {
		return err
	}
	l := PrefsOf(r.Context()).Lang
	v := &reading{s: s, l: l}
	p := MappingPage{Page: s.Page(r, v.say("reg.import.step.mapping")), Steps: v.steps(1), Action: "/import/" + u.token + "/check", Heads: u.heads, Button: v.say("reg.import.try"),
		Another: Link{v.say("reg.import.another"), "/import"}}
	p.Path = "/import/" + u.token
	p.Crumbs = []Link{{v.say("reg.batches"), "/batches"}, {v.say("reg.import"), "/import"}}
	p.Sample = u.sample[:min(len(u.sample), 5)]
	for _, t := range ingest.Targets() {
		if t.Name != u.mapping.Target {
			continue
		}
		p.Lead = v.say("reg.import.mapping_lead", errs.A{"file": u.name, "target": t.Label})
		for _, f := range t.Fields {
			p.Fields = append(p.Fields, mappingField(v, u, f))
		}
	}
	if fault != nil {
		p.Faults = faulty(l, p.Fields, prefixed(listOf(fault)))
	}
	return s.RenderStatus(w, r, status, "mapping", p)
}

// prefixed makes errors of a mapping point to the form's fields.
func prefixed(list errs.List) errs.List {
	out := make(errs.List, len(list))
	for i, e := range list {
		out[i] = e.At("map-" + fieldName(e.Field))
	}
	return out
}

func mappingField(v *reading, u *upload, f ingest.Field) Field {
	out := Field{Name: "map-" + f.Name, Label: f.Label.In(v.l), Kind: "select", Optional: !f.Required, Options: []Option{{Value: "", Label: v.say("reg.import.no_column")}}}
	if f.Example != "" {
		out.Hint = v.say("reg.import.example", errs.A{"example": f.Example})
	}
	for i, h := range u.heads {
		shown := h
		if sample := column(u.sample, i); sample != "" {
			shown = v.say("reg.import.column", errs.A{"head": h, "sample": sample})
		}
		out.Options = append(out.Options, Option{Value: h, Label: shown, Selected: u.mapping.Columns[f.Name] == h})
	}
	return out
}

// column is the first value in a column, cut short.
func column(rows [][]string, i int) string {
	for _, row := range rows {
		if i < len(row) && strings.TrimSpace(row[i]) != "" {
			if runes := []rune(row[i]); len(runes) > 16 {
				return string(runes[:16]) + "…"
			}
			return row[i]
		}
	}
	return ""
}

// TrialPage is the report of a dry run.
type TrialPage struct {
	Page
	Steps    []Step
	Lead     string
	Faults   []FieldError
	Facts    []Fact
	Head     TableHead
	Rejected []RejectedRow
	File     string // address of the rejected rows
	Notes    []string
	Action   string
	Fields   []Field
	Button   string // "" when there is nothing to import
	Back     Link
}

// RejectedRow is one row that would not be imported.
type RejectedRow struct{ Row, Column, Reason string }

// importTrial reads the mapping and runs the import without keeping anything.
func (s *Site) importTrial(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	u, err := s.uploads.get(userOf(r.Context()).ID, r.PathValue("token"))
	if err != nil {
		return err
	}
	u.mapping.Columns = map[string]string{}
	for name := range r.PostForm {
		if field, ok := strings.CutPrefix(name, "map-"); ok && r.PostForm.Get(name) != "" {
			u.mapping.Columns[field] = r.PostForm.Get(name)
		}
	}
	return s.trialPage(w, r, http.StatusOK, u, nil)
}

func (u *upload) request(by change.Author, dry bool) ingest.Request {
	m := u.mapping
	m.ID, m.Name = "", ""
	return ingest.Request{Importer: "table", Path: u.path(), Name: u.name, SourceID: u.source, Mapping: &m, DryRun: dry, By: by,
		RejectedPath: filepath.Join(u.dir, "rejected"+filepath.Ext(u.name))}
}

func (s *Site) trialPage(w http.ResponseWriter, r *http.Request, status int, u *upload, fault error) error {
	v, err := s.read(r)
	if err != nil {
		return err
	}
	rep, err := s.svc.Import.Run(v.ctx, u.request(v.user.Author(""), true))
	switch errs.KindOf(err) {
	case "":
	case errs.Invalid, errs.TooLarge, errs.Conflict:
		return s.mappingPage(w, r, statusOf[errs.Invalid], err)
	default:
		return err
	}
	u.rejected = rep.File
	p := TrialPage{Page: s.Page(r, v.say("reg.import.step.trial")), Steps: v.steps(2), Lead: v.say("reg.import.trial_lead", errs.A{"file": u.name}), Action: "/import/" + u.token + "/run",
		Back: Link{v.say("reg.import.back_to_mapping"), "/import/" + u.token}}
	p.Path = "/import/" + u.token
	p.Crumbs = []Link{{v.say("reg.batches"), "/batches"}, {v.say("reg.import"), "/import"}}
	p.Facts = v.trialFacts(rep)
	if len(rep.Unmapped) > 0 {
		p.Notes = append(p.Notes, v.say("reg.import.unmapped", errs.A{"columns": strings.Join(rep.Unmapped, "、")}))
	}
	if rep.Earlier != nil {
		p.Notes = append(p.Notes, v.say("reg.import.earlier", errs.A{"day": day(rep.Earlier.FinishedAt.Time)}))
	}
	p.Head = TableHead{Caption: v.say("reg.import.rejected"), Hidden: true, Columns: []Column{{Label: v.say("reg.import.row"), Numeric: true}, {Label: v.say("reg.import.col")}, {Label: v.say("reg.import.reason")}}}
	for _, x := range rep.Rejected {
		p.Rejected = append(p.Rejected, RejectedRow{strconv.FormatInt(x.Row, 10), x.Column, i18n.Text{ZH: x.Text.ZH, EN: x.Text.EN}.In(v.l)})
	}
	if rep.File != "" {
		p.File = "/import/" + u.token + "/rejected"
	}
	if n := rep.Counts.Created + rep.Counts.Updated; n > 0 {
		p.Button = v.say("reg.import.run", errs.A{"n": n})
		p.Fields = []Field{reasonField(v.l, r.PostFormValue("reason"))}
	}
	if fault != nil {
		p.Faults = faulty(v.l, p.Fields, listOf(fault))
	}
	return s.RenderStatus(w, r, status, "trial", p)
}

func (v *reading) trialFacts(rep ingest.Report) []Fact {
	var facts []Fact
	c := rep.Counts
	for _, x := range []struct {
		key string
		n   int64
	}{{"reg.rows_read", c.Read}, {"reg.would_create", c.Created}, {"reg.would_update", c.Updated}, {"reg.rows_unchanged", c.Unchanged}, {"reg.rows_rejected", c.Rejected}} {
		facts = append(facts, v.fact(x.key, v.say("reg.n_rows", errs.A{"n": x.n}), nil))
	}
	return facts
}

func (s *Site) importRejected(w http.ResponseWriter, r *http.Request) error {
	u, err := s.uploads.get(userOf(r.Context()).ID, r.PathValue("token"))
	if err != nil {
		return err
	}
	if u.rejected == "" {
		return errs.New(errs.NotFound, "reg.import.none_rejected")
	}
	w.Header().Set("Content-Disposition", `attachment; filename="kapok-rejected`+filepath.Ext(u.rejected)+`"`)
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeFile(w, r, u.rejected)
	return nil
}

func (s *Site) importRun(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	u, err := s.uploads.get(userOf(r.Context()).ID, r.PathValue("token"))
	if err != nil {
		return err
	}
	reason, err := reasonOf(r)
	if err != nil {
		return s.trialPage(w, r, statusOf[errs.Invalid], u, err)
	}
	rep, err := s.svc.Import.Run(r.Context(), u.request(userOf(r.Context()).Author(reason), false))
	if err != nil {
		return err
	}
	s.uploads.done(u)
	to := "/batches?done=unchanged"
	if rep.Batch.ID != "" {
		to = "/batches/" + rep.Batch.ID + "?done=imported"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// undoForm tells what undoing a batch will do, and asks why.
func (s *Site) undoForm(w http.ResponseWriter, r *http.Request) error {
	return s.undoPage(w, r, http.StatusOK, nil)
}

func (s *Site) undoPage(w http.ResponseWriter, r *http.Request, status int, fault error) error {
	v, err := s.read(r)
	if err != nil {
		return err
	}
	b, err := source.GetBatch(v.ctx, s.svc.DB, r.PathValue("id"))
	if err != nil {
		return err
	}
	at := "/batches/" + b.ID
	p := FormPage{Page: s.Page(r, v.say("reg.undo_batch")), Lead: v.say("reg.undo_batch.lead"), Action: at + "/undo", Button: v.say("reg.undo_batch"), Back: Link{v.say("reg.cancel"), at}}
	p.Crumbs = []Link{{v.say("reg.batches"), "/batches"}, {b.FileName, at}}
	p.Answers = []Answer{{v.say("reg.file"), b.FileName, ""}, {v.say("reg.undo_batch.created"), v.say("reg.n_rows", errs.A{"n": b.Counts.Created}), ""},
		{v.say("reg.undo_batch.updated"), v.say("reg.n_rows", errs.A{"n": b.Counts.Updated}), ""}}
	p.Warning = v.say("reg.undo_batch.warning")
	p.Fields = []Field{reasonField(v.l, r.PostFormValue("reason"))}
	if fault != nil {
		p.Faults = faulty(v.l, p.Fields, listOf(fault))
	}
	return s.RenderStatus(w, r, status, "form", p)
}

func (s *Site) undo(w http.ResponseWriter, r *http.Request) error {
	return s.withReason(w, r, s.undoPage, func(by change.Author) (string, error) {
		id := r.PathValue("id")
		return "/batches/" + id + "?done=undone", s.svc.Import.Undo(r.Context(), id, by)
	})
}
