package archtest

import (
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestEveryPackageHasATour holds that a package says what it is for, what it
// does not do, and which tables are its own.
func TestEveryPackageHasATour(t *testing.T) {
	docs := map[string]string{}
	walkGo(t, func(rel string) {
		if strings.HasSuffix(rel, "_test.go") {
			return
		}
		pkg := filepath.ToSlash(filepath.Dir(rel))
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, rel), nil, parser.ParseComments|parser.PackageClauseOnly)
		if err != nil {
			t.Error(err)
			return
		}
		docs[pkg] += f.Doc.Text()
	})
	for pkg, doc := range docs {
		if floors[pkg] > 0 && floors[pkg] < 7 && len(doc) < 120 {
			t.Errorf("%s has no tour: write its purpose, its limits and its tables into doc.go", pkg)
		}
		if strings.HasPrefix(pkg, "internal/") && !strings.Contains(doc, "table") && floors[pkg] > 0 && floors[pkg] < 5 {
			t.Errorf("%s: the tour must name its tables, or say that it has none", pkg)
		}
	}
}

func TestNoEmptyNames(t *testing.T) {
	empty := []string{"util", "utils", "common", "manager", "helper", "helpers", "misc", "base", "impl", "shared"}
	walkGo(t, func(rel string) {
		if name := path.Base(filepath.ToSlash(filepath.Dir(rel))); slices.Contains(empty, name) {
			t.Errorf("%s: a package called %q says nothing of what is in it", rel, name)
		}
	})
}

var required = regexp.MustCompile(`(?m)^\s*(?:require )?([a-z0-9.-]+\.[a-z]+/\S+) v\S+$`)

// TestEveryModuleHasAReason holds that each direct dependency stands in
// docs/dependencies.md.
func TestEveryModuleHasAReason(t *testing.T) {
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	reasons, err := os.ReadFile(filepath.Join(root, "docs", "dependencies.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := required.FindAllStringSubmatch(string(mod), -1) // indirect ones end in a comment
	if len(found) < 5 {
		t.Fatalf("only %d direct modules found: the pattern no longer fits go.mod", len(found))
	}
	for _, m := range found {
		if !strings.Contains(string(reasons), "`"+m[1]+"`") {
			t.Errorf("module %s has no line in docs/dependencies.md", m[1])
		}
	}
}

var wallClock = regexp.MustCompile(`(?i)time\.Now\(\)`)

// stopwatches measure how long something takes and date nothing.
var stopwatches = map[string]string{"internal/indicator/conform": "it times the statements of an engine beside those of DuckDB"}

// TestOneClock holds that domain rooms take the time from the database's clock.
func TestOneClock(t *testing.T) {
	walkGo(t, func(rel string) {
		pkg := filepath.ToSlash(filepath.Dir(rel))
		if strings.HasSuffix(rel, "_test.go") || floors[pkg] == 0 || floors[pkg] > 4 || stopwatches[pkg] != "" {
			return
		}
		raw, err := os.ReadFile(filepath.Join(root, rel))
		if err != nil {
			t.Error(err)
		}
		if wallClock.Match(raw) {
			t.Errorf("%s calls time.Now: take the instant from db.DB.Now or db.Tx.Now", rel)
		}
	})
}
