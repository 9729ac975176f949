package release

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
)

// Kind is the word for a release in the change log.
const Kind = "release"

// State says how far a release has come.
type State string

// The states, in their order.
const (
	Draft     State = "draft"
	Approved  State = "approved"
	Published State = "published"
)

// Release is what the database knows of a release; its content is the folder.
type Release struct {
	ID             string    `json:"id"`
	Name           string    `json:"name"`
	Title          i18n.Text `json:"title"`
	State          State     `json:"state"`
	City           string    `json:"city"`
	Day            string    `json:"day"`
	ChangeSeq      int64     `json:"change_seq"`
	Content        string    `json:"content"`
	ManifestSHA256 string    `json:"manifest_sha256"`
	PublicKey      string    `json:"public_key"`
	Figures        int64     `json:"figures"`
	Values         int64     `json:"values"`
	Files          int64     `json:"files"`
	Bytes          int64     `json:"bytes"`
	LeftOut        int64     `json:"left_out,omitempty"` // rows from sources for private use
	Simulated      bool      `json:"simulated,omitempty"`
	BuiltBy        string    `json:"built_by"`
	BuiltAt        db.Time   `json:"built_at"`
	PublishedBy    string    `json:"published_by,omitempty"`
	PublishedAt    db.Time   `json:"published_at,omitzero"`
	Version        int64     `json:"version"`

	Approvals []Approval `json:"approvals,omitempty"` // of the present manifest
}

// Approval is one person's word for one manifest.
type Approval struct {
	Actor string  `json:"actor"`
	Note  string  `json:"note,omitempty"`
	At    db.Time `json:"at"`
}

// tempPrefix starts the name of every folder that is not finished.
const tempPrefix = ".tmp-"

// Service builds releases and keeps their states. It is safe for concurrent
// use; one process builds at a time.
type Service struct {
	d   *db.DB
	obs *observatory.Service
	dir string

	building sync.Mutex
}

// New returns the releases of a folder, which is made when the first is built.
func New(d *db.DB, obs *observatory.Service, dir string) *Service {
	return &Service{d: d, obs: obs, dir: dir}
}

// Dir is the folder of a release of that name, there or not.
func (s *Service) Dir(name string) string { return filepath.Join(s.dir, name) }

// List returns all releases, the newest first.
func (s *Service) List(ctx context.Context) ([]Release, error) { return list(ctx, s.d) }

// Get returns a release by name, or errs.NotFound.
func (s *Service) Get(ctx context.Context, name string) (Release, error) {
	r, found, err := find(ctx, s.d, name)
	if err == nil && !found {
		err = errs.New(errs.NotFound, "errs.not_found", errs.A{"what": cut(name, 80)})
	}
	return r, err
}

// Snapshot returns what a release says. A folder whose manifest is no longer
// the one that was recorded is errs.Conflict: it is not served.
func (s *Service) Snapshot(ctx context.Context, name string) (Release, *Snapshot, error) {
	r, err := s.Get(ctx, name)
	if err != nil {
		return r, nil, err
	}
	f, m, err := s.openAs(&r)
	if err != nil {
		return r, nil, err
	}
	defer f.close()
	snapshot, err := f.load(m)
	return r, snapshot, err
}

// openAs opens the folder of r and holds its manifest against the one that was
// recorded.
func (s *Service) openAs(r *Release) (*folder, Manifest, error) {
	f, err := openFolder(s.Dir(r.Name))
	if err != nil {
		return nil, Manifest{}, err
	}
	m, raw, err := f.readManifest()
	if err != nil || sumOf(raw) != r.ManifestSHA256 {
		f.close()
		return nil, m, errs.Wrap(err, errs.Conflict, "release.not_the_recorded", errs.A{"name": r.Name})
	}
	return f, m, nil
}

// Files returns the manifest of a release, checked against the recorded hash.
func (s *Service) Files(ctx context.Context, name string) (Manifest, error) {
	r, err := s.Get(ctx, name)
	if err != nil {
		return Manifest{}, err
	}
	f, m, err := s.openAs(&r)
	if err != nil {
		return m, err
	}
	f.close()
	return m, nil
}

// File opens one file of a release for reading: one that the manifest names, or
// one of those that seal it. A file whose content is not what the manifest says
// is errs.Conflict. The caller closes it.
func (s *Service) File(ctx context.Context, name, path string) (*os.File, File, error) {
	r, err := s.Get(ctx, name)
	if err != nil {
		return nil, File{}, err
	}
	f, m, err := s.openAs(&r)
	if err != nil {
		return nil, File{}, err
	}
	defer f.close()
	entry, found := m.file(path)
	if !found {
		for _, sealing := range seal {
			if path == sealing {
				file, size, err := f.open(path)
				return file, File{Path: path, Bytes: size}, err
			}
		}
		return nil, File{}, errs.New(errs.NotFound, "errs.not_found", errs.A{"what": cut(path, 120)})
	}
	if sum, _, err := f.sum(ctx, path, entry.Bytes); err != nil || sum != entry.SHA256 {
		return nil, File{}, errs.Wrap(err, errs.Conflict, "release.damaged", errs.A{"file": path})
	}
	file, _, err := f.open(path)
	return file, entry, err
}

// Diff explains what release b says otherwise than release a.
func (s *Service) Diff(ctx context.Context, a, b string) (Diff, error) {
	for _, name := range []string{a, b} {
		if _, err := s.Files(ctx, name); err != nil {
			return Diff{}, err
		}
	}
	return Compare(ctx, s.Dir(a), s.Dir(b))
}

// Verify recomputes a release from its folder.
func (s *Service) Verify(ctx context.Context, name string, draw Draw) (Report, error) {
	r, err := s.Get(ctx, name)
	if err != nil {
		return Report{}, err
	}
	return Verify(ctx, s.Dir(name), VerifyOptions{PublicKey: r.PublicKey, Draw: draw})
}

// keep puts a built folder in its place and records it. The folder moves as
// the last step of the transaction; should its commit fail, it moves back.
func (s *Service) keep(ctx context.Context, by change.Author, dir string, m *Manifest) (Release, error) {
	raw, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return Release{}, err
	}
	now := Release{Name: m.Name, Title: m.Title, State: Draft, City: m.City, Day: m.Day, ChangeSeq: m.ChangeSeq,
		Content: m.Content, ManifestSHA256: sumOf(raw), PublicKey: m.PublicKey, Figures: int64(m.Counts.Figures), Values: int64(m.Counts.Values),
		Files: int64(len(m.Files) + len(seal)), LeftOut: m.Restricted.total(), Simulated: m.Simulated, BuiltBy: by.Actor}
	for _, f := range m.Files {
		now.Bytes += f.Bytes
	}
	target, aside := s.Dir(m.Name), filepath.Join(filepath.Dir(dir), "replaced")
	moved := false
	err = s.d.InTx(ctx, func(tx *db.Tx) error {
		old, found, err := find(ctx, tx, m.Name)
		if err != nil {
			return err
		}
		if found && s.same(&old, &now) {
			now = old
			return nil
		}
		if err := put(ctx, tx, by, &old, found, &now); err != nil {
			return err
		}
		if moved {
			return nil // the transaction is being repeated
		}
		if err := os.Rename(target, aside); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		moved = true
		return os.Rename(dir, target)
	})
	if err != nil && moved {
		err = errors.Join(err, os.RemoveAll(target))
		if back := os.Rename(aside, target); back != nil && !errors.Is(back, os.ErrNotExist) {
			err = errors.Join(err, back)
		}
	}
	return now, err
}

// same reports whether a release stands already as it was built just now.
func (s *Service) same(old, now *Release) bool {
	if old.Content != now.Content || old.PublicKey != now.PublicKey || old.Title != now.Title || old.LeftOut != now.LeftOut || old.BuiltBy != now.BuiltBy {
		return false
	}
	f, _, err := s.openAs(old)
	if err != nil {
		return false
	}
	f.close()
	return true
}

func (r *Restricted) total() int64 {
	if r == nil {
		return 0
	}
	n := r.Reported + r.Dropped
	for _, k := range r.Rows {
		n += k
	}
	return int64(n)
}

// Approve is a second person's word for the present content of a draft; the
// caller has checked their role. manifest is the hash of what they have seen,
// "" for the present one. The one who built it is errs.Forbidden, a draft built
// by nobody who signs in too. To approve twice changes nothing.
func (s *Service) Approve(ctx context.Context, by change.Author, name, manifest string) (Release, error) {
	var r Release
	err := s.d.InTx(ctx, func(tx *db.Tx) (err error) {
		if r, err = s.toDecide(ctx, tx, name, manifest); err != nil {
			return err
		}
		for _, a := range r.Approvals {
			if a.Actor == by.Actor {
				return nil
			}
		}
		switch {
		case r.State == Published:
			return errs.New(errs.Conflict, "release.published_already", errs.A{"name": name})
		case !person(r.BuiltBy):
			return errs.New(errs.Forbidden, "release.built_by_nobody", errs.A{"name": name})
		case !person(by.Actor):
			return errs.New(errs.Unauthenticated, "errs.sign_in")
		case by.Actor == r.BuiltBy:
			return errs.New(errs.Forbidden, "release.own_build", errs.A{"name": name})
		}
		if err := approve(ctx, tx, by, &r); err != nil {
			return err
		}
		r, _, err = find(ctx, tx, name)
		return err
	})
	return r, err
}

// person reports whether an actor is a user who signs in; parts of the program
// have plain words for names.
func person(actor string) bool { return strings.HasPrefix(actor, account.Kind+"-") }

// Publish makes an approved release final. Without an approval by another than
// its builder, of its present content, it is errs.Forbidden. To publish twice
// changes nothing.
func (s *Service) Publish(ctx context.Context, by change.Author, name, manifest string) (Release, error) {
	report, err := s.ready(ctx, name)
	if err != nil {
		return Release{}, err
	}
	if !report.OK {
		return Release{}, errs.New(errs.Conflict, "release.not_publishable", errs.A{"name": name, "what": report.Faults[0].Text(i18n.ZH)})
	}
	var r Release
	err = s.d.InTx(ctx, func(tx *db.Tx) (err error) {
		if r, err = s.toDecide(ctx, tx, name, manifest); err != nil || r.State == Published {
			return err
		}
		if !person(by.Actor) {
			return errs.New(errs.Unauthenticated, "errs.sign_in")
		}
		if r.State != Approved || len(r.Approvals) == 0 {
			return errs.New(errs.Forbidden, "release.needs_approval", errs.A{"name": name})
		}
		if err := publish(ctx, tx, by, &r); err != nil {
			return err
		}
		r, _, err = find(ctx, tx, name)
		return err
	})
	return r, err
}

// ready verifies a release once more before it goes out, without its pages,
// which need whoever drew them.
func (s *Service) ready(ctx context.Context, name string) (Report, error) {
	r, err := s.Get(ctx, name)
	if err != nil {
		return Report{}, err
	}
	if r.State == Published {
		return Report{OK: true}, nil
	}
	return Verify(ctx, s.Dir(name), VerifyOptions{PublicKey: r.PublicKey})
}

// toDecide reads a release whose content must be what the decider has seen and
// what stands on disk.
func (s *Service) toDecide(ctx context.Context, q db.Querier, name, manifest string) (Release, error) {
	r, found, err := find(ctx, q, name)
	if err != nil {
		return r, err
	}
	if !found {
		return r, errs.New(errs.NotFound, "errs.not_found", errs.A{"what": cut(name, 80)})
	}
	if manifest != "" && manifest != r.ManifestSHA256 {
		return r, errs.New(errs.Precondition, "release.built_anew", errs.A{"name": name})
	}
	f, _, err := s.openAs(&r)
	if err == nil {
		f.close()
	}
	return r, err
}
