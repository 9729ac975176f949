package web

import (
	"archive/zip"
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory/release"
)

// The files of a release that pages lead to.
const (
	releaseIndex   = "index.html"
	releaseIndexEN = "en.html"
)

// ReleasesPage lists the releases.
type ReleasesPage struct {
	Page
	Rows    []ReleaseRow
	Empty   State
	Compare FilterBar
}

// ReleaseRow is one release in the list.
type ReleaseRow struct {
	Href, Name, Title, Day, State, Tone, Icon, Figures, Values, Size, Built string
	Simulated                                                               bool
}

// ReleasePage is one release: its state, its files, and how to check it.
type ReleasePage struct {
	Page
	Name      string
	State     string
	Tone      string
	Icon      string
	Steps     []Event
	Facts     []Fact
	Marked    bool
	Report    Link
	ReportEN  Link
	Zip       Link
	Catalogue Link
	Acts      []ReleaseAct
	Waits     string // who has to act next, where nobody here can
	Fault     string
	Manifest  string // hash that an approval is about
	Commands  []string
	Key       string
	Files     []ReleaseFile
	Left      []string // what was left out, or could not be computed
	Compare   FilterBar
}

// ReleaseAct is a button: its address, its word, and what it does.
type ReleaseAct struct{ Action, Button, Text string }

// ReleaseFile is one file with its hash.
type ReleaseFile struct{ Path, Href, Role, Rows, Size, Hash string }

func (s *Site) addReleases() {
	s.Route("GET /releases", s.releases)
	s.Route("GET /releases/diff", s.releaseDiff)
	s.Route("GET /releases/{name}", s.release)
	s.Route("GET /releases/{name}/report/{path...}", s.releaseFile)
	s.guarded("POST /releases/{name}/approve", account.Release, s.decide((*release.Service).Approve))
	s.guarded("POST /releases/{name}/publish", account.Release, s.decide((*release.Service).Publish))
}

// maySee reports whether the reader may see a release: drafts are for staff.
func (v *reading) maySee(r *release.Release) bool {
	return r.State == release.Published || v.can(account.Release)
}

// releaseOf returns the release of an address if the reader may see it.
func (s *Site) releaseOf(v *reading, name string) (release.Release, error) {
	x, err := s.svc.Releases.Get(v.ctx, name)
	if err == nil && !v.maySee(&x) {
		err = errs.New(errs.NotFound, "errs.not_found", errs.A{"what": cut(name, 80)})
	}
	return x, err
}

func (s *Site) releases(w http.ResponseWriter, r *http.Request) error {
	v, err := s.read(r)
	if err != nil {
		return err
	}
	all, err := s.svc.Releases.List(v.ctx)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(x release.Release) bool { return !v.maySee(&x) })
	p := ReleasesPage{Page: s.Page(r, v.say("web.room.releases"))}
	p.Crumbs = []Link{{v.say("web.room.overview"), "/"}}
	for i := range all {
		x := &all[i]
		row := ReleaseRow{Href: "/releases/" + x.Name, Name: x.Name, Title: x.Title.In(v.l), Day: x.Day, Figures: i18n.Integer(x.Figures), Values: i18n.Integer(x.Values), Size: sizeText(x.Bytes), Built: day(x.BuiltAt.Time), Simulated: x.Simulated}
		row.State, row.Tone, row.Icon = releaseState(v, x.State)
		p.Rows = append(p.Rows, row)
	}
	p.Compare = releaseCompare(v, all, "", "")
	if len(all) == 0 {
		p.Empty = State{Kind: "empty", Heading: v.say("web.release.none"), Text: v.say("web.release.none_text"), Action: Link{v.say("web.room.figures"), "/figures"}}
	}
	return s.Render(w, r, "releases", p)
}

func releaseState(v *reading, state release.State) (word, tone, icon string) {
	switch state {
	case release.Published:
		return v.say("web.release.state.published"), "ok", "check"
	case release.Approved:
		return v.say("web.release.state.approved"), "care", "clock"
	}
	return v.say("web.release.state.draft"), "", "file"
}

func sizeText(n int64) string {
	switch {
	case n >= 1<<20:
		return i18n.Decimal(float64(n)/(1<<20), 1) + " MB"
	case n >= 1<<10:
		return i18n.Decimal(float64(n)/(1<<10), 0) + " kB"
	}
	return i18n.Integer(n) + " B"
}

func releaseCompare(v *reading, all []release.Release, a, b string) FilterBar {
	if len(all) < 2 {
		return FilterBar{}
	}
	if b == "" {
		b = all[0].Name
	}
	if a == "" {
		i := slices.IndexFunc(all, func(x release.Release) bool { return x.Name != b })
		a = all[max(i, 0)].Name
	}
	f := FilterBar{Action: "/releases/diff", Reset: "/releases"}
	for _, x := range [][2]string{{"a", a}, {"b", b}} {
		field := Field{Name: x[0], Label: v.say("web.edition.compare." + x[0]), Kind: "select"}
		for i := range all {
			field.Options = append(field.Options, Option{Value: all[i].Name, Label: all[i].Name, Selected: all[i].Name == x[1]})
		}
		f.Fields = append(f.Fields, field)
	}
	return f
}

func (s *Site) release(w http.ResponseWriter, r *http.Request) error {
	v, err := s.read(r)
	if err != nil {
		return err
	}
	name, zipped := strings.CutSuffix(r.PathValue("name"), ".zip")
	x, err := s.releaseOf(v, name)
	if err != nil && zipped { // a name may itself end so
		x, err = s.releaseOf(v, r.PathValue("name"))
		zipped = false
	}
	if err != nil {
		return err
	}
	if zipped {
		return s.releaseZip(w, r, x.Name)
	}
	return s.releasePage(w, r, v, &x, http.StatusOK, "")
}

func (s *Site) releasePage(w http.ResponseWriter, r *http.Request, v *reading, x *release.Release, status int, fault string) error {
	m, err := s.svc.Releases.Files(v.ctx, x.Name)
	if err != nil {
		return err
	}
	base := "/releases/" + x.Name
	p := ReleasePage{Page: s.Page(r, x.Title.In(v.l)), Name: x.Name, Marked: x.Simulated, Fault: fault, Manifest: x.ManifestSHA256, Key: x.PublicKey}
	p.Path = base
	p.Crumbs = []Link{{v.say("web.room.overview"), "/"}, {v.say("web.room.releases"), "/releases"}}
	p.Flash = v.done(p.query)
	p.State, p.Tone, p.Icon = releaseState(v, x.State)
	index := releaseIndex
	if v.l == i18n.EN {
		index = releaseIndexEN
	}
	p.Report, p.Zip = Link{v.say("web.release.report"), base + "/report/" + index}, Link{v.say("web.release.zip"), base + ".zip"}
	p.Commands = []string{"unzip " + x.Name + ".zip", "kapok release verify --key " + x.PublicKey + " " + x.Name, "cd " + x.Name + " && sha256sum --check SHA256SUMS"}
	p.Steps, p.Facts = v.releaseSteps(x), releaseFacts(v, x, &m)
	p.Acts, p.Waits = releaseActs(v, x)
	for _, f := range m.Files {
		p.Files = append(p.Files, releaseFileRow(v, base, &f))
		if f.Role == release.RoleCatalogue {
			p.Catalogue = Link{v.say("web.release.dcat"), base + "/report/" + f.Path}
		}
	}
	p.Left = releaseLeft(v, &m)
	all, err := s.svc.Releases.List(v.ctx)
	if err != nil {
		return err
	}
	p.Compare = releaseCompare(v, slices.DeleteFunc(all, func(o release.Release) bool { return !v.maySee(&o) }), "", x.Name)
	return s.RenderStatus(w, r, status, "release", p)
}

// releaseSteps are the way of a release: built, approved, published.
func (v *reading) releaseSteps(x *release.Release) []Event {
	out := []Event{{Day: day(x.BuiltAt.Time), Title: v.say("web.release.step.built"), Who: v.actor(x.BuiltBy), State: "done"}}
	for _, a := range x.Approvals {
		out = append(out, Event{Day: day(a.At.Time), Title: v.say("web.release.step.approved"), Text: a.Note, Who: v.actor(a.Actor), State: "done"})
	}
	if len(x.Approvals) == 0 {
		out = append(out, Event{Title: v.say("web.release.step.approve"), State: "next"})
	}
	if x.State == release.Published {
		return append(out, Event{Day: day(x.PublishedAt.Time), Title: v.say("web.release.step.published"), Who: v.actor(x.PublishedBy), State: "done"})
	}
	return append(out, Event{Title: v.say("web.release.step.publish"), State: "next"})
}

func releaseFacts(v *reading, x *release.Release, m *release.Manifest) []Fact {
	return []Fact{
		v.plainFact("web.release.name", x.Name), v.plainFact("web.release.day", i18n.Day(v.l, x.Day)), v.plainFact("web.figure.seq", i18n.Integer(x.ChangeSeq)),
		v.plainFact("web.release.counts", v.say("web.release.counts_are", errs.A{"figures": x.Figures, "values": x.Values, "records": m.Counts.Records, "reported": m.Counts.Reported, "sources": m.Counts.Sources})),
		v.plainFact("web.release.files", v.say("web.release.files_are", errs.A{"n": x.Files, "size": sizeText(x.Bytes)})),
		v.plainFact("web.release.content", x.Content), v.plainFact("web.release.manifest", x.ManifestSHA256),
		{Label: v.say("web.release.key"), Values: []FactValue{{Text: release.Fingerprint(x.PublicKey), Note: v.say("web.release.key_note")}}},
		programFact(v, m.Program),
	}
}

func programFact(v *reading, program string) Fact {
	if program == "" {
		return Fact{Label: v.say("web.release.program")}
	}
	return v.plainFact("web.release.program", program)
}

// releaseActs are what the reader may do now, or who has to.
func releaseActs(v *reading, x *release.Release) ([]ReleaseAct, string) {
	base := "/releases/" + x.Name
	if x.State == release.Published || !v.can(account.Release) {
		return nil, ""
	}
	var acts []ReleaseAct
	mine := v.user != nil && (x.BuiltBy == v.user.ID || slices.ContainsFunc(x.Approvals, func(a release.Approval) bool { return a.Actor == v.user.ID }))
	if !mine {
		acts = append(acts, ReleaseAct{base + "/approve", v.say("web.release.approve"), v.say("web.release.approve_text")})
	}
	if x.State == release.Approved {
		acts = append(acts, ReleaseAct{base + "/publish", v.say("web.release.publish"), v.say("web.release.publish_text")})
	}
	if len(acts) == 0 {
		return nil, v.say("web.release.waits")
	}
	return acts, ""
}

func releaseFileRow(v *reading, base string, f *release.File) ReleaseFile {
	row := ReleaseFile{Path: f.Path, Href: base + "/report/" + f.Path, Role: v.word("release", string(f.Role)), Size: sizeText(f.Bytes), Hash: f.SHA256}
	if key := "web.release.role." + string(f.Role); i18n.Has(key) {
		row.Role = v.say(key)
	}
	if f.Rows > 0 {
		row.Rows = i18n.Integer(f.Rows)
	}
	return row
}

func releaseLeft(v *reading, m *release.Manifest) []string {
	var out []string
	if r := m.Restricted; r != nil {
		rows := r.Reported
		for _, n := range r.Rows {
			rows += n
		}
		out = append(out, v.say("web.release.restricted", errs.A{"sources": r.Sources, "rows": rows, "figures": len(r.Figures)}))
	}
	if n := len(m.Failed); n > 0 {
		out = append(out, v.say("web.release.failed", errs.A{"n": n}))
	}
	return out
}

// decide approves or publishes what the reader has seen: the form names the
// manifest. What stands in the way is told on the release's page.
func (s *Site) decide(act func(svc *release.Service, ctx context.Context, by change.Author, name, manifest string) (release.Release, error)) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := r.ParseForm(); err != nil {
			return badForm(err)
		}
		v, err := s.read(r)
		if err != nil {
			return err
		}
		name := r.PathValue("name")
		x, err := s.releaseOf(v, name)
		if err != nil {
			return err
		}
		_, err = act(s.svc.Releases, v.ctx, v.user.Author(r.PostForm.Get("note")), name, r.PostForm.Get("manifest"))
		switch kind := errs.KindOf(err); kind {
		case "":
			http.Redirect(w, r, "/releases/"+name+"?done=saved", http.StatusSeeOther)
			return nil
		case errs.Conflict, errs.Forbidden, errs.Precondition:
			return s.releasePage(w, r, v, &x, statusOf[kind], i18n.Error(v.l, err))
		}
		return err
	}
}

// releaseFile serves a file of a release, checked against its hash. Pages of
// the report are pages of ours; anything else is a download.
func (s *Site) releaseFile(w http.ResponseWriter, r *http.Request) error {
	v, err := s.read(r)
	if err != nil {
		return err
	}
	name, path := r.PathValue("name"), r.PathValue("path")
	if _, err := s.releaseOf(v, name); err != nil {
		return err
	}
	if path == "" {
		path = releaseIndex
	}
	file, entry, err := s.svc.Releases.File(v.ctx, name, path)
	if err != nil {
		return err
	}
	defer file.Close()
	h := w.Header()
	h.Set("Content-Type", release.MediaType(path))
	h.Set("Cache-Control", "private, no-cache")
	if entry.SHA256 != "" {
		h.Set("ETag", strconv.Quote(entry.SHA256))
	}
	if entry.Role != release.RoleReport || strings.HasSuffix(path, ".csv") {
		h.Set("Content-Disposition", "attachment")
	}
	_, err = io.Copy(w, file)
	if err != nil {
		s.log.DebugContext(r.Context(), "reader went away", "request_id", RequestID(r.Context()))
	}
	return nil
}

// releaseZip sends the whole folder, each file checked against its hash on the
// way.
func (s *Site) releaseZip(w http.ResponseWriter, r *http.Request, name string) error {
	m, err := s.svc.Releases.Files(r.Context(), name)
	if err != nil {
		return err
	}
	paths := []string{"manifest.json", "manifest.sig", "key.pem", "SHA256SUMS"}
	for _, f := range m.Files {
		paths = append(paths, f.Path)
	}
	h := w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", `attachment; filename="`+name+`.zip"`)
	h.Set("Cache-Control", "private, no-cache")
	z := zip.NewWriter(w)
	for _, path := range paths {
		if err := s.zipOne(r, z, name, path, &m); err != nil {
			return err
		}
	}
	return z.Close()
}

func (s *Site) zipOne(r *http.Request, z *zip.Writer, name, path string, m *release.Manifest) error {
	file, _, err := s.svc.Releases.File(r.Context(), name, path)
	if err != nil {
		return err
	}
	defer file.Close()
	head := &zip.FileHeader{Name: name + "/" + path, Method: zip.Deflate, Modified: m.CreatedAt.UTC()}
	if strings.HasSuffix(path, ".parquet") || strings.HasSuffix(path, ".gz") {
		head.Method = zip.Store // compressed already
	}
	to, err := z.CreateHeader(head)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, file)
	return err
}
