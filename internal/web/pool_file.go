package web

import (
	"errors"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/sheet"
)

// The tables that a bank sends.
const (
	fileLoans    = "loans"
	fileProgress = "progress"
)

// whatFile is which table an address or a form means.
func whatFile(s string) string {
	if s == fileProgress {
		return fileProgress
	}
	return fileLoans
}

// fileSteps are those of a filing; n is where the reader is.
func (v *poolReading) fileSteps(n int) []Step {
	out := v.steps(n)
	return slices.Delete(out, 1, 2) // a bank's table has its headings: nothing is mapped
}

func (s *Site) poolFileForm(w http.ResponseWriter, r *http.Request) error {
	v, err := s.poolNamed(r)
	if err != nil {
		return err
	}
	return v.fileForm(w, r, http.StatusOK, r.URL.Query(), nil)
}

// fileForm asks for the file, and whose it is.
func (v *poolReading) fileForm(w http.ResponseWriter, r *http.Request, status int, values url.Values, fault error) error {
	what := whatFile(values.Get("what"))
	at := poolPath(v.pool.ID) + "/file"
	p := ImportPage{Steps: v.fileSteps(0), FormPage: FormPage{Page: v.page(r, v.say("pools.file_"+what)), Lead: v.say("pools.file_" + what + "_lead"), Action: at, Upload: true, Button: v.say("pools.try_file"), Back: Link{v.say("reg.cancel"), v.loansLink()}}}
	p.Templates = []Link{{v.say("pools.template_loans"), "/pool-templates/loans.xlsx"}, {v.say("pools.template_progress"), "/pool-templates/progress.xlsx"}}
	kind := Field{Name: "what", Label: v.say("pools.form.what"), Kind: "radio"}
	for _, x := range []string{fileLoans, fileProgress} {
		kind.Options = append(kind.Options, Option{Value: x, Label: v.say("pools.file_" + x), Selected: x == what})
	}
	bank := v.memberField("bank", rules.Bank, values.Get("bank"))
	bank.Options[0].Label = v.say("reg.choose")
	src := v.sourceField(values.Get("source_id"))
	p.Fields = []Field{kind, bank, {Name: "file", Label: v.say("reg.import.file"), Kind: "file", Hint: v.say("pools.form.file_hint", errs.A{"limit": limitText(maxUpload)})},
		{Name: "day", Label: v.say("pools.form.day"), Kind: "date", Value: values.Get("day"), Optional: true, Hint: v.say("pools.form.day_hint")}, src}
	if fault != nil {
		p.Faults = faulty(v.l, p.Fields, listOf(fault))
	}
	return v.s.RenderStatus(w, r, status, "import", p)
}

// poolReceive keeps the file and leads on to its trial.
func (s *Site) poolReceive(w http.ResponseWriter, r *http.Request) error {
	v, err := s.poolNamed(r)
	if err != nil {
		return err
	}
	if err := r.ParseMultipartForm(1 << 20); err != nil {
		return badForm(err)
	}
	defer r.MultipartForm.RemoveAll() //nolint:errcheck // temporary files
	u, err := v.receive(r)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return err
	}
	switch errs.KindOf(err) {
	case "":
		http.Redirect(w, r, poolPath(v.pool.ID)+"/file/"+u.token, http.StatusSeeOther)
		return nil
	case errs.Invalid, errs.TooLarge, errs.NotFound:
		return v.fileForm(w, r, statusOf[errs.Invalid], r.PostForm, err)
	}
	return err
}

// receive keeps a file that can be read as a table.
func (v *poolReading) receive(r *http.Request) (*upload, error) {
	file, head, err := r.FormFile("file")
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "reg.import.no_file").At("file")
	}
	defer file.Close()
	bank, src, on := r.PostFormValue("bank"), r.PostFormValue("source_id"), trim(r.PostForm, "day")
	switch {
	case v.members[bank].Party != rules.Bank:
		return nil, errs.New(errs.Invalid, "pools.form.no_bank").At("bank")
	case v.sources[src].ID == "":
		return nil, errs.New(errs.Invalid, "reg.import.no_source").At("source_id")
	case on != "" && !isDay(on):
		return nil, errs.New(errs.Invalid, "pools.form.bad_day", errs.A{"text": clipped(on)}).At("day")
	}
	u, err := v.s.uploads.put(v.user.ID, filepath.Base(head.Filename), file)
	if err != nil {
		return nil, err
	}
	u.target, u.source, u.filing = whatFile(r.PostFormValue("what")), src, filing{pool: v.pool.ID, bank: bank, day: on}
	if _, err := u.table(); err != nil {
		v.s.uploads.done(u)
		return nil, errs.Of(err).At("file")
	}
	return u, nil
}

// filing is what an upload for a pool carries along.
type filing struct{ pool, bank, day string }

// table reads the upload anew.
func (u *upload) table() (*pool.Table, error) {
	f, err := os.Open(u.path())
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return pool.ReadTable(u.name, f)
}

// upload is a file that the reader has sent for this pool.
func (v *poolReading) upload(r *http.Request) (*upload, error) {
	u, err := v.s.uploads.get(v.user.ID, r.PathValue("token"))
	if err == nil && u.filing.pool != v.pool.ID {
		err = errs.New(errs.NotFound, "reg.import.gone")
	}
	return u, err
}

// run files the upload, or tries it.
func (v *poolReading) run(u *upload, by change.Author, dry bool) (pool.Report, *pool.Table, error) {
	t, err := u.table()
	if err != nil {
		return pool.Report{}, nil, err
	}
	f := pool.Filing{PoolID: v.pool.ID, BankID: u.filing.bank, SourceID: u.source, Day: u.filing.day, Table: t, DryRun: dry}
	run := v.pools.File
	if u.target == fileProgress {
		run = v.pools.FileProgress
	}
	rep, err := run(v.ctx, by, f)
	return rep, t, err
}

// PoolTrialPage is what a filing would do, row by row.
type PoolTrialPage struct {
	TrialPage
	Rows  *GridTable
	Files []Link
}

func (s *Site) poolTrial(w http.ResponseWriter, r *http.Request) error {
	v, err := s.poolNamed(r)
	if err != nil {
		return err
	}
	u, err := v.upload(r)
	if err != nil {
		return err
	}
	return v.trial(w, r, http.StatusOK, u, nil)
}

func (v *poolReading) trial(w http.ResponseWriter, r *http.Request, status int, u *upload, fault error) error {
	rep, t, err := v.run(u, v.user.Author(""), true)
	switch errs.KindOf(err) {
	case "":
	case errs.Invalid, errs.TooLarge, errs.Conflict, errs.NotFound:
		list := listOf(err)
		for i := range list {
			list[i] = list[i].At("file")
		}
		return v.fileForm(w, r, statusOf[errs.Invalid], url.Values{"what": {u.target}, "bank": {u.filing.bank}, "source_id": {u.source}, "day": {u.filing.day}}, list)
	default:
		return err
	}
	v.unit = unitNamed(v.l, "yuan")
	at := poolPath(v.pool.ID) + "/file/" + u.token
	p := PoolTrialPage{TrialPage: TrialPage{Page: v.page(r, v.say("reg.import.step.trial")), Steps: v.fileSteps(2), Lead: v.say("pools.trial_lead", errs.A{"file": u.name, "bank": v.memberName(u.filing.bank)}),
		Action: at + "/run", Back: Link{v.say("reg.import.another"), poolPath(v.pool.ID) + "/file?what=" + u.target}}}
	p.Crumbs = append(p.Crumbs, Link{v.say("pools.file_" + u.target), poolPath(v.pool.ID) + "/file?what=" + u.target})
	c := rep.Counts
	for _, x := range []struct {
		key string
		n   int64
	}{{"reg.rows_read", c.Read}, {"pools.would_register", c.Created}, {"reg.would_update", c.Updated}, {"reg.rows_unchanged", c.Unchanged}, {"reg.rows_rejected", c.Rejected}} {
		p.Facts = append(p.Facts, v.given(x.key, v.say("reg.n_rows", errs.A{"n": x.n})))
	}
	if u.target == fileLoans {
		p.Facts = append(p.Facts, v.given("pools.would_principal", v.exact(rep.Principal)))
	}
	p.rows(v, &rep, t)
	if c.Rejected > 0 {
		p.Files = []Link{{"XLSX", at + "/rejected?format=xlsx"}, {"CSV", at + "/rejected?format=csv"}}
	}
	if n := c.Created + c.Updated; n > 0 {
		p.Button = v.say("pools.file_now", errs.A{"n": n})
		p.Fields = []Field{reasonField(v.l, r.PostFormValue("reason"))}
	}
	if fault != nil {
		p.Faults = faulty(v.l, p.Fields, listOf(fault))
	}
	return v.s.RenderStatus(w, r, status, "pool_trial", p)
}

// verdictsShown bounds the rows of a trial on a page; the file of rejected rows
// has all of them.
const verdictsShown = 200

// rows sets the verdict of each row, the rejected ones first.
func (p *PoolTrialPage) rows(v *poolReading, rep *pool.Report, t *pool.Table) {
	p.Rows = v.grid("verdicts", "row:n", "first_cell", "verdict", "reason")
	list := slices.Clone(rep.Rows)
	slices.SortStableFunc(list, func(a, b pool.Verdict) int { return verdictRank(&a) - verdictRank(&b) })
	for _, x := range list[:min(len(list), verdictsShown)] {
		first := ""
		if i := x.Row - 2; i >= 0 && i < len(t.Rows) && len(t.Rows[i]) > 0 {
			first = clipped(t.Rows[i][0])
		}
		p.Rows.Rows = append(p.Rows.Rows, []GridCell{{Text: i18n.Integer(int64(x.Row)), Numeric: true}, {Text: first}, v.verdictCell(&x), {Text: v.verdictText(&x)}})
	}
	if len(list) > verdictsShown {
		p.Rows.Notes = []string{v.say("pools.verdicts_more", errs.A{"n": verdictsShown, "of": len(list)})}
	}
	p.Rows.labelled()
}

func verdictRank(x *pool.Verdict) int {
	switch {
	case x.Err != nil:
		return 0
	case len(x.Asks) > 0:
		return 1
	}
	return 2
}

func (v *poolReading) verdictCell(x *pool.Verdict) GridCell {
	c := GridCell{Text: v.poolWord("verdict", string(x.Result)), Tone: "ok", Icon: "check"}
	switch {
	case x.Err != nil:
		c.Tone, c.Icon = "care", "cross"
	case len(x.Asks) > 0:
		c.Tone, c.Icon = "apart", "question"
	}
	return c
}

// verdictText is why a row is rejected, or what a claim for it would ask.
func (v *poolReading) verdictText(x *pool.Verdict) string {
	if x.Err != nil {
		var out []string
		for _, e := range v.worded(listOf(x.Err)) {
			out = append(out, i18n.T(v.l, e.Key, e.Args))
		}
		return strings.Join(out, " ")
	}
	var asks []string
	for _, a := range x.Asks {
		asks = append(asks, v.askWord(a))
	}
	if len(asks) == 0 {
		return ""
	}
	return v.say("pools.would_ask", errs.A{"asks": strings.Join(asks, v.say("cases.comma"))})
}

// poolRejected gives the rejected rows back as they came, each with its reason.
func (s *Site) poolRejected(w http.ResponseWriter, r *http.Request) error {
	v, err := s.poolNamed(r)
	if err != nil {
		return err
	}
	u, err := v.upload(r)
	if err != nil {
		return err
	}
	rep, t, err := v.run(u, v.user.Author(""), true)
	if err != nil {
		return err
	}
	if rep.Counts.Rejected == 0 {
		return errs.New(errs.NotFound, "reg.import.none_rejected")
	}
	format := sheet.XLSX
	if r.URL.Query().Get("format") == string(sheet.CSV) {
		format = sheet.CSV
	}
	w.Header().Set("Content-Type", format.ContentType())
	w.Header().Set("Content-Disposition", `attachment; filename="kapok-rejected.`+string(format)+`"`)
	return t.WriteRejected(w, format, rep, pool.Say(v.l))
}

// poolRun files the same upload for real.
func (s *Site) poolRun(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	v, err := s.poolNamed(r)
	if err != nil {
		return err
	}
	u, err := v.upload(r)
	if err != nil {
		return err
	}
	reason, err := reasonOf(r)
	if err != nil {
		return v.trial(w, r, statusOf[errs.Invalid], u, err)
	}
	rep, _, err := v.run(u, v.user.Author(reason), false)
	if err != nil {
		return err
	}
	s.uploads.done(u)
	to := "/batches/" + rep.BatchID + "?done=imported"
	if u.target == fileLoans {
		to = v.loansLink("batch", rep.BatchID, "done", "filed")
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// poolTemplate is an empty table with the headings that are read.
func (s *Site) poolTemplate(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("file")
	format := sheet.Format(strings.TrimPrefix(path.Ext(name), "."))
	what := strings.TrimSuffix(name, path.Ext(name))
	if format != sheet.CSV && format != sheet.XLSX || what != fileLoans && what != fileProgress {
		return errs.New(errs.NotFound, "errs.not_found", errs.A{"what": clipped(name)})
	}
	w.Header().Set("Content-Type", format.ContentType())
	w.Header().Set("Content-Disposition", `attachment; filename="kapok-`+what+`.`+string(format)+`"`)
	return pool.WriteTemplate(w, format, what == fileProgress)
}
