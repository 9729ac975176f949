package release_test

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/observatory/release"
	"github.com/kapok-city/kapok/internal/registry"
)

// A release goes out only with the word of a second person, for just the
// content they saw, and then never changes.
func TestFourEyes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newCity(t, d)
		ctx := t.Context()
		r := c.build("r")
		refused := func(what string, want errs.Kind, err error) {
			t.Helper()
			if got := errs.KindOf(err); got != want {
				t.Errorf("%s: %v, want %s", what, err, want)
			}
		}
		_, err := c.rel.Publish(ctx, bob, "r", "")
		refused("publishing a draft", errs.Forbidden, err)
		_, err = c.rel.Approve(ctx, ann, "r", "")
		refused("approving one's own", errs.Forbidden, err)
		_, err = c.rel.Approve(ctx, change.Author{Actor: "cli"}, "r", "")
		refused("approving as nobody", errs.Unauthenticated, err)
		_, err = c.rel.Approve(ctx, bob, "r", strings.Repeat("0", 64))
		refused("approving another content", errs.Precondition, err)
		_, err = c.rel.Approve(ctx, bob, "none", "")
		refused("approving none", errs.NotFound, err)

		approved, err := c.rel.Approve(ctx, bob, "r", r.ManifestSHA256)
		if err != nil || approved.State != release.Approved || len(approved.Approvals) != 1 || approved.Approvals[0].Actor != "user-bob" {
			t.Fatalf("%+v, %v", approved, err)
		}
		head, _ := change.Head(ctx, d)
		if again, err := c.rel.Approve(ctx, bob, "r", ""); err != nil || again.Version != approved.Version {
			t.Errorf("again: %+v, %v", again, err)
		}
		if now, _ := change.Head(ctx, d); now != head {
			t.Errorf("approving again wrote %d changes", now-head)
		}

		// Built anew from other records, the approval no longer counts.
		c.orgs(org("org-new", registry.Institute, "440100", "s"))
		if b := c.build("r"); b.State != release.Draft || len(b.Approvals) != 0 || b.Content == r.Content {
			t.Errorf("built anew: %+v", b)
		}
		_, err = c.rel.Publish(ctx, bob, "r", "")
		refused("publishing on an old approval", errs.Forbidden, err)
		if _, err := c.rel.Approve(ctx, bob, "r", ""); err != nil {
			t.Fatal(err)
		}
		published, err := c.rel.Publish(ctx, ann, "r", "")
		if err != nil || published.State != release.Published || published.PublishedBy != "user-ann" || published.PublishedAt.IsZero() {
			t.Fatalf("%+v, %v", published, err)
		}
		if again, err := c.rel.Publish(ctx, bob, "r", ""); err != nil || again.Version != published.Version || again.PublishedBy != "user-ann" {
			t.Errorf("again: %+v, %v", again, err)
		}
		_, err = c.rel.Build(ctx, ann, c.options("r"))
		refused("building over a published one", errs.Conflict, err)
		history, err := change.Of(ctx, d, release.Kind, r.ID, 0, 10)
		if err != nil || len(history) != 5 {
			t.Errorf("%d changes, %v; want create, approve, rebuild, approve, publish", len(history), err)
		}
		if _, err := d.Exec(ctx, "INSERT INTO release_approval(release_id, manifest_sha256, actor, built_by, note, at) VALUES ($1, 'x', 'user-ann', 'user-ann', '', $2)", r.ID, db.At(d.Now())); err == nil {
			t.Error("the table takes an approval by the builder")
		}
		all, err := c.rel.List(ctx)
		if err != nil || len(all) != 1 || len(all[0].Approvals) != 1 {
			t.Errorf("list %+v, %v", all, err)
		}
	})
}

// What the program itself built has no builder to tell a second person from.
func TestBuiltByNobody(t *testing.T) {
	c := newCity(t, dbtest.SQLite(t))
	if _, err := c.rel.Build(t.Context(), change.Author{Actor: "cli"}, c.options("r")); err != nil {
		t.Fatal(err)
	}
	if _, err := c.rel.Approve(t.Context(), bob, "r", ""); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("approved: %v", err)
	}
}

// Ten people approve and publish at once; each act is recorded once.
func TestApprovingAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newCity(t, d)
		r := c.build("r")
		var wait sync.WaitGroup
		for range 5 {
			for _, act := range []func() error{
				func() error { _, err := c.rel.Approve(t.Context(), bob, "r", ""); return err },
				func() error { _, err := c.rel.Publish(t.Context(), bob, "r", ""); return err },
			} {
				wait.Go(func() {
					if err := act(); err != nil && errs.KindOf(err) == errs.Internal {
						t.Error(err)
					}
				})
			}
		}
		wait.Wait()
		if _, err := c.rel.Publish(t.Context(), bob, "r", ""); err != nil {
			t.Error(err)
		}
		history, err := change.Of(t.Context(), d, release.Kind, r.ID, 0, 20)
		if err != nil || len(history) != 3 {
			t.Errorf("%d changes, %v", len(history), err)
		}
		if _, err := change.Verify(t.Context(), d); err != nil {
			t.Error(err)
		}
	})
}

// A folder that is no longer the one on record is not served.
func TestServedAsRecorded(t *testing.T) {
	c := newCity(t, dbtest.SQLite(t))
	c.build("r")
	ctx := t.Context()
	read := func(path string) (string, error) {
		f, _, err := c.rel.File(ctx, "r", path)
		if err != nil {
			return "", err
		}
		defer f.Close()
		raw, err := io.ReadAll(f)
		return string(raw), err
	}
	for _, path := range []string{"index.html", "values.csv", "manifest.json", "SHA256SUMS"} {
		if text, err := read(path); err != nil || text == "" {
			t.Errorf("%s: %d bytes, %v", path, len(text), err)
		}
	}
	for _, path := range []string{"../../kapok.db", "none", "", "facts", "/etc/passwd"} {
		if _, err := read(path); errs.KindOf(err) != errs.NotFound {
			t.Errorf("%s: %v", path, err)
		}
	}
	edit(t, c.rel.Dir("r"), "values.csv", ",26,", ",27,")
	if _, err := read("values.csv"); errs.KindOf(err) != errs.Conflict {
		t.Errorf("an altered file: %v", err)
	}
	other, err := release.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	release.Reseal(t, c.rel.Dir("r"), other)
	if _, _, err := c.rel.Snapshot(ctx, "r"); errs.KindOf(err) != errs.Conflict {
		t.Errorf("another manifest: %v", err)
	}
	if _, err := c.rel.Approve(ctx, bob, "r", ""); errs.KindOf(err) != errs.Conflict {
		t.Errorf("approving another manifest: %v", err)
	}
	later(c.d, time.Minute)
	if r := c.build("r"); r.Version != 2 {
		t.Errorf("a spoiled draft was not built anew: %+v", r)
	}
	if _, _, err := c.rel.Snapshot(ctx, "r"); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(c.dir, ".tmp-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestKeys(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "release.key")
	if _, err := release.LoadKey(path); errs.KindOf(err) != errs.NotFound {
		t.Errorf("no key: %v", err)
	}
	key, made, err := release.MakeKey(path)
	if err != nil || !made {
		t.Fatal(made, err)
	}
	again, made, err := release.MakeKey(path)
	if err != nil || made || again.Public() != key.Public() {
		t.Errorf("made twice: %v, %v", made, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := release.LoadKey(path); errs.KindOf(err) != errs.Conflict {
		t.Errorf("an open key: %v", err)
	}
	pem, err := os.ReadFile(filepath.Join(frozen(t), "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{theKey().Public(), " " + theKey().Public() + "\n", string(pem)} {
		if got, err := release.ParsePublic(text); err != nil || got != theKey().Public() {
			t.Errorf("%q: %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "x", "AAAA", theKey().Public()[1:], "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"} {
		if _, err := release.ParsePublic(text); errs.KindOf(err) != errs.Invalid {
			t.Errorf("%q: %v", text, err)
		}
	}
	if f := release.Fingerprint(key.Public()); len(strings.Fields(f)) != 5 || f == release.Fingerprint(theKey().Public()) {
		t.Errorf("fingerprint %s", f)
	}
}

func TestBadOptions(t *testing.T) {
	c := newCity(t, dbtest.SQLite(t))
	for name, o := range map[string]release.Options{
		"name":      {Name: "../x", Key: theKey()},
		"dots":      {Name: "a..b", Key: theKey()},
		"no name":   {Key: theKey()},
		"a day":     {Name: "r", Day: "2024-13-01", Key: theKey()},
		"no key":    {Name: "r"},
		"a hidden":  {Name: ".tmp-1", Key: theKey()},
		"uppercase": {Name: "A", Key: theKey()},
	} {
		if _, err := c.rel.Build(t.Context(), ann, o); !slices.Contains([]errs.Kind{errs.Invalid, errs.NotFound}, errs.KindOf(err)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
