package web

import (
	"testing"

	"github.com/jba/templatecheck"

	"github.com/kapok-city/kapok/internal/i18n"
)

// pageTypes names the struct of each page. A page that is not here fails
// TestTemplatesMatchTheirStructs.
var pageTypes = map[string]any{
	"cluster":       ClusterPage{},
	"clusters":      ClustersPage{},
	"comparison":    ComparisonPage{},
	"published":     PublishedPage{},
	"release":       ReleasePage{},
	"release_diff":  ReleaseDiffPage{},
	"releases":      ReleasesPage{},
	"style":         StylePage{},
	"style_records": StyleRecordsPage{},
	"error":         ErrorPage{},
	"kit":           kitPage{},
	"audit":         AuditPage{},
	"audit_report":  ReportPage{},
	"figure":        FigurePage{},
	"figures":       FiguresPage{},
	"overview":      OverviewPage{},
	"query":         QueryPage{},
	"rankings":      RankingsPage{},
	"superlatives":  SuperlativesPage{},
	"system":        SystemPage{},

	"account":           AccountPage{},
	"changes":           ChangesPage{},
	"compare":           ComparePage{},
	"conflict":          ConflictPage{},
	"edit_organisation": EditPage{},
	"form":              FormPage{},
	"import":            ImportPage{},
	"mapping":           MappingPage{},
	"pick":              PickPage{},
	"record":            RecordPage{},
	"register":          RegisterPage{},
	"search":            SearchPage{},
	"trial":             TrialPage{},
	"user":              UserPage{},
}

func TestTemplatesMatchTheirStructs(t *testing.T) {
	s := kitSite(t, Options{})
	for _, l := range i18n.Langs {
		for name, tmpl := range s.pages[l] {
			data, ok := pageTypes[name]
			if !ok {
				t.Errorf("page %s has no struct in pageTypes", name)
				continue
			}
			if err := templatecheck.CheckHTML(tmpl.Lookup("layout"), data); err != nil {
				t.Errorf("%s in %s: %v", name, l, err)
			}
		}
	}
}

// TestWrongFieldIsFound holds the check itself to its promise, inside a part.
func TestWrongFieldIsFound(t *testing.T) {
	tmpl := kitSite(t, Options{}).pages[i18n.ZH]["kit"]
	if _, err := tmpl.New("pager").Parse(`{{.Titel}}`); err != nil {
		t.Fatal(err)
	}
	if err := templatecheck.CheckHTML(tmpl.Lookup("layout"), kitPage{}); err == nil {
		t.Error("a field that is not there passed the check")
	}
}
