package corpus_test

import (
	"archive/zip"
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/shareddata"
)

func patents(t testing.TB, dry bool, paths ...string) (corpus.Manifest, string) {
	t.Helper()
	root := t.TempDir()
	m, err := corpus.ImportPatents(context.Background(), corpus.Import{Root: root, Name: "patents", Paths: paths, Now: noon, DryRun: dry})
	if err != nil {
		t.Fatal(err)
	}
	return m, filepath.Join(root, "patents")
}

func write(t testing.TB, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestPatentsView reads tables in the form of PatentsView, one of them in a zip.
func TestPatentsView(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "g_patent.tsv", "\"patent_id\"\t\"patent_type\"\t\"patent_date\"\t\"patent_title\"\t\"wipo_kind\"\t\"num_claims\"\t\"withdrawn\"\t\"filename\"\t\"novel\"\n"+
		"\"1\"\t\"utility\"\t\"2020-01-07\"\t\"A thing\"\t\"B2\"\t1\t0\t\"f\"\t1\n\"2\"\t\"utility\"\t\"2021-02-09\"\t\"Another\"\t\"B1\"\t1\t0\t\"f\"\t1\n\"2\"\t\"utility\"\t\"2021-02-09\"\t\"Again\"\t\"B1\"\t1\t0\t\"f\"\t1\n"+
		"\"3\"\t\"utility\"\t\"\"\t\"No day\"\t\"B1\"\t1\t0\t\"f\"\t1\n\"4\"\t\"utility\"\t\"2022-01-04\"\t\"Nobody\"\t\"B1\"\t1\t0\t\"f\"\t1\n\"5\"\tshort\n")
	write(t, dir, "g_inventor_disambiguated.tsv", "patent_id\tinventor_sequence\tinventor_id\tlocation_id\n1\t0\ta\tL1\n1\t1\tb\tL2\n2\t0\ta\tL3\n2\t0\ta\tL3\n9\t0\tz\tL1\n")
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	f, err := z.Create("g_location_disambiguated.tsv")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("location_id\tdisambig_city\tdisambig_country\tlatitude\tlongitude\nL1\tGuangzhou\tCN\t23.1\t113.3\nL2\tOakland\tUS\t37.8\t-122.2\nL3\tNowhere\tUS\t95\t10\n")); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "g_location_disambiguated.tsv.zip", b.String())
	dry, _ := patents(t, true, dir)
	m, at := patents(t, false, dir)
	if d := cmp.Diff(m.Report, dry.Report); d != "" {
		t.Errorf("the dry run said something else: %s", d)
	}
	dropped := int64(0)
	for kind, n := range map[string]int64{"duplicate_id": 2, "no_year": 1, "broken_line": 1, "inventor_without_patent": 1} {
		if got := m.Report.Faults[kind]; got.Count != n || got.Kept || len(got.Samples) != int(n) {
			t.Errorf("%s: %+v, want %d", kind, got, n)
		}
		dropped += n
	}
	if r := m.Report; r.Read != 11 || r.Kept != r.Read-dropped || r.Faults["no_inventors"].Count != 1 || r.Faults["coordinates_out_of_range"].Count != 1 || r.Unknown["novel"] != 1 {
		t.Errorf("%+v", r)
	}
	if d := cmp.Diff([]string{"1 2020 A thing B2", "2 2021 Another B1", "4 2022 Nobody B1"}, list(t, at, "SELECT concat_ws(' ', patent_id, year, title, kind) FROM patent ORDER BY patent_id")); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"1 1 CN Guangzhou 0.5 113.3", "1 2 US Oakland 0.5 -122.2", "2 1 US Nowhere 1.0"}, list(t, at, "SELECT concat_ws(' ', patent_id, inventor_seq, country, city_en, weight, lon) FROM inventor ORDER BY ALL")); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"patent 1 2020 -122.2 0.5", "patent 1 2020 113.3 0.5"}, list(t, at, "SELECT concat_ws(' ', kind, document, year, lon, weight) FROM point ORDER BY lon")); d != "" {
		t.Error(d)
	}
}

// TestPlainPatents reads the plain table; a weight that is given counts.
func TestPlainPatents(t *testing.T) {
	dir := t.TempDir()
	path := write(t, dir, "p.csv", "patent_id,year,inventor,lon,lat,country,city,weight\nCN1,2020,a,113.3,23.1,cn,Guangzhou,\nCN1,2020,b,113.3,23.1,CN,Guangzhou,\nCN2,2021-05-01,c,181,0,CN,,0.25\nCN3,x,d,1,1,,,\n,2020,e,1,1,,,\n")
	m, at := patents(t, false, path)
	if r := m.Report; r.Read != 5 || r.Kept != 3 || r.Faults["no_year"].Count != 1 || r.Faults["bad_id"].Count != 1 || r.Faults["coordinates_out_of_range"].Count != 1 {
		t.Errorf("%+v", r)
	}
	if d := cmp.Diff([]string{"CN1 2020 1.0", "CN2 2021 0.25"}, list(t, at, "SELECT concat_ws(' ', patent_id, year, sum(weight)) FROM inventor GROUP BY patent_id, year ORDER BY 1")); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"CN1 1.0"}, list(t, at, "SELECT concat_ws(' ', document, weight) FROM point")); d != "" {
		t.Error(d)
	}
}

// TestPatentWorld reads PatentWorld's table of cities, fields and periods.
func TestPatentWorld(t *testing.T) {
	m, at := patents(t, false, shareddata.Path(t, "patent_indicators_patentworld/chapter4__innovation_diffusion.json.gz"))
	r := m.Report
	if r.Read != 24533 || r.Kept+r.Faults["no_place"].Count != r.Read || r.Kept < 20000 {
		t.Errorf("%+v", r)
	}
	if n := ask[int64](t, at, "SELECT count(*) FROM point WHERE kind = 'patent' AND weight > 0 AND year BETWEEN 1975 AND 2025"); n != r.Kept {
		t.Errorf("%d points, kept %d", n, r.Kept)
	}
	t.Logf("kept %d, without a place %d", r.Kept, r.Faults["no_place"].Count)
}
