package archtest

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/kapok-city/kapok"

// floors gives each room its floor. A package imports lower floors only;
// docs/architecture.md draws the same picture.
var floors = map[string]int{
	"data":                         0,
	"data/judged":                  0,
	"data/calendar":                0,
	"data/policy":                  0,
	"data/pool":                    0,
	"internal/errs":                0,
	"internal/fold":                0,
	"internal/i18n":                0,
	"internal/level":               0,
	"internal/money":               0,
	"internal/quantity":            0,
	"internal/shareddata":          0,
	"internal/sheet":               0,
	"internal/change":              1,
	"internal/db":                  1,
	"internal/db/dbtest":           1,
	"internal/search":              1,
	"internal/search/encoder":      1,
	"internal/search/encoder/e5":   1,
	"internal/search/gloss":        1,
	"internal/search/vector":       1,
	"internal/source":              1,
	"internal/stats":               1,
	"internal/account":             2,
	"internal/casework":            2,
	"internal/registry":            2,
	"internal/termbase":            2,
	"internal/ledger":              2,
	"internal/policy":              2,
	"internal/registry/identifier": 2,
	"internal/registry/resolve":    2,
	"internal/cluster":             1,
	"internal/corpus":              3,
	"internal/corpus/world":        3,
	"internal/edition":             3,
	"internal/finance/capital":     3,
	"internal/finance/fund":        3,
	"internal/finance/lookthrough": 3,
	"internal/finance/returns":     3,
	"internal/indicator":           3,
	"internal/indicator/composite": 3,
	"internal/indicator/conform":   3,
	"internal/finance/pool":        3,
	"internal/finance/pool/rules":  3,
	"internal/finance/pool/twice":  3,
	"internal/finance/simulate":    3,
	"internal/transfer":            3,
	"internal/claims":              4,
	"internal/observatory/release": 4,
	"internal/ranking":             4,
	"internal/ingest":              4,
	"internal/match":               4,
	"internal/observatory":         4,
	"internal/api":                 5,
	"internal/web":                 5,
	"internal/web/chart":           5,
	"internal/app":                 6,
	"internal/cli":                 6,
	"internal/archtest":            7, // tests only
	"internal/e2e":                 0, // tests only: a browser and what is asked of every page
	"cmd/kapok":                    7,
	"bench/corpus":                 7, // programs that measure beside their peers
	"bench/indicators":             7,
	"bench/encoder":                7,
	"bench/encoder/quality":        7,
	"data/glove/cut":               7, // the program that cut the word vectors
	"data/dictionary/cut":          7, // the program that cut the dictionary
	"data/trim":                    7, // the program that cut the bundled city
}

// sideways lists the imports within one floor that are right, each with its
// reason. Any other is refused.
var sideways = map[string]map[string]string{
	"internal/money":               {"internal/errs": "an overflow is a typed error"},
	"internal/e2e":                 {"internal/shareddata": "it skips in the same way"},
	"internal/i18n":                {"internal/errs": "messages are filled from an error's key and arguments"},
	"internal/quantity":            {"internal/errs": "units that do not agree are a typed error", "internal/i18n": "a quantity is written in the reader's language"},
	"internal/db/dbtest":           {"internal/db": "it opens test databases", "internal/shareddata": "it skips in the same way"},
	"internal/change":              {"internal/db": "the log is written in the caller's transaction"},
	"internal/source":              {"internal/change": "a source's own changes are logged", "internal/db": "its tables"},
	"internal/stats":               {"internal/change": "facts follow the log", "internal/db": "facts are read from the operational tables"},
	"internal/search/encoder":      {"internal/search": "Chinese words stand by their glosses", "internal/search/encoder/e5": "the model behind the port", "internal/search/vector": "its kernels"},
	"internal/search/gloss":        {"internal/search": "it fills the index's port for glosses"},
	"internal/search":              {"internal/change": "the index follows the log", "internal/db": "the log is read through it"},
	"internal/registry":            {"internal/registry/identifier": "check rules of identifiers", "internal/registry/resolve": "the pure resolution engine"},
	"internal/ingest":              {"internal/observatory": "reported values and definitions are imported too"},
	"internal/corpus/world":        {"internal/corpus": "it writes the same layout"},
	"internal/finance/fund":        {"internal/finance/returns": "what a fund has returned is computed there, without I/O", "internal/finance/lookthrough": "so is what stands behind a fund"},
	"internal/indicator":           {"internal/corpus": "it reads the tables of a corpus"},
	"internal/indicator/conform":   {"internal/indicator": "it runs the same statements elsewhere", "internal/corpus": "over the same tables", "internal/corpus/world": "of a simulated world"},
	"internal/observatory/release": {"internal/observatory": "it freezes and recomputes figures", "internal/ranking": "and rankings"},
	"internal/ranking":             {"internal/observatory": "a ranking stands beside the reported figures"},
	"internal/web":                 {"internal/web/chart": "pages draw charts"},
	"internal/cli":                 {"internal/app": "commands run the program that app builds"},
	"internal/finance/pool":        {"internal/finance/pool/rules": "what a regime owes is computed there", "internal/finance/pool/twice": "claims are compared there"},
	"internal/finance/simulate":    {"internal/finance/capital": "a made-up city goes through the rooms", "internal/finance/fund": "the same", "internal/finance/pool": "the same", "internal/finance/pool/rules": "its regime of one year is in their form", "internal/finance/pool/twice": "so are claims of other schemes", "internal/finance/lookthrough": "whose money an investor's is is its word"},
	"internal/registry/resolve":    {"internal/registry/identifier": "an identifier in a string names its organisation"},
}

// anyone names packages that a test of any floor may import.
var anyone = []string{"internal/shareddata", "internal/db/dbtest", "internal/e2e", "data"}

func TestFloors(t *testing.T) {
	for pkg, imports := range importsOf(t) {
		floor, known := floors[pkg]
		if !known {
			t.Errorf("%s has no floor: give it one in floors and in docs/architecture.md", pkg)
			continue
		}
		for _, imp := range imports {
			target, known := floors[imp.path]
			switch {
			case !known:
				t.Errorf("%s imports %s, which has no floor", pkg, imp.path)
			case imp.test && (slices.Contains(anyone, imp.path) || target <= floor):
			case target < floor:
			case target == floor && sideways[pkg][imp.path] != "":
			case imp.path == pkg:
			default:
				t.Errorf("%s (floor %d) imports %s (floor %d): a package imports lower floors only (%s)", pkg, floor, imp.path, target, imp.file)
			}
		}
	}
}

type imported struct {
	path string // below the module
	file string
	test bool
}

// importsOf returns, for each package of the module, its imports within it.
func importsOf(t *testing.T) map[string][]imported {
	t.Helper()
	out := map[string][]imported{}
	walkGo(t, func(rel string) {
		pkg := filepath.ToSlash(filepath.Dir(rel))
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, rel), nil, parser.ImportsOnly)
		if err != nil {
			t.Error(err)
			return
		}
		if ignored(f.Comments != nil, filepath.Join(root, rel)) {
			return
		}
		for _, spec := range f.Imports {
			path, _ := strconv.Unquote(spec.Path.Value) // the parser accepted it
			if below, ok := strings.CutPrefix(path, module+"/"); ok {
				out[pkg] = append(out[pkg], imported{below, rel, strings.HasSuffix(rel, "_test.go")})
			}
		}
		if out[pkg] == nil {
			out[pkg] = []imported{}
		}
	})
	return out
}

// ignored reports whether a file is a tool kept out of the build.
func ignored(hasComments bool, path string) bool {
	if !hasComments {
		return false
	}
	raw, err := os.ReadFile(path)
	return err == nil && strings.Contains(string(raw), "//go:build ignore")
}

const root = "../.."

// walkGo calls fn with the path of each Go file of the module, relative to its
// root.
func walkGo(t *testing.T, fn func(rel string)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		if d.IsDir() {
			if name := d.Name(); rel != "." && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules") {
				return filepath.SkipDir
			}
			if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil && rel != "." {
				return filepath.SkipDir // a module of its own, such as bench
			}
			return nil
		}
		if strings.HasSuffix(rel, ".go") {
			fn(rel)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
