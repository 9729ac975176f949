package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory/release"
)

// ReleaseIn names a release.
type ReleaseIn struct {
	Name string `path:"name" maxLength:"64" doc:"Name of the release"`
}

// ReleaseSheet is a release with what its signed manifest says of it.
type ReleaseSheet struct {
	release.Release
	Counts     release.Counts       `json:"counts"`
	Restricted *release.Restricted  `json:"restricted,omitempty" doc:"What was left out because its source is for private use"`
	Failed     map[string]i18n.Text `json:"failed,omitempty" doc:"Figures without values, and why"`
	Parts      []string             `json:"parts,omitempty"`
	Program    string               `json:"program"`
	Seal       []string             `json:"seal" nullable:"false" doc:"Files that seal the folder; the manifest names all others"`
}

// ReleaseFilesIn asks for the files of a release.
type ReleaseFilesIn struct {
	ReleaseIn
	Role string `query:"role" maxLength:"40" doc:"fact, figures, values, reported, sources, records, part, report, catalogue"`
	Paging
}

// ReleaseFileIn names a file of a release.
type ReleaseFileIn struct {
	ReleaseIn
	Path string `path:"path" maxLength:"1300" doc:"path of the file within the release, with slashes"`
}

// ReleaseDiffIn names two releases.
type ReleaseDiffIn struct {
	ReleaseIn
	From string `query:"from" required:"true" minLength:"1" maxLength:"64" doc:"Name of the release to compare with, as a rule an earlier one"`
	Paging
	diff release.Diff
}

// ReleaseDiffOut explains what a release says otherwise than another: a page of
// figures, and the sources and parts that changed.
type ReleaseDiffOut struct {
	Page[release.FigureChange]
	A       release.Side           `json:"a"`
	B       release.Side           `json:"b"`
	Same    bool                   `json:"same" doc:"Not a byte of data differs"`
	Changed []release.SourceChange `json:"changed_sources,omitempty"`
	Parts   []release.PartChange   `json:"parts,omitempty"`
}

// DecisionIn is a word for one manifest.
type DecisionIn struct {
	Manifest string `json:"manifest" pattern:"^[0-9a-f]{64}$" doc:"manifest_sha256 of the release as you have seen it; one built anew since is answered with 412"`
	Note     string `json:"note,omitempty" maxLength:"500" doc:"Kept with the decision"`
}

func (s *server) releases() {
	const tag = "releases"
	addList(s, route{id: "list_releases", path: "/releases", tag: tag, needs: account.Read}, releaseTable(), s.listReleases)
	add(s, route{id: "get_release", path: "/releases/{name}", tag: tag, needs: account.Read}, s.getRelease)
	addList(s, route{id: "release_files", path: "/releases/{name}/files", tag: tag, needs: account.Read}, fileTable(), s.releaseFiles)
	addFile(s, route{id: "release_file", path: "/releases/{name}/files/{path}", tag: tag, needs: account.Read, deep: true}, "application/octet-stream", s.releaseFile)
	addFile(s, route{id: "release_catalogue", path: "/releases/{name}/catalogue", tag: tag, needs: account.Read}, catalogueType, s.releaseCatalogue)
	addShown(s, route{id: "diff_releases", path: "/releases/{name}/diff", tag: tag, needs: account.Read}, diffTable(), s.releaseDiff, diffOut)
	add(s, route{id: "approve_release", method: http.MethodPost, path: "/releases/{name}/approve", tag: tag, needs: account.Release, once: true}, s.decide((*release.Service).Approve))
	add(s, route{id: "publish_release", method: http.MethodPost, path: "/releases/{name}/publish", tag: tag, needs: account.Release, once: true}, s.decide((*release.Service).Publish))
}

// maySee reports whether the caller may see a release: drafts are for staff.
func (c *call) maySee(r *release.Release) bool {
	return r.State == release.Published || c.user != nil && account.Can(c.user.Role, account.Release)
}

// shownRelease is a release without who built, approved and published it, for
// those who are not told.
func (c *call) shownRelease(r release.Release) release.Release {
	if c.seesPrivate() {
		return r
	}
	r.BuiltBy, r.PublishedBy, r.Approvals = "", "", slices.Clone(r.Approvals)
	for i := range r.Approvals {
		r.Approvals[i].Actor, r.Approvals[i].Note = "", ""
	}
	return r
}

// release returns one that the caller may see.
func (s *server) release(ctx context.Context, name string) (release.Release, error) {
	if s.Releases == nil {
		return release.Release{}, errs.New(errs.Unavailable, "api.not_offered")
	}
	r, err := s.Releases.Get(ctx, name)
	if err == nil && !callOf(ctx).maySee(&r) {
		err = errs.New(errs.NotFound, "errs.not_found", errs.A{"what": name})
	}
	return r, err
}

// withoutFolder keeps the folder of a release that is gone from the reader.
func withoutFolder(err error, name string) error {
	if err != nil && errs.Of(err).Key == "release.no_folder" {
		return errs.Wrap(err, errs.Conflict, "release.not_the_recorded", errs.A{"name": name})
	}
	return err
}

func (s *server) listReleases(ctx context.Context, in *ListIn) (part[release.Release], error) {
	if s.Releases == nil {
		return part[release.Release]{}, errs.New(errs.Unavailable, "api.not_offered")
	}
	all, err := s.Releases.List(ctx)
	if err != nil {
		return part[release.Release]{}, err
	}
	c := callOf(ctx)
	all = slices.DeleteFunc(all, func(r release.Release) bool { return !c.maySee(&r) })
	for i := range all {
		all[i] = c.shownRelease(all[i])
	}
	return cutPage(all, &in.Paging, func(r *release.Release) string { return r.Name })
}

// seal are the files that the manifest does not name.
var seal = []string{"manifest.json", "manifest.sig", "key.pem", "SHA256SUMS"}

func (s *server) getRelease(ctx context.Context, in *ReleaseIn) (*answer[ReleaseSheet], error) {
	r, m, err := s.manifest(ctx, in.Name)
	if err != nil {
		return nil, err
	}
	return row(ReleaseSheet{callOf(ctx).shownRelease(r), m.Counts, m.Restricted, m.Failed, m.Parts, m.Program, seal}, r.Version), nil
}

func (s *server) manifest(ctx context.Context, name string) (release.Release, release.Manifest, error) {
	r, err := s.release(ctx, name)
	if err != nil {
		return r, release.Manifest{}, err
	}
	m, err := s.Releases.Files(ctx, name)
	return r, m, withoutFolder(err, name)
}

func (s *server) releaseFiles(ctx context.Context, in *ReleaseFilesIn) (part[release.File], error) {
	_, m, err := s.manifest(ctx, in.Name)
	if err != nil {
		return part[release.File]{}, err
	}
	all := slices.DeleteFunc(m.Files, func(f release.File) bool { return in.Role != "" && in.Role != string(f.Role) })
	return cutPage(all, &in.Paging, func(f *release.File) string { return f.Path })
}

// releaseFile sends a file after it was held against its hash. It is always a
// download: what a browser should show as a page is the business of the pages.
func (s *server) releaseFile(ctx context.Context, in *ReleaseFileIn) (*download, error) {
	if _, err := s.release(ctx, in.Name); err != nil {
		return nil, err
	}
	file, entry, err := s.Releases.File(ctx, in.Name, in.Path)
	if err != nil {
		return nil, withoutFolder(err, in.Name)
	}
	d := &download{kind: release.MediaType(in.Path), disposition: "attachment", size: entry.Bytes, body: file}
	if entry.SHA256 != "" {
		d.tag = strconv.Quote(entry.SHA256)
	}
	return d, nil
}

const catalogueType = "application/ld+json"

// releaseCatalogue sends the DCAT entry of a release. Its addresses are relative
// to the folder; here "@base" says where that is.
func (s *server) releaseCatalogue(ctx context.Context, in *ReleaseIn) (*download, error) {
	_, m, err := s.manifest(ctx, in.Name)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(m.Files, func(f release.File) bool { return f.Role == release.RoleCatalogue })
	if i < 0 {
		return nil, errs.New(errs.NotFound, "errs.not_found", errs.A{"what": catalogueType})
	}
	file, entry, err := s.Releases.File(ctx, in.Name, m.Files[i].Path)
	if err != nil {
		return nil, withoutFolder(err, in.Name)
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, entry.Bytes))
	if err != nil {
		return nil, err
	}
	var entryOf map[string]json.RawMessage
	var words map[string]any
	if err := json.Unmarshal(raw, &entryOf); err != nil {
		return nil, errs.Wrap(err, errs.Conflict, "release.damaged", errs.A{"file": entry.Path})
	}
	if err := json.Unmarshal(entryOf["@context"], &words); err != nil {
		return nil, errs.Wrap(err, errs.Conflict, "release.damaged", errs.A{"file": entry.Path})
	}
	words["@base"] = base + "/releases/" + in.Name + "/files/"
	if entryOf["@context"], err = json.Marshal(words); err != nil {
		return nil, err
	}
	if raw, err = json.Marshal(entryOf); err != nil {
		return nil, err
	}
	return &download{kind: catalogueType, tag: etag(0, raw), size: int64(len(raw)), body: io.NopCloser(bytes.NewReader(raw))}, nil
}

func (s *server) releaseDiff(ctx context.Context, in *ReleaseDiffIn) (part[release.FigureChange], error) {
	for _, name := range []string{in.From, in.Name} {
		if _, err := s.release(ctx, name); err != nil {
			return part[release.FigureChange]{}, err
		}
	}
	var err error
	if in.diff, err = s.Releases.Diff(ctx, in.From, in.Name); err != nil {
		return part[release.FigureChange]{}, withoutFolder(err, in.Name)
	}
	return cutPage(in.diff.Figures, &in.Paging, func(f *release.FigureChange) string { return f.Figure })
}

func diffOut(in *ReleaseDiffIn, page Page[release.FigureChange]) ReleaseDiffOut {
	d := &in.diff
	return ReleaseDiffOut{page, d.A, d.B, d.Same, d.Sources, d.Parts}
}

// decide approves or publishes what the caller has seen. That it takes two
// people is the room's own rule.
func (s *server) decide(act func(*release.Service, context.Context, change.Author, string, string) (release.Release, error)) func(context.Context, *struct {
	ReleaseIn
	Body DecisionIn
}) (*answer[release.Release], error) {
	return func(ctx context.Context, in *struct {
		ReleaseIn
		Body DecisionIn
	}) (*answer[release.Release], error) {
		if _, err := s.release(ctx, in.Name); err != nil {
			return nil, err
		}
		r, err := act(s.Releases, ctx, author(ctx, in.Body.Note), in.Name, in.Body.Manifest)
		if err != nil {
			return nil, withoutFolder(err, in.Name)
		}
		return row(callOf(ctx).shownRelease(r), r.Version), nil
	}
}

func releaseTable() table[release.Release] {
	type v = release.Release
	return table[v]{name: "releases", columns: []column[v]{
		{"name", func(x *v) any { return x.Name }}, {"title_zh", func(x *v) any { return x.Title.ZH }}, {"title_en", func(x *v) any { return x.Title.EN }},
		{"state", func(x *v) any { return string(x.State) }}, {"day", func(x *v) any { return x.Day }}, {"change_seq", func(x *v) any { return x.ChangeSeq }},
		{"figures", func(x *v) any { return x.Figures }}, {"values", func(x *v) any { return x.Values }}, {"files", func(x *v) any { return x.Files }}, {"bytes", func(x *v) any { return x.Bytes }},
		{"simulated", func(x *v) any { return x.Simulated }}, {"content", func(x *v) any { return x.Content }}, {"manifest_sha256", func(x *v) any { return x.ManifestSHA256 }},
		{"public_key", func(x *v) any { return x.PublicKey }}, {"built_at", func(x *v) any { return instant(x.BuiltAt) }}, {"published_at", func(x *v) any { return instant(x.PublishedAt) }},
	}}
}

func fileTable() table[release.File] {
	type v = release.File
	return table[v]{name: "files", columns: []column[v]{
		{"path", func(x *v) any { return x.Path }}, {"role", func(x *v) any { return string(x.Role) }}, {"name", func(x *v) any { return x.Name }},
		{"rows", func(x *v) any { return x.Rows }}, {"bytes", func(x *v) any { return x.Bytes }}, {"sha256", func(x *v) any { return x.SHA256 }},
	}}
}

func diffTable() table[release.FigureChange] {
	type v = release.FigureChange
	return table[v]{name: "diff", columns: []column[v]{
		{"figure", func(x *v) any { return x.Figure }}, {"title_zh", func(x *v) any { return x.Title.ZH }}, {"title_en", func(x *v) any { return x.Title.EN }}, {"kind", func(x *v) any { return string(x.Kind) }},
		{"definition", func(x *v) any { return len(x.Definition) }}, {"method", func(x *v) any { return len(x.Method) }}, {"reported", func(x *v) any { return len(x.Reported) }}, {"values", func(x *v) any { return len(x.Values) }},
		{"unexplained", func(x *v) any {
			n := 0
			for i := range x.Values {
				if !x.Values[i].Explained {
					n++
				}
			}
			return n
		}},
	}}
}
