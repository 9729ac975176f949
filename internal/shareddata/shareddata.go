// Package shareddata finds the large real data sets that tests of quality and
// scale read, and which do not belong in the repository. The folder stands
// beside the checkout (../shared) or is named by KAPOK_SHARED. Without it such
// a test skips and says so; with KAPOK_CI=1 a skip is a failure.
//
// For tests only. It has no tables.
package shareddata

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Path returns the path of a data set file, for example "ror/ror_orgs.csv.gz".
func Path(t testing.TB, name string) string {
	t.Helper()
	return find(t, filepath.Join("data", name))
}

// Article returns the path of a newspaper article kept for private testing.
func Article(t testing.TB, name string) string {
	t.Helper()
	return find(t, filepath.Join("article", name))
}

func find(t testing.TB, name string) string {
	t.Helper()
	p := filepath.Join(root(), name)
	if _, err := os.Stat(p); err == nil {
		return p
	}
	Skip(t, "shared data "+name+" is not here")
	return ""
}

// Skip skips the test for want of something outside the checkout. With
// KAPOK_CI=1 it fails instead, since CI must run every test.
func Skip(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("KAPOK_CI") == "1" {
		t.Fatalf("%s: %s, and in CI nothing may be skipped", t.Name(), why)
	}
	t.Skipf("SKIPPED %s: %s", t.Name(), why)
}

func root() string {
	if dir := os.Getenv("KAPOK_SHARED"); dir != "" {
		return dir
	}
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..", "..", "shared")
}
