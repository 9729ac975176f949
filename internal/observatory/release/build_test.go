package release_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/observatory/release"
)

// A release of the small city is built, recomputes to the same from its folder
// alone, and is the same on both engines.
func TestBuildAndVerify(t *testing.T) {
	contents := map[string]bool{}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newCity(t, d)
		r := c.build("year-2024")
		if r.State != release.Draft || r.BuiltBy != "user-ann" || r.Values < 8 || r.Figures < 20 {
			t.Errorf("release %+v", r)
		}
		report := check(t, c.rel.Dir("year-2024"))
		if !report.OK || !report.Signed || !report.Trusted || report.Values != int(r.Values) || report.Records == 0 || report.Pages != 7 {
			t.Errorf("report %+v", report)
		}
		contents[r.Content] = true
		moved := copyOf(t, c.rel.Dir("year-2024"))
		if report := check(t, moved); !report.OK {
			t.Errorf("elsewhere: %v", faults(report))
		}
	})
	if len(contents) != 1 {
		t.Errorf("the two engines give different content: %v", contents)
	}
}

// What a release holds of one figure, by hand: paper p1 has three
// affiliations, X alone, X with Y, and none; so Guangzhou has 2/3 of it.
func TestContents(t *testing.T) {
	dir := frozen(t)
	s, err := release.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, v := range s.Values {
		if v.Known {
			got[v.Figure+" "+v.Item+" "+v.Slot] = v.Quantity.Value
		}
	}
	for key, want := range map[string]float64{
		"awards.guangzhou.all  2023": 26, "awards.share.all  2023": 100 * 26.0 / 53, "platforms.all  now": 2,
	} {
		if diff := got[key] - want; diff > 1e-9 || diff < -1e-9 {
			t.Errorf("%s is %v, want %v", key, got[key], want)
		}
	}
	if s.Sources[0].ID != "s" || s.Manifest.Day != "2026-01-02" || len(s.Manifest.Failed) != 0 {
		t.Errorf("sources %+v, manifest %+v", s.Sources, s.Manifest)
	}
	page, err := release.Records(dir, "platforms.all", "", "now", 0, 1)
	if err != nil || page.Total != 2 || page.Next != 1 || page.Items[0].ID != "plat-a" || page.Items[0].Weight != "1" || len(page.Items[0].Content) != 16 {
		t.Errorf("records %+v, %v", page, err)
	}
	if page.Items[0].TitleZH+page.Items[0].TitleEN != "'=HYPERLINK(a)" {
		t.Errorf("a formula was left alive: %+v", page.Items[0])
	}
	index, err := os.ReadFile(filepath.Join(dir, "index.html"))
	if err != nil || strings.Contains(string(index), "<script") || !strings.Contains(string(index), "49.06%") || strings.Contains(string(index), "release.page.") {
		t.Errorf("index.html: %v", err)
	}
}

// The same state gives the same bytes but for the time and what follows from it.
func TestSameStateSameBytes(t *testing.T) {
	c := newCity(t, dbtest.SQLite(t))
	c.build("r")
	first := copyOf(t, c.rel.Dir("r"))
	a, err := c.rel.Get(t.Context(), "r")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(c.rel.Dir("r")); err != nil {
		t.Fatal(err)
	}
	later(c.d, time.Minute)
	b := c.build("r")
	if a.Content != b.Content || a.ManifestSHA256 == b.ManifestSHA256 {
		t.Errorf("content %s and %s, manifest %s and %s", a.Content, b.Content, a.ManifestSHA256, b.ManifestSHA256)
	}
	var differ []string
	err = filepath.WalkDir(first, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(first, path)
		one, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		two, err := os.ReadFile(filepath.Join(c.rel.Dir("r"), rel))
		if string(one) != string(two) {
			differ = append(differ, rel)
		}
		return err
	})
	if diff := cmp.Diff([]string{"SHA256SUMS", "manifest.json", "manifest.sig"}, differ); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	later(c.d, time.Minute)
	if again := c.build("r"); again.ManifestSHA256 != b.ManifestSHA256 || again.Version != b.Version {
		t.Errorf("building the same again made version %d", again.Version)
	}
}

// The DCAT entry names every data file with its hash.
func TestCatalogue(t *testing.T) {
	dir := frozen(t)
	s, err := release.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "catalog.jsonld"))
	if err != nil {
		t.Fatal(err)
	}
	var entry struct {
		Type          string `json:"@type"`
		Identifier    string `json:"dct:identifier"`
		Distributions []struct {
			ID       string `json:"@id"`
			Checksum struct {
				Value string `json:"spdx:checksumValue"`
			} `json:"spdx:checksum"`
		} `json:"dcat:distribution"`
	}
	if err := json.Unmarshal(raw, &entry); err != nil {
		t.Fatal(err)
	}
	want, got := map[string]string{}, map[string]string{}
	for _, f := range s.Manifest.Files {
		if !slices.Contains([]release.Role{release.RoleReport, release.RoleCatalogue}, f.Role) {
			want[f.Path] = f.SHA256
		}
	}
	for _, d := range entry.Distributions {
		got[d.ID] = d.Checksum.Value
	}
	if diff := cmp.Diff(want, got); diff != "" || entry.Type != "dcat:Dataset" || entry.Identifier != "r" || len(got) < 10 {
		t.Errorf("%+v %s", entry, diff)
	}
}
