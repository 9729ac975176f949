package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/observatory/release"
)

// TestReleaseOnItsWay walks a release from draft to published, with every way
// to it tried by those who may not.
func TestReleaseOnItsWay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, withReleases(t))
		w.compute()
		built := w.freeze(account.Editor, "annual-1")
		const at = base + "/releases/annual-1"
		for _, path := range []string{at, at + "/files", at + "/files/values.json", at + "/catalogue", at + "/diff?from=annual-1"} {
			w.get(path).problem(404, "errs.not_found")
			w.ask(account.Viewer, "GET", path, nil).problem(404, "errs.not_found")
		}
		var list Page[release.Release]
		if w.get(base + "/releases").want(200).in(&list); len(list.Items) != 0 {
			t.Errorf("readers see the draft: %+v", list.Items)
		}
		decide := func(role account.Role, what, manifest string, headers ...string) reply {
			return w.ask(role, "POST", at+"/"+what, DecisionIn{Manifest: manifest, Note: "looked at it"}, headers...)
		}
		decide("", "approve", built.ManifestSHA256).problem(401, "errs.sign_in")
		decide(account.Viewer, "approve", built.ManifestSHA256).problem(403, "errs.forbidden")
		decide(account.Editor, "approve", built.ManifestSHA256).problem(403, "release.own_build")
		decide(account.Admin, "approve", "x").problem(422, "api.pattern")
		decide(account.Admin, "approve", strings.Repeat("0", 64)).problem(412, "release.built_anew")
		decide(account.Editor, "publish", built.ManifestSHA256).problem(403, "release.needs_approval")
		var r release.Release
		decide(account.Admin, "approve", built.ManifestSHA256, "Idempotency-Key", "a1").want(200).in(&r)
		if r.State != release.Approved || len(r.Approvals) != 1 || r.Approvals[0].Actor != w.users[account.Admin].ID || r.Approvals[0].Note == "" {
			t.Errorf("approved %+v", r)
		}
		if again := decide(account.Admin, "approve", built.ManifestSHA256, "Idempotency-Key", "a1").want(200); again.header.Get("Idempotency-Replayed") == "" {
			t.Errorf("done twice: %v", again.header)
		}
		w.get(at).problem(404, "errs.not_found")
		if decide(account.Editor, "publish", built.ManifestSHA256).want(200).in(&r); r.State != release.Published {
			t.Errorf("published %+v", r)
		}
		var sheet ReleaseSheet
		body := w.get(at).want(200).in(&sheet).body
		if sheet.State != release.Published || sheet.Counts.Figures != 1 || sheet.Restricted == nil || len(sheet.Seal) != 4 || bytes.Contains(body, []byte("user-")) || bytes.Contains(body, []byte("looked")) {
			t.Errorf("readers see %s", body)
		}
		if w.get(base + "/releases").want(200).in(&list); len(list.Items) != 1 || list.Items[0].BuiltBy != "" {
			t.Errorf("readers see %+v", list.Items)
		}
	})
}

// published is a city with a published release.
func published(t *testing.T) *world {
	w := newWorld(t, dbtest.SQLite(t), withReleases(t))
	w.compute()
	w.publish("annual-1")
	return w
}

func (w *world) publish(name string) {
	w.t.Helper()
	r := w.freeze(account.Editor, name)
	in := DecisionIn{Manifest: r.ManifestSHA256}
	w.ask(account.Admin, "POST", base+"/releases/"+name+"/approve", in).want(200)
	w.ask(account.Admin, "POST", base+"/releases/"+name+"/publish", in).want(200)
}

func TestReleaseFiles(t *testing.T) {
	w := published(t)
	const at = base + "/releases/annual-1"
	var files Page[release.File]
	w.get(at + "/files?limit=500").want(200).in(&files)
	for _, f := range files.Items {
		r := w.get(at + "/files/" + f.Path).want(200)
		sum := sha256.Sum256(r.body)
		if hex.EncodeToString(sum[:]) != f.SHA256 || r.header.Get("ETag") != `"`+f.SHA256+`"` || !strings.HasPrefix(r.header.Get("Content-Disposition"), "attachment") || !strings.HasPrefix(r.header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: %v", f.Path, r.header)
		}
	}
	fact := "/files/facts/fact_org.parquet"
	tag := w.get(at + fact).want(200).header.Get("ETag")
	w.get(at+fact, "If-None-Match", tag).want(304)
	w.get(at + strings.ReplaceAll(fact, "facts/", "facts%2F")).want(200) // as a client writes a parameter of a path
	if r := w.ask("", "HEAD", at+fact, nil).want(200); len(r.body) > 0 || r.header.Get("Content-Length") == "0" {
		t.Errorf("HEAD: %v", r.header)
	}
	for _, seal := range seal {
		w.get(at + "/files/" + seal).want(200)
	}
	for _, path := range []string{"none", "..%2F..%2Fmanifest.json", "facts", "%2Fetc%2Fpasswd", "facts%2F..%2Fmanifest.json"} {
		w.get(at+"/files/"+path).problem(404, "errs.not_found")
	}
	if rows := csvOf(t, w.get(at+"/files?role=fact&format=csv")); len(rows) == 0 || rows[0]["role"] != "fact" || len(rows[0]["sha256"]) != 64 {
		t.Errorf("files %v", rows)
	}
	var dcat struct {
		Context map[string]any `json:"@context"`
		Type    string         `json:"@type"`
		Files   []struct {
			ID string `json:"@id"`
		} `json:"dcat:distribution"`
	}
	r := w.get(at + "/catalogue").want(200)
	if err := json.Unmarshal(r.body, &dcat); err != nil || r.header.Get("Content-Type") != catalogueType || dcat.Type != "dcat:Dataset" || len(dcat.Files) == 0 {
		t.Fatalf("%v: %s", err, r.body)
	}
	w.get(dcat.Context["@base"].(string) + dcat.Files[0].ID).want(200)
	w.get(at+"/catalogue", "If-None-Match", r.header.Get("ETag")).want(304)
}

// TestDamagedRelease changes a file and then takes the folder away: neither is
// served, and where the folder was is not told.
func TestDamagedRelease(t *testing.T) {
	w := published(t)
	const at = base + "/releases/annual-1"
	dir := w.sv.Releases.Dir("annual-1")
	w.must(os.WriteFile(filepath.Join(dir, "values.csv"), []byte("x"), 0o600))
	w.get(at+"/files/values.csv").problem(409, "release.damaged")
	w.must(os.RemoveAll(dir))
	for _, path := range []string{at, at + "/files", at + "/files/values.csv", at + "/catalogue", at + "/diff?from=annual-1"} {
		r := w.get(path)
		if r.problem(409, "release.not_the_recorded"); strings.Contains(string(r.body), filepath.Dir(dir)) {
			t.Errorf("%s: %s", path, r.body)
		}
	}
	w.get(base + "/releases").want(200)
}

func TestReleaseDiff(t *testing.T) {
	w := published(t)
	w.more(2)
	w.compute()
	w.publish("annual-2")
	var d ReleaseDiffOut
	r := w.get(base + "/releases/annual-2/diff?from=annual-1").want(200).in(&d)
	if d.Same || d.A.Name != "annual-1" || len(d.Items) != 1 || d.Items[0].Figure != exampleFigure || len(d.Items[0].Values) != 1 || !d.Items[0].Values[0].Explained || len(d.Items[0].Values[0].Causes) == 0 {
		t.Errorf("diff %s", r.body)
	}
	if rows := csvOf(t, w.get(base+"/releases/annual-2/diff?from=annual-1&format=csv")); len(rows) != 1 || rows[0]["values"] != "1" || rows[0]["unexplained"] != "0" {
		t.Errorf("file %v", rows)
	}
	w.get(base+"/releases/annual-2/diff?from=none").problem(404, "errs.not_found")
	w.freeze(account.Editor, "draft")
	w.get(base+"/releases/annual-2/diff?from=draft").problem(404, "errs.not_found")
	w.ask(account.Editor, "GET", base+"/releases/annual-2/diff?from=draft", nil).want(200)
}
