package data_test

import (
	"encoding/json"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kapok-city/kapok/data"
)

const budget = 12 << 20 // bytes of the whole bundle

func TestSizeWithinBudget(t *testing.T) {
	total := int64(0)
	err := fs.WalkDir(data.FS, ".", func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		total += info.Size()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if total > budget {
		t.Errorf("the bundle has %d bytes, more than %d", total, budget)
	}
}

func TestSourcesSayLicence(t *testing.T) {
	for id, s := range sources(t) {
		if s.Title.Zh == "" || s.Title.En == "" || s.Licence == "" || s.Kind == "" || s.Retrieved == "" {
			t.Errorf("source %s is incomplete: %+v", id, s)
		}
		if s.Tag != "G" && s.Tag != "fact-citation" {
			t.Errorf("source %s: licence tag %q", id, s.Tag)
		}
	}
}

func TestRowsNameTheirSources(t *testing.T) {
	known, used := sources(t), map[string]bool{}
	for _, f := range []data.File{data.Divisions, data.Reported, data.Superlatives, data.Platforms,
		data.Organisations, data.Relations, data.Parks, data.Awards, data.Entries} {
		for i, row := range table(t, f) {
			used[row["source_id"]] = true
			if _, ok := known[row["source_id"]]; !ok {
				t.Errorf("%s row %d: unknown source %q", f, i+2, row["source_id"])
			}
			e, has := row["evidence"]
			if _, ok := known[e]; has && !ok && e != "common knowledge, unverified" {
				t.Errorf("%s row %d: evidence %q is neither a source nor unverified", f, i+2, e)
			}
			used[e] = true
			if (row["note_zh"] == "") != (row["note_en"] == "") {
				t.Errorf("%s row %d: a note in one language", f, i+2)
			}
		}
	}
	for _, f := range []data.File{data.People, data.Results, data.Offerings, data.Needs} {
		for i, row := range table(t, f) {
			used[row["source_id"]] = true
			if s := known[row["source_id"]]; !s.Simulated {
				t.Errorf("%s row %d: source %q does not say that it is simulated", f, i+2, row["source_id"])
			}
		}
	}
	used["kapok-tilemap"] = true
	used["patentworld-2026-02"] = true // of the whole file of patent places
	for id := range known {
		if !used[id] {
			t.Errorf("source %s is cited by no row", id)
		}
	}
}

func TestKeysUnique(t *testing.T) {
	for f, columns := range map[data.File][]string{
		data.Divisions: {"code", "valid_from"}, data.Superlatives: {"id"}, data.Platforms: {"key"},
		data.Organisations: {"key"}, data.Parks: {"key"}, data.Relations: {"from", "kind", "to"},
		data.Awards: {"edition", "scope", "award"},
		data.People: {"key"}, data.Results: {"key"}, data.Offerings: {"key"}, data.Needs: {"key"},
		data.Entries:  {"edition", "unit"},
		data.Reported: {"figure_id", "edition", "data_year", "period_end", "source_id"},
	} {
		seen := map[string]bool{}
		for i, row := range table(t, f) {
			var key []string
			for _, c := range columns {
				key = append(key, row[c])
			}
			k := strings.Join(key, " ")
			if seen[k] || strings.TrimSpace(k) == "" {
				t.Errorf("%s row %d: key %q stands twice or is empty", f, i+2, k)
			}
			seen[k] = true
		}
	}
}

var (
	units   = []string{"", "CNY", "count", "percent", "rank", "rank_share", "times", "m", "inch", "day"}
	bounds  = []string{"eq", "gt", "ge", "lt", "le", "lt_near", "approx", "range"}
	periods = []string{"year", "as_of", "cumulative", "unknown"}
	flows   = []string{"unknown", "stock", "flow"}
	bases   = []string{"reported", "computed", "both"}
)

func TestFiguresDefined(t *testing.T) {
	list, groups := figuresAndGroups(t)
	seen, orders := map[string]bool{}, map[int]bool{}
	for _, f := range list {
		if seen[f.ID] {
			t.Errorf("figure %s stands twice", f.ID)
		}
		seen[f.ID] = true
		for what, s := range map[string]text{"title": f.Title, "definition": f.Definition, "scope": f.Scope} {
			if s.Zh == "" || s.En == "" {
				t.Errorf("figure %s: %s lacks a language", f.ID, what)
			}
		}
		if !groups[f.Group] || len(f.Terms.Zh) == 0 || len(f.Terms.En) == 0 || f.Subject == "" {
			t.Errorf("figure %s: group %q, terms or subject missing", f.ID, f.Group)
		}
		for code, allowed := range map[string][]string{f.Unit: units, f.Period: periods, f.Flow: flows, f.Basis: bases} {
			if !slices.Contains(allowed, code) {
				t.Errorf("figure %s: unknown code %q", f.ID, code)
			}
		}
		if f.Unit == "count" && (f.Counter.Zh == "" || f.Counter.En == "") {
			t.Errorf("figure %s counts without a counter", f.ID)
		}
		if f.Overview == (f.Order == 0) || f.Overview && orders[f.Order] {
			t.Errorf("figure %s: overview and order %d do not fit", f.ID, f.Order)
		}
		orders[f.Order] = true
	}
}

func TestFigureReferences(t *testing.T) {
	list := figures(t)
	byID := map[string]figure{}
	for _, f := range list {
		byID[f.ID] = f
	}
	for _, f := range list {
		for _, id := range append([]string{f.Numerator, f.Denominator}, f.Variants...) {
			if _, ok := byID[id]; id != "" && !ok {
				t.Errorf("figure %s names the unknown figure %q", f.ID, id)
			}
		}
		if (f.Numerator == "") != (f.Denominator == "") {
			t.Errorf("figure %s has half a fraction", f.ID)
		}
		for _, id := range f.Variants {
			if !slices.Contains(byID[id].Variants, f.ID) {
				t.Errorf("figure %s: variant %s does not point back", f.ID, id)
			}
		}
	}
}

// awaited are figures that are defined for the statistics form and of which no
// source at hand states a value: they stay unknown, and what rests on them too.
var awaited = []string{"contracts.technology", "enterprises.hightech.certified", "gdp.guangdong", "patents.high_value.valid",
	"patents.invention.valid", "population.resident"}

func TestReportedFitsFigures(t *testing.T) {
	rows := map[string]int{}
	byID := map[string]figure{}
	for _, f := range figures(t) {
		byID[f.ID] = f
	}
	for i, r := range table(t, data.Reported) {
		f, ok := byID[r["figure_id"]]
		rows[r["figure_id"]]++
		switch {
		case !ok:
			t.Errorf("row %d: unknown figure %q", i+2, r["figure_id"])
		case r["unit"] != f.Unit:
			t.Errorf("row %d: unit %q, the figure has %q", i+2, r["unit"], f.Unit)
		case !slices.Contains(bounds, r["bound"]) || (r["bound"] == "range") != (r["high"] != ""):
			t.Errorf("row %d: bound %q with high %q", i+2, r["bound"], r["high"])
		case !number(r["value"]) || !number(r["step"]) || r["high"] != "" && !number(r["high"]):
			t.Errorf("row %d: %q, %q or %q is no number", i+2, r["value"], r["high"], r["step"])
		case !slices.Contains(periods, r["period_kind"]):
			t.Errorf("row %d: period %q", i+2, r["period_kind"])
		}
	}
	for id, f := range byID {
		if (f.Basis == "computed" || slices.Contains(awaited, id)) != (rows[id] == 0) {
			t.Errorf("figure %s is %s and has %d reported rows", id, f.Basis, rows[id])
		}
	}
}

var decimal = regexp.MustCompile(`^-?\d+(\.\d+)?$`)

func number(s string) bool { return decimal.MatchString(s) }

func TestDaysAreDays(t *testing.T) {
	for f, columns := range map[data.File][]string{
		data.Reported: {"period_start", "period_end"}, data.Divisions: {"valid_from", "valid_to"}, data.Relations: {"valid_from", "valid_to"},
	} {
		for i, row := range table(t, f) {
			for _, c := range columns {
				if _, err := time.Parse(time.DateOnly, row[c]); row[c] != "" && err != nil {
					t.Errorf("%s row %d: %s: %v", f, i+2, c, err)
				}
			}
		}
	}
}

// The figure of a sum must be the sum: 5+2+19, 4+1+6, 49+62+139.
// A name stands for itself in the register of divisions.
func TestCitiesAreDivisions(t *testing.T) {
	names := map[string]string{}
	for _, row := range table(t, data.Divisions) {
		names[row["code"]] = row["name"]
	}
	for i, row := range table(t, data.Cities) {
		if names[row["division"]] != row["name_zh"]+"市" {
			t.Errorf("row %d: %s is %s, not %s", i+2, row["division"], names[row["division"]], row["name_zh"])
		}
	}
}

func TestAwardsAddUp(t *testing.T) {
	sum, total := map[string]int{}, map[string]int{}
	for _, r := range table(t, data.Awards) {
		for _, c := range []string{"all", "led"} {
			n := 0
			for _, d := range r[c] {
				n = 10*n + int(d-'0')
			}
			if key := r["edition"] + r["scope"] + c; r["award"] == "total" {
				total[key] = n
			} else {
				sum[key] += n
			}
		}
	}
	for key, n := range sum {
		if n != total[key] {
			t.Errorf("%s: parts sum to %d, total is %d", key, n, total[key])
		}
	}
}

// ids gives everything that a reference may point at.
func ids(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{"world": true, "country:CN": true, "cluster:shenzhen-hongkong-guangzhou": true}
	for _, r := range table(t, data.Organisations) {
		out["org:"+r["key"]] = true
	}
	for _, r := range table(t, data.Divisions) {
		out["division:"+r["code"]] = true
	}
	lines(t, data.ROR, func(v struct{ ID string }) {
		id := "ror:" + strings.TrimPrefix(v.ID, "https://ror.org/")
		if out[id] {
			t.Errorf("%s stands twice", id)
		}
		out[id] = true
	})
	return out
}

func TestReferencesResolve(t *testing.T) {
	known := ids(t)
	check := func(where, ref string) {
		if ref != "" && !known[ref] {
			t.Errorf("%s: unknown reference %q", where, ref)
		}
	}
	for _, f := range figures(t) {
		check(f.ID, f.Subject)
	}
	for f, columns := range map[data.File][]string{
		data.Superlatives: {"subject"}, data.Platforms: {"organisation", "host"},
		data.Relations: {"from", "to"}, data.Parks: {"operator"},
	} {
		for _, row := range table(t, f) {
			for _, c := range columns {
				check(string(f), row[c])
			}
		}
	}
	for _, f := range []data.File{data.Platforms, data.Organisations, data.Parks, data.Awards} {
		for _, row := range table(t, f) {
			if row["division"] != "" {
				check(string(f), "division:"+row["division"])
			}
			if row["ror"] != "" {
				check(string(f), "ror:"+row["ror"])
			}
		}
	}
}

func TestDivisionsFormTree(t *testing.T) {
	known := map[string]bool{}
	rows := table(t, data.Divisions)
	for _, r := range rows {
		known[r["code"]] = true
	}
	inForce := 0
	for _, r := range rows {
		if r["parent"] != "" && !known[r["parent"]] || (r["parent"] == "") != (r["level"] == "province") {
			t.Errorf("%s: parent %q", r["code"], r["parent"])
		}
		if r["parent"] == "440100" && r["valid_to"] == "" {
			inForce++
		}
	}
	if inForce != 11 {
		t.Errorf("Guangzhou has %d districts in force, want 11", inForce)
	}
}

func TestTileMapShowsEachDistrictOnce(t *testing.T) {
	var m struct {
		Columns int
		Rows    [][]*string
		Tiles   map[string]text
	}
	if err := json.Unmarshal(read(t, data.TileMap), &m); err != nil {
		t.Fatal(err)
	}
	shown := map[string]int{}
	for _, row := range m.Rows {
		if len(row) != m.Columns {
			t.Errorf("a row has %d cells, want %d", len(row), m.Columns)
		}
		for _, code := range row {
			if code != nil {
				shown[*code]++
			}
		}
	}
	for _, r := range table(t, data.Divisions) {
		if r["parent"] != "440100" || r["valid_to"] != "" {
			continue
		}
		if n := shown[r["code"]]; n != 1 || m.Tiles[r["code"]].Zh == "" || m.Tiles[r["code"]].En != r["name_en"] {
			t.Errorf("%s %s: shown %d times, tile %+v", r["code"], r["name_en"], n, m.Tiles[r["code"]])
		}
	}
	if len(shown) != 11 {
		t.Errorf("%d tiles, want 11", len(shown))
	}
}

func TestPapersReadable(t *testing.T) {
	seen := map[string]bool{}
	n := lines(t, data.ChinaXiv, func(p struct {
		ID           string
		Year         int
		Title        string
		Head         *string
		Affiliations []struct{ Org, City string } `json:"affiliations_guess"`
	}) {
		if seen[p.ID] || p.Title == "" || p.Year < 2016 || p.Year > 2022 || p.Head != nil {
			t.Errorf("paper %s: twice, without title, of %d, or with its head", p.ID, p.Year)
		}
		seen[p.ID] = true
		for _, a := range p.Affiliations {
			if a.Org == "" {
				t.Errorf("paper %s: an affiliation without organisation", p.ID)
			}
		}
	})
	if n < 1100 {
		t.Errorf("%d papers, want at least 1100", n)
	}
}

var (
	email = regexp.MustCompile(`[A-Za-z0-9._%+-]+\s*[@＠]\s*[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}`)
	phone = regexp.MustCompile(`(^|[^\d.])(1[3-9]\d{9}|0\d{2,3}-\d{7,8})([^\d]|$)`)
)

// ROR lines are public records of institutions, unchanged; they are read too.
func TestNoContactData(t *testing.T) {
	err := fs.WalkDir(data.FS, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(data.FS, path)
		if err != nil {
			return err
		}
		if file, ok := strings.CutPrefix(path, string(data.Guangzhou)+"/"); ok && strings.HasSuffix(path, ".gz") {
			b = unzip(t, data.File(file))
		}
		for _, re := range []*regexp.Regexp{email, phone} {
			if m := re.Find(b); m != nil {
				t.Errorf("%s holds contact data: %q", path, m)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
